//! Several variants of a model on one data set, side by side: accuracy with paired tests over users, beside the figures of collapse.
//!
//! A user's metric is averaged over the seeds first, then differences from the reference are tested over users
//! ([`anchorrec_metrics::significance`]); p-values are corrected by Holm for every variant and metric that is asked about. Seeds are few
//! and users are many, so the tests say whether *these* trained models differ for users like these; how much a model differs from itself
//! with another seed is the standard deviation beside the means.

use anchorrec_metrics::neighbours::overlap;
use anchorrec_metrics::significance::{holm, paired_t, wilcoxon_signed_rank};
use anchorrec_records::comparison::{Comparison, PairedTests, VariantRecord, VariantTraining};
use anchorrec_records::report::{RunRecord, SELECTION_K, over_runs};
use anchorrec_records::{Analysis, UserResults, figures};
use std::collections::BTreeMap;

/// One variant, trained and analysed.
#[derive(Clone, Debug)]
pub struct VariantRuns {
    /// The variant's short name.
    pub name: String,
    /// What is different in the variant.
    pub about: String,
    /// The settings that make the variant.
    pub settings: Vec<String>,
    /// The folder of its runs, as the record names it.
    pub folder: String,
    /// The runs, one for each seed.
    pub runs: Vec<RunRecord>,
    /// The analyses of the variant's seeds.
    pub analyses: Vec<Analysis>,
    /// The results of every user, one record for each seed.
    pub users: Vec<UserResults>,
}

/// The metrics that are tested, and where a user's value stands.
type Metric = (&'static str, fn(&UserResults) -> &Vec<f64>);
const METRICS: [Metric; 2] = [("recall@20", |users| &users.recall), ("ndcg@20", |users| &users.ndcg)];

/// Compares every variant with the first. Variants that diverged have nothing to compare; the caller adds them to the record.
///
/// # Panics
/// When there is none, or one has not a run, an analysis and the results of users for each seed of the first.
pub fn compare(dataset: &str, variants: &[VariantRuns]) -> Comparison {
    let reference = variants.first().expect("a reference");
    let seeds = |variant: &VariantRuns| variant.runs.iter().map(|run| run.seed).collect::<Vec<_>>();
    for variant in variants {
        let counts = (variant.analyses.len(), variant.users.len());
        assert_eq!(seeds(variant), seeds(reference), "{}: seeds", variant.name);
        assert_eq!(counts, (variant.runs.len(), variant.runs.len()), "{}: analyses and users", variant.name);
    }
    let mut against: Vec<BTreeMap<String, PairedTests>> =
        variants[1..].iter().map(|variant| tests(&variant.users, &reference.users)).collect();
    correct(&mut against);
    let records = variants.iter().zip(std::iter::once(BTreeMap::new()).chain(against)).enumerate();
    Comparison {
        dataset: dataset.to_owned(),
        reference: reference.name.clone(),
        seeds: seeds(reference),
        diverged: Vec::new(),
        comparisons: (variants.len() - 1) * METRICS.len(),
        variants: records
            .map(|(place, (variant, against))| VariantRecord {
                name: variant.name.clone(),
                about: variant.about.clone(),
                settings: variant.settings.clone(),
                folder: variant.folder.clone(),
                training: Some(VariantTraining {
                    epochs: variant.runs.iter().map(|run| run.epochs_run).max().unwrap_or(0),
                    best_at_end: variant.runs.iter().filter(|run| run.best_at_end()).count(),
                }),
                parameters: variant.runs.first().map_or(0, |run| run.parameters),
                valid: over_runs(variant.runs.iter().map(|run| &run.valid)),
                test: over_runs(variant.runs.iter().map(|run| &run.test)),
                collapse: over_runs(&variant.analyses.iter().map(figures::of).collect::<Vec<_>>()),
                against,
                shared_recommendations: (place > 0).then(|| shared(&variant.users, &reference.users)),
            })
            .collect(),
    }
}

/// Compares what every user got by two rankings, each user's metric averaged over the seeds of either first: the tests, corrected for this pair alone, and the
/// mean share of lists in common, seed by seed. A ranking without seeds, one record, is compared with every seed of the reference.
///
/// # Panics
/// When the users differ, or `ours` is empty.
pub fn compare_users(ours: &[UserResults], reference: &[UserResults]) -> (BTreeMap<String, PairedTests>, f64) {
    let mut against = [tests(ours, reference)];
    correct(&mut against);
    let [against] = against;
    (against, shared(ours, reference))
}

/// Differences of users, not yet corrected.
fn tests(ours: &[UserResults], reference: &[UserResults]) -> BTreeMap<String, PairedTests> {
    let test = |(name, of): Metric| {
        let (ours, theirs) = (mean_of_users(ours, of), mean_of_users(reference, of));
        assert_eq!(ours.len(), theirs.len(), "users with a test pair");
        let differences: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a - b).collect();
        let tests = paired(&differences)?;
        Some((name.to_owned(), tests))
    };
    METRICS.into_iter().filter_map(test).collect()
}

/// Tests whether differences of users have the mean 0, not yet corrected; `None` for fewer than two users.
pub fn paired(differences: &[f64]) -> Option<PairedTests> {
    if differences.len() < 2 {
        return None;
    }
    let (t, wilcoxon) = (paired_t(differences), wilcoxon_signed_rank(differences));
    Some(PairedTests {
        users: differences.len(),
        mean: t.mean,
        interval: t.interval,
        t_p: t.p,
        t_p_corrected: t.p,
        wilcoxon_p: wilcoxon.p,
        wilcoxon_p_corrected: wilcoxon.p,
    })
}

