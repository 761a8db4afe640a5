//! The header of a `.npy` file, read by hand.
//!
//! `\x93NUMPY`, two version bytes, the length of the text (2 bytes little endian in version 1, else 4), then a Python
//! dictionary: `{'descr': '<f4', 'fortran_order': False, 'shape': (7, 3), }` and padding.
//!
//! Why not a library: the one at hand allocates by the length field and parses any Python literal recursively, so a few
//! kilobytes of `(` end the process. Here there is no recursion, the length is compared with the file first, and
//! nothing but that dictionary is accepted.
//! Source: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use crate::error::{Excerpt, NpyProblem};
use std::io::{self, Read};

/// The longest text that is accepted; numpy itself stops at 10,000 bytes.
const LONGEST: u64 = 1 << 16;

/// Characters of the longest text in an array of texts.
const LONGEST_TEXT: usize = 1 << 20;

/// As many as numpy has: a longer list would be told in a message as long as itself.
const MOST_DIMENSIONS: usize = 64;

/// The number types that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Float {
    F16,
    F32,
    F64,
}

impl Float {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Float::F16 => 2,
            Float::F32 => 4,
            Float::F64 => 8,
        }
    }
}

/// What an element may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// Floating point.
    Float(Float),
    /// A whole number of so many bytes.
    Whole { signed: bool, bytes: usize },
    /// So many characters of four bytes each, or bytes, filled up with zeros.
    Text { wide: bool, length: usize },
    /// Anything else, as it is written.
    Other(String),
}

impl Element {
    /// Bytes of one; 0 of what is not read.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Element::Float(float) => float.bytes(),
            Element::Whole { bytes, .. } => *bytes,
            Element::Text { wide, length } => length.saturating_mul(if *wide { 4 } else { 1 }),
            Element::Other(_) => 0,
        }
    }
}

/// What the header of any array says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) element: Element,
    /// The dtype as it is written.
    pub(super) dtype: String,
    pub(super) big_endian: bool,
    pub(super) fortran: bool,
    pub(super) shape: Vec<u64>,
}

/// What the header of a matrix of floating point says, checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) float: Float,
    pub(crate) big_endian: bool,
    pub(crate) fortran: bool,
    pub(crate) rows: u64,
    pub(crate) cols: u64,
}

/// Bytes before the data, to be hashed, and what they say.
pub(crate) fn read(reader: &mut impl Read, file_bytes: u64) -> io::Result<(Vec<u8>, Result<Header, NpyProblem>)> {
    let (raw, said) = read_any(reader, file_bytes)?;
    Ok((raw, said.and_then(matrix)))
}

/// Reads the bytes before the data of an array of any kind and shape, and what they say.
pub(super) fn read_any(reader: &mut impl Read, file_bytes: u64) -> io::Result<(Vec<u8>, Result<Said, NpyProblem>)> {
    let mut raw = Vec::new();
    let said = read_checked(reader, file_bytes, &mut raw)?;
    Ok((raw, said))
}

fn read_checked(reader: &mut impl Read, file_bytes: u64, raw: &mut Vec<u8>) -> io::Result<Result<Said, NpyProblem>> {
    // `take` reads what is there and no more: a short file is seen below, not as an I/O error.
    reader.take(8).read_to_end(raw)?;
    if raw.len() < 8 || !raw.starts_with(b"\x93NUMPY") {
        return Ok(Err(NpyProblem::Magic { found: Excerpt::of_bytes(raw) }));
    }
    let (major, minor) = (raw[6], raw[7]);
    let length_bytes = match (major, minor) {
        (1, 0) => 2,
        (2 | 3, 0) => 4,
        _ => return Ok(Err(NpyProblem::Version { major, minor })),
    };
    reader.take(length_bytes).read_to_end(raw)?;
    let promised = raw[8..].iter().rev().fold(0, |length, &byte| length << 8 | u64::from(byte));
    let limit = file_bytes.saturating_sub(8 + length_bytes).min(LONGEST);
    if raw.len() as u64 != 8 + length_bytes || promised > limit {
        return Ok(Err(NpyProblem::HeaderLength { promised, limit }));
    }
    let start = raw.len();
    reader.take(promised).read_to_end(raw)?;
    Ok(match std::str::from_utf8(&raw[start..]) {
        Ok(text) => parse(text),
        Err(_) => Err(NpyProblem::Header { expected: "text", found: Excerpt::of_bytes(&raw[start..]) }),
    })
}

