//! A finished run: its vectors, and lists by them.

use crate::arrays::room;
use crate::failure::{heard, heard_if, refused, said};
use crate::vectors::Vectors;
use anchorrec_data::{Dataset, Split};
use anchorrec_kernels::portable;
use anchorrec_models::MODELS;
use anchorrec_recommender::{Embeddings, Recommender};
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::compared::{Asked, compared};
use anchorrec_retrieval::fold_in::{FoldIn, Way};
use anchorrec_retrieval::people;
use anchorrec_retrieval::similar::space;
use anchorrec_retrieval::{Exclude, FinishedRun, FusedRetriever, Ids, List, Retriever, Trained};
use anchorrec_trainer::analysis::analyse;
use anchorrec_trainer::evaluation::Evaluator;
use anchorrec_trainer::{CheckedConfig, TrainedModel};
use ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// As many lists are made sooner than anybody presses Ctrl-C.
const FEW: usize = 1000;

/// A finished run.
#[pyclass(frozen, module = "anchorrec._native")]
pub struct Run {
    run: FinishedRun,
    dataset: Dataset,
    config: CheckedConfig,
    model: Box<dyn Recommender<f32>>,
    embeddings: Arc<Embeddings<f32>>,
    users: Ids,
    items: Ids,
    #[pyo3(get)]
    notes: Vec<String>,
    /// The last one, for whoever asks again in the same way.
    retriever: Mutex<Option<(Candidates, Arc<Scorer>)>>,
}

/// What a retriever is made for.
#[derive(Clone, PartialEq)]
struct Candidates {
    exclude: Exclude,
    never: Vec<u32>,
    fuse: bool,
}

/// What ranks.
enum Scorer {
    Model(Retriever<Arc<Embeddings<f32>>>),
    Fusion(FusedRetriever<Arc<Embeddings<f32>>>),
}

/// Numbers of users, how long the list of each is, and all items and scores one list behind the other.
type Lists<'py> =
    (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<f32>>);

/// Opens a finished run and loads its data and its model.
#[pyfunction]
pub fn load(py: Python<'_>, path: PathBuf, seed: Option<u64>, data: Option<PathBuf>) -> PyResult<Run> {
    heard(py, move || {
        let run = FinishedRun::open(&path, seed).map_err(said)?;
        let config = run.config(MODELS).map_err(said)?;
        let dataset = run.dataset(&config, data.as_deref()).map_err(said)?;
        let mut notes = Vec::new();
        // Only now: a run that cannot be loaded changes nothing for the others of this process.
        if run.report.portable && !portable::is_chosen() {
            portable::choose();
            notes.push("this run was computed with plain loops (portable): from here on so is everything in this process, slowly".to_owned());
        }
        let Trained { dataset, config, trained, notes: found, .. } = run.load_on(config, dataset).map_err(said)?;
        notes.extend(found.iter().map(ToString::to_string));
        let TrainedModel { model, embeddings, .. } = trained;
        let (users, items) = (Ids::of_users(&dataset), Ids::of_items(&dataset));
        let embeddings = Arc::new(embeddings);
        Ok(Run { run, dataset, config, model, embeddings, users, items, notes, retriever: Mutex::default() })
    })?
}

impl Run {
    /// Looks at the weights as `train --analyse` does; the record is JSON.
    fn analysis(&self) -> Result<String, serde_json::Error> {
        let (spaces, sha256) = (self.model.item_spaces(), self.run.run.checkpoint_sha256.clone());
        let protocol = &self.config.protocol;
        let (analysis, _) = analyse(&self.dataset, protocol, &self.embeddings, spaces, self.run.run.seed, sha256);
        serde_json::to_string(&analysis)
    }

    /// The retriever of a call.
    fn scorer(&self, exclude: &str, allow: Option<Vec<String>>, deny: &[String], fuse: bool) -> PyResult<Arc<Scorer>> {
        let exclude = match exclude {
            "train" => Exclude::Train,
            "all" => Exclude::All,
            "none" => Exclude::None,
            other => return Err(refused(format!("exclude: expected `train`, `all` or `none`, found `{other}`"))),
        };
        let numbers =
            |place: &str, ids: &[String]| self.items.find_all(place, ids.iter().map(String::as_str)).map_err(said);
        let allow = allow.map(|ids| numbers("allow", &ids)).transpose()?;
        let never = never(&self.dataset, allow.as_deref(), &numbers("deny", deny)?).map_err(said)?;
        let wanted = Candidates { exclude, never, fuse };
        let mut last = self.retriever.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some((candidates, retriever)) = last.as_ref()
            && *candidates == wanted
        {
            return Ok(retriever.clone());
        }
        let (embeddings, interactions) = (self.embeddings.clone(), &self.dataset.interactions);
        let Candidates { never, .. } = &wanted;
        let made = Arc::new(match fuse {
            false => Scorer::Model(Retriever::new(embeddings, interactions, exclude, never)),
            true => {
                Scorer::Fusion(FusedRetriever::new(&self.run, &self.dataset, embeddings, exclude, never).map_err(said)?)
            }
        });
        *last = Some((wanted, made.clone()));
        Ok(made)
    }

