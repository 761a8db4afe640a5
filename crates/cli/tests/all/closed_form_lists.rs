//! Lists by a closed form alone: those of its evaluation, for users whom it knows and for others; and mistakes.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::process::Output;

/// A data set on which all four methods were judged; the folder of their record is `runs/small`.
fn judged() -> (Workplace, Value) {
    let place = Workplace::new();
    let output = place.anchorrec("baselines").args(["--dataset", "small"]).output().unwrap();
    let report = read_report(&output, place.0.path());
    (place, report)
}

fn recommend(place: &Workplace, args: &[&str]) -> Output {
    place.anchorrec("recommend").args(args).output().unwrap()
}

/// Items with their scores by user, of a CSV of lists.
fn lists(place: &Workplace, file: &str) -> HashMap<String, Vec<(String, f64)>> {
    let mut lists: HashMap<String, Vec<(String, f64)>> = HashMap::new();
    for row in csv::Reader::from_path(place.path(file)).unwrap().records() {
        let row = row.unwrap();
        lists.entry(row[0].to_owned()).or_default().push((row[2].to_owned(), row[4].parse().unwrap()));
    }
    lists
}

#[test]
fn each_method_gives_the_lists_that_it_was_judged_by() {
    let (place, report) = judged();
    let twin = place.twin().display().to_string();
    for method in report["methods"].as_array().unwrap() {
        let name = method["method"].as_str().unwrap();
        // The record itself and its folder are the same.
        for run in ["runs/small", "runs/small/closed-forms.json"] {
            let output = recommend(&place, &[run, "--closed-form", name, "--top", "50", "--out", "top.csv"]);
            assert!(output.status.success(), "{name}: {}", text(&output.stderr));
            let said = text(&output.stderr);
            assert!(said.starts_with(method["title"].as_str().unwrap()), "{said}");
        }
        let output = place.anchorrec("evaluate").args(["top.csv", "--data", &twin, "--json", "judged.json"]).output();
        assert!(output.unwrap().status.success());
        let found: Value = serde_json::from_str(&fs::read_to_string(place.path("judged.json")).unwrap()).unwrap();
        for metric in ["recall@5", "recall@20", "ndcg@10", "ndcg@50"] {
            let ours = found["lists"][0]["metrics"][metric]["value"].as_f64().unwrap();
            let own = method["test"][metric].as_f64().unwrap();
            assert!((ours - own).abs() < 1e-12, "{name} {metric}: {ours}, {own}");
        }
    }
}

#[test]
fn without_a_name_the_best_on_validation_ranks() {
    let (place, report) = judged();
    let valid = |method: &Value| method["valid"]["recall@20"].as_f64().unwrap();
    let methods = report["methods"].as_array().unwrap();
    let best = methods.iter().map(valid).fold(f64::MIN, f64::max);
    let best = methods.iter().find(|method| valid(method) == best).unwrap();
    let said = text(&recommend(&place, &["runs/small", "--out", "best.csv"]).stderr);
    let title = best["title"].as_str().unwrap();
    assert!(said.contains(&format!("{title} has the best validation recall@20 of 4 methods")), "{said}");
    let named = ["runs/small", "--closed-form", best["method"].as_str().unwrap(), "--out", "named.csv"];
    assert!(recommend(&place, &named).status.success());
    assert_eq!(lists(&place, "best.csv"), lists(&place, "named.csv"));
}

/// Somebody who took what a known user took gets that user's list, whatever the method.
#[test]
fn a_new_user_gets_the_list_of_a_known_one_with_the_same_items() {
    let (place, _) = judged();
    let dataset = anchorrec_data::Dataset::load(&place.twin()).unwrap();
    let train = dataset.interactions.by_user(anchorrec_data::Split::Train);
    let (known, single) = (train.users_with_items()[3], dataset.item_name(7));
    let mut rows = "user,item\n".to_owned();
    for &item in train.of(known) {
        rows += &format!("twin,{}\n", dataset.item_name(item));
    }
    fs::write(place.path("new.csv"), rows + &format!("single,{single}\n")).unwrap();
    for method in ["popularity", "item-knn", "ease", "l3ae"] {
        let with = |args: &[&str]| {
            let all = [&["runs/small", "--closed-form", method], args].concat();
            let output = recommend(&place, &all);
            assert!(output.status.success(), "{method}: {}", text(&output.stderr));
        };
        with(&["--out", "known.csv"]);
        with(&["--new-users", "new.csv", "--out", "new-lists.csv"]);
        let new = lists(&place, "new-lists.csv");
        assert_eq!(new["twin"], lists(&place, "known.csv")[&dataset.user_name(known)], "{method}");
        assert!(new["single"].iter().all(|entry| entry.0 != single), "{method}");
        with(&["--new-users", "new.csv", "--exclude", "none", "--top", "60", "--out", "whole.csv"]);
        assert_eq!(lists(&place, "whole.csv")["single"].len(), dataset.interactions.items, "{method}");
    }
}

