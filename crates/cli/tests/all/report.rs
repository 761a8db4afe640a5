//! From a run to its page, as a user makes it.

use crate::workplace::{Workplace, assert_fails_with, text};
use std::fs;
use std::process::{Command, Output};

fn report(place: &Workplace, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_anchorrec")).arg("report").args(args).current_dir(place.0.path()).output().unwrap()
}

#[test]
fn a_run_becomes_a_page_and_the_same_page_again() {
    let place = Workplace::new();
    let output =
        place.run(&["--dataset", "small", "--epochs", "2", "--set", "train.batch_size=256", "--model", "lightgcn"]);
    let stdout = text(&output.stdout);
    let record = stdout.lines().find_map(|line| line.strip_prefix("report: ")).expect("the report's path is printed");
    let folder = record.strip_suffix("/report.json").unwrap();
    let made = report(&place, &[folder]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let page = fs::read_to_string(place.path(folder).join("report.html")).unwrap();
    assert!(page.contains("Synthetic data.") && page.contains("LightGCN on small"));
    assert!(text(&made.stdout).contains("report.html") && text(&made.stdout).contains("loss.svg"));

    assert!(report(&place, &[record, "--out", "elsewhere/page.html"]).status.success());
    assert_eq!(fs::read_to_string(place.path("elsewhere/page.html")).unwrap(), page);
    assert!(place.path("elsewhere/figures/metrics.svg").is_file());
}

#[test]
fn a_path_to_nothing_is_named() {
    let place = Workplace::new();
    assert_fails_with(&report(&place, &["runs/none"]), &["runs/none", "expected a run's folder"]);
    fs::write(place.path("report.json"), "{\"version\": 3}").unwrap();
    assert_fails_with(
        &report(&place, &["report.json"]),
        &["report.json:1:", "expected a run's report", "invalid type"],
    );
}

/// What a shell makes of `runs/small/lightgcn/*` after a search: the trial that won has no report.
#[test]
fn unfinished_runs_and_trials_are_named_and_the_rest_is_shown() {
    let place = Workplace::new();
    let quick = ["--dataset", "small", "--epochs", "2", "--set", "train.batch_size=256", "--model", "lightgcn"];
    let search = place
        .anchorrec("tune")
        .args(quick)
        .args(["--strategy", "random", "--budget", "2", "--dry-run"])
        .output()
        .unwrap();
    assert!(search.status.success(), "{}", text(&search.stderr));
    let folders = || -> Vec<String> {
        let entries = fs::read_dir(place.path("runs/small/lightgcn")).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| format!("runs/small/lightgcn/{}", entry.unwrap().file_name().to_string_lossy()))
            .collect();
        names.sort();
        names
    };
    let trials = folders();
    let trials: Vec<&str> = trials.iter().map(String::as_str).collect();
    assert_fails_with(&report(&place, &trials), &[trials[0], "expected a run's folder"]);

    assert!(place.run(&[&quick[..], &["--set", "lightgcn.reg=0.07"]].concat()).status.success());
    let all = folders();
    let made = report(&place, &all.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(made.status.success(), "{}", text(&made.stderr));
    let said = text(&made.stderr);
    for trial in &trials {
        assert!(
            said.lines().any(|line| line.contains(trial) && line.contains("a trial of a search")),
            "{trial}: {said}"
        );
    }
    assert_eq!(said.lines().count(), trials.len(), "{said}");
    let run = all.iter().find(|folder| !trials.contains(&folder.as_str())).unwrap();
    assert!(place.path(run).join("report.html").is_file(), "the page stands beside the first run that it shows");
    let table =
        report(&place, &[&all.iter().map(String::as_str).collect::<Vec<_>>()[..], &["--table", "markdown"]].concat());
    assert!(text(&table.stdout).contains("LightGCN") && text(&table.stderr).contains("a trial of a search"));
}
