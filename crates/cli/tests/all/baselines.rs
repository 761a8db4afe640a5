//! Methods without training: beside every model, and alone.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use serde_json::Value;
use std::fs;
use std::process::Output;

fn baselines(place: &Workplace, args: &[&str]) -> Output {
    place.anchorrec("baselines").args(args).output().unwrap()
}

/// The methods of a record by name.
fn method<'a>(methods: &'a Value, name: &str) -> &'a Value {
    methods
        .as_array()
        .unwrap()
        .iter()
        .find(|method| method["method"] == name)
        .unwrap_or_else(|| panic!("{name}: {methods}"))
}

/// Everything that no clock decides.
fn without_times(methods: &Value) -> Value {
    let mut methods = methods.clone();
    for method in methods.as_array_mut().unwrap() {
        for time in ["seconds", "search_seconds"] {
            method.as_object_mut().unwrap().remove(time).unwrap();
        }
    }
    methods
}

#[test]
fn every_method_is_evaluated_with_its_setting_chosen_on_validation_on_any_number_of_threads() {
    let place = Workplace::new();
    let output = baselines(&place, &["--dataset", "small", "--threads", "3"]);
    let report = read_report(&output, place.0.path());
    let (table, said) = (text(&output.stdout), text(&output.stderr));
    assert!(table.contains("SYNTHETIC DATA"), "{table}");
    for (name, title, tried) in [
        ("popularity", "popularity", 1),
        ("item-knn", "item kNN", 20),
        ("ease", "EASE", 7),
        ("l3ae", "L3AE", 7 * (3 * 4 + 4)),
    ] {
        let method = method(&report["methods"], name);
        assert_eq!((&method["title"], &method["tried"]), (&title.into(), &tried.into()));
        for split in ["valid", "test"] {
            let value = method[split]["recall@20"].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&value) && value > 0.2, "{name} {split}: {value}");
        }
        assert!(table.lines().any(|line| line.starts_with(title)), "{table}");
        assert!(method["residual"].as_f64().is_none_or(|left| left < 1e-10), "{method}");
        assert_eq!(method["residual"].is_f64(), ["ease", "l3ae"].contains(&name));
        assert_eq!(said.lines().filter(|line| line.starts_with(title)).count(), tried, "a line for each setting");
    }
    // L3AE has EASE in its grid.
    let valid = |name: &str| method(&report["methods"], name)["valid"]["recall@20"].as_f64().unwrap();
    assert!(valid("l3ae") >= valid("ease"));
    let alone = read_report(&baselines(&place, &["--dataset", "small", "--threads", "1"]), place.0.path());
    assert_eq!(without_times(&alone["methods"]), without_times(&report["methods"]));
}

#[test]
fn the_lists_of_each_method_are_kept_on_demand_and_agree_with_its_metrics() {
    let place = Workplace::new();
    let report = read_report(&baselines(&place, &["--dataset", "small"]), place.0.path());
    assert!(!place.path("runs/small/closed-forms").exists(), "nobody asked for them");
    let output = baselines(&place, &["--dataset", "small", "--analyse"]);
    assert_eq!(without_times(&read_report(&output, place.0.path())["methods"]), without_times(&report["methods"]));
    for method in report["methods"].as_array().unwrap() {
        let name = method["method"].as_str().unwrap();
        let path = format!("runs/small/closed-forms/{name}.lists.json");
        assert!(text(&output.stdout).contains(&path), "{}", text(&output.stdout));
        let lists: Value = serde_json::from_str(&fs::read_to_string(place.path(&path)).unwrap()).unwrap();
        // What every user got adds up to what was recorded when the setting was chosen; only the order of the sum differs.
        for metric in ["recall", "ndcg"] {
            let users = lists["users"][metric].as_array().unwrap();
            let mean = users.iter().map(|value| value.as_f64().unwrap()).sum::<f64>() / users.len() as f64;
            let recorded = method["test"][format!("{metric}@20")].as_f64().unwrap();
            assert!((mean - recorded).abs() < 1e-12, "{name} {metric}: {mean} and {recorded}");
        }
        let hits = |group: &Value| group["hits"].as_u64().unwrap();
        assert!(lists["item_groups"].as_array().unwrap().iter().map(hits).sum::<u64>() > 0);
        assert_eq!(lists["ranked_by"], format!("{name} {}", method["setting"].as_str().unwrap()));
    }
}

