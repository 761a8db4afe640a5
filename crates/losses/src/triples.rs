//! The rows of a batch's triples: for each triple one row of its user, one of its positive and one of its negative.
//!
//! A pairwise loss reads three matrices of one shape and sends back three of the same shape. [`Triples`] keeps the three together, be they
//! embeddings, views of them, or gradients.

use anchorrec_kernels::{Real, rows};
use ndarray::{Array2, ArrayView2, ArrayViewMut2};

/// One `T` for the users, one for the positives and one for the negatives of a batch.
///
/// ```
/// use anchorrec_losses::Triples;
/// use ndarray::{Array2, array};
///
/// // User row [1], its positive is item 1, its negative item 0.
/// let items = array![[10.0], [20.0]];
/// let rows = Triples::gather(array![[1.0]], &items, &[1], &[0]);
/// assert_eq!(rows.each(), [&array![[1.0]], &array![[20.0]], &array![[10.0]]]);
///
/// // The backward pass: gradients of the rows are added up at the items they came from.
/// let mut d = rows.zeros_like();
/// d.positives += 1.0;
/// d.negatives -= 1.0;
/// let mut d_items = Array2::zeros(items.dim());
/// d.scatter_items(&mut d_items, &[1], &[0]);
/// assert_eq!(d_items, array![[-1.0], [1.0]]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Triples<T> {
    /// What belongs to the users.
    pub users: T,
    /// What belongs to the positives.
    pub positives: T,
    /// What belongs to the negatives.
    pub negatives: T,
}

impl<T> Triples<T> {
    /// Returns the three in the order users, positives, negatives.
    ///
    /// ```
    /// let three = anchorrec_losses::Triples { users: "u", positives: "i", negatives: "j" };
    /// assert_eq!(three.each(), [&"u", &"i", &"j"]);
    /// ```
    pub fn each(&self) -> [&T; 3] {
        [&self.users, &self.positives, &self.negatives]
    }

    /// Returns the three to be changed in place, in the order users, positives, negatives.
    ///
    /// ```
    /// let mut counts = anchorrec_losses::Triples { users: 1, positives: 2, negatives: 3 };
    /// counts.each_mut().into_iter().for_each(|count| *count *= 10);
    /// assert_eq!(counts.each(), [&10, &20, &30]);
    /// ```
    pub fn each_mut(&mut self) -> [&mut T; 3] {
        [&mut self.users, &mut self.positives, &mut self.negatives]
    }
}

impl<F: Real> Triples<Array2<F>> {
    /// Gathers the rows of `B` triples, `[B, D]` each: `users` as they are; of `items` those at the places `positives` and `negatives`, repeats kept.
    ///
    /// # Panics
    /// When a place is not a row of `items`.
    ///
    /// ```
    /// use anchorrec_losses::Triples;
    /// use ndarray::array;
    ///
    /// let rows = Triples::gather(array![[1.0]], &array![[10.0], [20.0]], &[1], &[0]);
    /// assert_eq!((rows.positives, rows.negatives), (array![[20.0]], array![[10.0]]));
    /// ```
    pub fn gather(users: Array2<F>, items: &Array2<F>, positives: &[u32], negatives: &[u32]) -> Self {
        Triples { users, positives: rows::gather(items, positives), negatives: rows::gather(items, negatives) }
    }

    /// Adds the rows of the positives and then those of the negatives to their places in `items`: the backward pass of
    /// [`gather`](Self::gather).
    ///
    /// # Panics
    /// When a place is not a row of `items`, or there is not a place for each row.
    ///
    /// ```
    /// use anchorrec_losses::Triples;
    /// use ndarray::{Array2, array};
    ///
    /// let d = Triples { users: array![[0.0]], positives: array![[3.0]], negatives: array![[-3.0]] };
    /// let mut d_items = Array2::zeros((2, 1));
    /// d.scatter_items(&mut d_items, &[1], &[0]);
    /// assert_eq!(d_items, array![[-3.0], [3.0]]);
    /// ```
    pub fn scatter_items(&self, items: &mut Array2<F>, positives: &[u32], negatives: &[u32]) {
        rows::scatter_add(items, positives, self.positives.view());
        rows::scatter_add(items, negatives, self.negatives.view());
    }

    /// Makes zeros of the same shapes: where gradients are added up.
    ///
    /// ```
    /// use anchorrec_losses::Triples;
    /// use ndarray::array;
    ///
    /// let rows = Triples { users: array![[1.0]], positives: array![[2.0]], negatives: array![[3.0]] };
    /// assert_eq!(rows.zeros_like().users, array![[0.0]]);
    /// ```
    pub fn zeros_like(&self) -> Self {
        let [users, positives, negatives] = self.each().map(|rows| Array2::zeros(rows.dim()));
        Triples { users, positives, negatives }
    }

    /// Views the rows, as a loss reads them.
    ///
    /// ```
    /// use anchorrec_losses::{Triples, bpr_of_triples};
    /// use ndarray::array;
    ///
    /// let rows = Triples { users: array![[1.0]], positives: array![[2.0]], negatives: array![[2.0]] };
    /// assert_eq!(bpr_of_triples(rows.view(), 0.0).value, 2f64.ln());
    /// ```
    pub fn view(&self) -> Triples<ArrayView2<'_, F>> {
        let [users, positives, negatives] = self.each().map(|rows| rows.view());
        Triples { users, positives, negatives }
    }

    /// Views the rows to be written to, as a loss's backward pass adds to them.
    ///
    /// ```
    /// use anchorrec_losses::Triples;
    /// use ndarray::array;
    ///
    /// let mut d = Triples { users: array![[1.0]], positives: array![[2.0]], negatives: array![[3.0]] };
    /// let mut views = d.view_mut();
    /// views.users += 1.0;
    /// assert_eq!(d.users, array![[2.0]]);
    /// ```
    pub fn view_mut(&mut self) -> Triples<ArrayViewMut2<'_, F>> {
        let [users, positives, negatives] = self.each_mut().map(|rows| rows.view_mut());
        Triples { users, positives, negatives }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn items_go_back_to_where_they_came_from() {
        let items = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let z = Triples::gather(array![[7.0, 8.0], [9.0, 10.0]], &items, &[2, 0], &[0, 0]);
        assert_eq!(z.positives, array![[5.0, 6.0], [1.0, 2.0]]);
        assert_eq!(z.negatives, array![[1.0, 2.0], [1.0, 2.0]]);
        let mut back = z.zeros_like();
        for (d, z) in back.each_mut().into_iter().zip(z.each()) {
            *d += z;
        }
        assert_eq!(back, z);
        let mut d_items = Array2::zeros(items.dim());
        back.scatter_items(&mut d_items, &[2, 0], &[0, 0]);
        // Item 0 is once a positive and twice a negative.
        assert_eq!(d_items, array![[3.0, 6.0], [0.0, 0.0], [5.0, 6.0]]);
    }
}
