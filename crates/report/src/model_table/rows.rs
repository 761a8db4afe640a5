//! The rows of a table of models, in their order.

use anchorrec_records::ModelResults;
use anchorrec_records::closed_form::ClosedFormRecord;
use anchorrec_records::report::{MeanSd, over_runs};
use anchorrec_records::table::{
    AgainstReference, ClosedFormRows, ItemGroupRow, ListsRow, ModelRow, PUBLISHED, TUNED, TableData, UserGroupRow,
};
use std::collections::BTreeMap;

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
            Kind::Tuned => TUNED,
            Kind::Published => PUBLISHED,
        }
    }
}

/// What a line of the table is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of<'a> {
    /// A model.
    Model(&'a ModelRow),
    /// A model fused with a method without training.
    Fusion(Option<&'a ListsRow>),
    /// A method without training.
    Method(Option<&'a ListsRow>),
}

/// A line with whatever it has been measured by.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    /// The name of the line for people.
    pub name: String,
    pub kind: Kind,
    pub of: Of<'a>,
    /// How many; 0 for a method without training.
    pub seeds: usize,
    pub valid: BTreeMap<String, MeanSd>,
    pub test: BTreeMap<String, MeanSd>,
    /// Seconds of a run, of a fused run, of a method at its setting.
    pub seconds: f64,
    /// Peak memory of a run; of a method what its matrices hold.
    pub bytes: Option<u64>,
}

impl<'a> Line<'a> {
    /// Coverage and the like; of a model also the figures of its spaces.
    pub(super) fn figures(&self) -> Option<&'a BTreeMap<String, MeanSd>> {
        match self.of {
            Of::Model(row) => Some(&row.figures),
            Of::Fusion(lists) | Of::Method(lists) => Some(&lists?.figures),
        }
    }

    pub(super) fn user_groups(&self) -> &'a [UserGroupRow] {
        match self.of {
            Of::Model(row) => &row.user_groups,
            Of::Fusion(lists) | Of::Method(lists) => lists.map_or(&[], |lists| &lists.user_groups),
        }
    }

    pub(super) fn item_groups(&self) -> &'a [ItemGroupRow] {
        match self.of {
            Of::Model(row) => &row.item_groups,
            Of::Fusion(lists) | Of::Method(lists) => lists.map_or(&[], |lists| &lists.item_groups),
        }
    }

    /// The tests against the runs of the reference under settings of this kind.
    pub(super) fn against(&self, kind: Kind) -> Option<&'a AgainstReference> {
        match self.of {
            Of::Model(row) => row.against.as_ref().filter(|_| self.kind == kind),
            Of::Fusion(lists) | Of::Method(lists) => lists?.against.get(kind.word()),
        }
    }
}

impl<'a> DatasetOfTable<'a> {
    /// The data that everything was computed of; nothing where there is no result.
    pub(super) fn data(&self) -> Option<&'a TableData> {
        self.models.first().map(|of| &of.data).or(self.closed_forms.map(|rows| &rows.data))
    }

    /// The lines that are there, in their order: tuned settings first, a fusion after its model, at the end the methods without training.
    pub(super) fn lines(&self) -> Vec<Line<'a>> {
        let mut lines = Vec::new();
        for kind in Kind::ALL {
            for of in &self.models {
                let Some(row) = kind.of(of) else { continue };
                lines.push(model(of, kind, row));
                lines.extend(fusion(of, kind, row));
            }
        }
        if let Some(rows) = self.closed_forms {
            lines.extend(rows.methods.iter().map(|record| method(record, rows.lists.get(&record.method))));
        }
        lines
    }

    /// One line for each name: under tuned settings where there are any, else under the published ones.
    pub(super) fn shown(&self) -> Vec<Line<'a>> {
        let mut shown: Vec<Line> = Vec::new();
        for line in self.lines() {
            let is_method = |line: &Line| matches!(line.of, Of::Method(_));
            if !shown.iter().any(|one| one.name == line.name && is_method(one) == is_method(&line)) {
                shown.push(line);
            }
        }
        shown
    }

    /// The lines of models alone.
    pub(super) fn models(&self) -> Vec<(Line<'a>, &'a ModelRow)> {
        let of = |line: Line<'a>| match line.of {
            Of::Model(row) => Some((line, row)),
            _ => None,
        };
        self.lines().into_iter().filter_map(of).collect()
    }
}

fn model<'a>(of: &'a ModelResults, kind: Kind, row: &'a ModelRow) -> Line<'a> {
    Line {
        name: of.title.clone(),
        kind,
        of: Of::Model(row),
        seeds: row.seeds.len(),
        valid: row.valid.clone(),
        test: row.test.clone(),
        seconds: row.seeds.iter().map(|seed| seed.seconds).sum::<f64>() / row.seeds.len().max(1) as f64,
        bytes: row.seeds.iter().filter_map(|seed| seed.peak_rss_bytes).max(),
    }
}

fn fusion<'a>(of: &'a ModelResults, kind: Kind, row: &'a ModelRow) -> Option<Line<'a>> {
    let fusion = row.fusion.as_ref()?;
    let runs = fusion.runs.len();
    let alone = model(of, kind, row);
    Some(Line {
        name: format!("{} + {} (the recipe)", of.title, fusion.kernel.title),
        of: Of::Fusion(row.fused.as_ref()),
        seeds: runs,
        valid: over_runs(fusion.runs.iter().map(|run| &run.valid)),
        test: over_runs(fusion.runs.iter().map(|run| &run.test)),
        seconds: alone.seconds + fusion.kernel.seconds,
        bytes: None,
        ..alone
    })
}

fn method<'a>(record: &'a ClosedFormRecord, lists: Option<&'a ListsRow>) -> Line<'a> {
    Line {
        name: record.title.clone(),
        kind: Kind::Tuned,
        of: Of::Method(lists),
        seeds: 0,
        valid: over_runs([&record.valid]),
        test: over_runs([&record.test]),
        seconds: record.seconds,
        bytes: Some(record.bytes),
    }
}
