//! `smooth = mean over the edges of S_mm of w_ij ‖H_mm,i - H_mm,j‖²`: neighbours in the anchor's item graph stay near.

use super::evaluated::Evaluated;
use crate::AnchorRec;
use crate::batch_encodings::BatchEncodings;
use anchorrec_kernels::Real;
use anchorrec_recommender::Term;
use ndarray::Array2;

/// SMO. Sends back `dH_mm` of all items, `[I, D]`.
pub(crate) fn smooth<F: Real>(
    weight: f64,
    model: &AnchorRec<F>,
    encodings: &BatchEncodings<F>,
) -> Option<Evaluated<Array2<F>>> {
    let edges = model.graphs.smoothness.as_ref().filter(|_| weight > 0.0)?;
    let loss = edges.forward(encodings.modalities.mm.as_ref()?.value.view());
    let term = Term::new("smooth", "neighbours in the item graph stay near", loss.value, weight);
    Some(Evaluated { term, gradients: loss.backward(F::of(weight)) })
}
