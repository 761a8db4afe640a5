//! LightGCN (He et al., SIGIR 2020, arXiv 2002.02126) with the objective of MMRec.
//!
//! `z = mean(E, ÂE, ..., Â^L E)`, score `z_u · z_i`, degrees with the offset `1e-7`;
//! `L = -mean ln(1e-10 + σ(z_u·z_i - z_u·z_j)) + λ (‖E_u‖_F + ‖E_i‖_F + ‖E_j‖_F) / B`, where the norms are un-squared and
//! run over the *ego* embeddings of the batch, repeats kept.

mod model;
mod settings;
mod spec;

pub use model::LightGcn;
pub use settings::Settings;
pub use spec::Spec;
