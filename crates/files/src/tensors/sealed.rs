//! Files of ours: named tensors of `f32`, with a seal or without.

use super::error::TensorsError;
use super::header::Header;
use super::open::{Opened, PIECE};
use crate::atomic::write_atomic;
use crate::disk::Disk;
use crate::fingerprint::hex;
use crate::shown::one_line;
use safetensors::tensor::{Dtype, TensorInfo};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// The name of the seal.
const SEAL: &str = "anchorrec.sha256";
/// The key of the header under which a file of ours says what it is about.
const ABOUT: &str = "anchorrec";
/// Bytes of the seal.
const SEAL_BYTES: usize = 32;

/// A tensor to write.
#[derive(Clone, Debug)]
pub struct Tensor<'a> {
    /// The tensor's name.
    pub name: String,
    /// The tensor's shape.
    pub shape: Vec<usize>,
    /// The tensor's numbers, row-major.
    pub values: &'a [f32],
}

/// Writes a file atomically; `about` goes into the header. The same tensors and `about` give the same bytes.
///
/// # Errors
/// Whatever the file system says.
pub fn write(disk: &dyn Disk, path: &Path, tensors: &[Tensor], about: &str, sealed: bool) -> io::Result<()> {
    let header = header(tensors, about, sealed);
    write_atomic(disk, path, |file| {
        let mut file = Hashing { file, hash: sealed.then(Sha256::new) };
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(&header)?;
        for tensor in tensors {
            if cfg!(target_endian = "little") {
                file.write_all(bytemuck::cast_slice(tensor.values))?;
            } else {
                tensor.values.iter().try_for_each(|v| file.write_all(&v.to_le_bytes()))?;
            }
        }
        match file.hash.take() {
            Some(hash) => file.write_all(&hash.finalize()),
            None => Ok(()),
        }
    })
}