#[test]
fn mistakes_are_one_sentence() {
    let (place, _) = judged();
    let run = "runs/small";
    for (args, message) in [
        (&["--closed-form", "slim"][..], "slim"),
        (&["--fuse"], "--fuse: a closed form ranks alone"),
        (&["--new-items", "anywhere"], "--new-items: a closed form ranks alone"),
        (&["--seed", "5"], "--seed: a closed form ranks alone"),
        (&["--user", "nobody"], "--user: 1 of 1 user ids are not known"),
    ] {
        let output = recommend(&place, &[&[run], args].concat());
        assert!(!output.status.success() && text(&output.stderr).contains(message), "{}", text(&output.stderr));
    }
    for command in ["export", "similar"] {
        let rest = if command == "export" { ["--out", "vectors"] } else { ["--item", "x"] };
        let output = place.anchorrec(command).arg(run).args(rest).output().unwrap();
        assert_fails_with(&output, &["closed-forms.json", "no vectors", "`anchorrec recommend` writes their lists"]);
    }
    assert_fails_with(&recommend(&place, &["runs", "--closed-form", "ease"]), &["expected a closed-forms.json"]);

    let path = place.path("runs/small/closed-forms.json");
    let whole = fs::read_to_string(&path).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut record: Value = serde_json::from_str(&whole).unwrap();
        change(&mut record);
        fs::write(&path, record.to_string()).unwrap();
    };
    let refused = || recommend(&place, &[run, "--out", "never.csv"]);
    let again = "evaluate them again with `anchorrec baselines`";
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_fails_with(&recommend(&place, &[run]), &["closed-forms.json", again]);
    changed(&|record| record["methods"] = Value::Array(Vec::new()));
    assert_fails_with(&refused(), &["holds no method", again]);
    let unjudged = |record: &mut Value| {
        record["methods"].as_array_mut().unwrap().iter_mut().for_each(|method| method["valid"] = Value::Null);
    };
    changed(&unjudged);
    assert_fails_with(&refused(), &["nothing was evaluated on validation rows", "popularity, item-knn, ease, l3ae"]);
    let without = |record: &mut Value| record["methods"].as_array_mut().unwrap().truncate(1);
    changed(&without);
    assert_fails_with(
        &recommend(&place, &[run, "--closed-form", "ease"]),
        &["`ease` was not evaluated: expected one of popularity"],
    );
    let strange = |record: &mut Value| {
        record["methods"].as_array_mut().unwrap().truncate(2);
        record["methods"][1]["settings"] = serde_json::json!({});
    };
    changed(&strange);
    let output = recommend(&place, &[run, "--closed-form", "item-knn"]);
    assert!(!output.status.success(), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("the setting of `item-knn` is not understood"), "{}", text(&output.stderr));

    // Another data set: one row fewer.
    fs::write(&path, &whole).unwrap();
    let inter = place.twin().join("small.inter");
    let rows = fs::read_to_string(&inter).unwrap();
    let fewer: Vec<&str> = rows.lines().enumerate().filter(|(line, _)| *line != 1).map(|(_, row)| row).collect();
    fs::write(&inter, fewer.join("\n")).unwrap();
    assert_fails_with(&refused(), &["this is not the data set", "the file small.inter was sha256"]);
    fs::rename(place.twin(), place.path("moved")).unwrap();
    assert_fails_with(&recommend(&place, &[run]), &["no longer there: name its folder with --data"]);
    fs::write(place.path("moved/small.inter"), rows).unwrap();
    assert!(recommend(&place, &[run, "--data", "moved", "--out", "top.csv"]).status.success());
    assert!(!place.path("never.csv").exists() && !place.path("never.csv.partial").exists());
}
