//! An array of one or two dimensions from anywhere: numbers, or ids as text.

use super::header::{self, Element, Float, Said};
use super::numbers::{PIECE, decode};
use crate::DataError;
use crate::error::{Excerpt, NpyProblem};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Doubles hold every whole number up to here, and not the next one.
const EXACT_F64: f64 = 9_007_199_254_740_992.0;
/// Singles hold every whole number up to here.
const EXACT_F32: f64 = 16_777_216.0;
/// Halves hold every whole number up to here.
const EXACT_F16: f64 = 2_048.0;

/// An array whose header was read, and whose length fits it.
#[derive(Debug)]
pub struct NpyArray<R> {
    /// Who is named in errors.
    path: PathBuf,
    reader: R,
    said: Said,
    /// How many elements there are.
    count: usize,
}

impl<R: Read> NpyArray<R> {
    /// Reads the header of an array of `bytes` bytes; `path` is named in errors.
    ///
    /// # Errors
    /// When it cannot be read, is no array, holds Python objects, or has another length than its header says.
    pub fn open(path: &Path, mut reader: R, bytes: u64) -> Result<Self, DataError> {
        let npy = |problem| DataError::Npy { path: path.to_owned(), problem };
        let (raw, said) = header::read_any(&mut reader, bytes).map_err(|cause| io_error(path, cause))?;
        let said = said.map_err(npy)?;
        let count = said.shape.iter().fold(1u128, |all, &n| all.saturating_mul(u128::from(n)));
        let expected = count.saturating_mul(said.element.bytes() as u128).saturating_add(raw.len() as u128);
        if !matches!(said.element, Element::Other(_)) && expected != u128::from(bytes) {
            let (rows, cols) = (said.shape.first().copied().unwrap_or(1), said.shape.get(1).copied().unwrap_or(1));
            return Err(npy(NpyProblem::Size { expected, found: bytes, rows, cols }));
        }
        // Texts of no characters take no bytes: then any number of them fits.
        let fits = said.element.bytes() > 0 || count <= u128::from(bytes);
        let count = usize::try_from(count).ok().filter(|_| fits);
        let count = count.ok_or_else(|| npy(NpyProblem::Shape { found: said.shape.clone() }))?;
        Ok(NpyArray { path: path.to_owned(), reader, said, count })
    }

    /// Returns its dimensions.
    pub fn shape(&self) -> &[u64] {
        &self.said.shape
    }

    /// Returns the type of its elements as numpy writes it: `<f4`.
    pub fn dtype(&self) -> &str {
        &self.said.dtype
    }

    /// Returns whether its elements are floating point of half, single or double precision.
    pub fn is_float(&self) -> bool {
        matches!(self.said.element, Element::Float(_))
    }

    /// Returns whether it can be a list of ids: texts or whole numbers in one dimension.
    pub fn is_ids(&self) -> bool {
        self.said.shape.len() == 1 && matches!(self.said.element, Element::Text { .. } | Element::Whole { .. })
    }

    /// Reads the numbers row by row, whatever their order in the file. They are not judged: they may be infinite or none.
    ///
    /// # Errors
    /// When they are no floating point, have more than two dimensions or none, or cannot be read.
    pub fn floats(self) -> Result<Vec<f32>, DataError> {
        let NpyArray { path, mut reader, said, count } = self;
        let npy = |problem| DataError::Npy { path: path.clone(), problem };
        let Element::Float(float) = said.element else {
            return Err(npy(NpyProblem::Dtype { found: Excerpt::of(&said.dtype) }));
        };
        if said.shape.is_empty() || said.shape.len() > 2 || count == 0 {
            return Err(npy(NpyProblem::Shape { found: said.shape }));
        }
        let mut numbers = Vec::new();
        pieces(&path, &mut reader, count * float.bytes(), &mut |piece| {
            decode(piece, float, said.big_endian, &mut numbers);
        })?;
        match said.shape[..] {
            [rows, cols] if said.fortran => {
                let (rows, cols) = (rows as usize, cols as usize);
                Ok((0..count).map(|at| numbers[(at % cols) * rows + at / cols]).collect())
            }
            _ => Ok(numbers),
        }
    }

