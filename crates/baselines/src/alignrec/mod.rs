//! AlignRec (Liu et al.: "AlignRec: Aligning and Training in Multimodal Recommendations", CIKM 2024, arXiv 2403.12384): content is aligned
//! to the ID embedding **directly**, in the space where both are scored. It is what AnchorRec, which aligns in a projection, is a contrast to.
//!
//! `H_id = LightGCN(E)`; `H_mm = S_mm^L (E_i ⊙ σ(Lin(Lin(X_mm))))` for items, `R̂ H_mm` for users; `z = H_id + H_mm` for both, score `z_u · z_i`;
//! `L = BPR + λ_align (ALIGN_users + ALIGN_items) + λ_ui UI + λ_sim SIM + λ_reg REG`, see [`objective`].
//!
//! | part | whose |
//! |---|---|
//! | an ID and a content embedding, added; item graph of `k = 10`, one layer; two layers over users and items | published |
//! | content and ID aligned by InfoNCE, users and items by cosine, similarities of content kept | published |
//! | `λ_ui = 0.1`, `λ_reg = 1e-4`; `λ_align` and `λ_sim` within the published grids (1e-4 to 0.1, 0.1 to 0.5) | published |
//! | the first alignment, which pre-trains the fused features: they come ready, `X_mm` starts as they are | not here |
//! | the encoders are those of AnchorRec to the last weight, so that two runs differ by their alignment alone | ours |
//! | SIM in the form of AnchorRec's AMP, `τ = 0.2`, REG over `B_cfg` | ours |
//!
//! There are no official values to compare with: the mathematics is held by central differences. Without the fused features there is nothing to
//! align: the model is then its ID encoder under BPR, UI and REG, as AnchorRec's is without its anchor.

pub mod graphs;
mod model;
pub mod objective;
mod recommender;
pub mod settings;
mod spec;

pub use graphs::Graphs;
pub use model::AlignRec;
pub use settings::{Settings, TermWeights};
pub use spec::Spec;
