//! AnchorRec against the official implementation, number by number: graphs, forward tensors, sums of terms, gradients of each term alone, `f32`.
//!
//! Every file `anchorrec_*.json` that has parameters is a case; sizes, batches, features and settings are the files' own. What all models have in common
//! (terms, the gradient of their sum, scores, parameters after optimiser steps) is compared in `conformance`.

use crate::official::{self, cases};
use anchorrec_align::{AnchorRec, Modalities, Modality, Settings, Weights};
use anchorrec_conformance::golden::RELATIVE;
use anchorrec_kernels::{Real, rows::Rows};
use anchorrec_recommender::{Batch, Recommender, Term};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, assert_close_but_for, assert_close_scalar};
use ndarray::{Array2, Axis, concatenate};

fn batch(case: &Case, index: usize) -> Batch<'_> {
    let [users, positives, negatives] = &case.data.batches[index];
    Batch { users, positives, negatives, seed: 0, index: 0 }
}

/// Compares a tensor of the case, by its name.
fn check_of(case: &Case) -> impl Fn(&str, &Array2<f64>, &Array2<f64>) {
    |key, got, want| assert_close(&case.label(key), got.view(), want.view(), RELATIVE)
}

#[test]
fn golden_graphs() {
    for case in cases() {
        let check = check_of(&case);
        let graphs = official::graphs::<f64>(&case);
        let r = graphs.user_item.users_to_items.to_dense();
        let adjacency = golden::adjacency(&r, &graphs.user_item.items_to_users.to_dense());
        check("graph.norm_adj", &adjacency, &golden::sparse(&case.file["graph"]["norm_adj"]));
        check("graph.R", &r, &golden::sparse(&case.file["graph"]["R"]));
        for (key, modality) in [("mm_adj", Modality::Mm), ("t_adj", Modality::Text), ("v_adj", Modality::Vision)] {
            let graph = graphs.items.get(modality).expect("three modalities");
            check(key, &graph.forward.to_dense(), &golden::sparse(&case.file["graph"][key]));
        }
    }
}

#[test]
fn golden_forward() {
    for case in cases() {
        let check = check_of(&case);
        let model = official::model::<f64>(&case);
        let encodings = model.encode();
        let want = |key: &str| golden::matrix(&case.file["forward"][key]);
        let users_first = |users: &Array2<f64>, items: &Array2<f64>| concatenate![Axis(0), users.view(), items.view()];
        check("content_embeds", &users_first(&encodings.id_users, &encodings.id_items), &want("content_embeds"));
        for (key, modality) in
            [("mm_embeds", Modality::Mm), ("t_embeds", Modality::Text), ("v_embeds", Modality::Vision)]
        {
            let items = &encodings.modalities.get(modality).expect("three modalities").value;
            check(key, &users_first(&model.modality_of_users(items), items), &want(key));
        }
        let (params, heads) = (model.params(), model.heads());
        let anchor = heads.anchor.as_ref().expect("an anchor");
        let mm = &encodings.modalities.mm.as_ref().expect("mm").value;
        let projected = anchor.mm.forward(params, mm.view(), Rows::All).value;
        check("D_mm2id", &anchor.decoder.forward(params, projected.view(), Rows::All).value, &want("D_mm2id"));
        check("W_mm_i", &projected, &want("W_mm_i"));
        check("W_id_i", &anchor.id.forward(params, encodings.id_items.view(), Rows::All).value, &want("W_id_i"));
        for (key, head, features) in [("W_t", heads.text, "text.features"), ("W_v", heads.vision, "vision.features")] {
            let x = &params[params.id(features).expect(features)];
            check(key, &head.expect(key).forward(params, x.view(), Rows::All).value, &want(key));
        }
    }
}

/// Every term, whatever its weight in the case.
fn all_terms<F: Real>(model: &AnchorRec<F>, batch: &Batch) -> Vec<Term> {
    let amp = Modalities { mm: Some(1.0), text: Some(1.0), vision: Some(1.0) };
    let all = Weights { bpr: 1.0, ui: 1.0, reg: 1.0, align_id: 1.0, align_inputs: 1.0, amp, smooth: 1.0 };
    model.step_weighted(batch, &all).terms
}

/// The official sums of our terms, with the case's own weights.
fn official_losses(settings: &Settings, terms: &[Term]) -> Vec<(&'static str, f64)> {
    let term = |name: &str| terms.iter().find(|t| t.name == name).unwrap_or_else(|| panic!("no term {name}")).value;
    let weights = &settings.weights;
    let (bpr, ui, reg) = (term("bpr"), weights.ui * term("ui"), weights.reg * term("reg"));
    let aal = term("align_id") + term("align_inputs");
    let amp = &settings.amp;
    let sim = amp.mm * term("amp_mm") + amp.text * term("amp_text") + amp.vision * term("amp_vision");
    let without_ranking = reg + weights.align * aal + weights.amp * sim + weights.smooth * term("smooth");
    vec![
        ("bpr_mf_excl_ui", bpr),
        ("ui_cosine_unweighted", term("ui")),
        ("bpr_mf_incl_ui", bpr + ui),
        ("emb_reg_weighted", reg),
        ("infonce_id", term("align_id")),
        ("infonce_mixup", term("align_inputs")),
        ("aal_sum", aal),
        ("sim_ii", term("amp_mm")),
        ("sim_t", term("amp_text")),
        ("sim_v", term("amp_vision")),
        ("sim_total", sim),
        ("graph_smooth", term("smooth")),
        ("total", bpr + ui + without_ranking),
        ("total_not_train_ui", without_ranking),
        ("total_without_ui_cosine", bpr + without_ranking),
    ]
}

