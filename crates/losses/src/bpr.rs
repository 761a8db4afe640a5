//! Bayesian personalised ranking: a positive should score above its negative.
//!
//! `BPR = mean_b softplus(-m_b)`, `m_b = pos_b - neg_b`, `pos`, `neg` `[B]` (Rendle et al., UAI 2009).
//!
//! Many programs write `-mean ln(γ + σ(m))` with a small floor `γ` that keeps the logarithm finite (MMRec: `1e-10`).
//! It is a different function where `σ(m)` is near `γ`, so it has its own form here; `γ = 0` is the softplus.
//!
//! Both forms go through `e = exp(-|m|) ≤ 1`, which cannot overflow: `softplus(-m) = max(-m, 0) + ln(1 + e)`, and
//! `σ(m)` is `1/(1 + e)` or `e/(1 + e)`, whichever has the sign of `m`. A margin of -90 costs 90 also in `f32`.
//!
//! [`bpr`](fn@bpr) is of scores. [`bpr_of_triples`] is of the rows that are scored by their inner products, as every model here scores:
//! `pos_b = u_b · zi_b`, `neg_b = u_b · zj_b`.

use crate::Triples;
use anchorrec_kernels::{Real, rows};
use ndarray::{Array1, ArrayView1, ArrayView2, ArrayViewMut2};

/// The value of [`bpr`](fn@bpr) and what its backward pass needs.
#[derive(Clone, Debug)]
pub struct Bpr<F> {
    /// The loss.
    pub value: F,
    /// `d value / d pos_b`; the negative's is its opposite. `[B]`.
    slope: Array1<F>,
}

/// BPR of the scores of positives and negatives: `mean softplus(-(pos - neg))`, or `-mean ln(floor + σ(pos - neg))` when `floor > 0`.
///
/// `pos`, `neg` are `[B]`: the scores of one user with an item it has and with one it does not have.
///
/// # Panics
/// When the lengths differ or are 0, or `floor` is negative.
///
/// ```
/// use anchorrec_losses::bpr;
/// use ndarray::array;
///
/// // Two margins of 0: σ(0) = 1/2.
/// let (pos, neg) = (array![2.0, 5.0], array![2.0, 5.0]);
/// assert_eq!(bpr(pos.view(), neg.view(), 0.0).value, 2.0f64.ln());
/// assert_eq!(bpr(pos.view(), neg.view(), 0.5).value, -(0.5f64 + 0.5).ln());
/// ```
pub fn bpr<F: Real>(pos: ArrayView1<F>, neg: ArrayView1<F>, floor: F) -> Bpr<F> {
    assert!(pos.len() == neg.len() && !pos.is_empty(), "bpr: {} positives, {} negatives", pos.len(), neg.len());
    assert!(floor >= F::zero(), "bpr: a floor of {floor}");
    let share = F::of(1.0 / pos.len() as f64);
    let mut sum = 0.0;
    let slope = pos.iter().zip(neg).map(|(&p, &n)| {
        let (cost, slope) = if floor > F::zero() { floored(p - n, floor) } else { softplus(p - n) };
        sum += cost.as_f64();
        slope * share
    });
    let slope = slope.collect();
    Bpr { value: F::of(sum / pos.len() as f64), slope }
}

/// BPR that may doubt its positives: `mean_b (t_b softplus(-m_b) + a_b softplus(m_b))`, `m_b = pos_b - neg_b`; `t`, `a` `[B]` are constants.
///
/// `towards` weighs a pair as it is, `away` the same pair turned round. With weights of 1 and 0 it is [`bpr`](fn@bpr).
///
/// # Panics
/// When the lengths differ or are 0.
///
/// ```
/// use anchorrec_losses::bpr::two_sided_bpr;
/// use ndarray::array;
///
/// // At a margin of 0 both sides cost ln 2, and the slopes are -1/2 and 1/2.
/// let score = array![2.0f64];
/// let loss = two_sided_bpr(score.view(), score.view(), array![0.75].view(), array![0.25].view());
/// assert!((loss.value - 2f64.ln()).abs() < 1e-15);
/// assert_eq!(loss.backward(1.0).0, array![-0.5 * 0.75 + 0.5 * 0.25]);
/// ```
pub fn two_sided_bpr<F: Real>(
    pos: ArrayView1<F>,
    neg: ArrayView1<F>,
    towards: ArrayView1<F>,
    away: ArrayView1<F>,
) -> Bpr<F> {
    let pairs = pos.len();
    assert!(
        neg.len() == pairs && towards.len() == pairs && away.len() == pairs && pairs > 0,
        "two-sided bpr: {pairs} positives, {} negatives, {} and {} weights",
        neg.len(),
        towards.len(),
        away.len()
    );
    let (share, mut sum) = (F::of(1.0 / pairs as f64), 0.0);
    let slope = pos.iter().zip(neg).zip(towards).zip(away).map(|(((&p, &n), &towards), &away)| {
        let ((cost, slope), (cost_turned, slope_turned)) = (softplus(p - n), softplus(n - p));
        sum += (towards * cost + away * cost_turned).as_f64();
        (towards * slope - away * slope_turned) * share
    });
    let slope = slope.collect();
    Bpr { value: F::of(sum / pairs as f64), slope }
}

