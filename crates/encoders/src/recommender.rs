//! What a trainer asks of a model, and no more: it neither knows how a score comes about nor what a loss is made of.

use crate::{Gradients, Params};
use anchorrec_kernels::Real;
use ndarray::Array2;

/// Training triples: `users[b]` has `positives[b]` in the training set and not `negatives[b]`.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// `[B]`.
    pub users: &'a [u32],
    /// `[B]`.
    pub positives: &'a [u32],
    /// `[B]`.
    pub negatives: &'a [u32],
}

/// One term of an objective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// Its name in logs and reports.
    pub name: &'static str,
    /// Its value before weighting.
    pub value: f64,
    /// Its weight in the objective.
    pub weight: f64,
}

/// The objective on one batch and its gradient.
#[derive(Clone, Debug)]
pub struct Step<F> {
    /// The terms in their published order.
    pub terms: Vec<Term>,
    /// `∂(Σ weight · value)/∂θ` for every parameter.
    pub gradients: Gradients<F>,
}

impl<F> Step<F> {
    /// `Σ weight · value`.
    pub fn total(&self) -> f64 {
        self.terms.iter().map(|t| t.weight * t.value).sum()
    }
}

/// Positions of all users and items; the score of a pair is their inner product.
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings<F> {
    /// `[U, D]`.
    pub users: Array2<F>,
    /// `[I, D]`.
    pub items: Array2<F>,
}

/// A model that a trainer can train and judge.
pub trait Recommender<F: Real>: Send + Sync {
    /// The weights.
    fn params(&self) -> &Params<F>;

    /// The weights, for the optimiser.
    fn params_mut(&mut self) -> &mut Params<F>;

    /// The objective and its gradient on one batch.
    ///
    /// # Panics
    /// When the batch is empty or ragged, or holds an id that is not there.
    fn step(&self, batch: &Batch) -> Step<F>;

    /// The embeddings that scores are made of.
    fn embeddings(&self) -> Embeddings<F>;
}
