//! Exact top-K lists by a closed form alone: popularity, item kNN, EASE, L3AE, at the setting that validation chose.
//!
//! A closed form has no vectors: it scores the list of items that somebody took, so a new user costs what a known one does and nothing is trained.
//! Its setting is in the `closed-forms.json` of `anchorrec baselines`.

use crate::candidates::Exclude;
use crate::error::RetrievalError;
use crate::parts::{Parts, parts_of_scores};
use crate::retriever::{List, narrowed};
use crate::run::{data_dir, record};
use anchorrec_data::{Dataset, ItemsByUser, Modality, Split};
use anchorrec_records::report::selection_metric;
use anchorrec_records::{ClosedFormRecord, ClosedFormsReport};
use anchorrec_trainer::closed_forms::{FoldIn, again};
use anchorrec_trainer::ranking::best_by_scores;
use std::path::{Path, PathBuf};

/// The name of the record.
const FILE: &str = "closed-forms.json";

/// Closed forms that were judged on a data set.
pub struct JudgedForms {
    /// The record's file.
    pub path: PathBuf,
    /// The record.
    pub report: ClosedFormsReport,
}

impl JudgedForms {
    /// Returns the file of the record that a path means: `closed-forms.json` itself, or a folder that holds one and no run.
    pub fn file(path: &Path) -> Option<PathBuf> {
        if path.file_name().is_some_and(|name| name == FILE) {
            return Some(path.to_owned());
        }
        let inner = path.join(FILE);
        (inner.is_file() && !path.join("report.json").exists()).then_some(inner)
    }

    /// Reads the record in a file.
    ///
    /// # Errors
    /// When it is not there, is no record, or holds no method.
    pub fn open(path: &Path) -> Result<Self, RetrievalError> {
        let report: ClosedFormsReport = record(path, "evaluate them again with `anchorrec baselines`")?;
        let judged = JudgedForms { path: path.to_owned(), report };
        match judged.report.methods.is_empty() {
            true => Err(judged.wrong("holds no method")),
            false => Ok(judged),
        }
    }

    fn wrong(&self, problem: &str) -> RetrievalError {
        RetrievalError::Record {
            path: self.path.clone(),
            problem: problem.to_owned(),
            remedy: "evaluate them again with `anchorrec baselines`",
        }
    }

    /// Returns the method of a name; without one the best on validation, the first of the best.
    ///
    /// # Errors
    /// When it was not judged, or no name is given and nothing was judged on validation.
    pub fn method(&self, name: Option<&str>) -> Result<&ClosedFormRecord, RetrievalError> {
        let methods = &self.report.methods;
        let known = || methods.iter().map(|method| method.method.clone()).collect();
        if let Some(name) = name {
            let found = methods.iter().find(|method| method.method == name);
            return found.ok_or_else(|| RetrievalError::NoMethod {
                path: self.path.clone(),
                name: name.to_owned(),
                known: known(),
            });
        }
        let valid = |method: &&ClosedFormRecord| method.valid.get(&selection_metric()).copied();
        let judged = methods.iter().filter_map(|method| Some((valid(&method)?, method)));
        let best = judged.reduce(|best, other| if other.0 > best.0 { other } else { best });
        let unjudged = || RetrievalError::NoneChosen { path: self.path.clone(), known: known() };
        best.map(|(_, method)| method).ok_or_else(unjudged)
    }

