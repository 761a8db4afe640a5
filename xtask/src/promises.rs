//! `docs/promises.md` names the test that holds each promise. If a name moved or went away, no test holds the promise: each file and each
//! test that is named there must be there.

use crate::english::sources;
use crate::root;
use std::fs;

const PAGE: &str = "docs/promises.md";

/// Looks for every file and test of the page.
pub fn check() -> Result<(), String> {
    let root = root();
    let files: Vec<(String, String)> = ["crates", "xtask", "fuzz"]
        .iter()
        .flat_map(|folder| sources(&root.join(folder)))
        .map(|path| (path.to_string_lossy().replace('\\', "/"), fs::read_to_string(&path).unwrap_or_default()))
        .collect();
    let page = fs::read_to_string(root.join(PAGE)).map_err(|e| format!("{PAGE}: {e}"))?;
    let missing = missing(&page, &files);
    if missing.is_empty() { Ok(()) } else { Err(missing.join("\n")) }
}

/// The names of a page that no file has; `files` are paths and contents.
fn missing(page: &str, files: &[(String, String)]) -> Vec<String> {
    let mut missing = Vec::new();
    for name in page.split('`').skip(1).step_by(2) {
        let plain = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let (begin, cut) = name.strip_suffix("...").map_or((name, false), |begin| (begin, true));
        if name.ends_with(".rs") && !name.contains(['{', '*', ' ']) {
            if !files.iter().any(|(path, _)| path.ends_with(&format!("/{name}"))) {
                missing.push(format!("{PAGE}: there is no file `{name}`"));
            }
        } else if plain(begin) && begin.matches('_').count() >= 2 {
            let declared = if cut { format!("fn {begin}") } else { format!("fn {begin}(") };
            if !files.iter().any(|(_, text)| text.contains(&declared)) {
                missing.push(format!("{PAGE}: there is no test `{name}`"));
            }
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_or_test_that_is_not_there_is_named() {
        let files = [("crates/a/tests/all/b.rs".to_owned(), "fn it_holds_so_far() {}".to_owned())];
        let there = "| p | `a/tests/all/b.rs`, `it_holds_so_far`, `it_holds_...` | `cargo test` |";
        assert_eq!(missing(there, &files), [""; 0]);
        let gone = missing("`c.rs`, `it_holds_no_more`, `it_held_...`", &files);
        assert_eq!(gone.len(), 3, "{gone:?}");
    }

    #[test]
    fn every_promise_names_what_holds_it() {
        check().unwrap();
    }
}
