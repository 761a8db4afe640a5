//! The projections into the space where alignment happens, and the way back.
//!
//! `p_id = P_id(H_id)`, `p_mm = P_mm(H_mm)`, `p_v = P_v(X_v)`, `p_t = P_t(X_t)`, each Linear-ReLU-Linear into `D`; the decoder
//! `Dec` brings `p_mm` back into the ID space. A head whose modality is absent is absent; `P_id` and `Dec` need the
//! anchor, without which there is nothing to align to. With [`Space::Embedding`] there is none of them: every `P` is the identity.

use crate::settings::{MixSource, Space};
use crate::{Modalities, Settings};
use anchorrec_encoders::{Mlp, Params};
use anchorrec_kernels::Real;
use rand::Rng;

/// The projection heads of a model.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    /// `P_id`, `P_mm` and `Dec`.
    pub anchor: Option<AnchorHeads>,
    /// `P_t`, from raw text features or from `H_text`.
    pub text: Option<Mlp>,
    /// `P_v`, from raw vision features or from `H_v`.
    pub vision: Option<Mlp>,
}

/// The heads that meet at the anchor.
#[derive(Clone, Copy, Debug)]
pub struct AnchorHeads {
    /// The head `P_id` of the ID embeddings.
    pub id: Mlp,
    /// The head `P_mm` of the anchor.
    pub mm: Mlp,
    /// The decoder `Dec`.
    pub decoder: Mlp,
}

impl Heads {
    /// Adds the heads for the given raw widths `F_m`.
    pub fn new<F: Real>(
        params: &mut Params<F>,
        settings: &Settings,
        widths: &Modalities<usize>,
        rng: &mut impl Rng,
    ) -> Self {
        let dim = settings.embedding_dim;
        let anchor = widths.mm.filter(|_| settings.space == Space::Projection).map(|_| AnchorHeads {
            id: Mlp::new(params, "project_id", dim, dim, rng),
            mm: Mlp::new(params, "project_mm", dim, dim, rng),
            decoder: Mlp::new(params, "decode_mm", dim, dim, rng),
        });
        let mut input_head = |name: &str, width: Option<usize>| {
            // The mixture of the inputs is aligned to the anchor: no anchor, no input heads.
            let width = width.filter(|_| anchor.is_some())?;
            let inputs = if settings.mix.of == MixSource::Features { width } else { dim };
            Some(Mlp::new(params, name, inputs, dim, rng))
        };
        Heads {
            anchor,
            text: input_head("project_text", widths.text),
            vision: input_head("project_vision", widths.vision),
        }
    }
}
