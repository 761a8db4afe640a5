//! The model assembled: encoders, and the forward pass to the embeddings that are scored.

use super::{Graphs, Settings, Targets};
use anchorrec_encoders::{FeatureTable, FixedTable, IdEncoder, ModalityEncoder, Params};
use anchorrec_graph::spmm;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Embeddings, SettingError};
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
    /// The features as they came, kept only with [`Targets::Frozen`].
    pub raw: Option<FixedTable<F>>,
}

/// The collaborative and the content embeddings of all users and items; their sum is what is scored.
#[derive(Clone, Debug)]
pub struct Encodings<F> {
    /// What the ID encoder gives, `H_id`.
    pub id: Embeddings<F>,
    /// `H_mm`; absent with the fused features.
    pub mm: Option<Embeddings<F>>,
}

impl<F: Real> AlignRec<F> {
    /// Makes a model with fresh weights; `features` is the raw table `[I, F_mm]`, `batch_size` is `B_cfg`.
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
            Content { encoder, raw: (settings.targets == Targets::Frozen).then(|| FixedTable::new(raw.clone())) }
        });
        Ok(AlignRec { settings: settings.clone(), params, graphs, id, content, batch_size })
    }

    /// Returns the graphs, which training does not change.
    pub fn graphs(&self) -> &Graphs<F> {
        &self.graphs
    }

    /// Runs both encoders for all users and items.
    pub fn encode(&self) -> Encodings<F> {
        let (users, items) = self.id.all(&self.params, &self.graphs.user_item);
        let mm = self.content.as_ref().zip(self.graphs.mm.as_ref()).map(|(content, graph)| {
            let items = content.encoder.forward(&self.params, &graph.whole(self.settings.item_layers)).value;
            Embeddings { users: spmm(&self.graphs.user_item.users_to_items, &items), items }
        });
        Encodings { id: Embeddings { users, items }, mm }
    }

    /// The features that SIM compares with, `[I, F_mm]`.
    pub(super) fn target_table<'a>(&'a self, content: &'a Content<F>) -> FeatureTable<'a, F> {
        let trained = || self.params.features(content.encoder.gate.features);
        content.raw.as_ref().map_or_else(trained, FixedTable::table)
    }
}

impl<F: Real> Encodings<F> {
    /// Adds the two up: `z` of all users and items.
    pub(super) fn sum(self) -> Embeddings<F> {
        let mut z = self.id;
        if let Some(mm) = self.mm {
            z.users += &mm.users;
            z.items += &mm.items;
        }
        z
    }
}
