//! The number types the numeric crates are generic over.

use crate::exp::lane;
use crate::micro::Kernels;
use ndarray::NdFloat;
use std::cmp::Ordering;
use std::iter::Sum;

/// A floating-point type that the numeric crates compute in: `f32` (training) or `f64` (tests against exact values).
///
/// The trait is sealed: the kernels know these two types and no others.
///
/// ```
/// use anchorrec_kernels::Real;
///
/// fn mean<F: Real>(values: &[F]) -> F {
///     values.iter().copied().sum::<F>() / F::of(values.len() as f64)
/// }
/// assert_eq!((mean(&[1.0f32, 2.0]), mean(&[1.0f64, 2.0])), (1.5, 1.5));
/// ```
pub trait Real: NdFloat + Sum + Default + Kernels + 'static {
    /// Returns the nearest value of this type.
    fn of(value: f64) -> Self;

    /// Returns this value as `f64`, exactly.
    fn as_f64(self) -> f64;

    /// Compares two values: the order of finite numbers, extended to all others, so that a sort may use it.
    fn total_order(&self, other: &Self) -> Ordering;

    /// Returns `values` as `f32`, where they are: the door to kernels written for that type alone.
    fn as_f32s(values: &[Self]) -> Option<&[f32]>;

    /// Returns `values` as `f32` to be written to, where they are.
    fn as_f32s_mut(values: &mut [Self]) -> Option<&mut [f32]>;

    /// Returns `exp(x)` in a form that vectorises inside a loop; see [`exp`](crate::exp).
    fn exp_lane(self) -> Self;
}

impl Real for f32 {
    fn of(value: f64) -> Self {
        value as f32
    }

    fn as_f64(self) -> f64 {
        f64::from(self)
    }

    fn total_order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }

    fn as_f32s(values: &[Self]) -> Option<&[f32]> {
        Some(values)
    }

    fn as_f32s_mut(values: &mut [Self]) -> Option<&mut [f32]> {
        Some(values)
    }

    #[inline(always)]
    fn exp_lane(self) -> Self {
        lane::exp_f32(self)
    }
}

impl Real for f64 {
    fn of(value: f64) -> Self {
        value
    }

    fn as_f64(self) -> f64 {
        self
    }

    fn total_order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }

    fn as_f32s(_: &[Self]) -> Option<&[f32]> {
        None
    }

    fn as_f32s_mut(_: &mut [Self]) -> Option<&mut [f32]> {
        None
    }

    #[inline(always)]
    fn exp_lane(self) -> Self {
        self.exp()
    }
}
