//! `C = A B`, `A` `[m, k]`, `B` `[k, n]`, any strides (pass `a.t()` for a transpose).
//!
//! The output is cut along its longer side into blocks whose size depends on the shapes alone; each block is one
//! single-threaded call into `gemm`'s kernels, the blocks run on all threads of the current rayon pool. The inner dimension
//! is never cut, so every element is summed by one thread in one order.

use crate::{Real, block, portable, tasks};
use ndarray::{Array2, ArrayBase, ArrayView2, ArrayViewMut2, Axis, Data, Ix2, ShapeBuilder};

/// An output is cut into about this many blocks: enough for 16 threads, few enough to amortise `gemm`'s packing.
const BLOCKS: usize = 16;
/// A block is at least this wide and a multiple of it: the width of the micro-kernels.
const GRAIN: usize = 32;
/// The number of multiplications below which waking the threads costs more than it saves.
const SMALL: usize = 1 << 19;

/// Multiplies: `A B`, a new `[m, n]` in row-major order, on all threads of the current rayon pool.
///
/// # Panics
/// When the inner dimensions differ; the message holds both shapes.
///
/// ```
/// use anchorrec_kernels::product;
/// use ndarray::array;
///
/// let (a, b) = (array![[1.0, 2.0]], array![[3.0, 4.0], [5.0, 6.0]]);
/// assert_eq!(product(&a, &b), array![[3.0 + 10.0, 4.0 + 12.0]]);
/// assert_eq!(product(&a, &b.t()), array![[3.0 + 8.0, 5.0 + 12.0]]);
/// ```
pub fn product<F: Real>(a: &ArrayBase<impl Data<Elem = F>, Ix2>, b: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Array2<F> {
    // Written in full by `blocked`: zeroing it first would be a pass over memory for nothing, but the allocator's
    // zero pages are free and keep this function safe.
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    blocked(c.view_mut(), Existing::Overwrite, F::one(), a.view(), b.view());
    c
}

/// Multiplies into a matrix that is there: `C <- A B`.
///
/// ```
/// use anchorrec_kernels::product_into;
/// use ndarray::array;
///
/// let mut c = array![[100.0]];
/// product_into(c.view_mut(), &array![[2.0]], &array![[3.0]]);
/// assert_eq!(c, array![[6.0]]);
/// ```
///
/// # Panics
/// When the shapes do not fit; the message holds all three.
pub fn product_into<F: Real>(
    c: ArrayViewMut2<F>,
    a: &ArrayBase<impl Data<Elem = F>, Ix2>,
    b: &ArrayBase<impl Data<Elem = F>, Ix2>,
) {
    blocked(c, Existing::Overwrite, F::one(), a.view(), b.view());
}

/// Multiplies and adds: `C <- C + scale · A B`.
///
/// # Panics
/// When the shapes do not fit; the message holds all three.
pub fn add_product<F: Real>(
    c: ArrayViewMut2<F>,
    scale: F,
    a: &ArrayBase<impl Data<Elem = F>, Ix2>,
    b: &ArrayBase<impl Data<Elem = F>, Ix2>,
) {
    blocked(c, Existing::AddTo, scale, a.view(), b.view());
}

/// Multiplies on the calling thread, `C <- A B`: for tasks that are themselves one of many.
///
/// # Panics
/// When the shapes do not fit.
pub fn product_serial_into<F: Real>(
    c: ArrayViewMut2<F>,
    a: &ArrayBase<impl Data<Elem = F>, Ix2>,
    b: &ArrayBase<impl Data<Elem = F>, Ix2>,
) {
    one_block(c, Existing::Overwrite, F::one(), a.view(), b.view());
}

#[derive(Clone, Copy, PartialEq)]
enum Existing {
    Overwrite,
    AddTo,
}

fn blocked<F: Real>(mut c: ArrayViewMut2<F>, existing: Existing, scale: F, a: ArrayView2<F>, b: ArrayView2<F>) {
    let ((m, k), n) = (a.dim(), b.ncols());
    assert!(b.nrows() == k && c.dim() == (m, n), "product: {:?} x {:?} does not give {:?}", a.dim(), b.dim(), c.dim());
    if m == 0 || n == 0 {
        return;
    }
    if m * n * k <= SMALL {
        return one_block(c, existing, scale, a, b);
    }
    let block = |len: usize| len.div_ceil(BLOCKS).div_ceil(GRAIN) * GRAIN;
    if m >= n {
        let blocks = c.axis_chunks_iter_mut(Axis(0), block(m)).zip(a.axis_chunks_iter(Axis(0), block(m)));
        tasks::each(blocks, |(c, a)| one_block(c, existing, scale, a, b));
    } else {
        let blocks = c.axis_chunks_iter_mut(Axis(1), block(n)).zip(b.axis_chunks_iter(Axis(1), block(n)));
        tasks::each(blocks, |(c, b)| one_block(c, existing, scale, a, b));
    }
}

fn one_block<F: Real>(mut c: ArrayViewMut2<F>, existing: Existing, scale: F, a: ArrayView2<F>, b: ArrayView2<F>) {
    let ((m, k), n) = (a.dim(), b.ncols());
    assert!(b.nrows() == k && c.dim() == (m, n), "product: {:?} x {:?} does not give {:?}", a.dim(), b.dim(), c.dim());
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        if existing == Existing::Overwrite {
            c.fill(F::zero());
        }
        return;
    }
    if portable::is_chosen() {
        return in_order(c, existing, scale, a, b);
    }
    block::product(c, existing == Existing::AddTo, scale, a, b);
}

