//! `train --model all`: one table and one page of every model, interrupted and gone on with.

use crate::workplace::{Workplace, assert_fails_with, text};
use anchorrec_models::MODELS;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const ALL: [&str; 10] = [
    "--dataset",
    "small",
    "--model",
    "all",
    "--epochs",
    "3",
    "--set",
    "train.batch_size=256",
    "--checkpoint-every",
    "0",
];

/// The SHA-256 of the best weights of each model.
fn weights(place: &Workplace, out: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for model in MODELS.iter() {
        let Ok(runs) = fs::read_dir(place.path(out).join("small").join(model.name())) else { continue };
        for run in runs.flatten() {
            let Ok(report) = fs::read_to_string(run.path().join("report.json")) else { continue };
            let report: Value = serde_json::from_str(&report).unwrap();
            found.insert(model.name().to_owned(), report["runs"][0]["checkpoint_sha256"].to_string());
        }
    }
    found
}

fn interrupt(pid: u32) {
    assert!(Command::new("kill").args(["-INT", &pid.to_string()]).status().unwrap().success());
}

#[test]
fn every_model_is_in_the_table_and_on_the_page_and_an_interruption_changes_nothing() {
    let place = Workplace::new();
    let output = place.run(&[&ALL[..], &["--threads", "2"]].concat());
    let (said, table) = (text(&output.stderr), text(&output.stdout));
    assert!(output.status.success(), "{said}{table}");
    assert!(said.contains("2 models at a time, one thread for each"), "{said}");
    assert!(said.contains("models done; about") && said.contains("to go"), "{said}");
    for title in MODELS.iter().map(|model| model.title()).chain(["popularity", "item kNN", "EASE", "L3AE"]) {
        assert!(table.lines().any(|line| line.starts_with(title)), "{title}: {table}");
    }
    let page = fs::read_to_string(place.path("runs/small/report.html")).unwrap();
    let methods = format!("{} runs and 4 methods without training on small", MODELS.iter().count());
    assert!(page.contains(&methods) && page.contains("without training: λ") && page.contains("Published rows"));

    // Interrupted three times, on one thread, each time when one more model is done: the same weights, and what was done is not done again.
    let args = [&ALL[..], &["--threads", "1", "--out", "cut"]].concat();
    let (mut interruptions, mut read_back) = (0, 0);
    loop {
        let child = place.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pid = child.id();
        let done = weights(&place, "cut").len();
        let output = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| child.wait_with_output().unwrap());
            while interruptions < 3 && !waiting.is_finished() {
                if weights(&place, "cut").len() > done {
                    interrupt(pid);
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            waiting.join().unwrap()
        });
        let said = text(&output.stderr);
        read_back = read_back.max(said.matches("read back").count());
        if output.status.success() {
            assert!(said.contains("one model at a time"), "{said}");
            break;
        }
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(said.contains("Go on with the same command"), "{said}");
        interruptions += 1;
    }
    assert_eq!((interruptions, read_back), (3, 3 + 4), "and the methods without training");
    let (whole, cut) = (weights(&place, "runs"), weights(&place, "cut"));
    assert_eq!(whole.len(), MODELS.iter().count());
    assert_eq!(whole, cut);
    let methods = |out: &str| -> Value {
        let record = fs::read_to_string(place.path(out).join("small/closed-forms.json")).unwrap();
        let record: Value = serde_json::from_str(&record).unwrap();
        record["methods"].as_array().unwrap().iter().map(|method| method["test"].clone()).collect()
    };
    assert_eq!(methods("runs"), methods("cut"));

    // Once more: nothing is trained, and the memory of one is nowhere taken for that of another.
    let again = text(&place.run(&[&ALL[..], &["--threads", "2"]].concat()).stderr);
    assert_eq!(again.matches("read back").count(), MODELS.iter().count() + 4, "{again}");
    assert!(!again.contains("epoch "), "{again}");
    for model in MODELS.iter() {
        let folder = fs::read_dir(place.path(&format!("runs/small/{model}"))).unwrap().next().unwrap().unwrap().path();
        let report: Value = serde_json::from_str(&fs::read_to_string(folder.join("report.json")).unwrap()).unwrap();
        for measured in ["runs", "phases"].iter().flat_map(|list| report[list].as_array().unwrap()) {
            assert!(measured["peak_rss_bytes"].is_null() && !measured["seconds"].is_null(), "{model}: {measured}");
        }
    }
}

#[test]
fn a_model_that_refuses_the_data_is_named_and_the_others_are_trained() {
    let place = Workplace::new();
    assert!(place.run(&["--dataset", "small", "--epochs", "1", "--model", "bprmf"]).status.success());
    fs::remove_file(place.twin().join("image_feat.npy")).unwrap();
    let data = place.twin().display().to_string();
    let output = place.run(&["--data", &data, "--model", "all", "--epochs", "1", "--out", "without"]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{table}{}", text(&output.stderr));
    assert!(table.lines().any(|line| line.starts_with("SMORE: not in the table, refused")), "{table}");
    assert!(table.lines().any(|line| line.starts_with("LATTICE ")), "{table}");
    assert!(Path::new(&place.path("without")).join("small").read_dir().is_ok(), "{table}");
}

#[test]
fn what_is_for_one_model_is_refused_for_all() {
    let place = Workplace::new();
    for option in [&["--fuse"][..], &["--recommendations", "lists.csv"]] {
        assert_fails_with(&place.run(&[&ALL[..], option].concat()), &[option[0], "is for one model"]);
    }
}
