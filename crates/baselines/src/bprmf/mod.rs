//! BPR-MF (Rendle et al.: "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI 2009, arXiv 1205.2618): matrix factorisation under
//! the pairwise objective that all models here share. No graph, no features: what they add is what a better model has over this one.
//!
//! `z_u = E_u`, `z_i = E_i`, score `z_u · z_i`; the objective is in [`objective`].

mod model;
pub mod objective;
mod recommender;
mod settings;
mod spec;

pub use model::BprMf;
pub use settings::{Objective, Settings};
pub use spec::Spec;
