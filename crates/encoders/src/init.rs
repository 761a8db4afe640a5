//! Initial values, drawn in row-major order from the generator that is passed in.

use anchorrec_kernels::Real;
use ndarray::Array2;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// Draws Xavier (Glorot) uniform values, `U(-a, a)` with `a = √(6 / (rows + cols))`, `[rows, cols]`.
///
/// ```
/// use anchorrec_encoders::init::xavier_uniform;
/// use rand::SeedableRng;
///
/// let values = xavier_uniform::<f64>(2, 4, &mut rand_chacha::ChaCha8Rng::seed_from_u64(1));
/// assert!(values.iter().all(|v| v.abs() <= (6f64 / (2.0 + 4.0)).sqrt()));
/// ```
pub fn xavier_uniform<F: Real>(rows: usize, cols: usize, rng: &mut impl Rng) -> Array2<F> {
    uniform(rows, cols, (6.0 / (rows + cols) as f64).sqrt(), rng)
}

/// Draws uniform values, `U(-bound, bound)`, `[rows, cols]`.
///
/// ```
/// use anchorrec_encoders::init::uniform;
/// use rand::SeedableRng;
///
/// let draw = || uniform::<f32>(2, 4, 0.5, &mut rand_chacha::ChaCha8Rng::seed_from_u64(1));
/// assert_eq!(draw(), draw(), "the generator alone decides");
/// ```
pub fn uniform<F: Real>(rows: usize, cols: usize, bound: f64, rng: &mut impl Rng) -> Array2<F> {
    Array2::from_shape_simple_fn((rows, cols), || F::of(rng.random_range(-bound..bound)))
}

/// Draws values of the standard normal distribution, `N(0, 1)`, `[rows, cols]`.
///
/// ```
/// use anchorrec_encoders::init::standard_normal;
/// use rand::SeedableRng;
///
/// let values = standard_normal::<f64>(100, 100, &mut rand_chacha::ChaCha8Rng::seed_from_u64(1));
/// // The mean of 10,000 has a standard deviation of 0.01.
/// assert!(values.mean().unwrap().abs() < 0.05);
/// ```
pub fn standard_normal<F: Real>(rows: usize, cols: usize, rng: &mut impl Rng) -> Array2<F> {
    Array2::from_shape_simple_fn((rows, cols), || F::of(rng.sample(StandardNormal)))
}
