//! `C = A B` for a `B` that many tasks multiply by: packed once, read by all.
//!
//! A general product packs `B` again in every call. Where a loop walks over tiles of a large result (all pairs of items, all users
//! times all items, a batch against itself) each tile is a call, and packing costs as much as a part of the product. Here
//! `B` is packed once: blocks of `DEPTH` of its rows, in each the panels of 32 columns, `[depth, 32]` each. The tiles are
//! made on the calling thread.
//!
//! The fast kernel is for `f32`; for `f64` the product is [`product_serial_into`]. So it is under the [`portable`] switch, which decides when
//! a product is computed, not when a factor is packed: a matrix that was packed before the switch is unpacked where it is needed. That is
//! slow, and only happens to a program that switches late.

use crate::tile::{self, PANEL, PanelRows, Strided};
use crate::{Real, portable, prefetch::prefetch, product_serial_into, rows::ROWS_PER_TASK, tasks};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2, CowArray, Ix2, s};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Ranges of columns start, and for tiles of a transposed product end, at multiples of this.
pub const GRAIN: usize = PANEL;

/// Rows of `B` in a block: a panel of so many stays in the L1 cache.
const DEPTH: usize = 256;
/// Half of a block: two panels of so many rows stay in the L1 cache together.
const HALF: usize = 128;
/// Steps of a tile between two lines asked for.
const STEPS: usize = 8;
/// Numbers in a cache line.
const LINE: usize = 16;
/// Rows of `A` multiplied by a panel before the next one: with [`DEPTH`] columns they stay in the L2 cache.
const HEIGHT: usize = ROWS_PER_TASK;
/// Rows of `A` that lie so many numbers apart, or more, are copied side by side: the cache may not hold them together.
const FAR: usize = 1024;

#[derive(Clone, Copy, PartialEq)]
enum Existing {
    Overwrite,
    AddTo,
}

/// `B` `[k, n]`, packed.
#[derive(Clone, Debug)]
pub struct Packed<F> {
    k: usize,
    n: usize,
    form: Form<F>,
}

#[derive(Clone, Debug)]
enum Form<F> {
    Panels(Vec<f32>),
    Plain(Array2<F>),
}

impl<F: Real> Packed<F> {
    /// Packs `b` `[k, n]`, of any layout, on all threads.
    pub fn new(b: ArrayView2<F>) -> Self {
        let (k, n) = b.dim();
        let form = if is_fast::<F>() { Form::Panels(pack(b)) } else { Form::Plain(b.to_owned()) };
        Packed { k, n, form }
    }

    /// Packs the transpose of some rows of a table, each times its factor: `B = (diag(factors) X[rows])ᵀ` `[F, n]`. They are read once, where
    /// they lie.
    ///
    /// # Panics
    /// When there is not a factor for each row, or a row is not in the table.
    pub fn of_rows(x: ArrayView2<F>, rows: &[u32], factors: ArrayView1<F>) -> Self {
        assert_eq!(rows.len(), factors.len(), "packed: a factor for each row");
        let (k, n) = (x.ncols(), rows.len());
        let (Some(x), true) = (x.to_slice().and_then(F::as_f32s), is_fast::<F>()) else {
            let scaled = |(j, i): (usize, usize)| x[[rows[i] as usize, j]] * factors[i];
            return Packed { k, n, form: Form::Plain(Array2::from_shape_fn((k, n), scaled)) };
        };
        let panels = fill_panels(k, n, |block, columns, panel| {
            for (column, n) in columns.enumerate() {
                let (row, factor) = (rows[n] as usize, factors[n].as_f64() as f32);
                let values = &x[row * k..(row + 1) * k][block.clone()];
                values.iter().zip(panel[column..].iter_mut().step_by(PANEL)).for_each(|(&v, p)| *p = v * factor);
            }
        });
        Packed { k, n, form: Form::Panels(panels) }
    }

    /// Returns the number of columns of `B`.
    pub fn columns(&self) -> usize {
        self.n
    }

