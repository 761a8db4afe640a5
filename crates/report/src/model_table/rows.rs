//! The rows of a table of models, in their order.

use anchorrec_records::ModelResults;
use anchorrec_records::table::{ClosedFormRows, ModelRow};

/// A table of models.
#[derive(Clone, Debug, Default)]
pub struct ModelTable<'a> {
    /// The protocol in sentences, one for each line of a list.
    pub protocol: Vec<String>,
    /// The data sets in their order.
    pub datasets: Vec<DatasetOfTable<'a>>,
    /// What is not computed yet, a line for each data set.
    pub missing: Vec<String>,
    /// The command that computes the rest and writes the page.
    pub command: String,
}

/// The rows of a data set.
#[derive(Clone, Debug)]
pub struct DatasetOfTable<'a> {
    /// The name of the data set.
    pub name: String,
    /// The models in the order of their rows; the first is the reference of the tests.
    pub models: Vec<&'a ModelResults>,
    /// The methods without training.
    pub closed_forms: Option<&'a ClosedFormRows>,
}

/// Whose settings a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tuned,
    Published,
}

impl Kind {
    pub(super) const ALL: [Kind; 2] = [Kind::Tuned, Kind::Published];

    pub(super) fn of(self, results: &ModelResults) -> Option<&ModelRow> {
        match self {
            Kind::Tuned => results.tuned.as_ref(),
            Kind::Published => results.published.as_ref(),
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Tuned => "tuned",
            Kind::Published => "published",
        }
    }
}

impl DatasetOfTable<'_> {
    /// The rows that are there, in their order, those of tuned settings first.
    pub(super) fn rows(&self) -> Vec<(Kind, &ModelResults, &ModelRow)> {
        let of = |kind: Kind| self.models.iter().filter_map(move |of| Some((kind, *of, kind.of(of)?)));
        Kind::ALL.into_iter().flat_map(of).collect()
    }
}
