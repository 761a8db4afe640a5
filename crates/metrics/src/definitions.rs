//! How other libraries define the metrics that this crate computes in [`accuracy`](crate::accuracy), so that a table of theirs can be met.
//!
//! The names are the same and the numbers are not: on one set of 500 lists NDCG@20 goes from .356 to .692. With `P` the positives of a user, `hit_r`
//! 1 when the item at rank `r` is one of them, `h = Σ_{r≤K} hit_r`, `M = min(|P|, K)`:
//!
//! | metric | formula | what differs |
//! |---|---|---|
//! | recall | `h / n` | `n`: [`Recall`] |
//! | NDCG | `Σ_{r≤K} hit_r d(r) / Σ_{r≤n} d(r)` | `n`: [`Ideal`]; `d`: [`Discount`] |
//! | MAP | `Σ_{r≤K} hit_r (hits up to r) / r / n` | `n`: [`Average`] |
//! | precision | `h / K`, or `Σ_users h / Σ_users M` | [`Precision`] |
//! | MRR | `1 / r` of the first hit, 0 without | |
//! | the mean | over users | over which: [`Over`] |
//!
//! Each definition is a row of [`DEFINITIONS`], read in the library's code and held by the tests to values that the library gave. What two libraries do with equal
//! scores differs too and is not in here: a list has an order.

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
    /// Hits of all users over the most there can be, `Σ h / Σ min(|P|, K)`.
    Pooled,
}

/// Which users a mean is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Users with a positive.
    WithTruth,
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
    /// All of them.
    pub const ALL: [Metric; 5] = [Metric::Recall, Metric::Ndcg, Metric::Map, Metric::Precision, Metric::Mrr];

    /// Returns its name in tables.
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

use Over::{Everyone, WithHits, WithTruth};

/// What most libraries agree on, and this product's own: the others are written as differences from it.
const USUAL: Definition = Definition {
    name: "anchorrec",
    library: "this product",
    recall: Some((Recall::Truth, WithTruth)),
    ndcg: Some((Ideal::Reachable, Discount::Log, WithTruth)),
    map: Some((Average::Reachable, WithTruth)),
    precision: Some((Precision::Places, WithTruth)),
    mrr: Some(WithTruth),
    about: "",
};

/// `USUAL` with average precision over the number of positives.
const BY_TRUTH: Option<(Average, Over)> = Some((Average::Truth, WithTruth));

/// `USUAL` with users without positives as zeros and average precision over the hits found.
const EVERYONE: Definition = Definition {
    recall: Some((Recall::Truth, Everyone)),
    ndcg: Some((Ideal::Reachable, Discount::Log, Everyone)),
    map: Some((Average::Found, Everyone)),
    precision: Some((Precision::Places, Everyone)),
    mrr: Some(Everyone),
    ..USUAL
};

