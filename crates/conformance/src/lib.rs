//! Development only: what every model must hold, whichever models there are.
//!
//! The tests run over `anchorrec_models::MODELS`. A model that is added to the list is tested without an edit here.
//!
//! | test | what it holds |
//! |---|---|
//! | `gradients` | the backward pass is what central differences of the loss say, in `f64`, for every parameter |
//! | `threads` | 1, 2, 3 and 5 threads give the same weights and embeddings to the last bit |
//! | `resume` | whatever step a run is interrupted after, it ends with the same bits: weights and optimiser are all that a step depends on |
//! | `tables` | every weight is a layer or a table with a row for each user or item, and says so: what a warm start finds rows again by |
//! | `golden` | terms, gradients, scores and Adam's steps are those of the official implementation, for every model that has values of one |
//! | `hostile` | every setting at its edges and every odd data set is refused in words or trains with finite numbers; nothing panics |
//!
//! A model whose gradient always stops somewhere (`Card::without_stops` is `None`) tests its gradients in its own crate.

pub mod golden;
pub mod setting_paths;