impl<F: Real> Bpr<F> {
    /// Returns the gradients of both scores, `(d_pos, d_neg)`, each `[B]`, times `upstream`.
    ///
    /// ```
    /// use anchorrec_losses::bpr;
    /// use ndarray::array;
    ///
    /// let loss = bpr(array![2.0].view(), array![2.0].view(), 0.0);
    /// // At a margin of 0 the slope is -σ(0).
    /// assert_eq!(loss.backward(10.0), (array![-0.5 * 10.0], array![0.5 * 10.0]));
    /// ```
    pub fn backward(&self, upstream: F) -> (Array1<F>, Array1<F>) {
        (self.slope.mapv(|s| s * upstream), self.slope.mapv(|s| -s * upstream))
    }
}

/// The value of [`bpr_of_triples`] and what its backward pass needs.
#[derive(Clone, Debug)]
pub struct BprOfTriples<'a, F> {
    /// The loss.
    pub value: F,
    scores: Bpr<F>,
    rows: Triples<ArrayView2<'a, F>>,
}

/// [`bpr`](fn@bpr) of the scores `u_b · zi_b` and `u_b · zj_b`; users `u`, positives `zi`, negatives `zj` `[B, D]`.
///
/// # Panics
/// When the shapes differ or have no rows, or `floor` is negative.
///
/// ```
/// use anchorrec_losses::{Triples, bpr_of_triples};
/// use ndarray::array;
///
/// // One triple; both items score 2, so the cost is ln 2 and the slope of the positive -1/2.
/// let z = Triples { users: array![[1.0, 2.0]], positives: array![[2.0, 0.0]], negatives: array![[0.0, 1.0]] };
/// let loss = bpr_of_triples(z.view(), 0.0);
/// assert_eq!(loss.value, 2.0f64.ln());
/// let mut d = z.zeros_like();
/// loss.backward(1.0, d.view_mut());
/// assert_eq!(d.users, array![[-1.0, 0.5]]);
/// ```
pub fn bpr_of_triples<F: Real>(rows: Triples<ArrayView2<F>>, floor: F) -> BprOfTriples<F> {
    let (pos, neg) = scores(&rows);
    let scores = bpr(pos.view(), neg.view(), floor);
    BprOfTriples { value: scores.value, scores, rows }
}

/// [`two_sided_bpr`] of the scores `u_b · zi_b` and `u_b · zj_b`; users `u`, positives `zi`, negatives `zj` `[B, D]`, weights `[B]`.
///
/// # Panics
/// When the shapes differ or have no rows.
///
/// ```
/// use anchorrec_losses::Triples;
/// use anchorrec_losses::bpr::two_sided_bpr_of_triples;
/// use ndarray::array;
///
/// let z = Triples { users: array![[1.0, 2.0]], positives: array![[2.0, 0.0]], negatives: array![[0.0, 1.0]] };
/// let loss = two_sided_bpr_of_triples(z.view(), array![1.0].view(), array![1.0].view());
/// // As likely this way as the other: nothing moves.
/// let mut d = z.zeros_like();
/// loss.backward(1.0, d.view_mut());
/// assert_eq!(d, z.zeros_like());
/// ```
pub fn two_sided_bpr_of_triples<'a, F: Real>(
    rows: Triples<ArrayView2<'a, F>>,
    towards: ArrayView1<F>,
    away: ArrayView1<F>,
) -> BprOfTriples<'a, F> {
    let (pos, neg) = scores(&rows);
    let scores = two_sided_bpr(pos.view(), neg.view(), towards, away);
    BprOfTriples { value: scores.value, scores, rows }
}

/// The scores of positives and negatives, `[B]` each.
fn scores<F: Real>(rows: &Triples<ArrayView2<F>>) -> (Array1<F>, Array1<F>) {
    let [users, positives, negatives] = rows.each();
    assert!(
        users.dim() == positives.dim() && users.dim() == negatives.dim(),
        "bpr_of_triples: users {:?}, positives {:?}, negatives {:?}",
        users.dim(),
        positives.dim(),
        negatives.dim()
    );
    (rows::inner(users, positives), rows::inner(users, negatives))
}

