//! What can be wrong with the records that a page is made of.

use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why there is no page.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The system refused.
    #[error("{path}: cannot {action}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A path that leads to no record.
    #[error(
        "{path}: expected a run's folder (with report.json), a folder with comparison.json, or one of these files, found neither; \
         a run writes report.json when it ends"
    )]
    NoRecord {
        /// The path.
        path: PathBuf,
    },
    /// A file that is not the record its name promises.
    #[error("{path}:{line}:{column}: expected {expected}, found: {found}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line at which the parser stopped, from 1.
        line: usize,
        /// The column at which the parser stopped, from 1.
        column: usize,
        /// The record that was expected.
        expected: &'static str,
        /// What the parser says.
        found: String,
    },
    /// A record whose parts do not fit one another.
    #[error("{path}: {place}: expected {expected}, found {found}")]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// The part of the record.
        place: String,
        /// What the part should be.
        expected: String,
        /// What the part is.
        found: String,
    },
    /// A figure that cannot be drawn as pixels.
    #[cfg(feature = "png")]
    #[error("{path}: cannot draw the figure")]
    Raster {
        /// The picture.
        path: PathBuf,
        /// What the renderer says.
        source: resvg::usvg::Error,
    },
}
