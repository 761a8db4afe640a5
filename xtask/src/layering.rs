//! A machine holds which part may depend on which: crates by a table, modules by the rule of [`circles`]. The reasons are in
//! `docs/ARCHITECTURE.md`.

mod circles;
mod paths;

use crate::root;
use std::fs;

/// Each folder of `crates/` with the folders it may depend on, in the order of the alphabet (development dependencies are free).
pub(crate) const MAY_DEPEND_ON: &[(&str, &str)] = &[
    ("kernels", ""),
    ("files", ""),
    ("linalg", ""),
    ("ranks", ""),
    ("data", "files linalg"),
    ("metrics", "graph kernels linalg"),
    ("testkit", ""),
    ("conformance", "encoders recommender testkit trainer"),
    ("records", "data"),
    ("graph", "kernels"),
    ("losses", "kernels"),
    ("encoders", "graph kernels ranks"),
    ("recommender", "encoders kernels ranks"),
    ("anchor-align", "encoders graph kernels losses recommender"),
    ("baselines", "encoders graph kernels losses recommender"),
    ("models", "anchor-align baselines recommender"),
    ("closed-forms", "graph kernels"),
    ("trainer", "closed-forms data encoders files kernels metrics ranks recommender records"),
    ("formats", "data files"),
    ("retrieval", "data files formats kernels linalg metrics recommender records trainer"),
    ("serve", "data files kernels recommender retrieval"),
    ("download", "data files"),
    ("prepare", "data files formats linalg"),
    ("report", "data files linalg metrics records"),
    ("table", "data files recommender records trainer"),
    ("text-encoder", "data"),
    (
        "cli",
        "data download files formats kernels metrics models prepare recommender records report retrieval serve table text-encoder trainer",
    ),
    ("python", "data files formats graph kernels losses metrics models prepare recommender records retrieval trainer"),
    ("bench", "data encoders files graph kernels losses metrics models recommender retrieval trainer"),
];

/// Finds every edge between crates that is not in the table, every crate that is not, every circle of modules.
pub fn check() -> Result<(), String> {
    let wrong: Vec<String> = [crates(), modules()].into_iter().filter_map(Result::err).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn modules() -> Result<(), String> {
    let crates = folders()?
        .into_iter()
        .map(|folder| (format!("crates/{folder}"), root().join("crates").join(&folder).join("src")));
    circles::check(&crates.chain([("xtask".to_owned(), root().join("xtask/src"))]).collect::<Vec<_>>())
}

/// The folders of `crates/`, in the order of the alphabet.
fn folders() -> Result<Vec<String>, String> {
    let crates = root().join("crates");
    let mut folders: Vec<String> = fs::read_dir(&crates)
        .map_err(|e| format!("{}: {e}", crates.display()))?
        .filter_map(|entry| entry.ok().map(|e| e.file_name().to_string_lossy().into_owned()))
        .collect();
    folders.sort();
    Ok(folders)
}

fn crates() -> Result<(), String> {
    let mut wrong = Vec::new();
    let crates = root().join("crates");
    for folder in folders()? {
        let Some((_, allowed)) = MAY_DEPEND_ON.iter().find(|(name, _)| *name == folder) else {
            wrong.push(format!("crates/{folder} has no place in the table of xtask/src/layering.rs"));
            continue;
        };
        let path = crates.join(&folder).join("Cargo.toml");
        let manifest = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        for dependency in ours(&manifest) {
            if !allowed.split(' ').any(|name| name == dependency) {
                wrong.push(format!("crates/{folder} must not depend on {dependency}"));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Folders of our crates under `[dependencies]`.
fn ours(manifest: &str) -> Vec<String> {
    let section = manifest.split("\n[").find_map(|section| section.strip_prefix("dependencies]")).unwrap_or("");
    let names = section.lines().filter_map(|line| line.strip_prefix("anchorrec-"));
    names
        .map(|rest| rest.split(['.', ' ', '=']).next().unwrap_or(rest))
        .map(|name| if name == "align" { "anchor-align".to_owned() } else { name.to_owned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_keeps_its_layers() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn dependencies_are_read_and_development_dependencies_are_not() {
        let manifest = "[package]\nname = \"x\"\n\n[dependencies]\nanchorrec-align.workspace = true\nserde = \"1\"\n\
                        anchorrec-graph = { path = \"..\" }\n\n[dev-dependencies]\nanchorrec-testkit.workspace = true\n";
        assert_eq!(ours(manifest), ["anchor-align", "graph"]);
    }
}
