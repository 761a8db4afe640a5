//! `amp_m = ‖H_m H_mᵀ - cos(sg X_m)‖_F / B` over the positives: items that are similar in a modality stay similar in its encoding.
//!
//! The sum runs over all pairs of positives, repeats kept. An item that occurs `c` times is one row times `√c`, in `H_m` and in the target
//! alike. Where the squares of the target's cosines are kept (see [`Graphs`](crate::Graphs)), the norm of the target comes from them.

use super::evaluated::Evaluated;
use crate::batch_encodings::BatchEncodings;
use crate::{AnchorRec, Modality};
use anchorrec_encoders::PickedRows;
use anchorrec_kernels::{Real, rows};
use anchorrec_losses::gram_distance::{Target, gram_distance_to_known, gram_distance_to_rows};
use anchorrec_recommender::{BatchRows, Term};
use ndarray::Array2;

/// AMP of one modality, whose rows of the positives are `target`. Sends back `dH_m` of the distinct positives, `[n, D]`.
pub(crate) fn amp<F: Real>(
    weight: f64,
    modality: Modality,
    model: &AnchorRec<F>,
    rows: &BatchRows<F>,
    encodings: &BatchEncodings<F>,
    target: Option<&PickedRows<F>>,
) -> Option<Evaluated<Array2<F>>> {
    if weight <= 0.0 {
        return None;
    }
    let mut h = encodings.positives(modality, rows)?;
    let batch = F::of(rows.positives.len() as f64);
    let root = rows.multiplicity.mapv(|c| c.sqrt());
    rows::scale(&mut h, root.view());
    let PickedRows { table, rows: places } = target.expect("a table for every encoded modality");
    let factors = rows::unit_factors(table, places, root.view());
    let target = Target { table: table.view(), rows: places, factors };
    let known = model.graphs.cosine_squares.get(modality).and_then(|squares| {
        let counts: Vec<u64> = rows.multiplicity.iter().map(|c| c.as_f64() as u64).collect();
        gram_distance_to_known(h.view(), &target, squares.sum(&rows.positive_items, &counts))
    });
    let loss = known.unwrap_or_else(|| gram_distance_to_rows(h.view(), &target));
    let (name, about) = match modality {
        Modality::Mm => ("amp_mm", "fused similarities kept"),
        Modality::Text => ("amp_text", "text similarities kept"),
        Modality::Vision => ("amp_vision", "image similarities kept"),
    };
    let term = Term::new(name, about, loss.value / batch, weight);

    let mut d_h = loss.backward(F::of(weight) / batch); // sg X_m
    rows::scale(&mut d_h, root.view());
    Some(Evaluated { term, gradients: d_h })
}
