//! A model of the table, and how its training ended.

use crate::settings::Configuration;
use anchorrec_recommender::Model;
use anchorrec_records::Report;
use std::path::PathBuf;

/// A model with its settings.
pub struct Entry {
    /// The model.
    pub model: &'static dyn Model,
    /// The settings of the model.
    pub configuration: Configuration,
}

/// How the training of a model ended.
pub enum End {
    /// The model was trained to its end, now or before.
    Done {
        /// What is in `report.json`.
        report: Box<Report>,
        /// The folder of the run.
        folder: PathBuf,
    },
    /// The model cannot be made of this data or these settings, or its numbers went wrong.
    Without(String),
    /// The training was told to stop.
    Stopped,
}
