//! What a model is after some steps of Adam: one on each batch in turn, epoch after epoch. The last loss is that on the first batch, of a step that is not
//! taken, unless a file has parameters after it.

use super::first::{assert_gradients, assert_terms};
use super::rounded::Rounded;
use super::translation::Translation;
use super::values::{RELATIVE, assert_scores};
use anchorrec_encoders::Gradient;
use anchorrec_recommender::{Batch, Recommender};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, assert_close_scalar};
use anchorrec_trainer::Stepper;

/// Compares everything that `case` has under `key`.
pub(super) fn compare(translation: &Translation, case: &Case, key: &str, model: Box<dyn Recommender<f64>>) {
    let (expected, rate) = (&case.file[key], golden::number(&case.file["meta"]["lr"]));
    let mut stepper = stepper(case, model);
    let losses = expected["loss_at_step"].as_array().expect("loss_at_step");
    assert!(losses.len() > 1, "{}: no step", case.name);
    let batches = case.data.batches.len();
    let mut rounded = Rounded::new(translation, case, stepper.adam.epsilon);
    for (done, loss) in losses.iter().enumerate() {
        let after = done + 1;
        let is_taken = after < losses.len() || expected.get(format!("params_after_{after}")).is_some();
        let (epoch, index) = if is_taken { (done / batches, done % batches) } else { (done.div_ceil(batches), 0) };
        if index == 0 {
            stepper.begin_epoch(0, epoch);
        }
        let [users, positives, negatives] = &case.data.batches[index];
        let batch = Batch { users, positives, negatives, seed: done as u64, index };
        let step = stepper.model.step(&batch);
        let name = case.label(&format!("{key}: loss before step {after}"));
        assert_close_scalar(&name, step.total(), golden::number(loss), RELATIVE);
        if let Some(grads) = expected.get(format!("grads_at_step_{after}")) {
            let label = format!("{key}, step {after}: ");
            assert_gradients(translation, case, &label, &*stepper.model, &step, grads);
            // Adam skips a parameter without a gradient: none is not the same as zeros.
            for (theirs, ours) in translation.parameters(case) {
                let id = stepper.model.params().id(ours).expect(ours);
                let none = matches!(step.gradients.get(id), Gradient::Zero);
                assert_eq!(none, grads[theirs].is_null(), "{}: {label}is there a gradient of {theirs}?", case.name);
            }
        }
        if let Some(terms) = expected.get(format!("terms_after_{done}")) {
            assert_terms(translation, case, &format!("{key} after step {done}: "), &step, terms);
        }
        if is_taken {
            let grads = expected.get(format!("grads_at_step_{after}")).or((done == 0).then_some(&case.file["grads"]));
            rounded.step(grads, rate);
            stepper.step_on(&batch, rate).expect("finite terms");
            assert_state(translation, case, key, after, &stepper, &rounded);
        }
    }
}

/// A model with an optimiser as the case has it.
fn stepper(case: &Case, model: Box<dyn Recommender<f64>>) -> Stepper<f64> {
    let mut stepper = Stepper::new(model);
    let (adam, settings) = (&mut stepper.adam, &case.file["meta"]["adam"]);
    adam.beta1 = golden::number(&settings["betas"][0]);
    adam.beta2 = golden::number(&settings["betas"][1]);
    adam.epsilon = golden::number(&settings["eps"]);
    assert_eq!(golden::number(&settings["weight_decay"]), 0.0, "{}: no weight decay here", case.name);
    stepper
}

/// Compares parameters, their counts of updates and the scores after so many steps, where the case has them.
fn assert_state(
    translation: &Translation,
    case: &Case,
    key: &str,
    after: usize,
    stepper: &Stepper<f64>,
    rounded: &Rounded,
) {
    let (expected, params) = (&case.file[key], stepper.model.params());
    for (theirs, ours) in translation.parameters(case) {
        let (id, name) = (params.id(ours).expect(ours), case.label(&format!("{key}: {theirs} after step {after}")));
        // A parameter that no step has moved is left out there.
        let values = expected.get(format!("params_after_{after}")).map(|values| &values[theirs]);
        if let Some(want) = values.filter(|want| !want.is_null()) {
            let want = golden::matrix(want);
            let got = rounded.settled(&name, theirs, &params[id], &want);
            assert_close(&name, got.view(), want.view(), RELATIVE);
        }
        if let Some(counts) = expected.get(format!("step_count_after_{after}")) {
            let place = params.iter().position(|parameter| parameter.name == ours).expect(ours);
            let updates = stepper.adam.moments[place].as_ref().map_or(0, |moments| moments.updates);
            assert_eq!(updates, golden::count(&counts[theirs]) as u64, "{name}: updates");
        }
    }
    if let Some(evaluation) = expected.get(format!("evaluation_after_{after}")) {
        assert_scores(case, &format!("{key}: scores after step {after}"), &*stepper.model, &evaluation["scores"]);
    }
}
