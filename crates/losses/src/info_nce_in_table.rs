//! InfoNCE in a table: each query should recognise its own row among all rows of a table.
//!
//! `(1/B) Σ_i w_i (ln Σ_{j<N} exp(l_ij) - l_{i,o(i)})`, `l_ij = cos(a_i, c_j) / τ`, `o(i)` the row of query `i`, `B = Σ_i w_i`; `a` `[n, D]`, `c` `[N, D]`.
//! Lengths have a floor instead of the rule for short rows: see [`UnitRows`].
//!
//! **Backward**, in unit rows, with `e_ij = exp(l_ij - s_i)`, `Z_i = Σ_j e_ij` and `r_i = w_i / (B Z_i)`:
//! `d_â_i = (r_i Σ_j e_ij ĉ_j - (w_i/B) ĉ_o(i)) / τ` and `d_ĉ_j = Σ_i e_ij r_i â_i / τ - Σ_{i: o(i) = j} (w_i/B) â_i / τ`.
//!
//! **The shift** `s_i` cancels; it only keeps the exponentials in range. A cosine is at most 1, so `s_i = 1/τ` needs no pass over the logits. At temperatures
//! so cold that the smallest exponentials could vanish, it is the largest logit of the row, which costs a product more.
//!
//! **In panels.** Some queries meet a panel of the table, then the next: the logits become `e` and are multiplied by the panel while all of them are in the
//! cache. `r_i` is known only after the last panel, so `e` is kept, panel by panel as it will be read; then each panel collects its gradient from it. Tasks
//! share out the table, not the queries, so each panel is read once for all of them, and the gradient of the table is nobody's sum but its own. What is kept
//! has a bound that does not grow with the batch.

use crate::info_nce::{InfoNce, larger};
use crate::unit_rows::UnitRows;
use anchorrec_kernels::packed::GRAIN;
use anchorrec_kernels::{Packed, Real, tasks};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, s};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Rows of the table in a panel.
const PANEL: usize = GRAIN;
/// Rows of the table that a task has: whole panels. Part of the definition of the result.
const RANGE: usize = 32 * PANEL;
/// Queries whose logits with a panel are formed together.
const TILE: usize = 64;
/// Exponentials that are kept at once: 64 MB of `f32` at most, where that does not mean too few queries.
const KEPT: usize = 1 << 24;
/// The most queries that meet the table at once: their exponentials with a panel stay in the L1 cache.
const MOST: usize = 192;
/// The fewest queries that meet the table at once: fewer would not pay for reading it.
const FEWEST: usize = 16;
/// Logits lie between `-1/τ` and `1/τ`. If they are apart by no more than this, `exp(-2/τ)` is far from the smallest number of `f32`, and so are its products
/// with gradients.
const WIDEST: f64 = 40.0;

