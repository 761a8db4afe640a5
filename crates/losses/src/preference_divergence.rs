//! Two views of the items should be liked by the same users.
//!
//! `KL = mean_ui (σ(α_ui) - σ(β_ui)) (α_ui - β_ui)`, `α_ui = u_u · a_i`, `β_ui = u_u · b_i`; users `u` `[n, D]`, views `a`, `b` `[m, D]`. It is
//! `KL(σ(α) ‖ σ(β)) + KL(σ(β) ‖ σ(α))` of the probabilities that a user likes an item: the logarithms cancel, so nothing overflows where a sigmoid is 0 or 1.
//! Source: the user alignment of DA-MRS (KDD 2024).
//!
//! Backward, with `δ = α - β` and `γ = σ(α) - σ(β)`: `dα = (σ'(α) δ + γ) / nm`, `dβ = -(σ'(β) δ + γ) / nm`, then `du = dα a + dβ b`, `da = dαᵀ u`,
//! `db = dβᵀ u`. A task has [`ROWS_PER_TASK`] users; the tasks' `da` and `db` are added in order, and no `[n, m]` matrix exists.

use anchorrec_kernels::exp::sigmoid_in_place;
use anchorrec_kernels::{Packed, Real, rows::ROWS_PER_TASK, tasks};
use ndarray::{Array2, ArrayView2, Axis, Zip};

/// Users whose scores with all items are in memory together, for each thread.
const TILE: usize = 32;

/// The value of [`preference_divergence`](fn@preference_divergence) and its gradients.
#[derive(Clone, Debug)]
pub struct PreferenceDivergence<F> {
    /// The loss.
    pub value: F,
    d: Sides<F>,
}

/// The gradients of users and both views.
type Sides<F> = [Array2<F>; 3];

/// Divergence of what users think of two views of the items: `mean_ui (σ(α) - σ(β)) (α - β)` with `α = u·a_i`, `β = u·b_i`; `users` `[n, D]`, `a`, `b` `[m, D]`.
///
/// # Panics
/// When the widths or the numbers of items differ, or there is no user or no item.
///
/// ```
/// use anchorrec_losses::preference_divergence;
/// use ndarray::array;
///
/// let (user, one, other) = (array![[1.0f64]], array![[0.0]], array![[3f64.ln()]]);
/// // Probabilities 1/2 and 3/4.
/// let loss = preference_divergence(user.view(), one.view(), other.view());
/// assert!((loss.value - 0.25 * 3f64.ln()).abs() < 1e-15);
/// assert_eq!(preference_divergence(user.view(), one.view(), one.view()).value, 0.0);
/// ```
pub fn preference_divergence<F: Real>(
    users: ArrayView2<F>,
    a: ArrayView2<F>,
    b: ArrayView2<F>,
) -> PreferenceDivergence<F> {
    let ((n, width), (m, _)) = (users.dim(), a.dim());
    assert!(
        a.dim() == b.dim() && a.ncols() == width && n > 0 && m > 0,
        "preference_divergence: users {:?}, views {:?} and {:?}",
        users.dim(),
        a.dim(),
        b.dim()
    );
    let share = F::of(1.0 / (n as f64 * m as f64));
    let factors = [a, b].map(|view| (Packed::new(view.t()), Packed::new(view)));
    let task = |users: ArrayView2<F>| {
        let mut d_users = Array2::zeros(users.dim());
        let (mut d_views, mut sum) = ([Array2::zeros((m, width)), Array2::zeros((m, width))], 0.0);
        for (users, mut d_users) in
            users.axis_chunks_iter(Axis(0), TILE).zip(d_users.axis_chunks_iter_mut(Axis(0), TILE))
        {
            let [mut alpha, mut beta] = factors.each_ref().map(|(transposed, _)| transposed.product(users));
            for (mut alpha, mut beta) in alpha.rows_mut().into_iter().zip(beta.rows_mut()) {
                let (alpha, beta) = (alpha.as_slice_mut().expect("fresh"), beta.as_slice_mut().expect("fresh"));
                sum += slopes(alpha, beta, share);
            }
            let own = Packed::new(users);
            for ((d, (_, view)), d_view) in [alpha, beta].iter().zip(&factors).zip(&mut d_views) {
                d_users += &view.product(d.view());
                own.add_product(d.t(), 0..width, d_view.view_mut());
            }
        }
        (sum, d_users, d_views)
    };
    let done = tasks::map(users.axis_chunks_iter(Axis(0), ROWS_PER_TASK), task);
    let (mut sum, mut d_users) = (0.0, Array2::zeros((n, width)));
    let mut d_views = [Array2::zeros((m, width)), Array2::zeros((m, width))];
    for ((part, d_rows, d_parts), mut rows) in
        done.into_iter().zip(d_users.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK))
    {
        sum += part;
        rows.assign(&d_rows);
        d_views.iter_mut().zip(&d_parts).for_each(|(sum, part)| *sum += part);
    }
    let [d_a, d_b] = d_views;
    PreferenceDivergence { value: F::of(sum / (n as f64 * m as f64)), d: [d_users, d_a, d_b] }
}