#[test]
fn too_many_items_are_refused_with_the_memory_and_a_way_out_that_works() {
    let place = Workplace::new();
    let refused = baselines(&place, &["--dataset", "small", "--most-items", "59"]);
    assert_fails_with(
        &refused,
        &[
            "60 items",
            "16 x 60² bytes",
            "limit is 59 items",
            "--most-items",
            "--neighbours 200",
            "--methods popularity,item-knn",
        ],
    );
    assert!(!place.path("runs/small/closed-forms.json").exists());
    let without = baselines(&place, &["--dataset", "small", "--most-items", "59", "--methods", "popularity,item-knn"]);
    assert_eq!(read_report(&without, place.0.path())["methods"].as_array().unwrap().len(), 2);
    let near = baselines(&place, &["--dataset", "small", "--neighbours", "59", "--methods", "ease"]);
    let near = read_report(&near, place.0.path());
    assert_eq!(near["neighbours"], 59);
    let exact = read_report(&baselines(&place, &["--dataset", "small", "--methods", "ease"]), place.0.path());
    // Items that were never taken together have a zero in G but not in B, so even all neighbours are not quite all items.
    let recall = |report: &Value| report["methods"][0]["test"]["recall@20"].as_f64().unwrap();
    assert!((recall(&near) - recall(&exact)).abs() < 0.05, "{} {}", recall(&near), recall(&exact));
}

#[test]
fn without_features_l3ae_is_left_out_or_refused_and_without_validation_nothing_is_chosen() {
    let place = Workplace::new();
    let mut rows = "userID\titemID\tx_label\n".to_owned();
    for user in 0..6 {
        (0..4).for_each(|n| rows += &format!("{user}\t{}\t0\n", (user + 2 * n) % 8));
    }
    fs::create_dir_all(place.path("data")).unwrap();
    fs::write(place.path("data/mine.inter"), rows + "0\t1\t2\n1\t0\t2\n").unwrap();
    let output = baselines(&place, &["--data", "data"]);
    let report = read_report(&output, place.0.path());
    assert!(text(&output.stderr).contains("L3AE is left out: this data set has no features"));
    assert_eq!(report["methods"].as_array().unwrap().len(), 3);
    let knn = method(&report["methods"], "item-knn");
    assert!(knn["valid"].is_null() && knn["test"]["recall@20"].is_f64(), "{knn}");
    assert_eq!(knn["setting"], "k 20, shrinkage 0");
    assert!(text(&output.stdout).contains("not chosen: there is no validation"), "{}", text(&output.stdout));
    assert_fails_with(&baselines(&place, &["--data", "data", "--methods", "l3ae"]), &["no features", "mm_feat.npy"]);
}

