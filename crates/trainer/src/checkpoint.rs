//! A run of one seed, interrupted after a step: everything that the steps to come depend on.
//!
//! | part | where |
//! |---|---|
//! | parameters | tensors, under their names |
//! | tables that the model keeps | tensors `kept.<name>` |
//! | Adam's moments | tensors `adam.first.<name>`, `adam.second.<name>`; absent until a parameter's first gradient |
//! | Adam's step counts, epoch, step, sums over the epoch, best so far, curve | [`State`], JSON in the header |
//! | version, configuration, hashes of the data | [`Identity`], JSON in the header |
//!
//! The generators need no state: every draw is keyed by (seed, purpose, epoch, batch). The learning rate follows from the epoch.
//!
//! How long things took is not in it but in a file beside it ([`Times`]): the same step of the same run gives the same checkpoint, byte for
//! byte.

use crate::adam::{Adam, Moments};
use crate::identity::Identity;
use anchorrec_encoders::{Parameter, Params};
use anchorrec_files::disk::Disk;
use anchorrec_files::tensors::{self, SealedFile, Tensor, TensorsError};
use anchorrec_kernels::rows::first_not_finite;
use anchorrec_records::report::{EpochRecord, Metrics, selection_metric};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The progress of a run, without its tensors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The seed.
    pub seed: u64,
    /// The epoch in progress, from 0.
    pub epoch: usize,
    /// Steps made in the current epoch.
    pub step: usize,
    /// Sum of the objective over those steps, divided by the steps of an epoch.
    pub loss: f64,
    /// Sum of each term over those steps, divided by the steps of an epoch.
    pub terms: BTreeMap<String, f64>,
    /// What each term is, in a few words.
    #[serde(default)]
    pub about_terms: BTreeMap<String, String>,
    /// Updates that Adam has made.
    pub updates: u64,
    /// How many of them a parameter has missed, by its name; nothing of one that missed none, or that never had a gradient.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub missed: BTreeMap<String, u64>,
    /// The best so far, and the curve.
    pub progress: RunProgress,
}

/// The best epoch so far, and how long ago.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunProgress {
    /// The best epoch, from 1; 0 before the first evaluation.
    pub best_epoch: usize,
    /// The validation metrics of the best epoch.
    pub valid: Metrics,
    /// The test metrics of the best epoch.
    pub test: Metrics,
    /// The number of evaluations since the best one.
    pub without_gain: usize,
    /// Every epoch, without its duration.
    pub curve: Vec<EpochRecord>,
}

/// Seconds that a run has taken, over all its interruptions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// Seconds spent on training steps.
    pub train: f64,
    /// Seconds spent on evaluations.
    pub evaluate: f64,
    /// Seconds spent on each epoch, with evaluation and checkpoints; the last epoch is in progress.
    pub epochs: Vec<f64>,
}

impl Times {
    /// Returns the sum of the epoch in progress, from 0.
    pub fn epoch(&mut self, epoch: usize) -> &mut f64 {
        self.epochs.resize(epoch + 1, 0.0);
        &mut self.epochs[epoch]
    }
}

impl RunProgress {
    /// Takes the evaluation of `epoch` in; whether it is the best. The first is, also at a recall of 0; without validation every one is.
    pub fn is_better(&mut self, epoch: usize, valid: &Metrics, test: &Metrics) -> bool {
        let metric = selection_metric();
        let better = self.best_epoch == 0 || valid.is_empty() || valid.get(&metric) > self.valid.get(&metric);
        if better {
            (self.best_epoch, self.without_gain) = (epoch, 0);
            (self.valid, self.test) = (valid.clone(), test.clone());
        } else {
            self.without_gain += 1;
        }
        better
    }
}

/// What the header of a checkpoint says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// What the run is made of.
    pub identity: Identity,
    /// The progress of the run.
    pub state: State,
}

