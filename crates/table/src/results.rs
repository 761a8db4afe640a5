//! The results of a table: JSON files in one folder, `<data set>/<row>.json`. They are all that a page is made of, and a step whose result is there is done.

use crate::declaration::Declaration;
use crate::error::TableError;
use anchorrec_files::atomic::write_json;
use anchorrec_files::disk::FileSystem;
use anchorrec_records::table::{CLOSED_FORMS, ClosedFormRows, ModelResults, TableData};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The results that are there.
#[derive(Debug)]
pub struct Results {
    folder: PathBuf,
    models: BTreeMap<(String, String), ModelResults>,
    closed_forms: BTreeMap<String, ClosedFormRows>,
    /// Files of the folder that the declaration does not know, below it.
    pub unknown: Vec<String>,
}

impl Results {
    /// Reads the results of everything that is declared.
    ///
    /// # Errors
    /// When a file is no result, was computed by another protocol, or two of a data set were computed of different data.
    pub fn read(folder: &Path, declaration: &Declaration) -> Result<Self, TableError> {
        let mut results = Results {
            folder: folder.to_owned(),
            models: BTreeMap::new(),
            closed_forms: BTreeMap::new(),
            unknown: Vec::new(),
        };
        for dataset in &declaration.datasets {
            if let Some(rows) = read::<ClosedFormRows>(&results.path(&dataset.name, CLOSED_FORMS))? {
                results.check_data(&dataset.name, &rows.data)?;
                results.closed_forms.insert(dataset.name.clone(), rows);
            }
            for model in &declaration.models {
                let path = results.path(&dataset.name, &model.name);
                let Some(of) = read::<ModelResults>(&path)? else { continue };
                if let Some(difference) = declaration.protocol(dataset, model).difference(&of.asked) {
                    return Err(TableError::OtherProtocol { path, difference });
                }
                results.check_data(&dataset.name, &of.data)?;
                results.models.insert((dataset.name.clone(), model.name.clone()), of);
            }
            results.unknown.extend(others(folder, &dataset.name, &declaration.row_names()));
        }
        Ok(results)
    }

    /// Returns the results of a row.
    pub fn model(&self, dataset: &str, row: &str) -> Option<&ModelResults> {
        self.models.get(&(dataset.to_owned(), row.to_owned()))
    }

    /// Returns the results of all rows of a data set, by name.
    pub fn models(&self, dataset: &str) -> impl Iterator<Item = &ModelResults> {
        self.models.iter().filter(move |((of, _), _)| of == dataset).map(|(_, results)| results)
    }

    /// Returns all results of models.
    pub fn all(&self) -> impl Iterator<Item = &ModelResults> {
        self.models.values()
    }

    /// Returns the results of the methods without training.
    pub fn closed_forms(&self, dataset: &str) -> Option<&ClosedFormRows> {
        self.closed_forms.get(dataset)
    }

    /// Checks that what is there of a data set was computed of this data.
    ///
    /// # Errors
    /// When it was not; names the first file that differs.
    pub fn check_data(&self, dataset: &str, data: &TableData) -> Result<(), TableError> {
        let models = self.models(dataset).map(|of| (of.name.as_str(), &of.data));
        let closed_forms = self.closed_forms.get(dataset).map(|rows| (CLOSED_FORMS, &rows.data));
        for (name, was) in models.chain(closed_forms) {
            if let Some(difference) = difference(data, was) {
                return Err(TableError::OtherData { path: self.path(dataset, name), difference });
            }
        }
        Ok(())
    }

    /// Keeps the results of a row, in its file too.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep(&mut self, results: ModelResults) -> Result<(), TableError> {
        write(&self.path(&results.dataset, &results.name), &results)?;
        self.models.insert((results.dataset.clone(), results.name.clone()), results);
        Ok(())
    }

    /// Keeps the results of the methods without training, in their file too.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep_closed_forms(&mut self, rows: ClosedFormRows) -> Result<(), TableError> {
        write(&self.path(&rows.dataset, CLOSED_FORMS), &rows)?;
        self.closed_forms.insert(rows.dataset.clone(), rows);
        Ok(())
    }

    fn path(&self, dataset: &str, name: &str) -> PathBuf {
        self.folder.join(dataset).join(format!("{name}.json"))
    }
}

/// The first file in which two data sets differ.
fn difference(data: &TableData, was: &TableData) -> Option<String> {
    let names = data.files.keys().chain(was.files.keys());
    let differs = |name: &&String| data.files.get(*name) != was.files.get(*name);
    let short =
        |sha256: Option<&String>| sha256.map_or("not there", |sha256| &sha256[..sha256.len().min(12)]).to_owned();
    let told =
        |name: &String| format!("{name} is {}, and was {}", short(data.files.get(name)), short(was.files.get(name)));
    { names }.find(differs).map(told)
}

/// Files of results that no row is declared for.
fn others(folder: &Path, dataset: &str, rows: &[String]) -> Vec<String> {
    let entries = fs::read_dir(folder.join(dataset)).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let is_known = |name: &str| name == CLOSED_FORMS || rows.iter().any(|row| row == name);
    let unknown = names.filter(|name| name.strip_suffix(".json").is_some_and(|name| !is_known(name)));
    let mut unknown: Vec<String> = unknown.map(|name| format!("{dataset}/{name}")).collect();
    unknown.sort();
    unknown
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, TableError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(TableError::File { path: path.to_owned(), action: "read", source }),
    };
    let read = serde_json::from_str(&text);
    read.map(Some).map_err(|source| TableError::NoResults { path: path.to_owned(), source })
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), TableError> {
    let written =
        fs::create_dir_all(anchorrec_files::folder_of(path)).and_then(|()| write_json(&FileSystem, path, value));
    written.map_err(|source| TableError::File { path: path.to_owned(), action: "write", source })
}
