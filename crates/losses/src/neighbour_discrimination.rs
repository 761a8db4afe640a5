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
//! **In blocks.** Some rows of the batch meet a block of all items in every view, then the next; what they make is kept in memory block by block, and no
//! `[B, I]` matrix exists. A second pass chooses and adds up, a third makes gradients of what was kept. What is kept of a cosine is `exp(c)`: the choices
//! need it, and where `1/τ` is a whole number `exp(c/τ)` is its power. The rows are shared out to a fixed number of tasks, whose gradients of all items are
//! added in order.

use crate::column_blocks::{self, BLOCK, ColumnBlocks};
use anchorrec_kernels::{Packed, Real, TopK, rows::gather, tasks};
use ndarray::{Array2, ArrayView2, s};
use pulp::{Arch, Simd, WithSimd};

/// Rows whose cosines with all items are in memory together at most, for each thread.
const TILE: usize = 128;
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
    let batch = Batch { views: &factors, shape, count: rows.len(), near, kept: Kept::at(temperature) };
    let done = tasks::map(rows.chunks(rows.len().div_ceil(TASKS)), |rows| batch.task(rows));
    let mut found: Vec<Vec<Row>> = vec![Vec::with_capacity(rows.len()); views.len()];
    let mut parts: Vec<Vec<Array2<F>>> = vec![Vec::with_capacity(TASKS); views.len()];
    for (rows, d) in done {
        found.iter_mut().zip(rows).for_each(|(all, rows)| all.extend(rows));
        parts.iter_mut().zip(d).for_each(|(parts, d)| parts.push(d));
    }
    let d = parts.into_iter().map(column_blocks::sum).collect();
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
    /// The unit rows `x̂` of each block of items, `[BLOCK, D]`.
    blocks: Vec<Packed<F>>,
}

impl<'a, F: Real> View<'a, F> {
    fn new(rows: ArrayView2<'a, F>) -> Self {
        View { rows, transposed: Packed::new(rows.t()), blocks: column_blocks::pack(rows) }
    }
}

/// What is kept of a cosine `c`.
#[derive(Clone, Copy)]
enum Kept {
    /// `exp(c)`, of which `exp(c/τ)` is this power.
    Exponential(u32),
    /// `c`, of which `exp(c/τ)` is the exponential times this.
    Cosine(f64),
}

impl Kept {
    fn at(temperature: f64) -> Self {
        let scale = 1.0 / temperature;
        let whole = scale.round();
        if (1.0..=64.0).contains(&whole) && (scale - whole).abs() < 1e-12 * whole {
            Kept::Exponential(whole as u32)
        } else {
            Kept::Cosine(scale)
        }
    }

    /// `exp(c)` of what was kept, where it lies or in `room`.
    fn exponentials<'a, F: Real>(self, kept: &'a [F], room: &'a mut [F]) -> &'a [F] {
        match self {
            Kept::Exponential(_) => kept,
            Kept::Cosine(_) => {
                let room = &mut room[..kept.len()];
                room.copy_from_slice(kept);
                Arch::new().dispatch(Exponentials { values: room, scale: F::one() });
                room
            }
        }
    }

