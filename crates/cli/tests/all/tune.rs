//! `anchorrec tune`: a search on validation, its trace, and the settings in the manifest.

use crate::workplace::{Workplace, assert_fails_with, text};
use serde_json::Value;
use std::fs;
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

#[test]
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
    // The losers' checkpoints are gone.
    let left = fs::read_dir(place.path("runs/small/lightgcn")).unwrap().flatten().filter(|folder| {
        fs::read_dir(folder.path()).unwrap().flatten().any(|file| file.file_name().to_string_lossy().contains(".step-"))
    });
    assert!(left.count() <= 1);

    // Trials at once change nothing, and a search that is done is not done again.
    let other = Workplace::new();
    assert!(tune(&other, &["--parallel", "3", "--out", "elsewhere"]).status.success());
    assert_eq!(read(&other, "datasets/small/tuning/lightgcn.json"), trace);
    let again = tune(&other, &["--parallel", "3", "--out", "elsewhere"]);
    assert!(again.status.success() && !text(&again.stderr).contains("validation recall"), "{}", text(&again.stderr));
}

#[test]
fn a_random_search_trains_every_point_to_the_end() {
    let place = Workplace::new();
    let output = tune(&place, &["--strategy", "random", "--dry-run"]);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let trace = read(&place, "runs/small/tuning-lightgcn.json");
    let trials = trace["trials"].as_array().unwrap();
    let reached =
        |trial: &Value| trial["reached"].as_array().unwrap().iter().map(|r| r["epochs"].as_u64()).collect::<Vec<_>>();
    assert!(trials.iter().all(|trial| reached(trial) == vec![Some(9)]), "{trace}");
    let recall = |trial: &Value| trial["reached"][0]["recall"].as_f64().unwrap();
    let best = &trials[trace["best"].as_u64().unwrap() as usize];
    assert!(trials.iter().all(|trial| recall(trial) <= recall(best)), "{trace}");
}

#[test]
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
fn another_search_is_not_mixed_with_the_one_that_is_there() {
    let place = Workplace::new();
    assert!(tune(&place, &["--dry-run"]).status.success());
    assert!(!place.path("datasets/small/tuning").exists());
    assert_fails_with(&tune(&place, &["--search-seed", "1"]), &["tuning-lightgcn.json", "another search"]);
}
