//! CSV, JSON lines and TREC runs.
//!
//! Rows are put together here: by a writer of any table they took a fifth of the time of ranking all users. What is in a row between rank and score is
//! the item's alone and is written once ([`Pieces`]).

use super::json::{JsonItems, json};
use super::pieces::Pieces;
use super::row::Table;
use crate::names::Names;
use std::io::{self, Write};

/// A CSV of lists.
struct Csv<'a> {
    out: &'a mut dyn Write,
    /// Item and title with the commas around them.
    items: Pieces,
    /// The rows of a user.
    rows: Vec<u8>,
    /// The user's field.
    user: Vec<u8>,
    /// Ranks as text, from 1.
    ranks: Vec<String>,
}

/// Begins a CSV file.
pub(super) fn csv<'a>(out: &'a mut dyn Write, names: &Names) -> io::Result<Box<dyn Table + 'a>> {
    out.write_all(b"user,rank,item,title,score\n")?;
    let items = Pieces::new(names, |piece, id, title| {
        piece.push(b',');
        field(piece, id);
        piece.push(b',');
        field(piece, title.unwrap_or_default());
        piece.push(b',');
    });
    Ok(Box::new(Csv { out, items, rows: Vec::new(), user: Vec::new(), ranks: Vec::new() }))
}

/// Adds a field, in quotes where it needs them (RFC 4180).
fn field(row: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        row.extend_from_slice(text.as_bytes());
        return;
    }
    row.push(b'"');
    for (place, part) in text.split('"').enumerate() {
        row.extend_from_slice(if place > 0 { b"\"\"" } else { b"" });
        row.extend_from_slice(part.as_bytes());
    }
    row.push(b'"');
}

/// Adds a number with the fewest digits that are read back as it, and without an exponent.
fn number(row: &mut Vec<u8>, x: f32) {
    let mut digits = zmij::Buffer::new();
    let text = digits.format(x);
    if x.is_finite() && !text.contains('e') {
        row.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes());
    } else {
        row.extend_from_slice(x.to_string().as_bytes());
    }
}

impl Table for Csv<'_> {
    fn add(&mut self, user: &str, list: &[(u32, f32)]) -> io::Result<()> {
        let Csv { out, items, rows, user: name, ranks } = self;
        ranks.extend((ranks.len() + 1..=list.len()).map(|rank| rank.to_string()));
        name.clear();
        field(name, user);
        name.push(b',');
        rows.clear();
        for (&(item, score), rank) in list.iter().zip(ranks) {
            rows.extend_from_slice(name);
            rows.extend_from_slice(rank.as_bytes());
            rows.extend_from_slice(items.of(item));
            number(rows, score);
            rows.push(b'\n');
        }
        out.write_all(rows)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// JSON lines of lists.
struct JsonLines<'a> {
    out: &'a mut dyn Write,
    items: JsonItems,
    /// The line of a user.
    line: Vec<u8>,
}

/// Begins a file of JSON lines.
pub(super) fn json_lines<'a>(out: &'a mut dyn Write, names: &Names) -> Box<dyn Table + 'a> {
    Box::new(JsonLines { out, items: JsonItems::new(names), line: Vec::new() })
}

impl Table for JsonLines<'_> {
    fn add(&mut self, user: &str, list: &[(u32, f32)]) -> io::Result<()> {
        let JsonLines { out, items, line } = self;
        line.clear();
        line.extend_from_slice(b"{\"user\":");
        json(line, user);
        line.extend_from_slice(b",\"items\":");
        items.add(line, list);
        line.extend_from_slice(b"}\n");
        out.write_all(line)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// A TREC run.
struct Trec<'a> {
    out: &'a mut dyn Write,
    names: &'a Names,
    rows: Vec<u8>,
}

