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
use anchorrec_trainer::adam::Adam;

const RELATIVE: f64 = 1e-9;

/// One step on each batch in turn, as many as the file has losses for under `key`; then the loss on batch 0.
fn follow(case: &Case, key: &str, model: &mut dyn Recommender<f64>, names: &[(&str, &str)]) {
    let (meta, expected) = (&case.file["meta"], &case.file[key]);
    let mut adam = Adam::new(model.params());
    let settings = &meta["adam"];
    adam.beta1 = golden::number(&settings["betas"][0]);
    adam.beta2 = golden::number(&settings["betas"][1]);
    adam.epsilon = golden::number(&settings["eps"]);
    assert_eq!(golden::number(&settings["weight_decay"]), 0.0, "{}: no weight decay here", case.name);
    let losses = expected["loss_at_step"].as_array().expect("loss_at_step");
    let (last_loss, losses) = losses.split_last().expect("a loss after the last step");
    assert!(losses.len() >= 3, "{}: {} steps", case.name, losses.len());
    let step_on = |model: &dyn Recommender<f64>, index: usize| {
        let [users, positives, negatives] = &case.data.batches[index];
        model.step(&Batch { users, positives, negatives, seed: 0 })
    };
    for (index, loss) in losses.iter().enumerate() {
        let step = step_on(model, index);
        let name = case.label(&format!("loss before step {}", index + 1));
        assert_close_scalar(&name, step.total(), golden::number(loss), RELATIVE);
        adam.update(model.params_mut(), &step.gradients, golden::number(&meta["lr"]));
        let Some(wanted) = expected.get(format!("params_after_{}", index + 1)) else { continue };
        for (theirs, want) in wanted.as_object().expect("parameters") {
            let ours = names.iter().find(|(name, _)| name == theirs).unwrap_or_else(|| panic!("unknown {theirs}")).1;
            let id = model.params().id(ours).expect(ours);
            let name = case.label(&format!("{theirs} after step {}", index + 1));
            assert_close(&name, model.params()[id].view(), golden::matrix(want).view(), RELATIVE);
        }
    }
    let last = step_on(model, 0).total();
    assert_close_scalar(&case.label("loss after the last step"), last, golden::number(last_loss), RELATIVE);
}

#[test]
fn golden_anchorrec_after_adam_with_shared_targets() {
    for case in anchorrec::cases() {
        follow(&case, "adam", &mut anchorrec::model::<f64>(&case), anchorrec::PARAMETERS);
    }
}

#[test]
fn golden_anchorrec_after_adam_with_frozen_targets() {
    for case in anchorrec::cases() {
        if case.file["adam_no_alias"].is_object() {
            let mut model = anchorrec::model_with::<f64>(&case, Targets::Frozen);
            follow(&case, "adam_no_alias", &mut model, anchorrec::PARAMETERS);
        }
    }
}

#[test]
fn golden_lightgcn_after_adam() {
    for case in lightgcn::cases() {
        follow(&case, "adam", &mut lightgcn::model(&case), lightgcn::PARAMETERS);
    }
}

#[test]
fn golden_vbpr_after_adam() {
    for case in vbpr::cases() {
        follow(&case, "adam", &mut vbpr::model(&case), vbpr::PARAMETERS);
    }
}

#[test]
fn golden_bm3_after_adam() {
    for case in bm3::cases() {
        follow(&case, "adam", &mut bm3::model(&case), bm3::PARAMETERS);
    }
}

#[test]
fn golden_freedom_after_adam() {
    for case in freedom::cases() {
        follow(&case, "adam", &mut freedom::model(&case), freedom::PARAMETERS);
    }
}
