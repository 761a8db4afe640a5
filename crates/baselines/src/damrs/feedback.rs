//! How much the pairs of a batch are to be believed.
//!
//! A graph's opinion of a pair is `x_m,b = σ(C_u · h_m,i/‖h_m,i‖)`, `y_m,b` the same with the negative. With `μ_b`, `v_b`, `X_b` the mean, the variance (of
//! a sample: divided by one less than there are graphs) and the largest of the `x_m,b`, and `n̄` the mean of all `y` of the batch:
//!
//! - `w⁺_b = min(1, μ_b^a exp(-v_b)^b)`: the pair as it is counts where the graphs like it and agree;
//! - `w⁻_b = min(1, max(0, X_b - n̄)^c)` where `μ_b < n̄`, else 0: it counts turned round where they like it less than a negative, though one likes it.
//!
//! Both are constants of the loss: no gradient passes them.

use super::Exponents;
use anchorrec_kernels::Real;
use ndarray::Array1;

/// The weights of a batch's pairs, and what they were made of.
#[derive(Clone, Debug)]
pub struct Feedback<F> {
    /// The weights `w⁺` of the pairs as they are, `[B]`.
    pub towards: Array1<F>,
    /// The weights `w⁻` of the pairs turned round, `[B]`.
    pub away: Array1<F>,
    /// The mean opinions `μ`, `[B]`.
    pub means: Vec<f64>,
    /// The variances `v` of the opinions, `[B]`.
    pub variances: Vec<f64>,
    /// The largest opinions `X`, `[B]`.
    pub largest: Vec<f64>,
    /// The mean opinion of negatives, `n̄`.
    pub of_negatives: f64,
}

/// Weighs the pairs of a batch by the opinions of each graph on positives and on negatives, `[B]` each.
///
/// # Panics
/// When there is no graph.
pub fn feedback<F: Real>(positives: &[Array1<F>], negatives: &[Array1<F>], exponents: &Exponents) -> Feedback<F> {
    let (graphs, pairs) = (positives.len() as f64, positives.first().expect("one graph or more").len());
    let all_negatives = negatives.iter().flatten().map(|y| y.as_f64());
    let of_negatives = all_negatives.sum::<f64>() / (graphs * pairs as f64);
    let opinions = |b: usize| positives.iter().map(move |x| x[b].as_f64());
    let means: Vec<f64> = (0..pairs).map(|b| opinions(b).sum::<f64>() / graphs).collect();
    let variance = |b: usize| opinions(b).map(|x| (x - means[b]).powi(2)).sum::<f64>() / (graphs - 1.0).max(1.0);
    let variances: Vec<f64> = (0..pairs).map(variance).collect();
    let largest: Vec<f64> = (0..pairs).map(|b| opinions(b).fold(0.0, f64::max)).collect();
    let towards = |b: usize| {
        let weight = means[b].powf(exponents.mean) * (-variances[b]).exp().powf(exponents.agreement);
        F::of(weight.min(1.0))
    };
    let away = |b: usize| {
        let doubt = (largest[b] - of_negatives).max(0.0).powf(exponents.doubt).min(1.0);
        F::of(if means[b] < of_negatives { doubt } else { 0.0 })
    };
    let (towards, away) = ((0..pairs).map(towards).collect(), (0..pairs).map(away).collect());
    Feedback { towards, away, means, variances, largest, of_negatives }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn three_graphs_solved_by_hand() {
        // Opinions 0.5, 0.7, 0.9 of the first pair; 0.1, 0.1, 0.7 of the second; negatives 0.4 throughout.
        let positives = [array![0.5, 0.1], array![0.7, 0.1], array![0.9, 0.7f64]];
        let negatives = [array![0.4, 0.4], array![0.4, 0.4], array![0.4, 0.4]];
        let found = feedback(&positives, &negatives, &Exponents::default());
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-15, "{a} and {b}");
        let (v0, v1) = (2.0 * 0.2f64.powi(2) / 2.0, (2.0 * 0.2f64.powi(2) + 0.4f64.powi(2)) / 2.0);
        close(found.towards[0], 0.7 * (-2.0 * v0).exp());
        close(found.towards[1], 0.3 * (-2.0 * v1).exp());
        // The first is liked better than a negative; the second is not, though one graph likes it.
        assert_eq!(found.away[0], 0.0);
        close(found.away[1], 0.7 - 0.4);
    }

    #[test]
    fn one_graph_agrees_with_itself_and_exponents_count() {
        let exponents = Exponents { mean: 2.0, agreement: 3.0, doubt: 0.5 };
        let found = feedback(&[array![0.5f64]], &[array![0.25]], &exponents);
        assert_eq!((found.towards[0], found.away[0], found.variances[0]), (0.25, 0.0, 0.0));
        // Below every negative and below its own mean: nothing to turn round.
        let found = feedback(&[array![0.125f64]], &[array![0.25]], &exponents);
        assert_eq!(found.away[0], 0.0);
    }
}
