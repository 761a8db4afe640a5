//! The metrics of `anchorrec-metrics`: of lists, of what is recommended, of spaces, of differences.

use crate::arrays::{Number, at_width, matrix, room};
use crate::failure::{of_arrays, refused};
use crate::graph::room_for;
use anchorrec_metrics::definitions::{DEFINITIONS, Metric, find};
use anchorrec_metrics::{catalogue, neighbours, significance, spaces, spectrum};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Names the definitions of metrics, each with its library.
#[pyfunction]
pub fn definitions() -> Vec<(&'static str, &'static str)> {
    DEFINITIONS.iter().map(|definition| (definition.name, definition.library)).collect()
}

/// Judges lists by a definition: `metric@K` to its value. `truth` is ascending.
#[pyfunction]
pub fn measure<'py>(
    py: Python<'py>,
    definition: &str,
    lists: Vec<Vec<u32>>,
    truth: Vec<Vec<u32>>,
    at: Vec<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let Some(definition) = find(definition) else {
        let known: Vec<&str> = DEFINITIONS.iter().map(|definition| definition.name).collect();
        return Err(refused(format!("no definition `{definition}`: expected one of {}", known.join(", "))));
    };
    let found = of_arrays(py, || {
        let users: Vec<(&[u32], &[u32])> =
            lists.iter().zip(&truth).map(|(list, truth)| (list.as_slice(), truth.as_slice())).collect();
        let mut found = Vec::new();
        for metric in Metric::ALL {
            for &k in &at {
                let measured = definition.measure(metric, &users, k);
                found.extend(measured.map(|measured| (format!("{}@{k}", metric.name()), measured.value)));
            }
        }
        found
    })?;
    let values = PyDict::new(py);
    found.into_iter().try_for_each(|(name, value)| values.set_item(name, value))?;
    Ok(values)
}

/// Counts how often each item is in the first `k` of a list.
#[pyfunction]
pub fn exposure<'py>(
    py: Python<'py>,
    lists: Vec<Vec<u32>>,
    items: usize,
    k: usize,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    if let Some(item) = lists.iter().flatten().find(|&&item| item as usize >= items) {
        return Err(refused(format!("expected items below {items}, found {item}")));
    }
    room::<usize>("items", items.saturating_mul(2))?;
    let counts = of_arrays(py, || {
        let mut counts = vec![0; items];
        // Items that nobody is shown are not touched: of a catalogue that is named too long, memory holds the rest.
        let shown = catalogue::exposure(&lists, items, k).into_iter().enumerate().filter(|&(_, count)| count > 0);
        shown.for_each(|(item, count)| counts[item] = count as i64);
        counts
    })?;
    Ok(counts.into_pyarray(py))
}

/// Returns the share of items that anybody is shown.
#[pyfunction]
pub fn coverage(py: Python<'_>, exposure: Vec<usize>) -> PyResult<f64> {
    of_arrays(py, || catalogue::coverage(&exposure))
}

/// Returns the Gini coefficient of exposure.
#[pyfunction]
pub fn gini(py: Python<'_>, exposure: Vec<usize>) -> PyResult<f64> {
    of_arrays(py, || catalogue::gini(&exposure))
}

/// Returns how much more popular what is shown is than what was taken.
#[pyfunction]
pub fn popularity_lift(py: Python<'_>, exposure: Vec<usize>, popularity: Vec<usize>) -> PyResult<f64> {
    of_arrays(py, || catalogue::popularity_lift(&exposure, &popularity))
}

