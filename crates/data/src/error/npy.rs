//! An array file: what it can get wrong.

use super::Excerpt;

/// What an array file can get wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpyProblem {
    /// Not an array file.
    #[error("expected a .npy file (it starts with \\x93NUMPY), found {found}: save it with numpy.save")]
    Magic {
        /// The first bytes, escaped.
        found: Excerpt,
    },
    /// A version that does not exist.
    #[error("expected .npy version 1.0, 2.0 or 3.0, found {major}.{minor}: save it again with numpy.save")]
    Version {
        /// First number.
        major: u8,
        /// Second number.
        minor: u8,
    },
    /// A header that the file cannot hold, or that no honest writer makes.
    #[error(
        "header: expected at most {limit} bytes (the rest of the file, or 65536), found a promise of {promised}: the file is damaged"
    )]
    HeaderLength {
        /// What its length field says.
        promised: u64,
        /// The most that the file has room for.
        limit: u64,
    },
    /// A header that is not the dictionary it should be.
    #[error("header: expected {expected}, found {found}: save the array again with numpy.save")]
    Header {
        /// The missing piece.
        expected: &'static str,
        /// The header from there on, escaped.
        found: Excerpt,
    },
    /// Objects would have to be unpickled, which can run code.
    #[error("expected f16, f32 or f64, found Python objects: pickled objects are never read, save numbers instead")]
    Pickled,
    /// Not floating point numbers.
    #[error("expected f16, f32 or f64 ('<f2', '<f4', '<f8' or '>'), found dtype {found}: {}", conversion(found))]
    Dtype {
        /// The dtype, escaped.
        found: Excerpt,
    },
    /// Not a matrix, or an empty one.
    #[error("expected the shape (items, width), both at least 1, found {}: reshape the array", shape(found))]
    Shape {
        /// The shape.
        found: Vec<u64>,
    },
    /// Fewer or more bytes than the shape needs.
    #[error("expected {expected} bytes ({rows} x {cols} and the header), found {found}: the file is {}",
        if u128::from(*found) < *expected { "cut short" } else { "longer than its header says" })]
    Size {
        /// Bytes by the header.
        expected: u128,
        /// Bytes of the file.
        found: u64,
        /// By the header.
        rows: u64,
        /// By the header.
        cols: u64,
    },
    /// More numbers than memory.
    #[error("expected {rows} x {cols} numbers to fit into memory, found too little of it: use fewer columns")]
    Memory {
        /// By the header.
        rows: usize,
        /// By the header.
        cols: usize,
    },
    /// An array of another kind or shape than one of ids.
    #[error(
        "expected ids: an array of one dimension of texts or whole numbers, found dtype {found} and the shape {}: save ids with .astype(str)",
        shape(dims)
    )]
    NoIds {
        /// The dtype, escaped.
        found: Excerpt,
        /// The shape.
        dims: Vec<u64>,
    },
    /// An id that no whole number or text is.
    #[error("expected texts or whole numbers as ids, found {found} in place {place}: save ids with .astype(str)")]
    Id {
        /// The id, escaped.
        found: Excerpt,
        /// The number's place, counted from 0.
        place: usize,
    },
    /// NaN, infinity, or numbers beyond the range of `f32`, which count as infinity.
    #[error(
        "expected finite numbers, found NaN, infinity or numbers beyond 32-bit range in {bad} of {rows} rows, first in {}: replace or zero them",
        list(first)
    )]
    NotFinite {
        /// The first bad rows, counted from 0, at most five.
        first: Vec<usize>,
        /// How many rows are bad.
        bad: usize,
        /// How many rows there are.
        rows: usize,
    },
}

/// What makes single precision of an array of another dtype.
fn conversion(dtype: &Excerpt) -> &'static str {
    // numpy has no bfloat16 of its own: two bytes without a type, which astype cannot convert once they are read back.
    match dtype.to_string().contains("V2") {
        true => "two bytes without a type, as of bfloat16: convert with .astype('float32') before it is saved",
        false => "convert with .astype('float32')",
    }
}

fn shape(dims: &[u64]) -> String {
    let dims: Vec<String> = dims.iter().map(u64::to_string).collect();
    format!("({})", dims.join(", "))
}

fn list(rows: &[usize]) -> String {
    let rows: Vec<String> = rows.iter().map(usize::to_string).collect();
    format!("row {}", rows.join(", "))
}
