#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module | what |
//! |---|---|
//! | [`run`] | a finished run on disk, checked, and the trained model that it becomes again |
//! | [`from_run`] | jobs that take something from a finished run: a refit, a warm start |
//! | [`ids`] | external ids to numbers |
//! | [`candidates`] | which items may be recommended |
//! | [`retriever`] | exact top-K lists for users of the model and for others |
//! | [`closed_form`] | lists by a closed form alone, of users that it was computed with and of others |
//! | [`fused`] | lists by a model and a closed form together |
//! | [`histories`] | who has what, of users that the model does not know |
//! | [`fold_in`] | vectors of new users |
//! | [`placement`], [`new_items`] | vectors of new items, and a trained model that has them |
//! | [`filled`](mod@filled) | items without features of their own |
//! | [`similar`](mod@similar) | items that are like an item, in any space of the model |
//! | [`compared`](mod@compared) | the same for items that somebody names, without those that have no features of their own |
//! | [`people`] | users of the data set who are asked for |
//! | [`export`] | vectors for a store, and whether it gives the same lists |
//! | [`judged`] | lists of any tool, read to be evaluated |
//! | [`parts`] | which items of a history make a score |
//! | [`names`] | what items are called outside |
//! | [`table`] | lists as CSV, JSON lines, TREC runs, Parquet |
//! | [`writing`] | the lists of many users, made and written at the same time |
//!
//! Everything works for every model of the list: a score is the dot product of two vectors
//! ([`Embeddings`](anchorrec_recommender::Embeddings)), and spaces come from [`Recommender::item_spaces`](anchorrec_recommender::Recommender::item_spaces).
//!
//! Deliberately absent: an approximate index. An exact scan of 60,000 items takes less than a millisecond and gives the model's own lists.

pub mod candidates;
pub mod closed_form;
pub mod compared;
mod error;
pub mod export;
pub mod filled;
pub mod fold_in;
pub mod from_run;
pub mod fused;
pub mod histories;
pub mod ids;
pub mod judged;
pub mod names;
pub mod new_items;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "parquet/absent.rs"]
mod parquet;
pub mod parts;
pub mod people;
pub mod placement;
pub mod retriever;
pub mod run;
pub mod similar;
pub mod table;
pub mod writing;

pub use candidates::Exclude;
pub use error::RetrievalError;
pub use fused::FusedRetriever;
pub use ids::Ids;
pub use retriever::{List, Retriever};
pub use run::{FinishedRun, Trained};
