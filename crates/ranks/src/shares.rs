//! [`Shares`] says which rank owns which rows of a table.
//!
//! The rows are cut into blocks of a fixed size, and rank `r` of `R` owns the blocks `⌊r B / R⌋ .. ⌊(r + 1) B / R⌋` of `B`: contiguous rows, in the
//! order of the ranks. A share is empty where there are fewer blocks than ranks.

use std::ops::Range;

/// The shares of all ranks in the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    rows: usize,
    block: usize,
    ranks: usize,
}

impl Shares {
    /// Deals out `rows` rows in blocks of `block` to `ranks` ranks.
    ///
    /// # Panics
    /// When a block has no rows, or there is no rank.
    ///
    /// ```
    /// use anchorrec_ranks::Shares;
    ///
    /// // Three blocks, the last one with a single row.
    /// let shares = Shares::new(9, 4, 2);
    /// assert_eq!([shares.of(0), shares.of(1)], [0..4, 4..9]);
    /// ```
    pub fn new(rows: usize, block: usize, ranks: usize) -> Self {
        assert!(block > 0 && ranks > 0, "shares of {ranks} ranks in blocks of {block} rows");
        Shares { rows, block, ranks }
    }

    /// Returns the number of rows of all ranks together.
    pub fn rows(self) -> usize {
        self.rows
    }

    /// Returns the rows of a rank.
    ///
    /// # Panics
    /// When there is no such rank.
    pub fn of(self, rank: usize) -> Range<usize> {
        assert!(rank < self.ranks, "rank {rank} of {}", self.ranks);
        self.begin(rank)..self.begin(rank + 1)
    }

    fn begin(self, rank: usize) -> usize {
        let blocks = self.rows.div_ceil(self.block);
        (rank * blocks / self.ranks * self.block).min(self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_whole_blocks_and_cover_each_row_once() {
        for rows in [0, 1, 7, 8, 9, 40, 41] {
            for ranks in 1..=9 {
                let shares = Shares::new(rows, 8, ranks);
                let mut next = 0;
                for rank in 0..ranks {
                    let own = shares.of(rank);
                    assert_eq!(own.start, next, "{rows} rows, rank {rank} of {ranks}");
                    assert!(
                        own.end == rows || own.end.is_multiple_of(8),
                        "{rows} rows, rank {rank} of {ranks}: {own:?}"
                    );
                    // Nobody has more than one block above anybody else.
                    assert!(own.len().div_ceil(8) <= rows.div_ceil(8).div_ceil(ranks), "{rows} rows: {own:?}");
                    next = own.end;
                }
                assert_eq!(next, rows);
            }
        }
    }

    #[test]
    fn there_may_be_more_ranks_than_blocks() {
        let shares = Shares::new(10, 8, 4);
        assert_eq!([0, 1, 2, 3].map(|rank| shares.of(rank)), [0..0, 0..8, 8..8, 8..10]);
    }
}
