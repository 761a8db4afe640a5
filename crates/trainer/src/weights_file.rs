//! The weights of a model on disk, as [safetensors](https://github.com/huggingface/safetensors): a length, a JSON header
//! and the raw numbers, so that other tools can read them and nothing in the file can run.
//!
//! Tensors stand in creation order under their path names, `f32` little-endian; a vector has one dimension. The header's
//! `__metadata__` has the one key `anchorrec` (one, because the order of several would not be fixed).

use crate::atomic::write_atomic;
use anchorrec_encoders::Params;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Writes the weights atomically; `about` goes into the header. The same weights and `about` give the same bytes.
///
/// # Errors
/// Whatever the file system says.
pub fn write(path: &Path, params: &Params<f32>, about: &str) -> io::Result<()> {
    let mut header = Map::new();
    header.insert("__metadata__".into(), json!({ "anchorrec": about }));
    let mut offset = 0;
    for parameter in params.iter() {
        let bytes = parameter.value.len() * size_of::<f32>();
        let (rows, cols) = parameter.value.dim();
        let shape = if parameter.vector { vec![cols] } else { vec![rows, cols] };
        let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": [offset, offset + bytes] });
        header.insert(parameter.name.clone(), entry);
        offset += bytes;
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    // The format asks for data aligned to 8 bytes and allows spaces after the header.
    header.resize(header.len().next_multiple_of(8), b' ');
    write_atomic(path, |file| {
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(&header)?;
        for parameter in params.iter() {
            let values = parameter.value.as_slice().expect("parameters are row-major");
            if cfg!(target_endian = "little") {
                file.write_all(bytemuck::cast_slice(values))?;
            } else {
                values.iter().try_for_each(|v| file.write_all(&v.to_le_bytes()))?;
            }
        }
        Ok(())
    })
}

/// The SHA-256 of a file, as lower-case hexadecimal.
///
/// # Errors
/// Whatever the file system says.
pub fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            count => hash.update(&buffer[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use safetensors::SafeTensors;

    #[test]
    fn the_library_reads_what_we_write() {
        let mut params = Params::new();
        params.add("z.weight", array![[1.5f32, -2.0], [0.0, 3.25]]);
        params.add_vector("a.bias", array![[7.0f32]]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        write(&path, &params, "about \"this\"").unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let read = SafeTensors::deserialize(&bytes).unwrap();
        let weight = read.tensor("z.weight").unwrap();
        assert_eq!(weight.shape(), [2, 2]);
        let values: Vec<f32> = weight.data().chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        assert_eq!(values, [1.5, -2.0, 0.0, 3.25]);
        assert_eq!(read.tensor("a.bias").unwrap().shape(), [1]);
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        assert_eq!(metadata.metadata().as_ref().unwrap()["anchorrec"], "about \"this\"");
    }

    #[test]
    fn the_hash_of_abc_is_the_published_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256(&path).unwrap(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
