//! One matrix of a file that another tool may have written.

use super::error::TensorsError;
use super::open::{Opened, PIECE};
use crate::few;
use half::{bf16, f16};
use safetensors::tensor::{Dtype, TensorInfo};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The matrix of a file.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// How many rows and columns there are.
    pub shape: [usize; 2],
    /// The numbers, row-major.
    pub values: Vec<f32>,
    /// What the file's header says under the key that was asked for.
    pub said: Option<String>,
    /// A list of whole numbers in JSON: the tensor of one dimension, a number for each row, that is called as ids are.
    pub ids: Option<String>,
}

/// What a tensor of ids is called.
const IDS: [&str; 4] = ["ids", "item_ids", "item_id", "id"];

/// Reads the tensor that was `asked` for; else the one called `name`, or the only one with two dimensions, as `f32` from `F16`, `BF16`, `F32` or `F64`; and what the header's
/// `__metadata__` says under `key`. Numbers are not judged: they may be infinite or none.
///
/// # Errors
/// When the file cannot be read, is none of tensors, or there is no such matrix.
pub fn read_matrix(path: &Path, asked: Option<&str>, name: &str, key: &str) -> Result<Matrix, TensorsError> {
    let Opened { mut file, raw, header } = Opened::open(path, key)?;
    let info = choose(&header.tensors, asked, name)?;
    let name = asked.unwrap_or(name);
    let said = |what: String| TensorsError::Tensor { expected: format!("a matrix `{name}`"), found: what };
    let (&[rows, cols], (from, to)) = (&info.shape[..], info.data_offsets) else {
        return Err(said(format!("the shape {:?}", &info.shape[..info.shape.len().min(8)])));
    };
    let size = match info.dtype {
        Dtype::F16 | Dtype::BF16 => 2,
        Dtype::F32 => 4,
        Dtype::F64 => 8,
        other => {
            return Err(TensorsError::Tensor {
                expected: "numbers of F16, BF16, F32 or F64".to_owned(),
                found: format!("{other:?}"),
            });
        }
    };
    if rows == 0 || cols == 0 || rows.checked_mul(cols).and_then(|n| n.checked_mul(size)) != Some(to - from) {
        return Err(said(format!("{rows} x {cols} numbers in {} bytes", to - from)));
    }
    let is_ids = |(name, info): &&(String, TensorInfo)| {
        IDS.contains(&name.as_str())
            && info.shape == [rows]
            && matches!(info.dtype, Dtype::I32 | Dtype::U32 | Dtype::I64 | Dtype::U64)
    };
    let ids = header.tensors.iter().find(is_ids).map(|(_, info)| info.clone());
    file.seek(SeekFrom::Start(8 + raw.len() as u64 + from as u64))?;
    let mut values = Vec::with_capacity(rows * cols);
    let mut piece = vec![0; PIECE.min(to - from)];
    let mut left = to - from;
    while left > 0 {
        let bytes = &mut piece[..left.min(PIECE)];
        file.read_exact(bytes)?;
        left -= bytes.len();
        match info.dtype {
            Dtype::F16 => values.extend(bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32())),
            Dtype::BF16 => values.extend(bytes.as_chunks().0.iter().map(|&b| bf16::from_le_bytes(b).to_f32())),
            Dtype::F32 => values.extend(bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b))),
            _ => values.extend(bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b) as f32)),
        }
    }
    let ids = match ids {
        Some(info) => Some(whole_numbers(&mut file, 8 + raw.len() as u64, &info)?),
        None => None,
    };
    Ok(Matrix { shape: [rows, cols], values, said: header.said, ids })
}

/// Whole numbers as a list in JSON.
fn whole_numbers(file: &mut (impl Read + Seek), data: u64, info: &TensorInfo) -> Result<String, TensorsError> {
    let (from, to) = info.data_offsets;
    file.seek(SeekFrom::Start(data + from as u64))?;
    let mut bytes = vec![0; to - from];
    file.read_exact(&mut bytes)?;
    let fours = || bytes.as_chunks().0.iter();
    let eights = || bytes.as_chunks().0.iter();
    let numbers: Vec<String> = match info.dtype {
        Dtype::I32 => fours().map(|&four| i32::from_le_bytes(four).to_string()).collect(),
        Dtype::U32 => fours().map(|&four| u32::from_le_bytes(four).to_string()).collect(),
        Dtype::I64 => eights().map(|&eight| i64::from_le_bytes(eight).to_string()).collect(),
        _ => eights().map(|&eight| u64::from_le_bytes(eight).to_string()).collect(),
    };
    Ok(format!("[{}]", numbers.join(",")))
}

