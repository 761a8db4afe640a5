//! Definitions against the libraries themselves: lists, truth and what each library made of them, in `golden/definitions.json`.
//!
//! `golden/definitions.py` draws the lists and asks the libraries. Values were noted with all their digits; what is apart are sums in another order. Those
//! in [`SINGLE`] sum in 32-bit numbers.

use anchorrec_metrics::definitions::{Metric, find};
use serde_json::Value;

/// Libraries that compute in 32-bit numbers: their sums over some ten terms and 40 users are good to some 1e-7.
const SINGLE: [&str; 4] = ["torchmetrics", "torchmetrics-skip", "recsys-metrics", "ranking-metrics-torch"];

#[test]
fn each_definition_gives_what_its_library_gave() {
    let golden: Value = serde_json::from_str(include_str!("../../golden/definitions.json")).unwrap();
    let numbers = |value: &Value| -> Vec<u32> {
        value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap() as u32).collect()
    };
    let users: Vec<(Vec<u32>, Vec<u32>)> = golden["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| (numbers(&user["list"]), numbers(&user["truth"])))
        .collect();
    let users: Vec<(&[u32], &[u32])> = users.iter().map(|(list, truth)| (&list[..], &truth[..])).collect();
    assert!(users.iter().any(|user| user.1.is_empty()) && users.iter().any(|user| user.1.len() > 10));
    let k = golden["k"].as_u64().unwrap() as usize;
    let mut held = 0;
    for (name, values) in golden["values"].as_object().unwrap() {
        let definition = find(name).unwrap_or_else(|| panic!("no definition {name}"));
        for metric in Metric::ALL {
            let Some(given) = values[metric.name()].as_f64() else { continue };
            let ours = definition.measure(metric, &users, k).unwrap().value;
            let tolerance = if SINGLE.contains(&name.as_str()) { 1e-6 } else { 1e-9 };
            assert!((ours - given).abs() < tolerance, "{name} {metric:?}: {ours}, the library gave {given}");
            held += 1;
        }
    }
    assert!(held >= 55, "{held} values");
}