/// Each sum in the order of its index, a rounding after each operation: see [`portable`].
fn in_order<F: Real>(mut c: ArrayViewMut2<F>, existing: Existing, scale: F, a: ArrayView2<F>, b: ArrayView2<F>) {
    let b = b.as_standard_layout();
    let mut sums = vec![F::zero(); b.ncols()];
    for (mut c, a) in c.rows_mut().into_iter().zip(a.rows()) {
        sums.fill(F::zero());
        for (&a, b) in a.iter().zip(b.rows()) {
            let b = b.to_slice().expect("standard layout");
            sums.iter_mut().zip(b).for_each(|(sum, &b)| *sum += a * b);
        }
        match existing {
            Existing::Overwrite => c.iter_mut().zip(&sums).for_each(|(c, &sum)| *c = scale * sum),
            Existing::AddTo => c.iter_mut().zip(&sums).for_each(|(c, &sum)| *c += scale * sum),
        }
    }
}

/// Multiplies by three plain loops, one accumulator: what the fast product is tested against.
pub fn product_plain<F: Real>(a: ArrayView2<F>, b: ArrayView2<F>) -> Array2<F> {
    Array2::from_shape_fn((a.nrows(), b.ncols()).set_f(false), |(i, j)| {
        a.row(i).iter().zip(b.column(j)).fold(F::zero(), |sum, (&x, &y)| sum + x * y)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{array, s};

    fn numbered(rows: usize, cols: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, cols), |(i, j)| ((i * 31 + j * 17) % 23) as f64 - 11.0)
    }

    #[test]
    fn a_product_solved_by_hand() {
        let c = product(&array![[1.0, 2.0], [3.0, 4.0]], &array![[5.0, 6.0], [7.0, 8.0]]);
        assert_eq!(c, array![[5.0 + 14.0, 6.0 + 16.0], [15.0 + 28.0, 18.0 + 32.0]]);
    }

    #[test]
    fn equals_the_plain_loops_for_all_layouts() {
        // Whole numbers: every order of summation gives the same bits.
        for (m, k, n) in [(1, 1, 1), (3, 5, 2), (700, 40, 33), (40, 700, 333), (64, 3000, 64), (0, 3, 2), (2, 0, 3)] {
            let (a, b) = (numbered(m, k), numbered(k, n));
            let want = product_plain(a.view(), b.view());
            assert_eq!(product(&a, &b), want, "{m} x {k} x {n}");
            let (at, bt) = (a.t().as_standard_layout().to_owned(), b.t().as_standard_layout().to_owned());
            assert_eq!(product(&at.t(), &bt.t()), want, "{m} x {k} x {n} transposed");
            let (backwards, mut c) = (s![..;-1, ..;-1], Array2::from_elem((m, n), f64::NAN));
            product_into(c.slice_mut(backwards), &a.slice(backwards), &b.slice(backwards));
            assert_eq!(c, want, "{m} x {k} x {n} backwards");
            let mut turned = c.view_mut().reversed_axes();
            product_into(turned.slice_mut(backwards), &b.t().slice(backwards), &a.t().slice(backwards));
            assert_eq!(c, want, "{m} x {k} x {n} backwards and transposed");
        }
    }

    #[test]
    fn adds_with_a_scale_into_a_strided_view() {
        let (a, b) = (numbered(50, 300), numbered(300, 70));
        let mut wide = Array2::from_elem((50, 140), 1.0);
        add_product(wide.slice_mut(s![.., ..;2]), -2.0, &a, &b);
        let want = product_plain(a.view(), b.view()) * -2.0 + 1.0;
        assert_eq!(wide.slice(s![.., ..;2]), want);
        assert!(wide.slice(s![.., 1..;2]).iter().all(|&x| x == 1.0), "columns between are untouched");
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let a = Array2::from_shape_fn((900, 257), |(i, j)| ((i * 7 + j) as f32 * 0.37).sin());
        let b = Array2::from_shape_fn((257, 65), |(i, j)| ((i * 3 + j) as f32 * 0.71).cos());
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| (product(&a, &b), product(&b.t(), &a.t())))
        };
        let one = on(1);
        for threads in [2, 3, 7, 16] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }

    #[test]
    #[should_panic(expected = "(2, 3) x (2, 3)")]
    fn shapes_that_do_not_fit_are_named() {
        let a = Array2::<f32>::zeros((2, 3));
        product_into(Array2::zeros((2, 3)).view_mut(), &a, &a);
    }
}
