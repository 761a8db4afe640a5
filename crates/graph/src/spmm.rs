//! `Y = S X`: sparse `[rows, inner]` times dense `[inner, D]`.
//!
//! Row `i` of the result is `Σ_j S_ij x_j` over the stored entries of row `i`. The embedding width is known at
//! compile time for strips of 64 columns, so a strip of the result stays in registers while its row is summed;
//! what is left over takes the plain loop. Each row is summed by one thread in the order of its entries, with
//! separate multiplication and addition: the bits depend on neither threads nor instruction set.

use anchorrec_kernels::{FreshRows, Real, fill_row_by_row, prefetch::prefetch};
use ndarray::{Array1, Array2, ArrayBase, ArrayView2, Data, Ix2};
use pulp::{Arch, Simd, WithSimd};
use sprs::{CsMat, CsVecView};

/// Columns summed in registers at once.
const STRIP: usize = 64;
/// Entries ahead of the one in use whose rows of `X` are asked for: rows lie anywhere, and the product waits for memory.
const AHEAD: usize = 24;

/// Sparse times dense: `S X`, `[S.rows, D]`.
///
/// # Panics
/// When `S` is not in row (CSR) order or `S.cols != X.rows`.
///
/// ```
/// use anchorrec_graph::spmm;
/// use ndarray::array;
/// use sprs::CsMat;
///
/// // [[0, 2], [3, 0]]
/// let s = CsMat::new((2, 2), vec![0, 1, 2], vec![1, 0], vec![2.0, 3.0]);
/// assert_eq!(spmm(&s, &array![[1.0, 10.0], [5.0, 50.0]]), array![[10.0, 100.0], [3.0, 30.0]]);
/// ```
pub fn spmm<F: Real>(s: &CsMat<F>, x: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Array2<F> {
    check(s, x);
    let x = x.as_standard_layout();
    fill_row_by_row(s.rows(), x.ncols(), |first, y| task(s, first..first + y.len(), x.view(), None, y))
}

/// Computes a step of Horner's scheme in one pass over the result: `scale · (base + S X)`, `[S.rows, D]`.
///
/// # Panics
/// When `S` is not in row (CSR) order, `S.cols != X.rows`, or `base` has not the shape of the result.
///
/// ```
/// use anchorrec_graph::spmm_add_scaled;
/// use ndarray::array;
/// use sprs::CsMat;
///
/// let s = CsMat::new((1, 2), vec![0, 1], vec![1], vec![2.0]);
/// assert_eq!(spmm_add_scaled(&s, &array![[1.0], [5.0]], &array![[4.0]], 0.5), array![[0.5 * (4.0 + 2.0 * 5.0)]]);
/// ```
pub fn spmm_add_scaled<F: Real>(
    s: &CsMat<F>,
    x: &ArrayBase<impl Data<Elem = F>, Ix2>,
    base: &Array2<F>,
    scale: F,
) -> Array2<F> {
    add_and_scale(s, x, Base::new(s, x.ncols(), base, Scale::All(scale)))
}

/// Computes a layer of means and Horner's step after it in one pass: row `i` is `scales_i (base_i + Σ_j S_ij x_j)`, and `plus_i` more where there is one.
///
/// # Panics
/// When `S` is not in row (CSR) order, `S.cols != X.rows`, or `base`, `plus` or `scales` have not a row for each row of `S`.
pub(crate) fn spmm_add_scaled_by_row<F: Real>(
    s: &CsMat<F>,
    x: &Array2<F>,
    base: &Array2<F>,
    scales: &Array1<F>,
    plus: Option<&Array2<F>>,
) -> Array2<F> {
    assert_eq!(scales.len(), s.rows(), "spmm: a scale for each row");
    let mut base = Base::new(s, x.ncols(), base, Scale::Rows(scales.as_slice().expect("scales in standard layout")));
    base.plus = plus.map(|plus| Base::new(s, x.ncols(), plus, Scale::All(F::one())).values);
    add_and_scale(s, x, base)
}

fn add_and_scale<F: Real>(s: &CsMat<F>, x: &ArrayBase<impl Data<Elem = F>, Ix2>, base: Base<F>) -> Array2<F> {
    check(s, x);
    let x = x.as_standard_layout();
    fill_row_by_row(s.rows(), x.ncols(), |first, y| task(s, first..first + y.len(), x.view(), Some(base), y))
}

/// Computes some rows of a product: the rows `rows` of `S X` and no others, `[rows.len(), D]`, repeats kept.
///
/// # Panics
/// When `S` is not in row (CSR) order, `S.cols != X.rows`, or an index is not a row of `S`.
///
/// ```
/// use anchorrec_graph::spmm_rows;
/// use ndarray::array;
/// use sprs::CsMat;
///
/// let s = CsMat::new((2, 2), vec![0, 1, 2], vec![1, 0], vec![2.0, 3.0]);
/// assert_eq!(spmm_rows(&s, &[1, 0, 1], &array![[1.0], [5.0]]), array![[3.0], [10.0], [3.0]]);
/// ```
pub fn spmm_rows<F: Real>(s: &CsMat<F>, rows: &[u32], x: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Array2<F> {
    check(s, x);
    let x = x.as_standard_layout();
    fill_row_by_row(rows.len(), x.ncols(), |first, y| {
        task(s, rows[first..first + y.len()].iter().map(|&r| r as usize), x.view(), None, y);
    })
}

/// Product with a matrix that has few rows: `S X` where only the rows `rows` of `X` (ascending, each once) are not zero.
///
/// `x` `[rows.len(), D]` holds those rows. The result is `[S.rows, D]`.
///
/// # Panics
/// When `S` is not in row (CSR) order, `x` has not a row for each of `rows`, or one is outside `S`.
///
/// ```
/// use anchorrec_graph::spmm_from_rows;
/// use ndarray::array;
/// use sprs::CsMat;
///
/// let s = CsMat::new((2, 2), vec![0, 1, 2], vec![1, 0], vec![2.0, 3.0]);
/// assert_eq!(spmm_from_rows(&s, &[1], &array![[5.0]]), array![[10.0], [0.0]]);
/// ```
pub fn spmm_from_rows<F: Real>(s: &CsMat<F>, rows: &[u32], x: &Array2<F>) -> Array2<F> {
    assert!(
        s.is_csr() && rows.len() == x.nrows(),
        "spmm_from_rows: {:?} (CSR), {} rows, {:?}",
        s.shape(),
        rows.len(),
        x.dim()
    );
    let mut places = vec![ABSENT; s.cols()];
    rows.iter().enumerate().for_each(|(place, &row)| places[row as usize] = place as u32);
    let values = x.as_slice().expect("standard layout");
    fill_row_by_row(s.rows(), x.ncols(), |first, y| {
        Arch::new().dispatch(FromRows { s, first, places: &places, x: values, width: x.ncols(), y });
    })
}

/// Backward pass of [`spmm_rows`]: `into += S[rows, :]ᵀ Y`, `into` `[S.cols, D]`, `Y` `[rows.len(), D]`.
///
/// One thread: different rows of `S` reach the same place. Meant for few rows; for all of them multiply by the
/// stored transpose.
///
/// # Panics
/// When the shapes do not fit.
///
/// ```
/// use anchorrec_graph::add_transposed_rows;
/// use ndarray::array;
/// use sprs::CsMat;
///
/// let s = CsMat::new((2, 2), vec![0, 1, 2], vec![1, 0], vec![2.0, 3.0]);
/// let mut into = array![[1.0], [1.0]];
/// add_transposed_rows(&mut into, &s, &[0, 0], array![[1.0], [10.0]].view());
/// assert_eq!(into, array![[1.0], [1.0 + 2.0 * 11.0]]);
/// ```
pub fn add_transposed_rows<F: Real>(into: &mut Array2<F>, s: &CsMat<F>, rows: &[u32], y: ArrayView2<F>) {
    assert!(s.is_csr() && s.cols() == into.nrows(), "add_transposed_rows: {:?}ᵀ into {:?}", s.shape(), into.dim());
    assert_eq!((rows.len(), into.ncols()), y.dim(), "add_transposed_rows: one row of Y for each row of S");
    for (&r, y) in rows.iter().zip(y.rows()) {
        for (j, &w) in entries(s, r as usize).iter() {
            into.row_mut(j).zip_mut_with(&y, |a, &b| *a += w * b);
        }
    }
}

fn check<F: Real>(s: &CsMat<F>, x: &ArrayBase<impl Data<Elem = F>, Ix2>) {
    assert!(s.is_csr() && s.cols() == x.nrows(), "spmm: {:?} (CSR) x {:?}", s.shape(), x.dim());
}

fn entries<F: Real>(s: &CsMat<F>, row: usize) -> CsVecView<'_, F> {
    s.outer_view(row).unwrap_or_else(|| panic!("row {row} of a sparse matrix with {} rows", s.rows()))
}

fn task<F: Real>(
    s: &CsMat<F>,
    rows: impl Iterator<Item = usize>,
    x: ArrayView2<F>,
    base: Option<Base<F>>,
    y: &mut FreshRows<F>,
) {
    let (x, width) = (x.to_slice().expect("standard layout"), x.ncols());
    Arch::new().dispatch(Task { s, rows, x, width, base, y });
}

/// What a sum `y` becomes: `scale (b + y) + p` with the same rows `b` and `p` of `[S.rows, D]`.
#[derive(Clone, Copy)]
struct Base<'a, F> {
    values: &'a [F],
    scale: Scale<'a, F>,
    plus: Option<&'a [F]>,
}

