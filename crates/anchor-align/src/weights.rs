//! The weights of the terms in the sum that is minimised.

use crate::{Modalities, Settings};

/// The weight of every term; a term of weight 0 is not computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    /// Weight of `bpr`.
    pub bpr: f64,
    /// Weight of `ui`.
    pub ui: f64,
    /// Weight of `reg`.
    pub reg: f64,
    /// Weight of `align_id`.
    pub align_id: f64,
    /// Weight of `align_inputs` or `align_encodings`, whichever the settings ask for.
    pub align_inputs: f64,
    /// Weights of `amp_mm`, `amp_text`, `amp_vision`.
    pub amp: Modalities<f64>,
    /// Weight of `smooth`.
    pub smooth: f64,
}

impl Weights {
    /// `L = BPR + w_ui UI + λ_reg REG + λ_aal (AAL_id + AAL_inputs) + λ_amp Σ_m c_m AMP_m + w_smooth SMO`.
    pub fn new(settings: &Settings) -> Self {
        let (weights, amp) = (&settings.weights, &settings.amp);
        Weights {
            bpr: 1.0,
            ui: weights.ui,
            reg: weights.reg,
            align_id: weights.align,
            align_inputs: if settings.train_input_heads { weights.align } else { 0.0 },
            amp: Modalities {
                mm: Some(weights.amp * amp.mm),
                text: Some(weights.amp * amp.text),
                vision: Some(weights.amp * amp.vision),
            },
            smooth: weights.smooth,
        }
    }
}