/// The header of a matrix, not empty.
fn matrix(said: Said) -> Result<Header, NpyProblem> {
    let Said { element, dtype, big_endian, fortran, shape } = said;
    let Element::Float(float) = element else { return Err(NpyProblem::Dtype { found: Excerpt::of(&dtype) }) };
    match shape[..] {
        [rows, cols] if rows > 0 && cols > 0 => Ok(Header { float, big_endian, fortran, rows, cols }),
        _ => Err(NpyProblem::Shape { found: shape }),
    }
}

/// Reads the dictionary.
fn parse(text: &str) -> Result<Said, NpyProblem> {
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    let mut rest = Rest(text);
    rest.expect('{', "a dictionary")?;
    while !rest.skip('}') {
        let key = rest.string("a key in quotes")?;
        rest.expect(':', "a colon after the key")?;
        let repeated = match key {
            "descr" => descr.replace(rest.descr()?).is_some(),
            "fortran_order" => fortran.replace(rest.boolean()?).is_some(),
            "shape" => shape.replace(rest.shape()?).is_some(),
            _ => {
                let expected = "the keys descr, fortran_order and shape alone";
                return Err(NpyProblem::Header { expected, found: Excerpt::of(key) });
            }
        };
        if repeated {
            return Err(NpyProblem::Header { expected: "each key once", found: Excerpt::of(key) });
        }
        if !rest.skip(',') {
            rest.expect('}', "a comma or the end of the dictionary")?;
            break;
        }
    }
    if !rest.0.trim().is_empty() {
        return Err(rest.problem("nothing after the dictionary"));
    }
    let (Some((element, dtype)), Some(fortran), Some(shape)) = (descr, fortran, shape) else {
        let expected = "the keys descr, fortran_order and shape";
        return Err(NpyProblem::Header { expected, found: Excerpt::of(text) });
    };
    let big_endian = dtype.starts_with('>');
    Ok(Said { element, dtype, big_endian, fortran, shape })
}

