#![doc = include_str!("../README.md")]
//!
//! # The folder of a data set
//!
//! ```text
//! <dir>/<name>.inter        userID, itemID, x_label (0 train, 1 valid, 2 test), tab separated      needed
//! <dir>/mm_feat.npy         fused features, [items, width]                                         optional
//! <dir>/text_feat.npy       text features, [items, width]                                          optional
//! <dir>/image_feat.npy      image features, [items, width]                                         optional
//! <dir>/i_id_mapping.csv    itemID and an external id                                              optional
//! <dir>/u_id_mapping.csv    userID and an external id                                              optional
//! <dir>/items.jsonl         itemID and title                                                       optional
//! <dir>/SYNTHETIC           marks made-up data                                                     optional
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`dataset`] | a folder, loaded and checked |
//! | [`interactions`] | pairs in three splits, lists per user |
//! | [`npy`] | feature matrices |
//! | [`findings`] | what is unusual but not wrong |
//! | `notes` | the same in the names that a data set has for people |
//! | [`item_texts`](mod@item_texts) | what a text encoder reads |
//! | [`sampler`] | training triples |
//! | [`keyed_rng`](mod@keyed_rng) | one generator for each (seed, purpose, epoch, batch) |
//! | [`split`] | the random split per user |
//! | [`twin`] | synthetic data with planted factors |
//! | [`shelf`] | a twin on disk that several processes ask for at once |
//! | [`manifest`] | what a published data set should be |
//!
//! # What happens to bad input
//!
//! Nothing is corrected in silence and nothing panics. An error is one line: path, line or bytes, what was expected,
//! what was found, what to do. How many users and items there are is said by the first of: feature rows (items
//! only), rows of the mapping, largest id + 1, which is at most the number of rows because ids have no gaps.
//!
//! | input | what happens |
//! |---|---|
//! | no `.inter` in the folder, or several | error, naming them |
//! | a name of nothing but dots before `.inter`; a manifest's `name` that is a path | error: results are under that name |
//! | empty file, header only, no training row | error |
//! | a column missing or named twice; a row with more or fewer fields than the header; a blank line | error with line |
//! | an id that is not a whole number below 2³² (`-1`, `1.0`, `4294967296`) | error with line |
//! | an id beyond the known users or items | error with line and with what limits it |
//! | an `x_label` other than 0, 1, 2 | error with line |
//! | the same (user, item) twice, in any splits | error with both lines |
//! | invalid UTF-8; a line longer than 1 MiB | error with line |
//! | `\r\n`, a byte order mark, no line end at the end | accepted |
//! | a user without training row | stays a user; its validation and test rows are left out, counted |
//! | an item without training row | stays a candidate, counted |
//! | feature files that disagree about the number of rows | error naming both and both counts |
//! | a column named as [labels](LABEL_COLUMNS) are, with zeros in it | error with the number of rows |
//! | any other column of interactions but `rating` and `timestamp` | not read, noted |
//! | features with NaN or infinity (or doubles beyond `f32`) | error with the first rows and their number |
//! | a feature row of zeros | accepted, similar to nothing but itself, counted |
//! | features of integers, complex or structured numbers; not two dimensions; no rows or columns | error |
//! | features of Python objects | error: pickled objects are never read |
//! | a header longer than the file or than 64 KiB; a shape that the file's length does not fit | error, nothing is allocated |
//! | a mapping or `items.jsonl` that names an id twice or beyond the known ones | error with line |
//! | an item mapping without some items, items without title (features say how many items there are) | accepted, counted |
//! | a gap in the user mapping, or in the item mapping when there are no features | error with line |
//! | a line of `items.jsonl` that is not an object with `itemID` | error with line and column |
//! | texts to encode: a line that is not an object with `itemID` and `text`, an item twice or left out | error with line |
//! | a folder, pipe or dead link instead of a file | error |
//! | a manifest longer than 16 KiB | error, not parsed |
//! | a user who has every training item | stays in the graph, left out of sampling, counted; error of [`Sampler::new`] when every user does |
//! | an id that no row, no feature and no mapping mentions | counted, never recommended ([`Phantoms`]) |
//!
//! Deliberately absent: graphs, models, losses; downloads; anything that depends on the order of a hash table or on the
//! number of threads.

pub mod by_user;
pub mod dataset;
pub mod error;
pub mod findings;
mod index;
mod inter;
pub mod interactions;
pub mod item_images;
pub mod item_texts;
mod items;
pub mod keyed_rng;
mod lines;
pub mod looks;
pub mod manifest;
mod mapping;
pub mod note;
mod notes;
pub mod npy;
mod open;
pub mod sampler;
pub mod shelf;
pub mod split;
pub mod twin;

pub use anchorrec_files::{Input, few, grouped};
pub use dataset::{Dataset, Features, Phantoms};
pub use error::DataError;
pub use findings::{Findings, Modality};
pub use inter::LABEL_COLUMNS;
pub use interactions::{Interactions, ItemsByUser, Pair, Split};
pub use item_images::item_images;
pub use item_texts::item_texts;
pub use keyed_rng::{Purpose, keyed_rng, keyed_seed};
pub use manifest::{Manifest, Provenance, provenance_of};
pub use note::Note;
pub use npy::{NpyArray, read_npy_f32, write_npy_f16, write_npy_f32};
pub use sampler::{EpochOrder, Sampler, TripleBatch};
pub use twin::{Twin, TwinSpec, generate};
