//! Matrices to `.npy` files: version 1.0, little endian, C order.

use crate::DataError;
use half::f16;
use ndarray::ArrayView2;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

/// Writes `[rows, cols]` as `<f2`.
///
/// # Errors
/// When the system refuses.
pub fn write_npy_f16(path: &Path, matrix: ArrayView2<f16>) -> Result<(), DataError> {
    create(path, |out| npy_f16_to(out, matrix))
}

/// Writes `[rows, cols]` as `<f4`.
///
/// # Errors
/// When the system refuses.
pub fn write_npy_f32(path: &Path, matrix: ArrayView2<f32>) -> Result<(), DataError> {
    create(path, |out| npy_f32_to(out, matrix))
}

/// Writes the bytes of a file of `[rows, cols]` as `<f2` to `out`.
///
/// # Errors
/// When `out` refuses.
pub fn npy_f16_to(out: &mut dyn Write, matrix: ArrayView2<f16>) -> io::Result<()> {
    write(out, "<f2", matrix, |x| x.to_le_bytes())
}

/// Writes the bytes of a file of `[rows, cols]` as `<f4` to `out`.
///
/// # Errors
/// When `out` refuses.
pub fn npy_f32_to(out: &mut dyn Write, matrix: ArrayView2<f32>) -> io::Result<()> {
    write(out, "<f4", matrix, |x| x.to_le_bytes())
}

fn create(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), DataError> {
    let written = || -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        fill(&mut out)?;
        out.flush()
    };
    written().map_err(|source| DataError::Io { path: path.to_owned(), action: "write", source })
}

fn write<T: Copy, const N: usize>(
    out: &mut dyn Write,
    descr: &str,
    matrix: ArrayView2<T>,
    bytes: impl Fn(T) -> [u8; N],
) -> io::Result<()> {
    let (rows, cols) = matrix.dim();
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({rows}, {cols}), }}");
    // Magic, version, length and text end on a multiple of 64 bytes, as numpy aligns the data.
    let length = (10 + text.len() + 1).next_multiple_of(64) - 10;
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&(length as u16).to_le_bytes())?;
    writeln!(out, "{text:<width$}", width = length - 1)?;
    let mut line = Vec::with_capacity(cols * N);
    for row in matrix.rows() {
        line.clear();
        row.iter().for_each(|&x| line.extend_from_slice(&bytes(x)));
        out.write_all(&line)?;
    }
    Ok(())
}
