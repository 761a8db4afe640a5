//! What a doc comment may not look like. An editor shows each one alone, without the line above it that it leans on, so "Of `bpr`.",
//! "The same of vision." and "`[B]`." say nothing there. Only such patterns are refused; style is for people.

use crate::doc_comments::doc_comments;
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
    "It ",
    "Its ",
    "They ",
    "Their ",
    "Those ",
    "Both ",
    "All of it",
    "All of them",
    "As it ",
    "From 0",
    "From 1",
    "What was seen",
    "...",
];

/// The first words of a public function's comment that name a thing instead of saying what the function does: "The number of users." leaves open
/// whether it counts, sets or returns it.
const NOT_VERBS: &[&str] =
    &["A", "An", "As", "Each", "Every", "From", "How", "Some", "The", "What", "Where", "Whether", "Which", "With"];

/// Reads every doc comment of every crate; those that do not stand alone are named with their place.
pub fn check() -> Result<(), String> {
    let root = root();
    let mut wrong = Vec::new();
    for folder in ["crates", "xtask", "fuzz"] {
        for file in sources(&root.join(folder)) {
            let name = file.strip_prefix(&root).unwrap_or(&file).display();
            let text = fs::read_to_string(&file).unwrap_or_default();
            let mut found = leaning(&text);
            if file.components().any(|part| part.as_os_str() == "src") {
                found.extend(without_verb(&text));
            }
            wrong.extend(found.into_iter().map(|(line, comment)| format!("{name}:{line}: {comment}")));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let what = "doc comments that do not stand alone (an editor shows each without its neighbours). Say in words what it is, and begin with \
                what a public function does (Returns, Makes, Reads):";
    Err(format!("{what}\n{}", wrong.join("\n")))
}

/// The first lines of doc comments that do not stand alone, with their numbers.
fn leaning(text: &str) -> Vec<(usize, &str)> {
    let begins = |first: &str| OPENINGS.iter().any(|opening| first.starts_with(opening));
    let leans = |first: &str| begins(first) || names_alone(first) || points(first);
    doc_comments(text).iter().map(|comment| (comment.line, comment.first())).filter(|(_, first)| leans(first)).collect()
}

/// Whether a comment is too short to say itself what its pronoun stands for: "Writes it.", "What is wrong with them."
fn points(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['.', ',', ':', ';'])).collect();
    words.len() <= 5 && words.iter().any(|word| ["it", "them", "they"].contains(word))
}

/// The first lines of the comments of public functions that begin with no verb, with their numbers.
fn without_verb(text: &str) -> Vec<(usize, &str)> {
    let names_a_thing = |first: &str| NOT_VERBS.contains(&first.split(' ').next().unwrap_or_default());
    let functions = doc_comments(text).into_iter().filter(|comment| comment.public_function().is_some());
    functions.map(|comment| (comment.line, comment.first())).filter(|(_, first)| names_a_thing(first)).collect()
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
        for comment in [
            "Of `bpr`.",
            "The same of vision.",
            "As there.",
            "Nobody's text.",
            "`[B]`.",
            "`E_u`, `[U, D]`.",
            "Its name.",
            "From 1.",
            "All of them.",
            "... and as long.",
            "Writes it.",
            "What is wrong with them.",
        ] {
            let text = format!(
                "/// A line that stands alone.\n/// Of which the rest may begin as it likes.\nfn f() {{}}\n\n/// {comment}"
            );
            assert_eq!(leaning(&text), [(5, comment)]);
        }
    }

    #[test]
    fn comments_that_stand_alone_are_left() {
        for comment in [
            "Weight of the BPR term.",
            "`[B]` user rows.",
            "Office supplies.",
            "Calls `work` and says what it said.",
            "`½ Σ_b ‖z_b‖² / divisor`, `[B, D]`.",
        ] {
            assert_eq!(leaning(&format!("/// {comment}\nfn g() {{}}")), [], "{comment}");
        }
    }

    #[test]
    fn a_public_function_says_what_it_does() {
        let text = "/// The number of users.\n///\n/// ```\n#[must_use]\npub fn users() {}\n\n/// Returns the number of users.\npub fn more() {}\n\n\
                    /// The users.\nfn private() {}\n\n/// The number of users.\npub users: usize,";
        assert_eq!(without_verb(text), [(1, "The number of users.")]);
    }

    #[test]
    fn every_doc_comment_of_this_repository_stands_alone() {
        check().unwrap();
    }
}
