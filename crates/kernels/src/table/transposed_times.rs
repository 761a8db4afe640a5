//! `M = Sᵀ X[rows]`: `S` `[n, D]`, `X` `[I, F]`, `M` `[D, F]`.
//!
//! A task owns a strip of the table's columns and walks down all rows, so no sum is shared between threads. Some rows of the
//! strip at a time are copied side by side, into panels: the rows of a table often lie a power of two apart, where the cache
//! could not hold them together. While they are multiplied, the next rows are asked for.

use super::fast::fast;
use crate::tile::{self, PANEL, Strided};
use crate::{Real, prefetch::prefetch, product, rows::Rows, tasks};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use pulp::{Arch, Simd, WithSimd};

/// A strip is at most so wide: a kibibyte of each row.
const WIDEST: usize = 256;
/// Rows copied and multiplied at once.
const DEPTH: usize = 64;
/// Steps of a tile between two lines asked for.
const STEPS: usize = 8;

/// Multiplies the transpose of a thin matrix with rows of a table: `Sᵀ X[rows]`, `[D, F]`.
///
/// # Panics
/// When `s` has not a row for each of `rows`, or `rows` do not ascend within `x`.
pub fn transposed_times<F: Real>(s: ArrayView2<F>, x: ArrayView2<F>, rows: Rows) -> Array2<F> {
    assert_eq!(s.nrows(), rows.count(x.nrows()), "transposed_times: {:?}ᵀ times rows of {:?}", s.dim(), x.dim());
    rows.check(x.nrows());
    let thin = s.ncols();
    match fast(&x, &s, thin) {
        Some((x_values, s)) => {
            let mut m = Array2::zeros((thin, x.ncols()));
            in_strips(&mut m, s, x_values, rows, |_, _| ());
            m
        }
        None => product(&s.t(), &rows.of(x)),
    }
}

/// Continues the sums of [`transposed_times`]: `M <- M + Sᵀ X[rows]`, each number in one chain with what it holds already.
///
/// The rows of one table may come in several calls, in their order: the bits are those of one call.
///
/// # Panics
/// As [`transposed_times`]; when `m` is not `[D, F]`; when the table is not one that is multiplied [row by row](super::row_by_row).
///
/// ```
/// use anchorrec_kernels::rows::Rows;
/// use anchorrec_kernels::table::{continue_transposed_times, transposed_times};
/// use ndarray::{Array2, s};
///
/// let (x, left) = (Array2::from_elem((3, 32), 0.1f32), Array2::from_elem((3, 16), 0.3f32));
/// let mut sums = Array2::zeros((16, 32));
/// for rows in [0..1, 1..3] {
///     continue_transposed_times(&mut sums, left.slice(s![rows.clone(), ..]), x.slice(s![rows, ..]), Rows::All);
/// }
/// assert_eq!(sums, transposed_times(left.view(), x.view(), Rows::All));
/// ```
pub fn continue_transposed_times<F: Real>(m: &mut Array2<F>, s: ArrayView2<F>, x: ArrayView2<F>, rows: Rows) {
    let (thin, width) = (s.ncols(), x.ncols());
    assert_eq!(s.nrows(), rows.count(x.nrows()), "continue_transposed_times: {:?}ᵀ, rows of {:?}", s.dim(), x.dim());
    assert_eq!(m.dim(), (thin, width), "continue_transposed_times: the sums");
    assert!(
        super::row_by_row::<F>(width, thin),
        "continue_transposed_times: {thin} sums of {width} are not one chain each"
    );
    rows.check(x.nrows());
    if let Some((x, s)) = fast(&x, &s, thin) {
        in_strips(m, s, x, rows, copy_into_panels);
    }
}

