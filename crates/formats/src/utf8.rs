//! Text as UTF-8 with line ends that readers know, however it was written.
//!
//! UTF-16 is known by its byte order mark, or by the zeros that stand between Latin letters; what Excel calls Unicode text is that. Lines that end
//! in a carriage return alone are of an old Mac, or of Excel's "CSV (Macintosh)". All else stays as it is. **Memory:** what [`START`] says, and for
//! UTF-16 a few bytes for each that is asked for.

use std::io::{self, Read};

/// Bytes that are looked at first.
const START: usize = 1 << 16;

/// A text.
pub(crate) struct Utf8<R> {
    inner: R,
    /// What was looked at and not handed out yet.
    start: Option<io::Cursor<Vec<u8>>>,
    way: Way,
    /// UTF-8 that was made and not handed out yet.
    made: io::Cursor<Vec<u8>>,
    /// Bytes that wait for their second half.
    half: Vec<u8>,
    /// The first half of a pair of units.
    high: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Not looked at yet.
    Unknown,
    AsItIs,
    CarriageReturns,
    Utf16 {
        big: bool,
    },
}

impl<R: Read> Utf8<R> {
    pub(crate) fn new(inner: R) -> Self {
        let made = io::Cursor::default();
        Utf8 { inner, start: None, way: Way::Unknown, made, half: Vec::new(), high: None }
    }

    fn look(&mut self) -> io::Result<()> {
        let mut start = Vec::new();
        self.inner.by_ref().take(START as u64).read_to_end(&mut start)?;
        self.way = way(&start);
        self.start = Some(io::Cursor::new(start));
        Ok(())
    }

    /// Reads bytes as they were written.
    fn raw(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if let Some(start) = &mut self.start {
            let read = start.read(bytes)?;
            if read > 0 {
                return Ok(read);
            }
            self.start = None;
        }
        self.inner.read(bytes)
    }

    /// Makes UTF-8 of some UTF-16; nothing at the end.
    fn make(&mut self, big: bool) -> io::Result<()> {
        let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("UTF-16 that ends in {what}"));
        self.made = io::Cursor::default();
        let mut bytes = std::mem::take(&mut self.half);
        let waiting = bytes.len();
        bytes.resize(waiting + 4096, 0);
        let read = self.raw(&mut bytes[waiting..])?;
        bytes.truncate(waiting + read);
        if read == 0 {
            return match (waiting, self.high) {
                (0, None) => Ok(()),
                _ => Err(invalid("half of a letter")),
            };
        }
        let mut text = String::new();
        let mut units = bytes.chunks_exact(2);
        for unit in &mut units {
            let unit =
                if big { u16::from_be_bytes([unit[0], unit[1]]) } else { u16::from_le_bytes([unit[0], unit[1]]) };
            let pair: &[u16] = match self.high.take() {
                Some(high) => &[high, unit],
                None if (0xd800..0xdc00).contains(&unit) => {
                    self.high = Some(unit);
                    continue;
                }
                None => &[unit],
            };
            for letter in char::decode_utf16(pair.iter().copied()) {
                let found = |_| io::Error::new(io::ErrorKind::InvalidData, "UTF-16 with half of a pair of units");
                text.push(letter.map_err(found)?);
            }
        }
        self.half = units.remainder().to_vec();
        self.made = io::Cursor::new(text.into_bytes());
        Ok(())
    }
}

/// How a text that begins so was written.
fn way(start: &[u8]) -> Way {
    // The last byte may be the first half of a line end.
    let inner = start.get(..start.len().saturating_sub(usize::from(start.len() == START))).unwrap_or_default();
    let zeros = |odd: usize| {
        let letters = start.chunks_exact(2).take(32);
        start.len() >= 4
            && letters.map(|unit| (unit[odd], unit[1 - odd])).all(|(zero, letter)| zero == 0 && letter != 0)
    };
    match start {
        [0xff, 0xfe, ..] => Way::Utf16 { big: false },
        [0xfe, 0xff, ..] => Way::Utf16 { big: true },
        _ if zeros(1) => Way::Utf16 { big: false },
        _ if zeros(0) => Way::Utf16 { big: true },
        _ if inner.contains(&b'\r') && !inner.contains(&b'\n') => Way::CarriageReturns,
        _ => Way::AsItIs,
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.way == Way::Unknown {
            self.look()?;
        }
        match self.way {
            Way::Utf16 { big } => loop {
                let read = self.made.read(bytes)?;
                if read > 0 || bytes.is_empty() {
                    return Ok(read);
                }
                self.make(big)?;
                // Half of a letter makes nothing, and is not the end.
                if self.made.get_ref().is_empty() && self.half.is_empty() && self.high.is_none() {
                    return Ok(0);
                }
            },
            Way::CarriageReturns => {
                let read = self.raw(bytes)?;
                bytes[..read].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
                Ok(read)
            }
            Way::AsItIs | Way::Unknown => self.raw(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let some = self.1.min(bytes.len()).min(self.0.len());
            bytes[..some].copy_from_slice(&self.0[..some]);
            self.0 = &self.0[some..];
            Ok(some)
        }
    }

    fn read(bytes: &[u8], step: usize) -> io::Result<String> {
        let mut text = String::new();
        Utf8::new(Slow(bytes, step)).read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn utf_16_of_either_order_is_text() {
        let text = "user,item\r\nAnn,日本😀\r\n".repeat(5000);
        for step in [1, 3, 4095, 1 << 20] {
            for (order, mark) in [
                (u16::to_le_bytes as fn(u16) -> [u8; 2], true),
                (u16::to_be_bytes, true),
                (u16::to_le_bytes, false),
                (u16::to_be_bytes, false),
            ] {
                let marked = if mark { format!("\u{feff}{text}") } else { text.replace("日本😀", "x") };
                let bytes: Vec<u8> = marked.encode_utf16().flat_map(order).collect();
                assert!(read(&bytes, step).unwrap() == marked, "{step} {mark}");
                let cut = read(&bytes[..bytes.len() - 1], step).unwrap_err().to_string();
                assert!(cut.contains("half of a letter"), "{cut}");
            }
        }
        let lone: Vec<u8> = [0xfeffu16, 0xd83d, 0x41].into_iter().flat_map(u16::to_le_bytes).collect();
        assert!(read(&lone, 99).unwrap_err().to_string().contains("half of a pair"));
    }

    #[test]
    fn carriage_returns_end_lines_where_there_is_no_other_end() {
        assert_eq!(read(b"user,item\ra,1\rb,2", 3).unwrap(), "user,item\na,1\nb,2");
        for other in ["user,item\r\na,\"1\r2\"\r\n", "user,item\na\rb,1\n", "user", "", "\n"] {
            assert_eq!(read(other.as_bytes(), 3).unwrap(), other);
        }
        // A line end that the first look cuts in two.
        let cut = format!("{}\r\nrest\r\n", "x".repeat(START - 1));
        assert!(read(cut.as_bytes(), 1 << 20).unwrap() == cut);
    }
}