    /// Loads the data set of the record: from the folder `data`, else from where it was. It must be the same, by the SHA-256 of its files.
    ///
    /// # Errors
    /// When it is gone, cannot be read, or is another one.
    pub fn dataset(&self, data: Option<&Path>) -> Result<Dataset, RetrievalError> {
        let recorded = Path::new(&self.report.data.dir);
        let dir = data_dir(recorded, data)?;
        // What a command takes from outside of the folder is the fused features.
        let outside = self.report.inputs.iter().find(|input| Path::new(&input.path).parent() != Some(recorded));
        let elsewhere: Vec<_> = outside.map(|input| (Modality::Mm, PathBuf::from(&input.path))).into_iter().collect();
        let dataset = Dataset::load_with(&dir, &elsewhere)?;
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let of = |sha256: &str| format!("sha256 {}...", sha256.get(..8).unwrap_or(sha256));
        let before = self.report.inputs.iter().map(|input| (name(Path::new(&input.path)), &input.sha256));
        let now = dataset.inputs.iter().map(|input| (name(&input.path), &input.sha256));
        let (before, now): (Vec<_>, Vec<_>) = (before.collect(), now.collect());
        let gone = before.iter().filter(|(_, sha256)| now.iter().all(|(_, other)| other != sha256));
        let new = now.iter().filter(|(_, sha256)| before.iter().all(|(_, other)| other != sha256));
        let differences: Vec<String> = gone
            .map(|(name, sha256)| format!("the file {name} was {}", of(sha256)))
            .chain(new.map(|(name, sha256)| format!("the file {name} is {}", of(sha256))))
            .collect();
        match differences.is_empty() {
            true => Ok(dataset),
            false => Err(RetrievalError::OtherData { dir: dataset.dir, differences }),
        }
    }
}

/// Makes lists by a closed form.
pub struct ClosedFormRetriever {
    scores: Box<dyn FoldIn>,
    train: ItemsByUser,
    own: ItemsByUser,
    never: Vec<u32>,
}

impl ClosedFormRetriever {
    /// Computes a judged method once more. The items of `never` (ascending) are in no list; each user's own items are left out as `exclude` says.
    ///
    /// # Errors
    /// When it cannot be computed.
    pub fn new(
        judged: &JudgedForms,
        method: &ClosedFormRecord,
        dataset: &Dataset,
        exclude: Exclude,
        never: &[u32],
    ) -> Result<Self, RetrievalError> {
        let scores = again(method, judged.report.neighbours, dataset)
            .map_err(|source| RetrievalError::ClosedForm { path: judged.path.clone(), source })?;
        let train = dataset.interactions.by_user(Split::Train);
        Ok(ClosedFormRetriever { scores, train, own: exclude.items(&dataset.interactions), never: never.to_vec() })
    }

    /// Returns the best `top` items of each of `users`, in their order, as the evaluation ranks them; a list is shorter where fewer items remain.
    ///
    /// # Panics
    /// When a user is not in the data set.
    pub fn lists(&self, users: &[u32], top: usize) -> Vec<List> {
        self.best(users, top, |user| self.train.of(user), |user| self.own.of(user))
    }

    /// Returns the best `top` items for users that the data set does not know: `histories[n]` is what user `n` took, `own[n]` what is left out of its
    /// list; both ascend.
    ///
    /// # Panics
    /// When there is not one of each for each user.
    pub fn lists_for(
        &self,
        histories: &[impl AsRef<[u32]> + Sync],
        own: &[impl AsRef<[u32]> + Sync],
        top: usize,
    ) -> Vec<List> {
        assert_eq!(histories.len(), own.len(), "histories and lists of own items");
        let places: Vec<u32> = (0..histories.len() as u32).collect();
        self.best(&places, top, |place| histories[place as usize].as_ref(), |place| own[place as usize].as_ref())
    }

    /// Returns the parts of the scores of `items` for a user with `taken`, ascending; nothing where the method is not linear in what was taken.
    ///
    /// # Panics
    /// When an item is not there.
    pub fn parts(&self, taken: &[u32], items: &[u32]) -> Option<Vec<Parts>> {
        parts_of_scores(|taken, row| self.scores.scores_into(taken, row), self.scores.items(), taken, items)
    }

    fn best<'a>(
        &self,
        users: &[u32],
        top: usize,
        taken: impl Fn(u32) -> &'a [u32] + Sync,
        own: impl Fn(u32) -> &'a [u32] + Sync,
    ) -> Vec<List> {
        let write = |user: u32, row: &mut [f64]| self.scores.scores_into(taken(user), row);
        let lists = best_by_scores(self.scores.items(), users, top, &self.never, own, write);
        narrowed(lists)
    }
}
