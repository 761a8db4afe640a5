//! CSV, JSON lines and TREC runs.

use super::row::{Entry, Table};
use serde::Serialize;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};

struct Csv<'a> {
    file: csv::Writer<&'a mut dyn Write>,
    /// A number as text, in room that is used again.
    number: String,
}

/// Begins a CSV file.
pub(super) fn csv<'a>(out: &'a mut dyn Write) -> io::Result<Box<dyn Table + 'a>> {
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(out);
    writer.write_record(["user", "rank", "item", "title", "score"]).map_err(io::Error::from)?;
    Ok(Box::new(Csv { file: writer, number: String::new() }))
}

impl Table for Csv<'_> {
    fn add(&mut self, user: &str, list: &[Entry]) -> io::Result<()> {
        let Csv { file, number } = self;
        let mut digits = |file: &mut csv::Writer<_>, x: &dyn Display| {
            number.clear();
            write!(number, "{x}").expect("a text takes everything");
            file.write_field(&*number)
        };
        for (Entry { item, title, score }, rank) in list.iter().zip(1u32..) {
            file.write_field(user)?;
            digits(file, &rank)?;
            file.write_field(item)?;
            file.write_field(title.unwrap_or_default())?;
            digits(file, score)?;
            file.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.file.flush()
    }
}

struct JsonLines<'a>(&'a mut dyn Write);

#[derive(Serialize)]
struct Line<'a> {
    user: &'a str,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    item: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    score: f32,
}

/// Begins a file of JSON lines.
pub(super) fn json_lines<'a>(out: &'a mut dyn Write) -> Box<dyn Table + 'a> {
    Box::new(JsonLines(out))
}

impl Table for JsonLines<'_> {
    fn add(&mut self, user: &str, list: &[Entry]) -> io::Result<()> {
        let items = list.iter().map(|Entry { item, title, score }| Item { item, title: *title, score: *score });
        serde_json::to_writer(&mut *self.0, &Line { user, items: items.collect() })?;
        self.0.write_all(b"\n")
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}

struct Trec<'a>(&'a mut dyn Write);

/// Begins a TREC run.
pub(super) fn trec<'a>(out: &'a mut dyn Write) -> Box<dyn Table + 'a> {
    Box::new(Trec(out))
}

/// An id as a TREC file can hold it.
pub(super) fn trec_id(id: &str) -> io::Result<&str> {
    if id.is_empty() || id.contains(char::is_whitespace) {
        let problem =
            format!("the id {id:?} cannot stand in a TREC file, whose fields are separated by spaces: write CSV");
        return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
    }
    Ok(id)
}

impl Table for Trec<'_> {
    fn add(&mut self, user: &str, list: &[Entry]) -> io::Result<()> {
        let user = trec_id(user)?;
        for (Entry { item, score, .. }, rank) in list.iter().zip(1..) {
            writeln!(self.0, "{user} Q0 {} {rank} {score} anchorrec", trec_id(item)?)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use crate::table::{Entry, TableFormat, write};

    fn written(format: TableFormat, user: &str) -> std::io::Result<String> {
        let list =
            [Entry { item: "b", title: Some("A pot, red"), score: 0.1 }, Entry { item: "a", title: None, score: -2.0 }];
        let mut out = Vec::new();
        write(format, &mut out, |add| add(user, &list))?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_list_in_every_format() {
        assert_eq!(
            written(TableFormat::Csv, "u").unwrap(),
            "user,rank,item,title,score\nu,1,b,\"A pot, red\",0.1\nu,2,a,,-2\n"
        );
        assert_eq!(
            written(TableFormat::JsonLines, "u").unwrap(),
            "{\"user\":\"u\",\"items\":[{\"item\":\"b\",\"title\":\"A pot, red\",\"score\":0.1},{\"item\":\"a\",\"score\":-2.0}]}\n"
        );
        assert_eq!(written(TableFormat::Trec, "u").unwrap(), "u Q0 b 1 0.1 anchorrec\nu Q0 a 2 -2 anchorrec\n");
        assert!(written(TableFormat::Trec, "Ann B").unwrap_err().to_string().contains("write CSV"));
    }
}
