//! Several measurements of one thing.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// The median of some runs, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The median: the middle value, or the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The number of runs.
    pub runs: usize,
}

impl Sample {
    /// # Errors
    /// When there is no value; `what` was to be measured.
    pub fn of(what: &str, values: &[f64]) -> Result<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = sorted
            .first()
            .zip(sorted.last())
            .with_context(|| format!("{what}: the run was too short to time anything"))?;
        let middle = sorted.len() / 2;
        let median =
            if sorted.len().is_multiple_of(2) { (sorted[middle - 1] + sorted[middle]) / 2.0 } else { sorted[middle] };
        Ok(Sample { median, min, max, runs: sorted.len() })
    }

    /// Runs that took this many seconds for `amount`, as amounts per second.
    pub fn rate(self, amount: f64) -> Self {
        Sample { median: amount / self.median, min: amount / self.max, max: amount / self.min, runs: self.runs }
    }

    /// Multiplies every value by `factor`, which is positive.
    pub fn times(self, factor: f64) -> Self {
        Sample { median: self.median * factor, min: self.min * factor, max: self.max * factor, runs: self.runs }
    }
}

/// Measures the seconds of `work`.
pub fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let started = Instant::now();
    let result = work();
    let elapsed = started.elapsed().as_secs_f64();
    // Dropping what was made is not part of it.
    drop(std::hint::black_box(result));
    elapsed
}

/// Calls `run`, which says how many seconds it took, once to warm up and then at least `least` times, until `budget` is
/// used up.
pub fn repeated(least: usize, budget: Duration, mut run: impl FnMut() -> f64) -> Vec<f64> {
    run();
    let started = Instant::now();
    let mut taken = Vec::new();
    while taken.len() < least || (started.elapsed() < budget && taken.len() < 100) {
        taken.push(run());
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let of = |values: &[f64]| Sample::of("x", values).unwrap();
        assert_eq!(of(&[3.0, 1.0, 8.0]), Sample { median: 3.0, min: 1.0, max: 8.0, runs: 3 });
        assert_eq!(of(&[3.0, 1.0, 8.0, 4.0]).median, 3.5);
        assert!(Sample::of("x", &[]).unwrap_err().to_string().starts_with("x: "));
    }

    #[test]
    fn the_slowest_run_has_the_lowest_rate() {
        let sample = Sample { median: 2.0, min: 1.0, max: 4.0, runs: 3 };
        assert_eq!(sample.rate(8.0), Sample { median: 4.0, min: 2.0, max: 8.0, runs: 3 });
    }
}
