//! InfoNCE: each query should recognise its own key among all keys of the batch.
//!
//! `InfoNCE(a, c) = (1/B) Σ_i w_i (ln Σ_j w_j exp(l_ij) - l_ii)`, `l_ij = cos(a_i, c_j) / τ`, `B = Σ_i w_i`,
//! `a`, `c` `[n, D]`, `w` `[n]` (van den Oord et al., 2018, in one direction).
//!
//! **Multiplicities.** A batch names popular items several times. Repeated rows have equal logits, so a row that
//! occurs `w_i` times is one row of weight `w_i`: the sum over the batch, repeats kept, is the weighted sum over its
//! distinct rows. With weights of 1 the formula is the plain one.
//!
//! **Backward**, in unit rows, with `e_ij = exp(l_ij - max_j l_ij)`, `Z_i = Σ_j w_j e_ij` and `r_i = w_i / (B Z_i)`:
//! `d_â_i = (r_i Σ_j e_ij w_j ĉ_j - (w_i/B) ĉ_i) / τ` and `d_ĉ_j = (w_j Σ_i e_ij r_i â_i - (w_j/B) â_j) / τ`.
//!
//! **One pass.** A tile of rows meets all of `c` in one product; while its logits are in the cache they become `e`, and `e`
//! is multiplied into both gradients at once; in a large batch a tile has fewer rows. Weights and normalisers scale the thin factors, so both are products with
//! `e` in place; the `[n, n]` matrix never exists. `d_ĉ` is a sum over tiles: a fixed number of tasks add up their own, and the
//! tasks are added in order.

use crate::unit_rows::UnitRows;
use anchorrec_kernels::{Packed, Real, tasks};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, s};
use pulp::{Arch, Simd, WithSimd};

/// Rows whose logits are formed together: 64 rows of 2,048 `f32` are half of a 1 MB cache.
const TILE: usize = 64;
/// Logits that are formed together at most, in tiles of at least [`THINNEST`] rows.
const LOGITS: usize = 1 << 20;
/// Rows of the thinnest tile: fewer would not pay for reading the keys.
const THINNEST: usize = 8;
/// Tasks that share the rows, each with a sum `d_ĉ` of its own. Part of the definition of the result.
const TASKS: usize = 8;
/// Running maxima and sums side by side, so that the loop over a row vectorises.
const LANES: usize = 32;

/// The value of [`info_nce`](fn@info_nce) and what its backward pass needs.
#[derive(Clone, Debug)]
pub struct InfoNce<F> {
    /// The loss.
    pub value: F,
    /// The gradient of the queries `d_a`, `[n, D]`; absent when they are detached.
    pub(crate) d_queries: Option<Array2<F>>,
    /// The gradient of the keys `d_c`, `[n, D]`.
    pub(crate) d_keys: Array2<F>,
}

/// InfoNCE of queries `a` and keys `c`: `(1/B) Σ_i w_i (ln Σ_j w_j exp(l_ij) - l_ii)`, `l_ij = cos(a_i, c_j) / temperature`.
///
/// `a`, `c` are `[n, D]`. `weights` `[n]` says how often each row occurs in the batch (1 for a batch without repeats); `B` is
/// their sum. A row shorter than `1e-8` has no direction: its cosines are 0 and no gradient reaches it.
///
/// # Panics
/// When the shapes differ or have no rows, or `temperature` is not positive.
///
/// ```
/// use anchorrec_losses::info_nce;
/// use ndarray::array;
///
/// // Each query equals its own key and is at right angles to the other one: the cosines are 1 and 0.
/// let axes = array![[1.0, 0.0], [0.0, 1.0]];
/// let loss = info_nce(axes.view(), axes.view(), 1.0, array![1.0, 1.0].view());
/// assert!((loss.value - (1.0 + (-1.0f64).exp()).ln()).abs() < 1e-15);
/// ```
pub fn info_nce<F: Real>(a: ArrayView2<F>, c: ArrayView2<F>, temperature: F, weights: ArrayView1<F>) -> InfoNce<F> {
    run(a, c, temperature, weights, true)
}

