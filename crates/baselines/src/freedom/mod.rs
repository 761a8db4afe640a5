//! FREEDOM (Zhou, Shen: "A Tale of Two Graphs: Freezing and Denoising Graph Structures for Multimodal Recommendation", ACM MM 2023,
//! arXiv 2211.06924) in the form of MMRec.
//!
//! **Frozen**: `S = w S_vision + (1 - w) S_text` over items, made once of the raw features; an edge of `S_m` is there or not, its cosine does not
//! count: `1/√(deg_i deg_j)` with degrees `k + 1e-7`.
//! **Denoised**: training sees a part of the user-item edges, drawn again for every epoch and less often where both ends have many ([`pruning`]);
//! evaluation sees all.
//!
//! `z_u = H_id,u`, `z_i = H_id,i + S^L E_i` with `H_id = LightGCN(E)` (degrees with the offset `1e-7`), score `z_u · z_i`;
//! `L = BPR(z_u, z_i) + λ (BPR(z_u, Lin_text(X_text)) + BPR(z_u, Lin_vision(X_vision)))`, all softplus, `X_m` trainable.
//!
//! A modality that is absent takes its term with it, and the graph is that of the other one; without both `z_i = H_id,i`. The fused features are
//! not looked at.

pub mod graphs;
mod model;
pub mod objective;
pub mod pruning;
mod recommender;
mod settings;
mod spec;

pub use graphs::Graphs;
pub use model::Freedom;
pub use settings::Settings;
pub use spec::Spec;
