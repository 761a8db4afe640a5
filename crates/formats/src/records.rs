//! Delimited text, record by record, each with the line on which it begins.
//!
//! Lines are counted here and not by the CSV reader, whose positions lag behind at `\r\n` and at blank lines. Fields without quotes
//! are cut here too; a record with a quote goes through the `csv` crate.

use crate::error::{FormatError, Place, file_error, io_error, row_error};
use anchorrec_files::fingerprint;
use anchorrec_files::lines::{LineError, Lines};
use csv::StringRecord;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Bytes of the longest record that is accepted.
const LONGEST: usize = 1 << 20;

/// The records of one file.
pub(crate) struct Records {
    path: PathBuf,
    lines: Lines<BufReader<File>>,
    line: u64,
    text: String,
    fields: StringRecord,
    /// What separates fields.
    delimiter: u8,
    quotes: bool,
}

impl Records {
    /// Opens a file and reads its header.
    pub(crate) fn open(path: &Path, quotes: bool) -> Result<(Self, Vec<String>), FormatError> {
        let opened = fingerprint::open(path).map_err(io_error(path, "read"))?;
        let (file, _) = opened.ok_or_else(|| file_error(path, "a regular file", "something else"))?;
        let lines = Lines::new(BufReader::with_capacity(1 << 16, file), LONGEST);
        let (text, fields) = (String::new(), StringRecord::new());
        let mut records = Records { path: path.to_owned(), lines, line: 0, text, fields, delimiter: b',', quotes };
        loop {
            if !records.line()? {
                return Err(file_error(path, "a header that names the columns", "an empty file"));
            }
            if !records.text.is_empty() {
                break;
            }
        }
        // The header says what separates fields: the first of these that it has.
        let has = |delimiter: &&u8| records.text.as_bytes().contains(delimiter);
        records.delimiter = *b"\t,;|".iter().find(has).unwrap_or(&b',');
        records.complete(1)?;
        let header = records.fields.iter().map(str::to_owned).collect();
        Ok((records, header))
    }

    /// Opens a file of one field per line, without header or quotes: the first line comes back.
    pub(crate) fn open_plain(path: &Path) -> Result<(Self, String), FormatError> {
        let (mut records, _) = Records::open(path, false)?;
        // No line holds its own end: nothing is separated.
        records.delimiter = b'\n';
        let first = records.text.clone();
        Ok((records, first))
    }

    /// The next record that is not a blank line, and the line on which it begins.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, &StringRecord)>, FormatError> {
        loop {
            self.text.clear();
            if !self.line()? {
                return Ok(None);
            }
            if !self.text.is_empty() {
                break;
            }
        }
        let line = self.line;
        self.complete(line)?;
        Ok(Some((line, &self.fields)))
    }

    /// Takes in the lines that an open quote still asks for, and cuts the fields.
    fn complete(&mut self, line: u64) -> Result<(), FormatError> {
        self.fields.clear();
        if !self.quotes || !self.text.contains('"') {
            self.text.split(self.delimiter as char).for_each(|field| self.fields.push_field(field));
            return Ok(());
        }
        while ends_inside_quotes(&self.text, self.delimiter) {
            self.text.push('\n');
            if !self.line()? || self.text.len() > LONGEST {
                let found = "none before the end of the file, or within 1 MiB";
                return Err(row_error(&self.path, Place::Line(line), "a quote to be closed", found));
            }
        }
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(self.delimiter).buffer_capacity(self.text.len());
        let read = builder.from_reader(self.text.as_bytes()).read_record(&mut self.fields);
        match read {
            Ok(_) => Ok(()),
            Err(error) => Err(row_error(&self.path, Place::Line(line), "a record", error.to_string())),
        }
    }

    /// Appends the next line without its end; `false` at the end of the file.
    fn line(&mut self) -> Result<bool, FormatError> {
        match self.lines.next() {
            Ok(Some((line, text))) => {
                self.line = line;
                self.text.push_str(text);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(LineError::Io(cause)) => Err(io_error(&self.path, "read")(cause)),
            Err(LineError::TooLong { line, .. }) => {
                let found = "a longer one: is this a text file?";
                Err(row_error(&self.path, Place::Line(line), "a line of at most 1 MiB", found))
            }
            Err(LineError::NotUtf8 { line, byte }) => {
                let found = format!("another byte at position {byte} of the line");
                Err(row_error(&self.path, Place::Line(line), "UTF-8", found))
            }
        }
    }
}

/// Whether a quote that opened at the beginning of a field is still open at the end of the text.
fn ends_inside_quotes(text: &str, delimiter: u8) -> bool {
    #[derive(PartialEq)]
    enum At {
        Start,
        Bare,
        Quoted,
        /// After a quote within quotes: the end of the field, or half of a doubled quote.
        Closed,
    }
    let mut at = At::Start;
    for &byte in text.as_bytes() {
        at = match (at, byte) {
            (At::Start | At::Closed, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::Closed,
            (At::Quoted, _) => At::Quoted,
            (_, byte) if byte == delimiter => At::Start,
            _ => At::Bare,
        };
    }
    at == At::Quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn records(text: &str) -> Vec<(u64, Vec<String>)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        fs::write(&path, text).unwrap();
        let (mut records, header) = Records::open(&path, true).unwrap();
        let mut all = vec![(0, header)];
        while let Some((line, fields)) = records.next().unwrap() {
            all.push((line, fields.iter().map(str::to_owned).collect()));
        }
        all
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        let text = "\u{feff}\"a\",b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n\r\n2,5\" pipe\r\n3,end";
        let want = [(0, ["a", "b"]), (2, ["1", "x, \"y\"\nz"]), (5, ["2", "5\" pipe"]), (6, ["3", "end"])];
        let want: Vec<_> = want.into_iter().map(|(line, row)| (line, row.map(str::to_owned).to_vec())).collect();
        assert_eq!(records(text), want);
    }

    #[test]
    fn the_header_says_what_separates_fields() {
        for delimiter in ["\t", ",", ";", "|"] {
            let text = format!("a{delimiter}b\n1{delimiter}2\n");
            assert_eq!(records(&text)[1], (2, vec!["1".to_owned(), "2".to_owned()]));
        }
    }
}