/// [`info_nce`](fn@info_nce) with detached queries (stop-gradient): the same value, only the keys get a gradient, and `d_a` costs nothing.
///
/// Read the gradient with [`InfoNce::backward_keys`].
///
/// # Panics
/// When the shapes differ or have no rows, or `temperature` is not positive.
///
/// ```
/// use anchorrec_losses::{info_nce, info_nce_detached_queries};
/// use ndarray::array;
///
/// let (a, c, weights) = (array![[1.0, 0.0], [0.0, 1.0]], array![[1.0, 1.0], [-1.0, 1.0]], array![1.0, 1.0]);
/// let both = info_nce(a.view(), c.view(), 0.2, weights.view());
/// let keys_only = info_nce_detached_queries(a.view(), c.view(), 0.2, weights.view());
/// assert_eq!(keys_only.value, both.value);
/// assert_eq!(keys_only.backward_keys(1.0), both.backward(1.0).1);
/// ```
pub fn info_nce_detached_queries<F: Real>(
    a: ArrayView2<F>,
    c: ArrayView2<F>,
    temperature: F,
    weights: ArrayView1<F>,
) -> InfoNce<F> {
    run(a, c, temperature, weights, false)
}

fn run<F: Real>(
    a: ArrayView2<F>,
    c: ArrayView2<F>,
    temperature: F,
    weights: ArrayView1<F>,
    with_queries: bool,
) -> InfoNce<F> {
    let n = a.nrows();
    assert!(
        a.dim() == c.dim() && weights.len() == n && n > 0,
        "info_nce: queries {:?}, keys {:?}, {} weights",
        a.dim(),
        c.dim(),
        weights.len()
    );
    assert!(temperature > F::zero(), "info_nce: a temperature of {temperature}");
    let (queries, keys, weights) = (UnitRows::new(a), UnitRows::new(c), weights.to_owned());
    let batch = F::of(weights.iter().map(|w| w.as_f64()).sum());
    let packed_keys = Packed::new(keys.rows.t());
    let weighted = with_queries.then(|| Packed::new(scaled(keys.rows.view(), weights.view()).view()));

    let rows_of_task = n.div_ceil(TASKS);
    let shape = if with_queries { queries.rows.dim() } else { (0, queries.rows.ncols()) };
    let (mut toward, mut shares) = (Array2::zeros(shape), Array1::zeros(n));
    let mut d_queries: Vec<_> = toward.axis_chunks_iter_mut(Axis(0), rows_of_task).map(Some).collect();
    d_queries.resize_with(n.div_ceil(rows_of_task), || None);
    let blocks = d_queries
        .into_iter()
        .zip(shares.axis_chunks_iter_mut(Axis(0), rows_of_task))
        .zip(queries.rows.axis_chunks_iter(Axis(0), rows_of_task));
    let done = tasks::map(blocks.enumerate(), |(task, ((d_queries, shares), queries))| {
        let task = Task {
            queries,
            first: task * rows_of_task,
            keys: &packed_keys,
            weighted: weighted.as_ref(),
            weights: &weights,
        };
        task.run(temperature, batch, shares, d_queries)
    });

    let value = F::of(done.iter().map(|(cost, _)| cost).sum::<f64>() / batch.as_f64());
    let mut d_keys = Array2::zeros(keys.rows.dim());
    for (_, part) in &done {
        d_keys += part;
    }
    // `(share_i toward_i - (w_i/B) own_i) / τ`, of the keys and of the queries.
    let own_shares = weights.mapv(|w| w / batch / temperature);
    for (mut row, &weight) in d_keys.rows_mut().into_iter().zip(&weights) {
        let share = weight / temperature;
        row.mapv_inplace(|t| t * share);
    }
    for ((mut row, query), &share) in d_keys.rows_mut().into_iter().zip(queries.rows.rows()).zip(&own_shares) {
        row.zip_mut_with(&query, |t, &o| *t -= o * share);
    }
    let d_queries = with_queries.then(|| {
        for (i, mut row) in toward.rows_mut().into_iter().enumerate() {
            let (share, own_share) = (shares[i] / temperature, own_shares[i]);
            row.zip_mut_with(&keys.rows.row(i), |t, &o| *t = *t * share - o * own_share);
        }
        queries.backward(toward)
    });
    InfoNce { value, d_queries, d_keys: keys.backward(d_keys) }
}

