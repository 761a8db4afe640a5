//! One matrix of anybody's file.

use super::error::TensorsError;
use super::open::{Opened, PIECE};
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
}

/// Reads the tensor called `name`, or the only one with two dimensions, as `f32` from `F16`, `BF16`, `F32` or `F64`; and what the header's
/// `__metadata__` says under `key`. Numbers are not judged: they may be infinite or none.
///
/// # Errors
/// When the file cannot be read, is none of tensors, or there is no such matrix.
pub fn read_matrix(path: &Path, name: &str, key: &str) -> Result<Matrix, TensorsError> {
    let Opened { mut file, raw, header } = Opened::open(path, key)?;
    let info = choose(&header.tensors, name)?;
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
    Ok(Matrix { shape: [rows, cols], values, said: header.said })
}

fn choose<'a>(tensors: &'a [(String, TensorInfo)], name: &str) -> Result<&'a TensorInfo, TensorsError> {
    if let Some((_, info)) = tensors.iter().find(|(known, _)| known == name) {
        return Ok(info);
    }
    let matrices: Vec<&TensorInfo> =
        tensors.iter().map(|(_, info)| info).filter(|info| info.shape.len() == 2).collect();
    match matrices[..] {
        [only] => Ok(only),
        _ => Err(TensorsError::Tensor {
            expected: format!("a tensor `{name}`, or one alone with two dimensions,"),
            found: format!("{} matrices among {} tensors", matrices.len(), tensors.len()),
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
            let matrix = read_matrix(&path, "features", "ids").unwrap();
            assert_eq!((matrix.shape, &matrix.values[..]), ([2, 1], &want[..]), "{dtype:?}");
            assert_eq!(matrix.said.as_deref(), Some("[\"a\"]"));
        }
    }

    #[test]
    fn which_matrix_is_meant_must_be_clear() {
        let one = || 1f32.to_le_bytes().to_vec();
        let message = |tensors: &[(&str, Dtype, Vec<usize>, Vec<u8>)]| {
            let (_folder, path) = written(tensors);
            read_matrix(&path, "features", "ids").map(|matrix| matrix.values[0]).map_err(|e| e.to_string())
        };
        let two = [("a", Dtype::F32, vec![1, 1], one()), ("b", Dtype::F32, vec![1, 1], one())];
        assert_eq!(
            message(&two).unwrap_err(),
            "holds 2 matrices among 2 tensors where a tensor `features`, or one alone with two dimensions, is expected"
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
