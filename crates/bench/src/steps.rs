//! Training steps without a job around them: sampler, model, optimiser, as `trainer::Job` takes them.

use anchorrec_data::{Purpose, Sampler, keyed_seed};
use anchorrec_recommender::{Batch, Recommender};
use anchorrec_trainer::CheckedConfig;
use anchorrec_trainer::adam::Adam;
use std::time::Instant;

/// Makes `count` steps and gives the seconds of each.
pub fn take(count: usize, model: &mut dyn Recommender<f32>, sampler: &Sampler, config: &CheckedConfig) -> Vec<f64> {
    let batch_size = config.train.batch_size;
    let batches = sampler.batches(batch_size);
    let mut adam = Adam::new(model.params());
    let mut seconds = Vec::with_capacity(count);
    for epoch in 0.. {
        let order = sampler.epoch(epoch as u64);
        model.begin_epoch(keyed_seed(0, Purpose::Epoch, epoch as u64, 0));
        for index in 0..batches {
            if seconds.len() == count {
                return seconds;
            }
            let started = Instant::now();
            let triples = order.batch(index, batch_size);
            let batch = Batch {
                users: &triples.users,
                positives: &triples.positives,
                negatives: &triples.negatives,
                seed: keyed_seed(0, Purpose::Step, epoch as u64, index as u64),
            };
            let step = model.step(&batch);
            adam.update(model.params_mut(), &step.gradients, config.learning_rate(epoch));
            seconds.push(started.elapsed().as_secs_f64());
        }
    }
    seconds
}
