//! The command as a user runs it: on a synthetic twin, on a folder of one's own, with mistakes.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use anchorrec_models::MODELS;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const QUICK: [&str; 6] = ["--dataset", "small", "--epochs", "2", "--set", "train.batch_size=256"];

#[test]
fn a_newcomer_without_data_gets_a_whole_run_that_says_it_is_synthetic() {
    let place = Workplace::new();
    let output = place.run(&[&QUICK[..], &["--seeds", "5,6"]].concat());
    let report = read_report(&output, place.0.path());
    let table = text(&output.stdout);
    assert!(table.contains("SYNTHETIC DATA") && table.contains("NOT comparable"), "{table}");
    assert!(table.contains("Somebody's") && table.contains("their own"), "{table}");
    assert_eq!(report["data"]["source"], "synthetic");
    assert_eq!(report["runs"].as_array().unwrap().len(), 2);
    for (run, seed) in report["runs"].as_array().unwrap().iter().zip([5, 6]) {
        assert_eq!(run["seed"], seed);
        assert_eq!(run["epochs_run"], 2);
        assert!(run["best_epoch"].as_u64().unwrap() >= 1 && run["seconds"].as_f64().unwrap() > 0.0);
        for split in ["valid", "test"] {
            for metric in ["recall@5", "recall@10", "recall@20", "recall@50", "ndcg@5", "ndcg@10", "ndcg@20", "ndcg@50"]
            {
                assert!((0.0..=1.0).contains(&run[split][metric].as_f64().unwrap()), "{split} {metric}");
            }
        }
        assert_eq!(run["checkpoint_sha256"].as_str().unwrap().len(), 64);
        assert!(place.path(run["checkpoint"].as_str().unwrap()).is_file());
    }
    assert_eq!(report["config"]["train"]["batch_size"], 256);
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    let inputs = report["inputs"].as_array().unwrap();
    assert!(inputs.iter().any(|i| i["path"].as_str().unwrap().ends_with("small.inter")));
    assert!(inputs.iter().all(|i| i["sha256"].as_str().unwrap().len() == 64));
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn training_beats_chance_and_features_help_where_they_carry_signal() {
    let place = Workplace::new();
    let recall = |args: &[&str]| {
        let args = [&["--dataset", "small", "--epochs", "30", "--set", "train.batch_size=128"], args].concat();
        place.report(&args)["runs"][0]["valid"]["recall@20"].as_f64().unwrap()
    };
    let lightgcn = recall(&["--model", "lightgcn", "--set", "train.learning_rate=0.01"]);
    let anchorrec = recall(&["--model", "anchorrec", "--set", "train.learning_rate=0.01"]);
    // 20 of about 53 unmasked items at random.
    let chance = 20.0 / 53.0;
    assert!(lightgcn > 1.15 * chance, "LightGCN {lightgcn} against chance {chance}");
    assert!(anchorrec > 1.15 * chance, "AnchorRec {anchorrec} against chance {chance}");
}

/// SHA-256 of every file of weights and every checkpoint, by name.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "safetensors"));
    files.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), anchorrec_files::fingerprint::sha256(path).unwrap())).collect()
}

#[test]
fn the_same_job_gives_the_same_bits_for_any_number_of_threads() {
    let place = Workplace::new();
    for model in MODELS.names() {
        // The first model's own choice of targets; the others do not read it.
        let modes = if model == MODELS.default_model().name() { &["shared", "frozen"][..] } else { &["shared"] };
        for targets in modes {
            let of = |threads: &str| {
                let out = format!("on-{threads}-threads");
                let set = format!("anchorrec.targets={targets}");
                let args = ["--model", model, "--threads", threads, "--out", &out, "--set", &set];
                let report = place.report(&[&QUICK[..], &args, &["--checkpoint-every", "0"]].concat());
                let folder = place.path(report["runs"][0]["checkpoint"].as_str().unwrap());
                let without_times = |key: &str| {
                    report["runs"][0]["curve"].as_array().unwrap().iter().map(|e| e[key].clone()).collect::<Vec<_>>()
                };
                let curve = ["loss", "terms", "valid", "test"].map(without_times);
                (files(folder.parent().unwrap()), curve, report["summary"].clone())
            };
            let one = of("1");
            assert_eq!(one.0.len(), 2, "the best weights and the last checkpoint: {:?}", one.0);
            for threads in ["2", "3", "7", "16"] {
                assert_eq!(of(threads), one, "{model}, {targets} targets, {threads} threads");
            }
        }
    }
}

#[test]
fn leaving_out_the_input_heads_changes_no_ranking() {
    let place = Workplace::new();
    let with = place.report(&QUICK);
    let without = place.report(&[&QUICK[..], &["--set", "anchorrec.train_input_heads=false"]].concat());
    for split in ["valid", "test"] {
        assert_eq!(with["runs"][0][split], without["runs"][0][split]);
    }
    assert_ne!(with["runs"][0]["checkpoint_sha256"], without["runs"][0]["checkpoint_sha256"]);
}

