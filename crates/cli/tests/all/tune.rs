//! `anchorrec tune`: a search on validation, its trace, and the settings in the manifest.

use crate::workplace::{Workplace, assert_fails_with, text};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

fn tune(place: &Workplace, args: &[&str]) -> Output {
    let quick = [
        "--dataset",
        "small",
        "--model",
        "lightgcn",
        "--budget",
        "6",
        "--epochs",
        "9",
        "--set",
        "train.batch_size=256",
    ];
    place.anchorrec("tune").args(quick).args(args).output().unwrap()
}

fn read(place: &Workplace, path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(place.path(path)).unwrap()).unwrap()
}

/// The folders of runs in which weights or checkpoints are left.
fn with_weights(place: &Workplace) -> Vec<PathBuf> {
    let folders = fs::read_dir(place.path("runs/small/lightgcn")).unwrap().map(|folder| folder.unwrap().path());
    let holds = |folder: &PathBuf| {
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        { files }.any(|file| file.extension().is_some_and(|ending| ending == "safetensors"))
    };
    folders.filter(holds).collect()
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn the_best_point_on_validation_stands_in_the_manifest() {
    let place = Workplace::new();
    let output = tune(&place, &["--parallel", "1"]);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let trace = read(&place, "datasets/small/tuning/lightgcn.json");
    let trials = trace["trials"].as_array().unwrap();
    let reached: Vec<usize> = trials.iter().map(|trial| trial["reached"].as_array().unwrap().len()).collect();
    // Of six trials two go on, of those one.
    assert_eq!(reached.iter().filter(|&&rungs| rungs >= 2).count(), 2);
    assert_eq!(reached.iter().filter(|&&rungs| rungs == 3).count(), 1);
    let best = &trials[trace["best"].as_u64().unwrap() as usize];
    let manifest = fs::read_to_string(place.path("datasets/small/manifest.toml")).unwrap();
    for setting in best["settings"].as_array().unwrap() {
        let (path, value) = setting.as_str().unwrap().split_once('=').unwrap();
        assert!(manifest.contains(&format!("{path} = {value}")), "{setting} is not in {manifest}");
    }
    assert!(manifest.starts_with("\nname = \"small\""), "{manifest}");
    assert_eq!(with_weights(&place).len(), 1, "the losers' weights and checkpoints are gone");

    // Trials at once change nothing, and a search that is done is not done again.
    let other = Workplace::new();
    assert!(tune(&other, &["--parallel", "3", "--out", "elsewhere"]).status.success());
    assert_eq!(read(&other, "datasets/small/tuning/lightgcn.json"), trace);
    let again = tune(&other, &["--parallel", "3", "--out", "elsewhere"]);
    assert!(again.status.success() && !text(&again.stderr).contains("validation recall"), "{}", text(&again.stderr));
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn a_random_search_trains_every_point_to_the_end() {
    let place = Workplace::new();
    let output = tune(&place, &["--strategy", "random", "--dry-run"]);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let trace = read(&place, "runs/small/tuning-lightgcn.json");
    let trials = trace["trials"].as_array().unwrap();
    let reached =
        |trial: &Value| trial["reached"].as_array().unwrap().iter().map(|r| r["epochs"].as_u64()).collect::<Vec<_>>();
    assert!(trials.iter().all(|trial| reached(trial) == vec![Some(9)]), "{trace}");
    let [folder] = &with_weights(&place)[..] else { panic!("the weights of the best are left, and no others") };
    let record: Value = serde_json::from_str(&fs::read_to_string(folder.join("seed-999.json")).unwrap()).unwrap();
    assert!(record["seconds"].is_number() && folder.join("seed-999.epochs.jsonl").is_file());
    let recall = |trial: &Value| trial["reached"][0]["recall"].as_f64().unwrap();
    let best = &trials[trace["best"].as_u64().unwrap() as usize];
    assert!(trials.iter().all(|trial| recall(trial) <= recall(best)), "{trace}");
}

/// Trials at once share one process, and its memory is that of none of them. One after the other they have the same records.
#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn no_trial_takes_the_memory_of_all_for_its_own() {
    for parallel in ["1", "3"] {
        let place = Workplace::new();
        assert!(tune(&place, &["--strategy", "random", "--parallel", parallel, "--dry-run"]).status.success());
        let [folder] = &with_weights(&place)[..] else { panic!("the weights of the best are left, and no others") };
        let record: Value = serde_json::from_str(&fs::read_to_string(folder.join("seed-999.json")).unwrap()).unwrap();
        assert_eq!(record["peak_rss_bytes"], Value::Null, "{parallel} at once");

        // Whoever trains that point gets this record, and a table without a figure.
        let trace = read(&place, "runs/small/tuning-lightgcn.json");
        let best = &trace["trials"][trace["best"].as_u64().unwrap() as usize]["settings"];
        let mut train = place.command(&["--dataset", "small", "--model", "lightgcn", "--epochs", "9"]);
        train.args(["--set", "train.batch_size=256"]);
        best.as_array().unwrap().iter().for_each(|setting| _ = train.args(["--set", setting.as_str().unwrap()]));
        let shown = train.output().unwrap();
        let (table, said) = (text(&shown.stdout), text(&shown.stderr));
        assert!(said.contains("seed 999 was trained to its end before"), "{said}");
        let row = table.lines().find(|line| line.starts_with("999 ")).unwrap_or_else(|| panic!("{table}{said}"));
        assert!(row.trim_end().ends_with(" -"), "{row}");
    }
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn an_interrupted_search_goes_on_where_its_trace_ends() {
    let whole = Workplace::new();
    assert!(tune(&whole, &[]).status.success());
    let place = Workplace::new();
    assert!(tune(&place, &[]).status.success());
    // As if it had been killed after four trials of the first rung.
    let mut trace = read(&place, "runs/small/tuning-lightgcn.json");
    trace["best"] = Value::Null;
    for (place, trial) in trace["trials"].as_array_mut().unwrap().iter_mut().enumerate() {
        trial["reached"].as_array_mut().unwrap().truncate(usize::from(place < 4));
    }
    fs::write(place.path("runs/small/tuning-lightgcn.json"), trace.to_string()).unwrap();
    assert!(tune(&place, &[]).status.success());
    assert_eq!(read(&place, "runs/small/tuning-lightgcn.json"), read(&whole, "runs/small/tuning-lightgcn.json"));
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn a_trial_that_diverges_is_recorded_and_the_search_goes_on() {
    let place = Workplace::new();
    let all = tune(&place, &["--set", "train.learning_rate=1e30", "--out", "all"]);
    assert_fails_with(&all, &["all 6 trials diverged", "train.learning_rate"]);
    assert!(text(&all.stdout).contains("diverged") && text(&all.stdout).contains("loss term"), "{}", text(&all.stdout));
    let trace = read(&place, "all/small/tuning-lightgcn.json");
    assert!(
        trace["trials"]
            .as_array()
            .unwrap()
            .iter()
            .all(|trial| trial["diverged"].as_str().unwrap().starts_with("epoch 1, batch"))
    );

    // Some of the points: two diverged before the search was interrupted. They are not trained again, and rank last.
    let random = ["--strategy", "random", "--parallel", "2"];
    assert!(tune(&place, &random).status.success());
    let path = place.path("runs/small/tuning-lightgcn.json");
    let mut trace = read(&place, "runs/small/tuning-lightgcn.json");
    let winner = trace["best"].as_u64().unwrap() as usize;
    let other = (winner + 1) % 6;
    let waiting = (winner + 2) % 6;
    for trial in [winner, other] {
        trace["trials"][trial]["reached"] = serde_json::json!([]);
        trace["trials"][trial]["diverged"] = "epoch 3, batch 1: loss term `bpr` is NaN".into();
    }
    let reached = trace["trials"][waiting]["reached"].take();
    trace["trials"][waiting]["reached"] = serde_json::json!([]);
    trace["best"] = Value::Null;
    fs::write(&path, trace.to_string()).unwrap();
    let output = tune(&place, &random);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(
        text(&output.stderr).lines().filter(|line| line.contains(": lightgcn.layers=")).count(),
        1,
        "the one that waited"
    );
    let ended = read(&place, "runs/small/tuning-lightgcn.json");
    assert_eq!(ended["trials"][waiting]["reached"], reached);
    assert!(![winner, other].contains(&(ended["best"].as_u64().unwrap() as usize)));
    let table = text(&output.stdout);
    let rows: Vec<&str> = table.lines().filter(|line| line.contains("lightgcn.layers=")).collect();
    let diverged: Vec<bool> = rows.iter().map(|row| row.trim_start().starts_with("diverged")).collect();
    assert_eq!(diverged, [false, false, false, false, true, true], "{table}");
    let manifest = fs::read_to_string(place.path("datasets/small/manifest.toml")).unwrap();
    assert!(manifest.contains("6 of 20 points, of which 2 diverged"), "{manifest}");
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn a_search_leaves_what_others_trained() {
    let place = Workplace::new();
    // The first point of the search, trained before by hand.
    let mine = ["--dataset", "small", "--model", "lightgcn", "--epochs", "9", "--set", "train.batch_size=256"];
    let report = place.report(&[&mine[..], &["--set", "lightgcn.layers=2", "--set", "lightgcn.reg=0.001"]].concat());
    let weights = place.path(report["runs"][0]["checkpoint"].as_str().unwrap());
    let before = fs::read(&weights).unwrap();
    assert!(tune(&place, &["--dry-run"]).status.success());
    assert_eq!(fs::read(&weights).unwrap(), before);
    assert!(with_weights(&place).len() <= 2);
    assert!(weights.with_file_name("report.json").is_file());
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn another_search_is_not_mixed_with_the_one_that_is_there() {
    let place = Workplace::new();
    assert!(tune(&place, &["--dry-run"]).status.success());
    assert!(!place.path("datasets/small/tuning").exists());
    assert_fails_with(&tune(&place, &["--search-seed", "1"]), &["tuning-lightgcn.json", "another search"]);
}
