//! The number types the numeric crates are generic over.

use ndarray::NdFloat;
use std::iter::Sum;

/// `f32` (training) or `f64` (tests against exact values).
pub trait Real: NdFloat + Sum + Default + 'static {
    /// The nearest value of this type.
    fn of(value: f64) -> Self;

    /// This value as `f64`, exactly.
    fn as_f64(self) -> f64;

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

    fn exp_in_place(values: &mut [Self]) {
        values.iter_mut().for_each(|v| *v = v.exp());
    }
}
