//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `mean softplus(-(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `ui` | `mean relu(0.2 + (1 - cos(sg z_u, z_i)) - (1 - cos(sg z_u, z_j)))` | `z_i, z_j` |
//! | `reg` | `½ (Σ‖z_u‖² + Σ‖z_i‖² + Σ‖z_j‖²) / B_cfg` | `z_u, z_i, z_j` |
//! | `align_id`, `align_inputs` | two InfoNCE terms: [`alignment`](crate::alignment) | `H_mm`, `H_id` of the positives; `P_v`, `P_t` |
//! | `amp_m` | `‖H_m H_mᵀ - cos(sg X_m)‖_F / B` over the positives | `H_m` |
//! | `smooth` | mean over the edges of `S_mm` of `w_ij ‖H_mm,i - H_mm,j‖²` | `H_mm` |
//!
//! The alignment terms run over the batch's positives with repeats. Their rows are computed once per distinct item:
//! InfoNCE takes the multiplicities as weights, and in AMP a row that stands `c` times is one row times `√c`.
//!
//! A stop-gradient is an absent line, marked `sg` where it would stand. The backward half of the step reads as the
//! forward half from bottom to top.

use crate::alignment::align_terms;
use crate::batch_encodings::BatchEncodings;
use crate::{AnchorRec, Modalities, Modality, Settings};
use anchorrec_encoders::Gradients;
use anchorrec_encoders::mlp::MlpOutput;
use anchorrec_graph::spmm::add_transposed_rows;
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::gram_distance::{Target, gram_distance_to_known, gram_distance_to_rows};
use anchorrec_losses::{bpr, cosine_margin, half_squared_norm};
use anchorrec_recommender::{Batch, BatchRows, Step, Term};
use ndarray::{Array2, Zip};

/// The weight of every term; a term of weight 0 is not computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    /// Of `bpr`.
    pub bpr: f64,
    /// Of `ui`.
    pub ui: f64,
    /// Of `reg`.
    pub reg: f64,
    /// Of `align_id`.
    pub align_id: f64,
    /// Of `align_inputs` or `align_encodings`, whichever the settings ask for.
    pub align_inputs: f64,
    /// Of `amp_mm`, `amp_text`, `amp_vision`.
    pub amp: Modalities<f64>,
    /// Of `smooth`.
    pub smooth: f64,
}

impl Weights {
    /// `L = BPR + w_ui UI + λ_reg REG + λ_aal (AAL_id + AAL_inputs) + λ_amp Σ_m c_m AMP_m + w_smooth SMO`.
    pub fn new(settings: &Settings) -> Self {
        let (weights, amp) = (&settings.weights, &settings.amp);
        Weights {
            bpr: 1.0,
            ui: weights.ui,
            reg: weights.reg,
            align_id: weights.align,
            align_inputs: if settings.train_input_heads { weights.align } else { 0.0 },
            amp: Modalities {
                mm: Some(weights.amp * amp.mm),
                text: Some(weights.amp * amp.text),
                vision: Some(weights.amp * amp.vision),
            },
            smooth: weights.smooth,
        }
    }
}

/// The anchor's rows of a batch.
pub(crate) struct AnchorRows<F> {
    /// `H_mm` of `rows.items`.
    input: Array2<F>,
    /// `p_mm` of `rows.items`.
    pub projected: MlpOutput<F>,
    /// `Dec(p_mm)`.
    decoded: MlpOutput<F>,
}

impl<F: Real> AnchorRec<F> {
    /// The objective and its gradient on one batch, with weights that need not be the settings' own: one term alone, or all
    /// but one.
    ///
    /// # Panics
    /// When the batch is empty or ragged, or holds an id that is not there.
    pub fn step_weighted(&self, batch: &Batch, weights: &Weights) -> Step<F> {
        step(self, batch, weights)
    }
}

