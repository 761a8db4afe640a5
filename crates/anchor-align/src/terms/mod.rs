//! The terms of the objective, a file each: from what a batch computed to a value and its gradients.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `mean softplus(-(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `ui` | `mean relu(μ + (1 - cos(sg z_u, z_i)) - (1 - cos(sg z_u, z_j)))` | `z_i, z_j` |
//! | `reg` | `½ (Σ‖z_u‖² + Σ‖z_i‖² + Σ‖z_j‖²) / B_cfg` | `z_u, z_i, z_j` |
//! | `align_id` | `InfoNCE(p_mm, p_id)` over the positives | `p_mm`; `P_id` and `H_id` |
//! | `align_inputs` | `InfoNCE(sg p_mm, 0.25 p_v + 0.75 p_t)` with `p_m = P_m(sg X_m)` | `P_v`, `P_t` alone |
//! | `align_encodings` | the same with `p_m = P_m(H_m)` | `P_v`, `P_t`; `H_vision` and `H_text` |
//! | `amp_m` | `‖H_m H_mᵀ - cos(sg X_m)‖_F / B` over the positives | `H_m` |
//! | `smooth` | mean over the edges of `S_mm` of `w_ij ‖H_mm,i - H_mm,j‖²` | `H_mm` |
//!
//! A term is `None` where its weight is 0 or what it reads is absent. The terms over positives are computed once for each distinct item:
//! InfoNCE takes the multiplicities as weights, and in AMP a row that occurs `c` times is one row times `√c`.
//!
//! A stop-gradient is an absent line, marked `sg` where it would stand.

mod align_id;
mod align_inputs;
mod amp;
mod bpr;
mod evaluated;
mod reg;
mod smooth;
mod ui;

pub(crate) use align_id::align_id;
pub(crate) use align_inputs::align_inputs;
pub(crate) use amp::amp;
pub(crate) use bpr::bpr;
pub(crate) use evaluated::list;
pub(crate) use reg::reg;
pub(crate) use smooth::smooth;
pub(crate) use ui::ui;
