//! Which rows a batch touches, each once.
//!
//! Of the 4,096 positives and negatives of a batch many are the same item, and alignment terms see only the positives,
//! repeats kept. Rows are computed once per distinct item; a repeat becomes a multiplicity. [`Distinct`] is one list without its
//! repeats (the users of a batch), [`BatchRows`] the two lists of items together.

use crate::Batch;
use anchorrec_kernels::Real;
use ndarray::Array1;

/// The distinct ids of a list and where the list finds them.
///
/// ```
/// use anchorrec_recommender::Distinct;
///
/// let users = Distinct::<f32>::new(&[4, 1, 4, 4]);
/// assert_eq!((users.ids, users.places), (vec![1, 4], vec![1, 0, 1, 1]));
/// assert_eq!(users.multiplicity.to_vec(), [1.0, 3.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Distinct<F> {
    /// The distinct ids, ascending, `[n]`.
    pub ids: Vec<u32>,
    /// For each entry of the list its place in `ids`, `[B]`.
    pub places: Vec<u32>,
    /// How often each occurs in the list, `[n]`; the sum is `B`.
    pub multiplicity: Array1<F>,
}

impl<F: Real> Distinct<F> {
    /// Finds the distinct ids of `list`.
    ///
    /// ```
    /// assert_eq!(anchorrec_recommender::Distinct::<f64>::new(&[7, 7]).ids, [7]);
    /// ```
    pub fn new(list: &[u32]) -> Self {
        let ids = distinct(list.to_vec());
        let places: Vec<u32> = list.iter().map(|&id| place(&ids, id)).collect();
        let mut multiplicity = Array1::zeros(ids.len());
        for &place in &places {
            multiplicity[place as usize] += F::one();
        }
        Distinct { ids, places, multiplicity }
    }
}

/// The distinct items of a batch and where its triples find them.
///
/// ```
/// use anchorrec_recommender::{Batch, BatchRows};
///
/// // Item 7 is the positive of two triples, item 2 the negative of both.
/// let batch = Batch { users: &[0, 1], positives: &[7, 7], negatives: &[2, 2], seed: 0, index: 0 };
/// let rows = BatchRows::<f32>::new(&batch);
/// assert_eq!((rows.items, rows.positives, rows.negatives), (vec![2, 7], vec![1, 1], vec![0, 0]));
/// assert_eq!((rows.positive_items, rows.multiplicity.to_vec()), (vec![7], vec![2.0]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BatchRows<F> {
    /// The distinct positives and negatives, ascending.
    pub items: Vec<u32>,
    /// For each triple the place of its positive in `items`, `[B]`.
    pub positives: Vec<u32>,
    /// For each triple the place of its negative in `items`, `[B]`.
    pub negatives: Vec<u32>,
    /// The distinct positives, ascending, `[n]`.
    pub positive_items: Vec<u32>,
    /// The places of `positive_items` in `items`, `[n]`.
    pub positive_places: Vec<u32>,
    /// How often each is a positive of the batch, `[n]`; the sum is `B`.
    pub multiplicity: Array1<F>,
}

impl<F: Real> BatchRows<F> {
    /// Finds the distinct items of `batch`.
    ///
    /// # Panics
    /// When the batch is empty or its three lists differ in length.
    ///
    /// ```
    /// use anchorrec_recommender::{Batch, BatchRows};
    ///
    /// let batch = Batch { users: &[0], positives: &[3], negatives: &[1], seed: 0, index: 0 };
    /// assert_eq!(BatchRows::<f32>::new(&batch).items, [1, 3]);
    /// ```
    pub fn new(batch: &Batch) -> Self {
        batch.check();
        let items = distinct(batch.positives.iter().chain(batch.negatives).copied().collect());
        let Distinct { ids: positive_items, multiplicity, .. } = Distinct::new(batch.positives);
        BatchRows {
            positives: batch.positives.iter().map(|&i| place(&items, i)).collect(),
            negatives: batch.negatives.iter().map(|&i| place(&items, i)).collect(),
            positive_places: positive_items.iter().map(|&i| place(&items, i)).collect(),
            items,
            positive_items,
            multiplicity,
        }
    }
}

fn distinct(mut ids: Vec<u32>) -> Vec<u32> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn place(sorted: &[u32], id: u32) -> u32 {
    sorted.binary_search(&id).expect("every id of the batch is in the list made of it") as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn repeats_become_multiplicities() {
        let batch =
            Batch { users: &[0, 1, 2, 3], positives: &[7, 2, 7, 9], negatives: &[2, 5, 5, 1], seed: 0, index: 0 };
        let rows = BatchRows::<f64>::new(&batch);
        assert_eq!(rows.items, [1, 2, 5, 7, 9]);
        assert_eq!((rows.positives.as_slice(), rows.negatives.as_slice()), (&[3, 1, 3, 4][..], &[1, 2, 2, 0][..]));
        assert_eq!((rows.positive_items, rows.positive_places), (vec![2, 7, 9], vec![1, 3, 4]));
        assert_eq!(rows.multiplicity, array![1.0, 2.0, 1.0]);
    }

    #[test]
    fn a_list_is_its_distinct_ids_at_their_places() {
        let list = [4, 1, 4, 4];
        let Distinct { ids, places, multiplicity } = Distinct::<f32>::new(&list);
        assert_eq!((ids, places, multiplicity), (vec![1, 4], vec![1, 0, 1, 1], array![1.0, 3.0]));
    }

    #[test]
    #[should_panic(expected = "a batch of 1 users, 1 positives, 0 negatives")]
    fn a_ragged_batch_is_named() {
        BatchRows::<f32>::new(&Batch { users: &[0], positives: &[1], negatives: &[], seed: 0, index: 0 });
    }
}
