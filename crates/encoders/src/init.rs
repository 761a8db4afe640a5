//! Initial values, drawn in row-major order from the generator that is passed in.

use anchorrec_kernels::Real;
use ndarray::Array2;
use rand::{Rng, RngExt};

/// Xavier (Glorot) uniform: `U(-a, a)` with `a = √(6 / (rows + cols))`.
pub fn xavier_uniform<F: Real>(rows: usize, cols: usize, rng: &mut impl Rng) -> Array2<F> {
    uniform(rows, cols, (6.0 / (rows + cols) as f64).sqrt(), rng)
}

/// `U(-bound, bound)`, `[rows, cols]`.
pub fn uniform<F: Real>(rows: usize, cols: usize, bound: f64, rng: &mut impl Rng) -> Array2<F> {
    Array2::from_shape_simple_fn((rows, cols), || F::of(rng.random_range(-bound..bound)))
}