fn header(tensors: &[Tensor], about: &str, sealed: bool) -> Vec<u8> {
    let mut header = Map::new();
    header.insert("__metadata__".into(), json!({ ABOUT: about }));
    let mut offset = 0;
    let mut add = |name: &str, dtype: &str, shape: &[usize], bytes: usize| {
        let entry = json!({ "dtype": dtype, "shape": shape, "data_offsets": [offset, offset + bytes] });
        header.insert(name.to_owned(), entry);
        offset += bytes;
    };
    for tensor in tensors {
        add(&tensor.name, "F32", &tensor.shape, size_of_val(tensor.values));
    }
    if sealed {
        add(SEAL, "U8", &[SEAL_BYTES], SEAL_BYTES);
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    // The format asks for data aligned to 8 bytes and allows spaces after the header.
    header.resize(header.len().next_multiple_of(8), b' ');
    header
}

/// Writes through, and hashes what passes.
struct Hashing<'a> {
    file: &'a mut dyn Write,
    hash: Option<Sha256>,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = &bytes[..bytes.len().min(PIECE)];
        let written = self.file.write(piece)?;
        if let Some(hash) = &mut self.hash {
            hash.update(&piece[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A tensor that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnedTensor {
    /// Name of the tensor.
    pub name: String,
    /// Shape of the tensor.
    pub shape: Vec<usize>,
    /// Numbers of the tensor, row-major.
    pub values: Vec<f32>,
}

/// A sealed file whose header was read, and whose tensors are read in order.
pub struct SealedFile {
    file: BufReader<File>,
    hash: Sha256,
    /// What the file says about itself.
    pub about: String,
    /// Names and places of the tensors that are left, the last first; the seal is the last of all.
    left: Vec<(String, TensorInfo)>,
}

impl SealedFile {
    /// Reads the header.
    ///
    /// # Errors
    /// When it cannot be read, is none, or the file has another length than it says.
    pub fn open(path: &Path) -> Result<Self, TensorsError> {
        let Opened { file, raw, header } = Opened::open(path, ABOUT)?;
        let mut hash = Sha256::new();
        hash.update((raw.len() as u64).to_le_bytes());
        hash.update(&raw);
        let Header { said, tensors: mut left, .. } = header;
        left.reverse();
        Ok(SealedFile { file, hash, about: said.unwrap_or_default(), left })
    }

    /// Returns the name of the next tensor; `None` when only the seal is left.
    pub fn next(&self) -> Option<&str> {
        self.left.last().map(|(name, _)| name.as_str()).filter(|name| *name != SEAL)
    }

    /// Reads the next tensor, which must have this name and shape.
    ///
    /// # Errors
    /// When it has not, or cannot be read.
    pub fn read(&mut self, name: &str, shape: &[usize], values: &mut [f32]) -> Result<(), TensorsError> {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(values);
        self.take(name, Dtype::F32, shape, bytes.len())?;
        for piece in bytes.chunks_mut(PIECE) {
            self.file.read_exact(piece)?;
            self.hash.update(&piece[..]);
        }
        if cfg!(target_endian = "big") {
            values.iter_mut().for_each(|v| *v = f32::from_bits(v.to_bits().swap_bytes()));
        }
        Ok(())
    }

    /// Reads the next tensor whatever it is called; `None` when only the seal is left.
    ///
    /// # Errors
    /// When it is not of `f32`, or cannot be read.
    pub fn read_next(&mut self) -> Result<Option<OwnedTensor>, TensorsError> {
        let Some((name, info)) = self.left.last().filter(|(name, _)| name != SEAL) else { return Ok(None) };
        let (name, shape) = (name.clone(), info.shape.clone());
        // The header was compared with the length of the file, so there are as many bytes.
        let mut values = vec![0.0; (info.data_offsets.1 - info.data_offsets.0) / size_of::<f32>()];
        self.read(&name, &shape, &mut values)?;
        Ok(Some(OwnedTensor { name, shape, values }))
    }

    /// Returns the names and shapes of the tensors that are left, in their order.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, &[usize])> {
        let left = self.left.iter().rev().filter(|(name, _)| name != SEAL);
        left.map(|(name, info)| (name.as_str(), info.shape.as_slice()))
    }

    /// Returns the SHA-256 of all bytes that were read, as 64 lower-case hexadecimal digits: the file's own, once all tensors of a file without a seal were
    /// read.
    pub fn sha256(self) -> String {
        hex(&self.hash.finalize())
    }

    /// Reads the seal and compares it with what was read.
    ///
    /// # Errors
    /// When tensors are left, there is no seal, or it does not fit.
    pub fn finish(mut self) -> Result<(), TensorsError> {
        self.take(SEAL, Dtype::U8, &[SEAL_BYTES], SEAL_BYTES)?;
        let mut seal = [0; SEAL_BYTES];
        self.file.read_exact(&mut seal)?;
        if self.hash.finalize()[..] == seal { Ok(()) } else { Err(TensorsError::Checksum) }
    }

    fn take(&mut self, name: &str, dtype: Dtype, shape: &[usize], bytes: usize) -> Result<(), TensorsError> {
        // Nothing of ours has more than two dimensions; a list of thousands is cut short.
        let said = |name: &str, dtype: Dtype, shape: &[usize]| {
            one_line(&format!("`{name}` {dtype:?} {:?}", &shape[..shape.len().min(8)]))
        };
        let found = self.left.pop();
        let fits = found.as_ref().is_some_and(|(n, info)| {
            let (from, to) = info.data_offsets;
            n == name && info.dtype == dtype && info.shape == shape && to - from == bytes
        });
        if fits {
            return Ok(());
        }
        Err(TensorsError::Tensor {
            expected: said(name, dtype, shape),
            found: found.map_or("nothing".to_owned(), |(name, info)| said(&name, info.dtype, &info.shape)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::FileSystem;
    use safetensors::SafeTensors;

    const VALUES: [f32; 5] = [1.5, -2.0, 0.0, 3.25, 7.0];

    fn tensors() -> [Tensor<'static>; 2] {
        [
            Tensor { name: "z.weight".into(), shape: vec![2, 2], values: &VALUES[..4] },
            Tensor { name: "a.bias".into(), shape: vec![1], values: &VALUES[4..] },
        ]
    }

    fn written(sealed: bool) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        write(&FileSystem, &path, &tensors(), "about \"this\"", sealed).unwrap();
        (folder, path)
    }

    fn read(path: &Path) -> Result<Vec<f32>, TensorsError> {
        let mut values = vec![0.0; 5];
        let mut file = SealedFile::open(path)?;
        file.read("z.weight", &[2, 2], &mut values[..4])?;
        file.read("a.bias", &[1], &mut values[4..])?;
        file.finish()?;
        Ok(values)
    }

    #[test]
    fn the_library_reads_what_we_write() {
        for sealed in [false, true] {
            let (_folder, path) = written(sealed);
            let bytes = std::fs::read(&path).unwrap();
            let library = SafeTensors::deserialize(&bytes).unwrap();
            let weight = library.tensor("z.weight").unwrap();
            assert_eq!(weight.shape(), [2, 2]);
            let values: Vec<f32> = weight.data().chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
            assert_eq!(values, VALUES[..4]);
            assert_eq!(library.tensor("a.bias").unwrap().shape(), [1]);
            assert_eq!(library.len(), if sealed { 3 } else { 2 });
            let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
            assert_eq!(metadata.metadata().as_ref().unwrap()["anchorrec"], "about \"this\"");
        }
    }

    #[test]
    fn every_flipped_bit_of_a_sealed_file_is_noticed() {
        let (_folder, path) = written(true);
        assert_eq!(read(&path).unwrap(), VALUES);
        let good = std::fs::read(&path).unwrap();
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 1 << (place % 8);
            std::fs::write(&path, &bad).unwrap();
            assert!(read(&path).is_err(), "byte {place} of {}", good.len());
        }
        for length in 0..good.len() {
            std::fs::write(&path, &good[..length]).unwrap();
            assert!(read(&path).is_err(), "{length} bytes of {}", good.len());
        }
    }

    #[test]
    fn headers_that_promise_much_are_refused_before_anything_is_allocated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        std::fs::write(&path, u64::MAX.to_le_bytes()).unwrap();
        assert!(matches!(SealedFile::open(&path), Err(TensorsError::Header(_))));
        let header = br#"{"w":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}"#;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(SealedFile::open(&path), Err(TensorsError::Length { .. })));
    }

    #[test]
    fn tensors_are_read_under_the_names_that_they_have() {
        for sealed in [false, true] {
            let (_folder, path) = written(sealed);
            let mut file = SealedFile::open(&path).unwrap();
            let shapes: Vec<_> = file.shapes().map(|(name, shape)| (name.to_owned(), shape.to_vec())).collect();
            assert_eq!(shapes, [("z.weight".to_owned(), vec![2, 2]), ("a.bias".to_owned(), vec![1])]);
            for Tensor { name, shape, values } in tensors() {
                let expected = OwnedTensor { name, shape, values: values.to_vec() };
                assert_eq!(file.read_next().unwrap(), Some(expected));
            }
            assert_eq!(file.read_next().unwrap(), None);
            if sealed {
                file.finish().unwrap();
            } else {
                assert_eq!(file.sha256(), crate::fingerprint::sha256(&path).unwrap());
            }
        }
    }

    #[test]
    fn another_tensor_than_expected_is_named() {
        let (_folder, path) = written(true);
        let mut file = SealedFile::open(&path).unwrap();
        let message = file.read("z.weight", &[4], &mut [0.0; 4]).unwrap_err().to_string();
        assert_eq!(message, "holds `z.weight` F32 [2, 2] where `z.weight` F32 [4] is expected");
        let (_folder, path) = written(false);
        let mut file = SealedFile::open(&path).unwrap();
        file.read("z.weight", &[2, 2], &mut [0.0; 4]).unwrap();
        file.read("a.bias", &[1], &mut [0.0]).unwrap();
        assert!(file.finish().unwrap_err().to_string().starts_with("holds nothing where `anchorrec.sha256`"));
    }
}
