//! Debug and release builds compute the same bits.

use crate::gate::{Outcome, Part};
use crate::{cargo, root, run, target_dir};
use std::fs;
use std::process::Command;

/// Trains a small synthetic twin with both and compares the weights. The debug build is the one that the tests have left.
pub fn check() -> Part {
    run(cargo().args(["build", "--release", "--package", "anchorrec-cli"]).current_dir(root()))?;
    let (debug, release) = (weights("debug")?, weights("release")?);
    if debug == release { Ok(Outcome::Done) } else { Err(format!("weights {debug} in debug, {release} in release")) }
}

/// The SHA-256 of the weights that one build computes.
fn weights(profile: &str) -> Result<String, String> {
    let program = target_dir().join(profile).join(format!("anchorrec{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command
        .args(["train", "--dataset", "amazon-sports", "--scale", "0.02", "--epochs", "2", "--restart", "--out"])
        .arg(target_dir().join("check-profiles"))
        .current_dir(root());
    // Data that somebody has at hand would take long; the twin is made for this.
    let output = command.env_remove("ANCHORREC_DATA").output().map_err(|e| format!("{command:?}: {e}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let report = said.lines().find_map(|line| line.strip_prefix("report: "));
    let report = report.ok_or_else(|| format!("no report: {}", String::from_utf8_lossy(&output.stderr)))?;
    let report = fs::read_to_string(root().join(report)).map_err(|e| format!("{report}: {e}"))?;
    let hash = report.split("\"checkpoint_sha256\": \"").nth(1).and_then(|rest| rest.split('"').next());
    hash.map(str::to_owned).ok_or_else(|| "a report without the hash of the weights".to_owned())
}
