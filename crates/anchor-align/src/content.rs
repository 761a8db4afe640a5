//! `H_c = H_mm + H_text`: the content of items that is part of the score.

use crate::Modalities;
use anchorrec_encoders::modality_encoder::Encoded;
use anchorrec_kernels::{Real, rows::combine};
use ndarray::Array2;

/// `H_mm + H_text`, or the one that is there.
pub(crate) fn content<F: Real>(modalities: &Modalities<Encoded<F>>) -> Option<Array2<F>> {
    match (&modalities.mm, &modalities.text) {
        (Some(mm), Some(text)) => Some(sum(&mm.value, &text.value)),
        (one, other) => one.as_ref().or(other.as_ref()).map(|only| only.value.clone()),
    }
}

/// `a + b`, on all threads.
pub(crate) fn sum<F: Real>(a: &Array2<F>, b: &Array2<F>) -> Array2<F> {
    let mut sum = a.clone();
    combine(&mut sum, b, |a, &b| *a += b);
    sum
}
