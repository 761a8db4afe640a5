//! Sentences, from records made by hand: what is said, and what is not.

use crate::fixture;
use anchorrec_data::Provenance;
use anchorrec_records::analysis::{Analysis, PairRecord};
use anchorrec_records::comparison::Comparison;
use anchorrec_records::report::Summary;
use anchorrec_report::read::Run;
use anchorrec_report::words::{self, variants};
use std::path::PathBuf;

fn run(seeds: &[u64]) -> Run {
    let report = fixture::report(seeds, Provenance::Real);
    Run {
        folder: PathBuf::from("run"),
        report,
        analyses: seeds.iter().map(|&seed| fixture::analysis(seed)).collect(),
        notes: Vec::new(),
    }
}

/// All sentences, with spaces that break.
fn said(run: &Run) -> String {
    let sentences = words::of_run(run).into_iter().flat_map(|paragraph| paragraph.sentences);
    sentences.collect::<Vec<_>>().join("\n").replace('\u{a0}', " ")
}

fn said_of(comparison: &Comparison) -> String {
    let sentences = variants::paragraphs(comparison).into_iter().flat_map(|paragraph| paragraph.sentences);
    sentences.collect::<Vec<_>>().join("\n").replace('\u{a0}', " ")
}

#[track_caller]
fn assert_says(text: &str, part: &str) {
    assert!(text.contains(part), "`{part}` is not in\n{text}");
}

#[track_caller]
fn assert_silent(text: &str, part: &str) {
    assert!(!text.contains(part), "`{part}` is in\n{text}");
}

/// Shared neighbours of two spaces, as this and in no other space.
fn set_overlap(analysis: &mut Analysis, a: &str, b: &str, overlap: f64) {
    analysis.pairs.retain(|pair| !((pair.a == a && pair.b == b) || (pair.a == b && pair.b == a)));
    analysis.pairs.push(PairRecord { a: a.to_owned(), b: b.to_owned(), overlap, cka: None, spread: None });
}

#[test]
fn what_the_final_space_follows() {
    let mut run = run(&[1]);
    for (content, ids, verdict) in [
        (0.31, 0.57, "it follows the IDs more than the content"),
        (0.57, 0.31, "it follows the content more than the IDs"),
        (0.31, 0.32, "it follows both about as much"),
    ] {
        set_overlap(&mut run.analyses[0], "final", "raw_mm", content);
        set_overlap(&mut run.analyses[0], "id", "final", ids);
        let sentence = format!(
            "The final space shares {:.0} % of its 20 nearest neighbours with the fused features and {:.0} % with the ID space: {verdict}.",
            100.0 * content,
            100.0 * ids
        );
        assert_says(&said(&run), &sentence);
    }
}

#[test]
fn no_claim_where_seeds_disagree() {
    let mut run = run(&[1, 2]);
    for (analysis, ids) in run.analyses.iter_mut().zip([0.25, 0.75]) {
        set_overlap(analysis, "final", "raw_mm", 0.40);
        set_overlap(analysis, "final", "id", ids);
    }
    assert_says(
        &said(&run),
        "40 % of its 20 nearest neighbours with the fused features and 50 % with the ID space: which it follows more depends on the seed.",
    );
}

#[test]
fn a_missing_modality_is_said_and_the_next_one_stands_for_content() {
    let mut run = run(&[1]);
    run.report.data.absent = vec!["mm".to_owned()];
    run.analyses[0].pairs.retain(|pair| !pair.a.ends_with("mm") && !pair.b.ends_with("mm"));
    set_overlap(&mut run.analyses[0], "final", "raw_text", 0.12);
    let text = said(&run);
    assert_says(&text, "The data has no mm features: its terms and its part of the model are absent.");
    assert_says(&text, "shares 12 % of its 20 nearest neighbours with the text features");
    assert_silent(&text, "fused features");
}

#[test]
fn one_seed_has_no_interval_and_says_so() {
    let text = said(&run(&[1]));
    assert_says(&text, "There is one seed: how much the numbers change from seed to seed is not known.");
    assert_silent(&text, "interval");
}

#[test]
fn seeds_give_an_interval() {
    let mut run = run(&[1, 2]);
    for (record, recall) in run.report.runs.iter_mut().zip([0.10, 0.12]) {
        record.test.insert("recall@20".to_owned(), recall);
    }
    run.report.summary = Summary::new(&run.report.runs);
    // sd = 0.02 / √2; half = 12.706 · sd / √2 = 0.12706.
    assert_says(&said(&run), "Test Recall@20 is 0.1100 (mean of 2 seeds, 95 % interval −0.0171 to 0.2371)");
}

#[test]
fn the_selection_by_test_is_called_optimistic() {
    let mut run = run(&[1]);
    run.report.summary.test.get_mut("recall@20").unwrap().mean = 0.1000;
    run.report.summary.selected_by_test_optimistic.test.insert("recall@20".to_owned(), 0.1013);
    assert_says(&said(&run), "would have shown 0.1013 (+0.0013): that number is optimistic.");
}

