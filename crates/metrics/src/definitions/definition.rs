//! What definitions of a metric differ in, and a metric measured by one of them.

/// What recall divides hits by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recall {
    /// The number of positives `|P|`.
    Truth,
    /// The most hits there can be, `min(|P|, K)`.
    Reachable,
}

/// How many hits the ideal list of NDCG begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ideal {
    /// The most there can be, `min(|P|, K)`.
    Reachable,
    /// `K`, however few positives there are: a user with one positive never reaches 1.
    Places,
    /// As many as were found: a list with a single hit at rank 1 is perfect.
    Found,
}

/// What a hit at a rank gains in NDCG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discount {
    /// `1 / log2(r + 1)`.
    Log,
    /// `1 / max(1, log2(r))`: ranks 1 and 2 gain the same.
    FirstTwoAlike,
}

/// What average precision divides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// The most hits there can be, `min(|P|, K)`.
    Reachable,
    /// The number of positives `|P|`.
    Truth,
    /// The most hits that the list can hold, `min(|P|, K, its length)`.
    Shown,
    /// The hits that were found.
    Found,
    /// Another formula: the mean of precision at the ranks 1 to `K`.
    EachRank,
}

/// What precision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// The mean over users of `h / K`.
    Places,
    /// The mean over users of `h / min(K, length of the list)`: a short list loses nothing.
    Shown,
    /// Hits of all users over the most there can be, `Σ h / Σ min(|P|, K)`.
    Pooled,
}

/// Which users a mean is over. A library that is asked with a value for each user, or with the scores of all items, never sees a user without a list: such
/// a user has no hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Users with a positive; who has no list has no hits.
    WithTruth,
    /// Users with a positive and a list: those whom a recommender skips are forgotten.
    WithBoth,
    /// Users with a list; who has no positive counts as 0, and those whom a recommender skips are forgotten.
    WithList,
    /// All users with a list or a positive; who has no positive counts as 0.
    Everyone,
    /// Users with a hit: those that the recommender failed are forgotten.
    WithHits,
}

/// How a library defines the metrics; `None` where it has none, or one that a list cut at `K` cannot give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    /// The name to ask for it by.
    pub name: &'static str,
    /// The library and the version that was read.
    pub library: &'static str,
    /// Recall.
    pub recall: Option<(Recall, Over)>,
    /// NDCG.
    pub ndcg: Option<(Ideal, Discount, Over)>,
    /// Mean average precision.
    pub map: Option<(Average, Over)>,
    /// Precision.
    pub precision: Option<(Precision, Over)>,
    /// Mean reciprocal rank.
    pub mrr: Option<Over>,
    /// What a reader should know.
    pub about: &'static str,
}

/// A metric that definitions differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Share of the positives that were found.
    Recall,
    /// Discounted gain over the ideal one.
    Ndcg,
    /// Mean average precision.
    Map,
    /// Share of the list that is positive.
    Precision,
    /// Mean reciprocal rank.
    Mrr,
}

impl Metric {
    /// All metrics, in the order of tables.
    pub const ALL: [Metric; 5] = [Metric::Recall, Metric::Ndcg, Metric::Map, Metric::Precision, Metric::Mrr];

    /// Returns the metric's name in tables.
    ///
    /// ```
    /// assert_eq!(anchorrec_metrics::definitions::Metric::Ndcg.name(), "ndcg");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Metric::Recall => "recall",
            Metric::Ndcg => "ndcg",
            Metric::Map => "map",
            Metric::Precision => "precision",
            Metric::Mrr => "mrr",
        }
    }
}

/// What a metric made of some users.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The value: a mean over users, or pooled over them.
    pub value: f64,
    /// The value of each user that the mean is over, with its place among all; empty where the metric is pooled.
    pub users: Vec<(usize, f64)>,
}

impl Definition {
    /// Returns whether the library has a metric.
    ///
    /// ```
    /// use anchorrec_metrics::definitions::{Metric, find};
    ///
    /// let library = find("recmetrics").unwrap();
    /// assert!(library.has(Metric::Recall) && !library.has(Metric::Mrr));
    /// ```
    pub fn has(&self, metric: Metric) -> bool {
        self.over(metric).is_some()
    }