/// Puts `dα` and `dβ` where `α` and `β` were, and returns `Σ (σ(α) - σ(β)) (α - β)`.
fn slopes<F: Real>(alpha: &mut [F], beta: &mut [F], share: F) -> f64 {
    let differences: Vec<F> = alpha.iter().zip(&*beta).map(|(&a, &b)| a - b).collect();
    sigmoid_in_place(alpha);
    sigmoid_in_place(beta);
    let mut sum = F::zero();
    for ((a, b), &delta) in alpha.iter_mut().zip(beta.iter_mut()).zip(&differences) {
        let gamma = *a - *b;
        sum += gamma * delta;
        (*a, *b) = ((*a * (F::one() - *a) * delta + gamma) * share, -((*b * (F::one() - *b) * delta + gamma) * share));
    }
    sum.as_f64()
}

impl<F: Real> PreferenceDivergence<F> {
    /// Returns the gradients of the users and of both views, `(d_users, d_a, d_b)`, times `upstream`.
    ///
    /// ```
    /// use anchorrec_losses::preference_divergence;
    /// use ndarray::array;
    ///
    /// let (user, view) = (array![[1.0f64]], array![[2.0]]);
    /// // Two equal views are as near as can be.
    /// let (d_user, d_a, d_b) = preference_divergence(user.view(), view.view(), view.view()).backward(1.0);
    /// assert!([d_user, d_a, d_b].iter().all(|d| d[[0, 0]] == 0.0));
    /// ```
    pub fn backward(&self, upstream: F) -> (Array2<F>, Array2<F>, Array2<F>) {
        let [users, a, b] = self.d.each_ref().map(|d| Zip::from(d).map_collect(|&d| d * upstream));
        (users, a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_gradient, random};
    use ndarray::array;

    #[test]
    fn gradients() {
        for (n, m, d) in [(1, 1, 1), (5, 7, 3), (40, 3, 2)] {
            let rng = &mut random::generator(n as u64);
            let [users, a, b] = [n, m, m].map(|rows| random::matrix(rows, d, rng) * 2.0);
            let upstream = (n * m) as f64;
            let of = |u: ArrayView2<f64>, a: ArrayView2<f64>, b: ArrayView2<f64>| {
                upstream * preference_divergence(u, a, b).value
            };
            let (d_users, d_a, d_b) = preference_divergence(users.view(), a.view(), b.view()).backward(upstream);
            assert_gradient("users", d_users.view(), users.view(), |u| of(u, a.view(), b.view()));
            assert_gradient("a", d_a.view(), a.view(), |a| of(users.view(), a, b.view()));
            assert_gradient("b", d_b.view(), b.view(), |b| of(users.view(), a.view(), b));
        }
    }

    #[test]
    fn certain_users_cost_their_distance_and_no_nan() {
        let loss = preference_divergence(array![[1e4f32]].view(), array![[1.0]].view(), array![[-1.0]].view());
        assert_eq!(loss.value, 2e4);
        let (d_users, ..) = loss.backward(1.0);
        assert_eq!(d_users[[0, 0]], 2.0);
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let rng = &mut random::generator(4);
        let [users, a, b] = [700, 90, 90].map(|rows| random::matrix(rows, 8, rng).mapv(|x| x as f32));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let loss = pool.install(|| preference_divergence(users.view(), a.view(), b.view()));
            (loss.value, loss.backward(1.0))
        };
        let one = on(1);
        assert!([2, 3, 7].iter().all(|&threads| on(threads) == one));
    }

    #[test]
    #[should_panic(expected = "users (1, 1), views (1, 1) and (2, 1)")]
    fn views_have_the_same_items() {
        preference_divergence(array![[1.0]].view(), array![[1.0]].view(), array![[1.0], [2.0]].view());
    }
}