/// One number for all rows, or one for each.
#[derive(Clone, Copy)]
enum Scale<'a, F> {
    All(F),
    Rows(&'a [F]),
}

impl<'a, F: Real> Base<'a, F> {
    fn new(s: &CsMat<F>, width: usize, base: &'a Array2<F>, scale: Scale<'a, F>) -> Self {
        assert_eq!(base.dim(), (s.rows(), width), "spmm: base and result");
        Base { values: base.as_slice().expect("base in standard layout"), scale, plus: None }
    }
}

/// The rows `rows` of `S X`.
struct Task<'a, 'y, F, R> {
    s: &'a CsMat<F>,
    rows: R,
    x: &'a [F],
    width: usize,
    base: Option<Base<'a, F>>,
    y: &'a mut FreshRows<'y, F>,
}

// A type of its own: a closure may be compiled outside of what knows the processor's vectors.
impl<F: Real, R: Iterator<Item = usize>> WithSimd for Task<'_, '_, F, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Task { s, rows, x, width, base, y } = self;
        let (starts, indices, weights) = (s.indptr(), s.indices(), s.data());
        let starts = starts.raw_storage();
        for (i, y) in rows.zip(y) {
            let (from, to) = (starts[i], starts[i + 1]);
            let ahead = &indices[(from + AHEAD).min(indices.len())..];
            sum_row(&indices[from..to], &weights[from..to], ahead, x, width, y);
            if let Some(base) = &base {
                let scale = match base.scale {
                    Scale::All(scale) => scale,
                    Scale::Rows(scales) => scales[i],
                };
                let own = i * width..(i + 1) * width;
                y.iter_mut().zip(&base.values[own.clone()]).for_each(|(y, &b)| *y = scale * (b + *y));
                if let Some(plus) = base.plus {
                    y.iter_mut().zip(&plus[own]).for_each(|(y, &p)| *y += p);
                }
            }
        }
    }
}