/// Begins a TREC run.
pub(super) fn trec<'a>(out: &'a mut dyn Write, names: &'a Names) -> Box<dyn Table + 'a> {
    Box::new(Trec { out, names, rows: Vec::new() })
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
    fn add(&mut self, user: &str, list: &[(u32, f32)]) -> io::Result<()> {
        let Trec { out, names, rows } = self;
        let user = trec_id(user)?;
        rows.clear();
        for (&(item, score), rank) in list.iter().zip(1..) {
            write!(rows, "{user} Q0 {} {rank} ", trec_id(names.id(item))?)?;
            number(rows, score);
            rows.extend_from_slice(b" anchorrec\n");
        }
        out.write_all(rows)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::number;
    use crate::names::Names;
    use crate::table::{TableFormat, write};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn written(format: TableFormat, user: &str) -> std::io::Result<String> {
        let names = Names::made_up(&[("a", None), ("b", Some("A pot, red"))]);
        let mut out = Vec::new();
        write(format, &mut out, &names, |add| add(user, &[(1, 0.1), (0, -2.0)]))?;
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

    #[test]
    fn a_table_is_read_back_whatever_stands_in_it() {
        let names = ["plain", "", " ", "a,b", "\"", "say \"no\", twice", "two\nlines", "\r", "é;\t'", "#x"];
        for (place, &user) in names.iter().enumerate() {
            let item = names[(place + 3) % names.len()];
            let items: Vec<_> = names.iter().map(|&title| (item, Some(title))).collect();
            let list: Vec<(u32, f32)> = (0..names.len() as u32).map(|item| (item, place as f32)).collect();
            let mut out = Vec::new();
            write(TableFormat::Csv, &mut out, &Names::made_up(&items), |add| add(user, &list)).unwrap();
            let rows: Vec<csv::StringRecord> =
                csv::Reader::from_reader(&out[..]).records().map(Result::unwrap).collect();
            assert_eq!(rows.len(), names.len());
            for ((row, title), rank) in rows.iter().zip(names).zip(1..) {
                let want = [user, item, title].map(str::to_owned);
                let want = [&want[0], &rank.to_string(), &want[1], &want[2], &place.to_string()];
                assert!(row.iter().eq(want), "{row:?}, {want:?}");
            }
            // The same names as JSON.
            let mut out = Vec::new();
            write(TableFormat::JsonLines, &mut out, &Names::made_up(&items), |add| add(user, &list)).unwrap();
            let line: serde_json::Value = serde_json::from_slice(&out).unwrap();
            assert_eq!(line["user"], user);
            for (entry, title) in line["items"].as_array().unwrap().iter().zip(names) {
                assert_eq!(*entry, serde_json::json!({ "item": item, "title": title, "score": place as f32 }));
            }
        }
    }

    #[test]
    fn numbers_are_read_back_exactly_and_no_longer_than_they_must_be() {
        let written = |x: f32| {
            let mut row = Vec::new();
            number(&mut row, x);
            String::from_utf8(row).unwrap()
        };
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let special =
            [0.0, -0.0, 1.0, -3.0, 1e7, 1.5e20, f32::MIN_POSITIVE, f32::MAX, 1e-5, 9.9e-6, f32::INFINITY, f32::NAN];
        let drawn: Vec<f32> = (0..100_000).map(|_| f32::from_bits(rng.random())).collect();
        let usual = (0..100_000).map(|_| rng.random_range(-5.0..5.0));
        for x in special.into_iter().chain(drawn).chain(usual) {
            let (ours, plain) = (written(x), x.to_string());
            // Between two that are equally near, as .2 and .3 of 2281086.25, the language may take the other.
            assert_eq!(ours.len(), plain.len(), "{ours}, {plain}");
            assert!(x.is_nan() || ours.parse::<f32>().unwrap().to_bits() == x.to_bits(), "{ours}, {plain}");
            assert!(!ours.contains('e') && (x.is_finite() || ours == plain), "{ours}, {plain}");
        }
    }
}
