//! Commands that need a feature: with it they are there, without it they stay in the help and one sentence says how to build with it.

use crate::workplace::text;
use std::process::{Command, Output};

/// Each command with its feature, and whether that is built in.
const COMMANDS: [(&str, &str, bool); 11] = [
    ("check-data", "prepare", cfg!(feature = "prepare")),
    ("prepare", "prepare", cfg!(feature = "prepare")),
    ("prepare-amazon", "prepare", cfg!(feature = "prepare")),
    ("encode-text", "text-encoder", cfg!(feature = "prepare")),
    ("report", "report", cfg!(feature = "report")),
    ("recommend", "retrieval", cfg!(feature = "retrieval")),
    ("serve", "serve", cfg!(feature = "serve")),
    ("table", "table", cfg!(feature = "table")),
    ("similar", "retrieval", cfg!(feature = "retrieval")),
    ("export", "retrieval", cfg!(feature = "retrieval")),
    ("evaluate", "retrieval", cfg!(feature = "retrieval")),
];

fn anchorrec(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_anchorrec")).args(args).output().unwrap()
}

#[test]
fn every_command_is_in_the_help_and_an_absent_one_says_how_to_build_it() {
    let help = text(&anchorrec(&["--help"]).stdout).to_owned();
    for (command, feature, built) in COMMANDS {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command}: {help}");
        for args in [&[command][..], &[command, "--help"], &[command, "runs/a", "--out", "b.html"]] {
            let Output { status, stderr, .. } = anchorrec(args);
            let way = format!("`cargo build --release -p anchorrec-cli --features {feature}`");
            let said = text(&stderr);
            assert_eq!(
                !built,
                said.contains(&way) && said.lines().count() == 1 && !status.success(),
                "{args:?}: {said}"
            );
        }
    }
}

/// A command without a line above would be tried by nobody.
#[test]
fn every_command_that_may_be_absent_is_tried() {
    let lines = include_str!("../../src/absent.rs").lines().filter(|line| line.starts_with("absent!("));
    // `absent!(module, Options, "command", "feature");`
    let texts = |line: &'static str| line.split('"').skip(1).step_by(2).collect::<Vec<_>>();
    let declared: Vec<Vec<&str>> = lines.map(texts).collect();
    for line in &declared {
        let known = COMMANDS.iter().any(|(command, feature, _)| line[..] == [*command, *feature]);
        assert!(known, "{line:?} is in crates/cli/src/absent.rs and has no line in `COMMANDS`");
    }
    assert_eq!(declared.len(), COMMANDS.len());
}
