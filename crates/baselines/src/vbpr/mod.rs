//! VBPR (He & McAuley, AAAI 2016, arXiv 1510.01784) with the features and the objective of MMRec.
//!
//! `z_u = E_u` `[U, 2D]`, `z_i = [E_i | X Wᵀ + b]` `[I, 2D]`, score `z_u · z_i`: half of a user meets the item itself, half its content.
//! `X` `[I, F]` are the raw features of all modalities side by side (MMRec: text, then vision) and are not trained; `W` `[D, F]`.
//! The paper has vision alone and biases of items and of visual features; MMRec has neither bias. The objective is in [`objective`].

mod model;
pub mod objective;
mod recommender;
mod settings;
mod side_by_side;
mod spec;

pub use model::Vbpr;
pub use settings::Settings;
pub use side_by_side::side_by_side;
pub use spec::Spec;
