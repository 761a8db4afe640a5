//! Wrong rows by kind: which of them are shown, and how many there are.

use anchorrec_data::note::either;
use anchorrec_files::few::SHOWN;
use anchorrec_files::grouped;

/// Kinds that are told apart; more than a person reads.
const MOST: usize = 20;

/// What was expected of wrong rows, and how many of each kind there are.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Vec<(String, usize)>);

impl Kinds {
    /// Counts a row; whether it is one of the first few of its kind.
    pub(crate) fn add(&mut self, expected: &str) -> bool {
        let known = self.0.iter().position(|(kind, _)| kind == expected);
        let place = known.unwrap_or_else(|| {
            // Beyond that number all others are one kind.
            let words = if self.0.len() < MOST { expected } else { "another" };
            if self.0.len() <= MOST {
                self.0.push((words.to_owned(), 0));
            }
            self.0.len() - 1
        });
        self.0[place].1 += 1;
        self.0[place].1 <= SHOWN
    }

    /// How many rows of each kind are not shown, a line each.
    pub(crate) fn more(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter(|(_, count)| *count > SHOWN).map(|(expected, count)| {
            let more = count - SHOWN;
            format!("{} {}: expected {expected}", grouped(more), either(more, "more such row", "more such rows"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_first_rows_and_its_count() {
        let mut kinds = Kinds::default();
        let shown: Vec<bool> = (0..1007).map(|_| kinds.add("a time")).collect();
        assert_eq!(shown.iter().filter(|shown| **shown).count(), SHOWN);
        assert!(kinds.add("a user id"));
        (0..6).for_each(|_| assert!(kinds.add("an item id") || kinds.more().count() == 2));
        let more: Vec<String> = kinds.more().collect();
        assert_eq!(more, ["1,002 more such rows: expected a time", "1 more such row: expected an item id"]);
        // As many kinds as rows do not become as many lines.
        (0..1000).for_each(|kind| _ = kinds.add(&kind.to_string()));
        assert_eq!(kinds.more().last().unwrap(), "978 more such rows: expected another");
    }
}
