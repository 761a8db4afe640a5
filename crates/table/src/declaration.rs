//! The declaration of a table: which data sets, which models, and one budget for all of them.
//!
//! Every model gets the same number of trials, drawn from its published ranges, the learning rates of the budget and the model's own `ranges` here (the weight of
//! its regularisation, where the published ranges leave that out). Every run ends by one rule, and every model has the same seeds on a data set. Settings
//! under `published` are those that the authors print for a data set, where they differ from the defaults; they concern the published row alone.

use crate::error::TableError;
use anchorrec_recommender::{Model, ModelList};
use anchorrec_records::table::Protocol;
use anchorrec_trainer::config_layers::nearest;
use anchorrec_trainer::layered::{Said, Tuned, configuration};
use anchorrec_trainer::search::SearchRange;
use anchorrec_trainer::{CheckedConfig, ConfigError};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A declaration, checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The budget of every model.
    pub budget: Budget,
    /// The data sets, in the order in which they are computed.
    #[serde(rename = "dataset")]
    pub datasets: Vec<DeclaredDataset>,
    /// The models, in the order of the rows; the first is the reference of the tests.
    #[serde(rename = "model")]
    pub models: Vec<DeclaredModel>,
}

/// The budget of every model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Points that a search tries.
    pub trials: usize,
    /// The most epochs of a run: a cap that should never end one.
    pub epochs: usize,
    /// Epochs from one evaluation to the next.
    pub evaluate_every: usize,
    /// Evaluations without a better validation Recall@20 after which a run stops.
    pub patience: usize,
    /// The learning rates that every search tries, the default first.
    pub learning_rate: Vec<String>,
    /// The seed for drawing the points.
    #[serde(default)]
    pub search_seed: u64,
}

/// A data set of a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredDataset {
    /// The name of the data set.
    pub name: String,
    /// The seeds of every model on it; the first is that of the search.
    pub seeds: Vec<u64>,
    /// Settings of every run on it, as `path=value`.
    #[serde(default)]
    pub settings: Vec<String>,
    /// The size of the synthetic twin that is meant, where it is no real data.
    pub scale: Option<f64>,
}

/// A row of a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredModel {
    /// The name of the row: that of the model, or another one for a variant of it.
    pub name: String,
    /// The model, where the row is called otherwise.
    pub model: Option<String>,
    /// The name of the row for people; else the model's own.
    pub title: Option<String>,
    /// Settings of every run of the row, as `path=value`.
    #[serde(default)]
    pub settings: Vec<String>,
    /// Ranges that the search tries beside the model's own, as `path=value,value`, the default first.
    #[serde(default)]
    pub ranges: Vec<String>,
    /// Settings that the authors print for a data set, by its name.
    #[serde(default)]
    pub published: BTreeMap<String, Vec<String>>,
    /// Whether the tuned model is also fused with a closed form.
    #[serde(default)]
    pub fuse: bool,
}

impl DeclaredModel {
    /// Returns the name of the model.
    pub fn model(&self) -> &str {
        self.model.as_deref().unwrap_or(&self.name)
    }

    /// Returns the name of the row for people.
    ///
    /// # Panics
    /// When the model is not of the list that the declaration was checked with.
    pub fn title(&self, models: ModelList) -> String {
        self.title.clone().unwrap_or_else(|| models.find(self.model()).expect("a checked model").title().to_owned())
    }
}

impl Declaration {
    /// Reads and checks a declaration; `name` is what errors call it.
    ///
    /// # Errors
    /// When the text is no declaration, names what there is not, or a setting cannot work.
    pub fn parse(name: &str, text: &str, models: ModelList) -> Result<Self, TableError> {
        let parsed = toml::from_str::<Declaration>(text);
        let declaration =
            parsed.map_err(|source| TableError::NoDeclaration { name: name.to_owned(), source: Box::new(source) })?;
        declaration.check(name, models)?;
        Ok(declaration)
    }

    /// Returns what is asked for of a model on a data set.
    pub fn protocol(&self, dataset: &DeclaredDataset, model: &DeclaredModel) -> Protocol {
        let Budget { trials, epochs, evaluate_every, patience, ref learning_rate, search_seed } = self.budget;
        let rates = format!("train.learning_rate={}", learning_rate.join(","));
        Protocol {
            model: model.model().to_owned(),
            seeds: dataset.seeds.clone(),
            epochs,
            evaluate_every,
            patience,
            trials,
            search_seed,
            settings: dataset.settings.iter().chain(&model.settings).cloned().collect(),
            published: model.published.get(&dataset.name).cloned().unwrap_or_default(),
            ranges: std::iter::once(rates).chain(model.ranges.iter().cloned()).collect(),
            fuse: model.fuse,
        }
    }

