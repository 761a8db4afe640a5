//! A raw file, plain or compressed, and its lines.

use super::{Problem, RawError};
use anchorrec_files::lines::{LineError, Lines};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of the longest line that is accepted; the longest of the public metadata has a few hundred thousand.
pub const LONGEST_LINE: usize = 16 << 20;

/// Bytes that are read or unpacked at once.
const BUFFER: usize = 1 << 17;

/// An open raw file.
pub struct RawLines {
    path: PathBuf,
    lines: Lines<Box<dyn BufRead>>,
}

impl RawLines {
    /// Opens `dir/name`, or `dir/name.gz` where that is not there.
    ///
    /// # Errors
    /// [`RawError::Missing`] with `what` and `otherwise` when neither is there; [`RawError::Io`] when the system refuses.
    pub fn open(dir: &Path, name: &str, what: &'static str, otherwise: &'static str) -> Result<Self, RawError> {
        let plain = dir.join(name);
        let packed = dir.join(format!("{name}.gz"));
        for (path, is_packed) in [(&plain, false), (&packed, true)] {
            let file = match File::open(path) {
                Ok(file) => file,
                Err(source) if source.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(RawError::Io { path: path.clone(), source }),
            };
            let reader: Box<dyn BufRead> = if is_packed {
                // A file of several members, one after another, is one stream: so do parallel compressors write.
                let unpacked = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, file));
                Box::new(BufReader::with_capacity(BUFFER, unpacked))
            } else {
                Box::new(BufReader::with_capacity(BUFFER, file))
            };
            return Ok(RawLines::new(path, reader));
        }
        Err(RawError::Missing { path: plain, what, otherwise })
    }

    /// Reads from any reader; `path` is in errors.
    pub fn new(path: &Path, reader: Box<dyn BufRead>) -> Self {
        RawLines { path: path.to_owned(), lines: Lines::new(reader, LONGEST_LINE) }
    }

    /// Returns where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The next line without its end, and its number from 1.
    pub(crate) fn line(&mut self) -> Result<Option<(u64, &str)>, RawError> {
        let path = &self.path;
        self.lines.next().map_err(|error| {
            let (line, problem) = match error {
                LineError::Io(source) => return RawError::Io { path: path.clone(), source },
                LineError::TooLong { line, limit } => (line, Problem::TooLong { limit }),
                LineError::NotUtf8 { line, byte } => (line, Problem::NotUtf8 { byte }),
            };
            RawError::Line { path: path.clone(), line, problem }
        })
    }

    /// Fills a record; how many bytes there were, which are fewer at the end of the file.
    pub(crate) fn record(&mut self, record: &mut [u8]) -> Result<usize, RawError> {
        let mut filled = 0;
        while filled < record.len() {
            match self.lines.reader().read(&mut record[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(RawError::Io { path: self.path.clone(), source }),
            }
        }
        Ok(filled)
    }

    pub(crate) fn error(&self, line: u64, problem: Problem) -> RawError {
        RawError::Line { path: self.path.clone(), line, problem }
    }

    pub(crate) fn file_error(&self, problem: Problem) -> RawError {
        RawError::File { path: self.path.clone(), problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn lines(source: &mut RawLines) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        while let Some((_, line)) = source.line().map_err(|e| e.to_string())? {
            all.push(line.to_owned());
        }
        Ok(all)
    }

    #[test]
    fn plain_and_packed_files_read_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let open = || RawLines::open(dir.path(), "a.csv", "the ratings", ", or go home");
        let missing = open().err().unwrap().to_string();
        let path = dir.path().join("a.csv");
        assert_eq!(
            missing,
            format!(
                "{}: expected the ratings here or as a.csv.gz, found neither: put the published file there, or go home",
                path.display()
            )
        );
        // Two members, cut inside a line.
        let mut packed = Vec::new();
        for part in ["one\r\ntw", "o\n\nfour"] {
            let mut encoder = GzEncoder::new(&mut packed, Compression::fast());
            encoder.write_all(part.as_bytes()).unwrap();
            encoder.finish().unwrap();
        }
        std::fs::write(dir.path().join("a.csv.gz"), &packed).unwrap();
        let want = ["one", "two", "", "four"];
        assert_eq!(lines(&mut open().unwrap()).unwrap(), want);
        std::fs::write(dir.path().join("a.csv.gz"), &packed[..packed.len() - 9]).unwrap();
        let cut = lines(&mut open().unwrap()).unwrap_err();
        assert!(cut.contains("a.csv.gz: cannot read (") && !cut.contains('\n'), "{cut}");
        std::fs::write(&path, "one\r\ntwo\n\nfour").unwrap();
        assert_eq!(lines(&mut open().unwrap()).unwrap(), want, "the plain file comes first");
    }

    #[test]
    fn a_line_is_bounded_and_text() {
        let reader = io::repeat(b'x').take(LONGEST_LINE as u64 + 1);
        let mut long = RawLines::new(Path::new("f"), Box::new(BufReader::new(reader)));
        assert_eq!(
            lines(&mut long).unwrap_err(),
            "f:1: expected a line of at most 16777216 bytes, found a longer one: is it the right file?"
        );
        let mut bytes = RawLines::new(Path::new("f"), Box::new(&b"a\nb\xff\n"[..]));
        assert_eq!(
            lines(&mut bytes).unwrap_err(),
            "f:2: expected UTF-8, found other bytes from byte 2 on: is it the right file?"
        );
    }
}