#[test]
fn popularity_and_item_knn_stand_beside_every_model_and_change_no_number_of_it() {
    let place = Workplace::new();
    let train = ["--dataset", "small", "--epochs", "2", "--set", "train.batch_size=256", "--model", "lightgcn"];
    let output = place.run(&train);
    let report = read_report(&output, place.0.path());
    let table = text(&output.stdout);
    let row = |start: &str| {
        table.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{table}")).to_owned()
    };
    assert!(row("beside the model").contains("seconds"));
    for (name, title) in [("popularity", "popularity"), ("item-knn", "item kNN"), ("", "LightGCN")] {
        let test =
            if name.is_empty() { &report["runs"][0]["test"] } else { &method(&report["closed_forms"], name)["test"] };
        let value = format!("{:.4}", test["recall@20"].as_f64().unwrap());
        assert!(row(title).contains(&value), "{value} is not in {}", row(title));
    }
    let alone = baselines(&place, &["--dataset", "small", "--methods", "popularity,item-knn"]);
    let alone = read_report(&alone, place.0.path());
    assert_eq!(without_times(&alone["methods"]), without_times(&report["closed_forms"]), "the same protocol");

    // A run of a version that had no such rows gets them when it is shown again, and keeps everything else.
    let path = place.path(table.lines().find_map(|line| line.strip_prefix("report: ")).unwrap());
    let mut older = report.clone();
    older.as_object_mut().unwrap().remove("closed_forms").unwrap();
    fs::write(&path, serde_json::to_string_pretty(&older).unwrap()).unwrap();
    let again = place.run(&train);
    assert!(text(&again.stderr).contains("was not trained again"));
    assert!(text(&again.stdout).contains("item kNN"));
    let mut again = read_report(&again, place.0.path());
    assert_eq!(without_times(&again["closed_forms"]), without_times(&report["closed_forms"]));
    again.as_object_mut().unwrap().remove("closed_forms").unwrap();
    assert_eq!(again, older);
}

#[test]
fn a_fusion_is_chosen_on_validation_named_as_ours_and_kept_beside_the_closed_form_alone() {
    let place = Workplace::new();
    let train = [
        "--dataset",
        "small",
        "--epochs",
        "2",
        "--set",
        "train.batch_size=256",
        "--model",
        "lightgcn",
        "--seeds",
        "5,6",
    ];
    let plain = read_report(&place.run(&train), place.0.path());
    assert!(plain["fusion"].is_null());
    let output = place.run(&[&train[..], &["--fuse"]].concat());
    let mut report = read_report(&output, place.0.path());
    let table = text(&output.stdout);
    assert!(text(&output.stderr).contains("was not trained again"), "a finished run is fused as it is");
    let fusion = report["fusion"].clone();
    for (fused, run) in fusion["runs"].as_array().unwrap().iter().zip(report["runs"].as_array().unwrap()) {
        assert_eq!((&fused["seed"], &fused["weights_sha256"]), (&run["seed"], &run["checkpoint_sha256"]));
        let valid = |of: &Value| of["valid"]["recall@20"].as_f64().unwrap();
        assert!(valid(fused) >= valid(run), "γ = 0 is in the grid");
        if fused["gamma"] == 0.0 {
            assert_eq!(fused["test"], run["test"]);
        }
    }
    let row = table.lines().find(|line| line.starts_with("LightGCN + L3AE")).unwrap_or_else(|| panic!("{table}"));
    assert!(row.contains("our recipe, not the paper's") && row.contains('γ'), "{row}");
    // The closed form alone is what `baselines` finds.
    let alone = read_report(&baselines(&place, &["--dataset", "small", "--methods", "l3ae"]), place.0.path());
    let kernel = Value::Array(vec![fusion["kernel"].clone()]);
    assert_eq!(without_times(&alone["methods"]), without_times(&kernel));
    assert!(table.lines().any(|line| line.starts_with("L3AE ")), "{table}");
    // It is named among those that beat the model without training, if it does.
    let ahead =
        fusion["kernel"]["test"]["recall@20"].as_f64() > report["summary"]["test"]["recall@20"]["mean"].as_f64();
    let named =
        table.lines().any(|line| line.starts_with("a higher test Recall@20 without training") && line.contains("L3AE"));
    assert_eq!(named, ahead, "{table}");
    // It is kept, and nothing else of the report changed.
    let again = place.run(&[&train[..], &["--fuse"]].concat());
    assert!(!text(&again.stderr).contains("fusion: choosing"));
    // Lists do not hold it unless asked, vectors cannot; both say so.
    let run = table.lines().find_map(|line| line.strip_prefix("report: ")).unwrap();
    for (command, args) in [("recommend", ["--user", "0"]), ("export", ["--out", "vectors"])] {
        let output = place.anchorrec(command).arg(run).args(args).output().unwrap();
        let said = text(&output.stderr);
        assert!(output.status.success() && said.contains("the trained model's alone, without the fusion"), "{said}");
        assert!(said.contains("--fuse"), "{said}");
    }
    assert_eq!(read_report(&again, place.0.path()), report);
    report.as_object_mut().unwrap().remove("fusion").unwrap();
    assert_eq!(report, plain);
}