impl<F: Real> InfoNce<F> {
    /// Returns the gradients of queries and keys, `(d_a, d_c)`, each `[n, D]`, times `upstream`.
    ///
    /// # Panics
    /// When the queries are detached.
    ///
    /// ```
    /// use anchorrec_losses::info_nce;
    /// use ndarray::array;
    ///
    /// // A batch of one has nothing to tell apart: the loss is 0, and so is its gradient.
    /// let loss = info_nce(array![[3.0, 4.0]].view(), array![[1.0, 0.0]].view(), 0.2, array![1.0].view());
    /// let (d_a, d_c) = loss.backward(1.0);
    /// assert!(loss.value == 0.0 && d_a.iter().chain(&d_c).all(|d: &f64| d.abs() < 1e-15));
    /// ```
    pub fn backward(&self, upstream: F) -> (Array2<F>, Array2<F>) {
        let d_queries =
            self.d_queries.as_ref().expect("info_nce: the queries are detached, so only backward_keys is there");
        (d_queries.mapv(|d| d * upstream), self.backward_keys(upstream))
    }

    /// Returns the gradient of the keys alone, `d_c` `[n, D]`, times `upstream`; see [`info_nce_detached_queries`].
    ///
    /// ```
    /// use anchorrec_losses::info_nce_detached_queries;
    /// use ndarray::array;
    ///
    /// let loss = info_nce_detached_queries(array![[3.0, 4.0]].view(), array![[1.0, 0.0]].view(), 0.2, array![1.0].view());
    /// assert_eq!(loss.backward_keys(1.0).dim(), (1, 2));
    /// ```
    pub fn backward_keys(&self, upstream: F) -> Array2<F> {
        self.d_keys.mapv(|d| d * upstream)
    }
}

/// Some rows of `a`, and what they meet.
struct Task<'a, F> {
    queries: ArrayView2<'a, F>,
    /// The first of these rows.
    first: usize,
    /// The unit keys, transposed: `ĉᵀ`, `[D, n]`.
    keys: &'a Packed<F>,
    /// The unit keys times their weights: `w ĉ`, `[n, D]`.
    weighted: Option<&'a Packed<F>>,
    /// How often each row counts.
    weights: &'a Array1<F>,
}

impl<F: Real> Task<'_, F> {
    /// The summed cost of the rows, and `Σ_i e_ij r_i â_i` `[n, D]` over them; writes `r_i` into `shares` and
    /// `Σ_j e_ij w_j ĉ_j` into `toward`.
    fn run(
        &self,
        temperature: F,
        batch: F,
        mut shares: ArrayViewMut1<F>,
        mut toward: Option<ArrayViewMut2<F>>,
    ) -> (f64, Array2<F>) {
        let n = self.weights.len();
        let tile = (LOGITS / n.max(1) / THINNEST * THINNEST).clamp(THINNEST, TILE);
        let mut buffer = Array2::zeros((tile, n));
        let mut d_keys = Array2::zeros((n, self.queries.ncols()));
        let mut cost = 0.0;
        for from in (0..self.queries.nrows()).step_by(tile) {
            let to = self.queries.nrows().min(from + tile);
            let rows = self.queries.slice(s![from..to, ..]);
            let mut e = buffer.slice_mut(s![..to - from, ..]);
            self.keys.product_into(rows.mapv(|x| x / temperature).view(), 0..n, e.view_mut());
            for (r, mut row) in e.rows_mut().into_iter().enumerate() {
                let weight = self.weights[self.first + from + r];
                let own = row[self.first + from + r];
                let (largest, normaliser) = exponentiate(row.view_mut(), self.weights);
                shares[from + r] = weight / (batch * normaliser);
                cost += weight.as_f64() * (normaliser.ln() + (largest - own)).as_f64();
            }
            if let (Some(toward), Some(weighted)) = (&mut toward, self.weighted) {
                toward.slice_mut(s![from..to, ..]).assign(&weighted.product(e.view()));
            }
            let shared = Packed::new(scaled(rows, shares.slice(s![from..to])).view());
            let columns = 0..d_keys.ncols();
            shared.add_product(e.t(), columns, d_keys.view_mut());
        }
        (cost, d_keys)
    }
}