/// InfoNCE of queries `a` `[n, D]` in a table `c` `[N, D]`: `(1/B) Σ_i w_i (ln Σ_{j<N} exp(l_ij) - l_{i,o(i)})`, `l_ij = cos(a_i, c_j) / temperature`.
///
/// `own` `[n]` says which row of the table belongs to each query, `weights` `[n]` how often the query counts; `B` is their sum. Rows are divided by
/// `max(length, floor)`. [`InfoNce::backward`] returns `([n, D], [N, D])`.
///
/// # Panics
/// When the shapes do not fit, there is no query, `own` is no row of the table, or `temperature` is not positive.
///
/// ```
/// use anchorrec_losses::info_nce_in_table;
/// use ndarray::array;
///
/// // The query equals row 1 of the table and is at right angles to the two others.
/// let table = array![[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]];
/// let loss = info_nce_in_table(array![[0.0, 5.0]].view(), table.view(), &[1], 1.0, array![1.0].view(), 1e-12);
/// assert!((loss.value - (1.0 + 2.0 * (-1.0f64).exp()).ln()).abs() < 1e-15);
/// ```
pub fn info_nce_in_table<F: Real>(
    a: ArrayView2<F>,
    c: ArrayView2<F>,
    own: &[u32],
    temperature: F,
    weights: ArrayView1<F>,
    floor: F,
) -> InfoNce<F> {
    let n = a.nrows();
    assert!(
        a.ncols() == c.ncols() && weights.len() == n && own.len() == n && n > 0,
        "info_nce_in_table: queries {:?}, table {:?}, {} own rows, {} weights",
        a.dim(),
        c.dim(),
        own.len(),
        weights.len()
    );
    assert!(own.iter().all(|&own| (own as usize) < c.nrows()), "info_nce_in_table: an own row outside {:?}", c.dim());
    assert!(temperature > F::zero(), "info_nce_in_table: a temperature of {temperature}");
    let (queries, keys) = (UnitRows::floored(a, floor), UnitRows::floored(c, floor));
    let batch = F::of(weights.iter().map(|w| w.as_f64()).sum());
    let shift = (2.0 / temperature.as_f64() <= WIDEST).then(|| temperature.recip());
    let table = Table::new(keys.rows.view());
    // `â/τ`, which the logits are made of and, times `r`, the gradient of the table.
    let sharp = queries.rows.mapv(|x| x / temperature);
    let at_once = (KEPT / table.rows).clamp(FEWEST, MOST).min(n);
    let mut kept = vec![F::zero(); at_once * table.rows];
    let (mut d_queries, mut d_keys) = (Array2::zeros(a.dim()), Array2::zeros(c.dim()));
    let mut cost = 0.0;
    for from in (0..n).step_by(at_once) {
        let here = from..n.min(from + at_once);
        let kept = &mut kept[..here.len() * table.rows];
        let mut shared = sharp.slice(s![here.clone(), ..]).to_owned();
        let found = table.meet(shared.view(), &own[here.clone()], shift, kept);
        let mut toward = d_queries.slice_mut(s![here, ..]);
        toward.assign(&found.toward);
        for (r, mut toward) in toward.rows_mut().into_iter().enumerate() {
            let (weight, own) = (weights[from + r], own[from + r] as usize);
            let (share, own_share) = (weight / (batch * F::of(found.sums[r])), weight / (batch * temperature));
            cost += weight.as_f64() * (found.sums[r].ln() + (found.shifts[r] - found.of_own[r]).as_f64());
            shared.row_mut(r).mapv_inplace(|q| q * share);
            let share = share / temperature;
            toward.zip_mut_with(&keys.rows.row(own), |t, &o| *t = *t * share - o * own_share);
        }
        table.collect(kept, &shared, &mut d_keys);
    }
    for ((query, &own), &weight) in sharp.rows().into_iter().zip(own).zip(&weights) {
        let share = weight / batch;
        d_keys.row_mut(own as usize).zip_mut_with(&query, |d, &q| *d -= q * share);
    }
    let value = F::of(cost / batch.as_f64());
    InfoNce { value, d_queries: Some(queries.backward(d_queries)), d_keys: keys.backward(d_keys) }
}

/// The unit rows of a table as the factors that its products need.
struct Table<F> {
    /// The unit rows transposed, `ĉᵀ`, `[D, N]`.
    transposed: Packed<F>,
    /// The unit rows `ĉ` of each panel, `[PANEL, D]`.
    panels: Vec<Packed<F>>,
    rows: usize,
}

/// What was found for some queries.
struct Found<F> {
    /// The shifts `s_i`.
    shifts: Vec<F>,
    /// The sums `Z_i`.
    sums: Vec<f64>,
    /// The logits `l_{i,o(i)}`, where that row was met.
    of_own: Vec<F>,
    /// What the queries are pulled towards, `Σ_j e_ij ĉ_j`, `[n, D]`.
    toward: Array2<F>,
}

impl<F: Real> Table<F> {
    fn new(unit: ArrayView2<F>) -> Self {
        let panels = tasks::map(unit.axis_chunks_iter(Axis(0), PANEL), Packed::new);
        Table { transposed: Packed::new(unit.t()), panels, rows: unit.nrows() }
    }

