//! TFRecord frames: how TensorFlow writes one message after another into a file.
//!
//! ```text
//! u64  length of the payload      little endian, as all numbers
//! u32  masked CRC-32C of these eight bytes
//!      payload
//! u32  masked CRC-32C of the payload
//! ```
//!
//! `masked(c) = (c rotated right by 15) + 0xa282ead8`, so that a checksum of bytes that hold checksums stays strong.
//! Source: the comment in `tensorflow/core/lib/io/record_writer.h`.

use crc::{CRC_32_ISCSI, Crc, Table};
use std::io::{self, Read};

/// CRC-32C (Castagnoli).
const CHECKSUM: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISCSI);

/// The longest payload that is read back: far more than an epoch has numbers.
const LONGEST: u64 = 1 << 24;

/// Returns the frame of a payload.
pub(super) fn framed(payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u64).to_le_bytes();
    [&length, &masked(&length).to_le_bytes()[..], payload, &masked(payload).to_le_bytes()].concat()
}

fn masked(bytes: &[u8]) -> u32 {
    CHECKSUM.checksum(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The payloads of a file, up to the first frame that is not whole.
pub(super) struct Frames<R> {
    file: R,
    bytes: u64,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(file: R) -> Self {
        Frames { file, bytes: 0 }
    }

    /// Returns the length of the frames that were read.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next payload; nothing where the file ends, within a frame or not, or a checksum does not fit.
    fn frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut head = [0; 12];
        if !filled(&mut self.file, &mut head)? {
            return Ok(None);
        }
        let (length, sum) = head.split_at(8);
        let bytes = u64::from_le_bytes(length.try_into().expect("eight bytes"));
        if masked(length).to_le_bytes() != sum || bytes > LONGEST {
            return Ok(None);
        }
        let mut payload = vec![0; bytes as usize];
        let mut sum = [0; 4];
        if !filled(&mut self.file, &mut payload)? || !filled(&mut self.file, &mut sum)? {
            return Ok(None);
        }
        if masked(&payload).to_le_bytes() != sum {
            return Ok(None);
        }
        self.bytes += 16 + bytes;
        Ok(Some(payload))
    }
}

impl<R: Read> Iterator for Frames<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.frame().transpose()
    }
}

/// Whether there were as many bytes.
fn filled(file: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standard() {
        // RFC 3720, appendix B.4.
        assert_eq!(CHECKSUM.checksum(&[0; 32]), 0x8a91_36aa);
        assert_eq!(CHECKSUM.checksum(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn what_is_not_whole_ends_the_file() {
        let file = [framed(b"one"), framed(b""), framed(b"three")].concat();
        let read = |bytes: &[u8]| Frames::new(bytes).map(Result::unwrap).collect::<Vec<_>>();
        assert_eq!(read(&file), [&b"one"[..], b"", b"three"]);
        for length in 0..file.len() {
            assert!(read(&file[..length]).len() < 3, "{length} bytes");
        }
        for place in 0..file.len() {
            let mut bad = file.clone();
            bad[place] ^= 1;
            assert!(read(&bad).len() < 3, "byte {place}");
        }
    }
}