#[test]
fn golden_loss_terms() {
    for case in cases() {
        let model = official::model::<f64>(&case);
        let losses = case.file["losses"].as_object().expect("losses");
        let first = official_losses(model.settings(), &all_terms(&model, &batch(&case, 0)));
        let mut compared = 0;
        for (key, value) in losses {
            let got = match key.as_str() {
                "total_batch1" => model.step(&batch(&case, 1)).total(),
                "total_batch2_partial" => model.step(&batch(&case, 2)).total(),
                key => first.iter().find(|(name, _)| *name == key).unwrap_or_else(|| panic!("unknown loss {key}")).1,
            };
            assert_close_scalar(&case.label(key), got, golden::number(value), RELATIVE);
            compared += 1;
        }
        assert!(compared > 10, "{}: only {compared} losses", case.name);
        let total = golden::number(&losses["total"]);
        assert_close_scalar(&case.label("the step's own total"), model.step(&batch(&case, 0)).total(), total, RELATIVE);
    }
}

/// Each term alone, unweighted; a parameter that a file leaves out has a gradient of exactly zero: the stop-gradients.
#[test]
fn golden_gradients_by_term() {
    let files = golden::files(|name| name.starts_with("anchorrec_") && name.ends_with("_grads_by_term"));
    for file in files {
        let stem = file.name.trim_end_matches("_grads_by_term");
        let case = cases().into_iter().find(|case| case.name == stem).unwrap_or_else(|| panic!("no {stem}.json"));
        let model = official::model::<f64>(&case);
        let own = Weights::new(model.settings());
        let one = |amp_mm, amp_text, amp_vision| Modalities {
            mm: Some(amp_mm),
            text: Some(amp_text),
            vision: Some(amp_vision),
        };
        for (term, grads) in file.value["grads_by_term"].as_object().expect("grads_by_term") {
            let none = Weights::default();
            let weights = match term.as_str() {
                "bpr_mf_excl_ui" => Weights { bpr: 1.0, ..none },
                "ui_cosine_unweighted" => Weights { ui: 1.0, ..none },
                "bpr_mf_incl_ui" => Weights { bpr: 1.0, ui: own.ui, ..none },
                "emb_reg_weighted" => Weights { reg: own.reg, ..none },
                "infonce_id" => Weights { align_id: 1.0, ..none },
                "infonce_mixup" => Weights { align_inputs: 1.0, ..none },
                "aal_sum" => Weights { align_id: 1.0, align_inputs: 1.0, ..none },
                "sim_ii" => Weights { amp: one(1.0, 0.0, 0.0), ..none },
                "sim_t" => Weights { amp: one(0.0, 1.0, 0.0), ..none },
                "sim_v" => Weights { amp: one(0.0, 0.0, 1.0), ..none },
                "sim_total" => Weights { amp: one(1.0, 0.03, 0.01), ..none },
                "graph_smooth" => Weights { smooth: 1.0, ..none },
                other => panic!("unknown term {other}"),
            };
            let step = model.step_weighted(&batch(&case, 0), &weights);
            let rounding = case.rounding(grads);
            for (theirs, ours) in official::translation().parameters(&case) {
                let id = model.params().id(ours).expect(ours);
                let got = step.gradients.to_dense(id, model.params());
                let name = format!("{term}: grad {theirs}");
                match grads.get(theirs) {
                    Some(want) => {
                        let want = golden::matrix(want);
                        assert_close_but_for(&case.label(&name), got.view(), want.view(), RELATIVE, rounding);
                    }
                    None => assert!(got.iter().all(|&g| g == 0.0), "{}: expected exactly zero", case.label(&name)),
                }
            }
        }
    }
}

/// f32 against f64 on the same weights: loss terms within 1e-5 of each other, gradients within 1e-4 of the largest
/// element of their tensor. A sum in f32 is good to some 1e-7; the AMP distance may cost a factor of 20 (see
/// `anchorrec_losses::gram_distance`), and a gradient is made of several such steps, of mixed signs.
#[test]
fn golden_f32_agrees_with_f64() {
    const TERMS: f64 = 1e-5;
    const GRADIENTS: f64 = 1e-4;
    for case in cases() {
        let (exact, single) = (official::model::<f64>(&case), official::model::<f32>(&case));
        let (exact_terms, single_terms) = (all_terms(&exact, &batch(&case, 0)), all_terms(&single, &batch(&case, 0)));
        for (e, s) in exact_terms.iter().zip(&single_terms) {
            assert_close_scalar(&case.label(e.name), s.value, e.value, TERMS);
        }
        if let Some(file) = golden::file("anchorrec_float32_losses") {
            let theirs = &file.value[case.name.trim_start_matches("anchorrec_")]["losses"];
            for (key, got) in official_losses(single.settings(), &single_terms) {
                if let Some(want) = theirs[key].as_f64() {
                    assert_close_scalar(&case.label(key), got, want, TERMS);
                }
            }
        }
        let (exact_step, single_step) = (exact.step(&batch(&case, 0)), single.step(&batch(&case, 0)));
        for id in exact.params().ids() {
            let want = exact_step.gradients.to_dense(id, exact.params());
            let got = single_step.gradients.to_dense(id, single.params()).mapv(f64::from);
            let scale = want.iter().fold(1e-6f64, |m, w| m.max(w.abs()));
            let off = (&got - &want).iter().fold(0.0f64, |m, d| m.max(d.abs()));
            let name = &exact.params().parameter(id).name;
            assert!(off <= GRADIENTS * scale, "{} {name}: {off:e} of {scale:e}", case.name);
        }
    }
}
