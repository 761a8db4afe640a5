//! Documents that say what the code is: the table of layers in `docs/ARCHITECTURE.md` is the one that [`layering`](crate::layering) checks, each
//! file that the guides name is there and declares what they say is in it, and each link leads to a file.

use crate::layering::MAY_DEPEND_ON;
use crate::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The page with the table of layers.
const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";
/// The documents that name files of the code.
const GUIDES: [&str; 4] = [ARCHITECTURE, "docs/extending.md", "docs/decisions.md", "CONTRIBUTING.md"];
/// Crates that have no row: they measure or test what the others do.
const WITHOUT_ROW: [&str; 3] = ["bench", "conformance", "testkit"];
/// Folders in which a guide's path may begin: at the top of the repository, or at a crate.
const BEGINNINGS: [&str; 3] = ["", "crates", "crates/formats/src"];

/// Finds everything that the documents say and the repository does not have.
pub fn check() -> Result<(), String> {
    let mut wrong = table_breaches(&read(ARCHITECTURE)?);
    for guide in GUIDES {
        let missing = paths(&read(guide)?).into_iter().filter(|path| !exists(path));
        wrong.extend(missing.map(|path| format!("{guide}: names `{path}`, which is not there")));
        for (item, path) in items_in_files(&read(guide)?) {
            if let Some(found) = found(&path)
                && !declares(&read(&found)?, &item)
            {
                wrong.push(format!("{guide}: says that `{item}` is in `{path}`, which declares no such thing"));
            }
        }
    }
    for document in documents()? {
        let folder = Path::new(&document).parent().unwrap_or(Path::new("")).to_owned();
        let text = read(&document)?;
        let missing = links(&text).into_iter().filter(|link| !root().join(&folder).join(link).exists());
        wrong.extend(missing.map(|link| format!("{document}: a link to {link}, which is not there")));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))
}

/// All Markdown files of `docs`, at the top and of crates.
fn documents() -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut folders = vec![String::new(), "docs".to_owned(), "crates".to_owned()];
    while let Some(folder) = folders.pop() {
        let list = fs::read_dir(root().join(&folder)).map_err(|error| format!("{folder}: {error}"))?;
        for entry in list.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if path.ends_with(".md") {
                found.push(path);
            } else if !folder.is_empty() && entry.path().is_dir() {
                folders.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Where the table `| crate | may depend on | .. |` and the one that is checked differ.
fn table_breaches(page: &str) -> Vec<String> {
    let rows = page.lines().skip_while(|line| !line.starts_with("| crate | may depend on |")).skip(2);
    let mut told: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let mut cells = row.split('|').skip(1).map(str::trim);
        let (names, on) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        // A remark in brackets belongs to the name before it.
        let on = on.split(", ").map(|name| name.split(' ').next().unwrap_or(name)).filter(|name| *name != "-");
        let on: BTreeSet<&str> = on.collect();
        told.extend(names.split(", ").map(|name| (name, on.clone())));
    }
    let mut wrong = Vec::new();
    for (name, on) in MAY_DEPEND_ON.iter().filter(|(name, _)| !WITHOUT_ROW.contains(name)) {
        let checked: BTreeSet<&str> = on.split(' ').filter(|name| !name.is_empty()).collect();
        match told.get(name) {
            Some(told) if *told == checked => {}
            Some(told) => {
                wrong.push(format!("{ARCHITECTURE}: {name} may depend on {checked:?}, the table says {told:?}"))
            }
            None => wrong.push(format!("{ARCHITECTURE}: the table has no row for {name}")),
        }
    }
    wrong
}

/// The files that a guide names in code: `trainer/src/run.rs`, `records/src/{report,analysis}.rs`, `losses/src/<loss>.rs`.
fn paths(text: &str) -> Vec<String> {
    let codes = text.split('`').skip(1).step_by(2);
    let is_path =
        |code: &&str| code.contains('/') && code.chars().all(|c| c.is_ascii_alphanumeric() || "/._-{},<>*".contains(c));
    // Below `/` stands a file with an ending, or a folder of sources.
    let is_ours = |code: &&str| code.contains("/src") || code.contains("/tests") || code.starts_with("docs/");
    codes.filter(is_path).filter(is_ours).flat_map(written_out).collect()
}

/// `a/{b,c}.rs` as `a/b.rs` and `a/c.rs`.
fn written_out(path: &str) -> Vec<String> {
    let Some((before, (names, after))) =
        path.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    else {
        return vec![path.to_owned()];
    };
    names.split(',').map(|name| format!("{before}{name}{after}")).collect()
}

/// Whether a path is there; `<name>` stands for any name, so what is before it must be.
fn exists(path: &str) -> bool {
    found(path).is_some()
}

/// Where a path leads from the top of the repository.
fn found(path: &str) -> Option<String> {
    let known = match path.split_once('<') {
        Some((known, _)) => known.rsplit_once('/').map_or(known, |(folder, _)| folder),
        None => path.trim_end_matches('*'),
    };
    let places = BEGINNINGS.iter().map(|folder| Path::new(folder).join(known));
    places.into_iter().find(|place| root().join(place).exists()).map(|place| place.display().to_string())
}

/// What a guide says is in a file: "`look` in `formats/src/look.rs`", "`Job::analyse` (`trainer/src/analysis.rs`)".
fn items_in_files(text: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = text.split('`').collect();
    let is_item = |code: &str| {
        code.starts_with(|c: char| c.is_ascii_alphabetic())
            && code.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c))
    };
    // Code is at odd places, with the words between two codes after the first.
    let named = |at: usize| match parts[at..] {
        [item, words, path, ..] if is_item(item) && path.contains('/') && path.ends_with(".rs") => {
            let is_said = words.trim() == "in" || (words.trim() == "(" && item.contains("::"));
            is_said.then(|| written_out(path).into_iter().map(|path| (item.to_owned(), path)))
        }
        _ => None,
    };
    (1..parts.len()).step_by(2).filter_map(named).flatten().collect()
}

