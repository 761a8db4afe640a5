#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! AnchorRec (Jeong, Kang, Lee: "Anchored Alignment: Preventing Positional Collapse in Multimodal Recommender
//! Systems", SIGIR 2026, arXiv 2603.12726), re-implemented from its mathematics.
//!
//! Aligning every modality directly makes the items' positions collapse onto the ID space. AnchorRec aligns
//! them indirectly: each modality keeps its own structure, and what is aligned is a *projection* of the ID
//! embedding to a projection of the **anchor**, a fused image-text embedding (`mm`).
//!
//! | module | what |
//! |---|---|
//! | [`settings`] | every hyper-parameter, declared, defaulted and checked once |
//! | [`modalities`] | three modalities, each of which may be absent |
//! | [`graphs`] | the frozen graphs of a data set |
//! | [`heads`] | the projections `P_id`, `P_mm`, `P_v`, `P_t` and the decoder |
//! | [`batch_encodings`] | what a batch's losses read of the encoders, and nothing else |
//! | [`model`] | encoders and heads assembled: the forward pass to scores |
//! | [`weights`] | the weight of each term |
//! | [`terms`] | the terms of the objective, a file each |
//! | [`objective`] | the loss of a batch: the sum of the terms, forward and backward |
//!
//! # Forward
//! `H_id = LightGCN(E)`; `H_m = S_m^L (E_i ⊙ σ(Lin(Lin(X_m))))` for items, `R̂ H_m` for users;
//! `z_u = H_id + H_mm + H_text`, `z_i = H_id + H_mm + H_text + ρ Dec(P_mm(H_mm))`; the score of a pair is `z_u · z_i`.
//! Vision is encoded and kept in shape (AMP) but is not part of the score.
//!
//! # Objective
//! `L = BPR + w_ui UI + λ_reg REG + λ_aal (AAL_id + AAL_inputs) + λ_amp Σ_m c_m AMP_m + w_smooth SMO`; see [`objective`].

mod anchor_rows;
pub mod batch_encodings;
mod content;
pub mod graphs;
pub mod heads;
pub mod modalities;
pub mod model;
pub mod objective;
mod recommender;
pub mod settings;
mod spec;
pub mod terms;
pub mod weights;

pub use graphs::Graphs;
pub use modalities::{Modalities, Modality};
pub use model::AnchorRec;
pub use settings::{MixSource, Settings, Space, Targets};
pub use spec::Spec;
pub use weights::Weights;
