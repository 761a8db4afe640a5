//! What a training, a search and an ablation study are asked for in common: the data, the settings, the place.

use crate::failure::{refused, said};
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use anchorrec_trainer::Observer;
use anchorrec_trainer::layered::Said;
use anchorrec_trainer::loaded::{Loaded, Rows};
use anchorrec_trainer::source::{self, Asked};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::time::Duration;

/// What a job is asked for by.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Job {
    data: Option<PathBuf>,
    dataset: Option<String>,
    mm: Option<PathBuf>,
    datasets: PathBuf,
    scale: Option<f64>,
    pub seeds: Option<Vec<u64>>,
    epochs: Option<usize>,
    patience: Option<usize>,
    /// A settings file: its name and its text.
    config: Option<(String, String)>,
    set: Vec<String>,
    pub out: PathBuf,
    checkpoint_every: f64,
    pub strict: bool,
    pub portable: bool,
    pub command: Vec<String>,
}

impl Job {
    /// Returns the data that is asked for.
    pub fn asked(&self) -> Asked {
        let Job { data, dataset, mm, datasets, scale, .. } = self;
        Asked {
            data: data.clone(),
            dataset: dataset.clone(),
            mm: mm.clone(),
            datasets: datasets.clone(),
            scale: *scale,
        }
    }

    /// Returns the settings that are asked for.
    pub fn said(&self) -> Said {
        let Job { config, set, epochs, patience, seeds, .. } = self;
        Said { file: config.clone(), set: set.clone(), epochs: *epochs, patience: *patience, seeds: seeds.clone() }
    }

    /// Loads the data and says what is unusual about it.
    pub fn load(&self, observer: &mut dyn Observer) -> PyResult<Loaded> {
        source::load(&self.asked(), Rows::Split, self.strict, observer).map_err(said)
    }

    /// Returns the time between two checkpoints.
    pub fn checkpoint_every(&self) -> PyResult<Duration> {
        Duration::try_from_secs_f64(self.checkpoint_every)
            .map_err(|_| refused("checkpoint_every: expected seconds, such as 10 or 0.5"))
    }

    /// Takes the arithmetic that is asked for; once plain loops were chosen, the process has no other.
    pub fn arithmetic(&self) -> PyResult<()> {
        if self.portable {
            anchorrec_kernels::portable::choose();
        } else if anchorrec_kernels::portable::is_chosen() {
            return Err(refused(
                "portable: since an earlier call, this process computes with plain loops: pass portable=True, or start another process",
            ));
        }
        Ok(())
    }
}

/// Finds a model by its name.
pub fn model(name: &str) -> PyResult<&'static dyn Model> {
    let unknown = || refused(format!("model: expected one of {}, found `{name}`", MODELS.names().join(", ")));
    MODELS.find(name).ok_or_else(unknown)
}
