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
//! | precision | `h / K`, `h / min(K, length of the list)`, or `Σ_users h / Σ_users M` | [`Precision`] |
//! | MRR | `1 / r` of the first hit, 0 without | |
//! | the mean | over users | over which: [`Over`] |
//!
//! Each definition is a row of [`DEFINITIONS`], read in the library's code and held by the tests to values that the library gave; Elliot's, which no registry has,
//! to values solved by hand from its formulas. What two libraries do with equal scores differs too and is not in here: a list has an order.

mod definition;
mod libraries;

pub use definition::{Average, Definition, Discount, Ideal, Measured, Metric, Over, Precision, Recall};
pub use libraries::{DEFINITIONS, find};

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

    /// One hit of three positives in a list of one: what is missing of it counts, or not.
    #[test]
    fn a_list_that_is_shorter_than_k_loses_precision_or_does_not() {
        let short: &Users<'_> = &[(&[0], &[0, 1, 2])];
        for (name, precision, map) in [("anchorrec", 0.5, 0.5), ("lenskit", 1.0, 1.0), ("rexmex", 1.0, 0.5)] {
            let of = |metric| find(name).unwrap().measure(metric, short, 2).unwrap().value;
            assert_eq!((of(Metric::Precision), of(Metric::Map)), (precision, map), "{name}");
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
