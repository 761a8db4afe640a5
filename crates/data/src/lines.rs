//! Text files line by line, in bounded memory.
//!
//! A line ends with `\n` or `\r\n`, the last one also with the file. A UTF-8 byte order mark before the first line is
//! left out. A line of more than [`LONGEST`] bytes or one that is not UTF-8 is an error.

use crate::{
    DataError,
    error::{Excerpt, LineProblem},
    fingerprint::{self, Fingerprint, Input},
};
use serde::de::DeserializeOwned;
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

/// Bytes of the longest line that is accepted: no honest title or row comes near.
pub const LONGEST: usize = 1 << 20;

/// The lines of one file.
pub(crate) struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    line: u64,
    buffer: Vec<u8>,
    fingerprint: Fingerprint,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let (file, _) = fingerprint::open(path)?;
        let reader = BufReader::with_capacity(1 << 16, file);
        Ok(Lines { path: path.to_owned(), reader, line: 0, buffer: Vec::new(), fingerprint: Fingerprint::new() })
    }

    /// The next line without its end, and its number from 1.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, &str)>, DataError> {
        self.buffer.clear();
        self.line += 1;
        if !self.fill()? {
            return Ok(None);
        }
        let text = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = if self.line == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text };
        match std::str::from_utf8(text) {
            Ok(text) => Ok(Some((self.line, text))),
            Err(e) => Err(self.error(self.line, LineProblem::NotUtf8 { byte: e.valid_up_to() + 1 })),
        }
    }

    /// Reads up to and with the next `\n`; `false` at the end of the file.
    fn fill(&mut self) -> Result<bool, DataError> {
        loop {
            let io = |cause| DataError::Io { path: self.path.clone(), action: "read", cause };
            let available = self.reader.fill_buf().map_err(io)?;
            let end = available.iter().position(|&b| b == b'\n').map(|at| at + 1);
            let take = end.unwrap_or(available.len());
            if self.buffer.len() + take > LONGEST {
                return Err(self.error(self.line, LineProblem::TooLong { limit: LONGEST }));
            }
            self.buffer.extend_from_slice(&available[..take]);
            self.fingerprint.update(&available[..take]);
            self.reader.consume(take);
            if end.is_some() || take == 0 {
                return Ok(!self.buffer.is_empty());
            }
        }
    }

    pub(crate) fn error(&self, line: u64, problem: LineProblem) -> DataError {
        DataError::Line { path: self.path.clone(), line, problem }
    }

    /// What was read; to be asked for after the last line.
    pub(crate) fn finish(self) -> Input {
        self.fingerprint.finish(&self.path)
    }
}

/// An id as it is written: digits only, below 2³². `+1`, ` 1` and `1.0` are not ids.
pub(crate) fn parse_id(column: &'static str, field: &str) -> Result<u32, LineProblem> {
    let digits = !field.is_empty() && field.bytes().all(|b| b.is_ascii_digit());
    let id = if digits { field.parse().ok() } else { None };
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
