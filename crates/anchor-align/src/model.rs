//! The model assembled: encoders and heads, the forward pass to the embeddings that are scored.
//!
//! `H_c = H_mm + H_text` (content of items), then
//! `z_u = H_id,u + R̂ H_c` and `z_i = H_id,i + H_c + ρ Dec(P_mm(H_mm))`. Since `R̂` is linear, one product serves both modalities.

use crate::content::content;
use crate::heads::Heads;
use crate::settings::MixSource;
use crate::{Graphs, Modalities, Modality, Settings, Targets, Weights};
use anchorrec_encoders::modality_encoder::Encoded;
use anchorrec_encoders::{FeatureTable, FixedTable, IdEncoder, ModalityEncoder, Params, PickedRows};
use anchorrec_graph::spmm;
use anchorrec_kernels::{Real, rows::Rows};
use anchorrec_recommender::{BatchRows, Embeddings, SettingError, UserSums};
use ndarray::Array2;
use rand::Rng;
use std::sync::Arc;

/// AnchorRec: its weights, its graphs, its settings.
#[derive(Clone, Debug)]
pub struct AnchorRec<F> {
    pub(crate) settings: Settings,
    pub(crate) params: Params<F>,
    pub(crate) graphs: Arc<Graphs<F>>,
    pub(crate) id: IdEncoder,
    pub(crate) modalities: Modalities<ModalityEncoder>,
    pub(crate) heads: Heads,
    /// The raw features, kept only with [`Targets::Frozen`].
    pub(crate) raw: Option<Modalities<FixedTable<F>>>,
    /// `B_cfg`, the divisor of REG.
    pub(crate) batch_size: usize,
}

/// What the encoders computed, for all users and items.
#[derive(Clone, Debug)]
pub struct Encodings<F> {
    /// `H_id` of users, `[U, D]`.
    pub id_users: Array2<F>,
    /// `H_id` of items, `[I, D]`.
    pub id_items: Array2<F>,
    /// `H_m` of items, `[I, D]`.
    pub modalities: Modalities<Encoded<F>>,
    /// `H_c = H_mm + H_text` of items, `[I, D]`; absent when both are.
    pub content: Option<Array2<F>>,
}

impl<F: Real> AnchorRec<F> {
    /// Makes a model with fresh weights; `features` are the raw tables `[I, F_m]`, `batch_size` is `B_cfg`.
    ///
    /// # Errors
    /// When a setting cannot work.
    ///
    /// # Panics
    /// When the graphs and the features disagree on which modalities there are, or on the number of items.
    pub fn new(
        settings: &Settings,
        batch_size: usize,
        graphs: Arc<Graphs<F>>,
        features: Modalities<&Array2<F>>,
        rng: &mut impl Rng,
    ) -> Result<Self, SettingError> {
        settings.check()?;
        let (users, items) = (graphs.user_item.users(), graphs.user_item.items());
        for modality in Modality::ALL {
            let rows = features.get(modality).map(|f| f.nrows());
            let expected = graphs.items.get(modality).map(|_| items);
            assert_eq!(rows, expected, "{}: feature rows and items of its graph", modality.name());
        }
        let mut params = Params::new();
        let id = IdEncoder::new(&mut params, users, items, settings.embedding_dim, settings.id_layers, rng);
        let widths = features.as_ref().map(|_, f| f.ncols());
        let frozen = settings.targets == Targets::Frozen;
        let raw = frozen.then(|| features.as_ref().map(|_, &f| FixedTable::new(f.clone())));
        let modalities = features.map(|modality, features| {
            let (layers, norm) = (settings.item_layers, settings.layer_norm);
            ModalityEncoder::new(&mut params, modality.name(), features.clone(), id.items, layers, norm, rng)
        });
        let heads = Heads::new(&mut params, settings, &widths, rng);
        Ok(AnchorRec { settings: settings.clone(), params, graphs, id, modalities, heads, raw, batch_size })
    }

    /// Returns the hyper-parameters.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the projection heads.
    pub fn heads(&self) -> &Heads {
        &self.heads
    }

    /// Runs all encoders for all users and items.
    pub fn encode(&self) -> Encodings<F> {
        self.encode_modalities(|_| true)
    }

    fn encode_modalities(&self, wanted: impl Fn(Modality) -> bool) -> Encodings<F> {
        let (id_users, id_items) = self.id.all(&self.params, &self.graphs.user_item);
        let encoders = self.modalities.as_ref().filter(wanted);
        let modalities = encoders.map(|modality, encoder| {
            let graph = self.graphs.items.get(modality).expect("a graph for every modality");
            encoder.forward(&self.params, &graph.whole(encoder.layers))
        });
        let content = content(&modalities);
        Encodings { id_users, id_items, modalities, content }
    }

    /// `z_u` and `z_i` of all users and items.
    pub(crate) fn final_embeddings(&self) -> Embeddings<F> {
        let encodings = self.encode_modalities(Modality::is_scored);
        let mut users = encodings.id_users;
        let mut items = encodings.id_items;
        if let Some(content) = &encodings.content {
            users += &self.modality_of_users(content);
            items += content;
        }
        if let (Some(heads), Some(mm)) = (&self.heads.anchor, &encodings.modalities.mm) {
            let projected = heads.mm.forward(&self.params, mm.value.view(), Rows::All).value;
            let decoded = heads.decoder.forward(&self.params, projected.view(), Rows::All).value;
            items.scaled_add(F::of(self.settings.decoder_weight), &decoded);
        }
        Embeddings { users, items }
    }

    /// `z_u` taken apart: `H_id,u` is a sum over the user's items, and `R̂ H_c` is one too.
    pub(crate) fn final_sums(&self) -> UserSums<F> {
        let graph = &self.graphs.user_item;
        let (own, mut items) = self.id.user_sums(&self.params, graph);
        if let Some(content) = &self.encode_modalities(Modality::is_scored).content {
            items += content;
        }
        UserSums { own, weights: graph.users_to_items.clone(), items }
    }

    /// `H_m` of users, `R̂ H_m`, `[U, D]`.
    pub fn modality_of_users(&self, modality_of_items: &Array2<F>) -> Array2<F> {
        spmm(&self.graphs.user_item.users_to_items, modality_of_items)
    }

    /// The table `[I, F_m]` that AMP compares with and `P_v`, `P_t` read: `X_m` itself, or the raw features.
    fn target_table(&self, modality: Modality) -> Option<FeatureTable<'_, F>> {
        match &self.raw {
            Some(raw) => raw.get(modality).map(FixedTable::table),
            None => Some(self.params.features(self.modalities.get(modality)?.gate.features)),
        }
    }

    /// The rows of the positives in the tables that the terms of `weights` look at.
    pub(crate) fn targets<'a>(&'a self, weights: &Weights, rows: &'a BatchRows<F>) -> Modalities<PickedRows<'a, F>> {
        let inputs = weights.align_inputs > 0.0 && self.settings.mix.of == MixSource::Features;
        self.modalities.as_ref().filter_map(|modality, _| {
            let shaped = weights.amp.get(modality).is_some_and(|&weight| weight > 0.0);
            let reads = shaped || (inputs && modality != Modality::Mm);
            Some(self.target_table(modality).filter(|_| reads)?.pick(&rows.positive_items))
        })
    }
}
