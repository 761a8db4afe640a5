//! Numbers as cells.

use super::table::NONE;
use crate::interval::half_width;
use crate::number::{difference, fixed, metric};
use anchorrec_records::report::MeanSd;
use std::collections::BTreeMap;

/// Writes mean and standard deviation over seeds.
pub(super) fn mean_sd(value: Option<&MeanSd>, digits: usize) -> String {
    let Some(value) = value else { return NONE.to_owned() };
    match value.sd {
        Some(sd) => format!("{} ± {}", fixed(value.mean, digits), fixed(sd, digits)),
        None => fixed(value.mean, digits),
    }
}

/// Writes the 95 % interval of a mean over so many seeds.
pub(super) fn interval(values: &BTreeMap<String, MeanSd>, name: &str, seeds: usize) -> String {
    let ends = ends(values, name, seeds);
    ends.map_or(NONE.to_owned(), |(low, high)| format!("[{}, {}]", metric(low), metric(high)))
}

/// Returns the ends of the 95 % interval of a mean over so many seeds.
pub(super) fn ends(values: &BTreeMap<String, MeanSd>, name: &str, seeds: usize) -> Option<(f64, f64)> {
    let value = values.get(name)?;
    let half = half_width(value.sd, seeds)?;
    Some((value.mean - half, value.mean + half))
}

/// Writes a difference of two means with its sign.
pub(super) fn gain(of: Option<f64>, over: Option<&MeanSd>) -> String {
    let gain = of.zip(over).map(|(of, over)| difference(of - over.mean));
    gain.unwrap_or_else(|| NONE.to_owned())
}
