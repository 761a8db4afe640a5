//! Delimited text, record by record, each with the line on which it begins.
//!
//! Lines are counted here and not by the CSV reader, whose positions lag behind at `\r\n` and at blank lines. Fields without quotes
//! are cut here too; a record with a quote goes through the `csv` crate.
//!
//! **A thread ahead.** Of a file of more than one [`Batch`] a thread of its own reads, unpacks and cuts what comes next while the caller works on
//! what is there: records come in their order, and an error after the records before it. **Memory.** Three batches, each of [`AT_ONCE`] bytes of
//! text and the record that goes beyond them.

use crate::ahead::Ahead;
use crate::error::{FormatError, Place, file_error, row_error};
use crate::open;
use anchorrec_files::lines::Lines;
use csv::StringRecord;
use std::io::BufRead;
use std::ops::Index;
use std::path::{Path, PathBuf};

/// Bytes of the longest record that is accepted.
const LONGEST: usize = 1 << 20;
/// Bytes of records that are cut together.
const AT_ONCE: usize = 1 << 18;
/// Records that are cut together, however short they are.
const RECORDS: usize = 1 << 14;

/// The fields of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    text: &'a str,
    places: &'a [(u32, u32)],
}

impl<'a> Fields<'a> {
    /// Returns how many fields the record has.
    pub(crate) fn len(self) -> usize {
        self.places.len()
    }

    /// The field at a place.
    pub(crate) fn get(self, place: usize) -> Option<&'a str> {
        let &(start, end) = self.places.get(place)?;
        Some(&self.text[start as usize..end as usize])
    }

    /// Iterates over all fields.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        self.places.iter().map(move |&(start, end)| &self.text[start as usize..end as usize])
    }
}

impl Index<usize> for Fields<'_> {
    type Output = str;

    fn index(&self, place: usize) -> &str {
        let (start, end) = self.places[place];
        &self.text[start as usize..end as usize]
    }
}

/// The records of one file.
pub(crate) struct Records {
    batch: Batch,
    /// How many records of the batch were handed out.
    taken: usize,
    rest: Rest,
    unclosed: Option<(usize, u64)>,
    spans: Option<(usize, u64)>,
    blank: Option<(usize, u64)>,
}

/// What comes after a batch.
enum Rest {
    /// The whole file after its header, of which nothing is cut yet.
    Here(Cutter),
    /// The file after its first batch, for callers who want no more than a look.
    Begun(Cutter),
    /// The batches that a thread cuts.
    There(Ahead<Batch>),
    /// The end of the file.
    Nothing,
}

/// Records that were cut.
#[derive(Default)]
struct Batch {
    /// Lines one behind the other, or what the `csv` crate made of them.
    text: String,
    /// Where fields begin and end.
    places: Vec<(u32, u32)>,
    /// The line of each record, and where its fields end in `places`.
    records: Vec<(u64, u32)>,
    /// Records of a TSV with a quote that does not close: how many, and the line of the first.
    unclosed: Option<(usize, u64)>,
    /// Records with a quoted field that runs over lines, the same.
    spans: Option<(usize, u64)>,
    /// Empty lines, the same.
    blank: Option<(usize, u64)>,
    /// Whether nothing comes after these records, or an error.
    end: Option<Result<(), FormatError>>,
}

impl Batch {
    /// The fields of a record.
    fn fields(&self, record: usize) -> Fields<'_> {
        let start = record.checked_sub(1).map_or(0, |before| self.records[before].1 as usize);
        Fields { text: &self.text, places: &self.places[start..self.records[record].1 as usize] }
    }
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
        let (cutter, batch) = Cutter::open(path, quotes, separator)?;
        let header = batch.fields(0).iter().map(str::to_owned).collect();
        let (unclosed, spans, taken) = (batch.unclosed, batch.spans, usize::from(has_header));
        Ok((Records { batch, taken, rest: Rest::Here(cutter), unclosed, spans, blank: None }, header))
    }

    /// How many records of a TSV have a quote that opens and does not close in its field, which is then a quote like any other letter; and
    /// the line of the first.
    pub(crate) fn unclosed(&self) -> Option<(usize, u64)> {
        self.unclosed
    }

    /// How many records have a quoted field that runs over lines, and the line on which the first begins.
    pub(crate) fn spans(&self) -> Option<(usize, u64)> {
        self.spans
    }

    /// How many lines after the header are empty and were passed over, and which is the first.
    pub(crate) fn blank(&self) -> Option<(usize, u64)> {
        self.blank
    }

    /// The next record that is not a blank line, and the line on which it begins.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Fields<'_>)>, FormatError> {
        while self.taken == self.batch.records.len() {
            if let Some(end) = self.batch.end.take() {
                self.rest = Rest::Nothing;
                end?;
            }
            let Some(batch) = self.rest.next() else { return Ok(None) };
            self.unclosed = sum(self.unclosed, batch.unclosed);
            self.spans = sum(self.spans, batch.spans);
            self.blank = sum(self.blank, batch.blank);
            (self.batch, self.taken) = (batch, 0);
        }
        self.taken += 1;
        Ok(Some((self.batch.records[self.taken - 1].0, self.batch.fields(self.taken - 1))))
    }
}

