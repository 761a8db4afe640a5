//! Numbers as texts, of tables that hold numbers.

use crate::{Kind, Note};

/// A whole number of `scale` decimal places, as people write it: `4.5`, and `31` for `31.0`.
pub(crate) fn decimal(number: i128, scale: u32) -> String {
    let Some(unit) = 10i128.checked_pow(scale).filter(|unit| *unit > 1) else { return number.to_string() };
    let (whole, part) = ((number / unit).unsigned_abs(), (number % unit).unsigned_abs());
    let sign = if number < 0 { "-" } else { "" };
    if part == 0 {
        return format!("{sign}{whole}");
    }
    let part = format!("{part:0width$}", width = scale as usize);
    format!("{sign}{whole}.{}", part.trim_end_matches('0'))
}

/// Says that whole numbers were found in floating point.
pub(crate) fn floating_ids(column: &str) -> Note {
    let text = "column of ids is floating point: a whole number such as 31.0 is read as 31";
    Note::new(Kind::Guessed, "ids-of-floating-point", 1u64, text).with([column])
}
