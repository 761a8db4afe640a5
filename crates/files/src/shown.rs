//! Parts of hostile files, as they may be shown.

use std::error::Error;
use std::fmt;

/// What was found, as it may be shown: quoted, escaped, at most 40 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt(String);

impl Excerpt {
    /// Quotes text.
    pub fn of(text: &str) -> Self {
        let cut = text.char_indices().nth(40).map_or(text.len(), |(at, _)| at);
        let dots = if cut < text.len() { "..." } else { "" };
        Excerpt(format!("{:?}{dots}", &text[..cut]))
    }

    /// Quotes bytes that may not be text.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Excerpt(format!("\"{}\"", bytes[..bytes.len().min(40)].escape_ascii()))
    }
}

/// Puts what a parser says about a hostile text, which it may quote, on one line: at most 300 characters, and nothing in
/// it that a terminal would obey.
pub fn one_line(message: &str) -> String {
    let mut line = String::new();
    for c in message.trim().chars().take(300) {
        match c {
            '\n' => line.push(' '),
            c if c.is_control() => line.extend(c.escape_debug()),
            c => line.push(c),
        }
    }
    if message.trim().chars().nth(300).is_some() {
        line.push_str("...");
    }
    line
}

/// Writes an error with its causes, the outermost first: `cannot be read: permission denied`. A program that prints errors does this at its
/// end; a library only where an error becomes a part of another sentence.
///
/// ```
/// use anchorrec_files::{lines::LineError, with_causes};
///
/// let error = LineError::from(std::io::Error::other("the disk is gone"));
/// assert_eq!(with_causes(&error), "cannot read: the disk is gone");
/// ```
pub fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}
