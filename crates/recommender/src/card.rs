//! What a model says of itself: its names and paper, what a search tries, what an ablation trains.

use crate::work::Timing;

/// A model's names, paper, search ranges and variants. All settings are written as a person sets them: `path=value` from the model's
/// name on, `model.weights.reg=0.1`.
///
/// ```
/// use anchorrec_recommender::{Card, Range, Variation};
///
/// const CARD: Card = Card {
///     ranges: &[Range::new("pull.embedding_dim", &["64", "32"]), Range::new("pull.reg", &["0.001", "0.01", "0.1"])],
///     ablations: &[Variation::new("no-reg", "without the norms", &["pull.reg=0"])],
///     ..Card::new("pull", "Pull", "users pulled to their items", "nobody: \"An example\", 2026")
/// };
/// assert_eq!(CARD.grid(), 2 * 3);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// The model's name in configurations, folders and reports: that of its folder, in lower case.
    pub name: &'static str,
    /// The model's name as its authors write it.
    pub title: &'static str,
    /// What the model is, in a few words for a table of models.
    pub about: &'static str,
    /// Authors, title, venue, year and arXiv number of the paper.
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
    /// Makes a card without ranges and variants, to be filled in by `Card { ranges: .., ..Card::new(..) }`.
    ///
    /// ```
    /// use anchorrec_recommender::Card;
    ///
    /// const CARD: Card = Card::new("pull", "Pull", "users pulled to their items", "nobody: \"An example\", 2026");
    /// assert!(CARD.ranges.is_empty() && CARD.ablations.is_empty());
    /// ```
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

    /// Returns how many points the ranges make: the product of their lengths.
    ///
    /// ```
    /// use anchorrec_recommender::{Card, Range};
    ///
    /// const RANGES: &[Range] = &[Range::new("pull.reg", &["0.001", "0.01", "0.1"]), Range::new("pull.layers", &["2", "3"])];
    /// let card = Card { ranges: RANGES, ..Card::new("pull", "Pull", "users pulled to their items", "nobody, 2026") };
    /// assert_eq!(card.grid(), 3 * 2);
    /// ```
    pub fn grid(&self) -> usize {
        self.ranges.iter().map(|range| range.values.len()).product()
    }
}

/// A setting and the values it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The setting's path in the configuration.
    pub path: &'static str,
    /// The values to try; the first is the default.
    pub values: &'static [&'static str],
}

impl Range {
    /// Declares what is tried for a setting.
    ///
    /// ```
    /// assert_eq!(anchorrec_recommender::Range::new("pull.reg", &["0.001", "0.1"]).values[0], "0.001");
    /// ```
    pub const fn new(path: &'static str, values: &'static [&'static str]) -> Self {
        Range { path, values }
    }
}

/// A model with some settings changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variation {
    /// The variant's short name: `no-ui`.
    pub name: &'static str,
    /// What is different in this variant.
    pub about: &'static str,
    /// The settings that differ, as `path=value`.
    pub settings: &'static [&'static str],
}

impl Variation {
    /// Declares a variant.
    ///
    /// ```
    /// let variant = anchorrec_recommender::Variation::new("no-reg", "without the norms", &["pull.reg=0"]);
    /// assert_eq!(variant.settings, ["pull.reg=0"]);
    /// ```
    pub const fn new(name: &'static str, about: &'static str, settings: &'static [&'static str]) -> Self {
        Variation { name, about, settings }
    }
}