/// Adds in strips of columns; `begin` fills the sums of a strip, which are zero, with what they start from.
fn in_strips<F: Real>(
    m: &mut Array2<F>,
    s: &[f32],
    x: &[f32],
    rows: Rows,
    begin: impl Fn(ArrayView2<F>, &mut [f32]) + Sync,
) {
    let (thin, width) = m.dim();
    // Narrow tables are cut finer, so that there is work for every thread. Sums do not cross strips.
    let strip = (width / 16).next_multiple_of(PANEL).clamp(2 * PANEL, WIDEST);
    tasks::each(m.axis_chunks_iter_mut(Axis(1), strip).enumerate(), |(task, m)| {
        let mut sums = vec![0.0; thin * m.ncols()];
        begin(m.view(), &mut sums);
        multiply(Task { x, width, rows, s, thin, from: task * strip, sums: &mut sums });
        copy_panels(&sums, m);
    });
}

/// Runs a task. Not generic, so that it is compiled here and once.
fn multiply(task: Task) {
    Arch::new().dispatch(task);
}

/// `sums` are the panels `[D, PANEL]` of `m`.
fn copy_panels<F: Real>(sums: &[f32], mut m: ArrayViewMut2<F>) {
    let thin = m.nrows();
    for (mut m, sums) in m.axis_chunks_iter_mut(Axis(1), PANEL).zip(sums.chunks(thin * PANEL)) {
        for (mut m, sums) in m.rows_mut().into_iter().zip(sums.chunks(PANEL)) {
            let m = m.as_slice_mut().and_then(F::as_f32s_mut).expect("columns of a fresh matrix of f32");
            m.copy_from_slice(sums);
        }
    }
}

/// The way back of [`copy_panels`].
fn copy_into_panels<F: Real>(m: ArrayView2<F>, sums: &mut [f32]) {
    let thin = m.nrows();
    for (m, sums) in m.axis_chunks_iter(Axis(1), PANEL).zip(sums.chunks_mut(thin * PANEL)) {
        for (m, sums) in m.rows().into_iter().zip(sums.chunks_mut(PANEL)) {
            sums.copy_from_slice(m.to_slice().and_then(F::as_f32s).expect("columns of a matrix of f32"));
        }
    }
}

/// The columns `from..` of `M`, as many as `sums` has.
struct Task<'a> {
    x: &'a [f32],
    width: usize,
    rows: Rows<'a>,
    s: &'a [f32],
    thin: usize,
    from: usize,
    sums: &'a mut [f32],
}

impl WithSimd for Task<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::F32_LANES == 16 { self.run::<S, 8, 2>(simd) } else { self.run::<S, 4, 2>(simd) }
    }
}