    /// The ranges of the tasks.
    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        ranges(0..self.rows, RANGE)
    }

    /// Lets queries `â/τ` `[n, D]` meet all rows, and keeps `e`: for each panel `[n, PANEL]`.
    fn meet(&self, queries: ArrayView2<F>, own: &[u32], shift: Option<F>, kept: &mut [F]) -> Found<F> {
        let n = queries.nrows();
        let shifts = shift.map_or_else(|| self.largest(queries), |shift| vec![shift; n]);
        let parts = self.ranges().zip(kept.chunks_mut(n * RANGE));
        let parts = tasks::map(parts, |(range, kept)| self.meet_range(range, queries, own, &shifts, kept));
        let start =
            Found { shifts, sums: vec![0.0; n], of_own: vec![F::zero(); n], toward: Array2::zeros(queries.dim()) };
        parts.into_iter().fold(start, |mut all, (sums, of_own, toward)| {
            all.sums.iter_mut().zip(sums).for_each(|(sum, part)| *sum += part);
            of_own.into_iter().for_each(|(r, logit)| all.of_own[r] = logit);
            all.toward += &toward;
            all
        })
    }

    /// The part of [`meet`](Self::meet) for some rows: the sums of `e`, the logits of the queries whose own row is here, and `Σ_j e_ij ĉ_j`.
    fn meet_range(
        &self,
        range: Range<usize>,
        queries: ArrayView2<F>,
        own: &[u32],
        shifts: &[F],
        kept: &mut [F],
    ) -> (Vec<f64>, Vec<(usize, F)>, Array2<F>) {
        let (n, width) = queries.dim();
        let mut own_here: Vec<(usize, usize)> = own
            .iter()
            .map(|&own| own as usize)
            .enumerate()
            .filter(|(_, own)| range.contains(own))
            .map(|(r, own)| (own, r))
            .collect();
        own_here.sort_unstable();
        let mut own_here = own_here.into_iter().peekable();
        let (mut lanes, mut of_own) = (vec![F::zero(); n * PANEL], Vec::new());
        let mut toward = Array2::zeros((n, width));
        for (columns, kept) in ranges(range, PANEL).zip(kept.chunks_mut(n * PANEL)) {
            let tile = |rows: &Range<usize>| rows.start * columns.len()..rows.end * columns.len();
            for rows in ranges(0..n, TILE) {
                let shape = (rows.len(), columns.len());
                let logits = ArrayViewMut2::from_shape(shape, &mut kept[tile(&rows)]).expect("whole rows");
                self.transposed.product_into(queries.slice(s![rows, ..]), columns.clone(), logits);
            }
            while let Some((own, r)) = own_here.next_if(|(own, _)| columns.contains(own)) {
                of_own.push((r, kept[r * columns.len() + own - columns.start]));
            }
            let panel = &self.panels[columns.start / PANEL];
            for rows in ranges(0..n, TILE) {
                let (values, lanes) = (&mut kept[tile(&rows)], &mut lanes[rows.start * PANEL..rows.end * PANEL]);
                Arch::new().dispatch(Exponentiate { values, shifts: &shifts[rows.clone()], lanes });
                let e = ArrayView2::from_shape((rows.len(), columns.len()), &*values).expect("whole rows");
                panel.add_product(e, 0..width, toward.slice_mut(s![rows, ..]));
            }
        }
        let sums = lanes.chunks(PANEL).map(|lanes| lanes.iter().map(|lane| lane.as_f64()).sum()).collect();
        (sums, of_own, toward)
    }

    /// The largest logit of each query.
    fn largest(&self, queries: ArrayView2<F>) -> Vec<F> {
        let parts = tasks::map(self.ranges(), |range| {
            let mut largest = vec![F::neg_infinity(); queries.nrows()];
            for columns in ranges(range, PANEL) {
                let mut logits = Array2::zeros((queries.nrows(), columns.len()));
                self.transposed.product_into(queries, columns, logits.view_mut());
                largest
                    .iter_mut()
                    .zip(logits.rows())
                    .for_each(|(largest, row)| *largest = row.iter().copied().fold(*largest, larger));
            }
            largest
        });
        let larger_of_each = |a: Vec<F>, b: Vec<F>| a.into_iter().zip(b).map(|(a, b)| larger(a, b)).collect();
        parts.into_iter().reduce(larger_of_each).expect("a table with rows")
    }

    /// Adds `Σ_i e_ij q_i` to the gradient of the table, for `e` that was kept of the queries, and `q` `[n, D]`.
    fn collect(&self, kept: &[F], q: &Array2<F>, d: &mut Array2<F>) {
        let (n, width) = q.dim();
        let q = Packed::new(q.view());
        let parts = kept.chunks(n * RANGE).zip(d.axis_chunks_iter_mut(Axis(0), RANGE));
        tasks::each(parts, |(kept, mut d)| {
            for (e, d) in kept.chunks(n * PANEL).zip(d.axis_chunks_iter_mut(Axis(0), PANEL)) {
                let e = ArrayView2::from_shape((n, d.nrows()), e).expect("a panel");
                q.add_product(e.t(), 0..width, d);
            }
        });
    }
}

