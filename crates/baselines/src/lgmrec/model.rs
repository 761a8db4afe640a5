//! The model assembled: its weights, and the forward pass to the embeddings that are scored.

use super::local::{Local, Modality};
use super::{Assignment, Draws, Graphs, Passes, Settings};
use anchorrec_encoders::{IdEncoder, Params, init};
use anchorrec_kernels::{Real, rows};
use anchorrec_losses::UnitRows;
use anchorrec_recommender::{Embeddings, SettingError};
use ndarray::Array2;
use rand::Rng;
use std::sync::Arc;

/// What a length is at least, where rows are divided by theirs.
pub(super) const SHORTEST: f64 = 1e-12;

/// LGMRec: embeddings and features over the interaction graph, and hypergraphs of the features.
#[derive(Clone, Debug)]
pub struct LgmRec<F> {
    pub(super) settings: Settings,
    pub(super) params: Params<F>,
    pub(super) graphs: Arc<Graphs<F>>,
    pub(super) id: IdEncoder,
    /// In the order of the features.
    pub(super) modalities: Vec<Modality>,
}

/// What is computed of all users and items.
#[derive(Clone, Debug)]
pub struct Encodings<F> {
    /// The embeddings over the interaction graph, `C`.
    pub id: Embeddings<F>,
    /// Image before text; those that there are.
    pub modalities: Vec<Encoded<F>>,
}

/// What a modality gives.
#[derive(Clone, Debug)]
pub struct Encoded<F> {
    /// The modality over the interaction graph.
    pub local: Local<F>,
    /// The memberships of items and of users.
    pub assignments: [Assignment<F>; 2],
    /// The modality over the hypergraph: `i_m` and `u_m`.
    pub passes: Passes<F>,
}

/// Users or items.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Users,
    Items,
}

impl<F> Encodings<F> {
    /// `C` of a side.
    fn id(&self, side: Side) -> &Array2<F> {
        side.of(&self.id)
    }
}

impl Side {
    /// The table of this side.
    pub(super) fn of<F>(self, both: &Embeddings<F>) -> &Array2<F> {
        match self {
            Side::Users => &both.users,
            Side::Items => &both.items,
        }
    }
}

impl<F: Real> Encoded<F> {
    /// `u_m` or `i_m`.
    pub(super) fn global(&self, side: Side) -> &Array2<F> {
        match side {
            Side::Users => &self.passes.users,
            Side::Items => self.passes.items(),
        }
    }
}

/// Rows of `z`, and what leads back from them.
pub(super) struct Scored<F> {
    /// The rows that are scored, `z`, `[n, D]`.
    pub z: Array2<F>,
    /// `norm(Y_m)`.
    local: Vec<UnitRows<F>>,
    /// `norm(Σ_m u_m)` or `norm(Σ_m i_m)`; absent without a modality.
    global: Option<UnitRows<F>>,
}

impl<F: Real> Scored<F> {
    /// Returns the gradients of the rows of each `Y_m`, and of those of every `u_m` or `i_m`, which is the same for all, from that of `z`; that of `C` is `dz`.
    pub fn backward(&self, d_z: &Array2<F>, global_weight: F) -> (Vec<Array2<F>>, Option<Array2<F>>) {
        let local = self.local.iter().map(|unit| unit.backward(d_z.clone())).collect();
        (local, self.global.as_ref().map(|unit| unit.backward(d_z * global_weight)))
    }
}

impl<F: Real> LgmRec<F> {
    /// Makes a model with fresh weights.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn new(settings: &Settings, graphs: Arc<Graphs<F>>, rng: &mut impl Rng) -> Result<Self, SettingError> {
        settings.check()?;
        let (users, items, width) = (graphs.user_item.users(), graphs.user_item.items(), settings.embedding_dim);
        let mut params = Params::new();
        let id = IdEncoder::new(&mut params, users, items, width, settings.id_layers, rng);
        let mut modalities = Vec::new();
        for (name, features) in &graphs.features {
            let mut add = |what: &str, width: usize| {
                params.add(format!("{name}.{what}"), init::xavier_uniform(features.ncols(), width, rng))
            };
            let projection = add("projection", width);
            modalities.push(Modality { projection, hyperedges: add("hyperedges", settings.hyperedges) });
        }
        Ok(LgmRec { settings: settings.clone(), params, graphs, id, modalities })
    }

    /// Returns the graphs, which training does not change.
    pub fn graphs(&self) -> &Graphs<F> {
        &self.graphs
    }

    /// The numbers of items and of users.
    pub(super) fn nodes(&self) -> [usize; 2] {
        [self.graphs.user_item.items(), self.graphs.user_item.users()]
    }

    /// Runs everything for all users and items, with these draws.
    ///
    /// # Panics
    /// When they are of other modalities or sizes.
    pub fn encode(&self, draws: &Draws<F>) -> Encodings<F> {
        assert_eq!(draws.modalities.len(), self.modalities.len(), "draws for each modality");
        let (users, items) = self.id.all(&self.params, &self.graphs.user_item);
        let (settings, temperature) = (&self.settings, F::of(self.settings.temperature));
        let of_modality = |((modality, (_, features)), draw): ((&Modality, &(_, Array2<F>)), &[_; 2])| {
            let local = modality.forward(&self.params, &self.graphs, features, settings.local_layers);
            let assignments = [0, 1].map(|side| Assignment::new(&local.logits[side], &draw[side], temperature));
            let [of_items, of_users] = assignments.each_ref().map(Assignment::value);
            let passes = Passes::new(of_items, of_users, &items, settings.hypergraph_layers);
            Encoded { local, assignments, passes }
        };
        let with_features = self.modalities.iter().zip(&self.graphs.features);
        let modalities = with_features.zip(&draws.modalities).map(of_modality).collect();
        Encodings { id: Embeddings { users, items }, modalities }
    }

    /// Computes the rows `ids` of `z`.
    pub(super) fn scored(&self, encodings: &Encodings<F>, side: Side, ids: &[u32]) -> Scored<F> {
        let unit = |rows: Array2<F>| UnitRows::floored(rows.view(), F::of(SHORTEST));
        let mut z = rows::gather(encodings.id(side), ids);
        let of_modality = |encoded: &Encoded<F>| unit(rows::gather(side.of(&encoded.local.value), ids));
        let local: Vec<UnitRows<F>> = encodings.modalities.iter().map(of_modality).collect();
        local.iter().for_each(|unit| z += &unit.rows);
        let globals = encodings.modalities.iter().map(|encoded| rows::gather(encoded.global(side), ids));
        let global = globals.reduce(|sum, rows| sum + rows).map(unit);
        if let Some(global) = &global {
            z.scaled_add(F::of(self.settings.global_weight), &global.rows);
        }
        Scored { z, local, global }
    }

    /// Computes `z` of all users and items with these draws.
    pub fn embeddings_with(&self, draws: &Draws<F>) -> Embeddings<F> {
        let encodings = self.encode(draws);
        let all = |side, count: usize| self.scored(&encodings, side, &(0..count as u32).collect::<Vec<_>>()).z;
        let [items, users] = self.nodes();
        Embeddings { users: all(Side::Users, users), items: all(Side::Items, items) }
    }
}
