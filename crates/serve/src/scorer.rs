//! What ranks: a trained model, alone or fused with a closed form, or a closed form alone.
//!
//! Each is the retrieval crate's own, so a list is the one that `anchorrec recommend` writes, to the last place.

use anchorrec_recommender::{Embeddings, UserSums};
use anchorrec_retrieval::closed_form::ClosedFormRetriever;
use anchorrec_retrieval::fold_in::FoldIn;
use anchorrec_retrieval::{FusedRetriever, List, Retriever};
use ndarray::{Array2, OwnedRepr};
use std::sync::Arc;

/// What makes lists.
pub enum Scorer {
    /// The dot products of a trained model's vectors.
    Model(Retriever<Arc<Embeddings<f32>>>, Vectors),
    /// A trained model and a closed form together.
    Fusion(FusedRetriever<Arc<Embeddings<f32>>>, Vectors),
    /// A closed form alone.
    ClosedForm(ClosedFormRetriever),
}

/// Where the vectors of users come from.
pub struct Vectors {
    /// Known users and all items.
    pub embeddings: Arc<Embeddings<f32>>,
    /// New users, from their items.
    pub fold_in: FoldIn<OwnedRepr<f32>>,
    /// Known users as sums over their training items, where the model makes them so.
    pub sums: Option<UserSums<f32>>,
}

/// Somebody to make a list for.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// The number of a known user; nothing for a new one.
    pub user: Option<u32>,
    /// The items that the user took, ascending.
    pub taken: &'a [u32],
    /// The items that are left out of the list, ascending.
    pub left_out: &'a [u32],
}

impl Vectors {
    /// A row for each person.
    fn of(&self, people: &[Person]) -> Array2<f32> {
        let mut rows = Array2::zeros((people.len(), self.embeddings.items.ncols()));
        for (mut row, person) in rows.rows_mut().into_iter().zip(people) {
            match person.user {
                Some(user) => row.assign(&self.embeddings.users.row(user as usize)),
                None => row.assign(&self.fold_in.user(person.taken)),
            }
        }
        rows
    }
}

/// Numbers of all items' vectors together up to which a list costs less than the way to another thread and back.
const QUICK: usize = 1 << 22;

impl Scorer {
    /// Returns whether the list of a user with a short history costs less than the way to another thread and back, some 20 µs.
    pub fn is_quick(&self) -> bool {
        matches!(self, Scorer::Model(_, vectors) if vectors.embeddings.items.len() <= QUICK)
    }

    /// Returns the best `top` items of each person, in their order; a list is shorter where fewer items remain.
    ///
    /// # Panics
    /// When a user or an item is not there, or a new user has no item.
    pub fn lists(&self, people: &[Person], top: usize) -> Vec<List> {
        let left_out: Vec<&[u32]> = people.iter().map(|person| person.left_out).collect();
        let taken = || people.iter().map(|person| person.taken).collect::<Vec<_>>();
        match self {
            Scorer::Model(retriever, vectors) => retriever.lists_for(vectors.of(people).view(), &left_out, top),
            Scorer::Fusion(fused, vectors) => fused.lists_for(vectors.of(people).view(), &taken(), &left_out, top),
            Scorer::ClosedForm(retriever) => retriever.lists_for(&taken(), &left_out, top),
        }
    }
}
