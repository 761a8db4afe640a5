//! LGMRec (Guo et al.: "LGMRec: Local and Global Graph Learning for Multimodal Recommendation", AAAI 2024, arXiv 2312.16400) in the form of MMRec: an
//! interaction graph for what is near, and for each modality `m = v, t` a hypergraph for what is far.
//!
//! **Local** ([`local`]). `x_i = F_m P_m` `[I, D]` of frozen features, `x_u = q_u Σ_{i of u} x_i` their mean over the user's items, `q_u = 1/(deg_u + 1e-7)`;
//! `Y_m = N^n [x_u; x_i]`, the last layer alone. `C = LightGCN(E)`. Both over `N` with degrees of offset `1e-7`.
//!
//! **Global** ([`assignment`], [`hypergraph`]). Items and users belong softly to `K` hyperedges: logits `l_i = F_m V_m` `[I, K]` and their sums
//! `l_u = Σ_{i of u} l_i`; `H = dropout(softmax((l + g)/τ))` with Gumbel noise `g`. From `y = C_i`, several times: `lat = H_iᵀ y` `[K, D]`, `y = H_i lat`; users take
//! `u = H_u lat` of the last. `i_m = y`, `u_m = u`.
//!
//! **Scores and loss.** `z = C + norm(Y_v) + norm(Y_t) + α norm([u_v; i_v] + [u_t; i_t])`, `norm(x) = x / max(‖x‖, 1e-12)`, score `z_u · z_i`;
//! `L = BPR + λ_align HCL + λ_reg REG`, where HCL tells apart, for the batch's users and positives, `u_v` among all `u_t` and `i_v` among all `i_t` ([`objective`]).
//!
//! **Noise at evaluation.** The published code draws `g` again whenever it evaluates, out of the generator that training continues with. Here `g` is
//! keyed by the batch, so evaluation changes no training; evaluation itself draws `g` under one fixed key, so the same weights always have the same
//! scores. `gumbel_at_evaluation = false` leaves the noise away (`g = 0`), which is not published.
//!
//! **Rows near 0.** A softmax at `τ = 0.2` saturates, and where dropout takes the one large entry of a row the rest is `1e-8` or `1e-40`, or exactly 0. Below `1e-12`
//! `norm` is a product with `1e12`, forward and backward; only a row of exact zeros gets no gradient.
//!
//! One modality alone has no partner in HCL: the term is left out, and its hypergraph is the whole of the global part (the published code fails).
//! Without both `z = C`. The fused features are not looked at. The published figures came from a fault of the first code, which gave the users of
//! images the hyperedges of texts; this is the corrected form.

pub mod assignment;
pub mod graphs;
pub mod hypergraph;
pub mod local;
mod model;
pub mod objective;
mod recommender;
mod settings;
mod spec;

pub use assignment::{Assignment, Draw, Draws};
pub use graphs::Graphs;
pub use hypergraph::Passes;
pub use model::{Encoded, Encodings, LgmRec};
pub use settings::{Settings, TermWeights};
pub use spec::Spec;
