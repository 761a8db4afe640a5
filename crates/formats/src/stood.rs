//! Where rows stood: a number each, in runs of numbers that follow each other.

/// The places of rows, in the order of rows. Rows of consecutive lines, as most files have, need no room.
#[derive(Debug, Default)]
pub(crate) struct Stood {
    /// Where each run begins: the row and its place. Rows behind it have the places behind.
    runs: Vec<(usize, u64)>,
    rows: usize,
}

impl Stood {
    /// Adds the place of the next row.
    pub(crate) fn push(&mut self, place: u64) {
        let follows = self.runs.last().is_some_and(|&(row, first)| first + (self.rows - row) as u64 == place);
        if !follows {
            self.runs.push((self.rows, place));
        }
        self.rows += 1;
    }

    /// Returns the place of a row.
    ///
    /// # Panics
    /// When there is no such row.
    pub(crate) fn of(&self, row: usize) -> u64 {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        let (begin, first) = self.runs[self.runs.partition_point(|&(begin, _)| begin <= row) - 1];
        first + (row - begin) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_the_place_that_was_given() {
        let places = [2, 3, 4, 7, 8, 8, 9, 5, 1 << 48, (1 << 48) + 1];
        let mut stood = Stood::default();
        places.iter().for_each(|&place| stood.push(place));
        assert_eq!(std::array::from_fn(|row| stood.of(row)), places);
        assert_eq!(stood.runs.len(), 5);
    }
}
