//! The nearest items by cosine, and the item graph that models propagate over.

use crate::arrays::{Number, at_width, matrix};
use crate::failure::{of_arrays, refused};
use anchorrec_graph::{ItemGraph, Neighbours, nearest_by_cosine};
use ndarray::{Array1, Array2, ArrayView2};
use numpy::IntoPyArray;
use pyo3::prelude::*;

/// Finds the nearest items of every row of `features`: numbers and cosines, `[I, k]`.
#[pyfunction]
pub fn nearest<'py>(py: Python<'py>, features: &Bound<'py, PyAny>, k: usize) -> PyResult<Bound<'py, PyAny>> {
    at_width!(features, nearest_of(py, features, k))
}

fn nearest_of<'py, F: Number>(py: Python<'py>, features: &Bound<'py, PyAny>, k: usize) -> PyResult<Bound<'py, PyAny>> {
    let features = matrix::<F>(features)?;
    let features = features.as_array();
    let (items, cosines) = of_arrays(py, || tables(&neighbours(features, k)))??;
    Ok((items.into_pyarray(py), cosines.into_pyarray(py)).into_pyobject(py)?.into_any())
}

fn neighbours<F: Number>(features: ArrayView2<F>, k: usize) -> Neighbours<F> {
    nearest_by_cosine(&features, k)
}

/// Lists of one length as a table of items and one of cosines.
fn tables<F: Number>(neighbours: &Neighbours<F>) -> PyResult<(Array2<u32>, Array2<F>)> {
    let items = neighbours.items();
    let each = || (0..items).flat_map(|item| neighbours.of(item));
    let width = if items == 0 { 0 } else { neighbours.of(0).len() };
    let wrong = |error: ndarray::ShapeError| refused(format!("lists of neighbours of different lengths: {error}"));
    let table = Array2::from_shape_vec((items, width), each().map(|near| near.0).collect()).map_err(wrong)?;
    let cosines = Array2::from_shape_vec((items, width), each().map(|near| near.1).collect()).map_err(wrong)?;
    Ok((table, cosines))
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
