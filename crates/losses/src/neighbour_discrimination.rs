//! Items that all views call near should be near in each of them, and those next to them nearer than the rest.
//!
//! Views `m` of the items are tables `x̂_m` `[I, D]` of unit rows; `c_m,ij = x̂_m,i · x̂_m,j` and `π_m,i = softmax_j c_m,ij`. For each row `i` of a batch:
//!
//! 1. `P_i`: the items with the largest `Σ_l π_l,ij + π_m,ij`, the view's own counted twice;
//! 2. `Q_i`: the items outside `P_i` with the largest `π_m,ij`;
//! 3. `e_ij = exp(c_m,ij / τ)`, `M`, `Q`, `R` its sums over `P_i`, over `Q_i` and over all outside `P_i`, `T = M + R`;
//! 4. `ND_m = mean_i (-ln(M/T + ε) - ln(Q/R + ε))`, `ε = 1e-9`, and `ND` the mean over the views.
//!
//! Which items are in `P` and `Q` is not differentiated; ties go to the lower index. `R` is added up and not `T - M`: where `P` has nearly all of `T`, the
//! difference has few digits in `f32`. Source: the neighbour discrimination of DA-MRS (KDD 2024).
//!
//! **Backward**: `d/de_ij = -R / (T² (M/T + ε))` in `P`; outside `M / (T² (M/T + ε)) + Q / (R² (Q/R + ε))`, in `Q` less `1 / (R (Q/R + ε))`; `dc = e/τ de`.
//! The gradient reaches both rows of a cosine, also of items that are not in the batch.
//!
//! **Few items.** Where `P` and `Q` would need more items than there are, `P` comes first and `Q` takes what is left. Without any left there is nothing to
//! discriminate: the second logarithm is left out.
//!
//! **One pass.** A tile of some rows meets all items of all views at once, and what lies in the cache becomes cosines, choices, exponentials and
//! gradients; no `[B, I]` matrix exists. The rows are shared out to a fixed number of tasks, whose gradients of all items are added in order.

use anchorrec_kernels::{Packed, Real, TopK};
use ndarray::{Array2, ArrayView2, Axis, Zip, s};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Rows whose cosines with all items are in memory together, for each thread.
const TILE: usize = 16;
/// Tasks that share the rows, each with a gradient of all items. Part of the definition of the result.
const TASKS: usize = 8;
/// Running sums side by side, so that the loop over a row vectorises.
const LANES: usize = 32;
/// What is added under a logarithm.
const EPSILON: f64 = 1e-9;

/// The value of [`neighbour_discrimination`](fn@neighbour_discrimination) and its gradients.
#[derive(Clone, Debug)]
pub struct NeighbourDiscrimination<F> {
    /// The loss: the mean of [`by_view`](Self::by_view).
    pub value: F,
    /// The loss `ND_m` of each view.
    pub by_view: Vec<F>,
    /// What was found for each row of the batch, by view.
    pub rows: Vec<Vec<Row>>,
    /// `[I, D]` of each view.
    d: Vec<Array2<F>>,
}

/// How many items are near, and how near is near.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// The number of items of `P_i`.
    pub first: usize,
    /// The number of items of `Q_i`.
    pub next: usize,
    /// The temperature `τ`.
    pub temperature: f64,
}

/// What was found for a row of the batch in a view.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The normaliser of the softmax, `Σ_j exp(c_ij)`.
    pub normaliser: f64,
    /// The items of `P_i`, the nearest first.
    pub first: Vec<u32>,
    /// The items of `Q_i`, the nearest first.
    pub next: Vec<u32>,
    /// The sum `M` over `P_i`.
    pub near: f64,
    /// The sum `Q` over `Q_i`.
    pub beside: f64,
    /// The sum `R` over all items outside `P_i`.
    pub far: f64,
    /// The cost of the row.
    pub cost: f64,
}

