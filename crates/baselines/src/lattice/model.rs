//! The model assembled: its weights, the item graph of this epoch, and the embeddings that are scored.

use super::{Graphs, LearnedGraph, Settings};
use anchorrec_encoders::params::KeptId;
use anchorrec_encoders::{FeatureLayer, ParamId, Params, Rows, RowsOf, init};
use anchorrec_graph::ItemGraph;
use anchorrec_kernels::Real;
use anchorrec_losses::UnitRows;
use anchorrec_recommender::{Embeddings, SettingError};
use ndarray::{Array2, array};
use rand::Rng;
use std::sync::Arc;

/// What a length is at least, where the rows of `h` are divided by theirs.
pub(super) const SHORTEST: f64 = 1e-12;

/// LATTICE: embeddings over the interaction graph and over an item graph that is learned from features.
#[derive(Clone, Debug)]
pub struct Lattice<F> {
    pub(super) settings: Settings,
    pub(super) params: Params<F>,
    pub(super) graphs: Arc<Graphs<F>>,
    /// The user embeddings `E_u`, `[U, D]`.
    pub(super) users: ParamId,
    /// The item embeddings `E_i`, `[I, D]`.
    pub(super) items: ParamId,
    /// Image before text; those that there are.
    pub(super) modalities: Vec<Modality>,
    /// The weights of the modalities before the softmax, `ω`, `[1, 2]`; absent without two modalities.
    pub(super) weights: Option<ParamId>,
    /// The shares `w` at the beginning of the epoch, `[1, modalities]`.
    kept_shares: Option<KeptId>,
    /// The item graph `G` of the epoch: made of the kept tables.
    epoch: Option<Arc<LearnedGraph<F>>>,
    /// The configured batch size `B_cfg`, the divisor of the regulariser.
    pub(super) batch_size: usize,
}

/// A modality of the item graph.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modality {
    name: &'static str,
    /// The trained features `F_m` and their layer `W_m`, `b_m`.
    pub layer: FeatureLayer,
    /// The projected features `X_m` at the beginning of the epoch, `[I, D]`.
    kept: KeptId,
}

/// What the item graph is made of at some weights.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Projected<F> {
    /// The projected features `X_m`, `[I, D]`, in the order of the modalities.
    pub tables: Vec<Array2<F>>,
    /// The shares of the modalities, `w`, `[1, modalities]`.
    pub shares: Array2<F>,
}

impl<F: Real> Lattice<F> {
    /// Makes a model with fresh weights; `vision` and `text` are the raw tables `[I, F_m]`, `batch_size` is `B_cfg`.
    ///
    /// # Errors
    /// When a setting cannot work.
    ///
    /// # Panics
    /// When the graphs and the features disagree on which there are, or on the number of items.
    pub fn new(
        settings: &Settings,
        batch_size: usize,
        graphs: Arc<Graphs<F>>,
        vision: Option<&Array2<F>>,
        text: Option<&Array2<F>>,
        rng: &mut impl Rng,
    ) -> Result<Self, SettingError> {
        settings.check()?;
        let (users, items, width) = (graphs.user_item.users(), graphs.user_item.items(), settings.embedding_dim);
        let mut params = Params::new();
        let users = params.add_table("user_embedding.weight", RowsOf::Users, init::xavier_uniform(users, width, rng));
        let embedding =
            params.add_table("item_embedding.weight", RowsOf::Items, init::xavier_uniform(items, width, rng));
        let mut modalities = Vec::new();
        for (name, features, frozen) in [("vision", vision, &graphs.vision), ("text", text, &graphs.text)] {
            let expected = frozen.as_ref().map(|_| items);
            assert_eq!(features.map(|f| f.nrows()), expected, "{name}: feature rows and items of its graph");
            let Some(features) = features else { continue };
            let layer = FeatureLayer::new(&mut params, name, features.clone(), width, rng);
            let kept = params.keep(format!("{name}.projected"), Array2::zeros((items, width)));
            modalities.push(Modality { name, layer, kept });
        }
        let half = F::of(0.5);
        let weights = (modalities.len() == 2).then(|| params.add_vector("modality_weights", array![[half, half]]));
        let shares = Array2::zeros((1, modalities.len()));
        let kept_shares = (!modalities.is_empty()).then(|| params.keep("modality_shares", shares));
        let (settings, items, epoch) = (settings.clone(), embedding, None);
        Ok(Lattice { settings, params, graphs, users, items, modalities, weights, kept_shares, epoch, batch_size })
    }

