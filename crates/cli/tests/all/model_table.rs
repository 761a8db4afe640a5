//! `anchorrec table`: a declaration, child processes, results, a page; interrupted and continued.

use crate::workplace::{Workplace, assert_fails_with, text};
use serde_json::Value;
use std::fs::{self, File};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const DECLARATION: &str = r#"
[budget]
trials = 3
epochs = 9
evaluate_every = 1
patience = 2
learning_rate = ["0.001", "0.01"]

[[dataset]]
name = "small"
seeds = [5, 6]
settings = ["train.batch_size=256"]
scale = 1.0

[[model]]
name = "lightgcn"
published = { small = ["lightgcn.reg=0.01"] }
fuse = true

[[model]]
name = "narrow"
model = "vbpr"
title = "VBPR, narrow"
settings = ["vbpr.embedding_dim=8"]
"#;

fn place() -> Workplace {
    let place = Workplace::new();
    fs::write(place.path("datasets/table.toml"), DECLARATION).unwrap();
    place
}

fn command(place: &Workplace, args: &[&str]) -> Command {
    let mut command = place.anchorrec("table");
    command.args(["--results", "results", "--page", "results.md", "--html", "results.html"]).args(args);
    command
}

fn table(place: &Workplace, args: &[&str]) -> Output {
    command(place, args).output().unwrap()
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stderr)
}

fn read(place: &Workplace, path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(place.path(path)).unwrap()).unwrap()
}

const FILES: [&str; 3] = ["closed-forms", "lightgcn", "narrow"];

/// All results but times and memory, and the page but the lines of its tables of costs.
fn all(place: &Workplace) -> (Vec<Value>, String) {
    let mut files: Vec<Value> = FILES.iter().map(|name| read(place, &format!("results/small/{name}.json"))).collect();
    files.iter_mut().for_each(forget_times);
    let page = fs::read_to_string(place.path("results.md")).unwrap();
    let of_costs =
        |section: &str| ["Cost\n", "Methods without training\n"].iter().any(|name| section.starts_with(name));
    let page = page.split("\n### ").filter(|section| !of_costs(section)).collect::<Vec<_>>().join("\n### ");
    (files, page)
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            ["seconds", "search_seconds", "peak_rss_bytes"].iter().for_each(|key| _ = fields.remove(*key));
            fields.values_mut().for_each(forget_times);
        }
        Value::Array(values) => values.iter_mut().for_each(forget_times),
        _ => {}
    }
}

