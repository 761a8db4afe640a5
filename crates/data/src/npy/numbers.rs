//! Bytes to numbers.

use super::header::Float;
use half::f16;
use half::slice::HalfFloatSliceExt;

/// Bytes read at once; a multiple of every number's size.
pub(super) const PIECE: usize = 4 << 20;

/// Appends the numbers of a piece.
pub(super) fn decode(bytes: &[u8], float: Float, big_endian: bool, numbers: &mut Vec<f32>) {
    fn each<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
        bytes.as_chunks::<N>().0.iter().copied()
    }
    match (float, big_endian) {
        (Float::F16, big) => {
            let from = if big { f16::from_be_bytes } else { f16::from_le_bytes };
            // Whole slices go through the processor's conversion where it has one.
            let halves: Vec<f16> = each(bytes).map(from).collect();
            let start = numbers.len();
            numbers.resize(start + halves.len(), 0.0);
            halves.convert_to_f32_slice(&mut numbers[start..]);
        }
        (Float::F32, false) => numbers.extend(each(bytes).map(f32::from_le_bytes)),
        (Float::F32, true) => numbers.extend(each(bytes).map(f32::from_be_bytes)),
        (Float::F64, false) => numbers.extend(each(bytes).map(|b| f64::from_le_bytes(b) as f32)),
        (Float::F64, true) => numbers.extend(each(bytes).map(|b| f64::from_be_bytes(b) as f32)),
    }
}
