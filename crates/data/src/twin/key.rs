//! Generators of a twin's parts: a change in one part leaves the draws of the others alone.

use crate::{Purpose, keyed_rng};
use rand_chacha::ChaCha8Rng;

/// What is drawn. The number is part of the key, hence of every twin.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    World = 0,
    Degrees = 1,
    Draws = 2,
    Loadings = 3,
    Mm = 4,
    Text = 5,
    Vision = 6,
}

impl Part {
    /// `index` tells apart generators of one part: a block of rows, a kind of features.
    pub(crate) fn rng(self, seed: u64, index: u64) -> ChaCha8Rng {
        keyed_rng(seed, Purpose::Twin, self as u64, index)
    }
}
