//! The model and its objective, forward and backward.

use super::Settings;
use anchorrec_encoders::{Batch, Embeddings, Gradients, IdEncoder, Params, Recommender, SettingError, Step, Term};
use anchorrec_graph::UserItemGraph;
use anchorrec_kernels::{Real, rows};
use anchorrec_losses::{bpr, frobenius_norm};
use ndarray::Array2;
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
        let Batch { users, positives, negatives } = *batch;
        assert!(
            !users.is_empty() && users.len() == positives.len() && users.len() == negatives.len(),
            "a batch of {} users, {} positives, {} negatives",
            users.len(),
            positives.len(),
            negatives.len()
        );

        // Forward.
        let (all_users, all_items) = self.id.forward(&self.params, &self.graph);
        let z_users = rows::gather(&all_users, users);
        let z_pos = rows::gather(&all_items, positives);
        let z_neg = rows::gather(&all_items, negatives);
        let ranking = bpr(rows::inner(&z_users, &z_pos).view(), rows::inner(&z_users, &z_neg).view(), F::of(FLOOR));

        // Backward of BPR: score gradients, then rows, then all of E.
        let (d_pos, d_neg) = ranking.backward(F::one());
        let (mut d_users, mut d_items) = (Array2::zeros(all_users.dim()), Array2::zeros(all_items.dim()));
        for (b, ((&u, &i), &j)) in users.iter().zip(positives).zip(negatives).enumerate() {
            let (dp, dn) = (d_pos[b], d_neg[b]);
            let mut d_user = d_users.row_mut(u as usize);
            d_user.scaled_add(dp, &z_pos.row(b));
            d_user.scaled_add(dn, &z_neg.row(b));
            d_items.row_mut(i as usize).scaled_add(dp, &z_users.row(b));
            d_items.row_mut(j as usize).scaled_add(dn, &z_users.row(b));
        }
        let mut gradients = Gradients::zero(&self.params);
        self.id.backward(&mut gradients, &self.graph, &d_users, &d_items);

        // L2 on the ego embeddings: sparse in E, so added row by row.
        let divisor = F::of(users.len() as f64);
        let mut norms = F::zero();
        for (table, ids) in [(self.id.users, users), (self.id.items, positives), (self.id.items, negatives)] {
            let ego = rows::gather(&self.params[table], ids);
            let loss = frobenius_norm(ego.view(), divisor);
            norms += loss.value;
            gradients.add_rows(table, ids, loss.backward(F::of(self.settings.reg)).view());
        }
        let terms = vec![
            Term { name: "bpr", value: ranking.value.as_f64(), weight: 1.0 },
            Term { name: "reg", value: norms.as_f64(), weight: self.settings.reg },
        ];
        Step { terms, gradients }
    }

    fn embeddings(&self) -> Embeddings<F> {
        let (users, items) = self.id.forward(&self.params, &self.graph);
        Embeddings { users, items }
    }
}
