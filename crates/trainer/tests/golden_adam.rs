//! Parameters after one and three optimiser steps, and the loss before each, against the official implementation.

#[path = "../../anchor-align/tests/official/mod.rs"]
mod anchorrec;
#[path = "../../baselines/tests/official/bm3.rs"]
mod bm3;
#[path = "../../baselines/tests/official/freedom.rs"]
mod freedom;
#[path = "../../baselines/tests/official/mod.rs"]
mod lightgcn;
#[path = "../../baselines/tests/official/vbpr.rs"]
mod vbpr;

use anchorrec_align::Targets;
use anchorrec_encoders::{Batch, Recommender};
use anchorrec_testkit::{assert_close, assert_close_scalar, golden};
use anchorrec_trainer::adam::Adam;
use serde_json::Value;

const RELATIVE: f64 = 1e-9;

/// One step on each batch in turn, as many as the file has losses for; then the loss on batch 0.
fn follow<'a>(
    stem: &str,
    model: &mut dyn Recommender<f64>,
    meta: &Value,
    adam_golden: &Value,
    names: &[(&str, &str)],
    batch: impl Fn(usize) -> Batch<'a>,
) {
    let mut adam = Adam::new(model.params());
    let settings = &meta["adam"];
    adam.beta1 = golden::number(&settings["betas"][0]);
    adam.beta2 = golden::number(&settings["betas"][1]);
    adam.epsilon = golden::number(&settings["eps"]);
    assert_eq!(golden::number(&settings["weight_decay"]), 0.0, "{stem}: no weight decay here");
    let losses = adam_golden["loss_at_step"].as_array().expect("loss_at_step");
    let (last_loss, losses) = losses.split_last().expect("a loss after the last step");
    assert!(losses.len() >= 3, "{stem}: {} steps", losses.len());
    for index in 0..losses.len() {
        let step = model.step(&batch(index));
        assert_close_scalar(
            &format!("{stem} loss before step {}", index + 1),
            step.total(),
            golden::number(&losses[index]),
            RELATIVE,
        );
        adam.update(model.params_mut(), &step.gradients, golden::number(&meta["lr"]));
        let Some(wanted) = adam_golden.get(format!("params_after_{}", index + 1)) else { continue };
        for (theirs, want) in wanted.as_object().expect("parameters") {
            let ours = names.iter().find(|(name, _)| name == theirs).unwrap_or_else(|| panic!("unknown {theirs}")).1;
            let id = model.params().id(ours).expect(ours);
            let name = format!("{stem} {theirs} after step {}", index + 1);
            assert_close(&name, model.params()[id].view(), golden::matrix(want).view(), RELATIVE);
        }
    }
    let last = model.step(&batch(0)).total();
    assert_close_scalar(&format!("{stem} loss after the last step"), last, golden::number(last_loss), RELATIVE);
}

#[test]
fn golden_anchorrec_after_adam_with_shared_targets() {
    for case in anchorrec::Official::all() {
        let mut model = case.model::<f64>();
        let file = &case.file;
        follow(&case.stem, &mut model, &file["meta"], &file["adam"], anchorrec::PARAMETERS, |i| case.batch(i));
    }
}

#[test]
fn golden_anchorrec_after_adam_with_frozen_targets() {
    for case in anchorrec::Official::all() {
        let mut model = case.model_with::<f64>(Targets::Frozen);
        let file = &case.file;
        if file["adam_no_alias"].is_object() {
            follow(&case.stem, &mut model, &file["meta"], &file["adam_no_alias"], anchorrec::PARAMETERS, |i| {
                case.batch(i)
            });
        }
    }
}

#[test]
fn golden_lightgcn_after_adam() {
    for case in lightgcn::Official::all() {
        let mut model = case.model();
        let file = &case.file;
        follow(&case.stem, &mut model, &file["meta"], &file["adam"], lightgcn::PARAMETERS, |i| case.batch(i));
    }
}

#[test]
fn golden_vbpr_after_adam() {
    for case in vbpr::Official::all() {
        let mut model = case.model();
        let file = &case.file;
        follow(&case.stem, &mut model, &file["meta"], &file["adam"], vbpr::PARAMETERS, |i| case.batch(i));
    }
}

#[test]
fn golden_bm3_after_adam() {
    for case in bm3::Official::all() {
        let mut model = case.model();
        let file = &case.file;
        follow(&case.stem, &mut model, &file["meta"], &file["adam"], bm3::PARAMETERS, |i| case.batch(i));
    }
}

#[test]
fn golden_freedom_after_adam() {
    for case in freedom::Official::all() {
        let mut model = case.model();
        let file = &case.file;
        follow(&case.stem, &mut model, &file["meta"], &file["adam"], freedom::PARAMETERS, |i| case.batch(i));
    }
}