fn step<F: Real>(model: &AnchorRec<F>, batch: &Batch, weights: &Weights) -> Step<F> {
    let rows = BatchRows::new(batch);
    let mut terms = Vec::new();
    let mut gradients = Gradients::zero(&model.params);
    let (params, rho) = (&model.params, F::of(model.settings.decoder_weight));

    // Forward: encoders, then the final rows of this batch.
    let encodings = model.encode_batch(batch, &rows);
    let z_users = model.final_user_rows(&encodings, batch.users);
    let mut z_items = model.undecoded_item_rows(&encodings, &rows.items);
    let anchor = anchor_rows(model, &encodings, &rows);
    if let Some(anchor) = &anchor {
        z_items.scaled_add(rho, &anchor.decoded.value);
    }

    // Losses, each with what it sends back.
    let (d_z_users, d_z_items) = ranking_terms(model, weights, &rows, &z_users, &z_items, &mut terms);
    let d_aligned = align_terms(model, weights, &rows, &encodings, anchor.as_ref(), &mut terms, &mut gradients);
    let d_shaped = amp_terms(model, weights, &rows, &encodings, &mut terms);
    let d_smooth = smooth_term(model, weights, &encodings, &mut terms);

    // Backward: the anchor's rows and the content of all items, then the encoders.
    let d_anchor = anchor.as_ref().zip(model.heads.anchor.as_ref()).map(|(anchor, heads)| {
        let d_decoded = d_z_items.mapv(|d| d * rho);
        let decoder_input = anchor.projected.value.view();
        let mut d_p = heads.decoder.backward(params, &mut gradients, decoder_input, &anchor.decoded, d_decoded.view());
        d_p += &d_aligned.projected;
        heads.mm.backward(params, &mut gradients, anchor.input.view(), &anchor.projected, d_p.view())
    });
    let d_content = encodings.content.as_ref().map(|content| {
        let mut d = Array2::zeros(content.dim());
        rows::scatter_add(&mut d, &rows.items, d_z_items.view());
        add_transposed_rows(&mut d, &model.graphs.user_item.users_to_items, batch.users, d_z_users.view());
        d
    });
    let BatchEncodings { reach, modalities: Modalities { mm, text, vision }, .. } = encodings;
    let mut d_embedding = Array2::zeros(model.params[model.id.items].dim());
    let d_positives = d_shaped.join(d_aligned.encodings, |shaped, aligned| shaped + aligned);
    for (modality, encoded, d_rows) in [
        (Modality::Mm, mm, d_positives.mm),
        (Modality::Text, text, d_positives.text),
        (Modality::Vision, vision, d_positives.vision),
    ] {
        let (Some(encoder), Some(reach), Some(encoded)) =
            (model.modalities.get(modality), reach.get(modality), encoded)
        else {
            continue;
        };
        let mut d = match (modality, &d_content, &d_smooth) {
            (Modality::Mm, Some(content), Some(smooth)) => sum(content, smooth),
            (Modality::Mm | Modality::Text, Some(content), _) => content.clone(),
            _ => Array2::zeros(encoded.value.dim()),
        };
        match d_rows {
            Some(rows_of_all) if modality.is_scored() => {
                rows::add_rows(&mut d, Rows::Some(&rows.positive_items), rows_of_all.view());
            }
            Some(all) => d = all,
            None => {}
        }
        if let (Modality::Mm, Some(d_anchor)) = (modality, &d_anchor) {
            rows::add_rows(&mut d, Rows::Some(&rows.items), d_anchor.view());
        }
        encoder.backward(params, &mut gradients, reach, encoded, d, &mut d_embedding);
    }
    let mut d_id_items = d_z_items;
    rows::add_rows(&mut d_id_items, Rows::Some(&rows.positive_places), d_aligned.ids.view());
    let (d_e_users, d_e_items) =
        model.id.rows_backward(&model.graphs.user_item, (batch.users, &d_z_users), (&rows.items, &d_id_items));
    d_embedding += &d_e_items;
    gradients.add(model.id.users, d_e_users);
    gradients.add(model.id.items, d_embedding);
    Step { terms, gradients }
}

fn sum<F: Real>(a: &Array2<F>, b: &Array2<F>) -> Array2<F> {
    Zip::from(a).and(b).par_map_collect(|&a, &b| a + b)
}

fn anchor_rows<F: Real>(
    model: &AnchorRec<F>,
    encodings: &BatchEncodings<F>,
    rows: &BatchRows<F>,
) -> Option<AnchorRows<F>> {
    let heads = model.heads.anchor.as_ref()?;
    let input = rows::gather(&encodings.modalities.mm.as_ref()?.value, &rows.items);
    let projected = heads.mm.forward(&model.params, input.view(), Rows::All);
    let decoded = heads.decoder.forward(&model.params, projected.value.view(), Rows::All);
    Some(AnchorRows { input, projected, decoded })
}

