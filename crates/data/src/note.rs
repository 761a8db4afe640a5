//! One counted fact about data, one line: what was ignored, guessed, merged, dropped or filled in.
//!
//! Readers and pipelines collect notes; a command prints each as a line, `--strict` makes each an error, and the same facts stand, by
//! their [kind](Kind), in the ready folder's `notes.json` and in a report's `data.notes`.

use anchorrec_files::{few, grouped};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// Something was there and was not read: a column, a file.
    Ignored,
    /// Something was not said and was concluded: a layout, a column, a unit of time.
    Guessed,
    /// Several became one: ids, rows, files.
    Merged,
    /// Something was read and left out: rows, items, users.
    Dropped,
    /// Something was not there and was made up: features of an item.
    Filled,
    /// Something is allowed and probably not meant.
    Odd,
    /// Something is not there, so that it cannot be measured or done.
    Missing,
}

impl Kind {
    /// Returns the kind's name, as files have it and lines begin with it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ignored => "ignored",
            Kind::Guessed => "guessed",
            Kind::Merged => "merged",
            Kind::Dropped => "dropped",
            Kind::Filled => "filled",
            Kind::Odd => "odd",
            Kind::Missing => "missing",
        }
    }
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What happened.
    pub kind: Kind,
    /// A name of the fact that does not change with the data: `columns-not-read`.
    pub code: String,
    /// To how many; 0 for a fact that has no number.
    pub count: u64,
    /// The fact, without its count, as it follows a number: `columns are not read`.
    pub text: String,
    /// The first few of them, as a person would look for them; empty where there is nothing to name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}

impl Note {
    /// Returns a note of `count` times `text`, without examples.
    pub fn new(kind: Kind, code: &str, count: impl TryInto<u64>, text: impl Into<String>) -> Self {
        let (count, text) = (count.try_into().unwrap_or(u64::MAX), text.into());
        let counts = text.split(' ').next().unwrap_or_default();
        debug_assert!(count == 0 || counts != grouped(count as usize), "the text repeats the count: {text}");
        Note { kind, code: code.to_owned(), count, text, examples: Vec::new() }
    }

    /// Returns whether it says that something was not taken as it stood, which `--strict` refuses. What is missing is no such thing.
    pub fn is_strict(&self) -> bool {
        self.kind != Kind::Missing
    }

    /// Adds the first few of what the note counts.
    pub fn with<N: AsRef<str>>(mut self, examples: impl IntoIterator<Item = N>) -> Self {
        let more = examples.into_iter().take(few::SHOWN).map(|example| example.as_ref().to_owned());
        self.examples.extend(more);
        self
    }
}

/// Chooses between the words for one and for many: `1 item has`, `2 items have`.
pub fn either<'a, N: TryInto<u64>>(count: N, one: &'a str, many: &'a str) -> &'a str {
    if count.try_into().is_ok_and(|count| count == 1) { one } else { many }
}

/// The line: `3 columns are not read (price, color, size)`.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.count {
            // A fact that has no number.
            0 => f.write_str(&self.text)?,
            count => write!(f, "{} {}", grouped(count), self.text)?,
        }
        if self.examples.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", few(&self.examples, self.count as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_a_line_and_an_object() {
        let note = Note::new(Kind::Ignored, "columns-not-read", 1007, "columns are not read").with(["a", "b\u{1b}"]);
        assert_eq!(note.to_string(), "1,007 columns are not read (a, b\\u{1b} and 1,005 more)");
        let json = serde_json::to_string(&note).unwrap();
        assert!(json.starts_with(r#"{"kind":"ignored","code":"columns-not-read","count":1007,"#), "{json}");
        assert_eq!(serde_json::from_str::<Note>(&json).unwrap(), note);
        let plain = Note::new(Kind::Odd, "x", 1, "item is odd");
        assert_eq!(plain.to_string(), "1 item is odd");
    }
}