impl<F: Real> BprOfTriples<'_, F> {
    /// Adds the gradients of the rows, times `upstream`, to `d`: `du_b += dpos_b zi_b + dneg_b zj_b`, `dzi_b += dpos_b u_b`,
    /// `dzj_b += dneg_b u_b`.
    ///
    /// # Panics
    /// When `d` has other shapes than the rows.
    ///
    /// ```
    /// use anchorrec_losses::{Triples, bpr_of_triples};
    /// use ndarray::array;
    ///
    /// // Both items score 2, so the slopes of the scores are -1/2 and 1/2; what `d` holds already stays in the sum.
    /// let z = Triples { users: array![[1.0]], positives: array![[2.0]], negatives: array![[2.0]] };
    /// let mut d = Triples { users: array![[10.0]], positives: array![[0.0]], negatives: array![[0.0]] };
    /// bpr_of_triples(z.view(), 0.0).backward(1.0, d.view_mut());
    /// assert_eq!(d.users, array![[10.0 - 0.5 * 2.0 + 0.5 * 2.0]]);
    /// assert_eq!((d.positives, d.negatives), (array![[-0.5 * 1.0]], array![[0.5 * 1.0]]));
    /// ```
    pub fn backward(&self, upstream: F, mut d: Triples<ArrayViewMut2<F>>) {
        let (d_pos, d_neg) = self.scores.backward(upstream);
        let Triples { users, positives, negatives } = &self.rows;
        rows::add_scaled(&mut d.users, d_pos.view(), positives);
        rows::add_scaled(&mut d.users, d_neg.view(), negatives);
        rows::add_scaled(&mut d.positives, d_pos.view(), users);
        rows::add_scaled(&mut d.negatives, d_neg.view(), users);
    }
}

/// `softplus(-m)` and its derivative `-σ(-m)`.
fn softplus<F: Real>(m: F) -> (F, F) {
    let e = (-m.abs()).exp();
    ((-m).max(F::zero()) + e.ln_1p(), -sigmoids(m, e).1)
}

/// `-ln(floor + σ(m))` and its derivative `-σ(m) σ(-m) / (floor + σ(m))`.
fn floored<F: Real>(m: F, floor: F) -> (F, F) {
    let (sigma, opposite) = sigmoids(m, (-m.abs()).exp());
    (-(floor + sigma).ln(), -sigma * opposite / (floor + sigma))
}

