//! LightGCN (He et al., SIGIR 2020, arXiv 2002.02126) with the objective of MMRec.
//!
//! `z = mean(E, ÂE, ..., Â^L E)`, score `z_u · z_i`, degrees with the offset `1e-7`; the objective is in [`objective`].

mod model;
pub mod objective;
mod recommender;
mod settings;
mod spec;

pub use model::LightGcn;
pub use settings::Settings;
pub use spec::Spec;
