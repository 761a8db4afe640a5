//! Popularity: the score of an item is the number of users who took it in training, `s_i = Σ_u R_ui`, the same for all users.

use crate::{FoldIn, Taken};

/// How many users took each item.
///
/// ```
/// use anchorrec_closed_forms::{FoldIn, Popularity, Taken};
/// let popularity = Popularity::new(&Taken::new(3, 3, [(0, 0), (1, 0), (2, 0), (2, 1)]));
/// assert_eq!(popularity.scores(&[]), [3.0, 1.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Popularity {
    counts: Vec<f64>,
}

impl Popularity {
    /// Counts the users of each item.
    pub fn new(taken: &Taken) -> Self {
        Popularity { counts: (0..taken.items() as u32).map(|item| taken.by_item(item).len() as f64).collect() }
    }
}

impl FoldIn for Popularity {
    fn items(&self) -> usize {
        self.counts.len()
    }

    fn scores_into(&self, _: &[u32], scores: &mut [f64]) {
        scores.copy_from_slice(&self.counts);
    }
}
