//! From a folder or a table in memory to a description, or to a ready folder.

use crate::failure::{detached, heard, refused, said};
use crate::tables::Table;
use anchorrec_data::Modality;
use anchorrec_data::item_images::is_address;
use anchorrec_files::Excerpt;
use anchorrec_formats::features::Asked;
use anchorrec_formats::reading::separator;
use anchorrec_formats::{ColumnNames, Positives, Reading, frame};
use anchorrec_prepare::own::describe::describe;
use anchorrec_prepare::own::{self, Foreign, ItemFeatures, Options, Own, Plan, write};
use anchorrec_prepare::split_text::{Split, rule, shares, split};
use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use std::collections::HashMap;
use std::path::PathBuf;

/// What the interactions are in.
#[derive(FromPyObject)]
pub enum Interactions<'py> {
    /// A table in memory.
    Table(Bound<'py, Table>),
    /// A folder.
    Folder(PathBuf),
}

/// What is said of the data.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Said<'py> {
    interactions: Option<PathBuf>,
    user: Option<String>,
    item: Option<String>,
    time: Option<String>,
    rating: Option<String>,
    part: Option<String>,
    header: Option<Vec<String>>,
    separator: Option<String>,
    min_rating: Option<f32>,
    positive: Option<(String, String)>,
    all: bool,
    rows_in_time_order: bool,
    /// A kind of features, and where they are: `FILE` or `FILE:COLUMN`.
    files: Vec<(String, String)>,
    /// A kind of features, an id for each row, the rows.
    arrays: Vec<(String, Vec<String>, PyReadonlyArray2<'py, f32>)>,
    allow_missing: bool,
    titles: HashMap<String, String>,
    images: HashMap<String, String>,
}

fn modality(name: &str) -> PyResult<Modality> {
    let found = Modality::ALL.into_iter().find(|modality| modality.to_string() == name);
    found.ok_or_else(|| refused(format!("no kind of features is called `{name}`")))
}

/// What is read: rows, features, titles.
fn read(py: Python<'_>, interactions: Interactions<'_>, what: Said<'_>) -> PyResult<Own> {
    let Said { arrays, titles, images, allow_missing, .. } = &what;
    let mut features = Vec::new();
    for (kind, ids, rows) in arrays {
        let (ids, rows) = (ids.clone(), rows.as_array().to_owned());
        features.push(ItemFeatures { modality: modality(kind)?, path: PathBuf::from(kind), ids, rows });
    }
    let separator = what
        .separator
        .as_deref()
        .map(|text| separator(text).map_err(|expected| refused(format!("separator: {expected}"))));
    let reading = Reading {
        columns: ColumnNames {
            user: what.user.clone(),
            item: what.item.clone(),
            time: what.time.clone(),
            rating: what.rating.clone(),
            part: what.part.clone(),
        },
        header: what.header.clone(),
        separator: separator.transpose()?,
        positives: Positives { min_rating: what.min_rating, equal: what.positive.clone(), all: what.all },
        order_is_time: what.rows_in_time_order,
    };
    let mut files = Vec::new();
    for (kind, text) in &what.files {
        files.push((modality(kind)?, Asked::parse(text)));
    }
    if let Some((item, address)) = images.iter().find(|(_, address)| !is_address(address)) {
        let found = Excerpt::of(address);
        return Err(refused(format!(
            "image_urls: expected addresses, http:// or https://, found {found} of item {item}"
        )));
    }
    let (titles, images, allow_missing) = (titles.clone(), images.clone(), *allow_missing);
    let mut foreign = match interactions {
        Interactions::Folder(dir) => {
            let options = Options { interactions: what.interactions.clone(), reading, features: files, allow_missing };
            match heard(py, move || own::read(&dir, &options).map_err(said))?? {
                Own::Foreign(foreign) => *foreign,
                ready if features.is_empty() && titles.is_empty() && images.is_empty() => return Ok(ready),
                Own::Ready(dataset) => {
                    let dir = dataset.dir.display();
                    return Err(refused(format!("{dir}: is a ready data set already: nothing is added to it")));
                }
            }
        }
        Interactions::Table(table) => {
            let table = table.unbind();
            let source = heard(py, move || frame::read("interactions", table.get(), &reading).map_err(said))??;
            if !files.is_empty() {
                return Err(refused(
                    "features of a table in memory: expected arrays with ids, found the name of a file",
                ));
            }
            Foreign {
                source,
                features: Vec::new(),
                texts: None,
                notes: Vec::new(),
                allow_missing,
                titles: HashMap::new(),
                images: HashMap::new(),
            }
        }
    };
    if let Some(twice) = features.iter().find(|one| foreign.features.iter().any(|other| other.modality == one.modality))
    {
        return Err(refused(format!("{}: expected an array or a file of the folder, found both", twice.modality)));
    }
    foreign.features.extend(features);
    foreign.titles.extend(titles);
    foreign.images.extend(images);
    Ok(Own::Foreign(Box::new(foreign)))
}

/// Describes data: what is in it and what training on it would take, as JSON.
#[pyfunction]
pub fn check(py: Python<'_>, interactions: Interactions<'_>, what: Said<'_>) -> PyResult<String> {
    let own = read(py, interactions, what)?;
    heard(py, move || serde_json::to_string(&describe(&own)).map_err(said))?
}

/// What to make.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Wanted {
    out: PathBuf,
    name: Option<String>,
    k_core: usize,
    split: Option<String>,
    share: Option<String>,
    seed: u64,
    keep_new_items: bool,
    strict: bool,
}

/// Makes a ready folder; what was done, as JSON, and what was noted.
#[pyfunction]
pub fn prepare(
    py: Python<'_>,
    interactions: Interactions<'_>,
    mut what: Said<'_>,
    wanted: Wanted,
) -> PyResult<(String, Vec<String>)> {
    let Wanted { out, name, k_core, split: asked, share, seed, keep_new_items, strict } = wanted;
    let folder = || out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = write::name(&name.unwrap_or_else(folder)).map_err(|expected| {
        refused(format!("out {}: {expected}, found another name: give one with name=", out.display()))
    })?;
    let asked = asked.map(|text| split(&text).map_err(|expected| refused(format!("split: {expected}")))).transpose()?;
    let share =
        share.map(|text| shares(&text).map_err(|expected| refused(format!("share: {expected}")))).transpose()?;
    if let Some(Split::Column(column)) = &asked {
        if what.part.as_ref().is_some_and(|other| other != column) {
            return Err(refused("split and split_column name two columns: leave one of them out"));
        }
        what.part = Some(column.clone());
    }
    let foreign = match read(py, interactions, what)? {
        Own::Foreign(foreign) => *foreign,
        Own::Ready(dataset) => {
            let dir = dataset.dir.display();
            return Err(refused(format!("{dir}: is a ready data set already: train on it")));
        }
    };
    if foreign.source.wrong > 0 {
        return Err(refused(foreign.source.problem_lines().join("\n")));
    }
    let is_split = !foreign.source.events.parts.is_empty();
    let split = rule(asked.as_ref(), share, seed, is_split).map_err(refused)?;
    let plan = Plan { out, name, k: k_core, split, keep_new_items, strict };
    // A folder that was begun is finished before anything else: a second call must not meet the first one there.
    let made = detached(py, || write::prepare(foreign, &plan, &mut |_| ()).map_err(said))??;
    let notes = made.notes.iter().map(ToString::to_string).collect();
    Ok((serde_json::to_string(&made).map_err(said)?, notes))
}
