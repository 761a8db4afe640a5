//! The anchor's rows of a batch: `p_mm = P_mm(H_mm)` and `Dec(p_mm)`, forward and backward.

use crate::AnchorRec;
use crate::batch_encodings::BatchEncodings;
use anchorrec_encoders::Gradients;
use anchorrec_encoders::mlp::MlpOutput;
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_recommender::BatchRows;
use ndarray::Array2;

/// The projection of the anchor, and what the decoder makes of it, for `rows.items`.
pub(crate) struct AnchorRows<F> {
    /// The anchor's encodings `H_mm`.
    input: Array2<F>,
    /// The projection `p_mm`.
    pub projected: MlpOutput<F>,
    /// `Dec(p_mm)`.
    pub decoded: MlpOutput<F>,
}

impl<F: Real> AnchorRows<F> {
    /// Projects and decodes; `None` without an anchor, or where nothing is projected.
    pub fn new(model: &AnchorRec<F>, encodings: &BatchEncodings<F>, rows: &BatchRows<F>) -> Option<Self> {
        let heads = model.heads.anchor.as_ref()?;
        let input = rows::gather(&encodings.modalities.mm.as_ref()?.value, &rows.items);
        let projected = heads.mm.forward(&model.params, input.view(), Rows::All);
        let decoded = heads.decoder.forward(&model.params, projected.value.view(), Rows::All);
        Some(AnchorRows { input, projected, decoded })
    }

    /// `dH_mm` of `rows.items` from `dDec(p_mm)` of them and `dp_mm` of the distinct positives; adds the gradients of both heads.
    pub fn backward(
        &self,
        model: &AnchorRec<F>,
        rows: &BatchRows<F>,
        d_decoded: Array2<F>,
        d_projected: Option<&Array2<F>>,
        gradients: &mut Gradients<F>,
    ) -> Array2<F> {
        let heads = model.heads.anchor.as_ref().expect("the heads that made these rows");
        let (params, projected) = (&model.params, self.projected.value.view());
        let mut d_p = heads.decoder.backward(params, gradients, projected, &self.decoded, d_decoded.view());
        if let Some(d_projected) = d_projected {
            rows::add_rows(&mut d_p, Rows::Some(&rows.positive_places), d_projected.view());
        }
        heads.mm.backward(params, gradients, self.input.view(), &self.projected, d_p.view())
    }
}
