//! What a trainer asks of a model, and no more: it neither knows how a score comes about nor what a loss is made of.

use anchorrec_encoders::{Gradients, Params};
use anchorrec_kernels::Real;
use anchorrec_ranks::Ranks;
use ndarray::Array2;
use sprs::CsMat;

/// Training triples: `users[b]` has `positives[b]` in the training set and not `negatives[b]`.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The users, `[B]`.
    pub users: &'a [u32],
    /// An item that each user has, `[B]`.
    pub positives: &'a [u32],
    /// An item that each user does not have, `[B]`.
    pub negatives: &'a [u32],
    /// Seeds what a model draws in this step (dropout): the same whenever this batch of this run is met again.
    pub seed: u64,
    /// The batch's place in the epoch, from 0: what a model does once an epoch it does at 0.
    pub index: usize,
}

impl Batch<'_> {
    /// Checks what every step asks first: one user, positive and negative in each triple, and at least one triple.
    ///
    /// # Panics
    /// When the batch is empty or its three lists differ in length.
    ///
    /// ```
    /// anchorrec_recommender::Batch { users: &[0], positives: &[3], negatives: &[1], seed: 0, index: 0 }.check();
    /// ```
    pub fn check(&self) {
        let (users, positives, negatives) = (self.users.len(), self.positives.len(), self.negatives.len());
        assert!(
            users > 0 && users == positives && users == negatives,
            "a batch of {users} users, {positives} positives, {negatives} negatives"
        );
    }
}

/// One term of an objective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// The term's name in logs and reports.
    pub name: &'static str,
    /// A few words for a reader who does not know the name: `ranking: positives above negatives`.
    pub about: &'static str,
    /// The term's value before weighting.
    pub value: f64,
    /// The term's weight in the objective.
    pub weight: f64,
}

impl Term {
    /// Makes a term from the value that the forward pass found.
    ///
    /// ```
    /// use anchorrec_recommender::Term;
    ///
    /// let term = Term::new("reg", "weight decay", 3.0f32, 0.5);
    /// assert_eq!(term.weight * term.value, 1.5);
    /// ```
    pub fn new<F: Real>(name: &'static str, about: &'static str, value: F, weight: f64) -> Self {
        Term { name, about, value: value.as_f64(), weight }
    }
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
    /// Returns the value of the objective: `Σ weight · value`.
    ///
    /// ```
    /// use anchorrec_encoders::{Gradients, Params};
    /// use anchorrec_recommender::{Step, Term};
    ///
    /// let terms = vec![Term::new("bpr", "ranking", 2.0, 1.0), Term::new("reg", "weight decay", 4.0, 0.5)];
    /// let step = Step { terms, gradients: Gradients::<f64>::zero(&Params::new()) };
    /// assert_eq!(step.total(), 1.0 * 2.0 + 0.5 * 4.0);
    /// ```
    pub fn total(&self) -> f64 {
        self.terms.iter().map(|t| t.weight * t.value).sum()
    }
}

/// Positions of all users and items; the score of a pair is their inner product.
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings<F> {
    /// The users' positions, `[U, D]`.
    pub users: Array2<F>,
    /// The items' positions, `[I, D]`.
    pub items: Array2<F>,
}

/// The positions of known users as sums over their training items: `z_u = own_u + Σ_i w_ui m_i`.
///
/// So a score is a sum too, `z_u · z_j = own_u · z_j + Σ_i w_ui m_i · z_j`, and each training item has its part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct UserSums<F> {
    /// What a user has whatever it took, `own_u`, `[U, D]`.
    pub own: Array2<F>,
    /// How much an item counts for a user, `w_ui`, `[U, I]`: 0 but for the items of its training rows.
    pub weights: CsMat<F>,
    /// What an item gives to a user who has it, `m_i`, `[I, D]`.
    pub items: Array2<F>,
}

/// A space in which every item has a position.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemSpace<F> {
    /// The name of the space: `final`, `id`, `text`, ...
    pub name: &'static str,
    /// The positions, one row for each item; spaces may differ in width.
    pub positions: Array2<F>,
}

/// A model that a trainer can train and judge.
pub trait Recommender<F: Real>: Send + Sync {
    /// Returns the weights.
    fn params(&self) -> &Params<F>;

    /// Returns the weights to be changed, for the optimiser.
    fn params_mut(&mut self) -> &mut Params<F>;

    /// Leaves this rank its share of what may be dealt out, and the whole of all else; all ranks have built the same model. By default the tables of the
    /// weights are dealt out: a model that keeps features beside them deals out those too.
    fn deal_out(&mut self, ranks: &Ranks) {
        self.params_mut().deal_out(ranks);
    }

    /// Makes what a model needs for a whole epoch: draws it with `seed` (a pruned graph), or computes it from the weights as they are now (a
    /// learned graph); by default nothing.
    ///
    /// It is called before the first step of an epoch. What is computed from weights must be found again when they have moved: its source
    /// belongs into [`Params::keep`].
    fn begin_epoch(&mut self, _seed: u64) {}

    /// Makes again what [`begin_epoch`](Self::begin_epoch) made, in the middle of an epoch: `seed` is the same, the weights have moved since, the kept
    /// tables have not. By default it begins the epoch again, which is right for a model that only draws.
    fn resume_epoch(&mut self, seed: u64) {
        self.begin_epoch(seed);
    }

    /// Computes the objective and its gradient on one batch. The result depends on the weights, the kept tables, the seed of the epoch and the
    /// batch, and on nothing else.
    ///
    /// # Panics
    /// When the batch is empty or ragged, or holds an id that is not there.
    fn step(&self, batch: &Batch) -> Step<F>;

    /// Returns the embeddings that scores are made of.
    fn embeddings(&self) -> Embeddings<F>;

    /// Returns the users' positions as sums over their training items, where they are such sums; by default nothing.
    fn user_sums(&self) -> Option<UserSums<F>> {
        None
    }

    /// Returns the spaces that the model places items in, `final` (the rows that are scored) first.
    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        vec![ItemSpace { name: "final", positions: self.embeddings().items }]
    }
}
