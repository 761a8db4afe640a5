//! Output that nobody reads: `anchorrec ... | head` ends quietly, a full disk is an error, and neither is a panic.

use crate::workplace::{Workplace, text};
use std::fs::{self, File};
use std::io;
use std::process::Stdio;

/// A folder that is checked, and one that was trained on.
fn workplace() -> Workplace {
    let workplace = Workplace::new();
    fs::create_dir(workplace.path("mine")).unwrap();
    let rows: String = (0..60).map(|n| format!("u{},i{},{}\n", n % 6, n % 7, 1_700_000_000 + n)).collect();
    fs::write(workplace.path("mine/clicks.csv"), format!("user,item,time\n{rows}")).unwrap();
    workplace
}

const COMMANDS: &[(&str, &[&str])] = &[
    ("check-data", &["mine"]),
    ("prepare", &["mine", "--out", "ready"]),
    ("train", &["--data", "ready", "--model", "lightgcn", "--epochs", "1"]),
    ("baselines", &["--data", "ready"]),
    ("recommend", &["RUN"]),
    ("similar", &["RUN", "--item", "i1"]),
    ("export", &["RUN", "--out", "vectors"]),
    ("evaluate", &["top.csv", "--data", "ready"]),
    ("report", &["RUN"]),
    ("train", &["--help"]),
];

#[test]
fn every_command_ends_quietly_where_nobody_reads() {
    let place = workplace();
    let mut run = String::new();
    for (name, args) in COMMANDS {
        let args: Vec<&str> = args.iter().map(|arg| if *arg == "RUN" { &run } else { *arg }).collect();
        // A pipe whose reader is gone.
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = place.anchorrec(name);
        let output = command.args(&args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let said = text(&output.stderr);
        assert!(!said.contains("panicked") && !said.contains("error"), "{name}: {said}");
        // The help of the library that reads options ends with success.
        let want = if args.contains(&"--help") { 0 } else { 141 };
        assert_eq!(output.status.code(), Some(want), "{name}: {said}");
        // Then in earnest, for the commands to come.
        let output = place.anchorrec(name).args(&args).output().unwrap();
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        match *name {
            "train" if run.is_empty() => {
                let line = text(&output.stdout);
                let report = line.lines().find_map(|line| line.strip_prefix("report: ")).unwrap();
                run = report.strip_suffix("/report.json").unwrap().to_owned();
            }
            "recommend" => fs::write(place.path("top.csv"), &output.stdout).unwrap(),
            _ => {}
        }
    }
    // Nobody reads the messages either.
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let status = place.anchorrec("check-data").arg("nowhere").stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let place = workplace();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = place.anchorrec("check-data").arg("mine").stdout(full).stderr(Stdio::piped()).output().unwrap();
    let said = text(&output.stderr);
    assert!(said.starts_with("error: cannot write to the standard output: No space left"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}
