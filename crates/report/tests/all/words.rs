//! Sentences, from records made by hand: what is said, and what is not.

use crate::fixture;
use anchorrec_data::Provenance;
use anchorrec_records::analysis::{Analysis, PairRecord};
use anchorrec_records::comparison::{Comparison, DivergedVariant};
use anchorrec_records::report::Summary;
use anchorrec_report::read::Run;
use anchorrec_report::words::training::{undertrained, undertrained_variants};
use anchorrec_report::words::{self, variants, verdict};
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
    let verdict = verdict::of_run(&run.report).replace('\u{a0}', " ");
    assert_says(&verdict, "AnchorRec reaches a test Recall@20 of 0.1100 and an NDCG@20 of ");
    assert_says(&verdict, "(mean of 2 seeds, 95 % interval of Recall@20 −0.0171 to 0.2371).");
}

#[test]
fn the_selection_by_test_is_called_optimistic() {
    let mut run = run(&[1]);
    run.report.summary.test.get_mut("recall@20").unwrap().mean = 0.1000;
    run.report.summary.selected_by_test_optimistic.test.insert("recall@20".to_owned(), 0.1013);
    assert_says(&said(&run), "would have shown 0.1013 (+0.0013): that number is optimistic.");
}

#[test]
fn a_run_that_might_go_on_says_so() {
    let mut run = run(&[1, 2]);
    assert_eq!(undertrained(&run.report), [""; 0]);
    let record = &mut run.report.runs[1];
    (record.best_epoch, record.stopped_early) = (record.epochs_run, false);
    let said = undertrained(&run.report).join(" ");
    assert_says(&said, "The best epoch of seed 2 (epoch 40 of 40) is the last one that was trained");
    assert_silent(&said, "steps");
}

#[test]
fn few_steps_are_called_few() {
    let mut run = run(&[1]);
    // 218,409 pairs in batches of 2,048 are 107 steps an epoch.
    run.report.runs[0].curve.truncate(1);
    run.report.runs[0].curve[0].learning_rate = 0.0001;
    let said = undertrained(&run.report).join(" ");
    assert_says(&said, "Training took 107 steps.");
    assert_says(&said, "none has moved by much more than 0.01:");
    run.report.runs[0].curve[0].learning_rate = 0.001;
    assert_eq!(undertrained(&run.report), [""; 0], "107 steps of 0.001 lead as far as 0.107");
}

#[test]
fn undertrained_variants_are_named() {
    let mut comparison = compared(&[("A", 0.0, 1.0, 1.0), ("B", 0.0, 1.0, 1.0)]);
    assert_eq!(undertrained_variants(&comparison, None), [""; 0]);
    comparison.variants[1].training.as_mut().unwrap().best_at_end = 1;
    assert_says(
        &undertrained_variants(&comparison, None).join(" "),
        "The best epoch of “A” is the last one that was trained (up to epoch 40)",
    );
    for variant in &mut comparison.variants {
        variant.training.as_mut().unwrap().best_at_end = 2;
    }
    assert_says(&undertrained_variants(&comparison, None).join(" "), "The best epoch of all 3 variants");
}

#[test]
fn a_variant_that_diverged_is_named_before_the_results() {
    let mut comparison = compared(&[("A", 0.0, 1.0, 1.0)]);
    comparison.diverged.push(DivergedVariant {
        name: "C".to_owned(),
        about: String::new(),
        settings: Vec::new(),
        what: "epoch 3, batch 12: loss term `bpr` is NaN".to_owned(),
    });
    let said = undertrained_variants(&comparison, None).join(" ");
    assert_says(&said, "The training of “C” (epoch 3, batch 12: loss term `bpr` is NaN) diverged");
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
        (Provenance::Unknown, "No manifest knows all of these files"),
    ] {
        let mut run = run(&[1]);
        run.report.data.source = source;
        assert_says(said(&run).lines().next().unwrap(), words);
    }
    assert_silent(&said(&run(&[1])), "synthetic");
}

#[test]
fn a_distance_is_judged_by_its_sign_where_the_seeds_agree() {
    let mut run = run(&[1, 2]);
    for (spreads, verdict) in [
        ([0.42, 0.40], "0.41 times as far apart as positions of different items, so they lie nearer one another"),
        ([1.5, 1.3], "the two spaces stand apart"),
        ([1.0, 1.01], "about as far from one another"),
        ([0.7, 1.3], "1.00 times as far apart as positions of different items, and the seeds do not agree"),
    ] {
        for (analysis, spread) in run.analyses.iter_mut().zip(spreads) {
            set_overlap(analysis, "id", "mm", 0.2);
            analysis.pairs.last_mut().unwrap().spread = Some(spread);
        }
        assert_says(&said(&run), verdict);
    }
}

