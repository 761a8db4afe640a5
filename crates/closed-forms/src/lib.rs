#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module | what |
//! |---|---|
//! | [`taken`] | `R`: who took what |
//! | [`fold_in`] | scores for any list of items, new users included |
//! | [`popularity`] | the number of users who took an item |
//! | [`item_knn`](mod@item_knn) | cosines of co-occurrence with shrinkage |
//! | [`ease`](mod@ease) | every item explained by all others |
//! | [`l3ae`] | EASE drawn towards what the content says |
//! | [`on_neighbours`](mod@on_neighbours) | the two where an `I x I` matrix does not fit |
//! | [`setting`], [`fitter`] | methods and settings by name; a method computed at one |
//! | [`search`] | settings chosen on validation |
//! | [`fusion`] | a trained model and a closed form at score level |
//! | [`content`], [`inverse`], [`co_occurrence`], [`weights`] | what they are made of |
//! | [`cholesky`] | `A = L Lᵀ`, solutions and the inverse |
//!
//! **Determinism.** Nothing is drawn at random; work is cut by the shapes and no sum crosses a cut: the same bits for any number of threads.

pub mod cholesky;
pub mod co_occurrence;
pub mod content;
pub mod ease;
mod error;
pub mod fitter;
pub mod fold_in;
pub mod fusion;
pub mod inverse;
pub mod item_knn;
pub mod l3ae;
pub mod on_neighbours;
pub mod popularity;
pub mod search;
pub mod setting;
pub mod taken;
pub mod weights;

pub use cholesky::{Cholesky, NotPositive};
pub use content::{Content, ContentKernel};
pub use ease::ease;
pub use error::{Unsolvable, exact_bytes};
pub use fitter::{Fitter, Solver};
pub use fold_in::FoldIn;
pub use inverse::{MOST_ITEMS, RegularisedInverse};
pub use item_knn::{KnnSettings, item_knn};
pub use l3ae::L3ae;
pub use on_neighbours::{NeighbourLists, Pull, on_neighbours};
pub use popularity::Popularity;
pub use setting::{Method, Setting};
pub use taken::Taken;
pub use weights::{DenseWeights, SparseWeights};
