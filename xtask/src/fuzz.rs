//! `cargo xtask fuzz`: every fuzz target of `fuzz/`, each for a while.
//!
//! Needs cargo-fuzz and nothing else: without a sanitizer the stable compiler will do, and the parsers have no unsafe code for one to
//! watch. Without cargo-fuzz the tests named `mutation` still try the same parsers.

use crate::gate::{Outcome, Part};
use crate::outside::answers;
use crate::{cargo, root, target_dir};
use std::fs;
use std::process::Command;

/// `[--seconds N]`, by default 60.
pub fn run(options: &[String]) -> Result<(), String> {
    let seconds = match options {
        [] => 60,
        [option, n] if option == "--seconds" => n.parse().map_err(|e| format!("--seconds {n}: {e}"))?,
        _ => return Err("cargo xtask fuzz [--seconds N]".to_owned()),
    };
    match for_each_target(seconds)? {
        Outcome::Done | Outcome::Unchanged(_) => Ok(()),
        Outcome::Skipped(why) => Err(why),
    }
}

/// Fuzzes each target for so many seconds, where cargo-fuzz is installed.
pub fn for_each_target(seconds: u32) -> Part {
    if !answers(cargo().args(["fuzz", "--version"])) {
        return Ok(Outcome::Skipped("cargo-fuzz is not installed (cargo install cargo-fuzz)".to_owned()));
    }
    let folder = root().join("fuzz");
    crate::run(fuzz("build").arg("--sanitizer").arg("none"))?;
    for target in targets()? {
        println!("fuzz: {target}, {seconds} s");
        // What is found on the way is kept in `corpus` and makes the next run start further on; what breaks a target, in `artifacts`.
        let corpus = folder.join("corpus").join(&target);
        fs::create_dir_all(&corpus).map_err(|e| format!("{}: {e}", corpus.display()))?;
        let mut command = fuzz("run");
        command.args(["--sanitizer", "none", &target]).arg(&corpus).arg(folder.join("seeds").join(&target));
        command.args(["--", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=0", "-print_final_stats=1"]);
        crate::run(command.arg(format!("-max_total_time={seconds}")))?;
    }
    Ok(Outcome::Done)
}

fn fuzz(task: &str) -> Command {
    let folder = root().join("fuzz");
    let mut command = cargo();
    command.args(["fuzz", task, "--fuzz-dir"]).arg(&folder);
    // Beside the other builds and apart from them: these have flags of their own.
    command.arg("--target-dir").arg(target_dir().join("fuzz")).current_dir(folder);
    command
}

/// The names of the targets, sorted.
fn targets() -> Result<Vec<String>, String> {
    let folder = root().join("fuzz").join("fuzz_targets");
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let name = |entry: fs::DirEntry| entry.path().file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.filter_map(Result::ok).filter_map(name).collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parser_has_a_target_with_seeds() {
        let targets = targets().unwrap();
        let parsers = [
            "checkpoint",
            "config",
            "impressions",
            "inter",
            "items",
            "json_lines",
            "lists",
            "manifest",
            "mapping",
            "npy",
            "npz",
            "objects",
            "packed",
            "parquet",
            "single",
            "table",
        ];
        assert_eq!(targets, parsers);
        let manifest = fs::read_to_string(root().join("fuzz").join("Cargo.toml")).unwrap();
        for target in targets {
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target} is not built");
            let seeds = fs::read_dir(root().join("fuzz").join("seeds").join(&target)).unwrap();
            assert!(seeds.count() > 0, "{target} has no seed");
        }
    }

    /// The fuzz targets are a workspace of their own, whose lock file no other check reads: without this it would describe older crates.
    #[test]
    fn the_lock_file_knows_what_our_crates_stand_on() {
        let lock = fs::read_to_string(root().join("fuzz").join("Cargo.lock")).unwrap();
        let ours: Vec<&str> = lock.split("[[package]]\n").filter(|package| package.contains("\"anchorrec-")).collect();
        let mut compared = 0;
        for package in ours {
            let name = package.lines().next().unwrap().trim_start_matches("name = \"anchorrec-").trim_end_matches('"');
            let Ok(manifest) = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")) else {
                continue;
            };
            let section = manifest.split("\n[dependencies]\n").nth(1).unwrap_or_default();
            let lines = section.lines().take_while(|line| !line.starts_with('['));
            for line in
                lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#') && !line.contains("optional"))
            {
                let wanted = line.split(['.', ' ', '=']).next().unwrap();
                assert!(
                    package.contains(&format!(" \"{wanted}\"")) || package.contains(&format!(" \"{wanted} ")),
                    "fuzz/Cargo.lock: {name} stands on {wanted} (cargo update --workspace in fuzz writes it anew)"
                );
                compared += 1;
            }
        }
        assert!(compared > 50, "{compared} dependencies");
    }
}
