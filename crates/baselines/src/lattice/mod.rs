//! LATTICE (Zhang et al.: "Mining Latent Structures for Multimedia Recommendation", ACM MM 2021, arXiv 2104.09036) in the form of MMRec.
//!
//! **Learned item graph** of the modalities `m` (image, text), from features `F_m` that are trained:
//!
//! 1. `X_m = F_m W_mᵀ + b_m` `[I, D]`, and `T_m` the directed graph of each item's `k` nearest by cosine, the item itself included, weighed by the cosine;
//! 2. `w = softmax(ω)`, `A = Σ w_m T_m`, mixed before it is normalised: `r_i = Σ_j A_ij`, `L_ij = A_ij / √(r_i r_j)`;
//! 3. `O = Σ w_m O_m`, `O_m` the same of the raw features, each normalised by itself, once and for all;
//! 4. `G = (1 - λ) L + λ O`: λ weighs the **frozen** graph.
//!
//! **Scores.** `h = G^n E_i`, `C = mean(E, N E, ..., N^L E)` with `N` the [mean of a node and its neighbours](anchorrec_graph::neighbourhood_mean);
//! `z_u = C_u`, `z_i = C_i + h_i / max(‖h_i‖, 1e-12)`, score `z_u · z_i`.
//!
//! **Loss.** `L = mean softplus(-(z_u·z_i - z_u·z_j)) + λ_reg ½ (Σ‖z_u‖² + Σ‖z_i‖² + Σ‖z_j‖²) / B_cfg`.
//!
//! **Once an epoch.** The first batch of an epoch makes `G` of the weights as they are and sends its gradient through all of the above to
//! `F_m`, `W_m`, `b_m` and `ω`. The other batches multiply by the numbers of that `G`, detached, although the weights have moved; those four have no
//! gradient there, and the optimiser skips them. What ranks the items is a `G` of the weights at that time ([`learned`]).
//!
//! **No matrix of all pairs.** `G` and its gradient live on the union of the edges of the `T_m` and `O_m`, at most `4k` of an item.
//!
//! A modality that is absent leaves the graph to the other one, without `ω`; without both `z = C`. The fused features are not looked at.

pub mod graphs;
pub mod learned;
mod model;
pub mod objective;
mod recommender;
mod settings;
mod spec;
mod support;

pub use graphs::Graphs;
pub use learned::LearnedGraph;
pub use model::Lattice;
pub use settings::Settings;
pub use spec::Spec;