    fn check(&self, name: &str, models: ModelList) -> Result<(), TableError> {
        let wrong = |what: String| Err(TableError::Declared { name: name.to_owned(), what });
        let Budget { trials, epochs, evaluate_every, patience, .. } = self.budget;
        let counts =
            [("trials", trials), ("epochs", epochs), ("evaluate_every", evaluate_every), ("patience", patience)];
        if let Some((field, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return wrong(format!("budget.{field}: expected a whole number above 0, found 0"));
        }
        for (what, names) in [("dataset", self.dataset_names()), ("model", self.row_names())] {
            if names.is_empty() {
                return wrong(format!("expected at least one [[{what}]]"));
            }
            let mut known = BTreeSet::new();
            if let Some(twice) = names.iter().find(|name| !known.insert(*name)) {
                return wrong(format!("[[{what}]]: `{twice}` is there twice"));
            }
            // Folders and files are called so.
            let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
            let is_name = |name: &str| !name.is_empty() && !name.starts_with('.') && plain(name);
            if let Some(odd) = names.iter().find(|name| !is_name(name)) {
                return wrong(format!("[[{what}]]: expected a name of letters, digits and hyphens, found `{odd}`"));
            }
        }
        if self.row_names().contains(&anchorrec_records::table::CLOSED_FORMS.to_owned()) {
            return wrong(
                "[[model]]: `closed-forms` is the file of the methods without training: call it otherwise".to_owned(),
            );
        }
        for model in &self.models {
            let Some(found) = models.find(model.model()) else {
                let names: Vec<String> = models.names().into_iter().map(str::to_owned).collect();
                let near = nearest(model.model(), &names);
                return wrong(format!("[[model]]: there is no model `{}`; did you mean `{near}`?", model.model()));
            };
            if let Some(other) = model.published.keys().find(|dataset| !self.dataset_names().contains(dataset)) {
                let near = nearest(other, &self.dataset_names());
                let row = &model.name;
                return wrong(format!(
                    "model {row}, published: there is no [[dataset]] `{other}`; did you mean `{near}`?"
                ));
            }
            self.check_model(name, models, found, model)?;
        }
        Ok(())
    }

    /// Makes every configuration that a row will need, once.
    fn check_model(
        &self,
        name: &str,
        models: ModelList,
        model: &'static dyn Model,
        row: &DeclaredModel,
    ) -> Result<(), TableError> {
        for dataset in &self.datasets {
            let protocol = self.protocol(dataset, row);
            let whose = format!("model {} on {}", row.name, dataset.name);
            let setting = |source: ConfigError| TableError::Setting {
                name: name.to_owned(),
                whose: whose.clone(),
                source: Box::new(source),
            };
            let declared =
                |what: String| TableError::Declared { name: name.to_owned(), what: format!("{whose}: {what}") };
            published(models, model, &protocol).map_err(setting)?;
            let base = of_every_run(models, model, &protocol, &[]).map_err(setting)?;
            let mut known: BTreeSet<String> = model.card().ranges.iter().map(|range| range.path.to_owned()).collect();
            let path = |assignment: &str| assignment.split('=').next().unwrap_or_default().trim().to_owned();
            let searched = protocol.ranges.iter().map(|range| path(range)).chain(known.iter().cloned());
            let is_set =
                |path_of_range: &String| protocol.settings.iter().any(|setting| path(setting) == *path_of_range);
            if let Some(both) = { searched }.find(is_set) {
                return Err(declared(format!("`{both}` is in `settings` and searched: leave one of them out")));
            }
            for text in &protocol.ranges {
                let range: SearchRange = text.parse().map_err(|wrong| declared(format!("range `{text}`: {wrong}")))?;
                if !known.insert(range.path.clone()) {
                    return Err(declared(format!("range `{text}`: the setting is searched already")));
                }
                for (place, value) in range.values.iter().enumerate() {
                    let point = [format!("{}={value}", range.path)];
                    let made = of_every_run(models, model, &protocol, &point).map_err(setting)?;
                    if place == 0 && made != base {
                        return Err(declared(format!("range `{text}`: expected the default first")));
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the names of the data sets.
    pub fn dataset_names(&self) -> Vec<String> {
        self.datasets.iter().map(|dataset| dataset.name.clone()).collect()
    }

    /// Returns the names of the rows.
    pub fn row_names(&self) -> Vec<String> {
        self.models.iter().map(|model| model.name.clone()).collect()
    }
}

/// Returns the configuration of the published row.
///
/// # Errors
/// When a setting cannot work.
pub fn published(
    models: ModelList,
    model: &'static dyn Model,
    protocol: &Protocol,
) -> Result<CheckedConfig, ConfigError> {
    of_every_run(models, model, protocol, &protocol.published)
}

fn of_every_run(
    models: ModelList,
    model: &'static dyn Model,
    protocol: &Protocol,
    over: &[String],
) -> Result<CheckedConfig, ConfigError> {
    let said = Said {
        file: None,
        set: protocol.settings.clone(),
        epochs: Some(protocol.epochs),
        patience: Some(protocol.patience),
        seeds: Some(protocol.seeds.clone()),
    };
    Ok(configuration(models, Some(model), &said, Tuned::None("a table begins at the defaults"), over)?.config)
}
