//! Values of a JSON file, one by one: each line, or each element of the one list that the file is.
//!
//! **Memory.** One value, of at most [`LONGEST`] bytes, whatever the length of the file or of its only line.

use crate::error::{FormatError, Place, file_error, io_error, row_error};
use crate::open;
use anchorrec_files::lines::{LineError, Lines};
use std::io::BufRead;
use std::path::{Path, PathBuf};

/// Bytes of the longest value: a review with all that the shop knows about it.
const LONGEST: usize = 16 << 20;

/// The values of a file.
pub(crate) struct Values {
    path: PathBuf,
    kind: Kind,
}

enum Kind {
    Lines(Lines<Box<dyn BufRead + Send>>),
    List(List<Box<dyn BufRead + Send>>),
}

impl Values {
    /// Opens a file: a list where it begins with one.
    pub(crate) fn open(path: &Path) -> Result<Self, FormatError> {
        let is_list = {
            let mut list = List::new(open::text(path)?);
            list.blanks().map_err(|error| list.wrong(path, error))? == Some(b'[')
        };
        let reader = open::text(path)?;
        let kind = if is_list { Kind::List(List::new(reader)) } else { Kind::Lines(Lines::new(reader, LONGEST)) };
        Ok(Values { path: path.to_owned(), kind })
    }

    /// Whether the file is a list.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }

    /// The next value, and the line on which it begins.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, &str)>, FormatError> {
        let path = &self.path;
        match &mut self.kind {
            Kind::Lines(lines) => lines.next().map_err(|error| FormatError::lines(path, error)),
            Kind::List(list) => match list.element() {
                Ok(true) => {
                    let line = list.begins;
                    let text = std::str::from_utf8(&list.text).map_err(|error| {
                        FormatError::lines(path, LineError::NotUtf8 { line, byte: error.valid_up_to() + 1 })
                    })?;
                    Ok(Some((line, text)))
                }
                Ok(false) => Ok(None),
                Err(error) => Err(list.wrong(path, error)),
            },
        }
    }
}

/// What keeps a list from being one.
enum Wrong {
    Io(std::io::Error),
    Other(&'static str, &'static str),
    TooLong,
}

/// The elements of a list; what is in them is their reader's business.
struct List<R> {
    reader: R,
    /// The line that is read.
    line: u64,
    /// The element, and the line on which it begins.
    text: Vec<u8>,
    begins: u64,
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Start,
    /// Behind the opening bracket.
    First,
    /// Behind an element.
    Later,
    End,
}

impl<R: BufRead> List<R> {
    fn new(reader: R) -> Self {
        List { reader, line: 1, text: Vec::new(), begins: 1, at: At::Start }
    }

    fn wrong(&self, path: &Path, wrong: Wrong) -> FormatError {
        match wrong {
            Wrong::Io(error) => io_error(path, "read")(error),
            Wrong::Other(expected, found) => row_error(path, Place::Line(self.line), expected, found),
            Wrong::TooLong => {
                let expected = format!("elements of at most {} MiB in a list of objects", LONGEST >> 20);
                file_error(path, expected, format!("a longer one, which begins on line {}", self.begins))
            }
        }
    }

    /// The next byte, which stays.
    fn peek(&mut self) -> Result<Option<u8>, Wrong> {
        Ok(self.reader.fill_buf().map_err(Wrong::Io)?.first().copied())
    }

