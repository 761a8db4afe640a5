//! A product on the calling thread, `C <- d C + s A B` with `d` 0 or 1, by the micro-kernels of `gemm`.
//!
//! They come in a crate for each type of number. The crate `gemm` over them brings the complex types too, which would be half of what
//! all of them take to build and are never multiplied here; what it does above the kernels is to turn the matrices as they like them.

use crate::Real;
use gemm_common::Parallelism;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};

/// `C <- scale · A B`, or `C <- C + scale · A B` if `adds`.
///
/// # Panics
/// When the shapes do not fit.
#[allow(unsafe_code)]
pub fn product<'a, F: Real>(
    mut c: ArrayViewMut2<F>,
    adds: bool,
    scale: F,
    mut a: ArrayView2<'a, F>,
    mut b: ArrayView2<'a, F>,
) {
    // The kernels write along columns: where rows are the denser direction, the transpose is computed.
    if c.strides()[1].abs() < c.strides()[0].abs() {
        (c, a, b) = (c.reversed_axes(), b.reversed_axes(), a.reversed_axes());
    }
    // They walk forward through the output and along the sum.
    if c.strides()[0] < 0 {
        c.invert_axis(Axis(0));
        a.invert_axis(Axis(0));
    }
    if c.strides()[1] < 0 {
        c.invert_axis(Axis(1));
        b.invert_axis(Axis(1));
    }
    if a.strides()[1] < 0 {
        a.invert_axis(Axis(1));
        b.invert_axis(Axis(0));
    }
    let ((m, k), n) = (a.dim(), b.ncols());
    assert!(b.nrows() == k && c.dim() == (m, n), "product: {:?} x {:?} does not give {:?}", a.dim(), b.dim(), c.dim());
    let [c_rows, c_columns] = [c.strides()[0], c.strides()[1]];
    let [a_rows, a_columns] = [a.strides()[0], a.strides()[1]];
    let [b_rows, b_columns] = [b.strides()[0], b.strides()[1]];
    // SAFETY: the three pointers and strides come from live views of the shapes [m, n], [m, k] and [k, n], so every address that
    // a kernel computes lies inside of its view; `c` is borrowed mutably and cannot overlap `a` or `b`. With `adds` false `c` is not read.
    unsafe {
        F::widest()(
            m,
            n,
            k,
            c.as_mut_ptr(),
            c_columns,
            c_rows,
            adds,
            a.as_ptr(),
            a_columns,
            a_rows,
            b.as_ptr(),
            b_columns,
            b_rows,
            F::one(),
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
