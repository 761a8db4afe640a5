//! The models AnchorRec is compared with, each a folder of its own with `settings` and `model`.
//!
//! | module | model | source |
//! |---|---|---|
//! | [`lightgcn`] | collaborative signal alone | He et al., SIGIR 2020, arXiv 2002.02126 |
//!
//! Adding one touches no other: a model implements `anchorrec_encoders::Recommender`, and that is all a trainer sees.

pub mod lightgcn;