#[test]
fn lists_by_a_fusion_are_judged_as_the_fusion_was_for_every_kind_of_user() {
    let place = Workplace::new();
    let train = ["--dataset", "small", "--epochs", "2", "--set", "train.batch_size=256", "--model", "lightgcn"];
    let output = place.run(&train);
    let run = text(&output.stdout).lines().find_map(|line| line.strip_prefix("report: ").map(str::to_owned)).unwrap();
    let lists_of = |args: &[&str]| place.anchorrec("recommend").arg(&run).args(args).output().unwrap();
    assert_fails_with(&lists_of(&["--fuse"]), &["this run was not fused", "--fuse"]);

    let fused = [&train[..], &["--fuse", "--recommendations", "trained.csv", "--top", "50"]].concat();
    let mut report = read_report(&place.run(&fused), place.0.path());
    let twin = place.twin().display().to_string();
    let judge = |file: &str, twin: &str| -> Value {
        let judged =
            place.anchorrec("evaluate").args([file, "--data", twin, "--json", "judged.json"]).output().unwrap();
        assert!(judged.status.success(), "{}", text(&judged.stderr));
        serde_json::from_str(&fs::read_to_string(place.path("judged.json")).unwrap()).unwrap()
    };
    let agrees = |judged: &Value, run: &Value| {
        ["recall@5", "recall@20", "ndcg@10", "ndcg@50"].into_iter().all(|metric| {
            let ours = judged["lists"][0]["metrics"][metric]["value"].as_f64().unwrap();
            (ours - run["test"][metric].as_f64().unwrap()).abs() < 1e-12
        })
    };
    let own = report["fusion"]["runs"][0].clone();
    let output = lists_of(&["--fuse", "--top", "50", "--out", "lists.csv"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("as validation chose it"));
    assert!(agrees(&judge("lists.csv", &twin), &own), "{own}");
    let read = |file: &str| fs::read_to_string(place.path(file)).unwrap();
    assert_eq!(read("lists.csv"), read("trained.csv"), "train --fuse --recommendations writes the same");

    // A γ that changes every list, as if validation had chosen it: what is ranked is what the record says.
    report["fusion"]["runs"][0]["gamma"] = 5.0.into();
    fs::write(place.path(&run), report.to_string()).unwrap();
    assert!(lists_of(&["--fuse", "--top", "50", "--out", "far.csv"]).status.success());
    assert!(lists_of(&["--top", "50", "--out", "alone.csv"]).status.success());
    assert_ne!(read("far.csv"), read("alone.csv"));
    assert!(agrees(&judge("alone.csv", &twin), &report["runs"][0]));

    // A new user with the items of an old one gets, by its own history, a list that the closed form moves too.
    let items: Vec<String> =
        read("alone.csv").lines().skip(1).take(3).map(|row| row.split(',').nth(2).unwrap().to_owned()).collect();
    let rows: String = items.iter().map(|item| format!("n1,{item}\n")).collect();
    fs::write(place.path("new.csv"), format!("user,item\n{rows}")).unwrap();
    for (name, more) in [("new-fused.csv", &["--fuse"][..]), ("new-alone.csv", &[])] {
        let output = lists_of(&[&["--new-users", "new.csv", "--out", name], more].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(items.iter().all(|item| !read(name).lines().skip(1).any(|row| row.split(',').nth(2) == Some(item))));
    }
    assert_ne!(read("new-fused.csv"), read("new-alone.csv"));
}