/// Writes a checkpoint atomically.
///
/// # Errors
/// Whatever the file system says.
pub fn write(disk: &dyn Disk, path: &Path, about: &About, params: &Params<f32>, adam: &Adam<f32>) -> io::Result<()> {
    let mut all: Vec<Tensor> = params.iter().map(|p| tensor(p, String::new(), &p.value)).collect();
    all.extend(params.kept().map(|p| tensor(p, KEPT.to_owned(), &p.value)));
    for (parameter, moments) in params.iter().zip(&adam.moments) {
        let Some(Moments { first, second, .. }) = moments else { continue };
        all.push(tensor(parameter, FIRST.to_owned(), first));
        all.push(tensor(parameter, SECOND.to_owned(), second));
    }
    let about = serde_json::to_string(about).expect("a checkpoint's state is JSON");
    tensors::write(disk, path, &all, &about, true)
}

const KEPT: &str = "kept.";
const FIRST: &str = "adam.first.";
const SECOND: &str = "adam.second.";

fn tensor<'a>(parameter: &Parameter<f32>, prefix: String, values: &'a Array2<f32>) -> Tensor<'a> {
    Tensor {
        name: prefix + &parameter.name,
        shape: shape(parameter),
        values: values.as_slice().expect("row-major, as its parameter"),
    }
}

/// Writes the weights alone, for other tools: not sealed, since they would show the seal as a weight.
///
/// # Errors
/// Whatever the file system says.
pub fn write_weights(disk: &dyn Disk, path: &Path, params: &Params<f32>, about: &str) -> io::Result<()> {
    let weights: Vec<Tensor> = params.iter().map(|p| tensor(p, String::new(), &p.value)).collect();
    tensors::write(disk, path, &weights, about, false)
}

/// Reads weights that [`write_weights`] wrote; returns the SHA-256 of the bytes that were read.
///
/// # Errors
/// When they are damaged or of another model; `params` may then hold a part of them and must not be used.
pub fn read_weights(path: &Path, params: &mut Params<f32>) -> Result<String, TensorsError> {
    // Without a seal there is nothing to finish; the lengths were compared when the file was opened.
    let mut file = SealedFile::open(path)?;
    for parameter in params.iter_mut() {
        let (name, shape) = (parameter.name.clone(), shape(parameter));
        file.read(&name, &shape, parameter.value.as_slice_mut().expect("parameters are row-major"))?;
    }
    match file.next() {
        None => Ok(file.sha256()),
        Some(name) => Err(TensorsError::Tensor { expected: "the end".to_owned(), found: format!("`{name}`") }),
    }
}

/// A vector has one dimension outside of this program.
fn shape(parameter: &Parameter<f32>) -> Vec<usize> {
    let (rows, cols) = parameter.value.dim();
    if parameter.vector { vec![cols] } else { vec![rows, cols] }
}

/// Reads what a checkpoint says about itself; its tensors are not read.
///
/// # Errors
/// When it is none.
pub fn about(path: &Path) -> Result<About, TensorsError> {
    parse(&SealedFile::open(path)?)
}

fn parse(file: &SealedFile) -> Result<About, TensorsError> {
    serde_json::from_str(&file.about).map_err(|e| TensorsError::header(format!("no checkpoint of this program: {e}")))
}

