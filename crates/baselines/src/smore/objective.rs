//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `mean softplus(-(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `reg` | `½ (Σ‖z_u‖² + Σ‖z_i‖² + Σ‖z_j‖²) / B_cfg` | `z_u, z_i, z_j` |
//! | `align_users` | `InfoNCE(side_u, C_u)` over the batch's users | both |
//! | `align_items` | `InfoNCE(side_i, C_i)` over the batch's positives | both |
//!
//! `z = C + side`. Users and items are computed once each, repeats are multiplicities. `z_m` alone is computed for all items. The backward half of the
//! step reads as the forward half from bottom to top.

use super::{Masks, Smore, mixing};
use crate::sides::{self, Sides};
use anchorrec_encoders::Gradients;
use anchorrec_graph::spmm::add_transposed_rows;
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_recommender::{Batch, BatchRows, Distinct, Step};
use ndarray::Array2;

impl<F: Real> Smore<F> {
    /// Makes a step in which the preferences of the batch's distinct users and then of its distinct items, both ascending, are multiplied by `masks`.
    ///
    /// # Panics
    /// When the batch is empty or ragged, or holds an id that is not there.
    pub fn step_with(&self, batch: &Batch, masks: Option<&Masks<F>>) -> Step<F> {
        let rows = BatchRows::new(batch);
        let users = Distinct::new(batch.users);
        let (params, weights) = (&self.params, &self.settings.weights);
        let mut terms = Vec::new();
        let mut gradients = Gradients::zero(params);

        // Forward: the content of all items, then the rows of this batch.
        let content = self.content();
        let encodings = self.encode(&content, &users.ids, &rows.items, masks);
        let split = |table: &Array2<F>| Sides::split(table, users.ids.len());
        let (id, side) = (split(&encodings.id), split(&encodings.mixed.side));
        let z = id.plus(&side);

        // Losses, each with what it sends back.
        let z_rows = z.triples(&users, &rows);
        let mut d = z_rows.zeros_like();
        sides::rank(&z_rows, &mut d, &mut terms);
        sides::regularise(weights.reg, self.batch_size, &z_rows, &mut d, &mut terms);
        let d_z = Sides::of_triples(&z, &d, &users, &rows);
        let weighted = (weights.align, self.settings.temperature);
        let (d_side, d_id) = sides::align(weighted, &side, &id, &users, &rows, &mut terms);

        // Backward: `z` to both summands, what was taken, then the content and the interaction graph.
        let d_side = d_z.plus(&d_side).stacked();
        let inputs = (&encodings.id, &encodings.content, masks);
        let (d_c, d_content) = self.mixing.backward(params, &mut gradients, inputs, &encodings.mixed, &d_side);
        let user_item = &self.graphs.user_item;
        let d_propagated = d_content.map(|d| {
            let d = split(&d);
            let mut all = Array2::zeros((user_item.items(), d.items.ncols()));
            rows::add_rows(&mut all, Rows::Some(&rows.items), d.items.view());
            add_transposed_rows(&mut all, &user_item.users_to_items, &users.ids, d.users.view());
            all
        });
        let inputs = (self.item_graphs(), &params[self.id.items]);
        let mut d_embedding = self.content.backward(params, &mut gradients, inputs, &content, d_propagated);
        let d_id = d_z.plus(&d_id).plus(&split(&d_c));
        let (d_e_users, d_e_items) =
            self.id.rows_backward(user_item, (&users.ids, &d_id.users), (&rows.items, &d_id.items));
        d_embedding += &d_e_items;
        gradients.add(self.id.users, d_e_users);
        gradients.add(self.id.items, d_embedding);
        Step { terms, gradients }
    }
}

pub(super) fn step<F: Real>(model: &Smore<F>, batch: &Batch) -> Step<F> {
    let rows = Distinct::<F>::new(batch.users).ids.len() + BatchRows::<F>::new(batch).items.len();
    let shape = (rows, model.settings.embedding_dim);
    model.step_with(batch, mixing::draw(shape, model.settings.dropout, batch.seed).as_ref())
}