#[test]
fn what_the_final_space_keeps_is_judged_where_the_seeds_agree() {
    let mut run = run(&[1, 2]);
    for (last, verdict) in [
        ([0.2, 0.3], "some of what it keeps of them is not in the final space"),
        ([0.7, 0.6], "the final space keeps more of them"),
        ([0.5, 0.51], "the final space keeps about as much of them"),
        ([0.2, 0.8], "whether the final space keeps more or less of them depends on the seed"),
    ] {
        for (analysis, last) in run.analyses.iter_mut().zip(last) {
            set_overlap(analysis, "mm", "raw_mm", 0.5);
            set_overlap(analysis, "final", "raw_mm", last);
        }
        assert_says(&said(&run), &format!("shares 50 % with the fused features: {verdict}."));
    }
}

/// Nothing tests the popularity of what is shown, or the share of an item's group that is found: they are told and not judged.
#[test]
fn groups_and_popularity_are_told_and_not_judged() {
    let mut run = run(&[1]);
    for lift in [1.3, 0.7, 1.0] {
        run.analyses[0].catalogue.popularity_lift = lift;
        let text = said(&run);
        assert_says(
            &text,
            &format!("What is shown is {lift:.2} times as popular as what users take (popularity ratio)."),
        );
        for word in ["more popular", "less popular", "more often", "less often"] {
            assert_silent(&text, word);
        }
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
fn a_trend_is_claimed_where_a_test_shows_it() {
    let rows = |p: f64| [("A", 0.1, p, p), ("B", 0.2, p, p), ("C", 0.3, p, p), ("D", 0.4, p, p)];
    let set = |comparison: &mut Comparison, overlaps: [f64; 5]| {
        for (k, (variant, overlap)) in comparison.variants.iter_mut().zip(overlaps).enumerate() {
            variant.test.get_mut("recall@20").unwrap().mean = 0.1 * (k + 1) as f64;
            variant.collapse.get_mut("overlap final-raw_mm").unwrap().mean = overlap;
        }
    };
    let of = |p: f64, overlaps: [f64; 5]| {
        let mut comparison = compared(&rows(p));
        set(&mut comparison, overlaps);
        said_of(&comparison)
    };
    let rising = [0.2, 0.25, 0.3, 0.35, 0.4];
    let range = "with the fused features lies between 20 % and 40 %";
    // Of 5! orders two are as extreme: p = 2/120.
    assert_says(&of(0.01, rising), &format!("{range}; it rises with accuracy (Kendall's τ 1.00, p 0.017)."));
    let falling = [0.4, 0.35, 0.3, 0.25, 0.2];
    assert_says(&of(0.01, falling), "it falls as accuracy rises (Kendall's τ −1.00, p 0.017).");
    // One inversion of ten: (1 + 4) orders on each side.
    let nearly = [0.25, 0.2, 0.3, 0.35, 0.4];
    assert_says(&of(0.01, nearly), "it goes with accuracy or against it is not shown (Kendall's τ 0.80, p 0.083).");
    // Where no accuracy differs there is nothing to go with.
    assert_says(&of(0.5, rising), &format!("{range}."));
}

#[test]
fn names_without_a_difference_share_one_p() {
    let text = said_of(&compared(&[("A", 0.001, 1.0, 1.0), ("B", 0.0, 1.0, 1.0), ("C", 0.002, 1.0, 1.0)]));
    assert_says(&text, "is shown for “A”, “B” and “C” (p 1.000);");
    let text = said_of(&compared(&[("A", 0.001, 0.3, 1.0), ("B", 0.0, 1.0, 1.0)]));
    assert_says(&text, "is shown for “A” and “B” (p 0.300 or more);");
}

#[test]
fn a_comparison_has_a_verdict_in_one_sentence() {
    let verdict = |rows: &[(&str, f64, f64, f64)]| verdict::of_comparison(&compared(rows));
    let head = "On amazon-sports, ";
    assert_eq!(
        verdict(&[("A", 0.004, 0.01, 0.01), ("B", -0.003, 0.01, 0.2)]),
        format!("{head}“A” (+0.0040) has a higher test Recall@20 than “published” (0.1066).")
    );
    assert_eq!(
        verdict(&[("A", -0.001, 0.01, 0.01), ("B", -0.003, 0.01, 0.2)]),
        format!(
            "{head}“published” has the highest test Recall@20 (0.1066): 2 variants, most of all “B” (−0.0030), are all below it."
        )
    );
    assert_eq!(
        verdict(&[("A", -0.001, 0.2, 0.01), ("B", -0.003, 0.01, 0.2)]),
        format!(
            "{head}no variant has a higher test Recall@20 than “published” (0.1066): “B” (−0.0030) is lower, and for one variant no \
             difference is shown."
        )
    );
    assert_eq!(
        verdict(&[("A", 0.001, 0.2, 0.01), ("B", -0.003, 0.3, 0.2)]),
        format!("{head}no difference of test Recall@20 is shown between “published” (0.1066) and any of 2 variants.")
    );
}

#[test]
fn one_seed_of_a_comparison_is_warned_about() {
    let mut comparison = fixture::comparison();
    assert_silent(&said_of(&comparison), "With one seed");
    comparison.seeds.truncate(1);
    assert_says(&said_of(&comparison), "With one seed, a difference may be that of two seeds");
}
