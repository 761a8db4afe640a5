//! What the machine could reach at best.
//!
//! The limit of a piece of work is `max(bytes / bandwidth, operations / peak)`: what must pass through memory at the
//! bandwidth of a triad, what must be computed at the peak of a loop in registers, whichever takes longer. Work in several
//! parts that need one another's results has the sum of the parts' limits.
//!
//! Bytes are those of each input and output once; operations are additions and multiplications of the cheapest form
//! that is known. Small arrays may stay in the caches, so a small kernel can pass its limit; a large one cannot.

use crate::shape::Shape;
use anchorrec_recommender::Work;
use anchorrec_recommender::work::{ENTRY_BYTES, F32};
use anchorrec_trainer::RunConfig;

/// What a machine can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Bytes per second.
    pub bandwidth: f64,
    /// Operations in `f32` per second.
    pub peak: f64,
}

/// The best value of a figure.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// No limit is known.
    Unknown,
    /// The seconds of these parts, one after the other.
    Seconds(Vec<Work>),
    /// The `amount` that the parts give, per second.
    Rate {
        /// What the parts give together.
        amount: f64,
        /// The parts.
        parts: Vec<Work>,
    },
    /// A limit that does not depend on the machine.
    Value(f64),
}

impl Limit {
    /// Returns the limit as a number in the unit of the figure.
    pub fn value(&self, speed: &Speed) -> Option<f64> {
        match self {
            Limit::Unknown => None,
            Limit::Seconds(parts) => Some(seconds(parts, speed)),
            Limit::Rate { amount, parts } => Some(amount / seconds(parts, speed)),
            Limit::Value(value) => Some(*value),
        }
    }
}

/// Returns the limit of parts that follow one another.
pub fn seconds(parts: &[Work], speed: &Speed) -> f64 {
    parts.iter().map(|part| (part.bytes / speed.bandwidth).max(part.operations / speed.peak)).sum()
}

/// Counts the work of one step of a configuration's model.
pub fn step(config: &RunConfig, shape: &Shape) -> Vec<Work> {
    config.model.least_step(config.of(config.model), &shape.size())
}

/// Counts the work of an epoch of steps like `step`, then one ranking of all users.
pub fn epoch(shape: &Shape, step: Vec<Work>) -> Vec<Work> {
    let steps = shape.steps() as f64;
    let times = |part: Work| Work { bytes: steps * part.bytes, operations: steps * part.operations };
    let mut parts: Vec<Work> = step.into_iter().map(times).collect();
    parts.push(ranking(shape));
    parts
}

/// Counts the work of a sparse matrix of `entries` times a dense one with `D` columns and as many rows as items.
pub fn item_product(shape: &Shape, entries: usize) -> Work {
    Work {
        bytes: ENTRY_BYTES * entries as f64 + 2.0 * F32 * (shape.items * shape.dim) as f64,
        operations: 2.0 * (entries * shape.dim) as f64,
    }
}

/// Counts the work of every user's score of every item.
pub fn ranking(shape: &Shape) -> Work {
    Work::computed(2.0 * shape.users as f64 * (shape.items * shape.dim) as f64)
}

/// Counts the work of one user's score of every item.
pub fn scan(items: usize, dim: usize) -> Work {
    Work::computed(2.0 * (items * dim) as f64)
}

/// Counts the work of all cosines of `items` rows of `width` numbers; they are symmetric, so half of the `2 I² F` operations.
pub fn knn(items: usize, width: usize) -> Work {
    Work::computed((items * items) as f64 * width as f64)
}

/// `‖H Hᵀ - S Sᵀ‖` of `n` rows and its gradient: in tiles of half the difference, or in feature space, where
/// `Sᵀ S` and `Hᵀ H` are symmetric too; whichever is cheaper.
pub fn gram_distance(n: usize, dim: usize, width: usize) -> Work {
    let (n, d, w) = (n as f64, dim as f64, width as f64);
    let tiles = n * n * (w + 3.0 * d);
    let feature_space = n * (w * w + 4.0 * w * d + 3.0 * d * d);
    Work { bytes: F32 * n * (w + 2.0 * d), operations: tiles.min(feature_space) }
}

/// Returns the bytes that no run can do without: all weights and their two moments.
pub fn state_bytes(parameters: usize) -> f64 {
    3.0 * F32 * parameters as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_models::MODELS;
    use anchorrec_trainer::ConfigLayers;

    /// 100 GF/s and 10 GB/s.
    const SPEED: Speed = Speed { bandwidth: 1e10, peak: 1e11 };

    fn sports() -> Shape {
        Shape {
            users: 35_598,
            items: 18_357,
            pairs: 218_409,
            widths: vec![768, 384, 4096],
            batch: 2048,
            dim: 64,
            neighbours: 10,
        }
    }

    #[test]
    fn the_slower_of_memory_and_arithmetic_counts() {
        let part = |bytes, operations| Work { bytes, operations };
        assert_eq!(seconds(&[part(1e10, 1e10)], &SPEED), 1.0);
        assert_eq!(seconds(&[part(1e9, 2e11)], &SPEED), 2.0);
        assert_eq!(seconds(&[part(1e10, 1e10), part(1e9, 2e11)], &SPEED), 3.0);
    }

    #[test]
    fn a_step_on_sports_is_what_the_numbers_say() {
        // 18,357 x 5,248 = 96.3 M parameters; products of 12.33 GF, half a Gram matrix of 17.18 GF, 2.312 GB.
        let products = 3.0 * 2.0 * 18_357.0 * 5_248.0 * 64.0 / 1e11;
        let (gram, memory) = (2048.0 * 2048.0 * 4096.0 / 1e11, 24.0 * 18_357.0 * 5_248.0 / 1e10);
        let close = |settings: &[&str], want: f64| {
            let mut layers = ConfigLayers::new(MODELS);
            settings.iter().try_for_each(|setting| layers.set(setting)).unwrap();
            (seconds(&step(&layers.finish().unwrap(), &sports()), &SPEED) - want).abs() < 1e-9
        };
        assert!(close(&[], products + gram + memory));
        let timings = MODELS.default_model().card().timings;
        let other = timings.iter().find(|timing| !timing.settings.is_empty()).unwrap();
        assert!(close(other.settings, products + memory));
        assert!((products - 0.36994).abs() < 1e-5 && (gram - 0.17180).abs() < 1e-5 && (memory - 0.23121).abs() < 1e-5);
    }

    #[test]
    fn a_rate_is_limited_by_what_one_unit_costs() {
        let shape = sports();
        let limit = Limit::Rate { amount: shape.users as f64, parts: vec![ranking(&shape)] };
        // One user: 2 x 18,357 x 64 operations.
        let want = 1e11 / (2.0 * 18_357.0 * 64.0);
        assert!((limit.value(&SPEED).unwrap() / want - 1.0).abs() < 1e-12);
        assert_eq!(Limit::Unknown.value(&SPEED), None);
    }

    #[test]
    fn an_epoch_is_its_steps_and_a_ranking() {
        let shape = sports();
        assert_eq!(shape.steps(), 107);
        let step = step(&RunConfig::defaults(MODELS), &shape);
        let want = 107.0 * seconds(&step, &SPEED) + seconds(&[ranking(&shape)], &SPEED);
        assert!((seconds(&epoch(&shape, step), &SPEED) - want).abs() < 1e-9);
    }
}
