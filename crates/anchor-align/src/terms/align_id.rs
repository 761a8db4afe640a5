//! `align_id = InfoNCE(p_mm, p_id)` over the positives, with `p_id = P_id(H_id)`: the ID embedding meets the anchor in the projection space.
//!
//! In [`Space::Embedding`](crate::settings::Space) there is no head and both projections are the identity.

use super::evaluated::Evaluated;
use crate::AnchorRec;
use crate::batch_encodings::BatchEncodings;
use anchorrec_encoders::Gradients;
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::info_nce;
use anchorrec_recommender::{BatchRows, Term};
use ndarray::Array2;

/// What `align_id` sends back, of the distinct positives, `[n, D]` each.
pub(crate) struct AlignIdGradients<F> {
    /// The gradient of the anchor's projection, `dp_mm`.
    pub anchor: Array2<F>,
    /// The gradient of the ID embeddings, `dH_id`.
    pub ids: Array2<F>,
}

/// The first InfoNCE term. `p_mm` `[n, D]` is of the distinct positives. The gradient of the head `P_id` is added on the way.
pub(crate) fn align_id<F: Real>(
    weight: f64,
    model: &AnchorRec<F>,
    rows: &BatchRows<F>,
    encodings: &BatchEncodings<F>,
    p_mm: Option<&Array2<F>>,
    gradients: &mut Gradients<F>,
) -> Option<Evaluated<AlignIdGradients<F>>> {
    let p_mm = p_mm.filter(|_| weight > 0.0)?;
    let (params, tau) = (&model.params, F::of(model.settings.temperature));

    let h_id = rows::gather(&encodings.id_items, &rows.positive_places);
    let head = model.heads.anchor.as_ref().map(|heads| (heads.id, heads.id.forward(params, h_id.view(), Rows::All)));
    let p_id = head.as_ref().map_or(&h_id, |(_, p_id)| &p_id.value);
    let loss = info_nce(p_mm.view(), p_id.view(), tau, rows.multiplicity.view());
    let term = Term::new("align_id", "fused projection against ID projection", loss.value, weight);

    let (d_p_mm, d_p_id) = loss.backward(F::of(weight));
    let d_h_id = match &head {
        Some((head, p_id)) => head.backward(params, gradients, h_id.view(), p_id, d_p_id.view()),
        None => d_p_id,
    };
    Some(Evaluated { term, gradients: AlignIdGradients { anchor: d_p_mm, ids: d_h_id } })
}
