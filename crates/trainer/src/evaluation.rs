//! Recall and NDCG on validation and test, from one ranking of the whole catalogue.
//!
//! Each user with a validation or test pair is ranked once, training positives masked; both splits are judged by that
//! ranking, since published protocols do not mask validation positives at test. With `mask_validation_at_test` the users
//! are ranked a second time for test. A split without a pair is not measured: its metrics are none, not 0.

use crate::config::ProtocolConfig;
use crate::fused_scores::FusedScores;
use crate::ranking::{rank_by_scores, rank_without};
use anchorrec_closed_forms::FoldIn;
use anchorrec_data::{Interactions, ItemsByUser, Pair, Split};
use anchorrec_kernels::Packed;
use anchorrec_kernels::rows::first_not_finite;
use anchorrec_metrics::accuracy;
use anchorrec_recommender::{Embeddings, Recommender};
use anchorrec_records::Metrics;
use rayon::prelude::*;
use thiserror::Error;

/// Metrics of one model at one moment.
pub struct Evaluation {
    /// The metrics on validation; empty without validation rows.
    pub valid: Metrics,
    /// The metrics on test; empty without test rows.
    pub test: Metrics,
}

/// Evaluates models on one data set.
pub struct Evaluator {
    train: ItemsByUser,
    valid: ItemsByUser,
    test: ItemsByUser,
    /// What is masked when ranking for test, if that is more than `train`.
    seen_at_test: Option<ItemsByUser>,
    /// Users with a pair in either split, ascending.
    users: Vec<u32>,
    /// Items that are in no list, ascending.
    never: Vec<u32>,
    at: Vec<usize>,
}

impl Evaluator {
    /// Sorts the interactions by user once.
    pub fn new(interactions: &Interactions, protocol: &ProtocolConfig) -> Self {
        let by_user = |split| interactions.by_user(split);
        let (valid, test) = (by_user(Split::Valid), by_user(Split::Test));
        let users =
            (0..interactions.users as u32).filter(|&u| !valid.of(u).is_empty() || !test.of(u).is_empty()).collect();
        let seen_at_test = seen_at_test(interactions, protocol);
        Evaluator {
            train: by_user(Split::Train),
            valid,
            test,
            seen_at_test,
            users,
            never: Vec::new(),
            at: protocol.at.clone(),
        }
    }

    /// Leaves items out of every ranking: those that are [nothing](anchorrec_data::Phantoms).
    pub fn without(self, items: &[u32]) -> Self {
        Evaluator { never: items.to_vec(), ..self }
    }

    /// Returns whether there is anything to validate on.
    pub fn validates(&self) -> bool {
        !self.valid.items().is_empty()
    }

    /// Ranks all users and judges both splits.
    ///
    /// # Errors
    /// When an embedding is not finite.
    pub fn evaluate(&self, model: &dyn Recommender<f32>) -> Result<Evaluation, NotFiniteEmbedding> {
        let embeddings = model.embeddings();
        check_finite(&embeddings)?;
        Ok(self.evaluate_embeddings(&embeddings))
    }

    /// Ranks all users by finite embeddings and judges both splits.
    pub fn evaluate_embeddings(&self, embeddings: &Embeddings<f32>) -> Evaluation {
        self.both(|k, masks| rank_without(embeddings, &self.users, k, &self.never, |u| masks.of(u)))
    }

    /// Ranks all users by scores of the items that they took in training, and judges both splits: the same users, masks and metrics as
    /// [`evaluate`](Self::evaluate).
    pub fn evaluate_scores(&self, scores: &dyn FoldIn) -> Evaluation {
        let write = |user: u32, row: &mut [f64]| scores.scores_into(self.train.of(user), row);
        let (items, users) = (scores.items(), &self.users);
        self.both(|k, masks| rank_by_scores(items, users, k, &self.never, |u| masks.of(u), write))
    }

    /// Ranks all users by `z(model) + γ z(closed form)` and judges both splits; `γ` = 0 gives the metrics of the model.
    ///
    /// # Panics
    /// When the two are of different numbers of items.
    pub fn evaluate_fusion(&self, embeddings: &Embeddings<f32>, closed_form: &dyn FoldIn, gamma: f64) -> Evaluation {
        let (items, users) = (closed_form.items(), &self.users);
        let keys = Packed::new(embeddings.items.t());
        let fused = FusedScores::new(&keys, closed_form, gamma);
        let write = |user: u32, row: &mut [f64]| {
            fused.scores_into(embeddings.users.row(user as usize), self.train.of(user), row);
        };
        self.both(|k, masks| rank_by_scores(items, users, k, &self.never, |u| masks.of(u), write))
    }

    /// Judges both splits by one ranking, or by two where validation positives are masked at test. `rank` is told how many items and which not.
    fn both(&self, rank: impl Fn(usize, &ItemsByUser) -> Vec<Vec<u32>>) -> Evaluation {
        let k = self.at.last().copied().unwrap_or(0);
        let rankings = rank(k, &self.train);
        let valid = self.judge(&rankings, &self.valid);
        let test = match &self.seen_at_test {
            None => self.judge(&rankings, &self.test),
            Some(seen) => self.judge(&rank(k, seen), &self.test),
        };
        Evaluation { valid, test }
    }

    /// The mean over the users that have a positive in `positives`; nothing where no user has.
    fn judge(&self, rankings: &[Vec<u32>], positives: &ItemsByUser) -> Metrics {
        let users: Vec<_> = self
            .users
            .par_iter()
            .zip(rankings)
            .map(|(&u, ranking)| accuracy::user(ranking, positives.of(u), &self.at))
            .collect();
        let mean = accuracy::mean(&users, &self.at);
        if mean.users == 0 { Metrics::new() } else { mean.by_name() }
    }
}

/// What is masked when ranking for test, if that is more than the training pairs.
pub(crate) fn seen_at_test(interactions: &Interactions, protocol: &ProtocolConfig) -> Option<ItemsByUser> {
    protocol.mask_validation_at_test.then(|| {
        let seen: Vec<Pair> = interactions.train.iter().chain(&interactions.valid).copied().collect();
        ItemsByUser::new(interactions.users, &seen)
    })
}

/// An embedding that cannot be ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("the embedding of {kind} {row} is not finite")]
pub struct NotFiniteEmbedding {
    /// `user` or `item`.
    pub kind: &'static str,
    /// The row of the table.
    pub row: usize,
}

/// Whether all users can be ranked.
pub(crate) fn check_finite(embeddings: &Embeddings<f32>) -> Result<(), NotFiniteEmbedding> {
    for (kind, table) in [("user", &embeddings.users), ("item", &embeddings.items)] {
        if let Some(row) = first_not_finite(table.view()) {
            return Err(NotFiniteEmbedding { kind, row });
        }
    }
    Ok(())
}