/// Declares a measure of two spaces.
macro_rules! of_two {
    ($(#[$doc:meta])* $name:ident as $of:ident, $x:ident, $y:ident, $check:block) => {
        $(#[$doc])*
        #[pyfunction]
        pub fn $name(py: Python<'_>, $x: &Bound<'_, PyAny>, $y: &Bound<'_, PyAny>) -> PyResult<f64> {
            at_width!($x, $of(py, $x, $y))
        }

        fn $of<F: Number>(py: Python<'_>, $x: &Bound<'_, PyAny>, $y: &Bound<'_, PyAny>) -> PyResult<f64> {
            let ($x, $y) = (matrix::<F>($x)?, matrix::<F>($y)?);
            let ($x, $y) = ($x.as_array(), $y.as_array());
            $check
            of_arrays(py, || spaces::$name(&$x, &$y))
        }
    };
}

of_two! {
    /// Returns the linear CKA of two spaces.
    linear_cka as linear_cka_of, x, y, {
        // The products of each with each of their columns.
        let widest = x.ncols().max(y.ncols());
        room::<f64>("x and y", widest.saturating_mul(widest))?;
    }
}

of_two! {
    /// Returns how far apart the places of the same items are in two spaces.
    positional_spread as positional_spread_of, x, y, {}
}

/// Returns the mean squared distance of pairs on the unit sphere.
#[pyfunction]
pub fn alignment(py: Python<'_>, x: &Bound<'_, PyAny>, y: &Bound<'_, PyAny>, pairs: Vec<(u32, u32)>) -> PyResult<f64> {
    at_width!(x, alignment_of(py, x, y, &pairs))
}

fn alignment_of<F: Number>(
    py: Python<'_>,
    x: &Bound<'_, PyAny>,
    y: &Bound<'_, PyAny>,
    pairs: &[(u32, u32)],
) -> PyResult<f64> {
    let (x, y) = (matrix::<F>(x)?, matrix::<F>(y)?);
    let (x, y) = (x.as_array(), y.as_array());
    if let Some(pair) = pairs.iter().find(|pair| pair.0 as usize >= x.nrows() || pair.1 as usize >= y.nrows()) {
        return Err(refused(format!("expected pairs below {} and {}, found {pair:?}", x.nrows(), y.nrows())));
    }
    of_arrays(py, || spaces::alignment(&x, &y, pairs))
}

/// Returns the uniformity of rows on the unit sphere.
#[pyfunction]
pub fn uniformity(py: Python<'_>, x: &Bound<'_, PyAny>) -> PyResult<f64> {
    at_width!(x, uniformity_of(py, x))
}

fn uniformity_of<F: Number>(py: Python<'_>, x: &Bound<'_, PyAny>) -> PyResult<f64> {
    let x = matrix::<F>(x)?;
    let x = x.as_array();
    of_arrays(py, || spaces::uniformity(&x))
}

/// Returns the singular values of a matrix, descending.
#[pyfunction]
pub fn singular_values<'py>(py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<f64>>> {
    at_width!(x, singular_values_of(py, x))
}

fn singular_values_of<'py, F: Number>(py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let x = matrix::<F>(x)?;
    let x = x.as_array();
    let narrow = x.nrows().min(x.ncols());
    room::<f64>("x", narrow.saturating_mul(2 * narrow))?;
    Ok(of_arrays(py, || spectrum::singular_values(&x))?.into_pyarray(py))
}

/// Returns the effective rank of a spectrum.
#[pyfunction]
pub fn effective_rank(py: Python<'_>, singular_values: Vec<f64>) -> PyResult<f64> {
    of_arrays(py, || spectrum::effective_rank(&singular_values))
}

/// Returns the share of their `k` nearest neighbours that two spaces have in common.
#[pyfunction]
pub fn overlap(py: Python<'_>, x: &Bound<'_, PyAny>, y: &Bound<'_, PyAny>, k: usize) -> PyResult<f64> {
    at_width!(x, overlap_of(py, x, y, k))
}

fn overlap_of<F: Number>(py: Python<'_>, x: &Bound<'_, PyAny>, y: &Bound<'_, PyAny>, k: usize) -> PyResult<f64> {
    let (x, y) = (matrix::<F>(x)?, matrix::<F>(y)?);
    let (x, y) = (x.as_array(), y.as_array());
    room_for(x, k + 1)?;
    room_for(y, k + 1)?;
    of_arrays(py, || neighbours::overlap(&neighbours::nearest(&x, k), &neighbours::nearest(&y, k), k))
}

/// Tests paired differences by Student's t: mean, t, p, interval.
#[pyfunction]
pub fn paired_t(py: Python<'_>, differences: Vec<f64>) -> PyResult<(f64, f64, f64, (f64, f64))> {
    let test = of_arrays(py, || significance::paired_t(&differences))?;
    Ok((test.mean, test.t, test.p, test.interval))
}

/// Tests paired differences by Wilcoxon's signed ranks: how many differ, W, z, p.
#[pyfunction]
pub fn wilcoxon_signed_rank(py: Python<'_>, differences: Vec<f64>) -> PyResult<(usize, f64, f64, f64)> {
    let test = of_arrays(py, || significance::wilcoxon_signed_rank(&differences))?;
    Ok((test.different, test.statistic, test.z, test.p))
}

/// Corrects p values by Holm's method.
#[pyfunction]
pub fn holm(py: Python<'_>, p: Vec<f64>) -> PyResult<Vec<f64>> {
    of_arrays(py, || significance::holm(&p))
}
