//! Why an item is in a list: the items of the history, each with its part of the score.
//!
//! Exact where a score is linear in the history: `score = rest + others + Σ parts`. A new user's vector is linear in its items whatever the model; a known
//! user's where the model says so ([`Recommender::user_sums`](anchorrec_recommender::Recommender::user_sums)); a closed form's scores mostly are. Where they are not, nothing is made up.

use crate::scorer::{Person, Scorer};
use anchorrec_retrieval::List;
use anchorrec_retrieval::parts::{Parts, parts_of_vectors};
use ndarray::{Array1, Array2};

/// Items of the history that are listed for each score.
const LISTED: usize = 5;

/// What the parts are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The trained model's own sum over the training items.
    Model,
    /// The vector that a new user's items make.
    FoldIn,
    /// The closed form's sum over the items taken.
    ClosedForm,
    /// Nothing: the score is no sum over the history.
    None,
}

impl Of {
    /// Returns the word in answers.
    pub fn name(self) -> &'static str {
        match self {
            Of::Model => "model",
            Of::FoldIn => "fold-in",
            Of::ClosedForm => "closed form",
            Of::None => "none",
        }
    }
}

/// The reasons of one score.
#[derive(Clone, Debug, PartialEq)]
pub struct Reasons {
    /// What no item of the history makes.
    pub rest: f64,
    /// The items with the largest parts, the largest first, by size whatever the sign.
    pub parts: Vec<(u32, f64)>,
    /// The sum of all other parts; nothing where all are listed.
    pub others: Option<f64>,
}

/// Takes the scores of a list apart.
///
/// # Panics
/// When an item or the user is not there.
pub fn why(scorer: &Scorer, person: &Person, list: &List) -> (Of, Vec<Reasons>) {
    let told = |parts: Parts| reasons(person.taken, parts);
    let (of, reasons) = match (scorer, person.user) {
        (Scorer::Model(_, vectors), None) => {
            let given = vectors.fold_in.shares(person.taken);
            let own = Array1::zeros(given.ncols());
            (Of::FoldIn, Some(of_vectors(own, given, &vectors.embeddings.items, list).map(told).collect()))
        }
        (Scorer::Model(_, vectors), Some(user)) => {
            let sums = vectors.sums.as_ref().map(|sums| {
                let mut given = Array2::zeros((person.taken.len(), sums.own.ncols()));
                for (mut row, &item) in given.rows_mut().into_iter().zip(person.taken) {
                    let weight = sums.weights.get(user as usize, item as usize).copied().unwrap_or_default();
                    row.assign(&sums.items.row(item as usize).mapv(|x| f64::from(weight) * f64::from(x)));
                }
                let own = sums.own.row(user as usize).mapv(f64::from);
                of_vectors(own, given, &vectors.embeddings.items, list).map(told).collect()
            });
            (Of::Model, sums)
        }
        (Scorer::ClosedForm(retriever), _) => {
            let items: Vec<u32> = list.iter().map(|entry| entry.0).collect();
            let parts = retriever.parts(person.taken, &items);
            (Of::ClosedForm, parts.map(|parts| parts.into_iter().map(told).collect()))
        }
        // `z` divides by the spread of all scores, which depends on the history too.
        (Scorer::Fusion(..), _) => (Of::None, None),
    };
    reasons.map_or((Of::None, Vec::new()), |reasons| (of, reasons))
}

/// The parts of each score of a list, one after another: those of all at once would be as many as the history times the list.
fn of_vectors<'a>(
    own: Array1<f64>,
    given: Array2<f64>,
    items: &'a Array2<f32>,
    list: &'a List,
) -> impl Iterator<Item = Parts> + 'a {
    list.iter().map(move |&(item, _)| {
        parts_of_vectors(own.view(), given.view(), items.row(item as usize).mapv(f64::from).view())
    })
}

fn reasons(taken: &[u32], Parts { rest, parts }: Parts) -> Reasons {
    let mut parts: Vec<(u32, f64)> = taken.iter().copied().zip(parts).collect();
    parts.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()).then(one.0.cmp(&other.0)));
    let others = parts.split_off(parts.len().min(LISTED));
    let others = (!others.is_empty()).then(|| others.iter().map(|part| part.1).sum());
    Reasons { rest, parts, others }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_parts_are_listed_and_the_others_are_summed() {
        let parts = Parts { rest: 0.5, parts: vec![1.0, -4.0, 2.0, 0.25, 0.125, 3.0, 0.0625] };
        let told = reasons(&[10, 11, 12, 13, 14, 15, 16], parts);
        assert_eq!(told.parts, [(11, -4.0), (15, 3.0), (12, 2.0), (10, 1.0), (13, 0.25)]);
        assert_eq!((told.rest, told.others), (0.5, Some(0.125 + 0.0625)));
        assert_eq!(reasons(&[3], Parts { rest: 0.0, parts: vec![1.0] }).others, None);
    }
}
