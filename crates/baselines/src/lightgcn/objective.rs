//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `-mean ln(1e-10 + σ(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `reg` | `(‖E_u‖_F + ‖E_i‖_F + ‖E_j‖_F) / B` over the batch, repeats kept, un-squared | `E_u, E_i, E_j`: the rows before propagation |

use super::LightGcn;
use anchorrec_encoders::{Gradients, ParamId};
use anchorrec_kernels::{Real, rows};
use anchorrec_losses::{Triples, bpr_of_triples, frobenius_norm};
use anchorrec_recommender::{Batch, Step, Term};
use ndarray::{Array2, Axis};

/// `γ` of `-ln(γ + σ(x))`: MMRec's guard against `ln 0`.
const FLOOR: f64 = 1e-10;

pub(super) fn step<F: Real>(model: &LightGcn<F>, batch: &Batch) -> Step<F> {
    batch.check();
    let Batch { users, positives, negatives, .. } = *batch;
    let (params, id, reg) = (&model.params, &model.id, model.settings.reg);

    // Forward: the rows of the batch, positives before negatives.
    let items: Vec<u32> = positives.iter().chain(negatives).copied().collect();
    let (z_users, z_items) = id.rows(params, &model.graph, users, &items);
    let (z_pos, z_neg) = z_items.view().split_at(Axis(0), positives.len());
    let z = Triples { users: z_users.view(), positives: z_pos, negatives: z_neg };
    let ranking = bpr_of_triples(z, F::of(FLOOR));

    // Backward of BPR: rows, then all of E.
    let (mut d_users, mut d_items) = (Array2::zeros(z_users.dim()), Array2::zeros(z_items.dim()));
    let (d_pos, d_neg) = d_items.view_mut().split_at(Axis(0), positives.len());
    ranking.backward(F::one(), Triples { users: d_users.view_mut(), positives: d_pos, negatives: d_neg });
    let (mut d_e_users, mut d_e_items) = id.rows_backward(&model.graph, (users, &d_users), (&items, &d_items));

    // L2 on the ego embeddings, forward and backward: sparse in E, so added row by row.
    let divisor = F::of(users.len() as f64);
    let mut norms = F::zero();
    let mut add_norm = |table: ParamId, ids: &[u32], d_e: &mut Array2<F>| {
        let loss = frobenius_norm(rows::gather(&params[table], ids).view(), divisor);
        norms += loss.value;
        rows::scatter_add(d_e, ids, loss.backward(F::of(reg)).view());
    };
    add_norm(id.users, users, &mut d_e_users);
    add_norm(id.items, positives, &mut d_e_items);
    add_norm(id.items, negatives, &mut d_e_items);
    let mut gradients = Gradients::zero(params);
    gradients.add(id.users, d_e_users);
    gradients.add(id.items, d_e_items);
    let terms = vec![
        Term::new("bpr", "ranking: positives above negatives", ranking.value, 1.0),
        Term::new("reg", "norms of the batch's embeddings before propagation", norms, reg),
    ];
    Step { terms, gradients }
}