/// Reads a checkpoint into a model and its optimiser.
///
/// # Errors
/// When it is damaged or of another model; `params` and `adam` may then hold a part of it and must not be used.
pub fn read(path: &Path, params: &mut Params<f32>, adam: &mut Adam<f32>) -> Result<About, TensorsError> {
    let mut file = SealedFile::open(path)?;
    let about = parse(&file)?;
    for parameter in params.iter_mut() {
        let (name, shape) = (parameter.name.clone(), shape(parameter));
        file.read(&name, &shape, parameter.value.as_slice_mut().expect("parameters are row-major"))?;
    }
    for table in params.kept_mut() {
        let (name, shape) = (KEPT.to_owned() + &table.name, shape(table));
        file.read(&name, &shape, table.value.as_slice_mut().expect("kept tables are row-major"))?;
    }
    let State { updates, missed, .. } = &about.state;
    for (parameter, moments) in params.iter().zip(&mut adam.moments) {
        let names = [FIRST, SECOND].map(|prefix| prefix.to_owned() + &parameter.name);
        *moments = None;
        if file.next() == Some(names[0].as_str()) {
            let mut read = |name: &str| {
                let mut values = Array2::zeros(parameter.value.dim());
                file.read(name, &shape(parameter), values.as_slice_mut().expect("a fresh matrix"))?;
                Ok::<_, TensorsError>(values)
            };
            let (first, second) = (read(&names[0])?, read(&names[1])?);
            let missed = missed.get(&parameter.name).copied().unwrap_or(0);
            let updates = updates.checked_sub(missed).ok_or_else(|| {
                TensorsError::header(format!("{} missed {missed} of {updates} updates", parameter.name))
            })?;
            *moments = Some(Moments { first, second, updates });
        }
    }
    file.finish()?;
    adam.steps = *updates;
    Ok(about)
}

/// Counts how many of Adam's updates a parameter has missed, by its name: what a checkpoint says in [`State::missed`].
pub fn missed(params: &Params<f32>, adam: &Adam<f32>) -> BTreeMap<String, u64> {
    let of = |(parameter, moments): (&Parameter<f32>, &Option<Moments<f32>>)| {
        let missed = adam.steps - moments.as_ref()?.updates;
        (missed > 0).then(|| (parameter.name.clone(), missed))
    };
    params.iter().zip(&adam.moments).filter_map(of).collect()
}

