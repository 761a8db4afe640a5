//! DA-MRS (Xv et al.: "Improving Multi-modal Recommender Systems by Denoising and Aligning Multi-modal Content and User Feedback", KDD 2024,
//! doi 10.1145/3637528.3671703) on LightGCN, in the form of MMRec.
//!
//! **Denoised item graphs**, made once of the raw features and never trained: an item's neighbours are chosen [among those that all modalities call
//! near](anchorrec_graph::agreeing), edges unweighted. A third graph, of behaviour, joins [items that the same users have](anchorrec_graph::common_users). All have self
//! loops, and weights `1/√((c_i + 1e-7)(c_j + 1e-7))` with `c` the number of an item's edges.
//!
//! **Scores.** `C = LightGCN(E)` (degrees with the offset `1e-7`), `h_m = G_m^n E_i` for `m` of image, text and behaviour, `h̄` their mean;
//! `z_u = C_u`, `z_i = C_i + h̄_i`, score `z_u · z_i`.
//!
//! **Denoised feedback.** The pairs of a batch are weighed by how much the graphs agree that the user likes the item ([`feedback`]); the weights are
//! detached.
//!
//! **Aligned.** Items that all graphs call near are near in each ([`neighbour_discrimination`](anchorrec_losses::neighbour_discrimination())), and users
//! like both parts of an item alike ([`preference_divergence`](anchorrec_losses::preference_divergence())).
//!
//! `L = wBPR + λ_nd ND + λ_kl KL`, see [`objective`]. There is no weight decay, and nothing is drawn.
//!
//! | departure | reason |
//! |---|---|
//! | ties among neighbours go to the lower index, also in the behaviour graph, where published lists have the order of a sort | the same bits everywhere |
//! | a row of zeros in the features keeps itself alone and is left out of the mean cosine (published: NaN, and no denoising at all) | nothing is silently switched off |
//! | the logarithms of a sigmoid in stable forms | finite where the published ones are not |
//! | the features' two linear layers, which feed nothing, are not there | they only shift random numbers |
//!
//! A modality that is absent leaves denoising and alignment to the graphs that are there, the means then run over those; without text and vision the
//! behaviour graph is alone. The fused features are not looked at.

pub mod feedback;
pub mod graphs;
mod model;
pub mod objective;
mod recommender;
mod settings;
mod spec;

pub use graphs::Graphs;
pub use model::DaMrs;
pub use settings::{Exponents, Settings, TermWeights};
pub use spec::Spec;