impl Task<'_> {
    #[inline(always)]
    fn run<S: Simd, const ROWS: usize, const VECS: usize>(self, simd: S) {
        let Task { x, width, rows, s, thin, from, sums } = self;
        let (count, strip) = (s.len() / thin, sums.len() / thin);
        let row = |n: usize| &x[rows.at(n) * width + from..][..strip];
        let mut copied = vec![0.0; DEPTH * strip];
        for first in (0..count).step_by(DEPTH) {
            let depth = DEPTH.min(count - first);
            for n in 0..depth {
                for (panel, columns) in row(first + n).chunks(PANEL).enumerate() {
                    copied[(panel * DEPTH + n) * PANEL..][..PANEL].copy_from_slice(columns);
                }
            }
            for (panel, sums) in sums.chunks_mut(thin * PANEL).enumerate() {
                let b = &copied[panel * DEPTH * PANEL..][..depth * PANEL];
                for d in (0..thin).step_by(ROWS) {
                    // The tiles of a panel ask for the panel's columns of the next rows, each for its share.
                    let share = first + DEPTH + d * DEPTH / thin;
                    let ahead = |step: usize| {
                        let n = share + step / STEPS;
                        if n < count {
                            prefetch(&row(n)[panel * PANEL..][..PANEL]);
                        }
                    };
                    for offset in (0..PANEL).step_by(VECS * S::F32_LANES) {
                        let mut acc = tile::load::<S, ROWS, VECS>(&sums[d * PANEL..], PANEL, offset);
                        for step in (0..depth).step_by(STEPS) {
                            if offset == 0 {
                                ahead(step);
                            }
                            let a = Strided { values: &s[(first + step) * thin + d..], row: 1, column: thin };
                            let steps = STEPS.min(depth - step);
                            tile::multiply::<S, ROWS, VECS>(simd, steps, a, &b[step * PANEL..], offset, &mut acc);
                        }
                        tile::store::<S, ROWS, VECS>(&acc, &mut sums[d * PANEL..], PANEL, offset);
                    }
                }
            }
        }
    }
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
            (64, 4096, 32),
            (130, 288, 80),
            (9, 64, 16),
            (20, 50, 64),
            (20, 64, 7),
        ] {
            let (s, x) = (numbered(rows, thin), numbered(rows, width));
            let want = product_plain(s.t(), x.view());
            assert_eq!(transposed_times(s.view(), x.view(), Rows::All), want, "{rows} x {width} x {thin}");
            let some: Vec<u32> = (0..rows as u32).filter(|r| r % 3 != 1).collect();
            let (s, picked) = (crate::rows::gather(&s, &some), crate::rows::gather(&x, &some));
            let want = product_plain(s.t(), picked.view());
            assert_eq!(transposed_times(s.view(), x.view(), Rows::Some(&some)), want, "some of {rows} x {width}");
        }
    }

    #[test]
    fn sums_that_are_continued_have_the_bits_of_one_call() {
        for (rows, width, thin) in [(700, 416, 64), (65, 32, 16), (300, 4096, 48)] {
            let x = Array2::from_shape_fn((rows, width), |(i, j)| ((i * 7 + j) as f32 * 0.37).sin());
            let s = Array2::from_shape_fn((rows, thin), |(i, j)| ((i * 3 + j) as f32 * 0.71).cos());
            let some: Vec<u32> = (0..rows as u32).filter(|r| r % 5 < 3).collect();
            for listed in [Rows::All, Rows::Some(&some)] {
                let s = if listed == Rows::All { s.clone() } else { crate::rows::gather(&s, &some) };
                let whole = transposed_times(s.view(), x.view(), listed);
                // Cuts beside the blocks of the kernel, an empty part, a part without rows in the list.
                for cuts in [vec![0, 64, rows], vec![0, 1, 1, 3, 63, rows], vec![0, rows / 2 + 1, rows, rows]] {
                    let mut sums = Array2::zeros((thin, width));
                    for cut in cuts.windows(2) {
                        let range = cut[0]..cut[1];
                        let places = listed.between(&range);
                        let own: Vec<u32> = places.clone().map(|n| (listed.at(n) - range.start) as u32).collect();
                        let (s, x) = (s.slice(ndarray::s![places, ..]), x.slice(ndarray::s![range, ..]));
                        continue_transposed_times(&mut sums, s, x, Rows::Some(&own));
                    }
                    assert!(bits(&sums) == bits(&whole), "{rows} x {width} x {thin} cut at {cuts:?}");
                }
            }
        }
    }

    fn bits(matrix: &Array2<f32>) -> Vec<u32> {
        matrix.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    #[should_panic(expected = "not one chain")]
    fn sums_of_general_products_are_not_continued() {
        let x = Array2::<f32>::zeros((4, 50));
        continue_transposed_times(&mut Array2::zeros((50, 50)), x.view(), x.view(), Rows::All);
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let x = Array2::from_shape_fn((700, 416), |(i, j)| ((i * 7 + j) as f32 * 0.37).sin());
        let s = Array2::from_shape_fn((700, 64), |(i, j)| ((i * 3 + j) as f32 * 0.71).cos());
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| transposed_times(s.view(), x.view(), Rows::All))
        };
        let one = on(1);
        for threads in [2, 3, 7] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }
}
