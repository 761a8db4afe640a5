//! Seeded arrays for tests.

use ndarray::Array2;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Makes the generator of a test: the seed is part of the test.
pub fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Draws a matrix `[rows, cols]`, uniform in `[-1, 1)`.
pub fn matrix(rows: usize, cols: usize, rng: &mut impl Rng) -> Array2<f64> {
    Array2::from_shape_simple_fn((rows, cols), || rng.random_range(-1.0..1.0))
}

/// Draws `count` indices below `bound`, repeats likely.
pub fn indices(count: usize, bound: usize, rng: &mut impl Rng) -> Vec<u32> {
    (0..count).map(|_| rng.random_range(0..bound as u32)).collect()
}