/// `(σ(m), σ(-m))` from `e = exp(-|m|)`.
fn sigmoids<F: Real>(m: F, e: F) -> (F, F) {
    let (near_one, near_zero) = (F::one() / (F::one() + e), e / (F::one() + e));
    if m >= F::zero() { (near_one, near_zero) } else { (near_zero, near_one) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, assert_gradient, random};
    use ndarray::{Axis, array};

    #[test]
    fn margins_solved_by_hand() {
        let ln = f64::ln;
        for (margin, floor, cost) in [
            (0.0, 0.0, ln(2.0)),
            (ln(3.0), 0.0, ln(4.0 / 3.0)),
            (-ln(3.0), 0.0, ln(4.0)),
            (0.0, 0.25, -ln(0.25 + 0.5)),
            (ln(3.0), 0.25, -ln(0.25 + 0.75)),
        ] {
            let loss = bpr(array![1.0 + margin, 1.0 + margin].view(), array![1.0, 1.0].view(), floor);
            // A few roundings around 1; the fifth case is exactly 0.
            assert!((loss.value - cost).abs() < 1e-15, "margin {margin}, floor {floor}: {}", loss.value);
        }
    }

    #[test]
    fn far_margins_neither_overflow_nor_vanish() {
        for margin in [90.0f32, 1e4] {
            let lost = bpr(array![-margin].view(), array![0.0].view(), 0.0);
            assert_eq!((lost.value, lost.backward(1.0).0[0]), (margin, -1.0));
            let won = bpr(array![margin].view(), array![0.0].view(), 0.0);
            assert!(won.value.abs() < 1e-38 && won.backward(1.0).0[0].abs() < 1e-38, "{margin}: {won:?}");
            // With a floor the cost of a lost pair is bounded by that of σ = 0.
            let floored = bpr(array![-margin].view(), array![0.0].view(), 1e-10);
            assert_eq!(floored.value, -(1e-10f32).ln());
            assert!(floored.backward(1.0).0[0].abs() < 1e-28);
        }
        assert_close_scalar("f64 at -90", bpr(array![-90.0].view(), array![0.0].view(), 0.0).value, 90.0, 1e-15);
        assert!(bpr(array![f32::NAN].view(), array![0.0].view(), 0.0).value.is_nan(), "NaN is not hidden");
    }

    #[test]
    fn gradients() {
        for (size, floor) in [(1, 0.0), (7, 0.0), (300, 0.0), (1, 1e-10), (7, 0.3), (300, 1e-10)] {
            let mut rng = random::generator(size as u64);
            let pos = random::matrix(1, size, &mut rng) * 5.0;
            let neg = random::matrix(1, size, &mut rng) * 5.0;
            let (d_pos, d_neg) = bpr(pos.row(0), neg.row(0), floor).backward(size as f64);
            let name = format!("bpr, {size} pairs, floor {floor}");
            let of = |p: ArrayView1<f64>, n: ArrayView1<f64>| bpr(p, n, floor).value * size as f64;
            assert_gradient(&name, d_pos.view().insert_axis(Axis(0)), pos.view(), |p| of(p.row(0), neg.row(0)));
            assert_gradient(&name, d_neg.view().insert_axis(Axis(0)), neg.view(), |n| of(pos.row(0), n.row(0)));
        }
    }

    #[test]
    fn two_sides_have_the_gradients_of_their_sum_and_stay_finite() {
        let rng = &mut random::generator(3);
        let [pos, neg] = [0; 2].map(|_| random::matrix(1, 9, rng) * 5.0);
        let [towards, away] = [0; 2].map(|_| random::matrix(1, 9, rng).mapv(f64::abs));
        let of = |p: ArrayView1<f64>, n: ArrayView1<f64>| two_sided_bpr(p, n, towards.row(0), away.row(0));
        let (d_pos, d_neg) = of(pos.row(0), neg.row(0)).backward(9.0);
        let name = "two-sided bpr";
        assert_gradient(name, d_pos.insert_axis(Axis(0)).view(), pos.view(), |p| 9.0 * of(p.row(0), neg.row(0)).value);
        assert_gradient(name, d_neg.insert_axis(Axis(0)).view(), neg.view(), |n| 9.0 * of(pos.row(0), n.row(0)).value);
        let far = two_sided_bpr(array![1e4f32].view(), array![0.0].view(), array![0.0].view(), array![0.5].view());
        assert_eq!((far.value, far.backward(1.0).0[0]), (0.5e4, 0.5));
    }

    #[test]
    fn gradients_of_rows() {
        for (size, dim, floor) in [(1, 1, 0.0), (9, 4, 0.0), (300, 3, 1e-10)] {
            let rng = &mut random::generator(size as u64);
            let [users, positives, negatives] = [0; 3].map(|_| random::matrix(size, dim, rng) * 2.0);
            let z = Triples { users, positives, negatives };
            let mut d = z.zeros_like();
            bpr_of_triples(z.view(), floor).backward(size as f64, d.view_mut());
            let of = |z: &Triples<ndarray::Array2<f64>>| bpr_of_triples(z.view(), floor).value * size as f64;
            for (which, name) in ["users", "positives", "negatives"].into_iter().enumerate() {
                let name = format!("bpr of {name}, {size} x {dim}, floor {floor}");
                assert_gradient(&name, d.each()[which].view(), z.each()[which].view(), |rows| {
                    let mut moved = z.clone();
                    moved.each_mut()[which].assign(&rows);
                    of(&moved)
                });
            }
        }
    }

    #[test]
    fn rows_solved_by_hand_are_added_to_what_is_there() {
        // Scores 2 and 2: a margin of 0, so the slope of the positive is -1/2.
        let z = Triples { users: array![[1.0, 2.0]], positives: array![[2.0, 0.0]], negatives: array![[0.0, 1.0]] };
        let loss = bpr_of_triples(z.view(), 0.0);
        assert_eq!(loss.value, f64::ln(2.0));
        let mut d =
            Triples { users: array![[10.0, 10.0]], positives: array![[0.0, 0.0]], negatives: array![[0.0, 0.0]] };
        loss.backward(2.0, d.view_mut());
        assert_eq!(d.users, array![[10.0 - 2.0, 10.0 + 1.0]]);
        assert_eq!((d.positives, d.negatives), (array![[-1.0, -2.0]], array![[1.0, 2.0]]));
    }

    #[test]
    #[should_panic(expected = "bpr_of_triples: users (1, 2), positives (1, 2), negatives (1, 1)")]
    fn rows_have_one_shape() {
        let (two, one) = (array![[1.0, 2.0]], array![[1.0]]);
        bpr_of_triples(Triples { users: two.view(), positives: two.view(), negatives: one.view() }, 0.0);
    }

    #[test]
    #[should_panic(expected = "2 positives, 1 negatives")]
    fn every_positive_has_a_negative() {
        bpr(array![1.0, 2.0].view(), array![1.0].view(), 0.0);
    }
}
