//! The page of a table of models, with values that a person can work out.

use anchorrec_records::ModelResults;
use anchorrec_report::model_table::{DatasetOfTable, ModelTable, page};
use serde_json::{Value, json};

fn metrics(recall: f64) -> Value {
    json!({ "recall@5": recall / 2.0, "recall@20": recall, "ndcg@20": recall / 2.0, "map@20": 0.9 })
}

fn over_seeds(one: f64, other: f64) -> Value {
    let of = |one: f64, other: f64| json!({ "mean": (one + other) / 2.0, "sd": (one - other).abs() / 2f64.sqrt() });
    let half = of(one / 2.0, other / 2.0);
    json!({ "recall@5": half, "recall@20": of(one, other), "ndcg@20": half, "map@20": of(0.9, 0.9) })
}

/// Two seeds, of which the second ended at the cap; on test its third epoch would have been better by 0.02.
fn row(weights: &str, against: Value) -> Value {
    let seed = |seed: u64, recall: f64, by_test: f64, ended: &str| {
        json!({
            "seed": seed, "best_epoch": 2, "epochs": 4, "ended": ended, "valid": metrics(recall), "test": metrics(recall),
            "epoch_by_test": 3, "by_test": metrics(by_test), "seconds": 10.0 * seed as f64, "peak_rss_bytes": 2 << 20,
            "weights_sha256": format!("{weights}{seed}"),
        })
    };
    json!({
        "run": "r", "settings": [], "version": "1", "numerics": "n", "arithmetic": "loops", "processor": "P_1", "threads": 1, "parameters": 7,
        "seeds": [seed(1, 0.10, 0.10, "plateau"), seed(2, 0.12, 0.14, "cap")],
        "valid": over_seeds(0.10, 0.12), "test": over_seeds(0.10, 0.12), "by_test": over_seeds(0.10, 0.14),
        "selected_by_test": { "seed": 2, "epoch": 3, "test": metrics(0.14) },
        "figures": { "coverage": { "mean": 0.5, "sd": 0.25 }, "effective rank final": { "mean": 40.25, "sd": null } },
        "user_groups": [{ "from": 1, "to": 5, "users": 9, "test": over_seeds(0.10, 0.12) }, { "from": 5, "to": 6, "users": 1, "test": {} }],
        "item_groups": [{ "from": 0, "to": 1, "positives": 3, "hits": { "mean": 0.25, "sd": null } }],
        "against": against,
    })
}

fn results(name: &str, title: &str, published: Value, tuned: Value) -> ModelResults {
    let asked = json!({
        "model": name, "seeds": [1, 2], "epochs": 4, "evaluate_every": 1, "patience": 2, "trials": 1, "search_seed": 0,
        "settings": [], "published": [], "ranges": [], "fuse": false,
    });
    let data = json!({ "source": "real", "users": 9, "items": 8, "train": 7, "valid": 6, "test": 5, "files": {} });
    let file = json!({ "dataset": "d", "name": name, "title": title, "asked": asked, "data": data, "published": published, "tuned": tuned });
    serde_json::from_value(file).unwrap()
}

fn against(weights: &[&str]) -> Value {
    let test = |t: f64, wilcoxon: f64| {
        json!({
            "users": 9, "mean": -0.01, "interval": [-0.03, 0.01], "t_p": t, "t_p_corrected": 0.7, "wilcoxon_p": wilcoxon, "wilcoxon_p_corrected": 0.7,
        })
    };
    json!({
        "reference": "first", "weights": weights, "tests": { "recall@20": test(0.01, 0.5), "ndcg@20": test(0.04, 0.02) },
        "shared_recommendations": 0.25,
    })
}

#[test]
fn a_page_has_intervals_what_test_would_have_chosen_and_tests_corrected_for_all_rows() {
    let first = results("first", "First", Value::Null, row("a", Value::Null));
    let second = results("second", "Second|2", Value::Null, row("b", against(&["a1", "a2"])));
    let third = results("third", "Third", row("c", Value::Null), row("c", against(&["a1", "a2"])));
    let stale = results("stale", "Stale", Value::Null, row("d", against(&["a1", "before"])));
    let dataset =
        DatasetOfTable { name: "d".to_owned(), models: vec![&first, &second, &third, &stale], closed_forms: None };
    let table = ModelTable { datasets: vec![dataset], command: "command".to_owned(), ..ModelTable::default() };
    let page = page(&table);
    // 0.11 ± 0.0141; Student's t of one degree is 12.706, so half the interval is 12.706 · 0.0141 / √2 = 0.1271.
    let accuracy = r"| Second\|2 | tuned | 2 | 0.1100 ± 0.0141 | 0.1100 ± 0.0141 | [−0.0171, 0.2371] | 0.0550 ± 0.0071 | [−0.0085, 0.1185] |";
    // Mean 0.12 instead of 0.11; the best seed 0.14.
    let by_test = "| First | tuned | 0.1100 ± 0.0141 | 0.1200 ± 0.0283 | +0.0100 | 0.1400 | +0.0300 |";
    // Four comparisons: t has 0.01, 0.01, 0.04, 0.04, Wilcoxon 0.02, 0.02, 0.5, 0.5.
    let tested = "| Third | −0.0100 [−0.0300, +0.0100] | 0.040 | 1.000 | −0.0100 [−0.0300, +0.0100] | 0.080 | 0.080 | 25\u{a0}% |";
    let groups = "| model | settings | 1 to 4 (9 users) | 5 (one user) |\n|---|---|---|---|\n| First | tuned | 0.1100 ± 0.0141 | - |";
    let cost = r"| Third | published | 7 | 2, 2 | 1 of 2 | 15 | 2 | loops | P\_1 |";
    let cut_offs = "| model | settings | R@5 | R@20 | N@20 |";
    for part in [
        accuracy,
        by_test,
        tested,
        groups,
        cost,
        cut_offs,
        "Holm for 4 comparisons",
        "| First | tuned | 0.500 ± 0.250 |",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    assert!(!page.contains("### Against First, published settings"), "the reference has no such runs");
    let tests = page.split("### Against First, tuned settings").nth(1).unwrap().split("\n### ").next().unwrap();
    assert!(!tests.contains("Stale"), "tests against weights that the reference no longer has");
}