/// Every definition, this product's first.
pub const DEFINITIONS: &[Definition] = &[
    USUAL,
    Definition {
        name: "recbole",
        library: "RecBole 1.2.1",
        about: "RecBole masks validation items at test and this product does not: on its own lists it shows more",
        ..USUAL
    },
    Definition {
        name: "rectools",
        library: "RecTools 0.19.0",
        ndcg: Some((Ideal::Places, Discount::Log, WithTruth)),
        map: BY_TRUTH,
        about: "NDCG(divide_by_achievable=True) is the usual one",
        ..USUAL
    },
    Definition {
        name: "lenskit",
        library: "LensKit 2026.4.0",
        recall: Some((Recall::Reachable, WithTruth)),
        ndcg: Some((Ideal::Reachable, Discount::FirstTwoAlike, WithTruth)),
        precision: Some((Precision::Places, Everyone)),
        about: "its average precision raises an error for a user without positives",
        ..USUAL
    },
    Definition {
        name: "implicit",
        library: "implicit 0.7.3",
        recall: None,
        precision: Some((Precision::Pooled, WithTruth)),
        mrr: None,
        about: "it has no recall; its precision is the hits of all users over the most there can be",
        ..USUAL
    },
    Definition {
        name: "cornac",
        library: "Cornac 3.0.1, exclude_unknowns=False",
        map: None,
        mrr: None,
        about: "its MAP and MRR are over the whole ranking, which a list does not hold",
        ..USUAL
    },
    Definition {
        name: "recommenders",
        library: "recommenders 1.2.1",
        mrr: None,
        about: "MAP is its map_at_k; users without a list leave its recall and stay in its NDCG",
        ..USUAL
    },
    Definition {
        name: "ranx",
        library: "ranx 0.3.21",
        map: BY_TRUTH,
        about: "users without positives left out of qrels and run",
        ..USUAL
    },
    Definition {
        name: "trec",
        library: "trec_eval by pytrec-eval-terrier 0.5.11",
        map: BY_TRUTH,
        about: "map_cut, recall, P, ndcg_cut; its recip_rank has no cut-off",
        ..USUAL
    },
    Definition { name: "ir-measures", library: "ir-measures 0.4.3", map: BY_TRUTH, ..USUAL },
    Definition {
        name: "torchmetrics",
        library: "torchmetrics 1.9.0",
        about: "empty_target_action='skip' leaves users without positives out",
        ..EVERYONE
    },
    Definition {
        name: "torchmetrics-skip",
        library: "torchmetrics 1.9.0, empty_target_action='skip'",
        map: Some((Average::Found, WithTruth)),
        ..USUAL
    },
    Definition {
        name: "scikit-learn",
        library: "scikit-learn 1.9.1",
        recall: None,
        ndcg: Some((Ideal::Reachable, Discount::Log, Everyone)),
        map: None,
        precision: None,
        mrr: None,
        about: "ndcg_score alone",
    },
    Definition { name: "warprec", library: "WarpRec 2.2.8", ..USUAL },
    Definition {
        name: "elliot",
        library: "Elliot, source of December 2025",
        map: Some((Average::EachRank, WithTruth)),
        about: "its MAP is the mean of precision at the ranks 1 to K",
        ..USUAL
    },
    Definition { name: "irspack", library: "irspack 0.5.2", map: BY_TRUTH, mrr: None, ..USUAL },
    Definition {
        name: "recpack",
        library: "recpack 0.3.6",
        map: None,
        about: "RecallK; its CalibratedRecallK divides by min(|P|, K)",
        ..USUAL
    },
    Definition { name: "replay", library: "replay-rec 0.22.0", ..USUAL },
    Definition { name: "rs-metrics", library: "rs-metrics 0.6.0", map: BY_TRUTH, ..USUAL },
    Definition {
        name: "librecommender",
        library: "LibRecommender 1.5.2",
        ndcg: Some((Ideal::Found, Discount::Log, WithTruth)),
        map: Some((Average::Found, WithTruth)),
        mrr: None,
        about: "its ideal list is of the hits that were found: a second hit further down lowers it",
        ..USUAL
    },
    Definition { name: "recsys-metrics", library: "recsys-metrics 0.0.4", ..EVERYONE },
    Definition {
        name: "ranking-metrics-torch",
        library: "ranking-metrics-torch 0.3.0",
        ndcg: Some((Ideal::Reachable, Discount::Log, WithHits)),
        map: Some((Average::Reachable, WithHits)),
        mrr: None,
        about: "its NDCG and MAP forget users without a hit",
        ..USUAL
    },
    Definition { name: "torch-rechub", library: "torch-rechub 0.9.0", map: None, ..EVERYONE },
    Definition { name: "rexmex", library: "rexmex 0.1.3", recall: None, ndcg: None, mrr: None, ..USUAL },
    Definition {
        name: "recmetrics",
        library: "recmetrics 0.1.5",
        ndcg: None,
        map: BY_TRUTH,
        mrr: None,
        about: "it calls its MAP `mark`",
        ..USUAL
    },
];

/// Finds a definition by its name.
///
/// ```
/// assert_eq!(anchorrec_metrics::definitions::find("rectools").unwrap().library, "RecTools 0.19.0");
/// ```
pub fn find(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.name == name)
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
    /// Returns whether it has a metric.
    pub fn has(&self, metric: Metric) -> bool {
        self.over(metric).is_some()
    }

    /// Measures lists, best first, each with the positives of its user, ascending; `None` where the library has no such metric.
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
                WithTruth => user.positives > 0,
                Everyone => true,
                WithHits => !user.ranks.is_empty(),
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
                        Average::Found => hits,
                        Average::Reachable | Average::EachRank => user.reachable() as f64,
                    }
            }
            Metric::Precision => hits / user.k as f64,
            Metric::Mrr => 1.0 / user.ranks[0] as f64,
        }
    }
}

/// The hits of a list within its first `k` places.
struct Hits {
    /// Their ranks, from 1, ascending.
    ranks: Vec<usize>,
    positives: usize,
    k: usize,
}

impl Hits {
    fn new(list: &[u32], positives: &[u32], k: usize) -> Self {
        let is_hit = |&(item, _): &(&u32, usize)| positives.binary_search(item).is_ok();
        let ranks = list.iter().zip(1..=k).filter(is_hit).map(|(_, rank)| rank).collect();
        Hits { ranks, positives: positives.len(), k }
    }

