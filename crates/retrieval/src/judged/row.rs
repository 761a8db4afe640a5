//! A row of a file of lists.

/// A row of a file of lists.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) line: u64,
    pub(crate) user: String,
    pub(crate) item: String,
    /// What decides first, the lower the better.
    pub(crate) rank: Option<f64>,
    /// What decides then, the higher the better.
    pub(crate) score: Option<f64>,
    /// What is in the file beside what decides, and decides nothing, the higher the better: the score of a table with ranks, the rank of a TREC run turned
    /// round.
    pub(crate) beside: Option<f64>,
}
