//! The beginning of every file of tensors.

use super::error::TensorsError;
use super::header::{self, Header};
use crate::fingerprint;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// A longer header is not read: ours have some hundred kibibytes.
const LONGEST_HEADER: u64 = 64 << 20;
/// Bytes read or written at once.
pub(super) const PIECE: usize = 1 << 20;

/// A file whose header was read; its data follow.
pub(super) struct Opened {
    pub(super) file: BufReader<File>,
    /// The header as it is in the file.
    pub(super) raw: Vec<u8>,
    pub(super) header: Header,
}

impl Opened {
    /// Reads the header, with what its `__metadata__` says under `key`.
    pub(super) fn open(path: &Path, key: &str) -> Result<Self, TensorsError> {
        let Some((file, found)) = fingerprint::open(path)? else {
            return Err(TensorsError::Header("no regular file".to_owned()));
        };
        let mut file = BufReader::with_capacity(PIECE, file);
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        let header_bytes = u64::from_le_bytes(length);
        if header_bytes > found.saturating_sub(8) || header_bytes > LONGEST_HEADER {
            return Err(TensorsError::Header(format!("a header of {header_bytes} bytes in a file of {found}")));
        }
        let mut raw = vec![0; header_bytes as usize];
        file.read_exact(&mut raw)?;
        let header = header::parse(&raw, key).map_err(|e| TensorsError::header(e.to_string()))?;
        let expected = header.data_bytes.saturating_add(8 + header_bytes);
        if expected != found {
            return Err(TensorsError::Length { expected, found });
        }
        Ok(Opened { file, raw, header })
    }
}