    /// Refuses lists that memory has no room for: they are held thrice on their way to numpy.
    fn room_for(&self, lists: usize, top: usize) -> PyResult<()> {
        room::<(u32, f32)>("top", lists.saturating_mul(3 * top.min(self.dataset.interactions.items)))
    }

    /// The numbers of the items of each history, ascending, each once; `place` is the argument that names them.
    fn histories(&self, place: &str, histories: &[Vec<String>]) -> PyResult<Vec<Vec<u32>>> {
        let all: Vec<&str> = histories.iter().flatten().map(String::as_str).collect();
        let mut numbers = self.items.find_all(place, all).map_err(said)?.into_iter();
        let own = |history: &Vec<String>| {
            let mut items: Vec<u32> = numbers.by_ref().take(history.len()).collect();
            items.sort_unstable();
            items.dedup();
            items
        };
        Ok(histories.iter().map(own).collect())
    }

    fn folded_in(&self, histories: &[Vec<u32>], way: Way) -> Array2<f32> {
        FoldIn::new(way, self.embeddings.items.view(), &self.dataset.interactions).users(histories)
    }
}

/// The way of a name; `place` is the argument.
fn way(place: &str, name: &str) -> PyResult<Way> {
    let known = || Way::ALL.map(Way::name).join(", ");
    let unknown = || refused(format!("{place}: expected one of {}, found `{name}`", known()));
    Way::ALL.into_iter().find(|way| way.name() == name).ok_or_else(unknown)
}

fn lists<'py>(py: Python<'py>, users: Vec<u32>, lists: Vec<List>) -> Lists<'py> {
    let lengths: Vec<i64> = lists.iter().map(|list| list.len() as i64).collect();
    let (items, scores): (Vec<u32>, Vec<f32>) = lists.into_iter().flatten().unzip();
    (users.into_pyarray(py), lengths.into_pyarray(py), items.into_pyarray(py), scores.into_pyarray(py))
}

#[pymethods]
impl Run {
    /// The run's folder.
    #[getter]
    fn folder(&self) -> PathBuf {
        self.run.folder.clone()
    }

    /// The seed of the model.
    #[getter]
    fn seed(&self) -> u64 {
        self.run.run.seed
    }

    /// The report as JSON.
    fn report(&self) -> PyResult<String> {
        serde_json::to_string(&self.run.report).map_err(said)
    }

    /// Whether the run was fused with a closed form.
    #[getter]
    fn is_fused(&self) -> bool {
        self.run.report.fusion.is_some()
    }

    /// The vectors of users.
    #[getter]
    fn user_vectors(&self) -> Vectors {
        Vectors::of_users(&self.embeddings)
    }

    /// The vectors of items.
    #[getter]
    fn item_vectors(&self) -> Vectors {
        Vectors::of_items(&self.embeddings)
    }

    /// The ids of users, in the order of their vectors.
    #[getter]
    fn user_ids(&self) -> Vec<String> {
        (0..self.dataset.interactions.users as u32).map(|user| self.dataset.user_name(user)).collect()
    }

    /// The ids of items, in the order of their vectors.
    #[getter]
    fn item_ids(&self) -> Vec<String> {
        (0..self.dataset.interactions.items as u32).map(|item| self.dataset.item_name(item)).collect()
    }

    /// The titles of items, where the data set has any.
    #[getter]
    fn item_titles(&self) -> Option<Vec<Option<String>>> {
        self.dataset.titles.clone()
    }

