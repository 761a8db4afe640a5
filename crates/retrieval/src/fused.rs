//! Exact top-K lists by a model and a closed form together, as `train --fuse` chose them on validation.
//!
//! The score of an item is `z(model) + γ z(closed form)`. No vectors score so: the closed form asks for the user's items, and `z` for the scores of all
//! items. Lists are what a fusion gives; vectors are the model's alone.

use crate::candidates::Exclude;
use crate::error::RetrievalError;
use crate::retriever::{List, narrowed};
use crate::run::FinishedRun;
use anchorrec_data::{Dataset, ItemsByUser, Split};
use anchorrec_kernels::Packed;
use anchorrec_recommender::Embeddings;
use anchorrec_trainer::fusion::{Fusion, Person};
use ndarray::ArrayView2;
use std::ops::Deref;

/// Makes lists by a fusion. The model's vectors are borrowed (`&Embeddings`) or shared (`Arc<Embeddings>`).
pub struct FusedRetriever<E> {
    fusion: Fusion,
    embeddings: E,
    /// The items' vectors, packed once for all lists.
    keys: Packed<f32>,
    train: ItemsByUser,
    own: ItemsByUser,
    never: Vec<u32>,
}

impl<E: Deref<Target = Embeddings<f32>> + Sync> FusedRetriever<E> {
    /// Computes the closed form of a run's fusion once more. The items of `never` (ascending) are in no list; each user's own items are left out as
    /// `exclude` says.
    ///
    /// # Errors
    /// When the run was not fused, or the closed form cannot be computed.
    pub fn new(
        run: &FinishedRun,
        dataset: &Dataset,
        embeddings: E,
        exclude: Exclude,
        never: &[u32],
    ) -> Result<Self, RetrievalError> {
        let record = run.report.fusion.as_ref();
        let record = record.ok_or_else(|| RetrievalError::NotFused { folder: run.folder.clone() })?;
        let fusion = Fusion::again(record, run.run.seed, dataset)
            .map_err(|source| RetrievalError::Fusion { folder: run.folder.clone(), source })?;
        Ok(Self::of(fusion, dataset, embeddings, exclude, never))
    }

    /// Ranks by a fusion that is there.
    pub fn of(fusion: Fusion, dataset: &Dataset, embeddings: E, exclude: Exclude, never: &[u32]) -> Self {
        let train = dataset.interactions.by_user(Split::Train);
        let keys = Packed::new(embeddings.items.t());
        let own = exclude.items(&dataset.interactions);
        FusedRetriever { fusion, embeddings, keys, train, own, never: never.to_vec() }
    }

    /// Returns the `γ`; 0 ranks as the model alone.
    pub fn gamma(&self) -> f64 {
        self.fusion.gamma()
    }

    /// Returns the best `top` items of each of `users`, in their order; a list is shorter where fewer items remain.
    ///
    /// # Panics
    /// When a user is not in the embeddings.
    pub fn lists(&self, users: &[u32], top: usize) -> Vec<List> {
        let person = |&user: &u32| Person {
            vector: self.embeddings.users.row(user as usize),
            taken: self.train.of(user),
            left_out: self.own.of(user),
        };
        self.best(&users.iter().map(person).collect::<Vec<_>>(), top)
    }

    /// Returns the best `top` items for each row of `vectors`, `[n, D]`: users that the model does not know. `histories[n]` is what user `n` took,
    /// `own[n]` what is left out of its list; both ascend.
    ///
    /// # Panics
    /// When there is not one of each for each row, or the width is another than the items'.
    pub fn lists_for(
        &self,
        vectors: ArrayView2<f32>,
        histories: &[impl AsRef<[u32]>],
        own: &[impl AsRef<[u32]>],
        top: usize,
    ) -> Vec<List> {
        assert_eq!((vectors.nrows(), vectors.nrows()), (histories.len(), own.len()), "rows, histories, own items");
        let people = vectors.rows().into_iter().zip(histories.iter().zip(own));
        let people =
            people.map(|(vector, (taken, own))| Person { vector, taken: taken.as_ref(), left_out: own.as_ref() });
        self.best(&people.collect::<Vec<_>>(), top)
    }

    fn best(&self, people: &[Person<'_>], top: usize) -> Vec<List> {
        let lists = self.fusion.lists(&self.keys, people, top, &self.never);
        narrowed(lists)
    }
}
