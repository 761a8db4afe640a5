//! Which bytes were read: every input of a run is named by its SHA-256.
//!
//! The hash is taken from the bytes that are parsed, as they pass, and not in a second reading: a file that changes
//! in between cannot be described by the wrong hash.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, BufRead, ErrorKind, Read},
    path::{Path, PathBuf},
};

/// Bytes read at once.
const PIECE: usize = 1 << 18;

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The name that a run knows it by: `mm_feat.npy` for fused features, wherever they were read.
    pub name: String,
    /// The path that was read.
    pub path: PathBuf,
    /// The length in bytes.
    pub bytes: u64,
    /// SHA-256 of all bytes: 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// The hash of what was read so far.
#[derive(Clone, Debug, Default)]
pub struct Fingerprint {
    hash: Sha256,
    bytes: u64,
}

impl Fingerprint {
    /// Starts with nothing read.
    pub fn new() -> Self {
        Fingerprint::default()
    }

    /// Adds the bytes that follow.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Returns the hash as 64 lower-case hexadecimal digits.
    pub fn sha256(self) -> String {
        hex(&self.hash.finalize())
    }

    /// Returns what was read from the file at `path`.
    pub fn finish(self, path: &Path) -> Input {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Input { name, path: path.to_owned(), bytes: self.bytes, sha256: self.sha256() }
    }
}

/// Writes `bytes` as lower-case hexadecimal digits, two for each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A reader that fingerprints what passes.
#[derive(Debug)]
pub struct Fingerprinted<R> {
    reader: R,
    fingerprint: Fingerprint,
}

impl<R> Fingerprinted<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        Fingerprinted { reader, fingerprint: Fingerprint::new() }
    }

    /// Returns the hash of everything that was taken from the reader.
    pub fn finish(self) -> Fingerprint {
        self.fingerprint
    }
}

impl<R: Read> Read for Fingerprinted<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(bytes)?;
        self.fingerprint.update(&bytes[..read]);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Fingerprinted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed stands in the buffer: nothing is read and nothing can fail.
        if let (true, Ok(buffer)) = (amount > 0, self.reader.fill_buf()) {
            self.fingerprint.update(&buffer[..amount]);
        }
        self.reader.consume(amount);
    }
}

/// Returns the SHA-256 of bytes, as 64 lower-case hexadecimal digits.
///
/// ```
/// let hash = anchorrec_files::fingerprint::of_bytes(b"abc");
/// assert!(hash.starts_with("ba7816bf") && hash.len() == 64);
/// ```
pub fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Fingerprints all that is left of a reader.
///
/// # Errors
/// When it cannot be read.
pub fn of_reader(mut reader: impl Read) -> io::Result<Fingerprint> {
    let mut fingerprint = Fingerprint::new();
    let mut piece = vec![0; PIECE];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(fingerprint),
            Ok(read) => fingerprint.update(&piece[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Returns the SHA-256 of the file at `path`, as 64 lower-case hexadecimal digits.
///
/// # Errors
/// When it cannot be read.
pub fn sha256(path: &Path) -> io::Result<String> {
    Ok(of_reader(File::open(path)?)?.sha256())
}

/// Opens a regular file and says how long it is; `None` for a folder, a pipe or a device, which is not opened: opening a pipe waits
/// for ever.
///
/// # Errors
/// When it is not there or cannot be opened.
pub fn open(path: &Path) -> io::Result<Option<(File, u64)>> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() {
        return Ok(None);
    }
    Ok(Some((File::open(path)?, meta.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1: the hash of "abc".
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_hash_does_not_depend_on_the_pieces() {
        for pieces in [&["abc"][..], &["a", "", "bc"]] {
            let mut fingerprint = Fingerprint::new();
            pieces.iter().for_each(|piece| fingerprint.update(piece.as_bytes()));
            let input = fingerprint.finish(Path::new("x"));
            assert_eq!((input.sha256.as_str(), input.bytes), (ABC, 3));
        }
        assert_eq!(of_reader(&b"abc"[..]).unwrap().sha256(), ABC);
        assert_eq!(of_bytes(b"abc"), ABC);
    }

    #[test]
    fn what_passes_a_reader_is_hashed_once_whichever_way_it_is_read() {
        let mut reader = Fingerprinted::new(io::BufReader::with_capacity(2, &b"abc"[..]));
        assert_eq!(reader.fill_buf().unwrap(), b"ab");
        reader.consume(0);
        reader.consume(1);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "bc");
        assert_eq!(reader.finish().sha256(), ABC);
    }

    #[test]
    fn the_hash_of_a_file_is_the_published_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        fs::write(&path, "abc").unwrap();
        assert_eq!(sha256(&path).unwrap(), ABC);
        assert!(open(folder.path()).unwrap().is_none());
        assert_eq!(open(&path).unwrap().unwrap().1, 3);
    }
}