    /// Makes lists for users of the data set, each once; for all who have a training row where none is named.
    fn recommend<'py>(
        slf: Py<Self>,
        py: Python<'py>,
        users: Option<Vec<String>>,
        top: usize,
        exclude: String,
        allow: Option<Vec<String>>,
        deny: Vec<String>,
        fuse: bool,
    ) -> PyResult<Lists<'py>> {
        let is_long = fuse || users.as_ref().is_none_or(|users| users.len() > FEW);
        let (users, made) = heard_if(py, is_long, move || {
            let run = slf.get();
            let wanted = match users {
                Some(ids) => {
                    let numbers = run.users.find_all("users", ids.iter().map(String::as_str)).map_err(said)?;
                    people::known(&run.dataset, "users", numbers).map_err(said)?
                }
                None => run.dataset.interactions.by_user(Split::Train).users_with_items(),
            };
            run.room_for(wanted.len(), top)?;
            let made = match &*run.scorer(&exclude, allow, &deny, fuse)? {
                Scorer::Model(retriever) => retriever.lists(&wanted, top),
                Scorer::Fusion(retriever) => retriever.lists(&wanted, top),
            };
            PyResult::Ok((wanted, made))
        })??;
        Ok(lists(py, users, made))
    }

    /// Makes lists for users whom the model does not know, by their items.
    fn recommend_new<'py>(
        slf: Py<Self>,
        py: Python<'py>,
        histories: Vec<Vec<String>>,
        fold_in: &str,
        top: usize,
        exclude: String,
        allow: Option<Vec<String>>,
        deny: Vec<String>,
        fuse: bool,
    ) -> PyResult<Lists<'py>> {
        let way = way("fold_in", fold_in)?;
        let (count, made) = heard_if(py, fuse || histories.len() > FEW, move || {
            let run = slf.get();
            let histories = run.histories("new_users", &histories)?;
            run.room_for(histories.len(), top)?;
            let scorer = run.scorer(&exclude, allow, &deny, fuse)?;
            let own = if exclude == "none" { vec![Vec::new(); histories.len()] } else { histories.clone() };
            let vectors = run.folded_in(&histories, way);
            let made = match &*scorer {
                Scorer::Model(retriever) => retriever.lists_for(vectors.view(), &own, top),
                Scorer::Fusion(retriever) => retriever.lists_for(vectors.view(), &histories, &own, top),
            };
            PyResult::Ok((histories.len() as u32, made))
        })??;
        Ok(lists(py, (0..count).collect(), made))
    }

    /// Makes vectors of users whom the model does not know, by their items.
    fn fold_in<'py>(
        slf: Py<Self>,
        py: Python<'py>,
        histories: Vec<Vec<String>>,
        method: &str,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let way = way("method", method)?;
        let vectors = heard_if(py, histories.len() > FEW, move || {
            let run = slf.get();
            PyResult::Ok(run.folded_in(&run.histories("histories", &histories)?, way))
        })??;
        Ok(vectors.into_pyarray(py))
    }

    /// Finds the items most similar to each of some, in a space; and what is to be said of it.
    fn similar<'py>(
        slf: Py<Self>,
        py: Python<'py>,
        items: Vec<String>,
        space_name: String,
        top: usize,
    ) -> PyResult<(Lists<'py>, Vec<String>)> {
        let (numbers, made, notes) = heard_if(py, items.len() > FEW, move || {
            let run = slf.get();
            let numbers = run.items.find_all("items", items.iter().map(String::as_str)).map_err(said)?;
            run.room_for(numbers.len(), top)?;
            let positions = space(&*run.model, &run.dataset.features, &space_name).map_err(said)?;
            let asked = Asked { place: "items", items: &numbers, space: &space_name, top };
            let (made, note) = compared(&run.dataset, &positions, &asked).map_err(said)?;
            PyResult::Ok((numbers, made, note.map(|note| note.to_string()).into_iter().collect()))
        })??;
        Ok((lists(py, numbers, made), notes))
    }

    /// The positions of all items in a space.
    fn space<'py>(slf: Py<Self>, py: Python<'py>, name: String) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let positions = heard(py, move || {
            let run = slf.get();
            space(&*run.model, &run.dataset.features, &name).map_err(said)
        })??;
        Ok(positions.into_pyarray(py))
    }

    /// Looks at what the model made of the data; the record as JSON.
    fn analyse(slf: Py<Self>, py: Python<'_>) -> PyResult<String> {
        heard(py, move || slf.get().analysis().map_err(said))?
    }

    /// Ranks all items for all users and judges the lists: validation and test.
    fn evaluate<'py>(slf: Py<Self>, py: Python<'py>) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
        let evaluation = heard(py, move || {
            let run = slf.get();
            Evaluator::new(&run.dataset.interactions, &run.config.protocol)
                .without(&run.dataset.phantoms.items)
                .evaluate_embeddings(&run.embeddings)
        })?;
        let named = |metrics: &std::collections::BTreeMap<String, f64>| {
            let values = PyDict::new(py);
            metrics.iter().try_for_each(|(name, value)| values.set_item(name, value))?;
            PyResult::Ok(values)
        };
        Ok((named(&evaluation.valid)?, named(&evaluation.test)?))
    }
}
