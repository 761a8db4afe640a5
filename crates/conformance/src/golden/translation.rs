//! What a model's `golden.toml` says.

use crate::setting_paths::leaf;
use anchorrec_encoders::Params;
use anchorrec_testkit::golden::{self, Case};
use ndarray::Array2;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Names and settings of an official implementation in ours.
///
/// A place in a file is written as the names that lead to it: `nd_neighbours/0`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// The model's name in our list.
    pub model: String,
    /// What the names of its golden files begin with, where that is not the model's name.
    files: Option<String>,
    /// What `meta` must say, because we offer nothing else.
    #[serde(default)]
    requires: BTreeMap<String, serde_json::Value>,
    /// Our settings by their paths; each has a place in `meta`. Those that are not here keep their defaults.
    settings: BTreeMap<String, Meaning>,
    /// Our features (`mm`, `text`, `vision`), each with its place in the case, or behind `data/` in the file of its interactions.
    #[serde(default)]
    features: BTreeMap<String, String>,
    /// Official parameters and ours.
    parameters: BTreeMap<String, String>,
    /// Official names of loss terms and ours.
    #[serde(default)]
    terms: BTreeMap<String, TermMeaning>,
    /// Our terms for which the files have a sum and no value of their own.
    #[serde(default)]
    only_in_total: Vec<String>,
    /// Where a case on recorded draws is compared.
    drawn: Option<Drawn>,
    /// Other settings under which Adam's steps were recorded, by the name of their part of the file.
    #[serde(default)]
    also: BTreeMap<String, Table>,
}

/// What a setting of ours is in `meta`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Meaning {
    /// The value of a setting of theirs.
    Same(String),
    /// What a setting of theirs leaves of 1: the share that is dropped, where they have the one that is kept.
    Rest { one_minus: String },
    /// The value of a setting of theirs, but 0 where another one is off.
    Switched { of: String, unless_off: String },
    /// A number that is in the official code.
    Fixed { fixed: Value },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum TermMeaning {
    Plain(String),
    Weighted { weighted: String },
}

/// Cases with recorded draws, which only the model's own tests can hand to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The place in a case that tells that something was drawn in it.
    marks: String,
    /// The test that hands the draws to the model and calls `compare`, from `crates` on.
    pub test: String,
}

impl Translation {
    /// Finds the translation of a model, if its folder has one.
    ///
    /// # Panics
    /// When one cannot be read.
    pub fn find(model: &str) -> Option<Self> {
        Self::all().into_iter().find(|translation| translation.model == model)
    }

    /// [`find`](Self::find) for a model that has one.
    ///
    /// # Panics
    /// When it has none.
    pub fn of(model: &str) -> Self {
        Self::find(model).unwrap_or_else(|| panic!("no golden.toml with `model = \"{model}\"` under crates/*/src"))
    }

    /// Reads every `golden.toml` under `crates/*/src`.
    ///
    /// # Panics
    /// When one cannot be read.
    pub fn all() -> Vec<Self> {
        let mut found = Vec::new();
        for folder in entries(&crates()) {
            collect(&folder.join("src"), &mut found);
        }
        let read = |path: PathBuf| -> Translation {
            let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        };
        found.sort();
        found.into_iter().map(read).collect()
    }

    /// Returns whether a golden file of that name is this model's.
    pub fn names(&self, file: &str) -> bool {
        file.starts_with(self.files.as_ref().unwrap_or(&self.model))
    }

    /// Reads the model's cases: all its files that have parameters.
    ///
    /// # Panics
    /// When there is none, or `meta` says what we do not offer.
    pub fn cases(&self) -> Vec<Case> {
        let files = golden::files(|name| self.names(name));
        let cases: Vec<Case> =
            files.into_iter().filter(|file| file.value["params"].is_object()).map(Case::from).collect();
        assert!(!cases.is_empty(), "{}: no golden file has parameters", self.model);
        for case in &cases {
            for (place, want) in &self.requires {
                let found = self.meta(case, place);
                // 0 and 0.0 are the same number.
                let same = found == want || (found.is_number() && found.as_f64() == want.as_f64());
                assert!(same, "{}: {place} is {found}: only {want} is offered", case.name);
            }
        }
        cases
    }

    /// Returns where a case is compared that was recorded with its draws.
    pub fn drawn(&self, case: &Case) -> Option<&Drawn> {
        self.drawn.as_ref().filter(|drawn| case.file.pointer(&format!("/{}", drawn.marks)).is_some())
    }

    /// Returns the parts of a case that hold Adam's steps, each with the settings that it has beside the case's own.
    pub fn choices(&self, case: &Case) -> Vec<(&str, Table)> {
        let others = self.also.iter().map(|(key, changes)| (key.as_str(), changes.clone()));
        let all = [("adam", Table::new())].into_iter().chain(others);
        all.filter(|(key, _)| case.file[*key].is_object()).collect()
    }

