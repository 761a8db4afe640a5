//! `T = X[rows] Vᵀ`: `X` `[I, F]`, `V` `[D, F]`, `T` `[n, D]`.
//!
//! `Vᵀ` is packed in blocks of [`DEPTH`] of its `F` rows, small enough to stay in the L1 and L2 cache while a block of the table's
//! columns walks past it. Eight rows are multiplied together, and meanwhile the next eight are asked for.

use super::fast::fast;
use crate::tile::{self, PANEL};
use crate::{Real, prefetch::prefetch, product, rows::Rows, tasks};
use ndarray::{Array2, ArrayView2};
use pulp::{Arch, Simd, WithSimd};

/// Columns of the table that are multiplied before the next block of them.
const DEPTH: usize = 256;
/// Rows of the result made by one task.
const TASK: usize = 128;
/// Numbers in a cache line.
const LINE: usize = 16;

/// Multiplies rows of a table with the transpose of a thin matrix: `X[rows] Vᵀ`, `[n, D]`.
///
/// # Panics
/// When `x` and `v` differ in width, or `rows` do not ascend within `x`.
pub fn times_transposed<F: Real>(x: ArrayView2<F>, rows: Rows, v: ArrayView2<F>) -> Array2<F> {
    assert_eq!(x.ncols(), v.ncols(), "times_transposed: {:?} times the transpose of {:?}", x.dim(), v.dim());
    rows.check(x.nrows());
    let thin = v.nrows();
    let mut t = Array2::zeros((rows.count(x.nrows()), thin));
    match (fast(&x, &v, thin), F::as_f32s_mut(t.as_slice_mut().expect("a fresh matrix"))) {
        (Some((x_values, v)), Some(t)) => {
            let (width, packed) = (x.ncols(), pack(v, x.ncols()));
            tasks::each(t.chunks_mut(TASK * thin).enumerate(), |(task, t)| {
                multiply(Task { x: x_values, width, rows, first: task * TASK, packed: &packed, thin, t });
            });
        }
        _ => t = product(&rows.of(x), &v.t()),
    }
    t
}

/// Runs a task. Not generic, so that it is compiled here and once.
fn multiply(task: Task) {
    Arch::new().dispatch(task);
}

/// `Vᵀ`: for each block of `DEPTH` columns of `V` its panels, each `[depth, PANEL]`; what the last panel lacks is zero.
fn pack(v: &[f32], width: usize) -> Vec<f32> {
    let thin = v.len() / width;
    let whole = thin.next_multiple_of(PANEL);
    let mut packed = vec![0.0; whole * width];
    tasks::each(packed.chunks_mut(DEPTH * whole).enumerate(), |(block, packed)| {
        let depth = packed.len() / whole;
        for (panel, packed) in packed.chunks_mut(depth * PANEL).enumerate() {
            for d in 0..PANEL.min(thin - panel * PANEL) {
                let row = &v[(panel * PANEL + d) * width + block * DEPTH..][..depth];
                for (p, &value) in row.iter().enumerate() {
                    packed[p * PANEL + d] = value;
                }
            }
        }
    });
    packed
}

/// Rows `first..` of the result.
struct Task<'a> {
    x: &'a [f32],
    width: usize,
    rows: Rows<'a>,
    first: usize,
    packed: &'a [f32],
    thin: usize,
    t: &'a mut [f32],
}

impl WithSimd for Task<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::F32_LANES == 16 { self.run::<S, 8, 2>(simd) } else { self.run::<S, 4, 2>(simd) }
    }
}

impl<'a> Task<'a> {
    #[inline(always)]
    fn run<S: Simd, const ROWS: usize, const VECS: usize>(self, simd: S) {
        let Task { x, width, rows, first, packed, thin, t } = self;
        let count = t.len() / thin;
        let whole = thin.next_multiple_of(PANEL);
        for (block, packed) in packed.chunks(DEPTH * whole).enumerate() {
            let depth = packed.len() / whole;
            let row = |n: usize| &x[rows.at(first + n) * width + block * DEPTH..][..depth];
            let mut n = 0;
            while n + ROWS <= count {
                let here: [&[f32]; ROWS] = std::array::from_fn(|r| row(n + r));
                let next: [&[f32]; ROWS] = std::array::from_fn(|r| row((n + ROWS + r).min(count - 1)));
                let t = &mut t[n * thin..(n + ROWS) * thin];
                rows_of_block::<S, ROWS, VECS>(simd, here, next, packed, block == 0, t, thin);
                n += ROWS;
            }
            while n < count {
                let t = &mut t[n * thin..(n + 1) * thin];
                rows_of_block::<S, 1, VECS>(simd, [row(n)], [row((n + 1).min(count - 1))], packed, block == 0, t, thin);
                n += 1;
            }
        }
    }
}

