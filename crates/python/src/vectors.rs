//! A run's vectors as numpy sees them: without a copy, for reading only.
//!
//! numpy asks an object for `__array_interface__`, which says where its numbers stand, and keeps the object for as long as an array looks at them.
//! The object here keeps the vectors, which nothing changes.

use anchorrec_recommender::Embeddings;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// The vectors of all users or of all items.
#[pyclass(frozen, module = "anchorrec._native")]
pub struct Vectors {
    embeddings: Arc<Embeddings<f32>>,
    of_users: bool,
}

impl Vectors {
    /// Shares the vectors of users.
    pub fn of_users(embeddings: &Arc<Embeddings<f32>>) -> Self {
        Vectors { embeddings: embeddings.clone(), of_users: true }
    }

    /// Shares the vectors of items.
    pub fn of_items(embeddings: &Arc<Embeddings<f32>>) -> Self {
        Vectors { embeddings: embeddings.clone(), of_users: false }
    }
}

#[pymethods]
impl Vectors {
    /// Describes the numbers to numpy.
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let table = if self.of_users { &self.embeddings.users } else { &self.embeddings.items };
        let bytes = |steps: &isize| steps * size_of::<f32>() as isize;
        let strides: Vec<isize> = table.strides().iter().map(bytes).collect();
        let interface = PyDict::new(py);
        interface.set_item("version", 3)?;
        interface.set_item("shape", table.dim())?;
        interface.set_item("typestr", if cfg!(target_endian = "little") { "<f4" } else { ">f4" })?;
        interface.set_item("strides", (strides[0], strides[1]))?;
        // The address, and that nobody may write there.
        interface.set_item("data", (table.as_ptr() as usize, true))?;
        Ok(interface)
    }
}