    /// Passes over blanks and a byte order mark; the byte behind them, which stays.
    fn blanks(&mut self) -> Result<Option<u8>, Wrong> {
        while let Some(byte) = self.peek()? {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                0xef | 0xbb | 0xbf if self.at == At::Start => {}
                _ => return Ok(Some(byte)),
            }
            self.reader.consume(1);
        }
        Ok(None)
    }

    /// Reads the next element; `false` behind the last one.
    fn element(&mut self) -> Result<bool, Wrong> {
        if self.at == At::Start {
            self.blanks()?;
            self.reader.consume(1);
            self.at = At::First;
        }
        if self.at == At::End {
            return Ok(false);
        }
        let mut next = self.blanks()?;
        if next == Some(b']') {
            self.reader.consume(1);
            self.at = At::End;
            return match self.blanks()? {
                None => Ok(false),
                Some(_) => Err(Wrong::Other("nothing behind the list of objects", "more")),
            };
        }
        if self.at == At::Later {
            if next.is_some_and(|byte| byte != b',') {
                return Err(Wrong::Other("a comma between the objects of a list", "something else"));
            }
            self.reader.consume(usize::from(next.is_some()));
            next = self.blanks()?;
        }
        if next.is_none() {
            return Err(Wrong::Other("a ] at the end of the list of objects", "the end of the file"));
        }
        self.begins = self.line;
        self.at = At::Later;
        self.take()?;
        Ok(true)
    }

    /// Reads an element: up to the bracket that closes what it opens, or to what ends a text or a number.
    fn take(&mut self) -> Result<(), Wrong> {
        self.text.clear();
        let (mut depth, mut quoted, mut escaped) = (0u64, false, false);
        loop {
            let bytes = self.reader.fill_buf().map_err(Wrong::Io)?;
            if bytes.is_empty() {
                return Err(Wrong::Other("a ] at the end of the list of objects", "the end of the file within one"));
            }
            let mut end = None;
            for (at, &byte) in bytes.iter().enumerate() {
                self.line += u64::from(byte == b'\n');
                if quoted {
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' => escaped = true,
                        b'"' => quoted = false,
                        _ => {}
                    }
                    continue;
                }
                match byte {
                    b'"' => quoted = true,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' if depth > 1 => depth -= 1,
                    b'}' | b']' if depth == 1 => {
                        end = Some(at + 1);
                        break;
                    }
                    b',' | b']' | b'}' if depth == 0 => {
                        end = Some(at);
                        break;
                    }
                    _ => {}
                }
            }
            let some = end.unwrap_or(bytes.len());
            self.text.extend_from_slice(&bytes[..some]);
            self.reader.consume(some);
            if self.text.len() > LONGEST {
                return Err(Wrong::TooLong);
            }
            if end.is_some() {
                // A number or a word that nothing stands for, as in `[1 2}`, would otherwise be met again and again.
                return if self.text.is_empty() { Err(Wrong::Other("an object", "something else")) } else { Ok(()) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn elements(text: &str, buffer: usize) -> (Vec<(u64, String)>, String) {
        let mut list = List::new(BufReader::with_capacity(buffer, text.as_bytes()));
        let mut all = Vec::new();
        loop {
            match list.element() {
                Ok(true) => all.push((list.begins, String::from_utf8(list.text.clone()).unwrap())),
                Ok(false) => return (all, String::new()),
                Err(error) => return (all, list.wrong(Path::new("a"), error).to_string()),
            }
        }
    }

    #[test]
    fn elements_of_a_list_come_with_their_lines_however_they_are_laid_out() {
        let text = "\u{feff} [\n  {\"a\": \"}],[\\\"\"},\n{\n\"b\": [1, {}]},7 ,\"x,]\"\n,[ ]\n]\n\n";
        for buffer in [1, 7, 1000] {
            let (all, wrong) = elements(text, buffer);
            let want =
                [(2, "{\"a\": \"}],[\\\"\"}"), (3, "{\n\"b\": [1, {}]}"), (4, "7 "), (4, "\"x,]\"\n"), (5, "[ ]")];
            assert_eq!(all, want.map(|(line, text)| (line, text.to_owned())), "{wrong}");
            assert_eq!(wrong, "");
            assert_eq!(elements("[]", buffer), (vec![], String::new()));
        }
    }

    #[test]
    fn a_list_that_is_none_is_named_with_its_line() {
        for (text, count, want) in [
            ("[{}\n{}]", 1, "a:2: expected a comma between the objects of a list, found something else"),
            ("[{},\n", 1, "a:2: expected a ] at the end of the list of objects, found the end of the file"),
            (
                "[{\"a\": \"]\n",
                0,
                "a:2: expected a ] at the end of the list of objects, found the end of the file within one",
            ),
            ("[{}]\n[{}]", 1, "a:2: expected nothing behind the list of objects, found more"),
            ("[,]", 0, "a:1: expected an object, found something else"),
            ("[}", 0, "a:1: expected an object, found something else"),
            ("[", 0, "found the end of the file"),
        ] {
            let (all, wrong) = elements(text, 3);
            assert_eq!(all.len(), count, "{text}: {wrong}");
            assert!(wrong.contains(want), "{text}: {wrong}");
        }
        let long = format!("[{{\"a\": \"{}\"}}]", "x".repeat(LONGEST));
        assert!(elements(&long, 1 << 16).1.contains("a longer one, which begins on line 1"));
    }
}
