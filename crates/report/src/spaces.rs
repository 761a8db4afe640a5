//! Analyses of several seeds seen together: what can be averaged is averaged, what cannot is shown of one seed.

use crate::read::Run;
use anchorrec_records::analysis::{Analysis, SpaceRecord};

/// The analyses of one run, at least one.
#[derive(Clone, Copy, Debug)]
pub struct Spaces<'a> {
    analyses: &'a [Analysis],
    shown: &'a Analysis,
    items: usize,
}

impl<'a> Spaces<'a> {
    /// Reads the spaces of a run, if it has an analysis.
    pub fn of(run: &'a Run) -> Option<Self> {
        let chosen = run.report.summary.selected_by_validation.seed;
        let shown = run.analyses.iter().find(|analysis| analysis.seed == chosen).or(run.analyses.first())?;
        Some(Spaces { analyses: &run.analyses, shown, items: run.report.data.items })
    }

    /// Returns the analyses of all seeds.
    pub fn analyses(&self) -> &'a [Analysis] {
        self.analyses
    }

    /// Returns the analysis whose pictures are shown: that of the seed which validation selects, where it is there.
    pub fn shown(&self) -> &'a Analysis {
        self.shown
    }

    /// `K` of neighbourhoods.
    pub fn k(&self) -> usize {
        self.shown.k
    }

    /// Returns the neighbours that two spaces share which have nothing to do with one another: `K` of all other items.
    pub fn chance(&self) -> f64 {
        (self.k() as f64 / self.items.saturating_sub(1).max(1) as f64).min(1.0)
    }

    /// Names of the spaces, in their order.
    pub fn names(&self) -> Vec<&'a str> {
        self.shown.spaces.iter().map(|space| space.name.as_str()).collect()
    }

    /// Returns the shared neighbours of two spaces, of each seed that has both.
    pub fn overlaps(&self, a: &str, b: &str) -> Vec<f64> {
        self.analyses.iter().filter_map(|analysis| analysis.pair(a, b)).map(|pair| pair.overlap).collect()
    }

    /// Returns the mean over the seeds of a figure of one space.
    pub fn space(&self, name: &str, figure: impl Fn(&SpaceRecord) -> Option<f64>) -> Option<f64> {
        mean(self.analyses.iter().filter_map(|analysis| analysis.space(name)).filter_map(figure))
    }
}

/// Returns the mean, if there is anything.
pub fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}