/// Neighbour discrimination of the items `rows` in `views` `[I, D]`, whose rows have length 1 (or are zero); see the [module](self).
///
/// # Panics
/// When there is no view or no row, the views differ in shape, a row is not an item, or `near` asks for no item of either kind or a temperature that is not positive.
///
/// ```
/// use anchorrec_losses::neighbour_discrimination::{Near, neighbour_discrimination};
/// use ndarray::array;
///
/// // Item 0 has itself in P, the item at right angles in Q, the opposite one in neither.
/// let view = array![[1.0f64, 0.0], [-1.0, 0.0], [0.0, 1.0]];
/// let near = Near { first: 1, next: 1, temperature: 1.0 };
/// let loss = neighbour_discrimination(&[view.view()], &[0], near);
/// let (m, q, rest) = (1f64.exp(), 1.0, (-1f64).exp());
/// assert!((loss.value - (-(m / (m + q + rest)).ln() - (q / (q + rest)).ln())).abs() < 1e-8);
/// ```
pub fn neighbour_discrimination<F: Real>(
    views: &[ArrayView2<F>],
    rows: &[u32],
    near: Near,
) -> NeighbourDiscrimination<F> {
    let shape = views.first().expect("one view or more").dim();
    assert!(!rows.is_empty(), "neighbour_discrimination: a batch without rows");
    for view in views {
        assert_eq!(view.dim(), shape, "neighbour_discrimination: views of different shapes");
    }
    let Near { first, next, temperature } = near;
    assert!(first > 0 && next > 0 && temperature > 0.0, "neighbour_discrimination: {near:?}");
    let factors: Vec<View<F>> = views.iter().map(|view| View::new(*view)).collect();
    let batch = Batch { views: &factors, shape, count: rows.len(), near };
    let done: Vec<Done<F>> = rows.par_chunks(rows.len().div_ceil(TASKS)).map(|rows| batch.task(rows)).collect();
    let mut found: Vec<Vec<Row>> = vec![Vec::with_capacity(rows.len()); views.len()];
    let mut d: Vec<Array2<F>> = vec![Array2::zeros(shape); views.len()];
    for (rows, parts) in done {
        found.iter_mut().zip(rows).for_each(|(all, rows)| all.extend(rows));
        for (d, part) in d.iter_mut().zip(parts) {
            Zip::from(d).and(&part).par_for_each(|d, &part| *d += part);
        }
    }
    let mean = |rows: &Vec<Row>| rows.iter().map(|row| row.cost).sum::<f64>() / rows.len() as f64;
    let by_view: Vec<f64> = found.iter().map(mean).collect();
    let value = F::of(by_view.iter().sum::<f64>() / views.len() as f64);
    NeighbourDiscrimination { value, by_view: by_view.into_iter().map(F::of).collect(), rows: found, d }
}

impl<F: Real> NeighbourDiscrimination<F> {
    /// Returns the gradient of each view, `[I, D]`, times `upstream`.
    ///
    /// ```
    /// use anchorrec_losses::neighbour_discrimination::{Near, neighbour_discrimination};
    /// use ndarray::array;
    ///
    /// let view = array![[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]];
    /// let near = Near { first: 1, next: 1, temperature: 1.0 };
    /// let d = neighbour_discrimination(&[view.view()], &[0], near).backward(1.0);
    /// assert!(d[0][[1, 0]] > 0.0, "against its own direction, item 1 comes no nearer");
    /// ```
    pub fn backward(self, upstream: F) -> Vec<Array2<F>> {
        let scaled = |mut d: Array2<F>| {
            d.par_mapv_inplace(|d| d * upstream);
            d
        };
        self.d.into_iter().map(scaled).collect()
    }
}

/// A view as both factors that its products need.
struct View<'a, F> {
    rows: ArrayView2<'a, F>,
    /// The unit rows transposed, `x̂ᵀ`, `[D, I]`.
    transposed: Packed<F>,
    /// The unit rows `x̂`, `[I, D]`.
    packed: Packed<F>,
}

