//! Feature matrices from `.npy` files.
//!
//! Read: `f16`, `f32`, `f64`, of either byte order, in C or Fortran order, of format version 1 to 3; exactly two
//! dimensions. Refused: everything else, Python objects above all. [`NpyArray`] reads arrays of other shapes, and ids, for whoever
//! brings data into this layout.
//!
//! **Nothing is believed before it is compared with the file's length**: not the length of the header, not the shape.
//! Data are read in pieces; one thread hashes a piece while another converts it.
//!
//! **Rules.** NaN and infinity are errors (a `f64` beyond the range of `f32` becomes infinity). A row of zeros is
//! allowed: it is similar to nothing but itself.

mod array;
mod header;
mod numbers;
mod write;

pub use array::NpyArray;
pub use write::{npy_f16_to, npy_f32_to, write_npy_f16, write_npy_f32};

use crate::{DataError, Input, error::NpyProblem};
use anchorrec_files::fingerprint::Fingerprint;
use header::Header;
use ndarray::{Array2, Axis, ShapeBuilder};
use numbers::{PIECE, decode};
use rayon::prelude::*;
use std::{fs::File, io::Read, path::Path};

/// Reads a matrix, `[rows, cols]`, as `f32`.
///
/// # Errors
/// When the file cannot be read or breaks a rule of the [module](self).
///
/// ```
/// use anchorrec_data::{read_npy_f32, write_npy_f32};
/// use ndarray::array;
///
/// let folder = tempfile::tempdir()?;
/// let (path, features) = (folder.path().join("text_feat.npy"), array![[1.0, 2.0], [3.0, 4.0]]);
/// write_npy_f32(&path, features.view())?;
/// assert_eq!(read_npy_f32(&path)?, features);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_npy_f32(path: &Path) -> Result<Array2<f32>, DataError> {
    read(path).map(|(matrix, _)| matrix)
}

/// Reads a matrix and says which bytes it was made from.
pub(crate) fn read(path: &Path) -> Result<(Array2<f32>, Input), DataError> {
    let (mut file, found) = crate::open::open(path)?;
    let io = |source| DataError::Io { path: path.to_owned(), action: "read", source };
    let npy = |problem| DataError::Npy { path: path.to_owned(), problem };
    let (raw, header) = header::read(&mut file, found).map_err(io)?;
    let header = header.map_err(npy)?;
    let (rows, cols) = check_size(&header, raw.len(), found).map_err(npy)?;
    let mut numbers: Vec<f32> = Vec::new();
    // `check_size` found room for rows x cols in this file's length, so the product cannot overflow.
    numbers.try_reserve_exact(rows * cols).map_err(|_| npy(NpyProblem::Memory { rows, cols }))?;
    let mut fingerprint = Fingerprint::new();
    fingerprint.update(&raw);
    let read = read_numbers(&mut file, &header, rows * cols, &mut numbers, &mut fingerprint).map_err(io)?;
    if !read {
        // The length said otherwise a moment ago: the file changes while it is read.
        let found = raw.len() as u64 + (numbers.len() * header.float.bytes()) as u64;
        let expected = expected_bytes(&header, raw.len());
        return Err(npy(NpyProblem::Size { expected, found, rows: header.rows, cols: header.cols }));
    }
    let matrix = Array2::from_shape_vec((rows, cols).set_f(header.fortran), numbers).expect("rows x cols numbers");
    // Rows are contiguous for everybody else; only a matrix in another order is copied.
    let matrix = if matrix.is_standard_layout() { matrix } else { matrix.as_standard_layout().into_owned() };
    check_finite(&matrix).map_err(npy)?;
    Ok((matrix, fingerprint.finish(path)))
}

/// The number of rows that hold nothing but zeros.
pub(crate) fn zero_rows(matrix: &Array2<f32>) -> usize {
    matrix.axis_iter(Axis(0)).into_par_iter().filter(|row| row.iter().all(|&x| x == 0.0)).count()
}

/// Cannot overflow: 2⁶⁴ · 2⁶⁴ · 8 does, so the product of the shape is cut off at the top.
fn expected_bytes(header: &Header, header_bytes: usize) -> u128 {
    let numbers = u128::from(header.rows).saturating_mul(u128::from(header.cols));
    numbers.saturating_mul(header.float.bytes() as u128).saturating_add(header_bytes as u128)
}

fn check_size(header: &Header, header_bytes: usize, found: u64) -> Result<(usize, usize), NpyProblem> {
    let &Header { rows, cols, .. } = header;
    let expected = expected_bytes(header, header_bytes);
    if expected != u128::from(found) {
        return Err(NpyProblem::Size { expected, found, rows, cols });
    }
    match (usize::try_from(rows), usize::try_from(cols)) {
        (Ok(rows), Ok(cols)) => Ok((rows, cols)),
        _ => Err(NpyProblem::Size { expected, found, rows, cols }),
    }
}

