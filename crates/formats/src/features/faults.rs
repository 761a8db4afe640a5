//! Problems of one kind in one file: the first few with their places, and how many there are.

pub(super) use crate::error::at;
use crate::error::{FormatError, Place, row_error};
use anchorrec_files::few::SHOWN;
use anchorrec_files::grouped;
use std::path::Path;

/// Rows that break one rule.
#[derive(Debug, Default)]
pub(super) struct Faults {
    first: Vec<(Place, String)>,
    count: usize,
}

impl Faults {
    /// Counts a row; what was found in it is asked of the first few only.
    pub(super) fn add(&mut self, place: Place, found: impl FnOnce() -> String) {
        if self.first.len() < SHOWN {
            self.first.push((place, found()));
        }
        self.count += 1;
    }

    /// An error where there is any: the first row at its place, the others behind it; `help` says what to do.
    pub(super) fn check(self, path: &Path, expected: &str, help: &str) -> Result<(), FormatError> {
        let mut all = self.first.into_iter();
        let Some((place, found)) = all.next() else { return Ok(()) };
        let others: Vec<String> = all.map(|(place, found)| format!("{}: {found}", at(place))).collect();
        let more = self.count - 1 - others.len();
        let more = if more > 0 { format!("; and {} more", grouped(more)) } else { String::new() };
        let others = match self.count {
            1 => String::new(),
            count => format!("; {} such rows ({}{more})", grouped(count), others.join("; ")),
        };
        Err(row_error(path, place, expected, format!("{found}{others}: {help}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_five_are_named_and_all_are_counted() {
        let mut faults = Faults::default();
        (0..1007).for_each(|n| faults.add(Place::Row(2 * n), || format!("{n} numbers")));
        let said = faults.check(Path::new("a"), "8", "look").unwrap_err().to_string();
        assert_eq!(
            said,
            "a: row 0: expected 8, found 0 numbers; 1,007 such rows (row 2: 1 numbers; row 4: 2 numbers; row 6: 3 numbers; \
             row 8: 4 numbers; and 1,002 more): look"
        );
        assert!(Faults::default().check(Path::new("a"), "8", "look").is_ok());
    }
}