impl<'a, F: Real> View<'a, F> {
    fn new(rows: ArrayView2<'a, F>) -> Self {
        View { rows, transposed: Packed::new(rows.t()), packed: Packed::new(rows) }
    }
}

/// What was found for rows by view, and the gradient of each view.
type Done<F> = (Vec<Vec<Row>>, Vec<Array2<F>>);

/// What all tasks need.
struct Batch<'a, F> {
    views: &'a [View<'a, F>],
    shape: (usize, usize),
    /// Rows of the whole batch.
    count: usize,
    near: Near,
}

impl<F: Real> Batch<'_, F> {
    fn task(&self, rows: &[u32]) -> Done<F> {
        let (items, width) = self.shape;
        let mut found = vec![Vec::with_capacity(rows.len()); self.views.len()];
        let mut d: Vec<Array2<F>> = vec![Array2::zeros(self.shape); self.views.len()];
        let mut cosines: Vec<Array2<F>> = vec![Array2::zeros((TILE, items)); self.views.len()];
        let mut powers = cosines.clone();
        let mut scores = vec![F::zero(); items];
        for rows in rows.chunks(TILE) {
            let own: Vec<Array2<F>> = self
                .views
                .iter()
                .map(|view| view.rows.select(Axis(0), &rows.iter().map(|&row| row as usize).collect::<Vec<_>>()))
                .collect();
            let mut normalisers = vec![vec![F::zero(); self.views.len()]; rows.len()];
            for (m, view) in self.views.iter().enumerate() {
                let mut tile = cosines[m].slice_mut(s![..rows.len(), ..]);
                view.transposed.product_into(own[m].view(), 0..items, tile.view_mut());
                for (r, cosines) in tile.rows().into_iter().enumerate() {
                    let mut powers = powers[m].row_mut(r);
                    powers.assign(&cosines);
                    let powers = powers.as_slice_mut().expect("a fresh matrix");
                    Arch::new().dispatch(Exponentials { values: powers, scale: F::one() });
                    normalisers[r][m] = Arch::new().dispatch(Sum(powers));
                }
            }
            for (m, view) in self.views.iter().enumerate() {
                for (r, normalisers) in normalisers.iter().enumerate() {
                    self.scores(m, r, &powers, normalisers, &mut scores);
                    let cosines = cosines[m].row_mut(r).into_slice().expect("a fresh matrix");
                    let row = self.row(normalisers[m], &scores, cosines);
                    found[m].push(row);
                }
                let slopes = cosines[m].slice(s![..rows.len(), ..]);
                let packed = Packed::new(own[m].view());
                packed.add_product(slopes.t(), 0..width, d[m].view_mut());
                for (&row, d_row) in rows.iter().zip(view.packed.product(slopes).rows()) {
                    d[m].row_mut(row as usize).zip_mut_with(&d_row, |d, &part| *d += part);
                }
            }
        }
        (found, d)
    }

    /// `Σ_l π_l,ij + π_m,ij` of row `r` for the view `m`.
    fn scores(&self, view: usize, r: usize, powers: &[Array2<F>], normalisers: &[F], scores: &mut [F]) {
        scores.fill(F::zero());
        for (m, powers) in powers.iter().enumerate() {
            let counted = F::of(if m == view { 2.0 } else { 1.0 });
            let share = counted / normalisers[m];
            let powers = powers.row(r).to_slice().expect("a fresh matrix");
            scores.iter_mut().zip(powers).for_each(|(score, &power)| *score += share * power);
        }
    }

    /// Chooses the items of a row, adds them up, and puts `dc` where its cosines were.
    fn row(&self, normaliser: F, scores: &[F], cosines: &mut [F]) -> Row {
        let Near { first, next, temperature } = self.near;
        let first = largest(scores, first);
        // Among so many at most `first` are in P.
        let mut after = largest(cosines, first.len() + next);
        after.retain(|item| !first.contains(item));
        after.truncate(next);

        Arch::new().dispatch(Exponentials { values: cosines, scale: F::of(1.0 / temperature) });
        let [of_first, of_next] =
            [&first, &after].map(|items| items.iter().map(|&item| cosines[item as usize]).collect::<Vec<F>>());
        first.iter().for_each(|&item| cosines[item as usize] = F::zero());
        let sum = |of: &[F]| of.iter().map(|e| e.as_f64()).sum::<f64>();
        let (m, q, r) = (sum(&of_first), sum(&of_next), Arch::new().dispatch(Sum(cosines)).as_f64());
        let t = m + r;
        let second = if r > 0.0 { -(q / r + EPSILON).ln() } else { 0.0 };
        let cost = -(m / t + EPSILON).ln() + second;

        let share = 1.0 / (temperature * self.count as f64 * self.views.len() as f64);
        let by_near = share / (t * t * (m / t + EPSILON));
        let by_next = if r > 0.0 { share / (r * (q / r + EPSILON)) } else { 0.0 };
        let outside = if r > 0.0 { m * by_near + q / r * by_next } else { 0.0 };
        let factor = F::of(outside);
        cosines.iter_mut().for_each(|e| *e *= factor);
        for (items, of, factor) in [(&first, of_first, -r * by_near), (&after, of_next, outside - by_next)] {
            let factor = F::of(factor);
            items.iter().zip(of).for_each(|(&item, e)| cosines[item as usize] = factor * e);
        }
        Row { normaliser: normaliser.as_f64(), first, next: after, near: m, beside: q, far: r, cost }
    }
}