/// Whether a file declares an item; of `Type::function` the last part. An import is no declaration, nor is a variable.
fn declares(source: &str, item: &str) -> bool {
    let name = item.rsplit("::").next().unwrap_or(item);
    let begins = |rest: &str| {
        rest.strip_prefix(name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    };
    const KINDS: [&str; 8] = ["fn", "struct", "enum", "trait", "type", "const", "static", "macro_rules!"];
    source.lines().map(str::trim_start).filter(|line| !line.starts_with("//")).any(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        words.windows(2).any(|two| KINDS.contains(&two[0]) && begins(two[1]))
    })
}

/// The files that links of a document lead to, without places in them; addresses of other sites are left out.
fn links(text: &str) -> Vec<&str> {
    let starts = text.match_indices("](").map(|(at, found)| &text[at + found.len()..]);
    let targets = starts.filter_map(|rest| rest.split([')', '\n']).next());
    let files = targets.map(|target| target.split('#').next().unwrap_or(target));
    files
        .filter(|file| !file.is_empty() && !file.contains("://") && !file.contains("::") && file.contains('.'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_say_what_is_there() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn a_table_that_drifted_is_found() {
        let page = read(ARCHITECTURE).unwrap();
        assert_eq!(table_breaches(&page), [""; 0]);
        let drifted = page.replace("| graph | kernels |", "| graph | kernels, losses |");
        assert_eq!(table_breaches(&drifted).len(), 1, "{:?}", table_breaches(&drifted));
        assert_eq!(table_breaches(&page.replace("| losses | ", "| loses | ")).len(), 1);
    }

    #[test]
    fn paths_and_links_are_read() {
        let text = "`trainer/src/{a,b}.rs`, `losses/src/<loss>.rs`, `x / y`, `no_path`, [a](data.md#one), [b](https://x.y/z.md)";
        assert_eq!(paths(text), ["trainer/src/a.rs", "trainer/src/b.rs", "losses/src/<loss>.rs"]);
        assert!(exists("trainer/src/run.rs") && exists("losses/src/<loss>.rs"));
        assert!(!exists("trainer/src/ran.rs") && !exists("loses/src/<loss>.rs"));
        assert_eq!(links(text), ["data.md"]);
    }

    #[test]
    fn what_a_guide_says_is_in_a_file_is_declared_there() {
        let text = "a branch to `look` in\n   `formats/src/look.rs`, `Job::analyse` (`trainer/src/analysis.rs`), `recommender` (`xtask/src/x.rs`), `a` and `b/src/c.rs`";
        let said = items_in_files(text);
        let said: Vec<(&str, &str)> = said.iter().map(|(item, path)| (item.as_str(), path.as_str())).collect();
        assert_eq!(said, [("look", "formats/src/look.rs"), ("Job::analyse", "trainer/src/analysis.rs")]);
        let source = "use crate::name::is_table;\n// fn lost()\nlet is_table = 1;\npub(crate) fn look(path: &Path) {\n    pub const ALL: [u8; 1] = [1];\nenum Layouts {";
        assert!(declares(source, "look") && declares(source, "Kind::ALL"));
        for absent in ["is_table", "lost", "Layout", "loo"] {
            assert!(!declares(source, absent), "{absent}");
        }
    }
}
