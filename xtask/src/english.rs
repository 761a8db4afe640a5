//! What a doc comment may not look like. An editor shows each one alone, without the line above it that it leans on, so "Of `bpr`.",
//! "The same of vision." and "`[B]`." say nothing there. Only such patterns are refused; style is for people.

use crate::root;
use std::fs;
use std::path::{Path, PathBuf};

/// How a doc comment may not begin: each points at something that is not shown.
const OPENINGS: &[&str] = &[
    "Of ",
    "The same",
    "As above",
    "As there",
    "As in ",
    "Like above",
    "Ditto",
    "Nobody",
    "Whoever",
    "See `",
    "See [",
];

/// Every doc comment of every crate; those that do not stand alone are named with their place.
pub fn check() -> Result<(), String> {
    let root = root();
    let mut wrong = Vec::new();
    for folder in ["crates", "xtask", "fuzz"] {
        for file in sources(&root.join(folder)) {
            let name = file.strip_prefix(&root).unwrap_or(&file).display();
            let text = fs::read_to_string(&file).unwrap_or_default();
            wrong.extend(leaning(&text).into_iter().map(|(line, comment)| format!("{name}:{line}: {comment}")));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let what =
        "doc comments that do not stand alone (an editor shows each without its neighbours); say what it is in words:";
    Err(format!("{what}\n{}", wrong.join("\n")))
}

/// The first lines of doc comments that do not stand alone, with their numbers.
fn leaning(text: &str) -> Vec<(usize, &str)> {
    let comment = |line: &'_ str| line.trim_start().starts_with("///");
    let mut before = "";
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if comment(line) && !comment(before) {
            let first = line.trim_start().trim_start_matches('/').trim();
            if OPENINGS.iter().any(|opening| first.starts_with(opening)) || names_alone(first) {
                found.push((number + 1, first));
            }
        }
        before = line;
    }
    found
}

/// Whether a line is names and shapes and nothing else: "`[B]`.", "`E_u`, `[U, D]`.". A formula says something.
fn names_alone(line: &str) -> bool {
    let words = line.split('`').step_by(2).any(|outside| outside.contains(char::is_alphabetic));
    let mut codes = line.split('`').skip(1).step_by(2).peekable();
    let shape = |code: &str| code.trim_start_matches('(').starts_with('[');
    let name = |code: &str| !code.contains(|c: char| c.is_whitespace() || "()[]{}/·=+-<>|,".contains(c));
    !words && codes.peek().is_some() && codes.all(|code| shape(code) || name(code))
}

/// The Rust files below a folder, those that a build made left out.
pub(crate) fn sources(path: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    let below = |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
    let wanted = entries.into_iter().filter(|path| !path.ends_with("target")).flat_map(below);
    wanted.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_that_lean_on_others_are_found() {
        for comment in ["Of `bpr`.", "The same of vision.", "As there.", "Nobody's text.", "`[B]`.", "`E_u`, `[U, D]`."]
        {
            let text = format!(
                "/// A line that stands alone.\n/// Of which the rest may begin as it likes.\nfn f() {{}}\n\n/// {comment}"
            );
            assert_eq!(leaning(&text), [(5, comment)]);
        }
    }

    #[test]
    fn comments_that_stand_alone_are_left() {
        for comment in
            ["Weight of the BPR term.", "`[B]` user rows.", "Office supplies.", "`½ Σ_b ‖z_b‖² / divisor`, `[B, D]`."]
        {
            assert_eq!(leaning(&format!("/// {comment}\nfn g() {{}}")), [], "{comment}");
        }
    }

    #[test]
    fn every_doc_comment_of_this_repository_stands_alone() {
        check().unwrap();
    }
}