    /// `exp(c/τ)` of what was kept, lane by lane.
    #[inline(always)]
    fn sharp<F: Real, const N: usize>(self, kept: [F; N]) -> [F; N] {
        let mut e = kept;
        match self {
            Kept::Exponential(power) => {
                // From the highest bit of the power down: squared, and times the base where a bit is set.
                for bit in (0..power.ilog2()).rev() {
                    for lane in 0..N {
                        e[lane] *= e[lane];
                    }
                    if power >> bit & 1 == 1 {
                        for lane in 0..N {
                            e[lane] *= kept[lane];
                        }
                    }
                }
            }
            Kept::Cosine(scale) => {
                let scale = F::of(scale);
                for lane in 0..N {
                    e[lane] = (scale * kept[lane]).exp_lane();
                }
            }
        }
        e
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
    kept: Kept,
}

/// Some rows, what was kept of their cosines by view, and the normaliser of each row in each view.
struct Tile<F> {
    kept: Vec<ColumnBlocks<F>>,
    normalisers: Vec<Vec<F>>,
}

/// Room for what is made of a block of one row, by view.
struct Room<F> {
    scores: Vec<[F; BLOCK]>,
    powers: Vec<[F; BLOCK]>,
}

/// The slopes `dc` of a row in a view.
struct Slopes<F> {
    /// What `e` is multiplied by, of an item that was not chosen.
    outside: F,
    /// The slopes of the items that were, by item.
    chosen: Vec<(u32, F)>,
}

impl<F: Real> Batch<'_, F> {
    fn task(&self, rows: &[u32]) -> Done<F> {
        let (items, width) = self.shape;
        let most = column_blocks::rows_at_once(self.views.len() * items, TILE).min(rows.len());
        let mut found = vec![Vec::with_capacity(rows.len()); self.views.len()];
        let mut d: Vec<Array2<F>> = vec![Array2::zeros(self.shape); self.views.len()];
        let mut kept: Vec<_> = self.views.iter().map(|_| ColumnBlocks::new(most, items)).collect();
        let none = [F::zero(); BLOCK];
        let mut room = Room { scores: vec![none; self.views.len()], powers: vec![none; self.views.len()] };
        for rows in rows.chunks(most) {
            let own: Vec<Array2<F>> = self.views.iter().map(|view| gather(&view.rows, rows)).collect();
            let tile = self.meet(&own, kept);
            let mut slopes: Vec<Vec<Slopes<F>>> = self.views.iter().map(|_| Vec::with_capacity(rows.len())).collect();
            for r in 0..rows.len() {
                for (m, (row, slope)) in self.choose(&tile, r, &mut room).into_iter().enumerate() {
                    found[m].push(row);
                    slopes[m].push(slope);
                }
            }
            kept = tile.kept;
            for (m, view) in self.views.iter().enumerate() {
                let packed = Packed::new(own[m].view());
                let mut d_own = Array2::zeros(own[m].dim());
                for (b, columns) in column_blocks::of(items).enumerate() {
                    let mut block = kept[m].block_mut(rows.len(), b);
                    for (mut row, slopes) in block.rows_mut().into_iter().zip(&slopes[m]) {
                        let row = row.as_slice_mut().expect("a block of its own");
                        Arch::new().dispatch(Sharpen { of: self.kept, kept: row, scale: slopes.outside });
                        let from = slopes.chosen.partition_point(|&(item, _)| (item as usize) < columns.start);
                        for &(item, slope) in
                            slopes.chosen[from..].iter().take_while(|of| columns.contains(&(of.0 as usize)))
                        {
                            row[item as usize - columns.start] = slope;
                        }
                    }
                    packed.add_product(block.t(), 0..width, d[m].slice_mut(s![columns, ..]));
                    view.blocks[b].add_product(block.view(), 0..width, d_own.view_mut());
                }
                for (&row, d_row) in rows.iter().zip(d_own.rows()) {
                    d[m].row_mut(row as usize).zip_mut_with(&d_row, |d, &part| *d += part);
                }
            }
        }
        (found, d)
    }

    /// The first pass: keeps what is needed of the cosines of rows with all items, and adds up `exp(c)`.
    fn meet(&self, own: &[Array2<F>], mut kept: Vec<ColumnBlocks<F>>) -> Tile<F> {
        let (items, count) = (self.shape.0, own[0].nrows());
        let mut sums = vec![vec![0.0; self.views.len()]; count];
        let mut room = [F::zero(); BLOCK];
        for (b, columns) in column_blocks::of(items).enumerate() {
            for (m, view) in self.views.iter().enumerate() {
                let mut block = kept[m].block_mut(count, b);
                view.transposed.product_into(own[m].view(), columns.clone(), block.view_mut());
                for (mut row, sums) in block.rows_mut().into_iter().zip(&mut sums) {
                    let row = row.as_slice_mut().expect("a block of its own");
                    if let Kept::Exponential(_) = self.kept {
                        Arch::new().dispatch(Exponentials { values: row, scale: F::one() });
                    }
                    sums[m] += Arch::new().dispatch(Sum(self.kept.exponentials(row, &mut room))).as_f64();
                }
            }
        }
        let normalisers = sums.into_iter().map(|sums| sums.into_iter().map(F::of).collect()).collect();
        Tile { kept, normalisers }
    }

