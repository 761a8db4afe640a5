//! The item graphs of Sports alone.

use crate::config;
use crate::sample::seconds;
use crate::shape::Shape;
use anchorrec_data::{Dataset, Modality};
use anchorrec_graph::nearest_by_cosine;
use anchorrec_models::MODELS;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

const RUNS: usize = 3;

/// The times of exact item kNN.
#[derive(Debug, Serialize, Deserialize)]
pub struct KnnTimes {
    /// The sizes of the data.
    pub shape: Shape,
    /// Seconds of each run for vision.
    pub vision: Vec<f64>,
    /// Seconds of each run for all modalities; none when vision alone was wanted.
    pub all: Vec<f64>,
}

/// Times item kNN, all tables one after the other in each run; runs in the child process.
pub fn run(folder: &Path, vision_alone: bool) -> Result<KnnTimes> {
    let dataset = Dataset::load(folder)?;
    let shape = Shape::of(&dataset, &config::of(None, MODELS.default_model(), 1, 1.0)?);
    let mut record = KnnTimes { shape, vision: Vec::new(), all: Vec::new() };
    for _ in 0..RUNS {
        let mut sum = 0.0;
        for modality in Modality::ALL {
            if vision_alone && modality != Modality::Vision {
                continue;
            }
            let features = dataset.features.of(modality).with_context(|| format!("there is no {modality}"))?;
            let taken = seconds(|| nearest_by_cosine(features, record.shape.neighbours));
            sum += taken;
            if modality == Modality::Vision {
                record.vision.push(taken);
            }
        }
        if !vision_alone {
            record.all.push(sum);
        }
    }
    Ok(record)
}
