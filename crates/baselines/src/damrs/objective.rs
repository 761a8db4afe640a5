//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `mean (w⁺ softplus(-Δ) + w⁻ softplus(Δ))`, `Δ = z_u·z_i - z_u·z_j`, the weights from [`feedback`](super::feedback) and detached | `z_u, z_i, z_j` |
//! | `nd` | neighbour discrimination over the graphs, of the batch's distinct items among all | `h_m` of all items |
//! | `kl` | divergence of what the batch's distinct users think of `C_i/‖C_i‖` and of `h̄_i/‖h̄_i‖` of its distinct items | `C_u`, `C_i`, `h̄_i` |
//!
//! The backward half of the step reads as the forward half from bottom to top.

use super::DaMrs;
use super::feedback::{Feedback, feedback};
use super::model::mean;
use anchorrec_encoders::Gradients;
use anchorrec_kernels::Real;
use anchorrec_kernels::exp::sigmoid_in_place;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::bpr::two_sided_bpr_of_triples;
use anchorrec_losses::neighbour_discrimination::{Near, NeighbourDiscrimination, neighbour_discrimination};
use anchorrec_losses::preference_divergence::PreferenceDivergence;
use anchorrec_losses::{Triples, UnitRows, preference_divergence};
use anchorrec_recommender::{Batch, BatchRows, Distinct, Step, Term};
use ndarray::{Array1, Array2};

/// What a length is at least, where rows are divided by theirs.
const SHORTEST: f64 = 1e-12;

/// What the forward pass of a batch found.
pub struct Encoded<F> {
    /// The distinct users of the batch, ascending.
    pub users: Distinct<F>,
    /// The distinct items of the batch, ascending.
    pub items: BatchRows<F>,
    /// `C` of those users, `[n, D]`.
    c_users: Array2<F>,
    /// `C` of those items, `[m, D]`.
    c_items: Array2<F>,
    /// `h̄` of those items, `[m, D]`.
    h_mean: Array2<F>,
    /// `h_m` of all items as unit rows, for each graph.
    units: Vec<UnitRows<F>>,
    /// The opinions of each graph on the positives, `[B]`.
    pub of_positives: Vec<Array1<F>>,
    /// The opinions of each graph on the negatives, `[B]`.
    pub of_negatives: Vec<Array1<F>>,
    /// The weights of the pairs.
    pub feedback: Feedback<F>,
}

/// Unit rows with the floor of this model.
fn unit<F: Real>(x: &Array2<F>) -> UnitRows<F> {
    UnitRows::floored(x.view(), F::of(SHORTEST))
}

impl<F: Real> DaMrs<F> {
    /// Computes what the terms of a batch are made of.
    ///
    /// # Panics
    /// When the batch is empty or ragged, or holds an id that is not there.
    pub fn encode(&self, batch: &Batch) -> Encoded<F> {
        let (users, items) = (Distinct::new(batch.users), BatchRows::new(batch));
        let (c_users, c_items) = self.id.rows(&self.params, &self.graphs.user_item, &users.ids, &items.items);
        let tables = self.by_graph();
        let h_mean = mean(&tables.iter().map(|h| rows::gather(h, &items.items)).collect::<Vec<_>>());
        let units: Vec<UnitRows<F>> = tables.iter().map(unit).collect();
        let of_users = rows::gather(&c_users, &users.places);
        let opinions = |ids: &[u32]| {
            let opinion = |unit: &UnitRows<F>| {
                let mut scores = rows::inner(&of_users, &rows::gather(&unit.rows, ids)).to_vec();
                sigmoid_in_place(&mut scores);
                Array1::from(scores)
            };
            units.iter().map(opinion).collect::<Vec<_>>()
        };
        let (of_positives, of_negatives) = (opinions(batch.positives), opinions(batch.negatives));
        let feedback = feedback(&of_positives, &of_negatives, &self.settings.exponents);
        Encoded { users, items, c_users, c_items, h_mean, units, of_positives, of_negatives, feedback }
    }

    /// Discriminates the neighbours of the batch's items.
    pub fn discriminate(&self, encoded: &Encoded<F>) -> NeighbourDiscrimination<F> {
        let near = Near { first: self.settings.near, next: self.settings.next, temperature: self.settings.temperature };
        let views: Vec<_> = encoded.units.iter().map(|unit| unit.rows.view()).collect();
        neighbour_discrimination(&views, &encoded.items.items, near)
    }
}

/// `KL` of a batch, and what leads back to the rows of its items.
struct Aligned<F> {
    loss: PreferenceDivergence<F>,
    c_items: UnitRows<F>,
    h_mean: UnitRows<F>,
}

pub(super) fn step<F: Real>(model: &DaMrs<F>, batch: &Batch) -> Step<F> {
    step_with(model, &model.encode(batch), None)
}

