//! Sets that cannot be judged, ids that are nobody, notes in the report: nothing is made up, and everything is said.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use serde_json::Value;
use std::fs;

const HEADER: &str = "userID\titemID\tx_label\n";

/// 6 users with 4 of 8 items each for training, and the given rows behind them.
fn folder(place: &Workplace, name: &str, more: &str) {
    let mut rows = HEADER.to_owned();
    for user in 0..6 {
        (0..4).for_each(|n| rows += &format!("{user}\t{}\t0\n", (user + 2 * n) % 8));
    }
    fs::create_dir_all(place.path(name)).unwrap();
    fs::write(place.path(name).join("mine.inter"), rows + more).unwrap();
}

fn train(place: &Workplace, name: &str, args: &[&str]) -> std::process::Output {
    place.run(&[&["--data", name, "--model", "lightgcn", "--epochs", "3", "--patience", "1"], args].concat())
}

fn codes(report: &Value) -> Vec<&str> {
    report["data"]["notes"].as_array().unwrap().iter().map(|note| note["code"].as_str().unwrap()).collect()
}

#[test]
fn without_validation_all_epochs_are_trained_and_nothing_is_said_to_be_measured() {
    let place = Workplace::new();
    // The recall on test is no matter here; patience would end a run after two epochs.
    folder(&place, "data", "0\t1\t2\n1\t0\t2\n");
    let output = train(&place, "data", &["--recommendations", "best.csv"]);
    let report = read_report(&output, place.0.path());
    let (table, said) = (text(&output.stdout), text(&output.stderr));
    assert!(said.contains("no epoch can be chosen") && said.contains("no validation to stop by"), "{said}");
    let run = &report["runs"][0];
    assert_eq!((&run["epochs_run"], &run["best_epoch"], &run["stopped_early"]), (&3.into(), &3.into(), &false.into()));
    for null in [&run["valid"], &report["summary"]["valid"], &report["summary"]["selected_by_validation"]] {
        assert_eq!(*null, Value::Null);
    }
    assert!(run["curve"].as_array().unwrap().iter().all(|epoch| epoch["valid"].is_null() && epoch["test"].is_object()));
    assert!(run["test"]["recall@20"].is_f64());
    let row = |start: &str| table.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    for label in ["validation Recall", "validation NDCG"] {
        assert_eq!(row(label).split_whitespace().skip(2).collect::<Vec<_>>(), ["-"; 4], "{table}");
    }
    assert_eq!(row("999").split_whitespace().take(4).collect::<Vec<_>>(), ["999", "-", "3", "-"], "{table}");
    assert!(codes(&report).contains(&"no-validation"), "{report}");
    // The weights of the last epoch are the result: a run that was told to end there by the same settings has them too.
    folder(&place, "judged", "0\t1\t2\n1\t0\t2\n0\t7\t1\n");
    let judged = train(&place, "judged", &["--set", "train.evaluate_every=3"]);
    let judged = read_report(&judged, place.0.path());
    let weights = |report: &Value| {
        let path = place.path(report["runs"][0]["checkpoint"].as_str().unwrap());
        let bytes = fs::read(path).unwrap();
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        bytes[8 + header..].to_vec()
    };
    assert_eq!(judged["runs"][0]["best_epoch"], 3);
    assert!(weights(&report) == weights(&judged), "the last epoch's weights are kept");
}

#[test]
fn without_test_nothing_is_measured_on_it_and_without_both_a_run_ends_all_the_same() {
    let place = Workplace::new();
    folder(&place, "data", "0\t1\t1\n");
    let output = train(&place, "data", &["--analyse"]);
    let report = read_report(&output, place.0.path());
    assert_eq!((&report["runs"][0]["test"], &report["summary"]["test"]), (&Value::Null, &Value::Null));
    assert_eq!(report["summary"]["selected_by_test_optimistic"], Value::Null);
    assert!(report["runs"][0]["valid"]["recall@20"].is_f64());
    folder(&place, "neither", "");
    let output = train(&place, "neither", &[]);
    let report = read_report(&output, place.0.path());
    assert!(!text(&output.stdout).contains("0.0000"), "{}", text(&output.stdout));
    assert!(codes(&report).ends_with(&["no-validation", "no-test", "origin"]), "{:?}", codes(&report));
    let tuned = place.anchorrec("tune").args(["--data", "neither", "--budget", "2"]).output().unwrap();
    assert_fails_with(&tuned, &["neither", "no validation rows", "split the data"]);
    let compared = place.anchorrec("ablate").args(["--data", "neither", "--epochs", "1"]).output().unwrap();
    assert_fails_with(&compared, &["neither", "no test rows", "split the data"]);
}

