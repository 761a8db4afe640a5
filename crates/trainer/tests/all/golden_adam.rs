//! Parameters after one and three optimiser steps, and the loss before each, against the official implementation.

#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/alignrec.rs"]
mod alignrec;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../anchor-align/tests/all/official.rs"]
mod anchorrec;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/bm3.rs"]
mod bm3;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/damrs.rs"]
mod damrs;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/freedom.rs"]
mod freedom;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/lattice.rs"]
mod lattice;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/lgmrec.rs"]
mod lgmrec;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/lightgcn.rs"]
mod lightgcn;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/smore.rs"]
mod smore;
#[allow(dead_code, reason = "the tests of the model itself use all of it")]
#[path = "../../../baselines/tests/all/official/vbpr.rs"]
mod vbpr;

use anchorrec_align::Targets;
use anchorrec_encoders::Gradient;
use anchorrec_recommender::{Batch, Embeddings, Recommender};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, assert_close_but_for, assert_close_scalar};
use anchorrec_trainer::Stepper;

const RELATIVE: f64 = 1e-9;

/// A model with an optimiser as the case has it.
fn stepper(case: &Case, model: impl Recommender<f64> + 'static) -> Stepper<f64> {
    let mut stepper = Stepper::new(Box::new(model));
    let (adam, settings) = (&mut stepper.adam, &case.file["meta"]["adam"]);
    adam.beta1 = golden::number(&settings["betas"][0]);
    adam.beta2 = golden::number(&settings["betas"][1]);
    adam.epsilon = golden::number(&settings["eps"]);
    assert_eq!(golden::number(&settings["weight_decay"]), 0.0, "{}: no weight decay here", case.name);
    stepper
}

/// A batch of the case, as that of its place in an epoch. What is drawn was recorded by the number of the step, from 0, which is the seed.
fn batch(case: &Case, index: usize, step: usize) -> Batch<'_> {
    let [users, positives, negatives] = &case.data.batches[index];
    Batch { users, positives, negatives, seed: step as u64, index }
}

/// Compares the parameters after so many steps with those of the file, where it has them; those that are not among `names` feed nothing and stay.
fn parameters(case: &Case, stepper: &Stepper<f64>, key: &str, steps: usize, names: &[(&str, &str)]) {
    let Some(wanted) = case.file[key].get(format!("params_after_{steps}")) else { return };
    for (theirs, want) in wanted.as_object().expect("parameters") {
        let Some((_, ours)) = names.iter().find(|(name, _)| name == theirs) else {
            assert_eq!(want, &case.file["params"][theirs], "{}: unknown {theirs}", case.name);
            continue;
        };
        let params = stepper.model.params();
        let id = params.id(ours).expect(ours);
        let name = case.label(&format!("{theirs} after step {steps}"));
        assert_close(&name, params[id].view(), golden::matrix(want).view(), RELATIVE);
    }
}

/// How many steps the file has losses for under `key`: one less, as the last is that after the last step.
fn steps(case: &Case, key: &str) -> usize {
    case.file[key]["loss_at_step"].as_array().expect("loss_at_step").len() - 1
}

/// One step on each batch in turn, and again from the first, as many as the file has losses for under `key`; then the loss on batch 0. Gives back the model as
/// it was trained.
fn follow(
    case: &Case,
    key: &str,
    model: impl Recommender<f64> + 'static,
    names: &[(&str, &str)],
) -> Box<dyn Recommender<f64>> {
    let (meta, expected) = (&case.file["meta"], &case.file[key]);
    let mut stepper = stepper(case, model);
    let losses = expected["loss_at_step"].as_array().expect("loss_at_step");
    let (last_loss, losses) = losses.split_last().expect("a loss after the last step");
    assert!(!losses.is_empty(), "{}: no step", case.name);
    for (index, loss) in losses.iter().enumerate() {
        let of_epoch = index % case.data.batches.len();
        let taken = stepper.step_on(&batch(case, of_epoch, index), golden::number(&meta["lr"])).expect("finite terms");
        let name = case.label(&format!("loss before step {}", index + 1));
        assert_close_scalar(&name, taken.total, golden::number(loss), RELATIVE);
        parameters(case, &stepper, key, index + 1, names);
    }
    let last = stepper.model.step(&batch(case, 0, losses.len())).total();
    assert_close_scalar(&case.label("loss after the last step"), last, golden::number(last_loss), RELATIVE);
    stepper.model
}

/// The scores of a trained model, against those that the file has under `key`.
fn scores_after(case: &Case, key: &str, embeddings: &Embeddings<f64>) {
    let want = golden::matrix(&case.file[key][format!("evaluation_after_{}", steps(case, key))]["scores"]);
    let scores = embeddings.users.dot(&embeddings.items.t());
    assert_close(&case.label("scores after the last step"), scores.view(), want.view(), RELATIVE);
}

