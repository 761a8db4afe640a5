//! A trained model and a closed form fused at score level: `S = z(model) + γ z(R B)`. Ours, not any paper's method.
//!
//! `z` is per user over all items, before any is left out: `(s - mean) / (sd + 1e-9)`, `sd` over the `I` scores. Neither the model nor the closed form
//! changes; scores of different size become comparable. Scores that are all the same say nothing and become zeros.

/// `γ` to choose from on validation. 0 is the model alone, so there the fusion can only gain.
pub const GAMMAS: [f64; 8] = [0.0, 0.3, 0.6, 1.0, 1.5, 2.0, 3.0, 5.0];

/// Standardises the scores of one user over all items.
///
/// ```
/// use anchorrec_closed_forms::fusion::standardise;
/// let mut scores = [1.0, 3.0, 2.0, 2.0]; // mean 2, sd √(2/4)
/// standardise(&mut scores);
/// assert!((scores[1] - 1.0 / 0.5f64.sqrt()).abs() < 1e-8 && scores[2] == 0.0);
/// ```
pub fn standardise(scores: &mut [f64]) {
    let count = scores.len().max(1) as f64;
    let mean = scores.iter().sum::<f64>() / count;
    let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count;
    let scale = variance.sqrt() + 1e-9;
    scores.iter_mut().for_each(|score| *score = (*score - mean) / scale);
}

/// Adds `γ` times the standardised scores of the closed form to those of the model, which are standardised too.
///
/// # Panics
/// When the two have different lengths.
///
/// ```
/// use anchorrec_closed_forms::fusion::fuse;
/// let mut scores = [1.0, -1.0];
/// fuse(&mut scores, &mut [0.0, 20.0], 2.0); // z: (1, -1) and (-1, 1)
/// assert!((scores[0] + 1.0).abs() < 1e-8 && (scores[1] - 1.0).abs() < 1e-8);
/// ```
pub fn fuse(model: &mut [f64], closed_form: &mut [f64], gamma: f64) {
    assert_eq!(model.len(), closed_form.len(), "fuse: scores of the same items");
    standardise(model);
    standardise(closed_form);
    model.iter_mut().zip(closed_form).for_each(|(model, closed_form)| *model += gamma * *closed_form);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_say_nothing_become_zeros_and_gamma_zero_keeps_the_order() {
        let mut same = [7.0; 5];
        standardise(&mut same);
        assert_eq!(same, [0.0; 5]);
        let (mut model, order) = ([3.0, 1.0, 2.0], [3.0, 1.0, 2.0]);
        fuse(&mut model, &mut [9.0, 0.0, -9.0], 0.0);
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            assert_eq!(model[i] > model[j], order[i] > order[j]);
        }
        standardise(&mut []);
    }
}