/// The loss and its gradients of what a batch gave, with its own feedback or another.
pub(super) fn step_with<F: Real>(model: &DaMrs<F>, encoded: &Encoded<F>, other: Option<&Feedback<F>>) -> Step<F> {
    let (terms, sent) = losses(model, encoded, other);
    // The graphs, and the interaction graph.
    let (users, items) = (&encoded.users.ids, &encoded.items.items);
    let mut gradients = Gradients::zero(&model.params);
    let (d_e_users, mut d_e_items) =
        model.id.rows_backward(&model.graphs.user_item, (users, &sent.c_users), (items, &sent.c_items));
    for (graph, d_h) in model.graphs.items.iter().zip(sent.by_graph) {
        let of_graph = graph.whole(model.settings.item_layers).propagate_backward(d_h);
        rows::combine(&mut d_e_items, &of_graph, |d, &more| *d += more);
    }
    gradients.add(model.id.users, d_e_users);
    gradients.add(model.id.items, d_e_items);
    Step { terms, gradients }
}

/// What the losses of a batch send back to the tables of the forward pass.
pub struct Sent<F> {
    /// The gradient of `C` of the distinct users, `[n, D]`.
    pub c_users: Array2<F>,
    /// The gradient of `C` of the distinct items, `[m, D]`.
    pub c_items: Array2<F>,
    /// The gradient of `h̄` of the distinct items, `[m, D]`.
    pub h_mean: Array2<F>,
    /// The gradient of `h_m` of all items for each graph, that of `h̄` included, `[I, D]`.
    pub by_graph: Vec<Array2<F>>,
}

/// The terms, and what they send back.
fn losses<F: Real>(model: &DaMrs<F>, encoded: &Encoded<F>, other: Option<&Feedback<F>>) -> (Vec<Term>, Sent<F>) {
    let weights = &model.settings.weights;
    let Encoded { users, items, c_users, c_items, h_mean, units, .. } = encoded;
    let feedback = other.unwrap_or(&encoded.feedback);

    // Forward: the final rows.
    let z_items = c_items + h_mean;
    let z = Triples::gather(rows::gather(c_users, &users.places), &z_items, &items.positives, &items.negatives);

    // Losses. sg: the weights of the feedback are constants.
    let ranking = two_sided_bpr_of_triples(z.view(), feedback.towards.view(), feedback.away.view());
    let about = "ranking: positives above negatives, as far as the graphs believe them";
    let mut terms = vec![Term::new("bpr", about, ranking.value, 1.0)];
    let discrimination = (weights.nd > 0.0).then(|| model.discriminate(encoded));
    if let Some(loss) = &discrimination {
        terms.push(Term::new("nd", "items near in all graphs are near in each", loss.value, weights.nd));
    }
    let aligned = (weights.kl > 0.0).then(|| {
        let (c_items, h_mean) = (unit(c_items), unit(h_mean));
        let loss = preference_divergence(c_users.view(), c_items.rows.view(), h_mean.rows.view());
        Aligned { loss, c_items, h_mean }
    });
    if let Some(Aligned { loss, .. }) = &aligned {
        terms.push(Term::new("kl", "users like both parts of an item alike", loss.value, weights.kl));
    }

    // Backward: each loss to the rows of the batch.
    let mut d_z = z.zeros_like();
    ranking.backward(F::one(), d_z.view_mut());
    let (mut d_c_users, mut d_c_items) = (Array2::zeros(c_users.dim()), Array2::zeros(z_items.dim()));
    rows::scatter_add(&mut d_c_users, &users.places, d_z.users.view());
    d_z.scatter_items(&mut d_c_items, &items.positives, &items.negatives);
    let mut d_h_mean = d_c_items.clone();
    if let Some(Aligned { loss, c_items, h_mean }) = aligned {
        let (d_users, d_c, d_h) = loss.backward(F::of(weights.kl));
        d_c_users += &d_users;
        d_c_items += &c_items.backward(d_c);
        d_h_mean += &h_mean.backward(d_h);
    }

    // The mean over the graphs, and each graph's own discrimination.
    let d_share = &d_h_mean / F::of(units.len() as f64);
    let mut of_views = discrimination.map(|loss| loss.backward(F::of(weights.nd)).into_iter());
    let by_graph = units.iter().map(|unit| {
        let of_view = of_views.as_mut().and_then(Iterator::next);
        let mut d_h = of_view.map_or_else(|| Array2::zeros(unit.rows.dim()), |d| unit.backward(d));
        rows::add_rows(&mut d_h, Rows::Some(&items.items), d_share.view());
        d_h
    });
    let by_graph = by_graph.collect();
    (terms, Sent { c_users: d_c_users, c_items: d_c_items, h_mean: d_h_mean, by_graph })
}

impl<F: Real> DaMrs<F> {
    /// Returns what the losses of a batch send back to the tables of the forward pass: for inspection and tests.
    pub fn sent_back(&self, encoded: &Encoded<F>) -> Sent<F> {
        losses(self, encoded, None).1
    }

    /// Makes a step of what a batch gave, with the feedback of another: what differences see, which do not stop at a constant.
    pub fn step_believing(&self, encoded: &Encoded<F>, feedback: &Feedback<F>) -> Step<F> {
        step_with(self, encoded, Some(feedback))
    }
}
