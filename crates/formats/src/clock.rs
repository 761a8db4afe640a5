//! What is said of a column of times that are no dates.

use crate::error::{FormatError, file_error};
use crate::events::Time;
use crate::times::{Clock, Column, Small, day_of};
use anchorrec_data::note::{Kind, Note, either};
use std::path::Path;

/// What is said of a column.
///
/// # Errors
/// When its numbers look like days, months or years, and have fractions: as seconds they would lose their order.
pub(crate) fn judge(times: &Column, path: &Path) -> Result<Vec<Note>, FormatError> {
    let between = |small: &Small| match small.min == small.max {
        true => small.min.to_string(),
        false => format!("{} to {}", small.min, small.max),
    };
    let mut notes = Vec::new();
    if times.fine() > 0 {
        let text = either(
            times.fine(),
            "row differs from the row before it by less than a second, which is not kept: the order of rows decides within a second",
            "rows differ from the row before them by less than a second, which is not kept: the order of rows decides within a second",
        );
        notes.push(Note::new(Kind::Ignored, "times-below-a-second", times.fine(), text));
    }
    if let Some(small) = times.strays() {
        let text = either(
            small.count,
            "time lies before 1973 and the others after it: 0 and -1 often stand for none",
            "times lie before 1973 and the others after it: 0 and -1 often stand for none",
        );
        notes.push(Note::new(Kind::Odd, "times-near-1970", small.count, text).with([between(&small)]));
    }
    let (small, looks) = match times.clock() {
        None => return Ok(notes),
        Some(Clock::Fractions(unit, small)) => {
            let found = format!(
                "{}, which look like {unit} and would lose their order as seconds: write them as dates like 2014-07-23T10:11:12",
                between(&small)
            );
            return Err(file_error(path, "points in time in the column of times", found));
        }
        Some(Clock::Like(unit, small)) => {
            (small, format!("; they look like {unit}: if they are, write them as dates like 2014-07-23"))
        }
        Some(Clock::Own(small)) => (small, String::new()),
    };
    let text = either(
        small.count,
        "time is a number of a clock of its own, which orders rows and is no date",
        "times are numbers of a clock of their own, which order rows and are no dates",
    );
    let text = format!("{text}: {}{looks}", between(&small));
    notes.push(Note::new(Kind::Guessed, "times-of-own-clock", small.count, text));
    Ok(notes)
}

/// The first second of 2100: no data has later times yet.
const FAR: i64 = 4_102_444_800;

/// What is said of times that lie far ahead: numbers of another unit or another beginning (1601, 1900), or a date that stands for none.
pub(crate) fn far(times: impl Iterator<Item = Time>) -> Option<Note> {
    let (mut count, mut last) = (0u64, 0);
    for seconds in times.map(Time::seconds).filter(|seconds| *seconds >= FAR) {
        (count, last) = (count + 1, seconds.max(last));
    }
    let text = either(
        count,
        "time lies after the year 2099: is its unit another one, or does it stand for none?",
        "times lie after the year 2099: is their unit another one, or do they stand for none?",
    );
    (count > 0).then(|| Note::new(Kind::Odd, "times-far-ahead", count, text).with([day_of(last)]))
}
