//! What every term hands back.

use anchorrec_recommender::Term;

/// What a term came to, and the weighted gradients of what it read.
pub(crate) struct Evaluated<D> {
    pub term: Term,
    pub gradients: D,
}

/// Lists a term that was computed; what it sends back.
pub(crate) fn list<D>(terms: &mut Vec<Term>, evaluated: Option<Evaluated<D>>) -> Option<D> {
    let Evaluated { term, gradients } = evaluated?;
    terms.push(term);
    Some(gradients)
}