    /// Measures lists, best first, each with the positives of its user, ascending; `None` where the library has no such metric. An empty list is that of a
    /// user whom a recommender skipped.
    ///
    /// # Panics
    /// When `k` is 0.
    ///
    /// ```
    /// use anchorrec_metrics::definitions::{Metric, find};
    ///
    /// // One hit of three positives at the first of two places; a user without positives.
    /// let users = [(&[7, 1][..], &[3, 5, 7][..]), (&[2, 4], &[])];
    /// let ndcg = |name| find(name).unwrap().measure(Metric::Ndcg, &users, 2).unwrap().value;
    /// assert_eq!(ndcg("lenskit"), 1.0 / (1.0 + 1.0));
    /// assert_eq!(ndcg("anchorrec"), 1.0 / (1.0 + 1.0 / 3f64.log2()));
    /// ```
    pub fn measure(&self, metric: Metric, users: &[(&[u32], &[u32])], k: usize) -> Option<Measured> {
        assert!(k > 0, "K is at least 1");
        let over = self.over(metric)?;
        let each = users.iter().map(|&(list, positives)| Hits::new(list, positives, k));
        if let (Metric::Precision, Some((Precision::Pooled, _))) = (metric, self.precision) {
            let (hits, most) =
                each.fold((0, 0), |(hits, most), user| (hits + user.ranks.len(), most + user.reachable()));
            return Some(Measured { value: hits as f64 / most.max(1) as f64, users: Vec::new() });
        }
        let users: Vec<(usize, f64)> = each
            .enumerate()
            .filter(|(_, user)| match over {
                Over::WithTruth => user.positives > 0,
                Over::WithBoth => user.positives > 0 && user.shown > 0,
                Over::WithList => user.shown > 0,
                Over::Everyone => true,
                Over::WithHits => !user.ranks.is_empty(),
            })
            .map(|(place, user)| (place, if user.ranks.is_empty() { 0.0 } else { self.of(metric, &user) }))
            .collect();
        let sum: f64 = users.iter().map(|user| user.1).sum();
        Some(Measured { value: sum / users.len().max(1) as f64, users })
    }

    fn over(&self, metric: Metric) -> Option<Over> {
        match metric {
            Metric::Recall => self.recall.map(|(_, over)| over),
            Metric::Ndcg => self.ndcg.map(|(_, _, over)| over),
            Metric::Map => self.map.map(|(_, over)| over),
            Metric::Precision => self.precision.map(|(_, over)| over),
            Metric::Mrr => self.mrr,
        }
    }

    /// The metric of a user with a hit.
    fn of(&self, metric: Metric, user: &Hits) -> f64 {
        let hits = user.ranks.len() as f64;
        match metric {
            Metric::Recall => match self.recall {
                Some((Recall::Reachable, _)) => hits / user.reachable() as f64,
                _ => hits / user.positives as f64,
            },
            Metric::Ndcg => {
                let (ideal, discount, _) = self.ndcg.expect("it has the metric");
                let gain = |rank: usize| match discount {
                    Discount::Log => 1.0 / (rank as f64 + 1.0).log2(),
                    Discount::FirstTwoAlike => 1.0 / (rank as f64).log2().max(1.0),
                };
                let ideal = match ideal {
                    Ideal::Reachable => user.reachable(),
                    Ideal::Places => user.k,
                    Ideal::Found => user.ranks.len(),
                };
                user.ranks.iter().map(|&rank| gain(rank)).sum::<f64>() / (1..=ideal).map(gain).sum::<f64>()
            }
            Metric::Map => {
                let (by, _) = self.map.expect("it has the metric");
                if by == Average::EachRank {
                    let upto = |rank: usize| user.ranks.iter().filter(|&&hit| hit <= rank).count() as f64;
                    return (1..=user.k).map(|rank| upto(rank) / rank as f64).sum::<f64>() / user.k as f64;
                }
                let precisions: f64 =
                    user.ranks.iter().zip(1..).map(|(&rank, hits)| f64::from(hits) / rank as f64).sum();
                precisions
                    / match by {
                        Average::Truth => user.positives as f64,
                        Average::Shown => user.reachable().min(user.shown) as f64,
                        Average::Found => hits,
                        Average::Reachable | Average::EachRank => user.reachable() as f64,
                    }
            }
            Metric::Precision => match self.precision {
                Some((Precision::Shown, _)) => hits / user.shown as f64,
                _ => hits / user.k as f64,
            },
            Metric::Mrr => 1.0 / user.ranks[0] as f64,
        }
    }
}

/// The hits of a list within its first `k` places.
struct Hits {
    /// The ranks of the hits, from 1, ascending.
    ranks: Vec<usize>,
    positives: usize,
    /// How many of the first `k` places are filled.
    shown: usize,
    k: usize,
}

impl Hits {
    fn new(list: &[u32], positives: &[u32], k: usize) -> Self {
        let is_hit = |&(item, _): &(&u32, usize)| positives.binary_search(item).is_ok();
        let ranks = list.iter().zip(1..=k).filter(is_hit).map(|(_, rank)| rank).collect();
        Hits { ranks, positives: positives.len(), shown: list.len().min(k), k }
    }

    fn reachable(&self) -> usize {
        self.positives.min(self.k)
    }
}
