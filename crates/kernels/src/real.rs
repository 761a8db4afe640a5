//! The number types the numeric crates are generic over.

use ndarray::NdFloat;
use std::iter::Sum;

/// `f32` (training) or `f64` (tests against exact values).
pub trait Real: NdFloat + Sum + Default + 'static {
    /// The nearest value of this type.
    fn of(value: f64) -> Self;

    /// This value as `f64`, exactly.
    fn as_f64(self) -> f64;

    /// `values` as `f32`, where they are: the door to kernels written for that type alone.
    fn as_f32s(values: &[Self]) -> Option<&[f32]>;

    /// Like [`as_f32s`](Self::as_f32s), to be written to.
    fn as_f32s_mut(values: &mut [Self]) -> Option<&mut [f32]>;

    /// `x <- exp(x)` for every element; see [`exp`](crate::exp).
    fn exp_in_place(values: &mut [Self]);
}

impl Real for f32 {
    fn of(value: f64) -> Self {
        value as f32
    }

    fn as_f64(self) -> f64 {
        f64::from(self)
    }

    fn as_f32s(values: &[Self]) -> Option<&[f32]> {
        Some(values)
    }

    fn as_f32s_mut(values: &mut [Self]) -> Option<&mut [f32]> {
        Some(values)
    }

    fn exp_in_place(values: &mut [Self]) {
        crate::exp::exp_f32(values);
    }
}

impl Real for f64 {
    fn of(value: f64) -> Self {
        value
    }

    fn as_f64(self) -> f64 {
        self
    }

    fn as_f32s(_: &[Self]) -> Option<&[f32]> {
        None
    }

    fn as_f32s_mut(_: &mut [Self]) -> Option<&mut [f32]> {
        None
    }

    fn exp_in_place(values: &mut [Self]) {
        values.iter_mut().for_each(|v| *v = v.exp());
    }
}
