//! The model assembled: encoders, and the forward pass to the embeddings that are scored.

use super::{Graphs, Settings};
use anchorrec_encoders::{IdEncoder, ModalityEncoder, Params};
use anchorrec_kernels::Real;
use anchorrec_recommender::SettingError;
use ndarray::Array2;
use rand::Rng;
use std::sync::Arc;

/// AlignRec: an ID encoder and an encoder of the fused features, aligned where they are added.
#[derive(Clone, Debug)]
pub struct AlignRec<F> {
    pub(super) settings: Settings,
    pub(super) params: Params<F>,
    pub(super) graphs: Arc<Graphs<F>>,
    pub(super) id: IdEncoder,
    pub(super) content: Option<Content<F>>,
    /// `B_cfg`, the divisor of REG.
    pub(super) batch_size: usize,
}

/// What there is when there are fused features.
#[derive(Clone, Debug)]
pub(super) struct Content<F> {
    /// `H_mm`; its table `X_mm` is trained.
    pub encoder: ModalityEncoder,
    /// The features as they came: the target of SIM.
    pub raw: Array2<F>,
}

impl<F: Real> AlignRec<F> {
    /// A model with fresh weights; `features` is the raw table `[I, F_mm]`, `batch_size` is `B_cfg`.
    ///
    /// # Errors
    /// When a setting cannot work.
    ///
    /// # Panics
    /// When the graphs and the features disagree on whether there are any, or on the number of items.
    pub fn new(
        settings: &Settings,
        batch_size: usize,
        graphs: Arc<Graphs<F>>,
        features: Option<&Array2<F>>,
        rng: &mut impl Rng,
    ) -> Result<Self, SettingError> {
        settings.check()?;
        let (users, items) = (graphs.user_item.users(), graphs.user_item.items());
        let expected = graphs.mm.as_ref().map(|_| items);
        assert_eq!(features.map(|f| f.nrows()), expected, "mm: feature rows and items of its graph");
        let mut params = Params::new();
        let id = IdEncoder::new(&mut params, users, items, settings.embedding_dim, settings.id_layers, rng);
        let content = features.map(|raw| {
            let layers = settings.item_layers;
            let encoder = ModalityEncoder::new(&mut params, "mm", raw.clone(), id.items, layers, false, rng);
            Content { encoder, raw: raw.clone() }
        });
        Ok(AlignRec { settings: settings.clone(), params, graphs, id, content, batch_size })
    }

    /// `H_mm` of all items, `[I, D]`.
    pub(super) fn mm(&self) -> Option<Array2<F>> {
        let (content, graph) = self.content.as_ref().zip(self.graphs.mm.as_ref())?;
        Some(content.encoder.forward(&self.params, &graph.whole(self.settings.item_layers)).value)
    }
}
