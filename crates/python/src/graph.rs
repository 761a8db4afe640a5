//! The nearest items by cosine, and the item graph that models propagate over.

use crate::arrays::{Number, at_width, matrix, room};
use crate::failure::of_arrays;
use anchorrec_graph::{ItemGraph, Neighbours, nearest_by_cosine};
use ndarray::{Array1, Array2, ArrayView2};
use numpy::IntoPyArray;
use pyo3::prelude::*;

/// Finds the nearest items of every row of `features`: numbers and cosines, `[I, k]`; and how many rows have none but themselves, being zeros.
#[pyfunction]
pub fn nearest<'py>(py: Python<'py>, features: &Bound<'py, PyAny>, k: usize) -> PyResult<Bound<'py, PyAny>> {
    at_width!(features, nearest_of(py, features, k))
}

fn nearest_of<'py, F: Number>(py: Python<'py>, features: &Bound<'py, PyAny>, k: usize) -> PyResult<Bound<'py, PyAny>> {
    let features = matrix::<F>(features)?;
    let features = features.as_array();
    room_for::<F>(features, k)?;
    let (items, cosines, alone) = of_arrays(py, || tables(&neighbours(features, k), k))?;
    Ok((items.into_pyarray(py), cosines.into_pyarray(py), alone).into_pyobject(py)?.into_any())
}

/// Refuses more neighbours than memory has room for: twice as many are candidates on the way.
pub fn room_for<F: Number>(features: ArrayView2<F>, k: usize) -> PyResult<()> {
    let items = features.nrows();
    room::<(u32, F)>("k", items.saturating_mul(2 * k.min(items)))
}

fn neighbours<F: Number>(features: ArrayView2<F>, k: usize) -> Neighbours<F> {
    nearest_by_cosine(&features, k)
}

/// Lists as a table of items and one of cosines, and how many lists are shorter than others. These are filled up with the item itself and the cosine 0:
/// whoever adds up what is said of a pair twice, as a sparse matrix does, has the item graph.
fn tables<F: Number>(neighbours: &Neighbours<F>, k: usize) -> (Array2<u32>, Array2<F>, usize) {
    let items = neighbours.items();
    let width = k.min(items);
    let at =
        |(item, place): (usize, usize)| neighbours.of(item).get(place).copied().unwrap_or((item as u32, F::zero()));
    let table = Array2::from_shape_fn((items, width), |place| at(place).0);
    let cosines = Array2::from_shape_fn((items, width), |place| at(place).1);
    let alone = (0..items).filter(|&item| neighbours.of(item).len() < width).count();
    (table, cosines, alone)
}

/// Makes the item graph of the nearest items in compressed rows: `indptr`, `indices`, `data`.
#[pyfunction]
pub fn item_graph<'py>(
    py: Python<'py>,
    features: &Bound<'py, PyAny>,
    k: usize,
    weighted: bool,
) -> PyResult<Bound<'py, PyAny>> {
    at_width!(features, item_graph_of(py, features, k, weighted))
}

fn item_graph_of<'py, F: Number>(
    py: Python<'py>,
    features: &Bound<'py, PyAny>,
    k: usize,
    weighted: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let features = matrix::<F>(features)?;
    let features = features.as_array();
    room_for::<F>(features, k)?;
    let (indptr, indices, data) = of_arrays(py, || {
        let neighbours = neighbours(features, k);
        let graph = if weighted { ItemGraph::new(&neighbours) } else { ItemGraph::unweighted(&neighbours) };
        let (indptr, indices, data) = graph.forward.into_raw_storage();
        let whole = |numbers: Vec<usize>| numbers.into_iter().map(|number| number as i64).collect::<Array1<i64>>();
        (whole(indptr), whole(indices), Array1::from(data))
    })?;
    let parts = (indptr.into_pyarray(py), indices.into_pyarray(py), data.into_pyarray(py));
    Ok(parts.into_pyobject(py)?.into_any())
}
