//! Ranking and accuracy against the official evaluator, every case of every file.

use anchorrec_kernels::TopK;
use anchorrec_metrics::accuracy::{AtK, UserAccuracy, mean, user};
use anchorrec_testkit::assert_close;
use anchorrec_testkit::golden::{self, count, index_lists, indices, matrix, number};
use ndarray::Array2;
use serde_json::Value;

/// `f64` against `f64`: sums of at most some hundred terms, perhaps in another order.
const TOLERANCE: f64 = 1e-12;

/// The official names of ours.
const NAMES: [(&str, &str); 5] =
    [("recall", "recall"), ("ndcg", "ndcg"), ("precision", "precision"), ("map", "map"), ("recall2", "pooled_recall")];

/// The rankings of a case: the scores with the training items masked, best first, as long as the largest `K`.
fn rankings(case: &Value, length: usize) -> Vec<Vec<u32>> {
    let mut scores = matrix(&case["scores"]);
    let masks = index_lists(&case["train_mask"]);
    assert_eq!(scores.dim(), (count(&case["n_users"]), count(&case["n_items"])), "shape of the scores");
    assert_eq!(masks.len(), scores.nrows(), "a mask for every user");
    let rank = |(mut row, mask): (ndarray::ArrayViewMut1<f64>, &Vec<u32>)| {
        mask.iter().for_each(|&item| row[item as usize] = f64::NEG_INFINITY);
        let mut best = TopK::new(length);
        best.scan(0, row.as_slice().expect("a row"));
        best.into_sorted().iter().map(|&(item, _)| item).collect()
    };
    scores.rows_mut().into_iter().zip(&masks).map(rank).collect()
}

fn cut_offs(case: &Value) -> Vec<usize> {
    indices(&case["topk"]).into_iter().map(|k| k as usize).collect()
}

fn users(case: &Value) -> Vec<UserAccuracy> {
    let ks = cut_offs(case);
    let mut positives = index_lists(&case["test_pos"]);
    positives.iter_mut().for_each(|p| p.sort_unstable());
    let rankings = rankings(case, ks[ks.len() - 1]);
    assert_eq!(rankings.len(), positives.len(), "positives for every user");
    rankings.iter().zip(&positives).map(|(ranking, positives)| user(ranking, positives, &ks)).collect()
}

/// Calls `check` with the name and the content of every case.
fn for_every_case(check: impl Fn(&str, &Value)) {
    for file in golden::files(|name| name.starts_with("eval")) {
        let cases = file.value["cases"].as_array().expect("cases");
        assert!(!cases.is_empty(), "{} has no case", file.name);
        for (number, case) in cases.iter().enumerate() {
            check(&format!("{} case {}", file.name, number + 1), case);
        }
    }
}

#[test]
fn golden_rankings() {
    for_every_case(|name, case| {
        let want = index_lists(&case["topk_index"]);
        let got = rankings(case, want[0].len());
        assert_eq!(got.len(), want.len(), "{name}: users");
        for (u, (got, want)) in got.iter().zip(&want).enumerate() {
            // Ours leaves masked items out; the official list holds them at its end, in arbitrary order.
            let unmasked = count(&case["n_items"]) - index_lists(&case["train_mask"])[u].len();
            assert_eq!(got.len(), want.len().min(unmasked), "{name}, user {u}: length");
            assert_eq!(got, &want[..got.len()], "{name}, user {u}");
        }
    });
}

#[test]
fn golden_means() {
    for_every_case(|name, case| {
        let ours = mean(&users(case), &cut_offs(case)).by_name();
        let official = case["metrics"].as_object().expect("metrics");
        // Ours may have more: a new metric has no official values.
        assert_eq!(
            official.len(),
            NAMES.len() * cut_offs(case).len(),
            "{name}: every official metric, at every cut-off"
        );
        for (metric, want) in official {
            let (official, k) = metric.split_once('@').expect("metric@K");
            let (_, ours_name) = NAMES.iter().find(|(theirs, _)| *theirs == official).expect("a metric we have");
            let got = Array2::from_elem((1, 1), ours[&format!("{ours_name}@{k}")]);
            assert_close(
                &format!("{name} {metric}"),
                got.view(),
                Array2::from_elem((1, 1), number(want)).view(),
                TOLERANCE,
            );
        }
    });
}

#[test]
fn golden_users() {
    for_every_case(|name, case| {
        let (users, ks) = (users(case), cut_offs(case));
        let official = case["per_user"].as_object().expect("per_user");
        assert!(!official.is_empty(), "{name}: metrics by user");
        for (metric, at_ks) in official {
            let of: fn(&AtK) -> f64 = match metric.as_str() {
                "recall" => |at| at.recall,
                "ndcg" => |at| at.ndcg,
                "precision" => |at| at.precision,
                "map" => |at| at.map,
                other => panic!("{name}: by user, {other} is not a metric of ours"),
            };
            assert_eq!(at_ks.as_object().expect("values by K").len(), ks.len(), "{name} {metric}: every K");
            for (place, k) in ks.iter().enumerate() {
                // The official lists hold the users that have a positive.
                let got: Vec<f64> = users.iter().filter(|u| u.positives > 0).map(|u| of(&u.at[place])).collect();
                let got = Array2::from_shape_vec((1, got.len()), got).expect("one row");
                assert_close(
                    &format!("{name} {metric}@{k}"),
                    got.view(),
                    matrix(&at_ks[k.to_string()]).view(),
                    TOLERANCE,
                );
            }
        }
    });
}
