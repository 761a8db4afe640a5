//! What a public error must look like: it can grow (`#[non_exhaustive]`), and what the system said is its source, not a part of its text. A program
//! prints the whole chain, so a message that shows its own source says everything twice, and a cause that is in the text alone is lost to
//! whoever asks for it.

use crate::english::sources;
use crate::root;
use std::fs;

/// Errors that readers of formats translate variant by variant into their own, with the path: one that they do not know must not compile.
const TRANSLATED: &[&str] = &["pub enum LineError ", "pub enum TensorsError "];

/// Checks every error type of every crate; those that break a rule are named with their place.
pub fn check() -> Result<(), String> {
    let root = root();
    let mut wrong = Vec::new();
    for file in sources(&root.join("crates")) {
        let name = file.strip_prefix(&root).unwrap_or(&file).display();
        let text = fs::read_to_string(&file).unwrap_or_default();
        wrong.extend(breaches(&text).into_iter().map(|(line, what)| format!("{name}:{line}: {what}")));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// The breaches of a file, with the numbers of their lines.
fn breaches(text: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    let (mut is_error, mut can_grow) = (false, false);
    for (number, line) in text.lines().enumerate() {
        let code = line.trim_start();
        let mut breach = |what| found.push((number + 1, what));
        if code.starts_with("#[derive(") {
            let derived = code.trim_end_matches(")]").rsplit(['(', ',']).any(|name| name.trim().ends_with("Error"));
            (is_error, can_grow) = (derived, false);
        }
        can_grow |= code == "#[non_exhaustive]";
        if code.starts_with("pub enum ") || code.starts_with("pub struct ") {
            if is_error && !can_grow && !TRANSLATED.iter().any(|name| code.starts_with(name)) {
                breach("a public error without #[non_exhaustive]");
            }
            is_error = false;
        }
        if code.starts_with("#[error(") && code.contains("{source}") {
            breach("a message that shows its own source: the chain is printed anyway");
        }
        if code.starts_with("cause: io::Error") || code.starts_with("cause: std::io::Error") {
            breach("what the system said is no source: call the field `source` and leave it out of the text");
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_breach_is_found_and_nothing_else() {
        let good = "#[derive(Debug, thiserror::Error)]\n#[non_exhaustive]\npub enum E {\n#[error(\"cannot {action}\")]\nIo { source: io::Error },\n}\n\
                    #[derive(Debug)]\npub enum Kind {}\n#[derive(Debug, Error)]\nenum Private {}\n";
        assert_eq!(breaches(good), []);
        for (bad, line) in [
            ("#[derive(Debug, Error)]\n#[error(\"x\")]\npub struct E;", 3),
            ("#[derive(Debug, thiserror::Error)]\npub enum E {}", 2),
            ("#[error(\"cannot {action}: {source}\")]", 1),
            ("    cause: io::Error,", 1),
        ] {
            assert_eq!(breaches(bad).iter().map(|breach| breach.0).collect::<Vec<_>>(), [line], "{bad}");
        }
    }

    #[test]
    fn every_error_of_this_repository_keeps_the_rules() {
        check().unwrap();
    }
}
