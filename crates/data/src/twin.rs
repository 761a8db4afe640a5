//! A synthetic twin: made-up data of the size and shape of a published data set.
//!
//! For speed and memory at published widths, and for tests of learning: factors are planted that drive interactions and
//! features alike, so a model that uses features must beat one that does not. It is marked as synthetic in its
//! folder by the file `SYNTHETIC`, and everything that reports on it must say so.
//!
//! | file | what |
//! |---|---|
//! | `spec` | sizes |
//! | `world` | latent topics, items, users |
//! | `draws` | who takes what |
//! | `features` | what items look like |
//! | `made` | the twin in memory |
//! | `write` | the folder |
//!
//! A twin depends on its spec and seed alone, not on the number of threads.

mod draws;
mod features;
mod key;
mod made;
mod names;
mod spec;
mod world;
mod write;

pub use made::Twin;
pub use spec::TwinSpec;

/// Raised when the same spec and seed begin to give another twin; a test of recorded hashes asks for it. Twins of other revisions are made again.
pub const REVISION: u32 = 1;

use crate::{Interactions, Modality, Split, split};
use world::World;

/// Makes a synthetic twin: the same spec and seed give the same twin.
///
/// # Panics
/// When the sizes of `spec` cannot be met: fewer than 5 interactions per user or 20 items, more interactions than a
/// quarter of the items for every user.
pub fn generate(spec: &TwinSpec, seed: u64) -> Twin {
    spec.check();
    let world = World::new(spec, seed);
    let pairs = draws::pairs(spec, &world, seed);
    let splits = split::random_per_user(spec.users, &pairs, seed);
    let part = |split| pairs.iter().zip(&splits).filter(|(_, s)| **s == split).map(|(pair, _)| *pair).collect();
    let features =
        |modality, width: Option<usize>| width.map(|width| features::features(&world, modality, width, seed));
    Twin {
        interactions: Interactions {
            users: spec.users,
            items: spec.items,
            train: part(Split::Train),
            valid: part(Split::Valid),
            test: part(Split::Test),
        },
        mm: features(Modality::Mm, spec.mm_width),
        text: features(Modality::Text, spec.text_width),
        vision: features(Modality::Vision, spec.vision_width),
        spec: spec.clone(),
        seed,
        topics: world.topic,
    }
}
