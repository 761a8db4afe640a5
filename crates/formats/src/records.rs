//! Delimited text, record by record, each with the line on which it begins.
//!
//! Lines are counted here and not by the CSV reader, whose positions lag behind at `\r\n` and at blank lines. Fields without quotes
//! are cut here too; a record with a quote goes through the `csv` crate.

use crate::error::{FormatError, Place, file_error, row_error};
use crate::open;
use anchorrec_files::lines::Lines;
use csv::StringRecord;
use std::io::BufRead;
use std::ops::Index;
use std::path::{Path, PathBuf};

/// Bytes of the longest record that is accepted.
const LONGEST: usize = 1 << 20;

/// The fields of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    text: &'a str,
    places: &'a [(usize, usize)],
}

impl<'a> Fields<'a> {
    /// Returns how many fields the record has.
    pub(crate) fn len(self) -> usize {
        self.places.len()
    }

    /// The field at a place.
    pub(crate) fn get(self, place: usize) -> Option<&'a str> {
        let &(start, end) = self.places.get(place)?;
        Some(&self.text[start..end])
    }

    /// Iterates over all fields.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        self.places.iter().map(move |&(start, end)| &self.text[start..end])
    }
}

impl Index<usize> for Fields<'_> {
    type Output = str;

    fn index(&self, place: usize) -> &str {
        let (start, end) = self.places[place];
        &self.text[start..end]
    }
}

/// The records of one file.
pub(crate) struct Records {
    path: PathBuf,
    lines: Lines<Box<dyn BufRead + Send>>,
    line: u64,
    /// The current record: its line, or what the `csv` crate made of it.
    text: String,
    /// Where its fields begin and end.
    places: Vec<(usize, usize)>,
    /// What separates fields; not empty.
    separator: String,
    quotes: bool,
    /// Whether the current record comes again.
    again: bool,
    unclosed: Option<(usize, u64)>,
    blank: Option<(usize, u64)>,
}

impl Records {
    /// Opens a file and reads its header.
    pub(crate) fn open(path: &Path, quotes: bool) -> Result<(Self, Vec<String>), FormatError> {
        Records::open_as(path, quotes, None, true)
    }

    /// Opens a file whose fields are separated by what was said, else by what its first line has, and reads that line: the header, or
    /// the first record, which then comes again.
    pub(crate) fn open_as(
        path: &Path,
        quotes: bool,
        separator: Option<&str>,
        has_header: bool,
    ) -> Result<(Self, Vec<String>), FormatError> {
        let mut records = Records {
            path: path.to_owned(),
            lines: Lines::new(open::text(path)?, LONGEST),
            line: 0,
            text: String::new(),
            places: Vec::new(),
            separator: String::new(),
            quotes,
            again: !has_header,
            unclosed: None,
            blank: None,
        };
        loop {
            if !records.line()? {
                return Err(file_error(path, "a header that names the columns", "an empty file"));
            }
            if !records.text.is_empty() {
                break;
            }
        }
        // The first line says what separates fields: the first of these that it has.
        let has = |separator: &&&str| records.text.contains(**separator);
        let guessed = ["\t", ",", ";", "|", "::"].iter().find(has).unwrap_or(&",");
        records.separator = separator.unwrap_or(guessed).to_owned();
        records.complete(records.line)?;
        let header = records.fields().iter().map(str::to_owned).collect();
        Ok((records, header))
    }

    /// How many records of a TSV have a quote that opens and does not close in its field, which is then a quote like any other letter; and
    /// the line of the first.
    pub(crate) fn unclosed(&self) -> Option<(usize, u64)> {
        self.unclosed
    }

    /// How many lines after the header are empty and were passed over, and which is the first.
    pub(crate) fn blank(&self) -> Option<(usize, u64)> {
        self.blank
    }

    /// The next record that is not a blank line, and the line on which it begins.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Fields<'_>)>, FormatError> {
        if std::mem::take(&mut self.again) {
            return Ok(Some((self.line, self.fields())));
        }
        loop {
            self.text.clear();
            if !self.line()? {
                return Ok(None);
            }
            if !self.text.is_empty() {
                break;
            }
            let (count, first) = self.blank.unwrap_or((0, self.line));
            self.blank = Some((count + 1, first));
        }
        let line = self.line;
        self.complete(line)?;
        Ok(Some((line, self.fields())))
    }

    fn fields(&self) -> Fields<'_> {
        Fields { text: &self.text, places: &self.places }
    }

    /// Takes in the lines that an open quote still asks for, and cuts the fields.
    fn complete(&mut self, line: u64) -> Result<(), FormatError> {
        let delimiter = self.separator.as_bytes()[0];
        let mut plain = !self.quotes || self.separator.len() > 1 || !self.text.contains('"');
        // A TSV has no quoting, unless every quote closes inside of its field.
        if !plain && delimiter == b'\t' && ends_inside_quotes(&self.text, delimiter) {
            let (count, first) = self.unclosed.unwrap_or((0, line));
            self.unclosed = Some((count + 1, first));
            plain = true;
        }
        if plain {
            self.cut(delimiter);
            return Ok(());
        }
        while ends_inside_quotes(&self.text, delimiter) {
            self.text.push('\n');
            if !self.line()? || self.text.len() > LONGEST {
                let found = "none before the end of the file, or within 1 MiB";
                return Err(row_error(&self.path, Place::Line(line), "a quote to be closed", found));
            }
        }
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(delimiter).buffer_capacity(self.text.len());
        let mut fields = StringRecord::new();
        match builder.from_reader(self.text.as_bytes()).read_record(&mut fields) {
            Ok(_) => {}
            Err(error) => return Err(row_error(&self.path, Place::Line(line), "a record", error.to_string())),
        }
        self.text.clear();
        self.places.clear();
        for field in &fields {
            let start = self.text.len();
            self.text.push_str(field);
            self.places.push((start, self.text.len()));
        }
        Ok(())
    }

    /// Cuts a record without quotes; `delimiter` is the separator where that is one byte.
    fn cut(&mut self, delimiter: u8) {
        self.places.clear();
        let (mut start, length) = (0, self.separator.len());
        if length == 1 {
            for (at, &byte) in self.text.as_bytes().iter().enumerate() {
                if byte == delimiter {
                    self.places.push((start, at));
                    start = at + 1;
                }
            }
        } else {
            for (at, _) in self.text.match_indices(self.separator.as_str()) {
                self.places.push((start, at));
                start = at + length;
            }
        }
        self.places.push((start, self.text.len()));
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
            Err(error) => Err(FormatError::lines(&self.path, error)),
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
