//! Features from a `.safetensors` file.
//!
//! **Nothing is believed before it is compared with the file's length**: not the length of the header, not a shape.

use super::super::error::{OwnError, file_error, io_error};
use half::{bf16, f16};
use ndarray::Array2;
use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// A longer header is not read.
const LONGEST_HEADER: u64 = 64 << 20;
/// Bytes read at once, a multiple of every number's size.
const PIECE: usize = 1 << 20;

/// The rows, and their ids if the header has them.
pub(crate) fn read(path: &Path) -> Result<(Option<Vec<String>>, Array2<f32>), OwnError> {
    let wrong = |expected: &str, found: String| file_error(path, expected, found);
    let meta = fs::metadata(path).map_err(io_error(path, "read"))?;
    if !meta.is_file() {
        return Err(wrong("a regular file", "something else".to_owned()));
    }
    let found = meta.len();
    let mut file = BufReader::with_capacity(PIECE, File::open(path).map_err(io_error(path, "read"))?);
    let mut length = [0; 8];
    if found < 8 {
        return Err(wrong("a safetensors file", format!("{found} bytes")));
    }
    file.read_exact(&mut length).map_err(io_error(path, "read"))?;
    let header_bytes = u64::from_le_bytes(length);
    if header_bytes > (found - 8).min(LONGEST_HEADER) {
        return Err(wrong("a safetensors header that fits the file", format!("a promise of {header_bytes} bytes")));
    }
    let mut header = vec![0; header_bytes as usize];
    file.read_exact(&mut header).map_err(io_error(path, "read"))?;
    let metadata: Metadata =
        serde_json::from_slice(&header).map_err(|e| wrong("a safetensors header", e.to_string()))?;
    let expected = (metadata.data_len() as u64).saturating_add(8 + header_bytes);
    if expected != found {
        return Err(wrong(&format!("{expected} bytes by its header"), format!("{found}")));
    }
    let info =
        tensor(&metadata).map_err(|found| wrong("a tensor `features`, or one alone with two dimensions", found))?;
    let (&[rows, cols], (from, to)) = (&info.shape[..], info.data_offsets) else {
        return Err(wrong("a tensor of two dimensions", format!("the shape {:?}", info.shape)));
    };
    let size = match info.dtype {
        Dtype::F16 | Dtype::BF16 => 2,
        Dtype::F32 => 4,
        Dtype::F64 => 8,
        other => return Err(wrong("numbers of F16, BF16, F32 or F64", format!("{other:?}"))),
    };
    if rows == 0 || cols == 0 || rows.checked_mul(cols).and_then(|n| n.checked_mul(size)) != Some(to - from) {
        return Err(wrong("a tensor whose shape fits its bytes", format!("{rows} x {cols} in {} bytes", to - from)));
    }
    file.seek(SeekFrom::Start(8 + header_bytes + from as u64)).map_err(io_error(path, "read"))?;
    let mut numbers = Vec::with_capacity(rows * cols);
    let mut piece = vec![0; PIECE.min(to - from)];
    let mut left = to - from;
    while left > 0 {
        let bytes = &mut piece[..left.min(PIECE)];
        file.read_exact(bytes).map_err(io_error(path, "read"))?;
        left -= bytes.len();
        match info.dtype {
            Dtype::F16 => numbers.extend(bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32())),
            Dtype::BF16 => numbers.extend(bytes.as_chunks().0.iter().map(|&b| bf16::from_le_bytes(b).to_f32())),
            Dtype::F32 => numbers.extend(bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b))),
            _ => numbers.extend(bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b) as f32)),
        }
    }
    let ids = metadata.metadata().as_ref().and_then(|metadata| metadata.get("ids"));
    let ids =
        ids.map(|ids| serde_json::from_str(ids).map_err(|e| wrong("`ids` as a JSON list of strings", e.to_string())));
    let matrix = Array2::from_shape_vec((rows, cols), numbers).expect("rows x cols numbers");
    Ok((ids.transpose()?, matrix))
}

/// `features`, or the only matrix; else what there is.
fn tensor(metadata: &Metadata) -> Result<TensorInfo, String> {
    if let Some(info) = metadata.info("features") {
        return Ok(info.clone());
    }
    let names = metadata.offset_keys();
    let matrices: Vec<&TensorInfo> =
        names.iter().filter_map(|name| metadata.info(name)).filter(|info| info.shape.len() == 2).collect();
    match matrices[..] {
        [only] => Ok(only.clone()),
        _ => Err(format!("{} matrices among {} tensors", matrices.len(), names.len())),
    }
}