#[test]
fn data_is_looked_for_in_the_stated_order() {
    let place = Workplace::new();
    let dir = |report: &Value| report["data"]["dir"].as_str().unwrap().to_owned();
    assert!(dir(&place.report(&QUICK)).ends_with("synthetic/scale-1"));

    let copy = |to: &str| {
        fs::create_dir_all(place.path(to)).unwrap();
        for entry in fs::read_dir(place.twin()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap() != "SYNTHETIC" {
                fs::copy(&path, place.path(to).join(path.file_name().unwrap())).unwrap();
            }
        }
    };
    // The same bytes in another place are the same run, which is done: so each is trained anew.
    let again = [&QUICK[..], &["--restart"]].concat();
    copy("datasets/small/ready");
    let ready = place.report(&again);
    assert!(dir(&ready).ends_with("small/ready"));
    assert_eq!(ready["data"]["source"], "unknown");

    copy("elsewhere/small");
    let by_variable = place.command(&again).env("ANCHORREC_DATA", place.path("elsewhere")).output().unwrap();
    assert!(dir(&read_report(&by_variable, place.0.path())).ends_with("elsewhere/small"));

    copy("named");
    let named = [&again[..], &["--data-dir", "named"]].concat();
    let by_option = place.command(&named).env("ANCHORREC_DATA", place.path("elsewhere")).output().unwrap();
    assert_eq!(dir(&read_report(&by_option, place.0.path())), "named");
}

#[test]
fn a_missing_modality_is_left_out_and_reported() {
    let place = Workplace::new();
    place.report(&QUICK);
    fs::remove_file(place.twin().join("image_feat.npy")).unwrap();
    let own = place.twin().display().to_string();
    let report = place.report(&["--data", &own, "--epochs", "1"]);
    assert_eq!(report["data"]["absent"], serde_json::json!(["vision"]));
    let terms = report["runs"][0]["curve"][0]["terms"].as_object().unwrap();
    assert!(terms.contains_key("amp_text") && !terms.contains_key("amp_vision"));
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn more_neighbours_than_items_are_all_of_them_and_that_is_said() {
    let place = Workplace::new();
    let small = ["--model", "smore", "--set", "smore.vision_neighbours=5000"];
    let args = [&QUICK[..], &small].concat();
    let said = "1 setting asks for more neighbours of an item than there are items";
    let notices = place.report(&args)["notices"].to_string();
    assert!(notices.contains(said) && notices.contains("all are taken (smore.vision_neighbours = 5000)"), "{notices}");
    let notices = place.report(&[&QUICK[..], &small[..2]].concat())["notices"].to_string();
    assert!(!notices.contains("more neighbours"), "{notices}");
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn tuned_settings_lie_under_options() {
    let place = Workplace::new();
    let layers = |args: &[&str]| place.report(args)["config"]["lightgcn"]["layers"].clone();
    let base = [&QUICK[..], &["--model", "lightgcn"]].concat();
    assert_eq!(layers(&base), 3);
    assert_eq!(layers(&[&base[..], &["--set", "lightgcn.layers=1"]].concat()), 1);
    fs::write(place.path("mine.toml"), "lightgcn.layers = 2\n").unwrap();
    assert_eq!(layers(&[&base[..], &["--config", "mine.toml"]].concat()), 2);
}

#[test]
fn mistakes_are_one_line_that_says_what_to_do() {
    let place = Workplace::new();
    place.report(&QUICK);
    let own = place.twin().display().to_string();
    let with = |args: &[&str]| place.run(&[&["--data", own.as_str()], args].concat());
    assert_fails_with(
        &with(&["--set", "anchorrec.temprature=1"]),
        &["anchorrec.temprature", "did you mean `anchorrec.temperature`?"],
    );
    assert_fails_with(&with(&["--set", "anchorrec.temperature=0"]), &["anchorrec.temperature", "above 0"]);
    assert_fails_with(&with(&["--config", "none.toml"]), &["none.toml", "cannot read"]);
    assert_fails_with(&place.run(&["--data", "nowhere"]), &["nowhere"]);
    assert_fails_with(&place.run(&["--dataset", "smal"]), &["smal", "expected one of small"]);

    let inter = place.twin().join("small.inter");
    let good = fs::read_to_string(&inter).unwrap();
    fs::write(&inter, good.replacen("\t0\n", "\t9\n", 1)).unwrap();
    assert_fails_with(&with(&[]), &["small.inter", "9"]);
    fs::write(&inter, "").unwrap();
    assert_fails_with(&with(&[]), &["small.inter", "empty"]);
    fs::write(&inter, &good).unwrap();
    let features = place.twin().join("text_feat.npy");
    let bytes = fs::read(&features).unwrap();
    fs::write(&features, &bytes[..bytes.len() - 10]).unwrap();
    assert_fails_with(&with(&[]), &["text_feat.npy", "bytes"]);
}