/// The pieces of `whole` of this length, and what is left.
fn ranges(whole: Range<usize>, length: usize) -> impl Iterator<Item = Range<usize>> {
    whole.clone().step_by(length).map(move |from| from..whole.end.min(from + length))
}

/// `l_ij <- e_ij = exp(l_ij - s_i)` for some queries and a panel; adds `e` to their lanes, [`PANEL`] for each query.
struct Exponentiate<'a, F> {
    values: &'a mut [F],
    shifts: &'a [F],
    lanes: &'a mut [F],
}

impl<F: Real> WithSimd for Exponentiate<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Exponentiate { values, shifts, lanes } = self;
        let width = values.len() / shifts.len();
        let rows = values.chunks_mut(width).zip(shifts).zip(lanes.as_chunks_mut::<PANEL>().0);
        for ((values, &shift), lanes) in rows {
            match <&mut [F; PANEL]>::try_from(&mut *values) {
                Ok(values) => {
                    for lane in 0..PANEL {
                        values[lane] = (values[lane] - shift).exp_lane();
                        lanes[lane] += values[lane];
                    }
                }
                // The last panel of the table.
                Err(_) => {
                    for (value, lane) in values.iter_mut().zip(lanes) {
                        *value = (*value - shift).exp_lane();
                        *lane += *value;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, assert_close_scalar, assert_gradient, random};
    use ndarray::array;
    use ndarray::{Array1, concatenate};

    /// The formula as it is, lengths with a floor.
    fn plain_in_table(a: ArrayView2<f64>, c: ArrayView2<f64>, own: &[u32], tau: f64, w: ArrayView1<f64>) -> f64 {
        let unit = |x: ArrayView1<f64>| x.to_owned() / x.dot(&x).sqrt().max(FLOOR);
        let cost = |(i, &own): (usize, &u32)| {
            let logit = |j: usize| unit(a.row(i)).dot(&unit(c.row(j))) / tau;
            w[i] * ((0..c.nrows()).map(|j| logit(j).exp()).sum::<f64>().ln() - logit(own as usize))
        };
        own.iter().enumerate().map(cost).sum::<f64>() / w.sum()
    }

    const FLOOR: f64 = 0.5;

    #[test]
    fn a_table_has_more_rows_than_there_are_queries() {
        for (n, rows, d) in [(1, 1, 2), (5, 9, 3), (70, 40, 4), (9, 200, 3)] {
            let mut rng = random::generator((n + rows) as u64);
            let (a, mut c) = (random::matrix(n, d, &mut rng), random::matrix(rows, d, &mut rng));
            c.row_mut(0).fill(0.0);
            let own = random::indices(n, rows, &mut rng);
            let w = Array1::from_shape_fn(n, |i| (i % 3 + 1) as f64);
            let loss = info_nce_in_table(a.view(), c.view(), &own, 0.2, w.view(), FLOOR);
            let want = plain_in_table(a.view(), c.view(), &own, 0.2, w.view());
            assert_close_scalar(&format!("{n} in {rows}"), loss.value, want, 1e-12);
            let (d_a, d_c) = loss.backward(3.0);
            assert_eq!(d_c.row(0), Array1::<f64>::zeros(d), "a row of zeros gets no gradient");
            let of = |a: ArrayView2<f64>, c: ArrayView2<f64>| {
                3.0 * info_nce_in_table(a, c, &own, 0.2, w.view(), FLOOR).value
            };
            assert_gradient("queries", d_a.view(), a.view(), |a| of(a, c.view()));
            let moved = c.slice(s![1.., ..]).to_owned();
            assert_gradient("table", d_c.slice(s![1.., ..]), moved.view(), |rows| {
                let mut c = c.clone();
                c.slice_mut(s![1.., ..]).assign(&rows);
                of(a.view(), c.view())
            });
        }
    }

    /// Panels and ranges of the table and tiles of queries, whole ones and rests; the shift from the bound and from the largest logit.
    #[test]
    fn many_panels_and_tiles_and_cold_temperatures_agree_with_the_formula() {
        for (n, rows, tau) in
            [(1, PANEL, 0.2), (TILE + 3, 2 * RANGE + 40, 0.2), (2 * TILE, PANEL + 1, 0.04), (3, RANGE + 7, 0.001)]
        {
            let mut rng = random::generator(rows as u64);
            let (a, c) = (random::matrix(n, 3, &mut rng), random::matrix(rows, 3, &mut rng));
            let own = random::indices(n, rows, &mut rng);
            let w = Array1::from_shape_fn(n, |i| (i % 3 + 1) as f64);
            let loss = info_nce_in_table(a.view(), c.view(), &own, tau, w.view(), FLOOR);
            // Less the largest logit, or the exponentials overflow.
            let shifted = |i: usize, own: u32| {
                let unit = |x: ArrayView1<f64>| x.to_owned() / x.dot(&x).sqrt().max(FLOOR);
                let logits: Vec<f64> = c.rows().into_iter().map(|c| unit(a.row(i)).dot(&unit(c)) / tau).collect();
                let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = logits.iter().map(|logit| (logit - most).exp()).sum();
                w[i] * (sum.ln() + most - logits[own as usize])
            };
            let want = own.iter().enumerate().map(|(i, &own)| shifted(i, own)).sum::<f64>() / w.sum();
            assert_close_scalar(&format!("{n} in {rows} at {tau}"), loss.value, want, 1e-12);
        }
    }

    #[test]
    fn more_queries_than_are_kept_at_once_give_the_same_as_apart() {
        let rows = RANGE + 100;
        let mut rng = random::generator(5);
        let (a, c) = (random::matrix(2 * MOST + 5, 2, &mut rng), random::matrix(rows, 2, &mut rng));
        let own = random::indices(a.nrows(), rows, &mut rng);
        let of = |range: Range<usize>| {
            let ones = Array1::ones(range.len());
            let loss = info_nce_in_table(
                a.slice(s![range.clone(), ..]),
                c.view(),
                &own[range.clone()],
                0.2,
                ones.view(),
                FLOOR,
            );
            let (d_queries, d_table) = loss.backward(range.len() as f64);
            (loss.value * range.len() as f64, d_queries, d_table)
        };
        let whole = of(0..a.nrows());
        let parts = [of(0..MOST), of(MOST..2 * MOST), of(2 * MOST..a.nrows())];
        assert_close_scalar("value", whole.0, parts.iter().map(|part| part.0).sum(), 1e-11);
        let queries = concatenate![Axis(0), parts[0].1, parts[1].1, parts[2].1];
        assert_close("queries", whole.1.view(), queries.view(), 1e-11);
        assert_close("table", whole.2.view(), (&parts[0].2 + &parts[1].2 + &parts[2].2).view(), 1e-11);
    }

    #[test]
    fn a_cold_temperature_stays_finite_in_f32() {
        let axes = array![[1.0f32, 0.0], [-1.0, 0.0]];
        // Far from both rows: a shift by the largest cosine that could be leaves nothing.
        let opposite = array![[1.0, 0.0], [1.0, 0.0]];
        let far =
            info_nce_in_table(axes.slice(s![1.., ..]), opposite.view(), &[0], 1.0 / 1024.0, array![1.0].view(), 1e-12);
        assert!((far.value - 2f32.ln()).abs() < 1e-6, "{}", far.value);
        let loss = info_nce_in_table(axes.view(), axes.view(), &[1, 0], 1.0 / 1024.0, array![1.0, 1.0].view(), 1e-12);
        assert_eq!(loss.value, 2.0 * 1024.0);
        let (d_a, d_c) = loss.backward(1.0);
        assert!(d_a.iter().chain(&d_c).all(|d| d.is_finite()));
    }

    #[test]
    #[should_panic(expected = "an own row outside (2, 2)")]
    fn a_row_that_is_not_in_the_table_is_named() {
        let table = array![[1.0, 0.0], [0.0, 1.0]];
        info_nce_in_table(array![[1.0, 0.0]].view(), table.view(), &[2], 0.2, array![1.0].view(), 1e-12);
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let mut rng = random::generator(3);
        let [a, c] = [150, 1300].map(|rows| random::matrix(rows, 16, &mut rng).mapv(|x| x as f32));
        let own: Vec<u32> = (0..150).map(|i| i * 7).collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let loss =
                pool.install(|| info_nce_in_table(a.view(), c.view(), &own, 0.2, Array1::ones(150).view(), 1e-12));
            (loss.value, loss.backward(1.0))
        };
        let one = on(1);
        assert!([2, 3, 7].iter().all(|&threads| on(threads) == one));
    }
}
