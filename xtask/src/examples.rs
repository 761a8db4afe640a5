//! Whether the crates that people use on their own show each public function in use. An example is a test, so it cannot grow old.

use crate::doc_comments::doc_comments;
use crate::english::sources;
use crate::root;
use std::fs;

/// Crates in which each public function has an example.
const SHOWN: [&str; 5] = ["encoders", "graph", "losses", "metrics", "recommender"];

/// Finds public functions without an example.
pub fn check() -> Result<(), String> {
    let root = root();
    let mut wrong = Vec::new();
    for file in SHOWN.iter().flat_map(|folder| sources(&root.join("crates").join(folder).join("src"))) {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let name = file.strip_prefix(&root).unwrap_or(&file).display();
        wrong.extend(without_example(&text).into_iter().map(|(line, function)| format!("{name}:{line}: {function}")));
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("public functions without an example:\n{}", wrong.join("\n"))) }
}

/// The public functions of a file, above its tests, whose comments have no example, and those without a comment.
fn without_example(text: &str) -> Vec<(usize, &str)> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let bare = |comment: &crate::doc_comments::DocComment| !comment.lines.iter().any(|line| line.starts_with("```"));
    let comments = doc_comments(text);
    comments.iter().filter(|c| bare(c)).filter_map(|c| Some((c.line, c.public_function()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_without_an_example_is_found() {
        let text = "/// Counts.\npub fn count() {}\n\n/// Adds.\n///\n/// ```\n/// add();\n/// ```\npub fn add() {}\n\n/// Hidden.\n\
                    fn hidden() {}\n\n#[cfg(test)]\nmod tests {\n    /// Tests.\n    pub fn test() {}\n}";
        assert_eq!(without_example(text), [(1, "count")]);
    }

    #[test]
    fn every_public_function_has_an_example() {
        assert_eq!(check(), Ok(()));
    }
}
