//! Training steps without a job around them.

use anchorrec_data::Sampler;
use anchorrec_trainer::CheckedConfig;
use anchorrec_trainer::stepper::{StepError, StepPlace, Stepper};
use std::time::Instant;

/// Makes `count` steps and gives the seconds of each.
pub fn take(
    count: usize,
    stepper: &mut Stepper<f32>,
    sampler: &Sampler,
    config: &CheckedConfig,
) -> Result<Vec<f64>, StepError> {
    let (seed, batch_size) = (0, config.train.batch_size);
    let mut seconds = Vec::with_capacity(count);
    for epoch in 0.. {
        let order = sampler.epoch(epoch as u64);
        stepper.begin_epoch(seed, epoch);
        for step in 0..sampler.batches(batch_size) {
            if seconds.len() == count {
                return Ok(seconds);
            }
            let started = Instant::now();
            stepper.step(&order, StepPlace { seed, epoch, step }, batch_size, config.learning_rate(epoch))?;
            seconds.push(started.elapsed().as_secs_f64());
        }
    }
    Ok(seconds)
}