/// Counts with the line of the first.
fn sum(before: Option<(usize, u64)>, after: Option<(usize, u64)>) -> Option<(usize, u64)> {
    match (before, after) {
        (Some((count, line)), Some((more, _))) => Some((count + more, line)),
        (before, after) => before.or(after),
    }
}

impl Rest {
    /// The next records. What fits into one batch needs no thread.
    fn next(&mut self) -> Option<Batch> {
        match std::mem::replace(self, Rest::Nothing) {
            Rest::Nothing => None,
            Rest::Here(mut cutter) => {
                let batch = cutter.batch();
                *self = Rest::Begun(cutter);
                Some(batch)
            }
            Rest::Begun(mut cutter) => {
                let mut ended = false;
                let batches = std::iter::from_fn(move || {
                    let batch = (!ended).then(|| cutter.batch());
                    ended |= batch.as_ref().is_some_and(|batch| batch.end.is_some());
                    batch
                });
                *self = Rest::There(Ahead::of(batches));
                self.next()
            }
            Rest::There(mut ahead) => {
                let batch = ahead.next();
                *self = Rest::There(ahead);
                batch
            }
        }
    }
}

/// Cuts the lines of a file into records.
struct Cutter {
    path: PathBuf,
    lines: Lines<Box<dyn BufRead + Send>>,
    line: u64,
    /// What separates fields; not empty.
    separator: String,
    quotes: bool,
}

impl Cutter {
    /// Opens a file and cuts its first line that is not empty.
    fn open(path: &Path, quotes: bool, separator: Option<&str>) -> Result<(Self, Batch), FormatError> {
        let lines = Lines::new(open::text(path)?, LONGEST);
        let mut cutter = Cutter { path: path.to_owned(), lines, line: 0, separator: String::new(), quotes };
        let mut batch = Batch::default();
        loop {
            if !cutter.line(&mut batch.text)? {
                return Err(file_error(path, "a header that names the columns", "an empty file"));
            }
            if !batch.text.is_empty() {
                break;
            }
        }
        // The first line says what separates fields: the first of these that it has.
        let has = |separator: &&&str| batch.text.contains(**separator);
        let guessed = ["\t", ",", ";", "|", "::"].iter().find(has).unwrap_or(&",");
        cutter.separator = separator.unwrap_or(guessed).to_owned();
        cutter.complete(&mut batch, 0)?;
        Ok((cutter, batch))
    }

    /// Cuts the next records.
    fn batch(&mut self) -> Batch {
        let mut batch = Batch::default();
        while batch.text.len() < AT_ONCE && batch.records.len() < RECORDS && batch.end.is_none() {
            batch.end = self.record(&mut batch).map(|more| (!more).then_some(())).transpose();
        }
        batch
    }

    /// Appends the next record that is not a blank line; `false` at the end of the file.
    fn record(&mut self, batch: &mut Batch) -> Result<bool, FormatError> {
        let start = batch.text.len();
        loop {
            if !self.line(&mut batch.text)? {
                return Ok(false);
            }
            if batch.text.len() > start {
                break;
            }
            batch.blank = sum(batch.blank, Some((1, self.line)));
        }
        self.complete(batch, start)?;
        Ok(true)
    }

    /// Takes in the lines that an open quote still asks for, and cuts the fields of the record that begins at `start` in the text.
    fn complete(&mut self, batch: &mut Batch, start: usize) -> Result<(), FormatError> {
        let (line, delimiter) = (self.line, self.separator.as_bytes()[0]);
        let mut plain = !self.quotes || self.separator.len() > 1 || !batch.text[start..].contains('"');
        // A TSV has no quoting, unless every quote closes inside of its field.
        if !plain && delimiter == b'\t' && ends_inside_quotes(&batch.text[start..], delimiter) {
            batch.unclosed = sum(batch.unclosed, Some((1, line)));
            plain = true;
        }
        if plain {
            self.cut(batch, start);
        } else {
            self.unquote(batch, start)?;
        }
        batch.records.push((line, batch.places.len() as u32));
        Ok(())
    }