fn scaled<F: Real>(rows: ArrayView2<F>, by: ArrayView1<F>) -> Array2<F> {
    &rows * &by.insert_axis(Axis(1))
}

/// `l_j <- exp(l_j - max l)`; returns `max l` and `Σ_j w_j exp(l_j - max l)`.
fn exponentiate<F: Real>(mut logits: ArrayViewMut1<F>, weights: &Array1<F>) -> (F, F) {
    let logits = logits.as_slice_mut().expect("a row of a fresh matrix");
    Arch::new().dispatch(Exponentiate { logits, weights: weights.as_slice().expect("a fresh vector") })
}

struct Exponentiate<'a, F> {
    logits: &'a mut [F],
    weights: &'a [F],
}

impl<F: Real> WithSimd for Exponentiate<'_, F> {
    type Output = (F, F);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (F, F) {
        let largest = maximum(self.logits);
        let (blocks, rest) = self.logits.as_chunks_mut::<LANES>();
        let (weights, rest_weights) = self.weights.as_chunks::<LANES>();
        let mut sums = [F::zero(); LANES];
        for (block, weights) in blocks.iter_mut().zip(weights) {
            for lane in 0..LANES {
                block[lane] = (block[lane] - largest).exp_lane();
                sums[lane] += weights[lane] * block[lane];
            }
        }
        let mut normaliser = sums.into_iter().sum::<F>();
        for (logit, &weight) in rest.iter_mut().zip(rest_weights) {
            *logit = (*logit - largest).exp_lane();
            normaliser += weight * *logit;
        }
        (largest, normaliser)
    }
}

#[inline(always)]
fn maximum<F: Real>(values: &[F]) -> F {
    let mut lanes = [F::neg_infinity(); LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            lanes[lane] = larger(lanes[lane], block[lane]);
        }
    }
    lanes.iter().chain(rest).copied().fold(F::neg_infinity(), larger)
}