/// What is not read yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn problem(&self, expected: &'static str) -> NpyProblem {
        NpyProblem::Header { expected, found: Excerpt::of(self.0) }
    }

    fn skip(&mut self, token: char) -> bool {
        self.0 = self.0.trim_start();
        match self.0.strip_prefix(token) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: char, expected: &'static str) -> Result<(), NpyProblem> {
        if self.skip(token) { Ok(()) } else { Err(self.problem(expected)) }
    }

    fn string(&mut self, expected: &'static str) -> Result<&'a str, NpyProblem> {
        self.0 = self.0.trim_start();
        let quote = self.0.chars().next().filter(|c| matches!(c, '\'' | '"')).ok_or_else(|| self.problem(expected))?;
        let (text, rest) = self.0[1..].split_once(quote).ok_or_else(|| self.problem(expected))?;
        self.0 = rest;
        Ok(text)
    }

    fn boolean(&mut self) -> Result<bool, NpyProblem> {
        self.0 = self.0.trim_start();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.0.strip_prefix(word) {
                self.0 = rest;
                return Ok(value);
            }
        }
        Err(self.problem("True or False for fortran_order"))
    }

    /// The order of bytes, the kind, the size; and the text of all three.
    fn descr(&mut self) -> Result<(Element, String), NpyProblem> {
        let here = self.0.trim_start();
        if here.starts_with('[') {
            // A structured type. Whether it holds objects decides which of two refusals is the helpful one.
            let pickled = ["'|O'", "\"|O\"", "'O'", "\"O\""].iter().any(|object| here.contains(object));
            return Err(if pickled { NpyProblem::Pickled } else { NpyProblem::Dtype { found: Excerpt::of(here) } });
        }
        let text = self.string("a dtype in quotes for descr")?;
        let plain = text.trim_start_matches(['|', '<', '>', '=']);
        let (kind, size) = plain.split_at(plain.chars().next().map_or(0, char::len_utf8));
        let size = size.parse::<usize>().ok().filter(|size| *size <= LONGEST_TEXT);
        let element = match (kind, size) {
            ("O", _) => return Err(NpyProblem::Pickled),
            ("f", Some(2)) if plain.len() < text.len() => Element::Float(Float::F16),
            ("f", Some(4)) if plain.len() < text.len() => Element::Float(Float::F32),
            ("f", Some(8)) if plain.len() < text.len() => Element::Float(Float::F64),
            ("i" | "u", Some(bytes @ (1 | 2 | 4 | 8))) => Element::Whole { signed: kind == "i", bytes },
            ("U", Some(length)) => Element::Text { wide: true, length },
            ("S", Some(length)) => Element::Text { wide: false, length },
            _ => Element::Other(text.to_owned()),
        };
        Ok((element, text.to_owned()))
    }

    /// `()`, `(7,)`, `(7, 3)`, and `(7L, 3L)` as Python 2 wrote it.
    fn shape(&mut self) -> Result<Vec<u64>, NpyProblem> {
        let expected = "a tuple of whole numbers below 2^64 for shape";
        self.expect('(', expected)?;
        let mut shape = Vec::new();
        while !self.skip(')') {
            if shape.len() == MOST_DIMENSIONS {
                return Err(self.problem("a shape of at most 64 dimensions"));
            }
            self.0 = self.0.trim_start();
            let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
            shape.push(self.0[..end].parse().map_err(|_| self.problem(expected))?);
            self.0 = &self.0[end..];
            self.skip('L');
            if !self.skip(',') {
                self.expect(')', expected)?;
                break;
            }
        }
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_the_same_header() {
        let want = Header { float: Float::F32, big_endian: false, fortran: false, rows: 7, cols: 3 };
        let spellings = [
            "{'descr': '<f4', 'fortran_order': False, 'shape': (7, 3), }        \n",
            "{'shape':(7,3),'fortran_order':False,'descr':'<f4'}",
            "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (7L, 3L,)}\n",
        ];
        for text in spellings {
            assert_eq!(parse(text).and_then(matrix).unwrap(), want, "{text}");
        }
    }

    #[test]
    fn what_is_refused_and_how() {
        let rest = "'fortran_order': False, 'shape': (7, 3)}";
        let table = [
            ("".to_owned(), "a dictionary"),
            ("(".repeat(60_000), "a dictionary"),
            (format!("{{'descr': {}", "(".repeat(60_000)), "a dtype in quotes"),
            (format!("{{'descr': '<f4', 'descr': '<f4', {rest}"), "each key once"),
            (format!("{{'descr': '<f4', 'more': 1, {rest}"), "alone"),
            (format!("{{'descr': '|O', {rest}"), "pickled objects are never read"),
            (format!("{{'descr': 'O', {rest}"), "pickled objects are never read"),
            (format!("{{'descr': [('a', '<f4'), ('b', '|O')], {rest}"), "pickled objects are never read"),
            (format!("{{'descr': [('a', '<f4')], {rest}"), "dtype \"[('a', '<f4')]"),
            (format!("{{'descr': '<i8', {rest}"), "dtype \"<i8\""),
            (format!("{{'descr': '<c8', {rest}"), "dtype \"<c8\""),
            (format!("{{'descr': '<f16', {rest}"), "dtype \"<f16\""),
            ("{'descr': '<f4', 'fortran_order': 0, 'shape': (7, 3)}".to_owned(), "True or False"),
            ("{'descr': '<f4', 'fortran_order': False}".to_owned(), "the keys"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (-7, 3)}".to_owned(), "whole numbers"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (7,)}".to_owned(), "found (7)"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': ()}".to_owned(), "found ()"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (7, 0)}".to_owned(), "found (7, 0)"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551616, 1)}".to_owned(), "2^64"),
            (format!("{{'descr': '<f4', {rest} + 1"), "nothing after"),
            (format!("{{'shape': ({}", "1,".repeat(30_000)), "at most 64 dimensions"),
        ];
        for (text, want) in table {
            let problem = parse(&text).and_then(matrix).unwrap_err().to_string();
            assert!(problem.contains(want) && !problem.contains('\n'), "{:.60}: {problem}", text);
        }
    }
}
