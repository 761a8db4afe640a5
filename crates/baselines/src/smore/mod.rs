//! SMORE (Ong, Khong: "Spectrum-based Modality Representation Fusion Graph Convolutional Network for Multimodal Recommendation", WSDM 2025,
//! arXiv 2412.14978) in the form of MMRec: image `v` and text `t` are filtered and fused in the frequency domain.
//!
//! **Filters** ([`spectrum`], [`filters`]). `x_m = F_m W_mᵀ + b_m` `[I, D]`, `X_m` its Fourier transform along the `D` coordinates of an item; with complex
//! filters `ψ`, multiplied for each frequency: `Y_v = X_v ψ_v`, `Y_t = X_t ψ_t` and, fused, `Y_f = X_t X_v ψ_f`; transformed back they are `y_v, y_t, y_f`.
//!
//! **Content** ([`content`]), for `m = v, t, f`: `e_m = E_i ⊙ σ(Lin(y_m))`, `z_m = S_m^L e_m` over items, `R̂ z_m` over users: `M_m = [R̂ z_m; z_m]`.
//! `S_v`, `S_t` are item graphs of the raw features, `S_f` their union with the larger weight.
//!
//! **Preferences** ([`mixing`]), with `C = LightGCN(E)`: `side = (q_v ⊙ a_v ⊙ M_v + q_t ⊙ a_t ⊙ M_t + q_f ⊙ M_f) / 3`, where
//! `a_m = softmax(Q_m(M_f))` over the `D` coordinates of a node, `Q_m = Lin(tanh(Lin(x)))`, and `q_m = dropout(σ(Lin(C)))`.
//!
//! **Scores and loss.** `z = C + side`, score `z_u · z_i`; `L = BPR + λ_reg REG + λ_align (InfoNCE(side_u, C_u) + InfoNCE(side_i, C_i))`
//! ([`objective`]). Nothing is detached. `F_m` is trained; the graphs stay those of the raw features.
//!
//! The real and the imaginary parts of `ψ` are a parameter's two columns. The imaginary parts of the frequency 0 and, for an even `D`, of the highest one
//! have no effect and a gradient of exactly 0.
//!
//! Both modalities are needed: of one alone there is nothing to fuse, and the model refuses. The fused features `mm` are not looked at.

pub mod content;
pub mod filters;
pub mod graphs;
pub mod mixing;
mod model;
pub mod objective;
mod recommender;
mod settings;
mod spec;
pub mod spectrum;

pub use content::ItemContent;
pub use graphs::Graphs;
pub use mixing::{Masks, Mixed};
pub use model::{Encodings, Smore};
pub use settings::{Settings, TermWeights};
pub use spec::Spec;