    /// The second pass: chooses the items of row `r` in each view, adds them up, and finds the slopes.
    fn choose(&self, tile: &Tile<F>, r: usize, room: &mut Room<F>) -> Vec<(Row, Slopes<F>)> {
        let items = self.shape.0;
        // More than there are is all of them, and the memory is asked for by the smaller number.
        let (first, next) = (self.near.first.min(items), self.near.next.min(items));
        let shares: Vec<F> = tile.normalisers[r].iter().map(|n| n.recip()).collect();
        let mut best: Vec<_> = self.views.iter().map(|_| TopK::new(first)).collect();
        // Among so many at most `first` are in P.
        let mut largest: Vec<_> = self.views.iter().map(|_| TopK::new(first + next)).collect();
        let mut sums: Vec<Vec<f64>> = vec![Vec::new(); self.views.len()];
        for (b, columns) in column_blocks::of(items).enumerate() {
            let kept: Vec<&[F]> = tile.kept.iter().map(|kept| kept.row(r, b)).collect();
            let Room { scores, powers } = &mut *room;
            let powers: Vec<&[F]> =
                kept.iter().zip(powers).map(|(kept, room)| self.kept.exponentials(kept, room)).collect();
            Arch::new().dispatch(Scores { powers: &powers, shares: &shares, scores });
            let from = columns.start as u32;
            for m in 0..self.views.len() {
                best[m].scan(from, &scores[m][..columns.len()]);
                largest[m].scan(from, powers[m]);
                sums[m].push(Arch::new().dispatch(SharpSum { of: self.kept, kept: kept[m] }).as_f64());
            }
        }
        let chosen = best.into_iter().zip(largest).zip(sums).enumerate();
        let items = |best: TopK<F>| best.into_sorted().into_iter().map(|(item, _)| item).collect::<Vec<u32>>();
        chosen
            .map(|(m, ((best, largest), sums))| {
                let first = items(best);
                let mut after = items(largest);
                after.retain(|item| !first.contains(item));
                after.truncate(next);
                let sharp = |item: u32| {
                    let (b, column) = (item as usize / BLOCK, item as usize % BLOCK);
                    self.kept.sharp([tile.kept[m].row(r, b)[column]])[0]
                };
                let [of_first, of_next] =
                    [&first, &after].map(|items| items.iter().map(|&item| sharp(item)).collect::<Vec<F>>());
                let far = self.without(&first, sums, &tile.kept[m], r);
                self.row(tile.normalisers[r][m], [first, after], [of_first, of_next], far)
            })
            .collect()
    }

    /// The sum `R` over all items outside `P`. Blocks that have items of `P` are added up again without them: nothing is subtracted.
    fn without(&self, first: &[u32], mut sums: Vec<f64>, kept: &ColumnBlocks<F>, r: usize) -> f64 {
        let mut blocks: Vec<usize> = first.iter().map(|&item| item as usize / BLOCK).collect();
        blocks.sort_unstable();
        blocks.dedup();
        for b in blocks {
            let mut sharp = kept.row(r, b).to_vec();
            Arch::new().dispatch(Sharpen { of: self.kept, kept: &mut sharp, scale: F::one() });
            for &item in first.iter().filter(|&&item| item as usize / BLOCK == b) {
                sharp[item as usize % BLOCK] = F::zero();
            }
            sums[b] = Arch::new().dispatch(Sum(&sharp)).as_f64();
        }
        sums.iter().sum()
    }

