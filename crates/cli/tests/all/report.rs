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
