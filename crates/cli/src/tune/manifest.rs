//! The best settings of a search into a manifest, its trace beside it. Everything else in the manifest stays as it is, comments included.

use anchorrec_files::atomic::{write_atomic, write_json};
use anchorrec_files::disk::FileSystem;
use anchorrec_trainer::ModelKind;
use anchorrec_trainer::search::{Search, Trial, ranges};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item, Table, Value};

/// Writes `manifest.toml` and `tuning/<model>.json` in the data set's folder; the path of the first.
pub fn write(dataset: &Path, search: &Search) -> Result<PathBuf> {
    let (path, model) = (dataset.join("manifest.toml"), search.about.model);
    let trace = dataset.join("tuning").join(format!("{model}.json"));
    let failed = |path: &Path, what: &str| format!("{}: cannot {what}", path.display());
    fs::create_dir_all(dataset.join("tuning")).with_context(|| failed(&trace, "make its folder"))?;
    write_json(&FileSystem, &trace, search).with_context(|| failed(&trace, "write"))?;
    let text = fs::read_to_string(&path).with_context(|| failed(&path, "read"))?;
    let text = with_settings(&text, search).with_context(|| failed(&path, "change"))?;
    write_atomic(&FileSystem, &path, |file| file.write_all(text.as_bytes())).with_context(|| failed(&path, "write"))?;
    Ok(path)
}

/// The manifest's text with the best settings as `[settings.<model>]`.
fn with_settings(text: &str, search: &Search) -> Result<String> {
    let mut document: DocumentMut = text.parse()?;
    let about = &search.about;
    let model = about.model;
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
        grid(about.model),
        match search.trials.iter().filter(|trial| trial.diverged.is_some()).count() {
            0 => String::new(),
            diverged => format!(", of which {diverged} diverged"),
        },
        about.train_seed,
        about.rungs.last().copied().unwrap_or_default(),
        about.model
    );
    table.decor_mut().set_prefix(comment);
    let all = document.entry("settings").or_insert_with(|| {
        let mut all = Table::new();
        all.set_implicit(true);
        Item::Table(all)
    });
    all.as_table_mut().context("`settings` is a table")?.insert(about.model.name(), Item::Table(table));
    Ok(document.to_string())
}

/// How many points a model's ranges make.
fn grid(model: ModelKind) -> usize {
    ranges(model).iter().map(|range| range.values.len()).product()
}

/// Settings of a search that decide how long a run goes on and what it logs, not what a model of its settings is.
const PROCEDURE: &[&str] =
    &["model", "train.epochs", "train.patience", "train.evaluate_every", "train.seeds", "anchorrec.train_input_heads"];

/// Whether a setting that every trial had is one of the model's: not of another model, not of the procedure. The trace has them all.
fn belongs(path: &str, model: ModelKind) -> bool {
    let of = path.split('.').next().unwrap_or(path);
    !model.others().any(|other| other.name() == of) && !PROCEDURE.contains(&path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_trainer::search::About;

    #[test]
    fn settings_are_replaced_and_the_rest_stays() {
        let search = Search {
            about: About {
                version: String::new(),
                numerics: String::new(),
                arithmetic: String::new(),
                dataset: "d".to_owned(),
                inputs: Vec::new(),
                model: ModelKind::LightGcn,
                fixed: ["train.evaluate_every=5", "train.learning_rate=0.01", "vbpr.reg=0.1"]
                    .map(str::to_owned)
                    .to_vec(),
                budget: 2,
                seed: 0,
                train_seed: 999,
                rungs: vec![1, 3, 9],
            },
            trials: vec![Trial {
                settings: vec!["lightgcn.layers=4".into(), "lightgcn.reg=0.01".into()],
                reached: Vec::new(),
                diverged: None,
            }],
            best: Some(0),
        };
        let text =
            "name = \"d\"\n\n# Why.\n[counts]\nusers = 1 # one\n\n# Old.\n[settings.lightgcn]\nlightgcn.layers = 3\n";
        let changed = with_settings(text, &search).unwrap();
        assert!(changed.starts_with("name = \"d\"\n\n# Why.\n[counts]\nusers = 1 # one\n"), "{changed}");
        assert!(!changed.contains("layers = 3") && !changed.contains("# Old."), "{changed}");
        let table: toml::Table = changed.parse().unwrap();
        let settings = table["settings"]["lightgcn"].as_table().unwrap();
        assert_eq!(settings["lightgcn"]["layers"].as_integer(), Some(4));
        assert_eq!(settings["lightgcn"]["reg"].as_float(), Some(0.01));
        assert_eq!(
            settings["train"].as_table().unwrap().len(),
            1,
            "how often it is judged is not a setting of the model"
        );
        assert_eq!(settings["train"]["learning_rate"].as_float(), Some(0.01));
        assert!(!settings.contains_key("vbpr"), "{changed}");
        assert!(changed.contains("lightgcn.layers = 4\n"), "dotted keys, as a person writes them: {changed}");
        // A second search of the same model leaves one table.
        assert_eq!(with_settings(&changed, &search).unwrap(), changed);
    }
}