    /// Returns the graphs, which training does not change.
    pub fn graphs(&self) -> &Graphs<F> {
        &self.graphs
    }

    /// Projects the features with the weights as they are, `X_m` `[I, D]`: image before text.
    pub fn projected(&self) -> Vec<Array2<F>> {
        self.modalities.iter().map(|modality| modality.layer.forward(&self.params, Rows::All)).collect()
    }

    /// Learns the item graph of the weights as they are; absent without features.
    pub fn learn(&self) -> Option<Arc<LearnedGraph<F>>> {
        self.learned_of(&self.sources()?)
    }

    /// Returns the item graph that this epoch trains on; absent without features, and before an epoch has begun.
    pub fn epoch_graph(&self) -> Option<&LearnedGraph<F>> {
        self.epoch.as_deref()
    }

    /// The item graph that this epoch trains on, to be shared.
    pub(super) fn kept_graph(&self) -> Option<Arc<LearnedGraph<F>>> {
        self.epoch.clone()
    }

    /// Computes `z` of all users and items over an item graph: that of the epoch, or that of the weights as they are.
    pub fn embeddings_over(&self, learned: Option<&LearnedGraph<F>>) -> Embeddings<F> {
        let (users, mut items) = self.collaborative();
        if let Some(learned) = learned {
            items += &self.content(learned);
        }
        Embeddings { users, items }
    }

    /// `C` of all users and items.
    pub(super) fn collaborative(&self) -> (Array2<F>, Array2<F>) {
        let (users, items) = (&self.params[self.users], &self.params[self.items]);
        self.graphs.user_item.layer_mean(users, items, self.settings.id_layers)
    }

    /// `h / ‖h‖` of all items, `[I, D]`.
    pub(super) fn content(&self, learned: &LearnedGraph<F>) -> Array2<F> {
        let h = learned.graph().whole(self.settings.item_layers).propagate(self.params[self.items].clone());
        UnitRows::floored(h.view(), F::of(SHORTEST)).rows
    }

    /// What the graph of the weights as they are is made of.
    fn sources(&self) -> Option<Projected<F>> {
        let tables = self.projected();
        (!tables.is_empty()).then(|| Projected { tables, shares: self.shares() })
    }

    /// `w = softmax(ω)`.
    fn shares(&self) -> Array2<F> {
        let Some(weights) = self.weights else { return Array2::ones((1, self.modalities.len())) };
        let weights = &self.params[weights];
        let largest = weights.iter().copied().fold(F::neg_infinity(), |a, b| if b > a { b } else { a });
        let exponentials = weights.mapv(|w| (w - largest).exp());
        &exponentials / exponentials.sum()
    }

    fn learned_of(&self, sources: &Projected<F>) -> Option<Arc<LearnedGraph<F>>> {
        // What the epoch began with gives what it trains on: nearest neighbours are not looked for twice.
        if self.epoch.is_some() && self.kept().as_ref() == Some(sources) {
            return self.epoch.clone();
        }
        let of = |(m, modality): (usize, &Modality)| {
            (&sources.tables[m], self.frozen(modality), sources.shares[[0, m]].as_f64())
        };
        let modalities: Vec<_> = self.modalities.iter().enumerate().map(of).collect();
        Some(Arc::new(LearnedGraph::new(&modalities, self.settings.neighbours, self.settings.frozen_share)))
    }

    fn frozen(&self, modality: &Modality) -> &ItemGraph<F> {
        let graph = if modality.name == "vision" { &self.graphs.vision } else { &self.graphs.text };
        graph.as_ref().expect("a frozen graph of each modality")
    }

    /// What the graph of the epoch is made of.
    fn kept(&self) -> Option<Projected<F>> {
        let shares = self.params[self.kept_shares?].clone();
        Some(Projected { tables: self.modalities.iter().map(|m| self.params[m.kept].clone()).collect(), shares })
    }

    /// Keeps what the graph of the weights as they are is made of, and learns it: the graph of an epoch that begins.
    pub(super) fn begin(&mut self) {
        let Some(sources) = self.sources() else { return };
        let learned = self.learned_of(&sources);
        for (modality, table) in self.modalities.iter().zip(sources.tables) {
            self.params[modality.kept] = table;
        }
        self.params[self.kept_shares.expect("kept with the tables")] = sources.shares;
        self.epoch = learned;
    }

    /// Learns the graph of the epoch again from what was kept.
    pub(super) fn resume(&mut self) {
        self.epoch = None;
        self.epoch = self.kept().and_then(|kept| self.learned_of(&kept));
    }
}
