//! Files of text, plain or packed.
//!
//! `.gz` (several members, too) and `.zst` (several frames) are unpacked as they are read, and UTF-16 and old line ends become [others](crate::utf8). **Bounds:** nothing is held but a buffer; a file that unpacks to
//! more than 64 MiB and 1,200 times its length is refused, which gzip cannot reach and honest text does not.

use crate::error::{FormatError, file_error, io_error};
use crate::utf8::Utf8;
use anchorrec_files::fingerprint;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

/// Bytes read or unpacked at once.
const BUFFER: usize = 1 << 18;
/// What a file may unpack to, whatever its length.
const ALWAYS: u64 = 64 << 20;
/// How many times its length a file may unpack to beyond that.
const TIMES: u64 = 1_200;

/// Opens a file of text.
pub(crate) fn text(path: &Path) -> Result<Box<dyn BufRead + Send>, FormatError> {
    let opened = fingerprint::open(path).map_err(io_error(path, "read"))?;
    let (file, length) = opened.ok_or_else(|| file_error(path, "a regular file", "something else"))?;
    let file = known(path, file)?;
    let packed: Box<dyn Read + Send> = match path.extension().and_then(|ending| ending.to_str()) {
        Some("gz") => Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, file))),
        #[cfg(feature = "parquet")]
        Some("zst") => Box::new(zstd::Decoder::new(file).map_err(io_error(path, "unpack"))?),
        #[cfg(not(feature = "parquet"))]
        Some("zst") => {
            let found = "zstd: build it with the feature `parquet`, which brings zstd along, or unpack the file";
            return Err(file_error(path, "a format that this program was built with", found));
        }
        _ => return Ok(Box::new(BufReader::with_capacity(BUFFER, Utf8::new(file)))),
    };
    let bounded = Bounded { packed, left: most(length) };
    Ok(Box::new(BufReader::with_capacity(BUFFER, Utf8::new(bounded))))
}

/// Checks that a file's first bytes are what its name says of them.
fn known(path: &Path, mut file: File) -> Result<File, FormatError> {
    let mut start = Vec::new();
    let read = file.by_ref().take(4).read_to_end(&mut start).and_then(|_| file.rewind());
    read.map_err(io_error(path, "read"))?;
    let begins = |magic: &[u8]| start.starts_with(magic);
    let bytes = match () {
        () if begins(b"\x1f\x8b") => Some(("gzip", "gz")),
        () if begins(b"\x28\xb5\x2f\xfd") => Some(("zstd", "zst")),
        () if begins(b"PAR1") => Some(("Parquet", "parquet")),
        () => None,
    };
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let is_packed = ["gz", "zst"].contains(&ending);
    match bytes {
        Some((_, known)) if known == ending => Ok(file),
        Some((kind, known)) => {
            let better =
                if is_packed || known == "parquet" { format!("{stem}.{known}") } else { format!("{name}.{known}") };
            let expected = if is_packed { format!("what .{ending} says") } else { "text".to_owned() };
            Err(file_error(path, expected, format!("the bytes of {kind}: call the file {better}")))
        }
        // An empty file is told by who reads it.
        None if is_packed && !start.is_empty() => {
            let found = format!("bytes that are not packed so: call the file {stem} if it is text, or fetch it again");
            Err(file_error(path, format!("what .{ending} says"), found))
        }
        None => Ok(file),
    }
}

/// Bytes that so many packed ones may unpack to.
pub(crate) fn most(packed: u64) -> u64 {
    ALWAYS.saturating_add(packed.saturating_mul(TIMES))
}

/// A reader that ends in an error where it gives too much.
struct Bounded<R> {
    packed: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.packed.read(bytes)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                return Err(io::Error::other("it unpacks to more than 1,200 times its length: is it the right file?"));
            }
        }
        Ok(read)
    }
}

/// A file's name without `.gz` or `.zst`.
pub(crate) fn unpacked(path: &Path) -> &Path {
    let packed = path.extension().is_some_and(|ending| ending == "gz" || ending == "zst");
    match path.file_stem() {
        Some(stem) if packed => Path::new(stem),
        _ => path,
    }
}

#[cfg(feature = "parquet")]
#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::fs;
    use std::io::Write;

    #[test]
    fn packed_text_reads_as_plain_text_does() {
        let dir = tempfile::tempdir().unwrap();
        let rows = "user,item\na,1\n".repeat(1000);
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(rows.as_bytes()).unwrap();
        let frames = |packed: &dyn Fn(&[u8]) -> Vec<u8>| {
            let (first, rest) = rows.as_bytes().split_at(rows.len() / 3);
            [packed(first), packed(rest)].concat()
        };
        let zst = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
        let member = |bytes: &[u8]| {
            let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
            gz.write_all(bytes).unwrap();
            gz.finish().unwrap()
        };
        let files = [
            ("a.csv", rows.clone().into_bytes()),
            ("a.csv.gz", gz.finish().unwrap()),
            ("a.csv.zst", zst(rows.as_bytes())),
            // As `cat` and parallel packers make them.
            ("b.csv.gz", frames(&member)),
            ("b.csv.zst", frames(&zst)),
        ];
        for (name, bytes) in files {
            let path = dir.path().join(name);
            fs::write(&path, &bytes).unwrap();
            let mut got = String::new();
            text(&path).unwrap().read_to_string(&mut got).unwrap();
            assert!(got == rows, "{name}");
            assert_eq!(unpacked(&path).extension().unwrap(), "csv");
            if name != "a.csv" {
                fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
                assert!(text(&path).unwrap().read_to_string(&mut got).is_err(), "{name} cut off");
            }
        }
    }

    #[test]
    fn what_unpacks_without_end_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv.zst");
        fs::write(&path, zstd::encode_all(io::repeat(b'\n').take(200 << 20), 1).unwrap()).unwrap();
        assert!(fs::metadata(&path).unwrap().len() < 100_000, "it would not be a bomb");
        let mut unpacked = 0;
        let mut reader = text(&path).unwrap();
        let error = loop {
            match reader.fill_buf() {
                Ok([]) => panic!("all {unpacked} bytes came"),
                Ok(piece) => {
                    let length = piece.len();
                    unpacked += length;
                    reader.consume(length);
                }
                Err(error) => break error.to_string(),
            }
        };
        assert!(error.contains("1,200 times") && unpacked < 200 << 20, "{error}");
    }
}