fn mean_of_users(seeds: &[UserResults], of: fn(&UserResults) -> &Vec<f64>) -> Vec<f64> {
    let mut mean = vec![0.0; seeds.first().map_or(0, |users| users.users.len())];
    for users in seeds {
        assert_eq!(users.users, seeds[0].users, "users with a test pair");
        mean.iter_mut().zip(of(users)).for_each(|(mean, value)| *mean += value / seeds.len() as f64);
    }
    mean
}

/// Applies Holm's correction over all variants and metrics, for each kind of test.
pub fn correct(against: &mut [BTreeMap<String, PairedTests>]) {
    let mut tests: Vec<&mut PairedTests> = against.iter_mut().flat_map(|of_variant| of_variant.values_mut()).collect();
    let corrected = |p: fn(&PairedTests) -> f64| holm(&tests.iter().map(|test| p(test)).collect::<Vec<_>>());
    let (t, wilcoxon) = (corrected(|test| test.t_p), corrected(|test| test.wilcoxon_p));
    for ((test, t), wilcoxon) in tests.iter_mut().zip(t).zip(wilcoxon) {
        (test.t_p_corrected, test.wilcoxon_p_corrected) = (t, wilcoxon);
    }
}

/// Mean share of the lists that a user gets of both, seed by seed.
fn shared(ours: &[UserResults], reference: &[UserResults]) -> f64 {
    // Where a ranking has no seeds, its lists are compared with those of each.
    let of_seed = |(seed, of): (usize, &UserResults)| overlap(&ours[seed % ours.len()].top, &of.top, SELECTION_K);
    reference.iter().enumerate().map(of_seed).sum::<f64>() / reference.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_records::Metrics;

    /// Two users per seed, with the recalls and lists given.
    fn variant(name: &str, seeds: &[([f64; 3], u32)]) -> VariantRuns {
        let users = |&(recall, item): &([f64; 3], u32)| UserResults {
            weights_sha256: String::new(),
            users: vec![4, 7, 9],
            recall: recall.to_vec(),
            ndcg: vec![0.5; 3],
            top: vec![vec![item]; 3],
        };
        let run = |seed: usize| RunRecord {
            seed: seed as u64,
            parameters: 5,
            test: Metrics::from([("recall@20".to_owned(), 0.1 * (seed + 1) as f64)]),
            ..RunRecord::default()
        };
        VariantRuns {
            name: name.to_owned(),
            about: String::new(),
            settings: Vec::new(),
            folder: String::new(),
            runs: (0..seeds.len()).map(run).collect(),
            analyses: seeds.iter().map(|_| Analysis::default()).collect(),
            users: seeds.iter().map(users).collect(),
        }
    }

    #[test]
    fn users_are_averaged_over_seeds_and_then_paired() {
        let reference = variant("whole", &[([0.0, 0.5, 1.0], 1), ([0.0, 0.5, 0.0], 2)]);
        let other = variant("without", &[([1.0, 0.5, 1.0], 1), ([0.0, 0.5, 1.0], 3)]);
        let comparison = compare("d", &[reference, other]);
        let [whole, without] = &comparison.variants[..] else { panic!("two variants") };
        assert_eq!((comparison.comparisons, whole.against.len(), whole.shared_recommendations), (2, 0, None));
        // Means over seeds: (0, .5, .5) and (.5, .5, 1); differences (.5, 0, .5).
        let recall = without.against["recall@20"];
        assert!((recall.mean - 1.0 / 3.0).abs() < 1e-15);
        assert_eq!(recall.users, 3);
        // The smaller p of two is doubled; NDCG does not differ at all.
        assert!((recall.t_p_corrected - 2.0 * recall.t_p).abs() < 1e-15, "{recall:?}");
        assert_eq!(without.against["ndcg@20"].t_p_corrected, 1.0);
        // The same list with the first seed, another with the second.
        assert_eq!(without.shared_recommendations, Some(1.0 / 2.0 / 20.0));
        assert!((whole.test["recall@20"].mean - 0.15).abs() < 1e-15);
    }

    #[test]
    fn a_ranking_without_seeds_is_compared_with_every_seed() {
        let reference = variant("model", &[([0.0, 0.5, 1.0], 1), ([0.0, 0.5, 0.0], 2)]).users;
        let other = variant("popularity", &[([1.0, 0.5, 0.5], 2)]).users;
        let (tests, shared) = compare_users(&other, &reference);
        // Against (0, .5, .5): the differences are (1, 0, 0).
        assert!((tests["recall@20"].mean - 1.0 / 3.0).abs() < 1e-15);
        assert!((tests["recall@20"].t_p_corrected - 2.0 * tests["recall@20"].t_p).abs() < 1e-15);
        // Another list with the first seed, the same with the second.
        assert_eq!(shared, 1.0 / 2.0 / 20.0);
    }

    #[test]
    #[should_panic(expected = "without: seeds")]
    fn only_equal_seeds_are_compared() {
        compare("d", &[variant("whole", &[([0.0; 3], 1); 2]), variant("without", &[([0.0; 3], 1)])]);
    }
}
