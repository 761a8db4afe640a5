//! Raw files as the public ones are, written for tests.

use flate2::{Compression, write::GzEncoder};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// A compressed file.
pub fn packed(path: &Path) -> impl Write + use<> {
    BufWriter::new(GzEncoder::new(File::create(path).unwrap(), Compression::fast()))
}

/// A text as Python writes it.
pub fn python(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push(quote);
    out
}

/// A record of the image file; zeros behind the numbers that are given.
pub fn record(out: &mut impl Write, asin: &str, numbers: &[f32]) {
    out.write_all(asin.as_bytes()).unwrap();
    let zeros = std::iter::repeat_n(&0.0, 4096 - numbers.len());
    let bytes: Vec<u8> = numbers.iter().chain(zeros).flat_map(|x| x.to_le_bytes()).collect();
    out.write_all(&bytes).unwrap();
}