/// The terms of a trained model on batch 0, against those that the file has under `key`.
fn terms_after(case: &Case, key: &str, model: &dyn Recommender<f64>, terms: &[(&str, &str)]) {
    let steps = steps(case, key);
    let (step, want) = (model.step(&batch(case, 0, steps)), &case.file[key][format!("terms_after_{steps}")]);
    for (theirs, ours) in terms {
        let term =
            step.terms.iter().find(|term| term.name == *ours).unwrap_or_else(|| panic!("{ours}: {:?}", step.terms));
        let name = case.label(&format!("{theirs} after the last step"));
        assert_close_scalar(&name, term.value, golden::number(&want[*theirs]), RELATIVE);
    }
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
fn golden_damrs_after_adam() {
    for case in damrs::cases() {
        // Frozen features and layers without use stay as they are there, and are not here.
        let names = damrs::PARAMETERS.iter().map(|(theirs, _)| *theirs).collect::<Vec<_>>();
        let mut file = case.file.clone();
        let adam = file["adam"].as_object_mut().expect("Adam's steps");
        for (_, after) in adam.iter_mut().filter(|(key, _)| key.starts_with("params_after_")) {
            after.as_object_mut().expect("parameters").retain(|theirs, value| {
                let is_used = names.contains(&theirs.as_str());
                assert!(is_used || *value == case.file["params"][theirs], "{theirs} moves");
                is_used
            });
        }
        let used = Case { file, ..case };
        let model = follow(&used, "adam", damrs::model(&used), damrs::PARAMETERS);
        scores_after(&used, "adam", &model.embeddings());
    }
}

#[test]
fn golden_freedom_after_adam() {
    for case in freedom::cases() {
        follow(&case, "adam", freedom::model(&case), freedom::PARAMETERS);
    }
}

/// An epoch of all batches, an evaluation, and the first batch of the next epoch. On the later batches of an epoch the features, their layers and the
/// weights of the modalities have no gradient, and are skipped.
#[test]
fn golden_lattice_after_adam_within_an_epoch_and_into_the_next() {
    for case in lattice::cases() {
        let (adam, rate) = (&case.file["adam"], golden::number(&case.file["meta"]["lr"]));
        let mut stepper = stepper(&case, lattice::model(&case));
        let batches = case.data.batches.len();
        let losses = adam["loss_at_step"].as_array().expect("loss_at_step");
        assert!(losses.len() > batches, "{}: an epoch, and a step of the next", case.name);
        let mut evaluated = 0;
        for (done, loss) in losses.iter().enumerate() {
            let (epoch, index) = (done / batches, done % batches);
            if index == 0 {
                stepper.begin_epoch(0, epoch);
            }
            let steps = done + 1;
            let gradients = stepper.model.step(&batch(&case, index, done)).gradients;
            for (theirs, ours) in lattice::PARAMETERS {
                let (params, want) = (stepper.model.params(), &adam[format!("grads_at_step_{steps}")][*theirs]);
                let (id, name) = (params.id(ours).expect(ours), case.label(&format!("{theirs} at step {steps}")));
                assert_eq!(matches!(gradients.get(id), Gradient::Zero), want.is_null(), "{name}: is there a gradient?");
                if !want.is_null() {
                    let rounding = case.rounding(&adam[format!("grads_at_step_{steps}")]);
                    let (got, want) = (gradients.to_dense(id, params), golden::matrix(want));
                    assert_close_but_for(&name, got.view(), want.view(), RELATIVE, rounding);
                }
            }
            let taken = stepper.step_on(&batch(&case, index, done), rate).expect("finite terms");
            let name = case.label(&format!("loss before step {steps}"));
            assert_close_scalar(&name, taken.total, golden::number(loss), RELATIVE);
            parameters(&case, &stepper, "adam", steps, lattice::PARAMETERS);
            if let Some(expected) = adam.get(format!("evaluation_after_{steps}")) {
                let Embeddings { users, items } = stepper.model.embeddings();
                let want = golden::matrix(&expected["scores"]);
                assert_close(&case.label("scores"), users.dot(&items.t()).view(), want.view(), RELATIVE);
                evaluated += 1;
            }
        }
        assert!(evaluated > 0, "{}: no evaluation", case.name);
        let counts = &adam[format!("step_count_after_{}", losses.len())];
        for (theirs, ours) in lattice::PARAMETERS {
            let place = stepper.model.params().iter().position(|parameter| parameter.name == *ours).expect(ours);
            let updates = stepper.adam.moments[place].as_ref().map_or(0, |moments| moments.updates);
            assert_eq!(updates, golden::count(&counts[*theirs]) as u64, "{}: updates of {theirs}", case.name);
        }
    }
}

#[test]
fn golden_alignrec_after_adam_with_either_target() {
    use anchorrec_baselines::alignrec::Targets;
    for case in alignrec::cases() {
        for (key, targets) in [("adam", Targets::Shared), ("adam_no_alias", Targets::Frozen)] {
            let model = follow(&case, key, alignrec::model(&case, targets), alignrec::PARAMETERS);
            scores_after(&case, key, &model.embeddings());
            terms_after(&case, key, &*model, alignrec::TERMS);
        }
    }
}

#[test]
fn golden_smore_after_adam() {
    for case in smore::cases() {
        let model = follow(&case, "adam", smore::model(&case), smore::PARAMETERS);
        scores_after(&case, "adam", &model.embeddings());
    }
}

#[test]
fn golden_lgmrec_after_adam() {
    for case in lgmrec::cases() {
        let model = follow(&case, "adam", lgmrec::model(&case), lgmrec::PARAMETERS);
        let mut trained = lgmrec::model(&case).model;
        *trained.params_mut() = model.params().clone();
        let draws = lgmrec::draws(&case, &format!("evaluation_after_{}", steps(&case, "adam")));
        scores_after(&case, "adam", &trained.embeddings_with(&draws));
    }
}