    /// Takes in the lines that an open quote still asks for, and leaves a record to the `csv` crate.
    fn unquote(&mut self, batch: &mut Batch, start: usize) -> Result<(), FormatError> {
        let (line, delimiter) = (self.line, self.separator.as_bytes()[0]);
        if ends_inside_quotes(&batch.text[start..], delimiter) {
            batch.spans = sum(batch.spans, Some((1, line)));
        }
        while ends_inside_quotes(&batch.text[start..], delimiter) {
            batch.text.push('\n');
            if !self.line(&mut batch.text)? || batch.text.len() - start > LONGEST {
                let found = "none before the end of the file, or within 1 MiB";
                return Err(row_error(&self.path, Place::Line(line), "a quote to be closed", found));
            }
        }
        let record = &batch.text[start..];
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(delimiter).buffer_capacity(record.len());
        let mut fields = StringRecord::new();
        match builder.from_reader(record.as_bytes()).read_record(&mut fields) {
            Ok(_) => {}
            Err(error) => return Err(row_error(&self.path, Place::Line(line), "a record", error.to_string())),
        }
        batch.text.truncate(start);
        for field in &fields {
            let start = batch.text.len() as u32;
            batch.text.push_str(field);
            batch.places.push((start, batch.text.len() as u32));
        }
        Ok(())
    }

    /// Cuts a record without quotes, which begins at `start`.
    fn cut(&self, batch: &mut Batch, start: usize) {
        let Batch { text, places, .. } = batch;
        let (record, base, length) = (&text[start..], start as u32, self.separator.len() as u32);
        let mut first = base;
        let mut ends = |end: usize| {
            let end = base + end as u32;
            places.push((first, end));
            first = end + length;
        };
        match self.separator.as_bytes() {
            [delimiter] => {
                record.bytes().enumerate().filter(|(_, byte)| byte == delimiter).for_each(|(at, _)| ends(at));
            }
            _ => record.match_indices(self.separator.as_str()).for_each(|(at, _)| ends(at)),
        }
        ends(record.len());
    }

    /// Appends the next line without its end; `false` at the end of the file.
    fn line(&mut self, text: &mut String) -> Result<bool, FormatError> {
        match self.lines.next() {
            Ok(Some((line, next))) => {
                self.line = line;
                text.push_str(next);
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
    fn records_of_a_long_file_come_in_order_and_its_fault_after_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        // Several batches by bytes and several by records; quotes, blank lines and a record of two lines in all of them.
        let row = |n: usize| match n % 7 {
            0 => format!("\n{n},\"a, \"\"b\"\"\n{n}\"\n"),
            1 => "\"\",\"\"\n".to_owned(),
            _ => format!("{n},{}\n", "x".repeat(n % 50)),
        };
        let rows = 60_000;
        let text: String = (0..rows).map(row).collect();
        fs::write(&path, format!("a,b\n{text}")).unwrap();
        let (mut records, _) = Records::open(&path, true).unwrap();
        let mut want_line = 2;
        for n in 0..rows {
            let (want, lines) = match n % 7 {
                0 => ([n.to_string(), format!("a, \"b\"\n{n}")], [1, 2]),
                1 => ([String::new(), String::new()], [0, 1]),
                _ => ([n.to_string(), "x".repeat(n % 50)], [0, 1]),
            };
            let (line, fields) = records.next().unwrap().unwrap();
            assert_eq!(
                (line, fields.iter().collect::<Vec<_>>()),
                (want_line + lines[0], want.iter().map(String::as_str).collect())
            );
            want_line += lines[0] + lines[1];
        }
        assert!(records.next().unwrap().is_none() && records.next().unwrap().is_none());
        assert_eq!((records.blank(), records.unclosed()), (Some((rows.div_ceil(7), 2)), None));
        // The last record is open.
        fs::write(&path, format!("a,b\n{text}1,\"")).unwrap();
        let (mut records, _) = Records::open(&path, true).unwrap();
        (0..rows).for_each(|_| assert!(records.next().unwrap().is_some()));
        let error = records.next().err().unwrap().to_string();
        assert!(error.contains(&format!("csv:{want_line}: expected a quote to be closed")), "{error}");
        assert!(records.next().unwrap().is_none(), "after a fault there is nothing");
    }

    #[test]
    fn the_header_says_what_separates_fields() {
        for delimiter in ["\t", ",", ";", "|"] {
            let text = format!("a{delimiter}b\n1{delimiter}2\n");
            assert_eq!(records(&text)[1], (2, vec!["1".to_owned(), "2".to_owned()]));
        }
    }
}
