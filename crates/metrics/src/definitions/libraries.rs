//! The definitions of each library, read in its code.

use super::definition::{Average, Definition, Discount, Ideal, Over, Precision, Recall};
use Over::{Everyone, WithBoth, WithHits, WithList, WithTruth};

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
        recall: Some((Recall::Reachable, WithBoth)),
        ndcg: Some((Ideal::Reachable, Discount::FirstTwoAlike, WithBoth)),
        map: Some((Average::Shown, WithBoth)),
        precision: Some((Precision::Shown, WithList)),
        mrr: Some(WithBoth),
        about: "it leaves users without a list out of all means, and its average precision raises an error for a user without positives",
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
        recall: Some((Recall::Truth, WithBoth)),
        map: Some((Average::Reachable, WithBoth)),
        precision: Some((Precision::Places, WithBoth)),
        mrr: None,
        about: "MAP is its map_at_k; it leaves users without a list out of recall, precision and MAP, and NDCG counts them",
        ..USUAL
    },
    Definition {
        name: "ranx",
        library: "ranx 0.3.21",
        map: BY_TRUTH,
        about: "users without positives left out of qrels and run; make_comparable=True, without which it refuses a run without some of the users",
        ..USUAL
    },
    Definition {
        name: "trec",
        library: "trec_eval by pytrec-eval-terrier 0.5.11",
        recall: Some((Recall::Truth, WithBoth)),
        ndcg: Some((Ideal::Reachable, Discount::Log, WithBoth)),
        map: Some((Average::Truth, WithBoth)),
        precision: Some((Precision::Places, WithBoth)),
        mrr: Some(WithBoth),
        about: "map_cut, recall, P, ndcg_cut; its recip_rank has no cut-off; it leaves users without a list out of all means (trec_eval -c counts them)",
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
    Definition {
        name: "rs-metrics",
        library: "rs-metrics 0.6.0",
        map: BY_TRUTH,
        precision: Some((Precision::Shown, WithTruth)),
        about: "its precision divides by the length of a list that is shorter than K; it is NaN, and here 0, where a user has no list",
        ..USUAL
    },
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
    Definition {
        name: "rexmex",
        library: "rexmex 0.1.3",
        recall: None,
        ndcg: None,
        precision: Some((Precision::Shown, WithTruth)),
        mrr: None,
        about: "precision is its hits_at_k, which divides by the length of a list that is shorter than K",
        ..USUAL
    },
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
