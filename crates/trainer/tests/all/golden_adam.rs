//! Parameters after one and three optimiser steps, and the loss before each, against the official implementation.

#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../anchor-align/tests/all/official.rs"]
mod anchorrec;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/bm3.rs"]
mod bm3;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/freedom.rs"]
mod freedom;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/lightgcn.rs"]
mod lightgcn;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/vbpr.rs"]
mod vbpr;

use anchorrec_align::Targets;
use anchorrec_recommender::{Batch, Recommender};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, assert_close_scalar};
use anchorrec_trainer::Stepper;

const RELATIVE: f64 = 1e-9;

/// One step on each batch in turn, as many as the file has losses for under `key`; then the loss on batch 0.
fn follow(case: &Case, key: &str, model: impl Recommender<f64> + 'static, names: &[(&str, &str)]) {
    let (meta, expected) = (&case.file["meta"], &case.file[key]);
    let mut stepper = Stepper::new(Box::new(model));
    let adam = &mut stepper.adam;
    let settings = &meta["adam"];
    adam.beta1 = golden::number(&settings["betas"][0]);
    adam.beta2 = golden::number(&settings["betas"][1]);
    adam.epsilon = golden::number(&settings["eps"]);
    assert_eq!(golden::number(&settings["weight_decay"]), 0.0, "{}: no weight decay here", case.name);
    let losses = expected["loss_at_step"].as_array().expect("loss_at_step");
    let (last_loss, losses) = losses.split_last().expect("a loss after the last step");
    assert!(losses.len() >= 3, "{}: {} steps", case.name, losses.len());
    let batch = |index: usize| {
        let [users, positives, negatives] = &case.data.batches[index];
        Batch { users, positives, negatives, seed: 0, index }
    };
    for (index, loss) in losses.iter().enumerate() {
        let taken = stepper.step_on(&batch(index), golden::number(&meta["lr"])).expect("finite terms");
        let name = case.label(&format!("loss before step {}", index + 1));
        assert_close_scalar(&name, taken.total, golden::number(loss), RELATIVE);
        let Some(wanted) = expected.get(format!("params_after_{}", index + 1)) else { continue };
        for (theirs, want) in wanted.as_object().expect("parameters") {
            let ours = names.iter().find(|(name, _)| name == theirs).unwrap_or_else(|| panic!("unknown {theirs}")).1;
            let params = stepper.model.params();
            let id = params.id(ours).expect(ours);
            let name = case.label(&format!("{theirs} after step {}", index + 1));
            assert_close(&name, params[id].view(), golden::matrix(want).view(), RELATIVE);
        }
    }
    let last = stepper.model.step(&batch(0)).total();
    assert_close_scalar(&case.label("loss after the last step"), last, golden::number(last_loss), RELATIVE);
}

#[test]
fn golden_anchorrec_after_adam_with_shared_targets() {
    for case in anchorrec::cases() {
        follow(&case, "adam", anchorrec::model::<f64>(&case), anchorrec::PARAMETERS);
    }
}

#[test]
fn golden_anchorrec_after_adam_with_frozen_targets() {
    for case in anchorrec::cases() {
        if case.file["adam_no_alias"].is_object() {
            let model = anchorrec::model_with::<f64>(&case, Targets::Frozen);
            follow(&case, "adam_no_alias", model, anchorrec::PARAMETERS);
        }
    }
}

#[test]
fn golden_lightgcn_after_adam() {
    for case in lightgcn::cases() {
        follow(&case, "adam", lightgcn::model(&case), lightgcn::PARAMETERS);
    }
}

#[test]
fn golden_vbpr_after_adam() {
    for case in vbpr::cases() {
        follow(&case, "adam", vbpr::model(&case), vbpr::PARAMETERS);
    }
}

#[test]
fn golden_bm3_after_adam() {
    for case in bm3::cases() {
        follow(&case, "adam", bm3::model(&case), bm3::PARAMETERS);
    }
}

#[test]
fn golden_freedom_after_adam() {
    for case in freedom::cases() {
        follow(&case, "adam", freedom::model(&case), freedom::PARAMETERS);
    }
}