/// The places of the `k` largest, the largest first, ties to the lower.
fn largest<F: Real>(values: &[F], k: usize) -> Vec<u32> {
    let mut best = TopK::new(k);
    best.scan(0, values);
    best.into_sorted().into_iter().map(|(item, _)| item).collect()
}

/// `x <- exp(scale x)`.
struct Exponentials<'a, F> {
    values: &'a mut [F],
    scale: F,
}

impl<F: Real> WithSimd for Exponentials<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for x in self.values {
            *x = (self.scale * *x).exp_lane();
        }
    }
}

/// The sum of all, in [`LANES`] partial sums.
struct Sum<'a, F>(&'a [F]);

impl<F: Real> WithSimd for Sum<'_, F> {
    type Output = F;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> F {
        let (blocks, rest) = self.0.as_chunks::<LANES>();
        let mut sums = [F::zero(); LANES];
        for block in blocks {
            for lane in 0..LANES {
                sums[lane] += block[lane];
            }
        }
        sums.into_iter().sum::<F>() + rest.iter().copied().sum::<F>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UnitRows;
    use anchorrec_testkit::{assert_close_scalar, assert_gradient, random};

    /// The plain version of a row's cost, from whole tables.
    fn plain(views: &[Array2<f64>], m: usize, i: usize, near: Near) -> f64 {
        let cosines: Vec<Vec<f64>> = views.iter().map(|view| view.dot(&view.row(i)).to_vec()).collect();
        let pi: Vec<Vec<f64>> = cosines
            .iter()
            .map(|c| {
                let sum: f64 = c.iter().map(|c| c.exp()).sum();
                c.iter().map(|c| c.exp() / sum).collect()
            })
            .collect();
        let items = cosines[0].len();
        let score = |j: usize| pi.iter().map(|pi| pi[j]).sum::<f64>() + pi[m][j];
        let sorted = |mut items: Vec<usize>, by: &dyn Fn(usize) -> f64| {
            items.sort_by(|&a, &b| by(b).total_cmp(&by(a)).then(a.cmp(&b)));
            items
        };
        let order = sorted((0..items).collect(), &score);
        let (first, others) = order.split_at(near.first.min(items));
        let next = sorted(others.to_vec(), &|j| pi[m][j]);
        let e = |j: &usize| (cosines[m][*j] / near.temperature).exp();
        let sum = |items: &[usize]| items.iter().map(e).sum::<f64>();
        let (p, r) = (sum(first), sum(others));
        let second = if others.is_empty() { 0.0 } else { -(sum(&next[..near.next.min(next.len())]) / r + 1e-9).ln() };
        -(p / (p + r) + 1e-9).ln() + second
    }

    fn unit(x: &Array2<f64>) -> UnitRows<f64> {
        UnitRows::floored(x.view(), 1e-12)
    }

    #[test]
    fn the_value_is_that_of_whole_tables_and_the_gradient_that_of_differences() {
        for (views, items, rows) in [(1, 25, vec![3]), (3, 25, vec![0, 7, 24, 8]), (2, 4, vec![1, 2]), (2, 2, vec![0])]
        {
            let near = Near { first: 3, next: 2, temperature: 0.5 };
            let rng = &mut random::generator(items as u64 + views as u64);
            let tables: Vec<Array2<f64>> = (0..views).map(|_| random::matrix(items, 3, rng)).collect();
            let of = |tables: &[Array2<f64>]| {
                let units: Vec<_> = tables.iter().map(unit).collect();
                let views: Vec<_> = units.iter().map(|unit| unit.rows.view()).collect();
                neighbour_discrimination(&views, &rows, near)
            };
            let loss = of(&tables);
            let units: Vec<_> = tables.iter().map(|table| unit(table).rows).collect();
            for m in 0..views {
                let want = rows.iter().map(|&i| plain(&units, m, i as usize, near)).sum::<f64>() / rows.len() as f64;
                // A mean of a cost of 0 is 0 and a few roundings.
                assert!((loss.by_view[m] - want).abs() < 1e-12, "view {m}: {} and {want}", loss.by_view[m]);
            }
            assert_close_scalar("mean", loss.value, loss.by_view.iter().sum::<f64>() / views as f64, 1e-14);
            let d = loss.backward(1.0);
            for m in 0..views {
                let analytic = unit(&tables[m]).backward(d[m].clone());
                assert_gradient(
                    &format!("view {m} of {views}, {items} items"),
                    analytic.view(),
                    tables[m].view(),
                    |x| {
                        let mut moved = tables.clone();
                        moved[m].assign(&x);
                        of(&moved).value
                    },
                );
            }
        }
    }

    #[test]
    fn f32_keeps_the_rest_where_the_nearest_have_nearly_all() {
        // Ten items in one direction, and ten far off: e^20 to 1 at a temperature of 0.1.
        let view =
            Array2::from_shape_fn((20, 2), |(i, j)| if j == 0 { if i < 10 { 1.0f32 } else { -1.0 } } else { 0.0 });
        let near = Near { first: 10, next: 10, temperature: 0.1 };
        let loss = neighbour_discrimination(&[view.view()], &[0], near);
        let row = &loss.rows[0][0];
        assert_eq!(
            (&row.first[..], &row.next[..]),
            (&(0..10).collect::<Vec<_>>()[..], &(10..20).collect::<Vec<_>>()[..])
        );
        assert!((row.beside / row.far - 1.0).abs() < 1e-6 && row.far > 0.0, "{row:?}");
        assert!(loss.backward(1.0)[0].iter().all(|d| d.is_finite()));
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let rng = &mut random::generator(4);
        let view = random::matrix(300, 8, rng).mapv(|x| x as f32);
        let view = UnitRows::floored(view.view(), 1e-12).rows;
        let rows: Vec<u32> = (0..300).step_by(2).collect();
        let near = Near { first: 10, next: 10, temperature: 0.2 };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let loss = pool.install(|| neighbour_discrimination(&[view.view(), view.view()], &rows, near));
            (loss.value, loss.backward(1.0))
        };
        let one = on(1);
        assert!([2, 3, 7].iter().all(|&threads| on(threads) == one));
    }

    #[test]
    #[should_panic(expected = "views of different shapes")]
    fn views_have_one_shape() {
        let near = Near { first: 1, next: 1, temperature: 1.0 };
        neighbour_discrimination(&[Array2::<f32>::zeros((2, 1)).view(), Array2::zeros((3, 1)).view()], &[0], near);
    }
}