fn choose<'a>(
    tensors: &'a [(String, TensorInfo)],
    asked: Option<&str>,
    name: &str,
) -> Result<&'a TensorInfo, TensorsError> {
    let names = || {
        let names: Vec<&String> = tensors.iter().map(|(name, _)| name).collect();
        few(&names, names.len())
    };
    if let Some(asked) = asked {
        let found = tensors.iter().find(|(known, _)| known == asked).map(|(_, info)| info);
        let expected = format!("a tensor `{asked}`");
        return found.ok_or_else(|| TensorsError::Tensor { expected, found: names() });
    }
    if let Some((_, info)) = tensors.iter().find(|(known, _)| known == name) {
        return Ok(info);
    }
    let matrices: Vec<&TensorInfo> =
        tensors.iter().map(|(_, info)| info).filter(|info| info.shape.len() == 2).collect();
    match matrices[..] {
        [only] => Ok(only),
        _ => Err(TensorsError::Tensor {
            expected: format!("a tensor `{name}`, or one alone with two dimensions,"),
            found: format!("{} matrices among {} tensors ({})", matrices.len(), tensors.len(), names()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::tensor::TensorView;
    use std::collections::HashMap;

    fn written(tensors: &[(&str, Dtype, Vec<usize>, Vec<u8>)]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.safetensors");
        let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
            (name.to_string(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        });
        let said = HashMap::from([("ids".to_owned(), "[\"a\"]".to_owned()), ("other".to_owned(), "1".to_owned())]);
        std::fs::write(&path, safetensors::serialize(views, Some(said)).unwrap()).unwrap();
        (folder, path)
    }

    #[test]
    fn floating_point_of_every_width_becomes_single_precision() {
        let want = [1.5f32, -2.0];
        let of = |bytes: [&[u8]; 2]| bytes.concat();
        let halves = of([&f16::from_f32(1.5).to_le_bytes(), &f16::from_f32(-2.0).to_le_bytes()]);
        let brains = of([&bf16::from_f32(1.5).to_le_bytes(), &bf16::from_f32(-2.0).to_le_bytes()]);
        let singles = of([&1.5f32.to_le_bytes(), &(-2.0f32).to_le_bytes()]);
        let doubles = of([&1.5f64.to_le_bytes(), &(-2.0f64).to_le_bytes()]);
        for (dtype, bytes) in
            [(Dtype::F16, halves), (Dtype::BF16, brains), (Dtype::F32, singles), (Dtype::F64, doubles)]
        {
            let (_folder, path) = written(&[("w", dtype, vec![2, 1], bytes)]);
            let matrix = read_matrix(&path, None, "features", "ids").unwrap();
            assert_eq!((matrix.shape, &matrix.values[..]), ([2, 1], &want[..]), "{dtype:?}");
            assert_eq!(matrix.said.as_deref(), Some("[\"a\"]"));
        }
    }

    #[test]
    fn a_tensor_of_whole_numbers_beside_it_is_its_ids() {
        let numbers = [1.5f32, 2.5].map(f32::to_le_bytes).concat();
        let ids = [7u64, u64::MAX].map(u64::to_le_bytes).concat();
        let tensors = [("ids", Dtype::U64, vec![2], ids.clone()), ("w", Dtype::F32, vec![2, 1], numbers.clone())];
        let (_folder, path) = written(&tensors);
        let matrix = read_matrix(&path, None, "features", "ids").unwrap();
        assert_eq!(matrix.ids.as_deref(), Some("[7,18446744073709551615]"));
        // Of another name it is something else.
        let (_folder, path) = written(&[("years", Dtype::U64, vec![2], ids), ("w", Dtype::F32, vec![2, 1], numbers)]);
        assert_eq!(read_matrix(&path, None, "features", "ids").unwrap().ids, None);
    }

    #[test]
    fn which_matrix_is_meant_must_be_clear() {
        let one = || 1f32.to_le_bytes().to_vec();
        let message = |tensors: &[(&str, Dtype, Vec<usize>, Vec<u8>)]| {
            let (_folder, path) = written(tensors);
            read_matrix(&path, None, "features", "ids").map(|matrix| matrix.values[0]).map_err(|e| e.to_string())
        };
        let two = [("a", Dtype::F32, vec![1, 1], one()), ("b", Dtype::F32, vec![1, 1], one())];
        assert_eq!(
            message(&two).unwrap_err(),
            "holds 2 matrices among 2 tensors (a, b) where a tensor `features`, or one alone with two dimensions, is expected"
        );
        let named =
            [("a", Dtype::F32, vec![1, 1], 9f32.to_le_bytes().to_vec()), ("features", Dtype::F32, vec![1, 1], one())];
        assert_eq!(message(&named), Ok(1.0));
        let line = [("features", Dtype::F32, vec![1], one())];
        assert_eq!(message(&line).unwrap_err(), "holds the shape [1] where a matrix `features` is expected");
        let whole = [("w", Dtype::I32, vec![1, 1], one())];
        assert_eq!(message(&whole).unwrap_err(), "holds I32 where numbers of F16, BF16, F32 or F64 is expected");
    }
}
