//! Whether each crate can be published, and stands alone when it is: what a registry asks for, a README whose example is a test, and
//! an archive that builds by itself.

use crate::{cargo, root, run};
use std::fs;
use std::path::{Path, PathBuf};

/// What the manifest of a published crate says beside name, version and licence.
const FIELDS: &[&str] =
    &["description = ", "repository.workspace = true", "readme = \"README.md\"", "keywords = [", "categories = ["];

/// How a library takes its README into its documentation, where the example becomes a test.
const INCLUDED: &str = "#![doc = include_str!(\"../README.md\")]";

/// Checks what each published crate must have, and makes an archive of each. The archives are not built: [`build`] does that.
pub fn check() -> Result<(), String> {
    let missing: Vec<String> = published()?.iter().flat_map(|folder| missing(folder)).collect();
    if !missing.is_empty() {
        return Err(missing.join("\n"));
    }
    package(&["--no-verify"])
}

/// Builds each crate from its archive and the archives of the crates that it stands on, in order: what `cargo publish` does, without
/// asking a registry.
pub fn build() -> Result<(), String> {
    package(&[])
}

fn package(options: &[&str]) -> Result<(), String> {
    let mut command = cargo();
    command.args(["package", "--workspace", "--allow-dirty", "--offline", "--quiet"]).args(options);
    for name in unpublished()? {
        command.args(["--exclude", &name]);
    }
    run(command.current_dir(root()))
}

/// What the crate in `folder` lacks.
fn missing(folder: &Path) -> Vec<String> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
    let (manifest, readme, library) = (read("Cargo.toml"), read("README.md"), read("src/lib.rs"));
    let mut lacks: Vec<String> = FIELDS
        .iter()
        .filter(|field| !manifest.lines().any(|line| line.starts_with(**field)))
        .map(|field| format!("crates/{name}/Cargo.toml: expected a line `{field}...`"))
        .collect();
    if !readme.contains("\n```") {
        lacks.push(format!("crates/{name}/README.md: expected a README with an example"));
    }
    lacks.extend(unnamed(&readme).into_iter().map(|used| {
        format!("crates/{name}/README.md: the example uses {used}, which no line `cargo add ...` above it names")
    }));
    let untold = features(&manifest).filter(|feature| !readme.contains(&format!("| `{feature}`")));
    lacks.extend(untold.map(|feature| format!("crates/{name}/README.md: expected a row for the feature `{feature}`")));
    if !library.is_empty() && !library.starts_with(INCLUDED) {
        lacks.push(format!(
            "crates/{name}/src/lib.rs: expected {INCLUDED} in the first line, so that the example is a test"
        ));
    }
    lacks
}

/// The crates that the examples of a README use without a `cargo add` that names them: a reader has only this crate.
fn unnamed(readme: &str) -> Vec<String> {
    let blocks = |language: &str| {
        let fence = format!("\n```{language}");
        readme.split(&fence).skip(1).filter_map(|rest| rest.split("\n```").next()).collect::<Vec<_>>().join("\n")
    };
    let (examples, commands) = (blocks("rust"), blocks("sh"));
    let added: Vec<String> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("cargo add "))
        .flat_map(|line| line.split(' '))
        .map(|name| name.split('@').next().unwrap_or(name).replace('-', "_"))
        .collect();
    let used = examples.lines().filter_map(|line| line.trim_start_matches("# ").strip_prefix("use "));
    let mut unnamed: Vec<String> = used
        .map(|path| path.split([':', ';', ' ']).next().unwrap_or(path).to_owned())
        .filter(|name| !["std", "core"].contains(&name.as_str()) && !added.contains(name))
        .collect();
    unnamed.dedup();
    unnamed
}

/// The features that a manifest declares, without `default`.
fn features(manifest: &str) -> impl Iterator<Item = &str> {
    let section = manifest.split("\n[").find_map(|section| section.strip_prefix("features]\n")).unwrap_or_default();
    let names = section.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name).filter(|name| *name != "default")
}

/// Returns the folders of the crates that are published.
pub fn published() -> Result<Vec<PathBuf>, String> {
    Ok(folders()?.into_iter().filter(|folder| !stays_here(folder)).collect())
}

/// The names of the packages that are not published.
fn unpublished() -> Result<Vec<String>, String> {
    let mut folders: Vec<PathBuf> = folders()?.into_iter().filter(|folder| stays_here(folder)).collect();
    folders.push(root().join("xtask"));
    folders.iter().map(|folder| package_name(folder)).collect()
}

/// Whether the manifest in `folder` says that it is not published.
fn stays_here(folder: &Path) -> bool {
    fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.lines().any(|line| line == "publish = false"))
}

fn package_name(folder: &Path) -> Result<String, String> {
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let name = text.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    name.map(str::to_owned).ok_or_else(|| format!("{}: expected a line `name = \"...\"`", manifest.display()))
}

/// The folders of all crates, by name.
fn folders() -> Result<Vec<PathBuf>, String> {
    let crates = root().join("crates");
    let entries = fs::read_dir(&crates).map_err(|error| format!("{}: {error}", crates.display()))?;
    let mut folders: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join("Cargo.toml").is_file()).collect();
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_anything_lacks_everything() {
        let empty = root().join("docs");
        assert_eq!(missing(&empty).len(), FIELDS.len() + 1, "{:?}", missing(&empty));
    }

    #[test]
    fn what_an_example_uses_is_named_above_it() {
        let example = "\n```rust\nuse anchorrec_losses::bpr;\nuse ndarray::array;\n# use std::fs;\n```\n";
        assert_eq!(unnamed(example), ["anchorrec_losses", "ndarray"]);
        let told = format!("\n```sh\ncargo add anchorrec-losses ndarray@0.17\n```\n{example}");
        assert_eq!(unnamed(&told), [""; 0]);
    }

    #[test]
    fn features_are_read_and_each_has_a_row() {
        let manifest = "[package]\nname = \"x\"\n\n[features]\ndefault = [\"a\"]\n# Why.\na = []\nb-c = [\"a\"]\n\n[lib]\nbench = false\n";
        assert_eq!(features(manifest).collect::<Vec<_>>(), ["a", "b-c"]);
        let lacking: Vec<String> = published().unwrap().iter().flat_map(|folder| missing(folder)).collect();
        assert_eq!(lacking, [""; 0]);
    }

    #[test]
    fn what_only_this_repository_needs_is_not_published() {
        let names = unpublished().unwrap();
        assert!(
            ["anchorrec-testkit", "anchorrec-bench", "xtask"].iter().all(|name| names.iter().any(|n| n == name)),
            "{names:?}"
        );
    }
}
