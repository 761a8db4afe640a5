//! The text files of a data set: [lines](anchorrec_files::lines) with their file's name in errors and a fingerprint of what was read.

use crate::{
    DataError, Input,
    error::{Excerpt, LineProblem},
};
use anchorrec_files::fingerprint::Fingerprinted;
use anchorrec_files::lines::{LineError, Lines as Text};
use serde::de::DeserializeOwned;
use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

/// Bytes of the longest line that is accepted: no honest title or row comes near.
pub const LONGEST: usize = 1 << 20;

/// The lines of one file.
pub(crate) struct Lines {
    path: PathBuf,
    text: Text<BufReader<Fingerprinted<File>>>,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let (file, _) = crate::open::open(path)?;
        // What is read and not what is taken: line by line the hash would cost more than the parsing.
        let reader = BufReader::with_capacity(1 << 16, Fingerprinted::new(file));
        Ok(Lines { path: path.to_owned(), text: Text::new(reader, LONGEST) })
    }

    /// The next line without its end, and its number from 1.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, &str)>, DataError> {
        let path = &self.path;
        self.text.next().map_err(|error| {
            let (line, problem) = match error {
                LineError::Io(source) => return DataError::Io { path: path.clone(), action: "read", source },
                LineError::TooLong { line, limit } => (line, LineProblem::TooLong { limit }),
                LineError::NotUtf8 { line, byte } => (line, LineProblem::NotUtf8 { byte }),
            };
            DataError::Line { path: path.clone(), line, problem }
        })
    }

    pub(crate) fn error(&self, line: u64, problem: LineProblem) -> DataError {
        DataError::Line { path: self.path.clone(), line, problem }
    }

    /// What was read; to be asked for after the last line.
    pub(crate) fn finish(self) -> Input {
        self.text.into_reader().into_inner().finish().finish(&self.path)
    }
}

/// An id as it is written: digits only, below 2³². `+1`, ` 1` and `1.0` are not ids.
pub(crate) fn parse_id(column: &'static str, field: &str) -> Result<u32, LineProblem> {
    let digit = |byte: u8| byte.is_ascii_digit().then_some(u32::from(byte & 15));
    let add = |id: u32, byte: u8| id.checked_mul(10)?.checked_add(digit(byte)?);
    let id = if field.is_empty() { None } else { field.bytes().try_fold(0, add) };
    id.ok_or_else(|| LineProblem::NotAnId { column, found: Excerpt::of(field) })
}

/// A line that is one JSON object; else the parser's words, escaped and cut short.
pub(crate) fn parse_object<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    // serde would also take a list, its entries in the order of the fields.
    if !text.trim_start().starts_with('{') {
        return Err(Excerpt::of(text).to_string());
    }
    serde_json::from_str(text).map_err(|error| {
        // The parser counts lines of the text it was given, which was one line of the file: its column alone is of use.
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        let cut = words.char_indices().nth(120).map_or(words.len(), |(at, _)| at);
        format!("{} (column {})", words[..cut].escape_debug(), error.column())
    })
}