/// Finds the first parameter, in creation order, of which a number or a moment is not finite; after them the first such table that is kept.
pub fn first_bad_parameter(params: &Params<f32>, adam: &Adam<f32>) -> Option<String> {
    let bad = |x: &Array2<f32>| first_not_finite(x.view()).is_some();
    let of = |(parameter, moments): (&Parameter<f32>, &Option<Moments<f32>>)| {
        let moments = moments.as_ref();
        bad(&parameter.value) || moments.is_some_and(|m| bad(&m.first) || bad(&m.second))
    };
    let weight = params.iter().zip(&adam.moments).find(|&pair| of(pair)).map(|(parameter, _)| parameter);
    weight.or_else(|| params.kept().find(|table| bad(&table.value))).map(|parameter| parameter.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RunConfig;
    use anchorrec_encoders::Gradients;
    use anchorrec_files::disk::FileSystem;
    use anchorrec_models::MODELS;
    use ndarray::array;

    fn model() -> Params<f32> {
        let mut params = Params::new();
        params.add("z.weight", array![[1.5f32, -2.0], [0.0, 3.25]]);
        params.add_vector("a.bias", array![[7.0f32]]);
        params.add("unused", array![[1.0f32]]);
        params.keep("table", array![[1.0f32, 2.0, 3.0]]);
        params
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let (mut params, folder) = (model(), tempfile::tempdir().unwrap());
        let mut adam = Adam::new(&params);
        let mut gradients = Gradients::zero(&params);
        gradients.add(params.id("z.weight").unwrap(), array![[0.1f32, -0.2], [0.3, 0.0]]);
        gradients.add(params.id("a.bias").unwrap(), array![[1e-20f32]]);
        adam.update(&mut params, &gradients, 0.01);
        let mut gradients = Gradients::zero(&params);
        gradients.add(params.id("a.bias").unwrap(), array![[0.5f32]]);
        (0..2).for_each(|_| adam.update(&mut params, &gradients, 0.01));
        params.kept_mut().for_each(|table| table.value.fill(-4.5));
        let missed = missed(&params, &adam);
        assert_eq!(missed, BTreeMap::from([("z.weight".to_owned(), 2)]));
        let mut state =
            State { seed: 9, epoch: 3, step: 17, loss: 0.1 + 0.2, updates: adam.steps, missed, ..State::default() };
        state.terms.insert("bpr".into(), 1.0 / 3.0);
        let identity = Identity::new(&RunConfig::defaults(MODELS).check().unwrap(), &[]);
        let written = About { identity, state };
        let path = folder.path().join("c.safetensors");
        write(&FileSystem, &path, &written, &params, &adam).unwrap();

        let (mut other, mut other_adam) = (model(), Adam::new(&params));
        assert_eq!(read(&path, &mut other, &mut other_adam).unwrap(), written);
        assert_eq!(other, params);
        assert_eq!((other_adam.steps, other_adam.moments), (3, adam.moments));
        assert_eq!(about(&path).unwrap(), written);
    }

    #[test]
    fn nothing_misses_more_updates_than_there_were() {
        let (mut params, folder) = (model(), tempfile::tempdir().unwrap());
        let mut adam = Adam::new(&params);
        let mut gradients = Gradients::zero(&params);
        gradients.add(params.id("a.bias").unwrap(), array![[1.0f32]]);
        adam.update(&mut params, &gradients, 0.01);
        let missed = BTreeMap::from([("a.bias".to_owned(), 2)]);
        let state = State { updates: 1, missed, ..State::default() };
        let identity = Identity::new(&RunConfig::defaults(MODELS).check().unwrap(), &[]);
        let path = folder.path().join("c.safetensors");
        write(&FileSystem, &path, &About { identity, state }, &params, &adam).unwrap();
        let refused = read(&path, &mut params, &mut adam).unwrap_err().to_string();
        assert!(refused.contains("a.bias missed 2 of 1 updates"), "{refused}");
    }

    #[test]
    fn weights_come_back_alone() {
        // What is kept is no weight.
        let (params, folder) = (model(), tempfile::tempdir().unwrap());
        let path = folder.path().join("w.safetensors");
        write_weights(&FileSystem, &path, &params, "{}").unwrap();
        let mut other = model();
        other.iter_mut().for_each(|parameter| parameter.value.fill(0.0));
        read_weights(&path, &mut other).unwrap();
        assert_eq!(other, params);
        let mut smaller = Params::new();
        smaller.add("z.weight", Array2::zeros((2, 2)));
        assert!(read_weights(&path, &mut smaller).unwrap_err().to_string().contains("a.bias"));
    }

    #[test]
    fn the_parameter_that_is_not_finite_is_named() {
        let mut params = model();
        let mut adam = Adam::new(&params);
        assert_eq!(first_bad_parameter(&params, &adam), None);
        params.kept_mut().for_each(|table| table.value.fill(f32::NAN));
        assert_eq!(first_bad_parameter(&params, &adam).as_deref(), Some("table"));
        adam.moments[2] = Some(Moments { first: array![[0.0]], second: array![[f32::INFINITY]], updates: 1 });
        assert_eq!(first_bad_parameter(&params, &adam).as_deref(), Some("unused"));
        let id = params.id("a.bias").unwrap();
        params[id][[0, 0]] = f32::NAN;
        assert_eq!(first_bad_parameter(&params, &adam).as_deref(), Some("a.bias"));
    }

    #[test]
    fn the_earliest_of_equal_epochs_is_the_best() {
        let mut progress = RunProgress::default();
        let at = |recall: f64| Metrics::from([(selection_metric(), recall)]);
        assert!(progress.is_better(1, &at(0.0), &at(0.9)), "the first evaluation is the best so far");
        assert!(progress.is_better(2, &at(0.5), &at(0.1)));
        assert!(!progress.is_better(3, &at(0.5), &at(0.8)), "a tie keeps the earlier epoch");
        assert!(!progress.is_better(4, &at(0.4), &at(0.9)));
        assert_eq!((progress.best_epoch, progress.without_gain), (2, 2));
        assert_eq!(progress.test, at(0.1));
        // Nothing to choose by: the last one is kept, and patience never runs out.
        let mut progress = RunProgress::default();
        assert!((1..5).all(|epoch| progress.is_better(epoch, &Metrics::new(), &at(0.1 / epoch as f64))));
        assert_eq!((progress.best_epoch, progress.without_gain), (4, 0));
    }
}
