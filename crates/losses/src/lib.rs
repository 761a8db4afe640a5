#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | function | formula | gradient reaches |
//! |---|---|---|
//! | [`bpr`](fn@bpr) | `mean softplus(-(pos - neg))`, or `-mean ln(γ + σ(pos - neg))` | `pos`, `neg` |
//! | [`bpr_of_triples`] | the same of the scores `u·z_i`, `u·z_j` | `u`, `z_i`, `z_j` |
//! | [`two_sided_bpr`](bpr::two_sided_bpr) | `mean (t softplus(-m) + a softplus(m))`, `m = pos - neg` | `pos`, `neg` |
//! | [`cosine_distance`](fn@cosine_distance) | `mean (1 - cos(a, c))` | `a`, `c`; or `a` alone |
//! | [`cosine_margin`](fn@cosine_margin) | `mean relu(μ + (1 - cos(u, z_i)) - (1 - cos(u, z_j)))` | `z_i`, `z_j` |
//! | [`half_squared_norm`] | `½ Σ‖z_b‖² / divisor` | `z` |
//! | [`frobenius_norm`](fn@frobenius_norm) | `‖X‖_F / divisor` | `X` |
//! | [`info_nce`](fn@info_nce) | `(1/B) Σ w_i (ln Σ_j w_j exp(l_ij) - l_ii)`, `l_ij = cos(a_i, c_j) / τ` | `a`, `c`; or `c` alone |
//! | [`info_nce_in_table`](fn@info_nce_in_table) | the same against all rows of a table | `a`, `c` |
//! | [`gram_distance`](fn@gram_distance) | `‖H Hᵀ - S Sᵀ‖_F` | `H` |
//! | [`neighbour_discrimination`](fn@neighbour_discrimination) | `mean -ln(M/T) - ln(Q/(T - M))`, sums over near, next and all items | the tables |
//! | [`preference_divergence`](fn@preference_divergence) | `mean (σ(α) - σ(β)) (α - β)`, `α = u·a_i`, `β = u·b_i` | `u`, `a`, `b` |
//! | [`UnitRows`] | `x̂ = x / ‖x‖`: the rows that cosines are made of | `x` |
//! | [`EdgeSmoothness`] | mean over the edges of `w_ij ‖h_i - h_j‖²` | `H` |
//!
//! What a forward pass saved is private and as small as the backward pass allows. It is its own, but for [`bpr_of_triples`], which keeps
//! views of its rows: copies of them would cost as much as the loss. `upstream` is the derivative of the total by this loss: its weight in
//! a sum. *Detached* means behind a stop-gradient: a constant.
//!
//! **This crate owns no weights, draws no random numbers and reads no files.** Every function is generic over
//! [`Real`], sums in chunks of a fixed number of rows and adds the chunks in order, so a result has the same bits for any number of
//! threads. Scalars are added up in `f64`.

pub mod bpr;
mod column_blocks;
pub mod cosine_distance;
pub mod cosine_margin;
pub mod frobenius_norm;
pub mod gram_distance;
pub mod info_nce;
pub mod info_nce_in_table;
pub mod neighbour_discrimination;
pub mod preference_divergence;
pub mod smoothness;
pub mod squared_norm;
pub mod triples;
pub mod unit_rows;

pub use anchorrec_kernels::Real;
pub use bpr::{bpr, bpr_of_triples};
pub use cosine_distance::cosine_distance;
pub use cosine_margin::cosine_margin;
pub use frobenius_norm::frobenius_norm;
pub use gram_distance::gram_distance;
pub use info_nce::{info_nce, info_nce_detached_queries};
pub use info_nce_in_table::info_nce_in_table;
pub use neighbour_discrimination::neighbour_discrimination;
pub use preference_divergence::preference_divergence;
pub use smoothness::EdgeSmoothness;
pub use squared_norm::half_squared_norm;
pub use triples::Triples;
pub use unit_rows::UnitRows;