/// BPR, UI and REG: from the final rows to `dz_u` `[B, D]` and `dz` of `rows.items`.
fn ranking_terms<F: Real>(
    model: &AnchorRec<F>,
    weights: &Weights,
    rows: &BatchRows<F>,
    z_users: &Array2<F>,
    z_items: &Array2<F>,
    terms: &mut Vec<Term>,
) -> (Array2<F>, Array2<F>) {
    let z_pos = rows::gather(z_items, &rows.positives);
    let z_neg = rows::gather(z_items, &rows.negatives);
    let mut d_users = Array2::zeros(z_users.dim());
    let mut d_pos = Array2::zeros(z_pos.dim());
    let mut d_neg = Array2::zeros(z_neg.dim());

    if weights.bpr > 0.0 {
        let loss = bpr(rows::inner(z_users, &z_pos).view(), rows::inner(z_users, &z_neg).view(), F::zero());
        terms.push(Term::new("bpr", "ranking: positives above negatives", loss.value, weights.bpr));
        let (d_score_pos, d_score_neg) = loss.backward(F::of(weights.bpr));
        rows::add_scaled(&mut d_users, d_score_pos.view(), &z_pos);
        rows::add_scaled(&mut d_users, d_score_neg.view(), &z_neg);
        rows::add_scaled(&mut d_pos, d_score_pos.view(), z_users);
        rows::add_scaled(&mut d_neg, d_score_neg.view(), z_users);
    }
    if weights.ui > 0.0 {
        let margin = F::of(model.settings.ui_margin);
        let loss = cosine_margin(z_users.view(), z_pos.view(), z_neg.view(), margin);
        terms.push(Term::new("ui", "margin between users and items", loss.value, weights.ui));
        let (d_z_pos, d_z_neg) = loss.backward(F::of(weights.ui)); // sg z_u
        d_pos += &d_z_pos;
        d_neg += &d_z_neg;
    }
    if weights.reg > 0.0 {
        let divisor = F::of(model.batch_size as f64);
        let mut value = F::zero();
        for (z, d) in [(z_users, &mut d_users), (&z_pos, &mut d_pos), (&z_neg, &mut d_neg)] {
            let loss = half_squared_norm(z.view(), divisor);
            value += loss.value;
            *d += &loss.backward(F::of(weights.reg));
        }
        terms.push(Term::new("reg", "squared norms of the final embeddings", value, weights.reg));
    }

    let mut d_items = Array2::zeros(z_items.dim());
    rows::scatter_add(&mut d_items, &rows.positives, d_pos.view());
    rows::scatter_add(&mut d_items, &rows.negatives, d_neg.view());
    (d_users, d_items)
}

/// AMP of every modality. Returns `dH_m` of the distinct positives, `[n, D]`.
fn amp_terms<F: Real>(
    model: &AnchorRec<F>,
    weights: &Weights,
    rows: &BatchRows<F>,
    encodings: &BatchEncodings<F>,
    terms: &mut Vec<Term>,
) -> Modalities<Array2<F>> {
    let batch = F::of(rows.positives.len() as f64);
    let root = rows.multiplicity.mapv(|c| c.sqrt());
    let weighted = weights.amp.clone().filter(|modality| weights.amp.get(modality).is_some_and(|&weight| weight > 0.0));
    weighted.filter(|modality| encodings.modalities.get(modality).is_some()).map(|modality, weight| {
        let table = model.target_table(modality).expect("a table for every encoded modality");
        let mut h = encodings.positives(modality, rows).expect("an encoded modality");
        rows::scale(&mut h, root.view());
        let factors = rows::unit_factors(table, &rows.positive_items, root.view());
        let target = Target { table: table.view(), rows: &rows.positive_items, factors };
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
        terms.push(Term::new(name, about, loss.value / batch, weight));
        let mut d_h = loss.backward(F::of(weight) / batch); // sg X_m
        rows::scale(&mut d_h, root.view());
        d_h
    })
}

/// SMO. Returns `dH_mm` of all items.
fn smooth_term<F: Real>(
    model: &AnchorRec<F>,
    weights: &Weights,
    encodings: &BatchEncodings<F>,
    terms: &mut Vec<Term>,
) -> Option<Array2<F>> {
    let edges = model.graphs.smoothness.as_ref().filter(|_| weights.smooth > 0.0)?;
    let loss = edges.forward(encodings.modalities.mm.as_ref()?.value.view());
    terms.push(Term::new("smooth", "neighbours in the item graph stay near", loss.value, weights.smooth));
    Some(loss.backward(F::of(weights.smooth)))
}
