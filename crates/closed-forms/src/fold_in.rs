//! Scores of all items for a list of items: that of a training user, or of a new one.
//!
//! A closed form has no user of its own. It scores a list of items, so a new user costs what an old one does and nothing is trained again.

/// A method that scores all items for a user's list of items.
pub trait FoldIn: Send + Sync {
    /// Returns the number of items `I`.
    fn items(&self) -> usize;

    /// Writes a score for each item over what is in `scores` `[I]`. `taken` ascends, each item once; items of `taken` get scores like all
    /// others: who ranks leaves them out. Scores are finite, and the same bits wherever they are computed.
    ///
    /// # Panics
    /// When an item is not there, or `scores` has another length.
    fn scores_into(&self, taken: &[u32], scores: &mut [f64]);

    /// Returns a score for each item.
    ///
    /// # Panics
    /// When an item is not there.
    ///
    /// ```
    /// use anchorrec_closed_forms::{FoldIn, Popularity, Taken};
    /// let popularity = Popularity::new(&Taken::new(2, 3, [(0, 1), (1, 1), (1, 2)]));
    /// assert_eq!(popularity.scores(&[2]), [0.0, 2.0, 1.0]); // for a new user
    /// ```
    fn scores(&self, taken: &[u32]) -> Vec<f64> {
        let mut scores = vec![0.0; self.items()];
        self.scores_into(taken, &mut scores);
        scores
    }
}
