//! The losses of `anchorrec-losses`: value and gradients at `upstream` 1.

use crate::arrays::{Number, at_width, handed, matrix, vector};
use crate::failure::{of_arrays, refused};
use anchorrec_losses as losses;
use anchorrec_losses::neighbour_discrimination::Near;
use anchorrec_losses::{EdgeSmoothness, Triples};
use ndarray::{Array2, ArrayD, Axis};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use sprs::CsMat;

/// The value of a loss and its gradients, an array for each argument that has one.
type Answer<'py> = PyResult<(f64, Vec<Bound<'py, PyAny>>)>;

fn answer<'py, F: Number>(
    py: Python<'py>,
    work: impl FnOnce() -> (F, Vec<ArrayD<F>>) + Send,
) -> PyResult<(f64, Vec<Bound<'py, PyAny>>)> {
    let (value, gradients) = of_arrays(py, work)?;
    Ok((value.as_f64(), handed(py, gradients)))
}

/// Declares a loss: its arrays, its numbers, and from them, all of width `F`, its value and gradients.
macro_rules! loss {
    ($(#[$doc:meta])* $name:ident as $of:ident($($array:ident: $kind:ident),+; $($number:ident),*) $body:block) => {
        $(#[$doc])*
        #[pyfunction]
        pub fn $name<'py>(py: Python<'py>, $($array: &Bound<'py, PyAny>,)+ $($number: f64),*) -> Answer<'py> {
            at_width!(loss!(@first $($array),+), $of(py, $($array,)+ $($number),*))
        }

        fn $of<'py, F: Number>(py: Python<'py>, $($array: &Bound<'py, PyAny>,)+ $($number: f64),*) -> Answer<'py> {
            $(let $array = $kind::<F>($array)?;)+
            $(let $array = $array.as_array();)+
            $(let $number = F::of($number);)*
            answer(py, || $body)
        }
    };
    (@first $first:ident $(, $rest:ident)*) => { $first };
}

loss! {
    /// Computes BPR of scores.
    bpr as bpr_of(positives: vector, negatives: vector; floor) {
        let loss = losses::bpr(positives, negatives, floor);
        let (positives, negatives) = loss.backward(F::one());
        (loss.value, vec![positives.into_dyn(), negatives.into_dyn()])
    }
}

loss! {
    /// Computes two-sided BPR of scores.
    two_sided_bpr as two_sided_bpr_of(positives: vector, negatives: vector, towards: vector, away: vector;) {
        let loss = losses::bpr::two_sided_bpr(positives, negatives, towards, away);
        let (positives, negatives) = loss.backward(F::one());
        (loss.value, vec![positives.into_dyn(), negatives.into_dyn()])
    }
}

loss! {
    /// Computes BPR of rows.
    bpr_of_triples as bpr_of_triples_of(users: matrix, positives: matrix, negatives: matrix; floor) {
        let loss = losses::bpr_of_triples(Triples { users, positives, negatives }, floor);
        let zeros = || Array2::zeros(users.dim());
        let mut d = Triples { users: zeros(), positives: zeros(), negatives: zeros() };
        loss.backward(F::one(), d.view_mut());
        (loss.value, vec![d.users.into_dyn(), d.positives.into_dyn(), d.negatives.into_dyn()])
    }
}

loss! {
    /// Computes InfoNCE of a batch.
    info_nce as info_nce_of(queries: matrix, keys: matrix, weights: vector; temperature) {
        let loss = losses::info_nce(queries, keys, temperature, weights);
        let (queries, keys) = loss.backward(F::one());
        (loss.value, vec![queries.into_dyn(), keys.into_dyn()])
    }
}

loss! {
    /// Computes the mean distance of cosines.
    cosine_distance as cosine_distance_of(a: matrix, c: matrix;) {
        let loss = losses::cosine_distance(a, c);
        let (a, c) = loss.backward(F::one());
        (loss.value, vec![a.into_dyn(), c.into_dyn()])
    }
}

loss! {
    /// Computes the margin between cosines.
    cosine_margin as cosine_margin_of(users: matrix, positives: matrix, negatives: matrix; margin) {
        let loss = losses::cosine_margin(users, positives, negatives, margin);
        let (positives, negatives) = loss.backward(F::one());
        (loss.value, vec![positives.into_dyn(), negatives.into_dyn()])
    }
}

loss! {
    /// Computes half of the squared norm.
    half_squared_norm as half_squared_norm_of(z: matrix; divisor) {
        let loss = losses::half_squared_norm(z, divisor);
        (loss.value, vec![loss.backward(F::one()).into_dyn()])
    }
}

loss! {
    /// Computes the Frobenius norm.
    frobenius_norm as frobenius_norm_of(x: matrix; divisor) {
        let loss = losses::frobenius_norm(x, divisor);
        (loss.value, vec![loss.backward(F::one()).into_dyn()])
    }
}

loss! {
    /// Computes the distance of Gram matrices.
    gram_distance as gram_distance_of(h: matrix, s: matrix;) {
        let loss = losses::gram_distance(h, s);
        (loss.value, vec![loss.backward(F::one()).into_dyn()])
    }
}

loss! {
    /// Computes the symmetric divergence of preferences.
    preference_divergence as preference_divergence_of(users: matrix, a: matrix, b: matrix;) {
        let loss = losses::preference_divergence(users, a, b);
        let (users, a, b) = loss.backward(F::one());
        (loss.value, vec![users.into_dyn(), a.into_dyn(), b.into_dyn()])
    }
}

/// Computes InfoNCE against all rows of a table.
#[pyfunction]
pub fn info_nce_in_table<'py>(
    py: Python<'py>,
    queries: &Bound<'py, PyAny>,
    table: &Bound<'py, PyAny>,
    own: PyReadonlyArray1<'py, u32>,
    weights: &Bound<'py, PyAny>,
    temperature: f64,
    floor: f64,
) -> Answer<'py> {
    at_width!(queries, in_table(py, queries, table, &own, weights, temperature, floor))
}

fn in_table<'py, F: Number>(
    py: Python<'py>,
    queries: &Bound<'py, PyAny>,
    table: &Bound<'py, PyAny>,
    own: &PyReadonlyArray1<'py, u32>,
    weights: &Bound<'py, PyAny>,
    temperature: f64,
    floor: f64,
) -> Answer<'py> {
    let (queries, table, weights) = (matrix::<F>(queries)?, matrix::<F>(table)?, vector::<F>(weights)?);
    let (queries, table, weights) = (queries.as_array(), table.as_array(), weights.as_array());
    let own = own.as_array().to_vec();
    let (temperature, floor) = (F::of(temperature), F::of(floor));
    answer(py, || {
        let loss = losses::info_nce_in_table(queries, table, &own, temperature, weights, floor);
        let (queries, table) = loss.backward(F::one());
        (loss.value, vec![queries.into_dyn(), table.into_dyn()])
    })
}

