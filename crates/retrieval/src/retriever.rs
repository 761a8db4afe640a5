//! Exact top-K lists: the evaluation's own ranking.
//!
//! The score of user `u` and item `i` is `z_u · z_i`. All items are scanned, a tile at a time; ties go to the lower item number.

use crate::candidates::Exclude;
use anchorrec_data::{Interactions, ItemsByUser};
use anchorrec_kernels::rows::gather;
use anchorrec_recommender::Embeddings;
use anchorrec_trainer::ranking::Ranker;
use ndarray::ArrayView2;
use std::ops::Deref;

/// An item with its score.
pub type Scored = (u32, f32);

/// A list: items with their scores, best first.
pub type List = Vec<Scored>;

/// Lists of scores in `f64`, each rounded to `f32`.
pub(crate) fn narrowed(lists: Vec<Vec<(u32, f64)>>) -> Vec<List> {
    lists.into_iter().map(|list| list.into_iter().map(|(item, score)| (item, score as f32)).collect()).collect()
}

/// Makes lists by the vectors of one model, which are borrowed (`&Embeddings`) or shared (`Arc<Embeddings>`).
pub struct Retriever<E> {
    embeddings: E,
    ranker: Ranker<f32>,
    own: ItemsByUser,
}

impl<E: Deref<Target = Embeddings<f32>> + Sync> Retriever<E> {
    /// Packs the items' vectors once. The items of `never` (ascending) are in no list; each user's own items are left out as `exclude` says.
    pub fn new(embeddings: E, interactions: &Interactions, exclude: Exclude, never: &[u32]) -> Self {
        let ranker = Ranker::new(embeddings.items.view(), never);
        Retriever { embeddings, ranker, own: exclude.items(interactions) }
    }

    /// Returns the best `top` items of each of `users`, in their order; a list is shorter where fewer items remain.
    ///
    /// # Panics
    /// When a user is not in the embeddings.
    pub fn lists(&self, users: &[u32], top: usize) -> Vec<List> {
        self.ranker.best(users, top, |users| gather(&self.embeddings.users, users), |user| self.own.of(user))
    }

    /// Returns the best `top` items for each row of `vectors`, `[n, D]`: users that the model does not know. `own[n]` are the items that are left
    /// out of list `n`, ascending.
    ///
    /// # Panics
    /// When `own` has not an entry for each row, or the width is another than the items'.
    pub fn lists_for(&self, vectors: ArrayView2<f32>, own: &[impl AsRef<[u32]> + Sync], top: usize) -> Vec<List> {
        assert_eq!(vectors.nrows(), own.len(), "rows and lists of own items");
        let places: Vec<u32> = (0..vectors.nrows() as u32).collect();
        self.ranker.best(&places, top, |places| gather(&vectors, places), |place| own[place as usize].as_ref())
    }
}
