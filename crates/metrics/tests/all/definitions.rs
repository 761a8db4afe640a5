//! Definitions against the libraries themselves: lists, truth and what each library made of them, in `golden/definitions.json`.
//!
//! `golden/definitions.py` draws the lists and asks the libraries: lists of full length, lists of which many are shorter than K, and such lists of two thirds
//! of the users. Values were noted with all their digits; what is apart are sums in another order. Those in [`SINGLE`] sum in 32-bit numbers, those in [`ROUNDED`] round.

use anchorrec_metrics::definitions::{DEFINITIONS, Metric, find};
use serde_json::Value;

/// Libraries that compute in 32-bit numbers: their sums over some ten terms and 40 users are good to some 1e-7.
const SINGLE: [&str; 6] =
    ["torchmetrics", "torchmetrics-skip", "recsys-metrics", "ranking-metrics-torch", "warprec", "librecommender"];

/// Libraries that round to four digits.
const ROUNDED: [&str; 1] = ["torch-rechub"];

/// Definitions that no library gave values of: our own, and that of a library which is not on PyPI (asked in November 2026).
const WITHOUT: [&str; 2] = ["anchorrec", "elliot"];

/// Holds the definitions to the values of libraries for some users; returns how many there are.
fn held(golden: &Value, users: &str, values: &str) -> usize {
    let numbers = |value: &Value| -> Vec<u32> {
        value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap() as u32).collect()
    };
    let users: Vec<(Vec<u32>, Vec<u32>)> = golden[users]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| (numbers(&user["list"]), numbers(&user["truth"])))
        .collect();
    let users: Vec<(&[u32], &[u32])> = users.iter().map(|(list, truth)| (&list[..], &truth[..])).collect();
    assert!(users.iter().any(|user| user.1.is_empty()) && users.iter().any(|user| user.1.len() > 10));
    let k = golden["k"].as_u64().unwrap() as usize;
    let mut held = 0;
    for (name, values) in golden[values].as_object().unwrap() {
        let definition = find(name).unwrap_or_else(|| panic!("no definition {name}"));
        for metric in Metric::ALL {
            let Some(given) = values[metric.name()].as_f64() else { continue };
            let ours = definition.measure(metric, &users, k).unwrap().value;
            let tolerance = match name.as_str() {
                name if SINGLE.contains(&name) => 1e-6,
                name if ROUNDED.contains(&name) => 0.5e-4,
                _ => 1e-9,
            };
            assert!((ours - given).abs() <= tolerance, "{name} {metric:?}: {ours}, the library gave {given}");
            held += 1;
        }
    }
    held
}

#[test]
fn each_definition_gives_what_its_library_gave() {
    let golden: Value = serde_json::from_str(include_str!("../../golden/definitions.json")).unwrap();
    let full = held(&golden, "users", "values");
    assert!(full >= 88, "{full} values");
    let short = held(&golden, "short_users", "short_values");
    assert!(short >= 39, "{short} values of short lists");
    let missing = held(&golden, "missing_users", "missing_values");
    assert!(missing >= 37, "{missing} values where users have no list");
    // None is without values, and each metric of a definition has one.
    for definition in DEFINITIONS.iter().filter(|definition| !WITHOUT.contains(&definition.name)) {
        for metric in Metric::ALL.into_iter().filter(|&metric| definition.has(metric)) {
            let given = &golden["values"][definition.name][metric.name()];
            let is_open = UNGIVEN.contains(&(definition.name, metric));
            assert_eq!(given.is_null(), is_open, "{} {metric:?}", definition.name);
        }
    }
}

/// A definition that was read as leaving skipped users out, or as counting them, is held by a value of its library wherever the two differ.
#[test]
fn every_definition_that_forgets_skipped_users_was_asked_with_some() {
    let golden: Value = serde_json::from_str(include_str!("../../golden/definitions.json")).unwrap();
    let skipped: Vec<bool> = golden["missing_users"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|user| user["list"].as_array().unwrap().is_empty())
        .map(|user| user["truth"].as_array().unwrap().is_empty())
        .collect();
    assert!(skipped.contains(&true) && skipped.contains(&false), "users with and without positives are skipped");
    let lists: [(&[u32], &[u32]); 2] = [(&[0, 1], &[0, 2]), (&[], &[3])];
    for definition in DEFINITIONS {
        for metric in Metric::ALL.into_iter().filter(|&metric| definition.has(metric)) {
            let [of, all] = [&lists[..1], &lists[..]].map(|lists| definition.measure(metric, lists, 2).unwrap().value);
            let given = &golden["missing_values"][definition.name][metric.name()];
            let is_open = UNGIVEN.contains(&(definition.name, metric));
            // Pooled hits and users with hits alone are not about lists.
            let forgets = of == all && definition.name != "ranking-metrics-torch";
            assert!(!forgets || is_open || given.is_f64(), "{} {metric:?}: nobody asked the library", definition.name);
        }
    }
}

/// Metrics that a library has and gave no value of, with the reason.
const UNGIVEN: [(&str, Metric); 3] = [
    // Rounded for each user.
    ("recmetrics", Metric::Recall),
    ("recmetrics", Metric::Precision),
    // Without a cut-off.
    ("trec", Metric::Mrr),
];

/// Elliot, solved by hand from the formulas of its repository, sisinflab/elliot at commit 24d8a72f, `elliot/evaluation/metrics/accuracy/<metric>/<metric>.py`:
/// average precision is the mean of the precisions at 1, 2, ..., K, whose hits are divided by the rank also behind the end of a short list; nDCG has
/// `min(|P|, K)` ideal items and `1 / log2(r + 1)`; users without positives are left out.
#[test]
fn elliots_definition_is_that_of_its_formulas() {
    let [a, b, c, x, y, z] = [0, 1, 2, 7, 8, 9];
    let users: [(&[u32], &[u32]); 4] =
        [(&[a, x, b, y], &[a, b, c]), (&[x, b, y, z], &[b]), (&[b], &[b]), (&[a, b, x, y], &[])];
    let log = |rank: f64| 1.0 / (rank + 1.0).log2();
    let by_hand = [
        // (1 + 1/2 + 2/3 + 2/4) / 4, (0 + 1/2 + 1/3 + 1/4) / 4, (1 + 1/2 + 1/3 + 1/4) / 4.
        (Metric::Map, [2.0 / 3.0, 13.0 / 48.0, 25.0 / 48.0]),
        (Metric::Ndcg, [(log(1.0) + log(3.0)) / (log(1.0) + log(2.0) + log(3.0)), log(2.0), 1.0]),
        (Metric::Recall, [2.0 / 3.0, 1.0, 1.0]),
        (Metric::Precision, [2.0 / 4.0, 1.0 / 4.0, 1.0 / 4.0]),
        (Metric::Mrr, [1.0, 1.0 / 2.0, 1.0]),
    ];
    for (metric, want) in by_hand {
        let measured = find("elliot").unwrap().measure(metric, &users, 4).unwrap();
        let got: Vec<f64> = measured.users.iter().map(|user| user.1).collect();
        assert_eq!(got.len(), 3, "{metric:?}: the user without positives is left out");
        assert!(got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-15), "{metric:?}: {got:?}, {want:?}");
        assert!((measured.value - want.iter().sum::<f64>() / 3.0).abs() < 1e-15);
    }
}