#[test]
fn a_best_epoch_at_the_end_asks_for_more() {
    let mut run = run(&[1, 2]);
    assert_silent(&said(&run), "more epochs might give more");
    let record = &mut run.report.runs[1];
    (record.best_epoch, record.stopped_early) = (record.epochs_run, false);
    assert_says(&said(&run), "The best epoch of seed 2 is the last one that was trained");
}

#[test]
fn nothing_is_said_about_spaces_without_an_analysis() {
    let mut run = run(&[1]);
    run.analyses.clear();
    let text = said(&run);
    assert_says(&text, "Nothing can be said about the model's spaces");
    for word in ["nearest neighbour", "effective rank", "Gini"] {
        assert_silent(&text, word);
    }
}

#[test]
fn made_up_and_rebuilt_data_is_said_first() {
    for (source, words) in [
        (Provenance::Synthetic, "The data is synthetic"),
        (Provenance::Derived, "some features were rebuilt from others"),
    ] {
        let mut run = run(&[1]);
        run.report.data.source = source;
        assert_says(said(&run).lines().next().unwrap(), words);
    }
    assert_silent(&said(&run(&[1])), "synthetic");
}

#[test]
fn distance_and_popularity_are_judged_by_their_sign() {
    let mut run = run(&[1]);
    for (spread, lift, far, popular) in [
        (0.42, 1.3, "nearer one another", "more popular than what users take"),
        (1.5, 0.7, "the two spaces stand apart", "less popular than what users take"),
        (1.0, 1.0, "about as far from one another", "about as popular as what users take"),
    ] {
        set_overlap(&mut run.analyses[0], "id", "mm", 0.2);
        run.analyses[0].pairs.last_mut().unwrap().spread = Some(spread);
        run.analyses[0].catalogue.popularity_lift = lift;
        let text = said(&run);
        assert_says(&text, far);
        assert_says(&text, popular);
    }
}

/// The reference and variants with this difference, corrected p of the t test and of the Wilcoxon test.
fn compared(rows: &[(&str, f64, f64, f64)]) -> Comparison {
    let mut comparison = fixture::comparison();
    comparison.variants.truncate(1 + rows.len());
    for (variant, &(name, difference, t, wilcoxon)) in comparison.variants[1..].iter_mut().zip(rows) {
        variant.name = name.to_owned();
        variant.against.remove("ndcg@20");
        let tests = variant.against.get_mut("recall@20").unwrap();
        (tests.mean, tests.interval) = (difference, (difference - 0.001, difference + 0.001));
        (tests.t_p_corrected, tests.wilcoxon_p_corrected) = (t, wilcoxon);
    }
    comparison
}

#[test]
fn differences_count_where_they_survive_the_correction() {
    let text = said_of(&compared(&[("A", 0.004, 0.01, 0.01), ("B", -0.003, 0.0001, 0.2), ("C", 0.002, 0.06, 0.07)]));
    assert_says(
        &text,
        "Test Recall@20 is higher than that of “published” in one variant, after Holm's correction: “A” by +0.0040 (+0.0030 to +0.0050).",
    );
    assert_says(
        &text,
        "Test Recall@20 is lower than that of “published” in one variant, after Holm's correction: “B” by −0.0030 (−0.0040 to −0.0020).",
    );
    assert_says(&text, "No difference of test Recall@20 is shown for “C” (p 0.060)");
    assert_says(&text, "The Wilcoxon signed-rank test says otherwise about test Recall@20 of “B” (p 0.200).");
    assert_silent(&text, "NDCG");
}

#[test]
fn what_goes_with_accuracy_is_counted_in_pairs() {
    let mut comparison = compared(&[("A", 0.0, 1.0, 1.0), ("B", 0.0, 1.0, 1.0)]);
    let set = |comparison: &mut Comparison, points: [(f64, f64); 3]| {
        for (variant, (recall, overlap)) in comparison.variants.iter_mut().zip(points) {
            variant.test.get_mut("recall@20").unwrap().mean = recall;
            variant.collapse.get_mut("overlap final-raw_mm").unwrap().mean = overlap;
        }
    };
    set(&mut comparison, [(0.1, 0.2), (0.2, 0.3), (0.3, 0.4)]);
    assert_says(
        &said_of(&comparison),
        "with the fused features lies between 20 % and 40 %; it mostly rises with accuracy: 3 of 3 pairs",
    );
    set(&mut comparison, [(0.3, 0.2), (0.2, 0.3), (0.1, 0.4)]);
    assert_says(&said_of(&comparison), "it mostly falls as accuracy rises: 0 of 3 pairs");
    set(&mut comparison, [(0.1, 0.2), (0.2, 0.4), (0.3, 0.3)]);
    assert_says(&said_of(&comparison), "it goes neither with accuracy nor against it: 2 of 3 pairs");
}

#[test]
fn one_seed_of_a_comparison_is_warned_about() {
    let mut comparison = fixture::comparison();
    assert_silent(&said_of(&comparison), "With one seed");
    comparison.seeds.truncate(1);
    assert_says(&said_of(&comparison), "With one seed, a difference may be that of two seeds");
}
