//! Text line by line, in bounded memory.
//!
//! A line ends with `\n` or `\r\n`, the last one also with the file. A UTF-8 byte order mark before the first line is
//! left out. A longer line than is allowed, or one that is not UTF-8, is an error.

use std::io::{self, BufRead, Read};

/// A line that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The system refused, or a compressed stream is broken.
    #[error("cannot read")]
    Io(#[from] io::Error),
    /// A line is longer than any honest one.
    #[error("line {line}: expected at most {limit} bytes, found more")]
    TooLong {
        /// Counted from 1.
        line: u64,
        /// Bytes, the line's end included.
        limit: usize,
    },
    /// A line is not text.
    #[error("line {line}: expected UTF-8, found another byte at position {byte}")]
    NotUtf8 {
        /// Counted from 1.
        line: u64,
        /// Position in the line, counted from 1.
        byte: usize,
    },
}

/// The lines of a reader.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    longest: usize,
    line: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads lines of at most `longest` bytes, their ends included.
    pub fn new(reader: R, longest: usize) -> Self {
        Lines { reader, longest, line: 0, buffer: Vec::new() }
    }

    /// Returns the next line without its end, and its number from 1.
    ///
    /// # Errors
    /// When it cannot be read, is too long, or is not UTF-8.
    #[expect(clippy::should_implement_trait, reason = "a line is lent, which an iterator cannot do")]
    pub fn next(&mut self) -> Result<Option<(u64, &str)>, LineError> {
        let line = self.line + 1;
        let Some(bytes) = self.next_bytes()? else { return Ok(None) };
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some((line, text))),
            Err(e) => Err(LineError::NotUtf8 { line, byte: e.valid_up_to() + 1 }),
        }
    }

    /// Returns the bytes of the next line without its end.
    ///
    /// # Errors
    /// When it cannot be read or is too long.
    pub fn next_bytes(&mut self) -> Result<Option<&[u8]>, LineError> {
        self.buffer.clear();
        self.line += 1;
        if !self.fill()? {
            return Ok(None);
        }
        let text = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        Ok(Some(if self.line == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text }))
    }

    /// Reads up to and with the next `\n`; `false` at the end.
    fn fill(&mut self) -> Result<bool, LineError> {
        // One byte more than may be tells a line that is too long from one that is not.
        let read = self.reader.by_ref().take(self.longest as u64 + 1).read_until(b'\n', &mut self.buffer)?;
        if read > self.longest {
            return Err(LineError::TooLong { line: self.line, limit: self.longest });
        }
        Ok(read > 0)
    }

    /// Returns the reader behind the lines, which is after the last line that was returned.
    pub fn reader(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Returns the reader.
    pub fn into_reader(self) -> R {
        self.reader
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Read};

    fn all(text: &[u8], capacity: usize) -> Result<Vec<String>, String> {
        let mut lines = Lines::new(BufReader::with_capacity(capacity, text), 100);
        let mut all = Vec::new();
        while let Some((number, line)) = lines.next().map_err(|e| e.to_string())? {
            all.push(line.to_owned());
            assert_eq!(number, all.len() as u64);
        }
        Ok(all)
    }

    #[test]
    fn ends_of_either_kind_and_a_byte_order_mark_are_no_part_of_a_line() {
        for capacity in [1, 3, 100] {
            let want = ["one", "two", "", " four\r "];
            assert_eq!(all(b"\xef\xbb\xbfone\r\ntwo\n\n four\r ", capacity).unwrap(), want);
            assert_eq!(all(b"", capacity).unwrap(), [""; 0]);
            assert_eq!(all(b"\n", capacity).unwrap(), [""]);
        }
    }

    #[test]
    fn a_line_is_bounded_and_text() {
        let reader = BufReader::new(io::repeat(b'x').take(1 << 20));
        let message = Lines::new(reader, 10).next().unwrap_err().to_string();
        assert_eq!(message, "line 1: expected at most 10 bytes, found more");
        assert_eq!(all(b"a\nb\xff\n", 9).unwrap_err(), "line 2: expected UTF-8, found another byte at position 2");
    }
}
