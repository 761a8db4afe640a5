//! Every hyper-parameter of the model: declared, defaulted and checked here and nowhere else.
//!
//! The defaults are the point that the authors' surviving configurations share; where those differ (`item_layers`,
//! `temperature`, `weights.align`, `weights.amp`) their run on Sports.

use anchorrec_recommender::setting::{SettingError, at_least_one, layers, not_negative, positive, width};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`AnchorRec`](crate::AnchorRec).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `D`, the width of every embedding and projection.
    pub embedding_dim: usize,
    /// Layers of the ID encoder.
    pub id_layers: usize,
    /// `L`, propagation steps over each item graph.
    pub item_layers: usize,
    /// `k`, neighbours of an item in its graphs, itself included.
    pub neighbours: usize,
    /// Whether raw features pass a LayerNorm first.
    pub layer_norm: bool,
    /// `τ` of both InfoNCE terms.
    pub temperature: f64,
    /// `ρ`, the share of the decoded anchor in an item's final embedding.
    pub decoder_weight: f64,
    /// What AMP and the input heads look at.
    pub targets: Targets,
    /// Where the modalities are aligned.
    pub space: Space,
    /// Margin of the UI term.
    pub ui_margin: f64,
    /// Weights of the terms.
    pub weights: TermWeights,
    /// `c_m`, the weight of each modality within AMP.
    pub amp: AmpWeights,
    /// What the second InfoNCE term mixes.
    pub mix: Mix,
    /// Whether the second InfoNCE term is computed. With `mix.of = "features"` it trains `P_v` and `P_t` only, which feed nothing
    /// else: without it every ranking stays the same to the last bit, and a step is cheaper.
    pub train_input_heads: bool,
}

/// What the AMP targets and the inputs of `P_v`, `P_t` are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Targets {
    /// The trained features of this moment, without gradient: what the published code does (its raw and its
    /// trainable features are one storage).
    Shared,
    /// The raw features, for ever: what the paper's text says.
    Frozen,
}

/// Where the modalities are aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Space {
    /// In the projection space, which nothing is scored in: the method.
    Projection,
    /// In the embeddings' own space, without any head and without the decoder: direct alignment, what the paper argues against.
    Embedding,
}

/// What the second InfoNCE term mixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MixSource {
    /// `P_m(X_m)`: projections of the features, as published. Nothing that is scored learns from it.
    Features,
    /// `P_m(H_m)`: projections of what the encoders make of them.
    Encodings,
}

/// Weights of the terms of the objective; BPR has weight 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TermWeights {
    /// Weight of the margin between users and items, `w_ui`.
    pub ui: f64,
    /// Weight of the regularisation, `λ_reg`.
    pub reg: f64,
    /// Weight of the alignment terms, `λ_aal`.
    pub align: f64,
    /// Weight of the distances between geometries, `λ_amp`.
    pub amp: f64,
    /// Weight of SMO.
    pub smooth: f64,
}

/// `c_m` of AMP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AmpWeights {
    /// Factor of the fused embedding.
    pub mm: f64,
    /// Factor of text.
    pub text: f64,
    /// Factor of vision.
    pub vision: f64,
}

/// `0.25 p_v + 0.75 p_t`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mix {
    /// What is projected.
    pub of: MixSource,
    /// Share of text.
    pub text: f64,
    /// Share of vision.
    pub vision: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            embedding_dim: 64,
            id_layers: 2,
            item_layers: 1,
            neighbours: 10,
            layer_norm: false,
            temperature: 0.2,
            decoder_weight: 0.0005,
            targets: Targets::Shared,
            space: Space::Projection,
            ui_margin: 0.2,
            weights: TermWeights::default(),
            amp: AmpWeights::default(),
            mix: Mix::default(),
            train_input_heads: true,
        }
    }
}

impl Default for TermWeights {
    fn default() -> Self {
        TermWeights { ui: 0.01, reg: 0.01, align: 0.001, amp: 0.1, smooth: 0.1 }
    }
}

impl Default for AmpWeights {
    fn default() -> Self {
        AmpWeights { mm: 1.0, text: 0.03, vision: 0.01 }
    }
}

impl Default for Mix {
    fn default() -> Self {
        Mix { of: MixSource::Features, text: 0.75, vision: 0.25 }
    }
}

impl Settings {
    /// Checks that a model can be made of these settings.
    pub fn check(&self) -> Result<(), SettingError> {
        width("anchorrec.embedding_dim", self.embedding_dim)?;
        layers("anchorrec.id_layers", self.id_layers)?;
        layers("anchorrec.item_layers", self.item_layers)?;
        at_least_one("anchorrec.neighbours", self.neighbours)?;
        positive("anchorrec.temperature", self.temperature)?;
        for (key, value) in [
            ("anchorrec.decoder_weight", self.decoder_weight),
            ("anchorrec.ui_margin", self.ui_margin),
            ("anchorrec.weights.ui", self.weights.ui),
            ("anchorrec.weights.reg", self.weights.reg),
            ("anchorrec.weights.align", self.weights.align),
            ("anchorrec.weights.amp", self.weights.amp),
            ("anchorrec.weights.smooth", self.weights.smooth),
            ("anchorrec.amp.mm", self.amp.mm),
            ("anchorrec.amp.text", self.amp.text),
            ("anchorrec.amp.vision", self.amp.vision),
            ("anchorrec.mix.text", self.mix.text),
            ("anchorrec.mix.vision", self.mix.vision),
        ] {
            not_negative(key, value)?;
        }
        match (self.space, self.mix.of) {
            (Space::Embedding, MixSource::Features) => {
                let expected = "encodings: with anchorrec.space = embedding nothing projects features into it";
                Err(SettingError::new("anchorrec.mix.of", expected, "features"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_pass_and_a_zero_temperature_does_not() {
        assert_eq!(Settings::default().check(), Ok(()));
        let error = Settings { temperature: 0.0, ..Settings::default() }.check().unwrap_err();
        assert_eq!(error.key, "anchorrec.temperature");
    }

    #[test]
    fn features_cannot_be_aligned_where_nothing_projects_them() {
        let direct = Settings { space: Space::Embedding, ..Settings::default() };
        assert_eq!(direct.check().unwrap_err().key, "anchorrec.mix.of");
        let mix = Mix { of: MixSource::Encodings, ..Mix::default() };
        assert_eq!(Settings { mix, ..direct }.check(), Ok(()));
    }
}
