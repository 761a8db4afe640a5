//! The best settings of a search into a manifest, its trace beside it. Everything else in the manifest stays as it is, comments included.

use anchorrec_files::atomic::{write_atomic, write_json};
use anchorrec_files::disk::FileSystem;
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use anchorrec_trainer::search::{Search, SearchRange, Trial};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item, Table, Value};

/// Writes `manifest.toml` and `tuning/<model>.json` in the data set's folder; the path of the first.
pub fn write(dataset: &Path, search: &Search, model: &dyn Model) -> Result<PathBuf> {
    let path = dataset.join("manifest.toml");
    let trace = dataset.join("tuning").join(format!("{model}.json"));
    let failed = |path: &Path, what: &str| format!("{}: cannot {what}", path.display());
    fs::create_dir_all(dataset.join("tuning")).with_context(|| failed(&trace, "make its folder"))?;
    write_json(&FileSystem, &trace, search).with_context(|| failed(&trace, "write"))?;
    let text = fs::read_to_string(&path).with_context(|| failed(&path, "read"))?;
    let text = with_settings(&text, search, model).with_context(|| failed(&path, "change"))?;
    write_atomic(&FileSystem, &path, |file| file.write_all(text.as_bytes())).with_context(|| failed(&path, "write"))?;
    Ok(path)
}

/// The manifest's text with the best settings as `[settings.<model>]`.
fn with_settings(text: &str, search: &Search, model: &dyn Model) -> Result<String> {
    let mut document: DocumentMut = text.parse()?;
    let about = &search.about;
    let Trial { settings, .. } = &search.trials[search.best.context("the search is not finished")?];
    let mut table = Table::new();
    for assignment in about.fixed.iter().chain(settings) {
        let (path, value) = assignment.split_once('=').context("path=value")?;
        if !belongs(path.trim(), model) {
            continue;
        }
        let mut parts: Vec<&str> = path.trim().split('.').collect();
        let last = parts.pop().context("path=value")?;
        let value: Value = value.trim().parse().unwrap_or_else(|_| Value::from(value.trim()));
        let mut place = &mut table;
        for part in parts {
            let inner = place.entry(part).or_insert_with(|| {
                let mut inner = Table::new();
                inner.set_dotted(true);
                Item::Table(inner)
            });
            place = inner.as_table_mut().context("a path through a value")?;
        }
        place.insert(last, Item::Value(value));
    }
    let comment = format!(
        "\n# Tuned on validation: {} of {} points{}, seed {}, up to {} epochs; every trial: tuning/{}.json\n",
        search.trials.len(),
        grid(search, model),
        match search.trials.iter().filter(|trial| trial.diverged.is_some()).count() {
            0 => String::new(),
            diverged => format!(", of which {diverged} diverged"),
        },
        about.train_seed,
        about.rungs.last().copied().unwrap_or_default(),
        model
    );
    table.decor_mut().set_prefix(comment);
    let all = document.entry("settings").or_insert_with(|| {
        let mut all = Table::new();
        all.set_implicit(true);
        Item::Table(all)
    });
    all.as_table_mut().context("`settings` is a table")?.insert(model.name(), Item::Table(table));
    Ok(document.to_string())
}

/// How many points the ranges of a search make, those beside the model's own among them.
fn grid(search: &Search, model: &dyn Model) -> usize {
    let beside = search.about.ranges.iter().filter_map(|range| range.parse::<SearchRange>().ok());
    model.card().grid() * beside.map(|range| range.values.len()).product::<usize>()
}

/// Settings of a search that decide how long a run continues and what it logs, not what a model of its settings is.
const PROCEDURE: &[&str] = &["model", "train.epochs", "train.patience", "train.evaluate_every", "train.seeds"];

/// Whether a setting that every trial had is one of the model's: not of another model, not of the procedure. The trace has them all.
fn belongs(path: &str, model: &dyn Model) -> bool {
    let of = path.split('.').next().unwrap_or(path);
    let is_procedure = PROCEDURE.contains(&path) || model.card().changes_no_ranking.contains(&path);
    !MODELS.others(model).any(|other| other.name() == of) && !is_procedure
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_trainer::search::About;

    #[test]
    fn settings_are_replaced_and_the_rest_stays() {
        let model = MODELS.iter().filter(|model| model.card().ranges.len() > 1).last().unwrap();
        let [first, second] = [0, 1].map(|place| model.card().ranges[place]);
        let search = Search {
            about: About {
                version: String::new(),
                numerics: String::new(),
                arithmetic: String::new(),
                dataset: "d".to_owned(),
                inputs: Vec::new(),
                model: model.name().to_owned(),
                fixed: vec![
                    "train.evaluate_every=5".to_owned(),
                    "train.learning_rate=0.01".to_owned(),
                    format!("{}.embedding_dim=8", MODELS.default_model()),
                ],
                budget: 2,
                seed: 0,
                train_seed: 999,
                rungs: vec![1, 3, 9],
                ranges: Vec::new(),
                keeps_rising: false,
            },
            trials: vec![Trial {
                settings: vec![format!("{}=4", first.path), format!("{}=0.01", second.path)],
                reached: Vec::new(),
                diverged: None,
            }],
            best: Some(0),
        };
        let text = format!(
            "name = \"d\"\n\n# Why.\n[counts]\nusers = 1 # one\n\n# Old.\n[settings.{model}]\n{} = 3\n",
            first.path
        );
        let changed = with_settings(&text, &search, model).unwrap();
        assert!(changed.starts_with("name = \"d\"\n\n# Why.\n[counts]\nusers = 1 # one\n"), "{changed}");
        assert!(!changed.contains(" = 3") && !changed.contains("# Old."), "{changed}");
        let table: toml::Table = changed.parse().unwrap();
        let settings = table["settings"][model.name()].as_table().unwrap();
        let at =
            |path: &str| path.split('.').fold(toml::Value::Table(settings.clone()), |value, key| value[key].clone());
        assert_eq!(at(first.path).as_integer(), Some(4));
        assert_eq!(at(second.path).as_float(), Some(0.01));
        assert_eq!(
            settings["train"].as_table().unwrap().len(),
            1,
            "how often it is judged is not a setting of the model"
        );
        assert_eq!(settings["train"]["learning_rate"].as_float(), Some(0.01));
        let default = MODELS.default_model().name();
        assert!(model.name() == default || !settings.contains_key(default), "of another model: {changed}");
        assert!(changed.contains(&format!("{} = 4\n", first.path)), "dotted keys, as a person writes them: {changed}");
        // A second search of the same model leaves one table.
        assert_eq!(with_settings(&changed, &search, model).unwrap(), changed);
    }
}
