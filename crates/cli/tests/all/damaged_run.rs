//! A run whose records no longer say the same is damaged, whichever of them was changed.

use crate::workplace::{Workplace, read_report, text};
use anchorrec_models::MODELS;
use anchorrec_retrieval::FinishedRun;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// The pointers to all values of a record that are no tables.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(table) => table.iter().for_each(|(key, value)| leaves(value, &format!("{at}/{key}"), found)),
        _ => found.push(at.to_owned()),
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(on) => (!on).into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => (number + 1).into(),
            None => (number.as_f64().unwrap() * 1.5 + 1.0).into(),
        },
        Value::String(text) => format!("0{text}").into(),
        Value::Array(list) => list.iter().cloned().chain([7.into()]).collect(),
        _ => 1.into(),
    }
}

fn run(place: &Workplace, args: &[&str]) -> PathBuf {
    let output = place.run(args);
    read_report(&output, place.0.path());
    let said = text(&output.stdout);
    place.path(said.lines().find_map(|line| line.strip_prefix("report: ")).unwrap()).parent().unwrap().to_owned()
}

#[test]
fn a_setting_that_two_records_of_a_run_tell_differently_is_damage() {
    let place = Workplace::new();
    let quick = ["--dataset", "small", "--epochs", "1", "--set", "train.batch_size=256"];
    for model in ["anchorrec", "lightgcn"] {
        let plain = run(&place, &[&quick[..], &["--model", model]].concat());
        let refit = run(&place, &["--refit", plain.to_str().unwrap()]);
        let warm = run(&place, &[&quick[..], &["--warm-start", plain.to_str().unwrap(), "--model", model]].concat());
        for folder in [plain, refit, warm] {
            FinishedRun::open(&folder, None).unwrap();
            let mut tried = 0;
            for (file, below) in [("identity.json", ""), ("report.json", "/config"), ("report.json", "/model")] {
                let path = folder.join(file);
                let whole = fs::read_to_string(&path).unwrap();
                let record: Value = serde_json::from_str(&whole).unwrap();
                let mut found = Vec::new();
                leaves(record.pointer(below).unwrap(), below, &mut found);
                // The other models' settings, and the seeds, are nothing that this run is made of.
                let is_of_another = |leaf: &String| {
                    let table =
                        leaf.strip_prefix("/config/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
                    // By which fingerprint an earlier run was known stands in one record alone.
                    !["", "model", "train", "protocol", "features", model].contains(&table)
                        || leaf.ends_with("/seeds")
                        || leaf == "/origin/warm_start/run"
                };
                for leaf in found.into_iter().filter(|leaf| !is_of_another(leaf)) {
                    let mut changed = record.clone();
                    let value = changed.pointer_mut(&leaf).unwrap();
                    *value = other(value);
                    let mut without = record.clone();
                    let (table, key) = leaf.rsplit_once('/').unwrap();
                    without.pointer_mut(table).unwrap().as_object_mut().unwrap().remove(key);
                    for (how, damaged) in [("changed", changed), ("without it", without)] {
                        fs::write(&path, damaged.to_string()).unwrap();
                        let opened = FinishedRun::open(&folder, None);
                        // Absent, a revision or an instruction set is what an earlier version wrote.
                        let is_old = how == "without it" && ["/numerics", "/arithmetic"].contains(&leaf.as_str());
                        let refused = opened.map(drop).map_err(|error| error.to_string());
                        assert_eq!(refused.is_ok(), is_old, "{model} {file} {leaf} {how}: {refused:?}");
                        tried += 1;
                    }
                }
                fs::write(&path, whole).unwrap();
            }
            assert!(tried > 50, "{tried}");
        }
    }
    // The epoch that was kept is told twice, by its number and by its metrics.
    let folder = run(&place, &[&quick[..], &["--model", "lightgcn"]].concat());
    let path = folder.join("report.json");
    let whole = fs::read_to_string(&path).unwrap();
    for leaf in ["/runs/0/best_epoch", "/runs/0/valid/recall@20", "/runs/0/curve/0/epoch"] {
        let mut changed: Value = serde_json::from_str(&whole).unwrap();
        let value = changed.pointer_mut(leaf).unwrap();
        *value = other(value);
        fs::write(&path, changed.to_string()).unwrap();
        let refused = FinishedRun::open(&folder, None).map(drop).unwrap_err().to_string();
        assert!(refused.contains("of seed 999 has other validation metrics in its curve"), "{leaf}: {refused}");
    }
    // What a person reads.
    let folder = run(&place, &[&quick[..], &["--model", "lightgcn"]].concat());
    let path = folder.join("identity.json");
    let text = fs::read_to_string(&path).unwrap().replace("\"layers\": 3", "\"layers\": 2");
    fs::write(&path, text).unwrap();
    let refused = FinishedRun::open(&folder, None).map(drop).unwrap_err().to_string();
    let want = "identity.json: this run is damaged: lightgcn.layers is 2 in identity.json, 3 in report.json; train the run again with --restart";
    assert!(refused.ends_with(want), "{refused}");
}

#[test]
fn weights_that_are_written_anew_after_a_run_was_opened_are_not_taken_for_its_own() {
    let place = Workplace::new();
    let quick = ["--dataset", "small", "--epochs", "1", "--set", "train.batch_size=256", "--model", "lightgcn"];
    let one = run(&place, &quick);
    let two = run(&place, &[&quick[..], &["--set", "train.learning_rate=0.01"]].concat());
    let [opened, whole] = [&one, &one].map(|folder| FinishedRun::open(folder, None).unwrap());
    let data = place.twin();
    assert!(whole.load(MODELS, Some(&data)).is_ok());
    let other = FinishedRun::open(&two, None).unwrap();
    fs::copy(&other.weights, &opened.weights).unwrap();
    let refused = opened.load(MODELS, Some(&data)).map(drop).unwrap_err().to_string();
    assert!(refused.contains("these weights are not those of the report"), "{refused}");
}