/// Stands for a row of `X` that is zero.
const ABSENT: u32 = u32::MAX;

/// The rows `first..` of `S X`, where `x` are the rows of `X` that are not zero and `places` where they are in it.
struct FromRows<'a, 'y, F> {
    s: &'a CsMat<F>,
    first: usize,
    places: &'a [u32],
    x: &'a [F],
    width: usize,
    y: &'a mut FreshRows<'y, F>,
}

impl<F: Real> WithSimd for FromRows<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let FromRows { s, first, places, x, width, y } = self;
        let (mut indices, mut weights) = (Vec::new(), Vec::new());
        for (r, y) in y.enumerate() {
            indices.clear();
            weights.clear();
            for (column, &weight) in entries(s, first + r).iter() {
                if places[column] != ABSENT {
                    indices.push(places[column] as usize);
                    weights.push(weight);
                }
            }
            sum_row(&indices, &weights, &[], x, width, y);
        }
    }
}

#[inline(always)]
fn sum_row<F: Real>(indices: &[usize], weights: &[F], ahead: &[usize], x: &[F], width: usize, y: &mut [F]) {
    let (strips, rest) = y.as_chunks_mut::<STRIP>();
    for (strip, y) in strips.iter_mut().enumerate() {
        let strip_of = |j: usize| -> &[F; STRIP] { x[j * width + strip * STRIP..].first_chunk().expect("a strip") };
        let mut sum = [F::zero(); STRIP];
        for (n, (&j, &w)) in indices.iter().zip(weights).enumerate() {
            if let Some(&next) = ahead.get(n) {
                prefetch(strip_of(next));
            }
            let x = strip_of(j);
            for lane in 0..STRIP {
                sum[lane] += w * x[lane];
            }
        }
        *y = sum;
    }
    let done = strips.len() * STRIP;
    for (&j, &w) in indices.iter().zip(weights) {
        for (y, &x) in rest.iter_mut().zip(&x[j * width + done..(j + 1) * width]) {
            *y += w * x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::random;
    use sprs::TriMat;

    fn sparse(rows: usize, cols: usize, count: usize, seed: u64) -> CsMat<f64> {
        let rng = &mut random::generator(seed);
        let mut entries = TriMat::new((rows, cols));
        for (i, j) in random::indices(count, rows, rng).into_iter().zip(random::indices(count, cols, rng)) {
            entries.add_triplet(i as usize, j as usize, f64::from(i + 2 * j) - 7.0);
        }
        entries.to_csr()
    }

    fn whole(rows: usize, cols: usize, seed: u64) -> Array2<f64> {
        // Whole numbers: sums are exact, so equality may be asked for.
        random::matrix(rows, cols, &mut random::generator(seed)).mapv(|x| (x * 8.0).round())
    }

    #[test]
    fn equals_the_dense_product_for_every_width() {
        for (rows, inner, width) in [(1, 1, 1), (7, 5, 3), (600, 300, 64), (300, 600, 130), (10, 10, 200)] {
            let (s, x) = (sparse(rows, inner, rows * 3, 1), whole(inner, width, 2));
            let want = s.to_dense().dot(&x);
            assert_eq!(spmm(&s, &x), want, "{rows} x {inner} x {width}");
            let some: Vec<u32> = (0..rows as u32).rev().step_by(2).chain([0, 0]).collect();
            let picked = anchorrec_kernels::rows::gather(&want, &some);
            assert_eq!(spmm_rows(&s, &some, &x), picked, "rows of {rows} x {inner} x {width}");
            let base = whole(rows, width, 3);
            let want = (&want + &base) * 0.5;
            assert_eq!(spmm_add_scaled(&s, &x, &base, 0.5), want, "scaled {rows} x {inner} x {width}");
        }
    }

    #[test]
    fn absent_rows_of_x_count_as_zero() {
        for (rows, inner, width) in [(1, 1, 1), (600, 300, 64), (40, 70, 130)] {
            let (s, x) = (sparse(rows, inner, rows * 3, 1), whole(inner, width, 2));
            let some: Vec<u32> = (0..inner as u32).filter(|r| r % 3 == 0).collect();
            let mut with_zeros = x.clone();
            (0..inner).filter(|r| r % 3 != 0).for_each(|r| with_zeros.row_mut(r).fill(0.0));
            let got = spmm_from_rows(&s, &some, &anchorrec_kernels::rows::gather(&x, &some));
            assert_eq!(got, s.to_dense().dot(&with_zeros), "{rows} x {inner} x {width}");
        }
    }

    #[test]
    fn the_backward_of_some_rows_is_the_transposed_product() {
        let (s, rows) = (sparse(9, 6, 20, 3), [4, 0, 4]);
        let y = whole(3, 5, 4);
        let mut into = Array2::ones((6, 5));
        add_transposed_rows(&mut into, &s, &rows, y.view());
        let picked = anchorrec_kernels::rows::gather(&s.to_dense(), &rows);
        assert_eq!(into, picked.t().dot(&y) + 1.0);
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let s = sparse(2000, 900, 30_000, 5).map(|v| (v * 0.37).sin());
        let x = random::matrix(900, 96, &mut random::generator(6));
        let on =
            |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| spmm(&s, &x));
        let one = on(1);
        for threads in [2, 3, 7, 16] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }

    #[test]
    #[should_panic(expected = "spmm: (2, 3) (CSR) x (4, 1)")]
    fn shapes_that_do_not_fit_are_named() {
        spmm(&sparse(2, 3, 2, 7), &Array2::<f64>::zeros((4, 1)));
    }
}
