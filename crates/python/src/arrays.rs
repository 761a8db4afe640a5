//! numpy arrays in and out. A function of arrays takes them in `f32` or `f64`, all in one of the two.
//!
//! Arrays are read while other Python threads go on, which could write to them. So the Python half hands over copies that it made itself: nobody else knows
//! them, and their numbers stand in rows, at addresses that fit their width.

use crate::failure::refused;
use anchorrec_kernels::Real;
use ndarray::ArrayD;
use numpy::{
    Element, PyArray, PyArrayDescrMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArray, PyUntypedArrayMethods,
    dtype,
};
use pyo3::prelude::*;

/// A width of numbers that arrays may have.
pub trait Number: Real + Element {}

impl Number for f32 {}
impl Number for f64 {}

/// Returns whether an array holds `f32`; else it holds `f64`.
pub fn is_single(array: &Bound<'_, PyAny>) -> PyResult<bool> {
    let array = array.cast::<PyUntypedArray>().map_err(|_| refused("expected a numpy array"))?;
    let (py, found) = (array.py(), array.dtype());
    if found.is_equiv_to(&dtype::<f32>(py)) {
        return Ok(true);
    }
    if found.is_equiv_to(&dtype::<f64>(py)) {
        return Ok(false);
    }
    Err(refused(format!("expected an array of float32 or float64, found {found}")))
}

/// Calls a function that is generic over [`Number`] at the width of an array: `at_width!(a, function(py, a, b))`.
macro_rules! at_width {
    ($array:expr, $function:ident($($argument:expr),* $(,)?)) => {
        match crate::arrays::is_single($array)? {
            true => $function::<f32>($($argument),*),
            false => $function::<f64>($($argument),*),
        }
    };
}
pub(crate) use at_width;

/// Reads a matrix without copying it.
pub fn matrix<'py, F: Number>(array: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArray2<'py, F>> {
    array.extract().map_err(|_| other::<F>(array, "two dimensions"))
}

/// Reads a vector without copying it.
pub fn vector<'py, F: Number>(array: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArray1<'py, F>> {
    array.extract().map_err(|_| other::<F>(array, "one dimension"))
}

fn other<F: Number>(array: &Bound<'_, PyAny>, dimensions: &str) -> PyErr {
    let expected = dtype::<F>(array.py());
    let found = match array.cast::<PyUntypedArray>() {
        Ok(array) => format!("{} of shape {:?}", array.dtype(), array.shape()),
        Err(_) => "no numpy array".to_owned(),
    };
    refused(format!("expected an array of {expected} with {dimensions}, found {found}"))
}

/// Refuses what memory has no room for, where a caller names the size: an allocation that fails would end the interpreter.
pub fn room<T>(name: &str, count: usize) -> PyResult<()> {
    let none = |_| refused(format!("{name}: there is no memory for what is asked for, {count} numbers"));
    Vec::<T>::new().try_reserve_exact(count).map_err(none)
}

/// Hands the arrays over to numpy without copying them.
pub fn handed<'py, F: Number>(py: Python<'py>, arrays: Vec<ArrayD<F>>) -> Vec<Bound<'py, PyAny>> {
    arrays.into_iter().map(|array| PyArray::from_owned_array(py, array).into_any()).collect()
}
