//! Debug and release builds compute the same bits.

use crate::{cargo, root};
use std::fs;

/// Trains a small synthetic twin with both and compares the weights.
pub fn check() -> Result<(), String> {
    let [debug, release] = [&[][..], &["--release"]].map(weights);
    let (debug, release) = (debug?, release?);
    if debug == release { Ok(()) } else { Err(format!("weights {debug} in debug, {release} in release")) }
}

/// The SHA-256 of the weights that one build computes.
fn weights(profile: &[&str]) -> Result<String, String> {
    let out = root().join("target/check-profiles");
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "anchorrec-cli"]).args(profile).arg("--").current_dir(root());
    command
        .args(["train", "--dataset", "amazon-sports", "--scale", "0.02", "--epochs", "2", "--restart", "--out"])
        .arg(&out);
    // Data that somebody has at hand would take long; the twin is made for this.
    let output = command.env_remove("ANCHORREC_DATA").output().map_err(|e| format!("cargo: {e}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let report = said.lines().find_map(|line| line.strip_prefix("report: "));
    let report = report.ok_or_else(|| format!("no report: {}", String::from_utf8_lossy(&output.stderr)))?;
    let report = fs::read_to_string(root().join(report)).map_err(|e| format!("{report}: {e}"))?;
    let hash = report.split("\"checkpoint_sha256\": \"").nth(1).and_then(|rest| rest.split('"').next());
    hash.map(str::to_owned).ok_or_else(|| "a report without the hash of the weights".to_owned())
}
