//! Features from a `.safetensors` file.

use crate::error::{FormatError, file_error, io_error};
use anchorrec_files::tensors::{Matrix, TensorsError, read_matrix};
use ndarray::Array2;
use std::path::Path;

/// The rows, and their ids if the header has them.
pub(crate) fn read(path: &Path) -> Result<(Option<Vec<String>>, Array2<f32>), FormatError> {
    let Matrix { shape, values, said } = read_matrix(path, "features", "ids").map_err(|error| match error {
        TensorsError::Io(cause) => io_error(path, "read")(cause),
        TensorsError::Tensor { expected, found } => file_error(path, expected, found),
        TensorsError::Length { expected, found } => {
            file_error(path, format!("{expected} bytes by its header"), format!("{found}: was it copied completely?"))
        }
        TensorsError::Header(found) => file_error(path, "a safetensors file", found),
        damaged @ TensorsError::Checksum => file_error(path, "a whole file", damaged.to_string()),
    })?;
    let ids = said.map(|ids| {
        serde_json::from_str(&ids).map_err(|e| file_error(path, "`ids` as a JSON list of strings", e.to_string()))
    });
    let matrix = Array2::from_shape_vec(shape, values).expect("rows x cols numbers");
    Ok((ids.transpose()?, matrix))
}
