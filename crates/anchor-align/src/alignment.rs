//! The alignment of a batch (AAL), forward and backward: two InfoNCE terms over its positives.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `align_id` | `InfoNCE(p_mm, p_id)` | `H_mm`, `H_id` of the positives |
//! | `align_inputs` | `InfoNCE(sg p_mm, 0.25 p_v + 0.75 p_t)` with `p_m = P_m(sg X_m)` | `P_v`, `P_t` alone |
//! | `align_encodings` | the same with `p_m = P_m(H_m)` | `H_v`, `H_text` of the positives |
//!
//! [`Space`] says where: in the projection space, or, with every `P` the identity, in the embeddings' own space, which is what the paper
//! calls direct alignment. [`MixSource`] says which of the two second terms: the published one reads the raw features, so nothing that is
//! scored is ever aligned by it.
//!
//! [`Space`]: crate::settings::Space

use crate::batch_encodings::BatchEncodings;
use crate::objective::{AnchorRows, Weights};
use crate::settings::MixSource;
use crate::{AnchorRec, Modalities, Modality};
use anchorrec_encoders::mlp::MlpOutput;
use anchorrec_encoders::{Gradients, Mlp, Params};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::{info_nce, info_nce_detached_queries};
use anchorrec_recommender::{BatchRows, Term};
use ndarray::Array2;

/// What the alignment sends back; the gradients of the heads `P_id`, `P_v`, `P_t` are added on the way.
pub(crate) struct AlignBackward<F> {
    /// `dp_mm` of `rows.items`; zero where nothing is projected.
    pub projected: Array2<F>,
    /// `dH_id` of the distinct positives, `[n, D]`.
    pub ids: Array2<F>,
    /// `dH_m` of the distinct positives, of the modalities whose encodings are read without `p_mm` between, `[n, D]`.
    pub encodings: Modalities<Array2<F>>,
}

/// The two InfoNCE terms; nothing where there is no anchor to align to.
pub(crate) fn align_terms<F: Real>(
    model: &AnchorRec<F>,
    weights: &Weights,
    rows: &BatchRows<F>,
    encodings: &BatchEncodings<F>,
    anchor: Option<&AnchorRows<F>>,
    terms: &mut Vec<Term>,
    gradients: &mut Gradients<F>,
) -> AlignBackward<F> {
    let (params, heads) = (&model.params, &model.heads);
    let (tau, dim) = (F::of(model.settings.temperature), model.settings.embedding_dim);
    let mut back = AlignBackward {
        projected: Array2::zeros((rows.items.len(), dim)),
        ids: Array2::zeros((rows.positive_items.len(), dim)),
        encodings: Modalities::default(),
    };
    let p_mm = match anchor {
        Some(anchor) => rows::gather(&anchor.projected.value, &rows.positive_places),
        None => match encodings.positives(Modality::Mm, rows) {
            Some(h_mm) => h_mm,
            None => return back,
        },
    };

    if weights.align_id > 0.0 {
        let h_id = rows::gather(&encodings.id_items, &rows.positive_places);
        let head = heads.anchor.as_ref().map(|heads| (heads.id, heads.id.forward(params, h_id.view(), Rows::All)));
        let p_id = head.as_ref().map_or(&h_id, |(_, p_id)| &p_id.value);
        let loss = info_nce(p_mm.view(), p_id.view(), tau, rows.multiplicity.view());
        terms.push(Term::new("align_id", "fused projection against ID projection", loss.value, weights.align_id));
        let (d_p_mm, d_p_id) = loss.backward(F::of(weights.align_id));
        match anchor {
            Some(_) => rows::add_rows(&mut back.projected, Rows::Some(&rows.positive_places), d_p_mm.view()),
            None => back.encodings.set(Modality::Mm, d_p_mm),
        }
        back.ids = match &head {
            Some((head, p_id)) => head.backward(params, gradients, h_id.view(), p_id, d_p_id.view()),
            None => d_p_id,
        };
    }
    if weights.align_inputs > 0.0 {
        let mix = &model.settings.mix;
        let shares = [(Modality::Text, heads.text, mix.text), (Modality::Vision, heads.vision, mix.vision)];
        let mixed_in = shares.into_iter().filter_map(|(modality, head, share)| {
            Some((modality, MixedIn::new(model, modality, head, encodings, rows)?, F::of(share)))
        });
        let mixed_in: Vec<_> = mixed_in.collect();
        if !mixed_in.is_empty() {
            let mut mixed = Array2::zeros(p_mm.dim());
            for (_, p, share) in &mixed_in {
                mixed.scaled_add(*share, p.value());
            }
            let loss = info_nce_detached_queries(p_mm.view(), mixed.view(), tau, rows.multiplicity.view());
            let (name, about) = match mix.of {
                MixSource::Features => ("align_inputs", "input heads against fused projection"),
                MixSource::Encodings => ("align_encodings", "text and image encodings against fused projection"),
            };
            terms.push(Term::new(name, about, loss.value, weights.align_inputs));
            let d_mixed = loss.backward_keys(F::of(weights.align_inputs)); // sg p_mm
            for (modality, p, share) in mixed_in {
                if let Some(d_h) = p.backward(params, gradients, rows, d_mixed.mapv(|d| d * share)) {
                    back.encodings.set(modality, d_h);
                }
            }
        }
    }
    back
}

/// `p_m` of one modality of the mixture, of the distinct positives.
enum MixedIn<'a, F> {
    /// `P_m(sg X_m)`.
    Features { head: Mlp, table: &'a Array2<F>, output: MlpOutput<F> },
    /// `P_m(H_m)`.
    Projected { head: Mlp, h: Array2<F>, output: MlpOutput<F> },
    /// `H_m`.
    Encoded(Array2<F>),
}

impl<'a, F: Real> MixedIn<'a, F> {
    /// Nothing for a modality that is absent.
    fn new(
        model: &'a AnchorRec<F>,
        modality: Modality,
        head: Option<Mlp>,
        encodings: &BatchEncodings<F>,
        rows: &BatchRows<F>,
    ) -> Option<Self> {
        let (params, positives) = (&model.params, Rows::Some(&rows.positive_items));
        Some(match (model.settings.mix.of, head) {
            (MixSource::Features, head) => {
                let (head, table) = (head?, model.target_table(modality)?);
                MixedIn::Features { head, table, output: head.forward(params, table.view(), positives) }
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

    /// Adds the gradients of the head; `dH_m`, where it was read.
    fn backward(
        self,
        params: &Params<F>,
        gradients: &mut Gradients<F>,
        rows: &BatchRows<F>,
        d_p: Array2<F>,
    ) -> Option<Array2<F>> {
        match self {
            MixedIn::Features { head, table, output } => {
                let positives = Rows::Some(&rows.positive_items);
                head.backward_weights(params, gradients, table.view(), positives, &output, d_p.view()); // sg X_m
                None
            }
            MixedIn::Projected { head, h, output } => {
                Some(head.backward(params, gradients, h.view(), &output, d_p.view()))
            }
            MixedIn::Encoded(_) => Some(d_p),
        }
    }
}