    /// The cost of a row, and its slopes.
    fn row(
        &self,
        normaliser: F,
        [first, next]: [Vec<u32>; 2],
        [of_first, of_next]: [Vec<F>; 2],
        r: f64,
    ) -> (Row, Slopes<F>) {
        let sum = |of: &[F]| of.iter().map(|e| e.as_f64()).sum::<f64>();
        let (m, q) = (sum(&of_first), sum(&of_next));
        let t = m + r;
        let second = if r > 0.0 { -(q / r + EPSILON).ln() } else { 0.0 };
        let cost = -(m / t + EPSILON).ln() + second;

        let share = 1.0 / (self.near.temperature * self.count as f64 * self.views.len() as f64);
        let by_near = share / (t * t * (m / t + EPSILON));
        let by_next = if r > 0.0 { share / (r * (q / r + EPSILON)) } else { 0.0 };
        let outside = if r > 0.0 { m * by_near + q / r * by_next } else { 0.0 };
        let mut chosen = Vec::with_capacity(first.len() + next.len());
        for (items, of, factor) in [(&first, of_first, -r * by_near), (&next, of_next, outside - by_next)] {
            let factor = F::of(factor);
            chosen.extend(items.iter().zip(of).map(|(&item, e)| (item, factor * e)));
        }
        chosen.sort_unstable_by_key(|&(item, _)| item);
        let row = Row { normaliser: normaliser.as_f64(), first, next, near: m, beside: q, far: r, cost };
        (row, Slopes { outside: F::of(outside), chosen })
    }
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

/// `x <- scale · exp(c/τ)` of what was kept of cosines.
struct Sharpen<'a, F> {
    of: Kept,
    kept: &'a mut [F],
    scale: F,
}

impl<F: Real> WithSimd for Sharpen<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Sharpen { of, kept, scale } = self;
        let (blocks, rest) = kept.as_chunks_mut::<LANES>();
        for block in blocks {
            let e = of.sharp(*block);
            for lane in 0..LANES {
                block[lane] = scale * e[lane];
            }
        }
        for x in rest {
            let [e] = of.sharp([*x]);
            *x = scale * e;
        }
    }
}

/// The sum of `exp(c/τ)` of what was kept of cosines, in [`LANES`] partial sums.
struct SharpSum<'a, F> {
    of: Kept,
    kept: &'a [F],
}

impl<F: Real> WithSimd for SharpSum<'_, F> {
    type Output = F;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> F {
        let (blocks, rest) = self.kept.as_chunks::<LANES>();
        let mut sums = [F::zero(); LANES];
        for block in blocks {
            let e = self.of.sharp(*block);
            for lane in 0..LANES {
                sums[lane] += e[lane];
            }
        }
        sums.into_iter().sum::<F>() + rest.iter().map(|&x| self.of.sharp([x])[0]).sum::<F>()
    }
}

/// `Σ_l π_l,j + π_m,j` of a block of items `j` for each view `m`, `π = share · power`.
struct Scores<'a, F> {
    powers: &'a [&'a [F]],
    shares: &'a [F],
    scores: &'a mut [[F; BLOCK]],
}

impl<F: Real> WithSimd for Scores<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Scores { powers, shares, scores } = self;
        let mut total = [F::zero(); BLOCK];
        for (powers, &share) in powers.iter().zip(shares) {
            total.iter_mut().zip(*powers).for_each(|(total, &power)| *total += share * power);
        }
        for ((scores, powers), &share) in scores.iter_mut().zip(powers).zip(shares) {
            let own = powers.iter().map(|&power| share * power);
            scores.iter_mut().zip(&total).zip(own).for_each(|((score, &total), own)| *score = total + own);
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
    fn items_of_many_blocks_and_any_temperature_agree_with_whole_tables() {
        let items = 2 * BLOCK + 40;
        let rows: Vec<u32> = (0..items as u32).step_by(97).collect();
        let rng = &mut random::generator(9);
        let units: Vec<_> = (0..3).map(|_| unit(&random::matrix(items, 4, rng)).rows).collect();
        let views: Vec<_> = units.iter().map(|unit| unit.view()).collect();
        // 1/τ is 1, 5 (binary 101), 6 (110), 50, and no whole number.
        for temperature in [1.0, 0.2, 1.0 / 6.0, 0.02, 0.3] {
            let near = Near { first: 3, next: 2, temperature };
            let loss = neighbour_discrimination(&views, &rows, near);
            for m in 0..3 {
                let want = rows.iter().map(|&i| plain(&units, m, i as usize, near)).sum::<f64>() / rows.len() as f64;
                assert_close_scalar(&format!("view {m} at {temperature}"), loss.by_view[m], want, 1e-12);
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