    /// `A B`, a new `[m, n]`, on the calling thread.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn product(&self, a: ArrayView2<F>) -> Array2<F> {
        let mut c = Array2::zeros((a.nrows(), self.n));
        self.add_product(a, 0..self.n, c.view_mut());
        c
    }

    /// `C <- A B[:, columns]`, `A` `[m, k]`, `C` `[m, columns.len()]`, on the calling thread.
    ///
    /// # Panics
    /// When the shapes do not fit, `columns` does not start at a multiple of 32, or `C` is not in standard layout.
    pub fn product_into(&self, a: ArrayView2<F>, columns: Range<usize>, c: ArrayViewMut2<F>) {
        self.multiply(a, columns, c, Existing::Overwrite);
    }

    /// `C <- C + A B[:, columns]`; otherwise like [`product_into`](Self::product_into).
    ///
    /// # Panics
    /// Panics in the same cases as [`product_into`](Self::product_into).
    pub fn add_product(&self, a: ArrayView2<F>, columns: Range<usize>, c: ArrayViewMut2<F>) {
        self.multiply(a, columns, c, Existing::AddTo);
    }

    fn multiply(&self, a: ArrayView2<F>, columns: Range<usize>, mut c: ArrayViewMut2<F>, existing: Existing) {
        assert!(
            a.ncols() == self.k && columns.end <= self.n && c.dim() == (a.nrows(), columns.len()),
            "packed product: {:?} x columns {columns:?} of {:?} does not give {:?}",
            a.dim(),
            (self.k, self.n),
            c.dim()
        );
        assert!(columns.start.is_multiple_of(PANEL), "packed product: columns from a multiple of {PANEL}");
        if existing == Existing::Overwrite && self.k == 0 {
            c.fill(F::zero());
        }
        if c.is_empty() || self.k == 0 {
            return;
        }
        match &self.form {
            Form::Panels(panels) if is_fast::<F>() => {
                let whole = "packed product: C in standard layout";
                let c = F::as_f32s_mut(c.as_slice_mut().expect(whole)).expect("f32, as B is");
                let width = self.n.next_multiple_of(PANEL);
                Arch::new().dispatch(Multiply { a, width, panels, columns, c, existing });
            }
            _ => {
                let mut product = Array2::zeros(c.dim());
                product_serial_into(product.view_mut(), &a, &self.plain(columns));
                if existing == Existing::AddTo {
                    product += &c;
                }
                c.assign(&product);
            }
        }
    }

    /// Some columns of `B` `[k, columns.len()]`, as they were before they were packed.
    fn plain(&self, columns: Range<usize>) -> CowArray<'_, F, Ix2> {
        match &self.form {
            Form::Plain(b) => b.slice(s![.., columns]).into(),
            Form::Panels(panels) => {
                let width = self.n.next_multiple_of(PANEL);
                let at = |row: usize, column: usize| {
                    let block = row / DEPTH * DEPTH;
                    let depth = DEPTH.min(self.k - block);
                    let panel = block * width + column / PANEL * PANEL * depth;
                    F::of(f64::from(panels[panel + (row - block) * PANEL + column % PANEL]))
                };
                Array2::from_shape_fn((self.k, columns.len()), |(i, j)| at(i, columns.start + j)).into()
            }
        }
    }
}

