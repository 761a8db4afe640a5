//! What a model says of itself: its names and paper, what a search tries, what an ablation trains.

use crate::work::Timing;

/// A model's names, paper, search ranges and variants. All settings are written as a person sets them: `path=value` from the model's
/// name on, `model.weights.reg=0.1`.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// Its name in configurations, folders and reports: the folder's, in lower case.
    pub name: &'static str,
    /// Its name as its authors write it.
    pub title: &'static str,
    /// What it is, in a few words for a table of models.
    pub about: &'static str,
    /// Authors, title, venue, year and arXiv number of its paper.
    pub paper: &'static str,
    /// What a search tries: the grid of the publication, or of the authors' surviving configurations.
    pub ranges: &'static [Range],
    /// The model without one of its parts.
    pub ablations: &'static [Variation],
    /// The model with one of its parts done another way.
    pub alternatives: &'static [Variation],
    /// Times that a bench measures.
    pub timings: &'static [Timing],
    /// Settings that change cost or logs and no ranking, whatever their value: a search does not write them into a manifest.
    pub changes_no_ranking: &'static [&'static str],
    /// Settings under which no gradient is stopped on its way, so that differences of the loss see all of it: none for most models. `None`
    /// where one always is; the model's own folder then tests its gradients.
    pub without_stops: Option<&'static [&'static str]>,
}

impl Card {
    /// A card without ranges and variants, to be filled in by `Card { ranges: .., ..Card::new(..) }`.
    pub const fn new(name: &'static str, title: &'static str, about: &'static str, paper: &'static str) -> Self {
        Card {
            name,
            title,
            about,
            paper,
            ranges: &[],
            ablations: &[],
            alternatives: &[],
            timings: &[],
            changes_no_ranking: &[],
            without_stops: Some(&[]),
        }
    }

    /// Returns how many points the ranges make.
    pub fn grid(&self) -> usize {
        self.ranges.iter().map(|range| range.values.len()).product()
    }
}

/// A setting and the values it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Its path in the configuration.
    pub path: &'static str,
    /// Its values; the first is the default.
    pub values: &'static [&'static str],
}

impl Range {
    /// Declares what is tried for a setting.
    pub const fn new(path: &'static str, values: &'static [&'static str]) -> Self {
        Range { path, values }
    }
}

/// A model with some settings changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variation {
    /// Its short name: `no-ui`.
    pub name: &'static str,
    /// What is different in it.
    pub about: &'static str,
    /// The settings that differ, as `path=value`.
    pub settings: &'static [&'static str],
}

impl Variation {
    /// Declares a variant.
    pub const fn new(name: &'static str, about: &'static str, settings: &'static [&'static str]) -> Self {
        Variation { name, about, settings }
    }
}
