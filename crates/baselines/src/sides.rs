//! A batch from both sides: the rows of its distinct users and of its distinct items, and the losses that several models have on them.

use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::{Triples, bpr_of_triples, half_squared_norm, info_nce};
use anchorrec_recommender::{BatchRows, Distinct, Term};
use ndarray::{Array2, Axis, concatenate, s};

/// The rows of the batch's distinct users and of its distinct items, or their gradients.
#[derive(Clone)]
pub(crate) struct Sides<F> {
    pub users: Array2<F>,
    pub items: Array2<F>,
}

impl<F: Real> Sides<F> {
    pub(crate) fn zeros_like(other: &Sides<F>) -> Self {
        Sides { users: Array2::zeros(other.users.dim()), items: Array2::zeros(other.items.dim()) }
    }

    pub(crate) fn plus(&self, other: &Sides<F>) -> Self {
        Sides { users: &self.users + &other.users, items: &self.items + &other.items }
    }

    /// Stacks both sides in one table, users first.
    pub(crate) fn stacked(&self) -> Array2<F> {
        concatenate![Axis(0), self.users, self.items]
    }

    /// A table of both, users first.
    pub(crate) fn split(table: &Array2<F>, users: usize) -> Self {
        Sides { users: table.slice(s![..users, ..]).to_owned(), items: table.slice(s![users.., ..]).to_owned() }
    }

    /// A row for each user, positive and negative of the batch, repeats kept.
    pub(crate) fn triples(&self, users: &Distinct<F>, rows: &BatchRows<F>) -> Triples<Array2<F>> {
        Triples::gather(rows::gather(&self.users, &users.places), &self.items, &rows.positives, &rows.negatives)
    }

    /// Backward pass of [`triples`](Self::triples): gradients of the shape of `like`.
    pub(crate) fn of_triples(
        like: &Sides<F>,
        d: &Triples<Array2<F>>,
        users: &Distinct<F>,
        rows: &BatchRows<F>,
    ) -> Self {
        let mut sides = Sides::zeros_like(like);
        rows::scatter_add(&mut sides.users, &users.places, d.users.view());
        d.scatter_items(&mut sides.items, &rows.positives, &rows.negatives);
        sides
    }
}

/// BPR: adds to `d`.
pub(crate) fn rank<F: Real>(z: &Triples<Array2<F>>, d: &mut Triples<Array2<F>>, terms: &mut Vec<Term>) {
    let loss = bpr_of_triples(z.view(), F::zero());
    terms.push(Term::new("bpr", "ranking: positives above negatives", loss.value, 1.0));
    loss.backward(F::one(), d.view_mut());
}

/// REG, `½ (Σ‖z_u‖² + Σ‖z_i‖² + Σ‖z_j‖²) / B_cfg`: adds to `d`; nothing of weight 0.
pub(crate) fn regularise<F: Real>(
    weight: f64,
    batch_size: usize,
    z: &Triples<Array2<F>>,
    d: &mut Triples<Array2<F>>,
    terms: &mut Vec<Term>,
) {
    if weight > 0.0 {
        let divisor = F::of(batch_size as f64);
        let mut value = F::zero();
        for (z, d) in z.each().into_iter().zip(d.each_mut()) {
            let loss = half_squared_norm(z.view(), divisor);
            value += loss.value;
            *d += &loss.backward(F::of(weight));
        }
        terms.push(Term::new("reg", "squared norms of the final embeddings", value, weight));
    }
}

/// `InfoNCE(content_u, id_u)` over the batch's users and `InfoNCE(content_i, id_i)` over its positives, repeats kept. Returns `dcontent` and `did`;
/// zeros of weight 0.
pub(crate) fn align<F: Real>(
    (weight, temperature): (f64, f64),
    content: &Sides<F>,
    id: &Sides<F>,
    users: &Distinct<F>,
    rows: &BatchRows<F>,
    terms: &mut Vec<Term>,
) -> (Sides<F>, Sides<F>) {
    let (mut d_content, mut d_id) = (Sides::zeros_like(content), Sides::zeros_like(id));
    if weight > 0.0 {
        let tau = F::of(temperature);
        let loss = info_nce(content.users.view(), id.users.view(), tau, users.multiplicity.view());
        terms.push(Term::new("align_users", "content against ID embedding, users", loss.value, weight));
        (d_content.users, d_id.users) = loss.backward(F::of(weight));

        let positives = Rows::Some(&rows.positive_places);
        let [of_content, of_id] = [content, id].map(|side| rows::gather(&side.items, &rows.positive_places));
        let loss = info_nce(of_content.view(), of_id.view(), tau, rows.multiplicity.view());
        terms.push(Term::new("align_items", "content against ID embedding, items", loss.value, weight));
        let (of_content, of_id) = loss.backward(F::of(weight));
        rows::add_rows(&mut d_content.items, positives, of_content.view());
        rows::add_rows(&mut d_id.items, positives, of_id.view());
    }
    (d_content, d_id)
}