#[inline(always)]
pub(crate) fn larger<F: Real>(a: F, b: F) -> F {
    if b > a { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_kernels::rows::{gather, scatter_add};
    use anchorrec_testkit::{assert_close, assert_close_scalar, assert_gradient, random};
    use ndarray::array;

    /// The formula as it is, row by row, nothing shared.
    fn plain(a: ArrayView2<f64>, c: ArrayView2<f64>, tau: f64, w: ArrayView1<f64>) -> f64 {
        let cosine = |i, j| {
            let (a, c): (ArrayView1<f64>, ArrayView1<f64>) = (a.row(i), c.row(j));
            a.dot(&c) / (a.dot(&a) * c.dot(&c)).sqrt()
        };
        let cost = |i| {
            let sum: f64 = (0..a.nrows()).map(|j| w[j] * f64::exp((cosine(i, j) - cosine(i, i)) / tau)).sum();
            w[i] * sum.ln()
        };
        (0..a.nrows()).map(cost).sum::<f64>() / w.sum()
    }

    #[test]
    fn directions_solved_by_hand() {
        let axes = array![[2.0, 0.0], [0.0, 3.0]];
        let ones = array![1.0, 1.0];
        // Own cosine 1, the other 0: ln(e^{1/τ} + 1) - 1/τ = ln(1 + e^{-1/τ}).
        let loss = info_nce(axes.view(), axes.view(), 0.5, ones.view());
        assert_close_scalar("right partners", loss.value, f64::ln(1.0 + f64::exp(-2.0)), 1e-15);
        let swapped = array![[0.0, 1.0], [1.0, 0.0]];
        let loss = info_nce(axes.view(), swapped.view(), 0.5, ones.view());
        assert_close_scalar("wrong partners", loss.value, f64::ln(1.0 + f64::exp(2.0)), 1e-15);
        // Weights 3 and 1: row 0 costs ln(3 + e^{-2}), row 1 ln(1 + 3 e^{-2}).
        let loss = info_nce(axes.view(), axes.view(), 0.5, array![3.0, 1.0].view());
        let want = (3.0 * f64::ln(3.0 + f64::exp(-2.0)) + f64::ln(1.0 + 3.0 * f64::exp(-2.0))) / 4.0;
        assert_close_scalar("weights", loss.value, want, 1e-15);
        // One row has nobody to be mistaken for.
        let loss =
            info_nce(axes.slice(ndarray::s![..1, ..]), axes.slice(ndarray::s![..1, ..]), 0.5, array![1.0].view());
        assert_eq!(loss.value, 0.0);
        assert!(loss.backward(1.0).0.iter().all(|d| d.abs() < 1e-15));
    }

    #[test]
    fn equals_the_formula_row_by_row() {
        for (n, d, tau) in [(1, 3, 0.2), (5, 4, 0.05), (130, 8, 0.2), (200, 3, 1.0)] {
            let mut rng = random::generator(n as u64);
            let (a, c) = (random::matrix(n, d, &mut rng), random::matrix(n, d, &mut rng));
            let w = Array1::from_shape_fn(n, |i| (i % 3 + 1) as f64);
            let got = info_nce(a.view(), c.view(), tau, w.view()).value;
            // Sums of up to 200 terms in two orders.
            assert_close_scalar(&format!("{n} rows"), got, plain(a.view(), c.view(), tau, w.view()), 1e-13);
        }
    }

    #[test]
    fn a_weight_is_a_number_of_repeats() {
        let mut rng = random::generator(1);
        let (a, c) = (random::matrix(70, 6, &mut rng), random::matrix(70, 6, &mut rng));
        let batch: Vec<u32> = (0..70).flat_map(|i| vec![i; i as usize % 4 + 1]).collect();
        let weights = Array1::from_shape_fn(70, |i| (i % 4 + 1) as f64);
        let once = info_nce(a.view(), c.view(), 0.2, weights.view());
        let all = info_nce(gather(&a, &batch).view(), gather(&c, &batch).view(), 0.2, Array1::ones(batch.len()).view());
        // The same sums in another order.
        assert_close_scalar("value", once.value, all.value, 1e-13);
        let ((d_a, d_c), (all_a, all_c)) = (once.backward(1.0), all.backward(1.0));
        for (name, once, all) in [("d_a", d_a, all_a), ("d_c", d_c, all_c)] {
            let mut summed = Array2::zeros(once.dim());
            scatter_add(&mut summed, &batch, all.view());
            assert_close(name, once.view(), summed.view(), 1e-11);
        }
    }

    #[test]
    fn a_cold_temperature_stays_finite_in_f32() {
        // Logits of ±1024, exact in f32: without the row's maximum the exponentials overflow.
        let cold = 1.0 / 1024.0;
        let axes = array![[1.0f32, 0.0], [-1.0, 0.0]];
        let swapped = array![[-1.0, 0.0], [1.0, 0.0]];
        let loss = info_nce(axes.view(), swapped.view(), cold, array![1.0, 1.0].view());
        assert_eq!(loss.value, 2.0 * 1024.0);
        let (d_a, d_c) = loss.backward(1.0);
        assert!(d_a.iter().chain(&d_c).all(|d| d.is_finite()));
        assert_eq!(info_nce(axes.view(), axes.view(), cold, array![1.0, 1.0].view()).value, 0.0);
    }

    #[test]
    fn f32_agrees_with_f64() {
        let mut rng = random::generator(2);
        let (a, c) = (random::matrix(500, 64, &mut rng), random::matrix(500, 64, &mut rng));
        let exact = info_nce(a.view(), c.view(), 0.05, Array1::ones(500).view());
        let (a, c) = (a.mapv(|x| x as f32), c.mapv(|x| x as f32));
        let single = info_nce(a.view(), c.view(), 0.05, Array1::ones(500).view());
        // A logit of up to 1/τ = 20 carries 20 steps of f32, 20 * 6e-8.
        assert_close_scalar("value", f64::from(single.value), exact.value, 2e-6);
        let (want, got) = (exact.backward(1.0), single.backward(1.0));
        for (want, got) in [(&want.0, &got.0), (&want.1, &got.1)] {
            let scale = want.iter().fold(0.0f64, |m, w| m.max(w.abs()));
            assert!(got.iter().zip(want).all(|(&g, w)| (f64::from(g) - w).abs() < 1e-5 * scale));
        }
    }

    #[test]
    fn rows_without_direction_get_no_gradient() {
        let (a, c) = (array![[0.0f64, 0.0], [1.0, 0.0]], array![[1.0, 1.0], [0.0, 0.0]]);
        let loss = info_nce(a.view(), c.view(), 0.2, array![1.0, 1.0].view());
        let (d_a, d_c) = loss.backward(1.0);
        assert_eq!((d_a.row(0), d_c.row(1)), (array![0.0, 0.0].view(), array![0.0, 0.0].view()));
        assert!(loss.value.is_finite() && d_a.iter().chain(&d_c).all(|d| d.is_finite()));
    }

    #[test]
    fn gradients() {
        for (n, d, tau) in [(1, 3, 0.2), (2, 2, 0.05), (7, 5, 0.25), (70, 3, 0.2), (6, 4, 0.05)] {
            let mut rng = random::generator((n + d) as u64);
            let (a, c) = (random::matrix(n, d, &mut rng) + 0.2, random::matrix(n, d, &mut rng) + 0.2);
            let w = Array1::from_shape_fn(n, |i| (i % 3 + 1) as f64);
            let loss = info_nce(a.view(), c.view(), tau, w.view());
            let upstream = w.sum() * tau;
            let (d_a, d_c) = loss.backward(upstream);
            let name = format!("InfoNCE, {n} x {d}, τ {tau}");
            let of = |a: ArrayView2<f64>, c: ArrayView2<f64>| upstream * info_nce(a, c, tau, w.view()).value;
            assert_gradient(&name, d_a.view(), a.view(), |a| of(a, c.view()));
            assert_gradient(&name, d_c.view(), c.view(), |c| of(a.view(), c));
            let alone = info_nce_detached_queries(a.view(), c.view(), tau, w.view());
            assert_eq!((alone.value, alone.backward_keys(upstream)), (loss.value, d_c));
        }
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let mut rng = random::generator(3);
        let [a, c] = [0; 2].map(|_| random::matrix(700, 16, &mut rng).mapv(|x| x as f32));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let loss = info_nce(a.view(), c.view(), 0.2, Array1::ones(700).view());
                (loss.value, loss.backward(1.0))
            })
        };
        let one = on(1);
        for threads in [2, 3, 7] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }

    #[test]
    #[should_panic(expected = "queries (2, 2), keys (2, 3), 2 weights")]
    fn shapes_that_do_not_fit_are_named() {
        let w = array![1.0, 1.0];
        info_nce(Array2::zeros((2, 2)).view(), Array2::zeros((2, 3)).view(), 0.2, w.view());
    }
}