/// Computes the neighbourhood discrimination of several views; the gradients stand behind one another, `[views, I, D]`.
#[pyfunction]
pub fn neighbour_discrimination<'py>(
    py: Python<'py>,
    views: Vec<Bound<'py, PyAny>>,
    rows: PyReadonlyArray1<'py, u32>,
    first: usize,
    next: usize,
    temperature: f64,
) -> Answer<'py> {
    let Some(shown) = views.first() else { return Err(refused("expected one view or more, found none")) };
    at_width!(shown, discrimination(py, &views, &rows, Near { first, next, temperature }))
}

fn discrimination<'py, F: Number>(
    py: Python<'py>,
    views: &[Bound<'py, PyAny>],
    rows: &PyReadonlyArray1<'py, u32>,
    near: Near,
) -> Answer<'py> {
    let views = views.iter().map(matrix::<F>).collect::<PyResult<Vec<_>>>()?;
    let views: Vec<_> = views.iter().map(|view| view.as_array()).collect();
    let rows = rows.as_array().to_vec();
    let items = views.first().map_or(0, |view| view.len_of(Axis(0)));
    if let Some(row) = rows.iter().find(|&&row| row as usize >= items) {
        return Err(refused(format!("expected rows below {items}, found {row}")));
    }
    answer(py, || {
        let loss = losses::neighbour_discrimination(&views, &rows, near);
        (loss.value, loss.backward(F::one()).into_iter().map(|d| d.into_dyn()).collect())
    })
}

/// Computes the smoothness of rows over the edges of a graph in compressed rows.
#[pyfunction]
pub fn edge_smoothness<'py>(
    py: Python<'py>,
    h: &Bound<'py, PyAny>,
    indptr: Vec<usize>,
    indices: Vec<usize>,
    weights: &Bound<'py, PyAny>,
) -> Answer<'py> {
    at_width!(h, smoothness(py, h, indptr, indices, weights))
}

fn smoothness<'py, F: Number>(
    py: Python<'py>,
    h: &Bound<'py, PyAny>,
    indptr: Vec<usize>,
    indices: Vec<usize>,
    weights: &Bound<'py, PyAny>,
) -> Answer<'py> {
    let (h, weights) = (matrix::<F>(h)?, vector::<F>(weights)?.as_array().to_vec());
    let h = h.as_array();
    let nodes = h.nrows();
    let graph = CsMat::try_new((nodes, nodes), indptr, indices, weights)
        .map_err(|(.., error)| refused(format!("expected a graph of {nodes} rows and columns: {error}")))?;
    answer(py, || {
        let loss = EdgeSmoothness::new(&graph).forward(h);
        (loss.value, vec![loss.backward(F::one()).into_dyn()])
    })
}
