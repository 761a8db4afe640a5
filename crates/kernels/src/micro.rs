//! The micro-kernels of each type of number: a product of small panels on the calling thread.

use gemm_common::Parallelism;

/// Sizes `m`, `n`, `k`; then `C` (pointer, column stride, row stride, whether it is read), `A` and `B` alike, `d`, `s`, whether
/// any of the three is conjugated, and threads.
#[rustfmt::skip]
pub type Kernel<F> = unsafe fn(
    usize, usize, usize,
    *mut F, isize, isize, bool,
    *const F, isize, isize,
    *const F, isize, isize,
    F, F, bool, bool, bool, Parallelism,
);

/// A type of number with micro-kernels. There are no others, so this seals [`Real`](crate::Real).
pub trait Kernels: Sized {
    /// The widest kernel that this processor can run.
    fn widest() -> Kernel<Self>;
}

impl Kernels for f32 {
    fn widest() -> Kernel<f32> {
        gemm_f32::gemm::f32::get_gemm_fn()
    }
}

impl Kernels for f64 {
    fn widest() -> Kernel<f64> {
        gemm_f64::gemm::f64::get_gemm_fn()
    }
}
