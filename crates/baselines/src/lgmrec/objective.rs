//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `mean softplus(-(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `contrast_users` | `Σ_b -ln( exp(cos(u_v,b, u_t,b)/τ) / Σ_{all w} exp(cos(u_v,b, u_t,w)/τ) )` over the batch's users | `u_v`, all `u_t` |
//! | `contrast_items` | the same of the batch's positives and all items | `i_v`, all `i_t` |
//! | `reg` | `(‖Z_u‖_F + ‖Z_i‖_F + ‖Z_j‖_F) / B`, norms not squared | `z_u, z_i, z_j` |
//!
//! The contrast is a sum over the batch, not a mean; repeats count. Hypergraphs join all nodes, so everything but `z` is computed for all users and items. The
//! backward half of the step reads as the forward half from bottom to top.

use super::model::{SHORTEST, Side};
use super::{Draws, Encodings, LgmRec};
use crate::sides::{self, Sides};
use anchorrec_encoders::Gradients;
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::{frobenius_norm, info_nce_in_table};
use anchorrec_recommender::{Batch, BatchRows, Distinct, Embeddings, Step, Term};
use ndarray::{Array1, Array2};

impl<F: Real> LgmRec<F> {
    /// Makes a step with these draws.
    ///
    /// # Panics
    /// When the batch is empty or ragged, or holds an id that is not there.
    pub fn step_with(&self, batch: &Batch, draws: &Draws<F>) -> Step<F> {
        let rows = BatchRows::new(batch);
        let users = Distinct::new(batch.users);
        let settings = &self.settings;
        let mut terms = Vec::new();
        let mut gradients = Gradients::zero(&self.params);

        // Forward: all users and items, then the rows of this batch.
        let encodings = self.encode(draws);
        let scored = [(Side::Users, &users.ids), (Side::Items, &rows.items)]
            .map(|(side, ids)| self.scored(&encodings, side, ids));
        let z = Sides { users: scored[0].z.clone(), items: scored[1].z.clone() };

        // Losses, each with what it sends back; `d_global` are those of `u_m` and `i_m`.
        let z_rows = z.triples(&users, &rows);
        let mut d = z_rows.zeros_like();
        sides::rank(&z_rows, &mut d, &mut terms);
        let mut d_global = self.contrast(&encodings, &users, &rows, &mut terms);
        if settings.weights.reg > 0.0 {
            let mut value = F::zero();
            for (z, d) in z_rows.each().into_iter().zip(d.each_mut()) {
                let loss = frobenius_norm(z.view(), F::of(batch.users.len() as f64));
                value += loss.value;
                *d += &loss.backward(F::of(settings.weights.reg));
            }
            terms.push(Term::new("reg", "norms of the final embeddings", value, settings.weights.reg));
        }
        let d_z = Sides::of_triples(&z, &d, &users, &rows);

        // Backward: `z` to its summands, the hypergraphs, the interaction graph.
        let mut d_local: Vec<Embeddings<F>> = encodings.modalities.iter().map(|_| self.zeros()).collect();
        let mut d_id = self.zeros();
        for (scored, side, ids, d_z) in
            [(&scored[0], Side::Users, &users.ids, &d_z.users), (&scored[1], Side::Items, &rows.items, &d_z.items)]
        {
            let (local, global) = scored.backward(d_z, F::of(settings.global_weight));
            let add = |into: &mut Embeddings<F>, rows: &Array2<F>| {
                let into = match side {
                    Side::Users => &mut into.users,
                    Side::Items => &mut into.items,
                };
                rows::add_rows(into, Rows::Some(ids), rows.view());
            };
            add(&mut d_id, d_z);
            d_local.iter_mut().zip(&local).for_each(|(into, rows)| add(into, rows));
            if let Some(global) = &global {
                d_global.iter_mut().for_each(|into| add(into, global));
            }
        }
        for (m, (d_local, d_global)) in d_local.into_iter().zip(d_global).enumerate() {
            let (encoded, draw, tau) = (&encodings.modalities[m], &draws.modalities[m], F::of(settings.temperature));
            let [of_items, of_users] = encoded.assignments.each_ref().map(|assignment| assignment.value());
            let start = &encodings.id.items;
            let (d_of_items, d_of_users, d_start) =
                encoded.passes.backward(of_items, of_users, start, d_global.items, &d_global.users);
            d_id.items += &d_start;
            let d_logits = [
                encoded.assignments[0].backward(d_of_items, &draw[0], tau),
                encoded.assignments[1].backward(d_of_users, &draw[1], tau),
            ];
            let (modality, (_, features)) = (&self.modalities[m], &self.graphs.features[m]);
            let inputs = (&*self.graphs, features, settings.local_layers);
            modality.backward(&mut gradients, inputs, d_local, d_logits);
        }
        let (d_users, d_items) = self.id.all_backward(&self.graphs.user_item, &d_id.users, &d_id.items);
        gradients.add(self.id.users, d_users);
        gradients.add(self.id.items, d_items);
        Step { terms, gradients }
    }

    fn zeros(&self) -> Embeddings<F> {
        let [items, users] = self.nodes().map(|n| Array2::zeros((n, self.settings.embedding_dim)));
        Embeddings { users, items }
    }

    /// HCL, where there are two modalities: returns the gradients of `u_m` and `i_m`.
    fn contrast(
        &self,
        encodings: &Encodings<F>,
        users: &Distinct<F>,
        rows: &BatchRows<F>,
        terms: &mut Vec<Term>,
    ) -> Vec<Embeddings<F>> {
        let weight = self.settings.weights.align;
        let ([vision, text], true) = (&encodings.modalities[..], weight > 0.0) else {
            return encodings.modalities.iter().map(|_| self.zeros()).collect();
        };
        let of = |side: Side, ids: &[u32], multiplicity: &Array1<F>| {
            let queries = rows::gather(vision.global(side), ids);
            let (tau, floor) = (F::of(self.settings.temperature), F::of(SHORTEST));
            let loss =
                info_nce_in_table(queries.view(), text.global(side).view(), ids, tau, multiplicity.view(), floor);
            // A mean there, a sum here.
            let batch = rows.positives.len() as f64;
            let (d_queries, d_table) = loss.backward(F::of(weight * batch));
            let mut d_vision = Array2::zeros(d_table.dim());
            rows::add_rows(&mut d_vision, Rows::Some(ids), d_queries.view());
            (F::of(loss.value.as_f64() * batch), d_vision, d_table)
        };
        let (value, vision_users, text_users) = of(Side::Users, &users.ids, &users.multiplicity);
        terms.push(Term::new("contrast_users", "image hypergraph against text hypergraph, users", value, weight));
        let (value, vision_items, text_items) = of(Side::Items, &rows.positive_items, &rows.multiplicity);
        terms.push(Term::new("contrast_items", "image hypergraph against text hypergraph, items", value, weight));
        vec![
            Embeddings { users: vision_users, items: vision_items },
            Embeddings { users: text_users, items: text_items },
        ]
    }
}