    /// Returns the settings of a case: `defaults` with every one that is translated.
    ///
    /// # Panics
    /// When `defaults` has no such setting, or the case no such value.
    pub fn settings(&self, case: &Case, mut defaults: Table) -> Table {
        for (path, meaning) in &self.settings {
            let place = leaf(&mut defaults, &path.split('.').collect::<Vec<_>>());
            let number = match meaning {
                Meaning::Fixed { fixed } => {
                    *place = fixed.clone();
                    continue;
                }
                Meaning::Same(key) => self.meta(case, key).clone(),
                Meaning::Rest { one_minus } => (1.0 - golden::number(self.meta(case, one_minus))).into(),
                Meaning::Switched { unless_off, .. } if case.file["meta"][unless_off] == false => 0.0.into(),
                Meaning::Switched { of, .. } => self.meta(case, of).clone(),
            };
            *place = match place {
                Value::Integer(_) => Value::Integer(golden::count(&number) as i64),
                Value::Float(_) => Value::Float(golden::number(&number)),
                Value::Boolean(_) => Value::Boolean(number.as_bool().unwrap_or_else(|| panic!("{path}: {number}"))),
                other => panic!("{}: {path} is {other}, no number", self.model),
            };
        }
        defaults
    }

    /// [`settings`](Self::settings) as the model's own type.
    ///
    /// # Panics
    /// Panics in the same cases as [`settings`](Self::settings).
    pub fn typed_settings<S: Default + Serialize + DeserializeOwned>(&self, case: &Case) -> S {
        let defaults = Table::try_from(S::default()).expect("settings are a table");
        self.settings(case, defaults).try_into().expect("settings of the model")
    }

    /// Returns the raw features of a case: fused, text, vision.
    ///
    /// # Panics
    /// When the case has no such table.
    pub fn features(&self, case: &Case) -> [Option<Array2<f64>>; 3] {
        ["mm", "text", "vision"].map(|name| {
            let place = self.features.get(name)?;
            let (file, place) = match place.strip_prefix("data/") {
                Some(place) => (&case.data.file, place),
                None => (&case.file, place.as_str()),
            };
            let table = file.pointer(&format!("/{place}"));
            Some(golden::matrix(table.unwrap_or_else(|| panic!("{}: no {place}", case.name))))
        })
    }

    /// Gives a model the first parameters of a case.
    ///
    /// # Panics
    /// When one of the model's is not in the file, or has another shape.
    pub fn fill(&self, case: &Case, params: &mut Params<f64>) {
        let official = self.parameters(case);
        for id in params.ids().collect::<Vec<_>>() {
            let ours = &params.parameter(id).name;
            let theirs = official.iter().find(|(_, name)| name == ours);
            let (theirs, _) = theirs.unwrap_or_else(|| panic!("{}: no parameter is our {ours}", case.name));
            let value = golden::matrix(&case.file["params"][theirs]);
            assert_eq!(value.dim(), params[id].dim(), "{}: {theirs}", case.name);
            params[id] = value;
        }
    }

    /// Returns the parameters of a case that are translated: their name and ours.
    pub fn parameters(&self, case: &Case) -> Vec<(&str, &str)> {
        let there = case.file["params"].as_object().expect("params");
        let known = self.parameters.iter().filter(|(theirs, _)| there.contains_key(*theirs));
        known.map(|(theirs, ours)| (theirs.as_str(), ours.as_str())).collect()
    }

    /// Every parameter of the file is one of ours, or has no gradient there and is never moved.
    pub(super) fn assert_knows_every_parameter(&self, case: &Case) {
        for (name, first) in case.file["params"].as_object().expect("params") {
            if !self.parameters.contains_key(name) {
                assert!(case.file["grads"][name].is_null(), "{}: unknown {name}", case.name);
                let adam = case.file["adam"].as_object().expect("Adam's steps");
                for (_, after) in adam.iter().filter(|(key, _)| key.starts_with("params_after_")) {
                    assert!(after[name].is_null() || &after[name] == first, "{}: {name} moves", case.name);
                }
            }
        }
    }

    /// The official names of terms, ours, and whether the value holds the weight.
    pub(super) fn terms(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        self.terms.iter().map(|(theirs, meaning)| match meaning {
            TermMeaning::Plain(ours) => (theirs.as_str(), ours.as_str(), false),
            TermMeaning::Weighted { weighted } => (theirs.as_str(), weighted.as_str(), true),
        })
    }

    /// Whether a term of ours is known, by a value of its own or as a part of the sum.
    pub(super) fn knows_term(&self, ours: &str) -> bool {
        self.terms().any(|(_, name, _)| name == ours) || self.only_in_total.iter().any(|name| name == ours)
    }

    fn meta<'a>(&self, case: &'a Case, place: &str) -> &'a serde_json::Value {
        let value = case.file["meta"].pointer(&format!("/{place}"));
        value.unwrap_or_else(|| panic!("{}: no meta/{place}", case.name))
    }
}

impl Drawn {
    /// Returns the path of the test.
    pub fn path(&self) -> PathBuf {
        crates().join(&self.test)
    }
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("beside the other crates").to_owned()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries.map(|entry| entry.expect("a readable folder").path()).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.is_dir() {
        for path in entries(folder) {
            match path.is_dir() {
                true => collect(&path, found),
                false if path.ends_with("golden.toml") => found.push(path),
                false => {}
            }
        }
    }
}
