//! `align_inputs = InfoNCE(sg p_mm, 0.25 p_v + 0.75 p_t)` over the positives: a mixture of text and vision meets the anchor.
//!
//! [`MixSource`] says what is mixed. As published, `p_m = P_m(sg X_m)` reads the raw features: nothing that is scored learns from it. With
//! `p_m = P_m(H_m)` the term is `align_encodings`; in [`Space::Embedding`](crate::settings::Space) `p_m` is `H_m` itself, which is what the
//! paper calls direct alignment.

use super::evaluated::Evaluated;
use crate::batch_encodings::BatchEncodings;
use crate::settings::MixSource;
use crate::{AnchorRec, Modalities, Modality};
use anchorrec_encoders::mlp::MlpOutput;
use anchorrec_encoders::{Gradients, Mlp, Params, PickedRows};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::Rows;
use anchorrec_losses::info_nce_detached_queries;
use anchorrec_recommender::{BatchRows, Term};
use ndarray::Array2;

/// The second InfoNCE term. `p_mm` `[n, D]` is of the distinct positives, `targets` are their rows of `X_m`. Sends back `dH_m` `[n, D]` of the modalities whose encodings were
/// read; the gradients of the heads `P_v` and `P_t` are added on the way.
pub(crate) fn align_inputs<F: Real>(
    weight: f64,
    model: &AnchorRec<F>,
    rows: &BatchRows<F>,
    encodings: &BatchEncodings<F>,
    p_mm: Option<&Array2<F>>,
    targets: &Modalities<PickedRows<F>>,
    gradients: &mut Gradients<F>,
) -> Option<Evaluated<Modalities<Array2<F>>>> {
    let p_mm = p_mm.filter(|_| weight > 0.0)?;
    let (mix, heads) = (&model.settings.mix, &model.heads);
    let shares = [(Modality::Text, heads.text, mix.text), (Modality::Vision, heads.vision, mix.vision)];
    let mixed_in = shares.into_iter().filter_map(|(modality, head, share)| {
        Some((modality, MixedIn::new(model, modality, head, encodings, targets, rows)?, F::of(share)))
    });
    let mixed_in: Vec<_> = mixed_in.collect();
    if mixed_in.is_empty() {
        return None;
    }
    let mut mixed = Array2::zeros(p_mm.dim());
    for (_, p, share) in &mixed_in {
        mixed.scaled_add(*share, p.value());
    }
    let loss = info_nce_detached_queries(
        p_mm.view(),
        mixed.view(),
        F::of(model.settings.temperature),
        rows.multiplicity.view(),
    );
    let (name, about) = match mix.of {
        MixSource::Features => ("align_inputs", "input heads against fused projection"),
        MixSource::Encodings => ("align_encodings", "text and image encodings against fused projection"),
    };
    let term = Term::new(name, about, loss.value, weight);

    let d_mixed = loss.backward_keys(F::of(weight)); // sg p_mm
    let mut d_encodings = Modalities::default();
    for (modality, p, share) in mixed_in {
        if let Some(d_h) = p.backward(&model.params, gradients, d_mixed.mapv(|d| d * share)) {
            d_encodings.set(modality, d_h);
        }
    }
    Some(Evaluated { term, gradients: d_encodings })
}

/// `p_m` of one modality of the mixture, of the distinct positives.
enum MixedIn<'t, 'a, F> {
    /// `P_m(sg X_m)`.
    Features { head: Mlp, target: &'t PickedRows<'a, F>, output: MlpOutput<F> },
    /// `P_m(H_m)`.
    Projected { head: Mlp, h: Array2<F>, output: MlpOutput<F> },
    /// The encodings `H_m`.
    Encoded(Array2<F>),
}

impl<'t, 'a, F: Real> MixedIn<'t, 'a, F> {
    /// Computes `p_m`; `None` for a modality that is absent.
    fn new(
        model: &AnchorRec<F>,
        modality: Modality,
        head: Option<Mlp>,
        encodings: &BatchEncodings<F>,
        targets: &'t Modalities<PickedRows<'a, F>>,
        rows: &BatchRows<F>,
    ) -> Option<Self> {
        let params = &model.params;
        Some(match (model.settings.mix.of, head) {
            (MixSource::Features, head) => {
                let (head, target) = (head?, targets.get(modality)?);
                let output = head.forward(params, target.table.view(), Rows::Some(&target.rows));
                MixedIn::Features { head, target, output }
            }
            (MixSource::Encodings, Some(head)) => {
                let h = encodings.positives(modality, rows)?;
                let output = head.forward(params, h.view(), Rows::All);
                MixedIn::Projected { head, h, output }
            }
            (MixSource::Encodings, None) => MixedIn::Encoded(encodings.positives(modality, rows)?),
        })
    }

    fn value(&self) -> &Array2<F> {
        match self {
            MixedIn::Features { output, .. } | MixedIn::Projected { output, .. } => &output.value,
            MixedIn::Encoded(h) => h,
        }
    }

    /// Adds the gradients of the head. Returns `dH_m` where it was read.
    fn backward(self, params: &Params<F>, gradients: &mut Gradients<F>, d_p: Array2<F>) -> Option<Array2<F>> {
        match self {
            MixedIn::Features { head, target, output } => {
                let positives = Rows::Some(&target.rows);
                head.backward_weights(params, gradients, target.table.view(), positives, &output, d_p.view()); // sg X_m
                None
            }
            MixedIn::Projected { head, h, output } => {
                Some(head.backward(params, gradients, h.view(), &output, d_p.view()))
            }
            MixedIn::Encoded(_) => Some(d_p),
        }
    }
}