#[test]
fn ids_that_begin_at_one_make_nobody_of_zero() {
    let place = Workplace::new();
    let mut rows = HEADER.to_owned();
    for user in 1..7 {
        (0..4).for_each(|n| rows += &format!("{user}\t{}\t{}\n", 1 + (user + 2 * n) % 8, [0, 0, 1, 2][n]));
    }
    fs::create_dir_all(place.path("data")).unwrap();
    fs::write(place.path("data/mine.inter"), rows).unwrap();
    // An item that was never learned from is recommended where all others are taken, but not 0.
    let output = train(&place, "data", &["--recommendations", "best.csv", "--top", "9"]);
    let report = read_report(&output, place.0.path());
    let best = fs::read_to_string(place.path("best.csv")).unwrap();
    let column = |place: usize| best.lines().skip(1).map(move |row| row.split(',').nth(place).unwrap());
    assert!(column(0).all(|user| user != "0") && column(2).all(|item| item != "0"), "{best}");
    assert_eq!(column(0).count(), 6 * (8 - 2), "every other item of every other user");
    assert_eq!(codes(&report)[..2], ["phantom-users", "phantom-items"]);
    assert_eq!(report["data"]["findings"]["phantom_items"], 1);
    assert!(text(&output.stderr).contains("1 item id has no row, no features and no mapping"));
}

#[test]
fn users_with_every_item_are_named_together_and_the_others_are_trained() {
    let place = Workplace::new();
    let full: String = [6, 7].iter().flat_map(|user| (0..8).map(move |item| format!("{user}\t{item}\t0\n"))).collect();
    folder(&place, "data", &(full + "0\t1\t1\n1\t0\t2\n"));
    let output = train(&place, "data", &[]);
    let report = read_report(&output, place.0.path());
    let note = report["data"]["notes"].as_array().unwrap().iter().find(|note| note["code"] == "users-with-every-item");
    let note = note.unwrap();
    assert_eq!((&note["count"], &note["kind"]), (&2.into(), &"dropped".into()));
    assert_eq!(note["examples"], serde_json::json!(["6", "7"]));
    // When all have everything there is nothing to learn.
    fs::write(place.path("data/mine.inter"), format!("{HEADER}0\t0\t0\n1\t0\t0\n0\t1\t0\n1\t1\t0\n")).unwrap();
    assert_fails_with(&train(&place, "data", &[]), &["every user", "all 2 items", "add items or users"]);
}

#[test]
fn strict_training_refuses_what_plain_training_says() {
    let place = Workplace::new();
    folder(&place, "data", "0\t1\t1\n1\t0\t2\n");
    let plain = train(&place, "data", &["--strict"]);
    assert!(plain.status.success(), "{}", text(&plain.stderr));
    // A file that looks like features and is none of a ready data set.
    fs::write(place.path("data/title_feat.npz"), "x").unwrap();
    let said = read_report(&train(&place, "data", &["--restart"]), place.0.path());
    assert_eq!(codes(&said)[0], "features-not-read");
    assert_fails_with(
        &train(&place, "data", &["--strict", "--restart"]),
        &["--strict: 1 file looks like features", "title_feat.npz"],
    );
    // What its preparation noted counts too, and is in the report.
    fs::remove_file(place.path("data/title_feat.npz")).unwrap();
    let note = r#"[{"kind":"ignored","code":"columns-not-read","count":2,"text":"columns are not read","examples":["a","b"]}]"#;
    fs::write(place.path("data/notes.json"), note).unwrap();
    assert_fails_with(&train(&place, "data", &["--strict", "--restart"]), &["--strict: 2 columns are not read (a, b)"]);
    let said = read_report(&train(&place, "data", &["--restart"]), place.0.path());
    assert!(codes(&said).contains(&"columns-not-read"), "{said}");
    // A record that is none is no reason to stop, and is said.
    fs::write(place.path("data/notes.json"), "[{").unwrap();
    let said = read_report(&train(&place, "data", &["--restart"]), place.0.path());
    assert!(codes(&said).contains(&"notes-not-read"), "{said}");
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_read() {
    let place = Workplace::new();
    // There is no such folder: whoever reads it first says so.
    for (args, parts) in [
        (&["--epochs", "0"][..], &["--epochs", "above 0"][..]),
        (&["--threads", "0"], &["--threads", "above 0"]),
        (&["--scale", "-1"], &["--scale", "above 0"]),
        (&["--epochs", "-3"], &["--epochs", "above 0"]),
        (&["--seeds", "5,6,5"], &["train.seeds", "each once"]),
        (&["--set", "train.epoch=5"], &["train.epoch", "train.epochs"]),
        (&["--set", "train.epochs=0"], &["train.epochs", "1 or above"]),
        (&["--set", "nothing"], &["nothing"]),
    ] {
        let output = place.run(&[&["--data", "nowhere"], args].concat());
        assert!(!text(&output.stderr).contains("nowhere"), "{args:?}: {}", text(&output.stderr));
        assert_fails_with(&output, parts);
    }
    let unset = place.command(&["--dataset", "small"]).env("ANCHORREC_DATA", place.path("no/such")).output().unwrap();
    assert_fails_with(&unset, &["ANCHORREC_DATA is", "no/such, but", "as that is not there itself", "correct it"]);
    folder(&place, "small", "0\t1\t1\n");
    let itself = place.command(&["--dataset", "small"]).env("ANCHORREC_DATA", place.path("small")).output().unwrap();
    assert_fails_with(&itself, &["which is a data set itself", "--data"]);
}