/// `t <- [t +] here · packed`; asks for the rows `next` on the way.
#[inline(always)]
fn rows_of_block<S: Simd, const ROWS: usize, const VECS: usize>(
    simd: S,
    here: [&[f32]; ROWS],
    next: [&[f32]; ROWS],
    packed: &[f32],
    first_block: bool,
    t: &mut [f32],
    thin: usize,
) {
    let depth = here[0].len();
    for (panel, b) in packed.chunks(depth * PANEL).enumerate() {
        for offset in (0..PANEL).step_by(VECS * S::F32_LANES) {
            let column = panel * PANEL + offset;
            // Each line is asked for once: the first half of the rows beside the first panel, the other half beside the second.
            let half = ROWS.div_ceil(2);
            let (skip, take) = if offset == 0 && panel < 2 { (panel * half, half) } else { (0, 0) };
            let ahead = |from: usize| {
                for row in next.iter().skip(skip).take(take) {
                    prefetch(&row[from..from + 1]);
                }
            };
            // The last panel may be half full.
            if column + VECS * S::F32_LANES <= thin {
                tile_of_block::<S, ROWS, VECS>(simd, here, b, offset, first_block, t, (thin, column), ahead);
            } else if column < thin {
                tile_of_block::<S, ROWS, 1>(simd, here, b, offset, first_block, t, (thin, column), ahead);
            }
        }
    }
}

/// The columns of [`rows_of_block`] that fill `VECS` vectors; `place` is how far apart the rows of `t` lie, and the first column.
#[inline(always)]
fn tile_of_block<S: Simd, const ROWS: usize, const VECS: usize>(
    simd: S,
    here: [&[f32]; ROWS],
    b: &[f32],
    offset: usize,
    first_block: bool,
    t: &mut [f32],
    place: (usize, usize),
    ahead: impl Fn(usize),
) {
    let (depth, (thin, column)) = (here[0].len(), place);
    let mut acc = if first_block { tile::zeros(simd) } else { tile::load::<S, ROWS, VECS>(t, thin, column) };
    for from in (0..depth).step_by(LINE) {
        let to = (from + LINE).min(depth);
        ahead(from);
        let a: [&[f32]; ROWS] = std::array::from_fn(|r| &here[r][from..to]);
        tile::multiply(simd, to - from, a, &b[from * PANEL..], offset, &mut acc);
    }
    tile::store::<S, ROWS, VECS>(&acc, t, thin, column);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::product_plain;

    fn numbered(rows: usize, cols: usize) -> Array2<f32> {
        // Small whole numbers: sums are exact in any order.
        Array2::from_shape_fn((rows, cols), |(i, j)| ((i * 31 + j * 17) % 13) as f32 - 6.0)
    }

    #[test]
    fn equals_the_plain_loops_for_all_and_some_rows() {
        for (rows, width, thin) in [
            (1, 32, 32),
            (9, 64, 64),
            (300, 320, 64),
            (37, 288, 96),
            (29, 544, 80),
            (9, 64, 16),
            (20, 50, 64),
            (20, 64, 7),
        ] {
            let (x, v) = (numbered(rows, width), numbered(thin, width));
            let want = product_plain(x.view(), v.t());
            assert_eq!(times_transposed(x.view(), Rows::All, v.view()), want, "{rows} x {width} x {thin}");
            let some: Vec<u32> = (0..rows as u32).filter(|r| r % 3 != 1).collect();
            let picked = crate::rows::gather(&want, &some);
            assert_eq!(times_transposed(x.view(), Rows::Some(&some), v.view()), picked, "some of {rows} x {width}");
        }
    }

    #[test]
    fn a_row_has_the_same_bits_in_any_company_and_on_any_threads() {
        let x = Array2::from_shape_fn((700, 416), |(i, j)| ((i * 7 + j) as f32 * 0.37).sin());
        let v = Array2::from_shape_fn((64, 416), |(i, j)| ((i * 3 + j) as f32 * 0.71).cos());
        let some: Vec<u32> = (0..700).filter(|r| r % 5 < 2).collect();
        let all = times_transposed(x.view(), Rows::All, v.view());
        for threads in [1, 2, 3, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let picked = pool.install(|| times_transposed(x.view(), Rows::Some(&some), v.view()));
            assert_eq!(picked, crate::rows::gather(&all, &some), "{threads} threads");
        }
    }

    #[test]
    fn a_row_has_the_same_bits_in_any_part_of_the_table() {
        for (width, thin) in [(416, 64), (32, 16), (4096, 80)] {
            let x = Array2::from_shape_fn((140, width), |(i, j)| ((i * 7 + j) as f32 * 0.37).sin());
            let v = Array2::from_shape_fn((thin, width), |(i, j)| ((i * 3 + j) as f32 * 0.71).cos());
            let all = times_transposed(x.view(), Rows::All, v.view());
            for range in [0..1, 1..2, 0..7, 3..12, 5..140, 139..140] {
                let part = times_transposed(x.slice(ndarray::s![range.clone(), ..]), Rows::All, v.view());
                assert_eq!(part, all.slice(ndarray::s![range.clone(), ..]), "rows {range:?} x {width} x {thin}");
            }
        }
    }
}
