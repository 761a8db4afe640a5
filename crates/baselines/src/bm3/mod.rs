//! BM3 (Zhou et al., WWW 2023, arXiv 2207.05969) with the objective of MMRec: self-supervision without negatives.
//!
//! `h_u = mean(E, ÂE, ..., Â^L E)_u`, `h_i = mean(E, ÂE, ..., Â^L E)_i + E_i`, degrees with the offset `1e-7`; for each modality
//! `t_m = X_m W_mᵀ + b_m`, where `X_m` are trainable copies of the raw features. One layer `P`, the predictor, serves all:
//! the score is `P(h_u) · P(h_i)`.
//!
//! A representation is trained to predict *targets*: what another one (or itself) is at this moment, some elements dropped,
//! `x̄ = sg(x ⊙ mask / (1-p))`. With `C(x, y) = 1 - mean_b cos(P(x_b), ȳ_b)` over the users and positives of the batch, repeats kept,
//!
//! `L = C(h_u, h_i) + C(h_i, h_u) + λ (‖H_u‖_F + ‖H_i‖_F) / I + w Σ_m (C(t_m, h_i) + C(t_m, t_m))`,
//!
//! where the norms are un-squared and run over *all* users and items. The mask of an item is drawn once for each step, so a
//! repeated row has one target. A modality that is absent has no terms.

mod dropout;
mod model;
mod objective;
mod recommender;
mod settings;
mod spec;

pub use dropout::Masks;
pub use model::{Bm3, Encoded};
pub use objective::Targets;
pub use settings::Settings;
pub use spec::Spec;
