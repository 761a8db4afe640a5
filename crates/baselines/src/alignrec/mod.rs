//! AlignRec (Liu et al.: "AlignRec: Aligning and Training in Multimodal Recommendations", CIKM 2024, arXiv 2403.12384): content is aligned
//! to the ID embedding **directly**, in the space where both are scored. It is what AnchorRec, which aligns in a projection, is a contrast to.
//!
//! `H_id = LightGCN(E)`; `H_mm = S_mm^L (E_i ⊙ σ(Lin(Lin(X_mm))))` for items, `R̂ H_mm` for users; `z = H_id + H_mm` for both, score `z_u · z_i`;
//! `L = BPR + λ_align (ALIGN_users + ALIGN_items) + λ_ui UI + λ_sim SIM + λ_reg REG`, see [`objective`].
//!
//! | part | whose |
//! |---|---|
//! | the encoders, the item graph, the sum of both embeddings; `τ = 0.2` | published |
//! | all terms in this form: SIM as a Frobenius norm over the rows of the batch, REG over `B_cfg`, InfoNCE from `H_mm` to `H_id` | published |
//! | `targets = "shared"`: SIM compares with the features as they are trained, without gradient | published, as the code runs |
//! | `targets = "frozen"`: SIM compares with the features as they came | what the words "raw features" suggest |
//! | `λ_ui = 0.1`, `λ_reg = 1e-4`; `λ_align` and `λ_sim` within the published grids (1e-4 to 0.1, 0.1 to 0.5) | published |
//! | the first alignment, which pre-trains the fused features: they come ready, `X_mm` starts as they are | not here |
//! | LayerNorm before the gate, a divisor of the content part: settings of the published code, off in it by default | not here |
//!
//! The authors' code (revision `bf351b6`) and this one agree to a relative 1e-9 in `f64`: graphs, both embeddings, every term, all gradients, three steps of
//! Adam with either target, and scores. Without the fused features there is nothing to align: the model is then its ID encoder under BPR, UI and
//! REG, as AnchorRec's is without its anchor.

pub mod graphs;
mod model;
pub mod objective;
mod recommender;
pub mod settings;
mod spec;

pub use graphs::Graphs;
pub use model::{AlignRec, Encodings};
pub use settings::{Settings, Targets, TermWeights};
pub use spec::Spec;