/// Appends exactly `count` numbers; `false` when the file ends before or continues after.
fn read_numbers(
    file: &mut File,
    header: &Header,
    count: usize,
    numbers: &mut Vec<f32>,
    fingerprint: &mut Fingerprint,
) -> std::io::Result<bool> {
    let mut piece = Vec::new();
    let mut left = count * header.float.bytes();
    while left > 0 {
        piece.clear();
        let want = left.min(PIECE);
        file.take(want as u64).read_to_end(&mut piece)?;
        if piece.len() != want {
            return Ok(false);
        }
        rayon::join(|| fingerprint.update(&piece), || decode(&piece, header.float, header.big_endian, numbers));
        left -= want;
    }
    Ok(file.read(&mut [0])? == 0)
}

fn check_finite(matrix: &Array2<f32>) -> Result<(), NpyProblem> {
    let finite: Vec<bool> =
        matrix.axis_iter(Axis(0)).into_par_iter().map(|row| row.iter().all(|x| x.is_finite())).collect();
    // Not collected: a list of rows is larger than a file of narrow ones.
    let bad = || (0..finite.len()).filter(|&row| !finite[row]);
    match bad().count() {
        0 => Ok(()),
        count => Err(NpyProblem::NotFinite { first: bad().take(5).collect(), bad: count, rows: finite.len() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use half::f16;
    use ndarray::array;
    use npyz::WriterBuilder;

    /// Writes with another implementation than ours: an independent witness.
    fn witness<T: npyz::Serialize + Copy>(path: &Path, descr: &str, order: npyz::Order, numbers: &[T]) {
        let file = File::create(path).unwrap();
        let dtype = npyz::DType::Plain(descr.parse().unwrap());
        let options = npyz::WriteOptions::new().dtype(dtype).order(order).shape(&[2, 3]);
        let mut writer = options.writer(file).begin_nd().unwrap();
        writer.extend(numbers.iter().copied()).unwrap();
        writer.finish().unwrap();
    }

    #[test]
    fn every_kind_of_number_and_order_reads_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.npy");
        let want = array![[0.0, 1.0, -2.0], [0.5, 65504.0, -0.25]];
        let c = [0.0, 1.0, -2.0, 0.5, 65504.0, -0.25];
        let fortran = [0.0, 0.5, 1.0, 65504.0, -2.0, -0.25];
        for (order, numbers) in [(npyz::Order::C, c), (npyz::Order::Fortran, fortran)] {
            for end in ["<", ">"] {
                witness(&path, &format!("{end}f2"), order, &numbers.map(f16::from_f64));
                assert_eq!(read_npy_f32(&path).unwrap(), want, "{end}f2 {order:?}");
                witness(&path, &format!("{end}f4"), order, &numbers.map(|x| x as f32));
                assert_eq!(read_npy_f32(&path).unwrap(), want, "{end}f4 {order:?}");
                witness(&path, &format!("{end}f8"), order, &numbers);
                let got = read_npy_f32(&path).unwrap();
                assert_eq!(got, want, "{end}f8 {order:?}");
                assert!(got.is_standard_layout(), "rows are contiguous whatever the file's order");
            }
        }
    }

    #[test]
    fn what_is_written_is_read_by_us_and_by_the_witness() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.npy");
        let matrix = array![[0.0f32, 1.0, -2.0], [0.5, 3.0, -0.25]];
        write_npy_f32(&path, matrix.view()).unwrap();
        assert_eq!(read_npy_f32(&path).unwrap(), matrix);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), 128 + 6 * 4, "the data start at a multiple of 64");
        let file = npyz::NpyFile::new(&bytes[..]).unwrap();
        assert_eq!(file.shape(), [2, 3]);
        assert_eq!(file.into_vec::<f32>().unwrap(), [0.0, 1.0, -2.0, 0.5, 3.0, -0.25]);
        write_npy_f16(&path, matrix.mapv(f16::from_f32).view()).unwrap();
        assert_eq!(read_npy_f32(&path).unwrap(), matrix);
    }

    #[test]
    fn pieces_join_without_a_seam() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.npy");
        let matrix = Array2::from_shape_fn((1100, 1000), |(i, j)| (i * 1000 + j) as f32);
        write_npy_f32(&path, matrix.view()).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() > PIECE as u64);
        let (got, input) = read(&path).unwrap();
        assert_eq!(got, matrix);
        let mut whole = Fingerprint::new();
        whole.update(&std::fs::read(&path).unwrap());
        assert_eq!(input, whole.finish(&path));
    }

    #[test]
    fn rows_of_zeros_are_counted() {
        assert_eq!(zero_rows(&array![[0.0, 0.0], [0.0, 1.0], [-0.0, 0.0]]), 2);
    }
}
