//! `image_features_<Category>.b`: records of a 10-byte ASIN and 4096 little-endian `f32`.

use super::{Problem, RawError, RawLines};
use crate::Names;
use anchorrec_data::error::Excerpt;
use ndarray::{Array1, Array2, Axis};
use std::path::Path;

/// Bytes of the name.
const ASIN: usize = 10;
/// Numbers of a record.
pub const WIDTH: usize = 4096;
/// Bytes of a record.
pub const RECORD: usize = ASIN + 4 * WIDTH;

/// What was read.
#[derive(Debug)]
pub struct Images {
    /// `[items, 4096]`; an item without a record has the mean of those with one.
    pub matrix: Array2<f32>,
    /// Items without a record, in order.
    pub missing: Vec<u32>,
    /// Records of the file.
    pub records: u64,
    /// Records of items that were not wanted.
    pub others: u64,
    /// Further records of items that had one.
    pub repeated: u64,
}

/// Opens the image features of a category in a folder.
///
/// # Errors
/// When they are not there.
pub fn open(dir: &Path, category: &str) -> Result<RawLines, RawError> {
    let otherwise = ", or go without images by --no-images";
    RawLines::open(
        dir,
        &format!("image_features_{category}.b"),
        "the image features (10 bytes and 4096 f32 a record)",
        otherwise,
    )
}

/// Reads the features of `wanted` items, the first record of each: one matrix, and one record at a time.
///
/// # Errors
/// With the first record that is cut off, has no name, or has a number that is not finite in a wanted row; or when no wanted item has a record.
pub fn read(mut source: RawLines, wanted: &Names) -> Result<Images, RawError> {
    let mut matrix = Array2::<f32>::zeros((wanted.len(), WIDTH));
    let mut seen = vec![false; wanted.len()];
    let (mut records, mut others, mut repeated) = (0u64, 0, 0);
    let mut record = vec![0; RECORD];
    loop {
        let byte = records * RECORD as u64;
        let found = source.record(&mut record)?;
        if found == 0 {
            break;
        }
        let error = |problem| RawError::Record { path: source.path().to_owned(), byte, problem };
        if found < RECORD {
            return Err(error(Problem::Truncated { expected: RECORD, found }));
        }
        records += 1;
        let asin = match std::str::from_utf8(&record[..ASIN]) {
            Ok(asin) if asin.bytes().all(|b| b.is_ascii_alphanumeric()) => asin,
            _ => return Err(error(Problem::NotAnAsin { found: Excerpt::of_bytes(&record[..ASIN]) })),
        };
        let Some(item) = wanted.find(asin).map(|item| item as usize) else {
            others += 1;
            continue;
        };
        if std::mem::replace(&mut seen[item], true) {
            repeated += 1;
            continue;
        }
        let numbers = record[ASIN..].as_chunks::<4>().0.iter().copied().map(f32::from_le_bytes);
        for (place, (to, number)) in matrix.row_mut(item).iter_mut().zip(numbers).enumerate() {
            if !number.is_finite() {
                return Err(error(Problem::NotFinite { asin: asin.to_owned(), found: number, place }));
            }
            *to = number;
        }
    }
    let missing: Vec<u32> = (0..wanted.len()).filter(|&item| !seen[item]).map(|item| item as u32).collect();
    if missing.len() == wanted.len() {
        return Err(source.file_error(Problem::NoImage { wanted: wanted.len() }));
    }
    // Rows without a record are still zeros. In f64, because the sum of thousands of rows outgrows f32.
    let mut sum = Array1::<f64>::zeros(WIDTH);
    matrix.axis_iter(Axis(0)).for_each(|row| sum.zip_mut_with(&row, |sum, &x| *sum += f64::from(x)));
    let mean = sum.mapv(|sum| (sum / (wanted.len() - missing.len()) as f64) as f32);
    missing.iter().for_each(|&item| matrix.row_mut(item as usize).assign(&mean));
    Ok(Images { matrix, missing, records, others, repeated })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(asin: &str, number: impl Fn(usize) -> f32) -> Vec<u8> {
        let mut bytes = asin.as_bytes().to_vec();
        (0..WIDTH).for_each(|place| bytes.extend(number(place).to_le_bytes()));
        bytes
    }

    fn from(bytes: Vec<u8>) -> Result<Images, String> {
        let mut wanted = Names::default();
        ["AAAAAAAAA0", "AAAAAAAAA1", "AAAAAAAAA2"].iter().for_each(|name| {
            wanted.number(name);
        });
        read(RawLines::new(Path::new("i.b"), Box::new(std::io::Cursor::new(bytes))), &wanted).map_err(|e| e.to_string())
    }

    #[test]
    fn wanted_records_are_kept_and_missing_ones_are_the_mean() {
        let bytes = [
            record("AAAAAAAAA2", |place| place as f32),
            record("BBBBBBBBBB", |_| f32::NAN),
            record("AAAAAAAAA0", |_| 1.0),
            record("AAAAAAAAA0", |_| 9.0),
        ];
        let images = from(bytes.concat()).unwrap();
        assert_eq!((images.records, images.others, images.repeated), (4, 1, 1));
        assert_eq!(images.missing, [1]);
        assert_eq!(images.matrix.dim(), (3, 4096));
        for place in [0, 1, 4095] {
            let column: Vec<f32> = images.matrix.column(place).to_vec();
            assert_eq!(column, [1.0, (1.0 + place as f32) / 2.0, place as f32]);
        }
    }

    #[test]
    fn broken_files_are_errors_with_their_byte() {
        let good = record("AAAAAAAAA0", |_| 1.0);
        let cut = [good.clone(), record("AAAAAAAAA1", |_| 1.0)].concat()[..RECORD + 20].to_vec();
        let shifted = [&good[..], &record("AAAAAAAAA1", |_| 1.0)[1..], &[0]].concat();
        let odd = [good.clone(), record("AAAAAAAAA1", |place| if place == 7 { f32::NAN } else { 0.0 })].concat();
        let nameless = [good, record("AAAA\nAAAA1", |_| 0.0)].concat();
        let table = [
            (cut, "i.b: byte 16394: expected a record of 16394 bytes, found the end of the file after 20: was it"),
            (
                shifted,
                "i.b: byte 16394: expected 10 letters and digits at the start of a record, found \"AAAAAAAA1\\x00\"",
            ),
            (
                nameless,
                "i.b: byte 16394: expected 10 letters and digits at the start of a record, found \"AAAA\\nAAAA1\"",
            ),
            (odd, "i.b: byte 16394: expected finite numbers for item AAAAAAAAA1, found NaN at place 7"),
            (vec![], "i.b: expected a record for at least one of 3 items, found none"),
        ];
        for (bytes, want) in table {
            let message = from(bytes).unwrap_err();
            assert!(message.starts_with(want) && !message.contains('\n'), "{message}");
        }
    }
}