impl<F: Real> Packed<F> {
    /// `C <- C + L[:, rows]ᵀ B[:, columns]` for another packed `L` `[k, m]`, on the calling thread: a tile of `Lᵀ B`, both factors
    /// read as they are packed.
    ///
    /// Ranges may reach past the last column up to the next multiple of 32; there the factors are zero.
    ///
    /// # Panics
    /// When `L` and `B` differ in `k`, a range does not start and end at multiples of 32 or reaches too far, or `C` has not their
    /// lengths or is not in standard layout.
    pub fn add_transposed_product(
        &self,
        left: &Packed<F>,
        rows: Range<usize>,
        columns: Range<usize>,
        mut c: ArrayViewMut2<F>,
    ) {
        let fits = |range: &Range<usize>, n: usize| {
            let whole = range.start.is_multiple_of(PANEL) && range.end.is_multiple_of(PANEL);
            whole && range.end <= n.next_multiple_of(PANEL)
        };
        assert!(
            left.k == self.k && fits(&rows, left.n) && fits(&columns, self.n) && c.dim() == (rows.len(), columns.len()),
            "packed product: columns {rows:?} of {:?}, transposed, x columns {columns:?} of {:?} into {:?}",
            (left.k, left.n),
            (self.k, self.n),
            c.dim()
        );
        match (&left.form, &self.form) {
            (Form::Panels(left_panels), Form::Panels(panels)) if is_fast::<F>() => {
                let whole = "packed product: C in standard layout";
                let c = F::as_f32s_mut(c.as_slice_mut().expect(whole)).expect("f32, as B is");
                let left = Factor { panels: left_panels, width: left.n.next_multiple_of(PANEL), columns: rows };
                let right = Factor { panels, width: self.n.next_multiple_of(PANEL), columns };
                Arch::new().dispatch(TransposedMultiply { k: self.k, left, right, c });
            }
            _ => {
                let (m, n) = (rows.end.min(left.n) - rows.start, columns.end.min(self.n) - columns.start);
                let mut product = Array2::zeros((m, n));
                let (left, right) =
                    (left.plain(rows.start..rows.start + m), self.plain(columns.start..columns.start + n));
                product_serial_into(product.view_mut(), &left.t(), &right);
                c.slice_mut(s![..m, ..n]).zip_mut_with(&product, |c, &p| *c += p);
            }
        }
    }
}

/// Some columns of a packed matrix.
struct Factor<'a> {
    panels: &'a [f32],
    width: usize,
    columns: Range<usize>,
}

impl<'a> Factor<'a> {
    /// The panels of these columns in the block of rows that starts at `from`; empty past the last.
    #[inline(always)]
    fn block(&self, from: usize, depth: usize) -> &'a [f32] {
        let block = self.panels.get(from * self.width..).unwrap_or_default();
        block.get(self.columns.start * depth..self.columns.end * depth).unwrap_or_default()
    }
}

struct TransposedMultiply<'a> {
    k: usize,
    left: Factor<'a>,
    right: Factor<'a>,
    c: &'a mut [f32],
}

impl WithSimd for TransposedMultiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::F32_LANES == 16 { self.run::<S, 8, 2>(simd) } else { self.run::<S, 4, 2>(simd) }
    }
}

