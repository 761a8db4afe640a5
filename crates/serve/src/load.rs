//! From a run on disk to what is served. Everything is checked before anything of it is answered: weights and data by their SHA-256.

use crate::load_error::{LoadError, OtherArithmetic};
use crate::scorer::Scorer;
use crate::served::{About, Served, prepared, vectors};
use anchorrec_data::{Dataset, Modality};
use anchorrec_files::counted;
use anchorrec_kernels::portable;
use anchorrec_recommender::ModelList;
use anchorrec_retrieval::closed_form::{ClosedFormRetriever, JudgedForms};
use anchorrec_retrieval::fold_in::Way;
use anchorrec_retrieval::{Exclude, FinishedRun, FusedRetriever, RetrievalError, Retriever, Trained};
use ndarray::Array2;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Whether this process computes with plain loops; decided by the first run.
static PORTABLE: OnceLock<bool> = OnceLock::new();

/// How a trained model is served.
pub struct Ranking<'a> {
    /// The models that there are.
    pub models: ModelList,
    /// The folder of the data set, where it has moved.
    pub data: Option<&'a Path>,
    /// Whether the model is fused with the closed form that validation chose.
    pub is_fused: bool,
    /// How the items of a new user become a vector.
    pub way: Way,
    /// Names of the item spaces that are served; nothing for those of the model.
    pub spaces: Option<&'a [String]>,
    /// Which items of the data set nobody is shown.
    pub never: Never<'a>,
}

/// Finds the items of a data set that nobody is shown, ascending.
pub type Never<'a> = &'a dyn Fn(&Dataset) -> Result<Vec<u32>, LoadError>;

/// Loads a trained model.
///
/// # Errors
/// When the data set is gone or another one, the model cannot be built, a space is not known, or the run was trained in another arithmetic than the one
/// before.
pub fn by_model(run: &FinishedRun, ranking: &Ranking) -> Result<Served, LoadError> {
    arithmetic(run.report.portable)?;
    let Trained { dataset, trained, notes, .. } = run.load(ranking.models, ranking.data)?;
    let never = (ranking.never)(&dataset)?;
    let mut notes: Vec<String> = notes.iter().map(|note| note.to_string()).collect();
    let positions = trained.model.item_spaces().into_iter().map(|space| (space.name.to_owned(), space.positions));
    let spaces = chosen(positions.collect(), &dataset, ranking.spaces)?;
    let spaces = prepared(&dataset, spaces, &never)?;
    for space in spaces.iter().filter(|space| space.without_features() > 0) {
        notes.push(format!(
            "{} in the space `{}`, whose lists leave out what has none",
            counted(space.without_features(), "item has no features of its own", "items have no features of their own"),
            space.name
        ));
    }
    let embeddings = Arc::new(trained.embeddings);
    let vectors = vectors(&dataset, embeddings.clone(), trained.model.user_sums(), ranking.way);
    let (scorer, ranks) = match ranking.is_fused {
        true => {
            let fused = FusedRetriever::new(run, &dataset, embeddings, Exclude::None, &never)?;
            let ranks = format!("the trained model and a closed form, γ {}", fused.gamma());
            (Scorer::Fusion(fused, vectors), ranks)
        }
        false => {
            if run.report.fusion.is_some() {
                notes
                    .push("this run was also fused with a closed form; lists are the trained model's alone".to_owned());
            }
            let retriever = Retriever::new(embeddings, &dataset.interactions, Exclude::None, &never);
            (Scorer::Model(retriever, vectors), "the trained model".to_owned())
        }
    };
    let about = About {
        model: run.report.model_title().to_owned(),
        data: run.report.data.name.clone(),
        ranking: ranks,
        seed: Some(run.run.seed),
        weights_sha256: Some(run.run.checkpoint_sha256.clone()),
        notes,
    };
    Served::new(about, &dataset, scorer, spaces, &never)
}

/// Loads a closed form that was judged on a data set.
///
/// # Errors
/// When it cannot be computed, or was judged in another arithmetic than the run before.
pub fn by_closed_form(
    judged: &JudgedForms,
    method: &str,
    dataset: &Dataset,
    never: Never<'_>,
) -> Result<Served, LoadError> {
    arithmetic(judged.report.arithmetic == "portable")?;
    let method = judged.method(Some(method))?;
    let never = never(dataset)?;
    let retriever = ClosedFormRetriever::new(judged, method, dataset, Exclude::None, &never)?;
    let about = About {
        model: method.title.clone(),
        data: judged.report.data.name.clone(),
        ranking: format!("a closed form: {}", method.setting),
        ..About::default()
    };
    Served::new(about, dataset, Scorer::ClosedForm(retriever), Vec::new(), &never)
}

/// Takes the arithmetic of the first run, and holds every later one to it.
fn arithmetic(is_portable: bool) -> Result<(), LoadError> {
    if *PORTABLE.get_or_init(|| is_portable) != is_portable {
        return Err(OtherArithmetic { is_portable }.into());
    }
    if is_portable {
        portable::choose();
    }
    Ok(())
}

/// The spaces of these names: the model's, or features as they are (`raw_text`).
fn chosen(
    mut spaces: Vec<(String, Array2<f32>)>,
    dataset: &Dataset,
    names: Option<&[String]>,
) -> Result<Vec<(String, Array2<f32>)>, LoadError> {
    let Some(names) = names else { return Ok(spaces) };
    let raw = |modality: Modality| Some((format!("raw_{modality}"), dataset.features.of(modality)?));
    let known = spaces.iter().map(|space| space.0.clone());
    let known: Vec<String> = known.chain(Modality::ALL.into_iter().filter_map(raw).map(|space| space.0)).collect();
    let mut chosen: Vec<(String, Array2<f32>)> = Vec::new();
    for name in names.iter().filter(|name| known.contains(name)) {
        match spaces.iter().position(|space| space.0 == *name) {
            Some(place) => chosen.push(spaces.swap_remove(place)),
            None => {
                let raw = Modality::ALL.into_iter().filter_map(raw).find(|space| space.0 == *name);
                // A name that stands twice was taken already.
                chosen.extend(
                    raw.map(|(name, rows)| (name, rows.clone()))
                        .filter(|space| !chosen.iter().any(|other| other.0 == space.0)),
                );
            }
        }
    }
    match names.iter().find(|name| !known.contains(name)) {
        Some(name) => Err(RetrievalError::NoSpace { name: name.clone(), known }.into()),
        None => Ok(chosen),
    }
}
