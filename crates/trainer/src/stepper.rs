//! One training step: the triples of a batch, the objective and its gradient, Adam.
//!
//! This is all that changes a weight. A [`Stepper`] knows no folder, no checkpoint and no clock: a run adds those, a bench adds a watch.
//!
//! ```
//! use anchorrec_data::{Features, Sampler, TwinSpec, generate};
//! use anchorrec_models::MODELS;
//! use anchorrec_trainer::models::PreparedModels;
//! use anchorrec_trainer::stepper::{StepPlace, Stepper};
//! use anchorrec_trainer::RunConfig;
//! use std::sync::Arc;
//!
//! let widths = TwinSpec { mm_width: None, text_width: None, vision_width: None, ..TwinSpec::new("small", 60, 40, 500) };
//! let interactions = generate(&widths, 1).interactions;
//! let pairs = interactions.train.iter().map(|pair| (pair.user, pair.item)).collect();
//! let (config, none) = (RunConfig::defaults(MODELS).check().unwrap(), Arc::new(Features::default()));
//! let prepared = PreparedModels::of(&config, (interactions.users, interactions.items), pairs, none.clone(), &none);
//! let mut stepper = Stepper::new(prepared.model(&config, 999).unwrap());
//! let sampler = Sampler::new(&interactions, 999).unwrap();
//! stepper.begin_epoch(999, 0);
//! let place = StepPlace { seed: 999, epoch: 0, step: 0 };
//! let taken = stepper.step(&sampler.epoch(0), place, 128, config.learning_rate(0)).unwrap();
//! assert!(taken.total.is_finite() && stepper.adam.steps == 1);
//! ```

use crate::adam::Adam;
use crate::identity::Identity;
use anchorrec_data::sampler::EpochOrder;
use anchorrec_data::{Purpose, keyed_seed};
use anchorrec_kernels::Real;
use anchorrec_ranks::{Ranks, RanksError};
use anchorrec_recommender::{Batch, Recommender, Term};
use std::fmt;
use thiserror::Error;

/// A model and its optimiser; on several ranks, what one of them holds of both.
pub struct Stepper<F: Real> {
    /// The model.
    pub model: Box<dyn Recommender<F>>,
    /// The model's optimiser.
    pub adam: Adam<F>,
    ranks: Ranks,
}

/// How many of a model's weights a rank holds: `rank 1 of 4 holds 300 of 900 weights: 3 tables are dealt out`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The rank, from 0.
    pub rank: usize,
    /// The number of ranks.
    pub ranks: usize,
    /// The tables that are dealt out.
    pub tables: usize,
    /// The weights that this rank holds; Adam has two moments for each.
    pub weights: usize,
    /// The weights of the whole model.
    pub of: usize,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Held { rank, ranks, tables, weights, of } = self;
        match tables {
            0 => write!(f, "rank {rank} of {ranks} holds all {of} weights: this model has no table to deal out"),
            1 => write!(f, "rank {rank} of {ranks} holds {weights} of {of} weights: 1 table is dealt out"),
            _ => write!(f, "rank {rank} of {ranks} holds {weights} of {of} weights: {tables} tables are dealt out"),
        }
    }
}

/// Where in a run a step is: what its random draws are keyed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepPlace {
    /// The seed of the run.
    pub seed: u64,
    /// The epoch, from 0.
    pub epoch: usize,
    /// The step within the epoch, from 0.
    pub step: usize,
}

/// What a step found before it moved the weights.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenStep {
    /// The terms of the objective on its batch.
    pub terms: Vec<Term>,
    /// `Σ weight · value`.
    pub total: f64,
}

/// A term of the objective is NaN or infinite; the weights were not moved.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[non_exhaustive]
#[error("loss term `{name}` is {value}")]
pub struct NotFinite {
    /// The name of the term.
    pub name: &'static str,
    /// The value of the term.
    pub value: f64,
}

/// A step was not made.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum StepError {
    /// The objective is no number.
    #[error(transparent)]
    NotFinite(#[from] NotFinite),
    /// The ranks cannot go on together.
    #[error(transparent)]
    Ranks(#[from] RanksError),
}

impl<F: Real> Stepper<F> {
    /// Starts with a model and an optimiser that has made no update.
    pub fn new(model: Box<dyn Recommender<F>>) -> Self {
        let adam = Adam::new(model.params());
        Stepper { model, adam, ranks: Ranks::alone() }
    }

    /// Goes on as one of several ranks, from wherever it stands. Each of them stands there too, with the whole model of the same run, and keeps
    /// its share of what can be dealt out; from then on all make the same calls. Weights, moments and terms have the same bits for any number of ranks.
    ///
    /// # Errors
    /// When a rank has another identity, or the ranks do not find each other.
    pub fn on_ranks(mut self, identity: &Identity, ranks: Ranks) -> Result<Self, RanksError> {
        ranks.agree(&identity.facts())?;
        self.model.deal_out(&ranks);
        self.adam.deal_out(self.model.params());
        Ok(Stepper { ranks, ..self })
    }

    /// Returns how many of the weights this rank holds.
    pub fn held(&self) -> Held {
        let params = self.model.params();
        Held {
            rank: self.ranks.rank(),
            ranks: self.ranks.size(),
            tables: params.iter().filter(|parameter| parameter.share.is_some()).count(),
            weights: params.iter().map(|parameter| parameter.value.len()).sum(),
            of: params.elements(),
        }
    }

    /// Lets the model make what it needs for a whole epoch, counted from 0: before the first step of it.
    pub fn begin_epoch(&mut self, seed: u64, epoch: usize) {
        self.model.begin_epoch(epoch_seed(seed, epoch));
    }

    /// Lets the model make that again where a run continues within the epoch, after its state was read back.
    pub fn resume_epoch(&mut self, seed: u64, epoch: usize) {
        self.model.resume_epoch(epoch_seed(seed, epoch));
    }

    /// Makes the step of a place: its batch of `order`, the epoch's.
    ///
    /// # Errors
    /// When a term of the objective is not finite, or the ranks cannot go on together; the weights were not moved.
    pub fn step(
        &mut self,
        order: &EpochOrder,
        place: StepPlace,
        batch_size: usize,
        learning_rate: f64,
    ) -> Result<TakenStep, StepError> {
        let triples = order.batch(place.step, batch_size);
        let batch = Batch {
            users: &triples.users,
            positives: &triples.positives,
            negatives: &triples.negatives,
            seed: keyed_seed(place.seed, Purpose::Step, place.epoch as u64, place.step as u64),
            index: place.step,
        };
        self.step_on(&batch, learning_rate)
    }

    /// Makes a step on a given batch.
    ///
    /// # Errors
    /// When a term of the objective is not finite, or the ranks cannot go on together; the weights were not moved.
    pub fn step_on(&mut self, batch: &Batch, learning_rate: f64) -> Result<TakenStep, StepError> {
        let step = self.model.step(batch);
        // Before the terms: without an exchange they mean nothing.
        self.ranks.check()?;
        if let Some(&Term { name, value, .. }) = step.terms.iter().find(|term| !term.value.is_finite()) {
            return Err(NotFinite { name, value }.into());
        }
        self.adam.update(self.model.params_mut(), &step.gradients, learning_rate);
        Ok(TakenStep { total: step.total(), terms: step.terms })
    }
}

fn epoch_seed(seed: u64, epoch: usize) -> u64 {
    keyed_seed(seed, Purpose::Epoch, epoch as u64, 0)
}
