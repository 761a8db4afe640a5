//! A run that continues from the end of a shorter one: the same, but for more epochs.
//!
//! What a step computes depends on its epoch, never on how many there will be: the learning rate, every draw and the order of the pairs follow
//! from the epoch's number. So the state of a shorter run is a state of the longer one, with one exception. The last epoch of a run is always judged, also where
//! `train.evaluate_every` would pass over it. The last checkpoint is therefore written *before* the last epoch is judged, and where that epoch
//! turned out the best, so that the weights of the best one before it are gone, the longer run begins at the beginning.

use crate::checkpoint::{self, State, Times};
use crate::config::RunConfig;
use crate::error::TrainError;
use crate::identity::Identity;
use crate::observer::{Observer, RunEvent};
use crate::run_folder::{RunFolder, Saved, saved};
use crate::stepper::Stepper;
use anchorrec_files::disk::FileSystem;
use anchorrec_files::tensors::SealedFile;
use anchorrec_files::{folder_of, with_causes};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What the header of a file of best weights says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AboutBest {
    /// What the run is made of.
    pub identity: Identity,
    /// The seed of the run.
    pub seed: u64,
    /// The epoch of the weights, from 1.
    pub epoch: usize,
}

impl AboutBest {
    /// Returns the JSON that is in the header.
    pub fn json(&self) -> String {
        serde_json::json!({ "identity": self.identity, "seed": self.seed, "epoch": self.epoch }).to_string()
    }

    fn read(path: &Path) -> Option<Self> {
        serde_json::from_str(&SealedFile::open(path).ok()?.about).ok()
    }
}

/// Whether a run of so many epochs judges its model after an epoch, from 1.
pub(crate) fn is_judged(epochs: usize, evaluate_every: usize, epoch: usize) -> bool {
    epoch == epochs || epoch.is_multiple_of(evaluate_every)
}

/// The furthest state of a shorter run of this seed, if there is one: it is read into the model and its optimiser, and its best weights are
/// written into `folder` as the longer run's own.
///
/// # Errors
/// When the files of the shorter run cannot be used: `stepper` may then hold a part of them and must not be used. Or when the disk
/// fails.
pub(crate) fn go_on(
    folder: &RunFolder,
    identity: &Identity,
    config: &RunConfig,
    seed: u64,
    stepper: &mut Stepper<f32>,
    observer: &mut dyn Observer,
) -> Result<Option<(State, Times)>, TrainError> {
    let mut found: Vec<Saved> = folder.shorter(identity).iter().flat_map(|shorter| saved(shorter)).collect();
    found.retain(|saved| saved.seed == seed);
    found.sort();
    let Some(Saved { path, .. }) = found.last() else { return Ok(None) };
    let place = folder_of(path);
    let mut tell = |what: String| observer.event(RunEvent::Notice(&format!("seed {seed}: {what}")));
    let shorter = match RunFolder::open(place, Box::new(FileSystem)) {
        Ok(shorter) => shorter,
        Err(TrainError::Busy { .. }) => {
            tell(format!("begins at the beginning: the shorter run in {} is at work", place.display()));
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let unusable = |path: &Path, problem: String| TrainError::Weights { path: path.to_owned(), problem };
    let about = checkpoint::about(path).map_err(|problem| unusable(path, with_causes(&problem)))?;
    if about.state.progress.best_epoch > 0 {
        let best = shorter.best(seed);
        let no_weights = || unusable(&best, "does not say what it holds".to_owned());
        let AboutBest { epoch, .. } = AboutBest::read(&best).ok_or_else(no_weights)?;
        if !is_judged(config.train.epochs, config.train.evaluate_every, epoch) {
            tell(format!(
                "begins at the beginning: epoch {epoch}, the last of the shorter run in {}, is the best there and is not judged here",
                place.display()
            ));
            return Ok(None);
        }
        checkpoint::read_weights(&best, stepper.model.params_mut())
            .map_err(|problem| unusable(&best, with_causes(&problem)))?;
        let about = AboutBest { identity: identity.clone(), seed, epoch };
        folder.save_best(seed, stepper.model.params(), &about.json())?;
    }
    let about = checkpoint::read(path, stepper.model.params_mut(), &mut stepper.adam)
        .map_err(|problem| unusable(path, with_causes(&problem)))?;
    let State { epoch, step, .. } = about.state;
    tell(format!(
        "goes on after epoch {epoch} and {step} steps of the run with {} epochs in {}",
        about.identity.epochs(),
        place.display()
    ));
    Ok(Some((about.state, shorter.times(seed))))
}
