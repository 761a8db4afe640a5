#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module | what | formula |
//! |---|---|---|
//! | [`params`] | the parameter store: path names, creation order | |
//! | [`gradients`] | what a backward pass adds into, dense or factored | `∂L/∂θ` |
//! | [`init`] | initial values | Xavier, torch's `Linear`, normal |
//! | [`linear`] | affine layer | `y = x Wᵀ + b` |
//! | [`activation`] | functions between layers | `σ(x)`, `tanh(x)`, `softmax(x)` |
//! | [`mlp`] | two layers | `Lin(relu(Lin(x)))` |
//! | [`id_encoder`] | LightGCN | `H = mean(E, ÂE, ..., Â^L E)` |
//! | [`feature_table`] | a table of raw features, whole or dealt out to several ranks | `X` |
//! | [`feature_gate`] | raw features to gates | `σ(Lin(Lin(LN(X))))` |
//! | [`feature_layer`] | raw features through one layer | `X Wᵀ + b`, `X` trainable |
//! | [`modality_encoder`] | one modality | `H = S^L (E_i ⊙ gate(X))` |
//!
//! A layer is a handful of [`ParamId`]s: the values live in one [`Params`]. `forward` returns what `backward` needs;
//! `backward` **adds** into [`Gradients`], so a weight used on two paths collects both. The crate knows graphs, but no
//! losses, no files and no optimiser.

pub mod activation;
pub mod feature_gate;
pub mod feature_layer;
pub mod feature_table;
pub mod gradients;
pub mod id_encoder;
pub mod init;
pub mod linear;
pub mod mlp;
pub mod modality_encoder;
#[cfg(test)]
mod parameter_gradients;
pub mod params;

pub use anchorrec_kernels::{Real, rows::Rows};
pub use feature_gate::FeatureGate;
pub use feature_layer::FeatureLayer;
pub use feature_table::{FeatureTable, FixedTable, PickedRows};
pub use gradients::{FactoredGradient, Gradient, Gradients};
pub use id_encoder::IdEncoder;
pub use linear::Linear;
pub use mlp::Mlp;
pub use modality_encoder::ModalityEncoder;
pub use params::{KeptId, ParamId, Parameter, Params, RowsOf};
