//! The model and its objective, forward and backward.

use super::Settings;
use anchorrec_encoders::{Gradients, IdEncoder, ParamId, Params};
use anchorrec_graph::UserItemGraph;
use anchorrec_kernels::{Real, rows};
use anchorrec_losses::{Triples, bpr_of_triples, frobenius_norm};
use anchorrec_recommender::{Batch, Embeddings, Recommender, SettingError, Step, Term};
use ndarray::{Array2, Axis};
use rand::Rng;
use std::sync::Arc;

/// `γ` of `-ln(γ + σ(x))`: MMRec's guard against `ln 0`.
const FLOOR: f64 = 1e-10;

/// LightGCN: embeddings of users and items over the interaction graph.
#[derive(Clone, Debug)]
pub struct LightGcn<F> {
    settings: Settings,
    params: Params<F>,
    graph: Arc<UserItemGraph<F>>,
    id: IdEncoder,
}

impl<F: Real> LightGcn<F> {
    /// A model with fresh weights; `graph` has the degree offset `Tiny`.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn new(settings: &Settings, graph: Arc<UserItemGraph<F>>, rng: &mut impl Rng) -> Result<Self, SettingError> {
        settings.check()?;
        let mut params = Params::new();
        let (users, items) = (graph.users(), graph.items());
        let id = IdEncoder::new(&mut params, users, items, settings.embedding_dim, settings.layers, rng);
        Ok(LightGcn { settings: settings.clone(), params, graph, id })
    }
}

impl<F: Real> Recommender<F> for LightGcn<F> {
    fn params(&self) -> &Params<F> {
        &self.params
    }

    fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    fn step(&self, batch: &Batch) -> Step<F> {
        let Batch { users, positives, negatives, .. } = *batch;
        batch.check();

        // Forward: the rows of the batch, positives before negatives.
        let items: Vec<u32> = positives.iter().chain(negatives).copied().collect();
        let (z_users, z_items) = self.id.rows(&self.params, &self.graph, users, &items);
        let (z_pos, z_neg) = z_items.view().split_at(Axis(0), positives.len());
        let z = Triples { users: z_users.view(), positives: z_pos, negatives: z_neg };
        let ranking = bpr_of_triples(z, F::of(FLOOR));

        // Backward of BPR: rows, then all of E.
        let (mut d_users, mut d_items) = (Array2::zeros(z_users.dim()), Array2::zeros(z_items.dim()));
        let (d_pos, d_neg) = d_items.view_mut().split_at(Axis(0), positives.len());
        ranking.backward(F::one(), Triples { users: d_users.view_mut(), positives: d_pos, negatives: d_neg });
        let (mut d_e_users, mut d_e_items) = self.id.rows_backward(&self.graph, (users, &d_users), (&items, &d_items));

        // L2 on the ego embeddings: sparse in E, so added row by row.
        let divisor = F::of(users.len() as f64);
        let mut norms = F::zero();
        let mut add_norm = |table: ParamId, ids: &[u32], d_e: &mut Array2<F>| {
            let loss = frobenius_norm(rows::gather(&self.params[table], ids).view(), divisor);
            norms += loss.value;
            rows::scatter_add(d_e, ids, loss.backward(F::of(self.settings.reg)).view());
        };
        add_norm(self.id.users, users, &mut d_e_users);
        add_norm(self.id.items, positives, &mut d_e_items);
        add_norm(self.id.items, negatives, &mut d_e_items);
        let mut gradients = Gradients::zero(&self.params);
        gradients.add(self.id.users, d_e_users);
        gradients.add(self.id.items, d_e_items);
        let terms = vec![
            Term::new("bpr", "ranking: positives above negatives", ranking.value, 1.0),
            Term::new("reg", "norms of the batch's embeddings before propagation", norms, self.settings.reg),
        ];
        Step { terms, gradients }
    }

    fn embeddings(&self) -> Embeddings<F> {
        let (users, items) = self.id.all(&self.params, &self.graph);
        Embeddings { users, items }
    }
}
