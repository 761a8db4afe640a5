//! Random numbers by name: every draw of a run comes from a generator keyed by (seed, purpose, epoch, batch).
//!
//! So a run that is resumed, or that draws its batches on other threads or in another order, meets the same numbers.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What random numbers are for. Different purposes never share a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The first values of parameters.
    Init,
    /// The order of training pairs.
    Shuffle,
    /// The negatives of a batch.
    Negatives,
    /// What a model draws for an epoch (a pruned graph).
    Epoch,
    /// What a model draws in a step (dropout).
    Step,
    /// Made-up features of a control.
    Features,
    /// Settings to try.
    Search,
    /// The division into training, validation and test.
    Split,
    /// A synthetic twin.
    Twin,
}

impl Purpose {
    /// Part of the key, hence of every published result: never change one.
    fn tag(self) -> [u8; 8] {
        *match self {
            Purpose::Init => b"init....",
            Purpose::Shuffle => b"shuffle.",
            Purpose::Negatives => b"negative",
            Purpose::Epoch => b"epoch...",
            Purpose::Step => b"step....",
            Purpose::Features => b"features",
            Purpose::Search => b"search..",
            Purpose::Split => b"split...",
            Purpose::Twin => b"twin....",
        }
    }
}

/// Makes the generator of a key. The whole key is the 32-byte seed of ChaCha8, nothing is hashed or cut:
///
/// | bytes | content |
/// |---|---|
/// | 0..8 | `seed`, little endian |
/// | 8..16 | the purpose's name in ASCII |
/// | 16..24 | `epoch`, little endian |
/// | 24..32 | `batch`, little endian |
///
/// ```
/// use anchorrec_data::{Purpose, keyed_rng};
/// use rand::RngExt;
/// let draw = |batch| keyed_rng(999, Purpose::Negatives, 3, batch).random::<u64>();
/// assert_eq!(draw(7), draw(7));
/// assert_ne!(draw(7), draw(8));
/// ```
pub fn keyed_rng(seed: u64, purpose: Purpose, epoch: u64, batch: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&purpose.tag());
    key[16..24].copy_from_slice(&epoch.to_le_bytes());
    key[24..].copy_from_slice(&batch.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// Returns a seed of a key, for what knows nothing of keys: the first 64 bits of its generator.
pub fn keyed_seed(seed: u64, purpose: Purpose, epoch: u64, batch: u64) -> u64 {
    keyed_rng(seed, purpose, epoch, batch).random()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_part_of_the_key_counts() {
        use Purpose::*;
        let mut firsts = BTreeSet::new();
        for purpose in [Init, Shuffle, Negatives, Epoch, Step, Features, Search, Split, Twin] {
            for (seed, epoch, batch) in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1 << 63, 0, 0), (0, 1 << 63, 0)] {
                firsts.insert(keyed_rng(seed, purpose, epoch, batch).random::<u64>());
            }
        }
        assert_eq!(firsts.len(), 9 * 6);
    }

    #[test]
    fn the_stream_of_a_key_is_part_of_a_runs_identity() {
        let mut seed = [0; 32];
        seed[0] = 111;
        seed[8..16].copy_from_slice(b"shuffle.");
        seed[16] = 2;
        seed[24] = 3;
        let mut want = ChaCha8Rng::from_seed(seed);
        let mut got = keyed_rng(111, Purpose::Shuffle, 2, 3);
        assert_eq!(got.random::<[u64; 4]>(), want.random::<[u64; 4]>());
    }
}