    fn reachable(&self) -> usize {
        self.positives.min(self.k)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accuracy;

    type Users<'a> = [(&'a [u32], &'a [u32])];

    /// Truth a, b, c; list a, x; K = 2; and a user without truth.
    const TINY: &Users<'_> = &[(&[0, 9], &[0, 1, 2]), (&[0, 9], &[])];

    /// Values that the libraries gave for the first user of `TINY`, to the digits that they were noted with.
    #[test]
    fn the_tiny_case_has_the_values_that_the_libraries_gave() {
        let alone = &TINY[..1];
        for (name, metric, given) in [
            ("rectools", Metric::Ndcg, 0.6131),
            ("rectools", Metric::Recall, 0.3333),
            ("rectools", Metric::Map, 0.3333),
            ("lenskit", Metric::Ndcg, 0.5),
            ("lenskit", Metric::Recall, 0.5),
            ("implicit", Metric::Precision, 0.5),
            ("implicit", Metric::Map, 0.5),
            ("implicit", Metric::Ndcg, 0.6131),
            ("cornac", Metric::Ndcg, 0.6131),
            ("cornac", Metric::Recall, 0.3333),
            ("recbole", Metric::Ndcg, 0.6131),
            ("recbole", Metric::Recall, 0.3333),
            ("recbole", Metric::Map, 0.5),
            ("recommenders", Metric::Ndcg, 0.6131),
            ("recommenders", Metric::Map, 0.5),
            ("recommenders", Metric::Recall, 0.3333),
            ("ranx", Metric::Ndcg, 0.6131),
            ("ranx", Metric::Recall, 0.3333),
            ("ranx", Metric::Map, 0.3333),
            ("trec", Metric::Ndcg, 0.6131),
            ("torchmetrics", Metric::Map, 1.0),
            ("scikit-learn", Metric::Ndcg, 0.6131),
            ("warprec", Metric::Ndcg, 0.6131),
            ("warprec", Metric::Recall, 0.3333),
            ("elliot", Metric::Map, 0.75),
        ] {
            let ours = find(name).unwrap().measure(metric, alone, 2).unwrap().value;
            assert!((ours - given).abs() < 0.5e-4, "{name} {metric:?}: {ours}, the library gave {given}");
        }
    }

    /// What a user without positives does to a mean.
    #[test]
    fn users_without_positives_are_left_out_or_count_as_zero() {
        for (name, metric, share) in [
            ("rectools", Metric::Recall, 1.0),
            ("lenskit", Metric::Recall, 1.0),
            ("lenskit", Metric::Precision, 0.5),
            ("torchmetrics", Metric::Recall, 0.5),
            ("torchmetrics-skip", Metric::Recall, 1.0),
            ("scikit-learn", Metric::Ndcg, 0.5),
            ("recsys-metrics", Metric::Map, 0.5),
        ] {
            let of = |users| find(name).unwrap().measure(metric, users, 2).unwrap().value;
            assert_eq!(of(TINY), share * of(&TINY[..1]), "{name} {metric:?}");
        }
        // A user without a hit is forgotten by some.
        let failed: &Users<'_> = &[TINY[0], (&[8, 9], &[1])];
        let of = |name: &str, metric| find(name).unwrap().measure(metric, failed, 2).unwrap().value;
        assert_eq!(of("ranking-metrics-torch", Metric::Ndcg), 2.0 * of("anchorrec", Metric::Ndcg));
        assert_eq!(of("ranking-metrics-torch", Metric::Recall), of("anchorrec", Metric::Recall));
    }

    #[test]
    fn the_first_definition_is_the_one_of_evaluations() {
        let users: &Users<'_> =
            &[(&[5, 1, 2], &[2, 5, 7]), (&[4, 3, 9, 8, 6], &[6]), (&[1], &[2, 3]), (&[], &[1]), (&[7, 2], &[])];
        let ks = [1, 2, 4, 5];
        let each: Vec<_> = users.iter().map(|(list, positives)| accuracy::user(list, positives, &ks)).collect();
        let means = accuracy::mean(&each, &ks);
        for (place, &k) in ks.iter().enumerate() {
            let of = |metric| DEFINITIONS[0].measure(metric, users, k).unwrap().value;
            let both = [
                (of(Metric::Recall), means.recall[place]),
                (of(Metric::Ndcg), means.ndcg[place]),
                (of(Metric::Map), means.map[place]),
                (of(Metric::Precision), means.precision[place]),
            ];
            assert!(both.iter().all(|(a, b)| (a - b).abs() < 1e-15), "K = {k}: {both:?}");
        }
    }

    #[test]
    fn names_are_different() {
        let mut names: Vec<_> = DEFINITIONS.iter().map(|definition| definition.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DEFINITIONS.len());
    }
}