impl TransposedMultiply<'_> {
    #[inline(always)]
    fn run<S: Simd, const ROWS: usize, const VECS: usize>(self, simd: S) {
        let TransposedMultiply { k, left, right, c } = self;
        let n = right.columns.len();
        for from in (0..k).step_by(DEPTH) {
            let depth = DEPTH.min(k - from);
            let (lefts, rights) = (left.block(from, depth), right.block(from, depth));
            // What the next block needs is asked for while this one is multiplied, a line of each factor at a time.
            let next = from + depth;
            let next_depth = DEPTH.min(k - next);
            let (next_lefts, next_rights) = (left.block(next, next_depth), right.block(next, next_depth));
            let mut line = 0;
            for half in (0..depth).step_by(HALF) {
                let steps = half..depth.min(half + HALF);
                for (i, left) in lefts.chunks(depth * PANEL).enumerate() {
                    for (j, right) in rights.chunks(depth * PANEL).enumerate() {
                        for row in (0..PANEL).step_by(ROWS) {
                            let c = &mut c[(i * PANEL + row) * n..];
                            for offset in (0..PANEL).step_by(VECS * S::F32_LANES) {
                                let mut acc = tile::load::<S, ROWS, VECS>(c, n, j * PANEL + offset);
                                for p in steps.clone().step_by(STEPS) {
                                    for next in [next_lefts, next_rights] {
                                        if let Some(value) = next.get(line..line + 1) {
                                            prefetch(value);
                                        }
                                    }
                                    line += LINE;
                                    let a = PanelRows { panel: &left[p * PANEL + row..] };
                                    let count = STEPS.min(steps.end - p);
                                    tile::multiply::<S, ROWS, VECS>(
                                        simd,
                                        count,
                                        a,
                                        &right[p * PANEL..],
                                        offset,
                                        &mut acc,
                                    );
                                }
                                tile::store::<S, ROWS, VECS>(&acc, c, n, j * PANEL + offset);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Whether products of this type take the panels at this moment.
fn is_fast<F: Real>() -> bool {
    F::as_f32s(&[]).is_some() && !portable::is_chosen()
}

fn pack<F: Real>(b: ArrayView2<F>) -> Vec<f32> {
    let (k, n) = b.dim();
    fill_panels(k, n, |block, columns, packed| {
        let b = b.slice(s![block, columns]);
        if b.strides()[0] == 1 {
            // The transpose of a row-major matrix: read along its rows.
            for (column, values) in b.columns().into_iter().enumerate() {
                let values = values.to_slice().and_then(F::as_f32s).expect("a column of f32");
                values.iter().zip(packed[column..].iter_mut().step_by(PANEL)).for_each(|(&value, p)| *p = value);
            }
        } else {
            for (row, packed) in b.rows().into_iter().zip(packed.chunks_mut(PANEL)) {
                row.iter().zip(packed).for_each(|(value, p)| *p = value.as_f64() as f32);
            }
        }
    })
}

/// The panels of a `[k, n]`: `fill(rows of B, columns of B, panel)` for each, the panel zeroed.
fn fill_panels(k: usize, n: usize, fill: impl Fn(Range<usize>, Range<usize>, &mut [f32]) + Sync) -> Vec<f32> {
    let width = n.next_multiple_of(PANEL);
    let mut packed = vec![0.0; k * width];
    if packed.is_empty() {
        return packed;
    }
    tasks::each(packed.chunks_mut(DEPTH * width).enumerate(), |(block, packed)| {
        let depth = packed.len() / width;
        tasks::each(packed.chunks_mut(depth * PANEL).enumerate(), |(panel, packed)| {
            fill(block * DEPTH..block * DEPTH + depth, panel * PANEL..n.min((panel + 1) * PANEL), packed);
        });
    });
    packed
}

struct Multiply<'a, F> {
    a: ArrayView2<'a, F>,
    /// Columns of `B`, those of the last panel filled up.
    width: usize,
    panels: &'a [f32],
    columns: Range<usize>,
    c: &'a mut [f32],
    existing: Existing,
}

impl<F: Real> WithSimd for Multiply<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Multiply { a, width, panels, columns, c, existing } = self;
        let (m, k) = a.dim();
        let n = columns.len();
        let whole = a.to_slice_memory_order().and_then(F::as_f32s);
        let mut copied = Vec::new();
        for from in (0..k).step_by(DEPTH) {
            let depth = DEPTH.min(k - from);
            let block = &panels[from * width..(from + depth) * width][columns.start * depth..];
            for top in (0..m).step_by(HEIGHT) {
                let height = HEIGHT.min(m - top);
                let a = beside(&mut copied, whole, a, top..top + height, from..from + depth);
                let c = &mut c[top * n..(top + height) * n];
                let fresh = from == 0 && existing == Existing::Overwrite;
                if S::F32_LANES == 16 {
                    multiply_block::<S, 8, 2>(simd, a, height, block, depth, c, n, fresh);
                } else {
                    multiply_block::<S, 4, 2>(simd, a, height, block, depth, c, n, fresh);
                }
            }
        }
    }
}

/// A block of `A`: where it lies, or copied row by row when `A` is not `whole` or its rows lie far apart.
#[inline(always)]
fn beside<'a, F: Real>(
    copied: &'a mut Vec<f32>,
    whole: Option<&'a [f32]>,
    a: ArrayView2<'a, F>,
    rows: Range<usize>,
    columns: Range<usize>,
) -> Strided<'a> {
    let (row, column) = (a.strides()[0], a.strides()[1]);
    let near = column == 1 && (0..FAR as isize).contains(&row);
    let transposed = row == 1 && column >= 0;
    if let Some(values) = whole.filter(|_| near || transposed) {
        let (row, column) = (row as usize, column as usize);
        return Strided { values: &values[rows.start * row + columns.start * column..], row, column };
    }
    copied.clear();
    let width = columns.len();
    for row in a.slice(s![rows, columns]).rows() {
        match row.to_slice().and_then(F::as_f32s) {
            Some(row) => copied.extend_from_slice(row),
            None => copied.extend(row.iter().map(|value| value.as_f64() as f32)),
        }
    }
    Strided { values: copied, row: width, column: 1 }
}

/// `c <- [c +] a · block`, `c` `[height, n]`, `a` `[height, depth]`, `block` the panels of `B` from the first column of `c` on.
#[inline(always)]
fn multiply_block<S: Simd, const ROWS: usize, const VECS: usize>(
    simd: S,
    a: Strided,
    height: usize,
    block: &[f32],
    depth: usize,
    c: &mut [f32],
    n: usize,
    fresh: bool,
) {
    for (panel, column) in block.chunks(depth * PANEL).zip((0..n).step_by(PANEL)) {
        let mut top = 0;
        while top + ROWS <= height {
            multiply_rows::<S, ROWS, VECS>(simd, a.skip_rows(top), panel, depth, &mut c[top * n..], n, column, fresh);
            top += ROWS;
        }
        while top + 4 <= height {
            multiply_rows::<S, 4, VECS>(simd, a.skip_rows(top), panel, depth, &mut c[top * n..], n, column, fresh);
            top += 4;
        }
        while top < height {
            multiply_rows::<S, 1, VECS>(simd, a.skip_rows(top), panel, depth, &mut c[top * n..], n, column, fresh);
            top += 1;
        }
    }
}

/// `ROWS` rows of [`multiply_block`] and one panel.
#[inline(always)]
fn multiply_rows<S: Simd, const ROWS: usize, const VECS: usize>(
    simd: S,
    a: Strided,
    panel: &[f32],
    depth: usize,
    c: &mut [f32],
    n: usize,
    column: usize,
    fresh: bool,
) {
    for offset in (0..PANEL).step_by(VECS * S::F32_LANES) {
        let from = column + offset;
        let columns = (VECS * S::F32_LANES).min(n.saturating_sub(from));
        if columns == VECS * S::F32_LANES {
            let mut acc = if fresh { tile::zeros(simd) } else { tile::load::<S, ROWS, VECS>(c, n, from) };
            tile::multiply::<S, ROWS, VECS>(simd, depth, a, panel, offset, &mut acc);
            tile::store::<S, ROWS, VECS>(&acc, c, n, from);
        } else if columns > 0 {
            // The last columns do not fill a tile: they go through one that is whole.
            let mut edge = [[0.0; PANEL]; ROWS];
            for r in (0..ROWS).filter(|_| !fresh) {
                edge[r][..columns].copy_from_slice(&c[r * n + from..][..columns]);
            }
            let mut acc = tile::load::<S, ROWS, VECS>(edge.as_flattened(), PANEL, 0);
            tile::multiply::<S, ROWS, VECS>(simd, depth, a, panel, offset, &mut acc);
            tile::store::<S, ROWS, VECS>(&acc, edge.as_flattened_mut(), PANEL, 0);
            for r in 0..ROWS {
                c[r * n + from..][..columns].copy_from_slice(&edge[r][..columns]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::product_plain;
    use ndarray::{Array1, ShapeBuilder};

    /// Small whole numbers: sums are exact in any order.
    fn numbered<F: Real>(rows: usize, cols: usize, salt: usize) -> Array2<F> {
        Array2::from_shape_fn((rows, cols), |(i, j)| F::of(((i * 31 + j * 17 + salt) % 13) as f64 - 6.0))
    }

    fn compare<F: Real>(m: usize, k: usize, n: usize) {
        let (a, b) = (numbered::<F>(m, k, 0), numbered::<F>(k, n, 5));
        let want = product_plain(a.view(), b.view());
        let transposed = b.t().as_standard_layout().into_owned();
        let a_by_columns = Array2::from_shape_vec((m, k).f(), a.t().iter().copied().collect()).unwrap();
        for packed in [Packed::new(b.view()), Packed::new(transposed.t())] {
            for a in [a.view(), a_by_columns.view()] {
                let mut c = Array2::from_elem((m, n), F::of(9.0));
                packed.product_into(a, 0..n, c.view_mut());
                assert_eq!(c, want, "{m} x {k} x {n}");
            }
            let first = 32.min(n / 32 * 32);
            let mut c = Array2::from_elem((m, n - first), F::of(2.0));
            packed.add_product(a.view(), first..n, c.view_mut());
            assert_eq!(c, &want.slice(s![.., first..]) + F::of(2.0), "columns {first}.. of {m} x {k} x {n}");
        }
    }

    #[test]
    fn equals_the_plain_loops_for_all_layouts() {
        for (m, k, n) in [(1, 1, 1), (13, 64, 40), (300, 700, 96), (64, 3000, 65), (5, 8, 31), (0, 3, 2), (2, 0, 3)] {
            compare::<f32>(m, k, n);
            compare::<f64>(m, k, n);
        }
    }

    #[test]
    fn rows_that_lie_far_apart_or_in_pieces_are_copied() {
        let wide = numbered::<f32>(30, 2 * FAR, 1);
        let b = numbered(2 * FAR, 33, 2);
        let mut c = Array2::zeros((30, 33));
        Packed::new(b.view()).product_into(wide.view(), 0..33, c.view_mut());
        assert_eq!(c, product_plain(wide.view(), b.view()));
        let some = wide.slice(s![..;3, 5..40]);
        let b = numbered(35, 33, 3);
        let mut c = Array2::zeros((10, 33));
        Packed::new(b.view()).product_into(some, 0..33, c.view_mut());
        assert_eq!(c, product_plain(some, b.view()));
    }

    #[test]
    fn tiles_of_a_transposed_product_equal_the_plain_loops() {
        fn compare<F: Real>(k: usize, m: usize, n: usize) {
            let (l, b) = (numbered::<F>(k, m, 0), numbered::<F>(k, n, 5));
            let (rows, columns) = (m / 32 / 2 * 32..m.next_multiple_of(32), n / 32 / 2 * 32..n.next_multiple_of(32));
            let mut want = Array2::from_elem((rows.len(), columns.len()), F::of(2.0));
            let all = product_plain(l.t(), b.view());
            let valid = all.slice(s![rows.start.., columns.start..]);
            want.slice_mut(s![..valid.nrows(), ..valid.ncols()]).zip_mut_with(&valid, |w, &v| *w += v);
            let mut c = Array2::from_elem(want.dim(), F::of(2.0));
            let (l, b) = (Packed::new(l.view()), Packed::new(b.view()));
            b.add_transposed_product(&l, rows, columns, c.view_mut());
            assert_eq!(c, want, "{k} x {m}, {n}");
        }
        for (k, m, n) in [(1, 1, 1), (64, 40, 90), (700, 128, 33), (256, 64, 64)] {
            compare::<f32>(k, m, n);
            compare::<f64>(k, m, n);
        }
    }

    #[test]
    fn rows_of_a_table_are_packed_scaled_and_transposed() {
        fn compare<F: Real>(width: usize) {
            let x = numbered::<F>(50, width, 3);
            let rows: Vec<u32> = (0..40).map(|n| (n * 7 % 50) as u32).collect();
            let factors = Array1::from_shape_fn(40, |n| F::of((n % 3) as f64 - 1.0));
            let scaled = Array2::from_shape_fn((40, width), |(n, j)| x[[rows[n] as usize, j]] * factors[n]);
            let packed = Packed::of_rows(x.view(), &rows, factors.view());
            let left = numbered::<F>(9, width, 1);
            assert_eq!(packed.product(left.view()), product_plain(left.view(), scaled.t()), "{width} wide");
        }
        for width in [1, 300] {
            compare::<f32>(width);
            compare::<f64>(width);
        }
    }

    #[test]
    #[should_panic(expected = "packed product: (2, 3) x columns 0..4 of (2, 4)")]
    fn shapes_that_do_not_fit_are_named() {
        let b = Packed::new(Array2::<f32>::zeros((2, 4)).view());
        b.product_into(Array2::zeros((2, 3)).view(), 0..4, Array2::zeros((2, 4)).view_mut());
    }
}