    /// Reads the elements as ids. A whole number in floating point is that number: 31.0 is `31`.
    ///
    /// # Errors
    /// When it has not one dimension, holds anything else, or cannot be read.
    pub fn ids(self) -> Result<Vec<String>, DataError> {
        let NpyArray { path, mut reader, said, count } = self;
        let npy = |problem| DataError::Npy { path: path.clone(), problem };
        if said.shape.len() != 1 || matches!(said.element, Element::Other(_)) {
            return Err(npy(NpyProblem::NoIds { found: Excerpt::of(&said.dtype), dims: said.shape }));
        }
        let bytes = said.element.bytes();
        let mut ids = Vec::new();
        let mut rest = Vec::new();
        let mut wrong = None;
        pieces(&path, &mut reader, count * bytes, &mut |piece| {
            rest.extend_from_slice(piece);
            let whole = rest.len() - rest.len() % bytes;
            for element in rest[..whole].chunks_exact(bytes) {
                let read = id(element, &said.element, said.big_endian);
                let place = ids.len();
                ids.push(read.unwrap_or_else(|found| {
                    wrong.get_or_insert((place, found));
                    String::new()
                }));
            }
            rest.drain(..whole);
        })?;
        match wrong {
            Some((place, found)) => Err(npy(NpyProblem::Id { found: Excerpt::of(&found), place })),
            None => {
                // Texts of no characters.
                ids.resize(count, String::new());
                Ok(ids)
            }
        }
    }
}

/// Reads exactly so many bytes, in pieces that are a multiple of every number's size.
fn pieces(path: &Path, reader: &mut impl Read, bytes: usize, work: &mut dyn FnMut(&[u8])) -> Result<(), DataError> {
    let mut left = bytes;
    let mut piece = Vec::new();
    while left > 0 {
        piece.clear();
        let want = left.min(PIECE);
        reader.take(want as u64).read_to_end(&mut piece).map_err(|cause| io_error(path, cause))?;
        if piece.len() != want {
            return Err(io_error(path, io::Error::from(io::ErrorKind::UnexpectedEof)));
        }
        work(&piece);
        left -= want;
    }
    Ok(())
}

fn io_error(path: &Path, source: io::Error) -> DataError {
    DataError::Io { path: path.to_owned(), action: "read", source }
}

