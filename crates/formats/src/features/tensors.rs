//! Features from a `.safetensors` file.

use super::content::Matrix;
use super::sidecar;
use crate::error::{FormatError, file_error, io_error};
use anchorrec_files::tensors::{self, TensorsError, read_matrix};
use ndarray::Array2;
use std::path::Path;

/// The rows of the tensor that was named, of `features`, or of the only matrix; and their ids if the header has them.
pub(super) fn read(path: &Path, name: Option<&str>) -> Result<Matrix, FormatError> {
    let tensors::Matrix { shape, values, said, ids } =
        read_matrix(path, name, "features", "ids").map_err(|error| match error {
            TensorsError::Io(source) => io_error(path, "read")(source),
            TensorsError::Tensor { expected, found } => {
                let found = format!("{found}; FILE:NAME names one (--text, --image, --mm)");
                file_error(path, expected.trim_end_matches(','), found)
            }
            TensorsError::Length { expected, found } => file_error(
                path,
                format!("{expected} bytes by its header"),
                format!("{found}: was it copied completely?"),
            ),
            TensorsError::Header(found) => file_error(path, "a safetensors file", found),
            damaged @ TensorsError::Checksum => file_error(path, "a whole file", damaged.to_string()),
        })?;
    let ids = said.or(ids).map(|ids| {
        let ids = sidecar::list(&ids).map_err(|found| file_error(path, "`ids` as a JSON list of texts", found));
        ids.and_then(|ids| sidecar::checked(path, ids))
    });
    let rows = Array2::from_shape_vec(shape, values).expect("rows x cols numbers");
    Ok(Matrix { ids: ids.transpose()?, rows })
}