#[test]
fn a_table_is_computed_once_and_its_page_comes_from_its_results_alone() {
    let place = place();
    let plan = text(&table(&place, &["--dry-run"]).stdout);
    assert_eq!((plan.matches("left  ").count(), plan.matches("after its search").count()), (7, 2), "{plan}");
    assert!(plan.contains("anchorrec tune --dataset small") && plan.contains("--range train.learning_rate=0.001,0.01"));
    assert!(!place.path("results").exists(), "nothing is computed");

    let said = succeeds(&table(&place, &["--jobs", "2"]));
    assert!(
        said.contains("small, lightgcn, published settings: test Recall@20") && said.contains("all 7 steps done"),
        "{said}"
    );
    let lightgcn = read(&place, "results/small/lightgcn.json");
    let [published, tuned] = ["published", "tuned"].map(|row| &lightgcn[row]);
    let seeds =
        |row: &Value| row["seeds"].as_array().unwrap().iter().map(|s| s["seed"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!((seeds(published), seeds(tuned)), (vec![5, 6], vec![5, 6]));
    assert_eq!(published["settings"], serde_json::json!(["train.batch_size=256", "lightgcn.reg=0.01"]));
    // The manifest has other layers for this model, which a table does not know.
    let run = format!("runs/table/{}/report.json", published["run"].as_str().unwrap());
    assert_eq!(read(&place, &run)["config"]["lightgcn"]["layers"], 2);
    let search = &lightgcn["search"];
    let best = &search["trials"][search["best"].as_u64().unwrap() as usize];
    assert_eq!(search["trials"].as_array().unwrap().len(), 3);
    for setting in best["settings"].as_array().unwrap() {
        assert!(tuned["settings"].as_array().unwrap().contains(setting), "{tuned}");
    }
    // The search trains with the first seed, and its best trial is that seed's run.
    assert_eq!(best["recall"], tuned["seeds"][0]["valid"]["recall@20"]);
    for seed in tuned["seeds"].as_array().unwrap() {
        let [epochs, best] = ["epochs", "best_epoch"].map(|key| seed[key].as_u64().unwrap());
        assert_eq!(seed["ended"], if epochs == best + 2 { "plateau" } else { "cap" }, "{seed}");
        assert!(seed["by_test"]["recall@20"].as_f64() >= seed["test"]["recall@20"].as_f64());
        for name in ["recall", "ndcg"].iter().flat_map(|of| [5, 10, 20, 50].map(|k| format!("{of}@{k}"))) {
            assert!(seed["test"][&name].is_number() && seed["valid"][&name].is_number(), "{name}: {seed}");
        }
    }
    assert!(tuned["fusion"]["runs"].as_array().unwrap().len() == 2 && published["fusion"].is_null());
    assert!(published["arithmetic"].is_string() && published["processor"].is_string());
    // Every row but the reference has its tests, with the weights that the reference has.
    let narrow = read(&place, "results/small/narrow.json");
    assert!(tuned["against"].is_null());
    for (row, of_reference) in [(&narrow["published"], published), (&narrow["tuned"], tuned)] {
        let weights: Vec<&Value> =
            of_reference["seeds"].as_array().unwrap().iter().map(|seed| &seed["weights_sha256"]).collect();
        assert_eq!(row["against"]["weights"].as_array().unwrap().iter().collect::<Vec<_>>(), weights);
        assert!(row["against"]["tests"]["recall@20"]["users"].as_u64().unwrap() > 50, "{row}");
    }
    // So has every method without training, against both kinds of runs, and the recipe, which is compared with its own model too.
    let methods = read(&place, "results/small/closed-forms.json");
    let tests_of = |lists: &Value, kind: &str| lists["against"][kind]["tests"]["recall@20"].clone();
    for method in methods["methods"].as_array().unwrap() {
        let lists = &methods["lists"][method["method"].as_str().unwrap()];
        for (kind, row) in [("published", published), ("tuned", tuned)] {
            let mean =
                method["test"]["recall@20"].as_f64().unwrap() - row["test"]["recall@20"]["mean"].as_f64().unwrap();
            let test = tests_of(lists, kind);
            // The mean over users of the differences is the difference of the means; only the order of the sums differs.
            assert!((test["mean"].as_f64().unwrap() - mean).abs() < 1e-12, "{kind}: {method} {test}");
            assert_eq!(test["users"], narrow["tuned"]["against"]["tests"]["recall@20"]["users"]);
        }
        for key in ["user_groups", "item_groups"] {
            assert_eq!(lists[key].as_array().unwrap().len(), tuned[key].as_array().unwrap().len(), "{key}");
            assert_eq!(lists[key][0]["from"], tuned[key][0]["from"]);
        }
        assert!(lists["figures"]["coverage"]["mean"].as_f64().unwrap() > 0.0);
    }
    let fused = &tuned["fused"];
    let of_runs: f64 =
        tuned["fusion"]["runs"].as_array().unwrap().iter().map(|run| run["test"]["recall@20"].as_f64().unwrap()).sum();
    let gain = of_runs / 2.0 - tuned["test"]["recall@20"]["mean"].as_f64().unwrap();
    assert!((tests_of(fused, "tuned")["mean"].as_f64().unwrap() - gain).abs() < 1e-12, "{fused}");
    assert!(fused["against"]["published"].is_null() && fused["user_groups"][0]["test"]["recall@20"]["sd"].is_number());
    let page = fs::read_to_string(place.path("results.md")).unwrap();
    let of_tests = page.split("### Against LightGCN, tuned settings").nth(1).unwrap().split("\n### ").next().unwrap();
    // The other model, four methods and the recipe, two metrics each.
    assert!(
        of_tests.contains("Holm for 12 comparisons") && of_tests.contains("| LightGCN + L3AE (the recipe) | "),
        "{of_tests}"
    );
    let parts = ["LightGCN + L3AE (the recipe)", "| VBPR, narrow | tuned | 2 |", "| EASE | tuned | 0."];
    for part in parts {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains("What is missing") && !page.contains(place.0.path().to_str().unwrap()));
    for file in FILES {
        let text = fs::read_to_string(place.path(&format!("results/small/{file}.json"))).unwrap();
        assert!(!text.contains(place.0.path().to_str().unwrap()), "{file}: a path of this machine");
    }

    // Nothing is done again, and the runs are not needed for the page.
    let again = succeeds(&table(&place, &[]));
    assert!(!again.contains("started"), "{again}");
    // An earlier call was killed after its last result, before the tests and the page.
    let file = place.path("results/small/narrow.json");
    let mut without = read(&place, "results/small/narrow.json");
    without["published"].as_object_mut().unwrap().remove("against").unwrap();
    fs::write(&file, without.to_string()).unwrap();
    // An earlier version did not look at the lists of methods without training: that step is done again, alone.
    let methods_file = place.path("results/small/closed-forms.json");
    let mut without = methods.clone();
    without.as_object_mut().unwrap().remove("lists").unwrap();
    fs::write(&methods_file, without.to_string()).unwrap();
    fs::remove_file(place.path("results.md")).unwrap();
    // The reference's search may work in the folder of its published runs: tests need no lock, which would turn the search away.
    let of_reference = place.path(&format!("runs/table/{}/.lock", published["run"].as_str().unwrap()));
    let lock = File::options().write(true).open(of_reference).unwrap();
    lock.try_lock().unwrap();
    let said = succeeds(&table(&place, &[]));
    drop(lock);
    assert!(said.contains("methods without training: started") && said.matches("started").count() == 1, "{said}");
    let (mut now, mut before) = (read(&place, "results/small/closed-forms.json"), methods.clone());
    [&mut now, &mut before].into_iter().for_each(forget_times);
    assert_eq!(now, before);
    fs::write(&methods_file, methods.to_string()).unwrap();
    succeeds(&table(&place, &["--write-only"]));
    assert_eq!(fs::read_to_string(place.path("results.md")).unwrap(), page);
    assert_eq!(read(&place, "results/small/narrow.json"), narrow);
    fs::remove_dir_all(place.path("runs")).unwrap();
    fs::remove_file(place.path("results.md")).unwrap();
    succeeds(&table(&place, &["--write-only"]));
    assert_eq!(fs::read_to_string(place.path("results.md")).unwrap(), page);
    // Nor does a machine without the runs lose the tests that another one has made.
    succeeds(&table(&place, &[]));
    assert_eq!(fs::read_to_string(place.path("results.md")).unwrap(), page);
}

#[test]
fn a_table_that_is_interrupted_and_killed_ends_with_the_same_bytes() {
    let whole = place();
    succeeds(&table(&whole, &["--jobs", "1"]));
    let place = place();
    let (mut interrupted, mut killed) = (0, 0);
    for turn in 1..200u64 {
        let mut child = command(&place, &["--jobs", "2"]);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(60 + 40 * turn));
        if child.try_wait().unwrap().is_some() {
            succeeds(&child.wait_with_output().unwrap());
            break;
        }
        if turn % 3 == 0 {
            // Its children live on, and the next call waits for them.
            child.kill().unwrap();
            child.wait().unwrap();
            killed += 1;
            continue;
        }
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        if output.status.success() {
            break;
        }
        assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
        interrupted += 1;
    }
    assert!(interrupted > 1 && killed > 0, "{interrupted} and {killed}");
    assert_eq!(all(&place), all(&whole));
}

#[test]
fn results_of_another_protocol_or_of_other_data_are_refused() {
    let place = place();
    succeeds(&table(&place, &["--models", "lightgcn"]));
    let page = fs::read_to_string(place.path("results.md")).unwrap();
    let missing = "- small: the methods without training; published settings of narrow; the search of narrow; tuned settings of narrow\n";
    assert!(page.contains(missing), "{page}");

    let declared = |text: &str| fs::write(place.path("datasets/table.toml"), text).unwrap();
    declared(&DECLARATION.replace("patience = 2", "patience = 3"));
    for args in [&["--write-only"][..], &["--dry-run"], &[]] {
        assert_fails_with(&table(&place, args), &["lightgcn.json", "patience is 3, and was 2", "remove this file"]);
    }
    // A range that the published row does not use is part of the protocol too.
    declared(&DECLARATION.replace("[\"0.001\", \"0.01\"]", "[\"0.001\", \"0.02\"]"));
    assert_fails_with(&table(&place, &[]), &["ranges is"]);
    declared(DECLARATION);

    // A twin of another size is other data under the same name.
    declared(&DECLARATION.replace("scale = 1.0", "scale = 0.9"));
    assert_fails_with(
        &table(&place, &[]),
        &["lightgcn.json", "computed of other data", " is ", "and was", "restore the data"],
    );
    declared(DECLARATION);

    // A file that no row is declared for is said, a damaged one is refused.
    fs::rename(place.path("results/small/lightgcn.json"), place.path("results/small/lightgcm.json")).unwrap();
    let output = table(&place, &["--write-only"]);
    assert!(succeeds(&output).contains("small/lightgcm.json is no row of"), "{}", text(&output.stderr));
    fs::write(place.path("results/small/lightgcn.json"), "{").unwrap();
    assert_fails_with(&table(&place, &["--write-only"]), &["lightgcn.json", "expected the results of a model"]);
}

#[test]
fn words_that_name_nothing_and_steps_that_fail_are_told() {
    let place = place();
    assert_fails_with(&table(&place, &["--only", "smal"]), &["--only", "`smal`", "did you mean `small`?"]);
    assert_fails_with(&table(&place, &["--models", "lightgnc"]), &["--models", "did you mean `lightgcn`?"]);
    assert_fails_with(&table(&place, &["--declaration", "none.toml"]), &["none.toml: cannot read"]);
    assert_fails_with(&table(&place, &["--program", "no/such/program"]), &["no/such/program: cannot start"]);

    // A model that diverges: the others are computed.
    let wrong = DECLARATION.replace("vbpr.embedding_dim=8\"", "vbpr.embedding_dim=8\", \"train.learning_rate=1e30\"");
    fs::write(place.path("datasets/table.toml"), wrong.replace("[\"0.001\", \"0.01\"]", "[\"0.001\"]")).unwrap();
    assert_fails_with(&table(&place, &[]), &["in `settings` and searched", "learning_rate"]);
    let odd = DECLARATION.replace(
        "vbpr.embedding_dim=8\"",
        "vbpr.embedding_dim=8\", \"train.decay=1e30\", \"train.decay_epochs=0.001\"",
    );
    fs::write(place.path("datasets/table.toml"), odd).unwrap();
    let output = table(&place, &[]);
    assert_fails_with(&output, &["steps failed; the others are done"]);
    let said = text(&output.stderr);
    assert!(
        said.contains("small, narrow, published settings: failed after") && said.contains("published.log"),
        "{said}"
    );
    assert!(place.path("results/small/closed-forms.json").is_file());
    assert!(read(&place, "results/small/lightgcn.json")["tuned"].is_object());
    assert!(!place.path("results/small/narrow.json").exists());

    // Without a size in the declaration, nothing is computed of a twin.
    fs::write(place.path("datasets/table.toml"), DECLARATION.replace("scale = 1.0\n", "")).unwrap();
    let other = ["--results", "others", "--out", "elsewhere"];
    assert_fails_with(&command_of(&place, &other), &["small: only a synthetic twin", "ANCHORREC_DATA"]);
    assert!(!place.path("others").exists());
}

#[test]
fn a_step_whose_folder_is_taken_between_two_looks_is_tried_again() {
    let place = place();
    // The first child says what one says whose folder is locked; all later ones are the program.
    let program = place.path("program");
    let anchorrec = env!("CARGO_BIN_EXE_anchorrec");
    let script = format!(
        "#!/bin/sh\nif [ ! -e refused ]; then\n  touch refused\n  echo 'error: runs: {}; wait for it' >&2\n  exit 1\nfi\nexec '{anchorrec}' \"$@\"\n",
        anchorrec_trainer::BUSY
    );
    fs::write(&program, script).unwrap();
    assert!(Command::new("chmod").args(["+x", program.to_str().unwrap()]).status().unwrap().success());
    let said = succeeds(&table(&place, &["--program", program.to_str().unwrap(), "--models", "lightgcn"]));
    assert!(
        said.contains("lightgcn, published settings: another process works in its folder; it is tried again"),
        "{said}"
    );
    assert!(read(&place, "results/small/lightgcn.json")["tuned"].is_object());
}

fn command_of(place: &Workplace, args: &[&str]) -> Output {
    place.anchorrec("table").args(["--page", "other.md", "--html", "other.html"]).args(args).output().unwrap()
}