/// An element as an id, or what it is instead.
fn id(bytes: &[u8], element: &Element, big_endian: bool) -> Result<String, String> {
    match element {
        Element::Text { wide: false, .. } => {
            let text = String::from_utf8(bytes.to_vec()).map_err(|_| bytes.escape_ascii().to_string())?;
            Ok(text.trim_end_matches('\0').to_owned())
        }
        Element::Text { wide: true, .. } => {
            let number =
                |four: &[u8; 4]| if big_endian { u32::from_be_bytes(*four) } else { u32::from_le_bytes(*four) };
            let text: Option<String> = bytes.as_chunks().0.iter().map(|four| char::from_u32(number(four))).collect();
            Ok(text.ok_or("other bytes")?.trim_end_matches('\0').to_owned())
        }
        Element::Whole { signed, .. } => {
            let mut wide = [0; 8];
            wide[..bytes.len()].copy_from_slice(bytes);
            if big_endian {
                wide[..bytes.len()].reverse();
            }
            let number = u64::from_le_bytes(wide);
            // The sign of a shorter number moves to the top and back.
            let shift = 64 - 8 * bytes.len() as u32;
            Ok(if *signed { ((number << shift) as i64 >> shift).to_string() } else { number.to_string() })
        }
        Element::Float(float) => {
            let mut number = Vec::new();
            let number = match (float, bytes.as_chunks().0) {
                (Float::F64, [eight]) if big_endian => f64::from_be_bytes(*eight),
                (Float::F64, [eight]) => f64::from_le_bytes(*eight),
                _ => {
                    decode(bytes, *float, big_endian, &mut number);
                    f64::from(number[0])
                }
            };
            let exact = match float {
                Float::F16 => EXACT_F16,
                Float::F32 => EXACT_F32,
                Float::F64 => EXACT_F64,
            };
            if number.fract() == 0.0 && number.abs() < exact { Ok(number.to_string()) } else { Err(number.to_string()) }
        }
        Element::Other(dtype) => Err(dtype.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use npyz::WriterBuilder;

    fn written(descr: &str, shape: &[u64], bytes: &[u8]) -> Vec<u8> {
        let dims: Vec<String> = shape.iter().map(|n| format!("{n},")).collect();
        let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}), }}\n", dims.concat());
        [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes(), bytes].concat()
    }

    fn ids(descr: &str, count: u64, bytes: &[u8]) -> Result<Vec<String>, String> {
        let file = written(descr, &[count], bytes);
        let array = NpyArray::open(Path::new("a.npy"), &file[..], file.len() as u64);
        array.and_then(NpyArray::ids).map_err(|error| error.to_string())
    }

    #[test]
    fn ids_of_every_type_are_what_the_person_wrote() {
        let wide = |text: &str| text.chars().flat_map(|c| (c as u32).to_le_bytes()).collect::<Vec<u8>>();
        assert_eq!(ids("<U3", 2, &wide("007é\0\0")).unwrap(), ["007", "é"]);
        assert_eq!(ids(">U1", 1, &('x' as u32).to_be_bytes()).unwrap(), ["x"]);
        assert_eq!(ids("|S2", 2, b"abc\0").unwrap(), ["ab", "c"]);
        assert_eq!(ids("<i8", 1, &(-7i64).to_le_bytes()).unwrap(), ["-7"]);
        assert_eq!(ids("|i1", 2, &[255, 7]).unwrap(), ["-1", "7"]);
        assert_eq!(ids(">i2", 1, &(-300i16).to_be_bytes()).unwrap(), ["-300"]);
        assert_eq!(ids("<u8", 1, &u64::MAX.to_le_bytes()).unwrap(), ["18446744073709551615"]);
        assert_eq!(ids("<f8", 1, &31f64.to_le_bytes()).unwrap(), ["31"]);
        assert_eq!(ids("<f4", 1, &31f32.to_le_bytes()).unwrap(), ["31"]);
        // Halves, thirds, none, and what is too large to be told from its neighbour.
        for bad in [31.5, f64::NAN, EXACT_F64] {
            assert!(ids("<f8", 1, &bad.to_le_bytes()).unwrap_err().contains("place 0"), "{bad}");
        }
        assert!(ids("|O", 1, &[0; 8]).unwrap_err().contains("pickled"));
        assert!(ids("<i8", 2, &[0; 8]).unwrap_err().contains("cut short"));
        assert!(ids("<U0", u64::MAX, &[]).is_err(), "nothing is allocated by a promise");
        assert_eq!(ids("<U0", 2, &[]).unwrap(), ["", ""]);
    }

    #[test]
    fn numbers_of_one_or_two_dimensions_come_row_by_row() {
        let row = written("<f4", &[3], &[1f32, 2.0, 3.0].map(f32::to_le_bytes).concat());
        let array = NpyArray::open(Path::new("a.npy"), &row[..], row.len() as u64).unwrap();
        assert_eq!((array.shape(), array.is_float(), array.is_ids()), (&[3][..], true, false));
        assert_eq!(array.floats().unwrap(), [1.0, 2.0, 3.0]);
        // Another writer, column by column.
        let mut file = Vec::new();
        let dtype = npyz::DType::Plain("<f8".parse().unwrap());
        let options = npyz::WriteOptions::new().dtype(dtype).order(npyz::Order::Fortran).shape(&[2, 3]);
        let mut writer = options.writer(&mut file).begin_nd().unwrap();
        writer.extend([1.0f64, 4.0, 2.0, 5.0, 3.0, 6.0]).unwrap();
        writer.finish().unwrap();
        let array = NpyArray::open(Path::new("a.npy"), &file[..], file.len() as u64).unwrap();
        assert_eq!(array.floats().unwrap(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let whole = written("<i8", &[1], &[0; 8]);
        let array = NpyArray::open(Path::new("a.npy"), &whole[..], whole.len() as u64).unwrap();
        assert!(array.is_ids() && array.floats().unwrap_err().to_string().contains("dtype"));
    }
}
