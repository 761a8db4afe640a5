#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! This crate is the compiled half of the Python package, `anchorrec._native`; the other half, in `python/anchorrec`, checks arguments, names
//! things and documents them. Neither computes anything: both call the crates below.
//!
//! | module | what |
//! |---|---|
//! | `failure` | errors and panics as Python exceptions |
//! | `arrays` | numpy arrays in and out, in `f32` and `f64` |
//! | `losses`, `graph`, `metrics` | functions of arrays |
//! | `tables` | tables of polars, pandas and pyarrow, through Arrow |
//! | `prepare` | from tables or folders to a ready data set, or to what is said of them |
//! | `watched` | long work that shows itself and listens to Ctrl-C |
//! | `job` | the data, the settings and the place of a training |
//! | `train`, `studies` | a training; a search, an ablation study |
//! | `run` | a finished run: vectors, lists, similar items |
//! | `vectors` | a run's vectors as numpy sees them, without a copy |

mod arrays;
mod failure;
mod graph;
mod job;
mod losses;
mod metrics;
mod prepare;
mod run;
mod studies;
mod tables;
mod train;
mod vectors;
mod watched;

/// The module `anchorrec._native`.
#[pyo3::pymodule(name = "_native")]
mod native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::graph::{item_graph, nearest};
    #[pymodule_export]
    use crate::losses::{
        bpr, bpr_of_triples, cosine_distance, cosine_margin, edge_smoothness, frobenius_norm, gram_distance,
        half_squared_norm, info_nce, info_nce_in_table, neighbour_discrimination, preference_divergence, two_sided_bpr,
    };
    #[pymodule_export]
    use crate::metrics::{
        alignment, coverage, definitions, effective_rank, exposure, gini, holm, linear_cka, measure, overlap, paired_t,
        popularity_lift, positional_spread, singular_values, uniformity, wilcoxon_signed_rank,
    };
    #[pymodule_export]
    use crate::prepare::{check, prepare};
    #[pymodule_export]
    use crate::run::{Run, load};
    #[pymodule_export]
    use crate::studies::{ablate, tune};
    #[pymodule_export]
    use crate::tables::Table;
    #[pymodule_export]
    use crate::train::{set_threads, train};
    #[pymodule_export]
    use crate::vectors::Vectors;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::failure::keep_panics_quiet();
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("models", anchorrec_models::MODELS.names())
    }
}
