//! Tasks on a data set that are commands of `anchorrec`, built in release mode: `reproduce`, `ablate`, `tune`.

use crate::{anchorrec, become_command, nearest, root};
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// Builds and runs `anchorrec <command> --dataset <data set>` for `cargo xtask <task> <data set>`; the options go through unread.
pub fn run(task: &str, command: &str, args: &[String]) -> Result<(), String> {
    let (dataset, options): (Option<&String>, &[String]) = match args {
        [first, rest @ ..] if !first.starts_with('-') => (Some(first), rest),
        options => (None, options),
    };
    let wants_help = options.iter().any(|option| option == "--help" || option == "-h");
    if dataset.is_none() && !wants_help {
        return Err(format!("name a data set: cargo xtask {task} amazon-sports"));
    }
    // Before anything is built for a word that is none.
    if let Some(name) = dataset.filter(|name| !is_known(name)) {
        return Err(nearest::unknown("data set", name, names().iter().map(String::as_str)));
    }
    let root = root();
    // A path that reads the same on every machine, where there is one: it stands in the report.
    let datasets = match std::env::current_dir() {
        Ok(here) if here == root => "datasets".into(),
        _ => root.join("datasets"),
    };
    let mut anchorrec = anchorrec(&features(task, options), &[command]);
    if let Some(dataset) = dataset {
        anchorrec.args(["--dataset", dataset]).arg("--datasets").arg(datasets);
    }
    anchorrec.args(options).stdin(Stdio::null());
    become_command(anchorrec)
}

/// The features of the program that a task needs. Training the first model needs none, and a newcomer's first command is that.
fn features(task: &str, options: &[String]) -> Vec<&'static str> {
    let asks = |names: &[&str]| {
        let is = |option: &String, name: &&str| option == name || option.starts_with(&format!("{name}="));
        options.iter().any(|option| names.iter().any(|name| is(option, name)))
    };
    let mut features = Vec::new();
    if task != "reproduce" || asks(&["--model", "--config", "--help", "-h"]) {
        features.push("baselines");
    }
    if asks(&["--recommendations"]) {
        features.push("retrieval");
    }
    // The table of all models ends with a page.
    if options.iter().any(|option| option == "--model=all") || options.windows(2).any(|two| two == ["--model", "all"]) {
        features.push("report");
    }
    features
}

/// Whether the program can know a data set: it has a manifest, a manifest calls it so too, or `$ANCHORREC_DATA` has its folder.
fn is_known(name: &str) -> bool {
    let manifest = |known: &String| root().join("datasets").join(known).join("manifest.toml");
    let is_alias = |line: &str| line.starts_with("aliases") && line.contains(&format!("\"{name}\""));
    let has_alias = |known| fs::read_to_string(manifest(known)).is_ok_and(|text| text.lines().any(is_alias));
    let names = names();
    let elsewhere = std::env::var_os("ANCHORREC_DATA").is_some_and(|base| Path::new(&base).join(name).is_dir());
    names.iter().any(|known| known == name || has_alias(known)) || elsewhere
}

/// The data sets with a manifest, sorted.
fn names() -> Vec<String> {
    let entries = fs::read_dir(root().join("datasets")).into_iter().flatten().flatten();
    let with_manifest = entries.filter(|entry| entry.path().join("manifest.toml").is_file());
    let mut names: Vec<String> = with_manifest.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_data_set_is_an_error_with_the_nearest_one_before_anything_is_built() {
        let told = |name: &str| run("reproduce", "train", &[name.to_owned()]).unwrap_err();
        assert_eq!(told("amazon-sport"), "there is no data set `amazon-sport`; did you mean `amazon-sports`?");
        let all = "expected one of amazon-baby, amazon-office, amazon-sports, amazon-video-games";
        assert!(told("movielens").ends_with(all), "{}", told("movielens"));
        assert!(run("tune", "tune", &[]).unwrap_err().contains("cargo xtask tune amazon-sports"));
    }

    #[test]
    fn the_first_command_builds_the_first_model_only_and_other_ones_what_they_need() {
        let needs = |task: &str, options: &str| {
            let options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
            features(task, &options)
        };
        assert_eq!(needs("reproduce", "--epochs 3 --resume"), [""; 0]);
        assert_eq!(needs("reproduce", "--model lightgcn"), ["baselines"]);
        assert_eq!(needs("reproduce", "--model=lightgcn --recommendations=a.csv"), ["baselines", "retrieval"]);
        assert_eq!(needs("ablate", ""), ["baselines"]);
        assert_eq!(needs("tune", "--budget 3"), ["baselines"]);
    }
}
