//! A run that is interrupted after any step and resumed ends with the same bits.
//!
//! Resumed means: everything is built anew, as a new process does it, with other random weights; then the weights, the kept tables and the optimiser
//! that were saved are put in, and the epoch is taken up. What a model kept besides would show.

use crate::case::{Data, Triples};
use anchorrec_models::MODELS;
use anchorrec_recommender::{Batch, Model};
use anchorrec_trainer::Stepper;

const EPOCHS: usize = 2;
const STEPS: usize = 3;
const SEED: u64 = 999;

fn fresh(model: &dyn Model, data: &Data<f32>, seed: u64) -> Stepper<f32> {
    Stepper::new(data.build(model, &model.defaults(), seed).expect("a model at its defaults"))
}

fn step(stepper: &mut Stepper<f32>, data: &Data<f32>, done: usize) {
    let triples = Triples::new(20, data.users, data.items, done as u64);
    let batch = Batch { index: done % STEPS, ..triples.batch(done as u64) };
    stepper.step_on(&batch, 0.05).expect("finite terms");
}

#[test]
fn an_interruption_after_any_step_changes_no_bit() {
    let data = Data::<f32>::new(20, 30, [7, 5, 6], [true; 3], 4);
    for model in MODELS.iter() {
        let mut whole = fresh(model, &data, 1);
        let mut saved = Vec::new();
        for done in 0..EPOCHS * STEPS {
            if done % STEPS == 0 {
                whole.begin_epoch(SEED, done / STEPS);
            }
            saved.push((whole.model.params().clone(), whole.adam.clone()));
            step(&mut whole, &data, done);
        }
        for (interrupted, (params, adam)) in saved.into_iter().enumerate() {
            let mut resumed = fresh(model, &data, 2);
            assert!(*resumed.model.params() != params, "{model}: another seed gives other weights");
            *resumed.model.params_mut() = params;
            resumed.adam = adam;
            if interrupted % STEPS > 0 {
                resumed.resume_epoch(SEED, interrupted / STEPS);
            }
            for done in interrupted..EPOCHS * STEPS {
                if done % STEPS == 0 {
                    resumed.begin_epoch(SEED, done / STEPS);
                }
                step(&mut resumed, &data, done);
            }
            assert!(resumed.model.params() == whole.model.params(), "{model}: interrupted after {interrupted} steps");
            assert!(resumed.model.embeddings() == whole.model.embeddings(), "{model}: {interrupted} steps");
        }
    }
}
