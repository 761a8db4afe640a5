//! What a run's folder is shown for, and for what it is not: finished runs, other arithmetic, other numerics.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use anchorrec_models::MODELS;
use anchorrec_trainer::numerics;
use serde_json::Value;
use std::fs;
use std::process::Output;

const QUICK: [&str; 6] = ["--dataset", "small", "--epochs", "2", "--set", "train.batch_size=256"];

/// The SHA-256 of the numbers of a file of weights. Its header holds the configuration, which grows with every setting.
fn numbers_sha256(place: &Workplace, report: &Value) -> String {
    let file = fs::read(place.path(report["runs"][0]["checkpoint"].as_str().unwrap())).unwrap();
    let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let numbers = place.path("numbers");
    fs::write(&numbers, &file[8 + header..]).unwrap();
    anchorrec_files::fingerprint::sha256(&numbers).unwrap()
}

/// Marked snapshots, in `trainer/src/numerics.txt`: what each model computes, portable on any machine with IEEE 754 and the GNU C library, and with
/// the instructions of this machine where somebody recorded them.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn recorded_bits_change_with_the_revision_of_the_numerics_only() {
    let place = Workplace::new();
    let (mut wrong, mut not_compared) = (Vec::new(), Vec::new());
    for (portable, option) in [(true, &["--portable"][..]), (false, &[])] {
        for model in MODELS.iter() {
            let report = place.report(&[&QUICK[..], option, &["--model", model.name()]].concat());
            assert_eq!(report["portable"], portable);
            let arithmetic = report["arithmetic"].as_str().unwrap();
            assert_eq!(arithmetic == "portable", portable, "{arithmetic}");
            let (found, family) = (numbers_sha256(&place, &report), arithmetic.split('-').next().unwrap());
            match numerics::recorded(model.name(), arithmetic) {
                Some(recorded) if recorded == found => {}
                Some(_) => wrong.push(format!("{model} {family} {found}")),
                None if portable => wrong.push(format!("{model} {family} {found}")),
                // The instructions of a machine that nobody recorded: nothing to compare with.
                None => not_compared.push(format!("{model} {family}")),
            }
        }
    }
    if !not_compared.is_empty() {
        eprintln!("not compared, because no line is recorded: {}", not_compared.join(", "));
    }
    assert!(
        wrong.is_empty(),
        "other bits than those recorded for revision {}. For a new model, append its line to crates/trainer/src/numerics.txt. For an old one, replace its line \
         if the change is meant, and raise REVISION in numerics.rs beside it:\n{}",
        numerics::REVISION,
        wrong.join("\n")
    );
}

#[test]
fn a_finished_run_is_shown_again_and_trained_again_on_demand_only() {
    let place = Workplace::new();
    let args = [&QUICK[..], &["--model", "lightgcn", "--seeds", "5,6"]].concat();
    let trained = |output: &Output| text(&output.stderr).lines().filter(|line| line.starts_with("epoch ")).count();
    let first = place.run(&args);
    assert_eq!(trained(&first), 4);
    let report = read_report(&first, place.0.path());
    let written = |report: &Value| {
        fs::metadata(place.path(report["runs"][0]["checkpoint"].as_str().unwrap())).unwrap().modified()
    };
    let when = written(&report).unwrap();
    for more in [&[][..], &["--resume"]] {
        let again = place.run(&[&args[..], more].concat());
        assert_eq!((trained(&again), text(&again.stdout)), (0, text(&first.stdout)), "{}", text(&again.stderr));
        assert!(text(&again.stderr).contains("finished") && text(&again.stderr).contains("--restart"));
        assert_eq!(read_report(&again, place.0.path()), report);
    }
    assert_eq!(written(&report).unwrap(), when);
    let one_more = place.run(&[&QUICK[..], &["--model", "lightgcn", "--seeds", "5,6,7"]].concat());
    assert_eq!(trained(&one_more), 2, "one seed more trains one seed: {}", text(&one_more.stderr));
    let restarted = place.run(&[&args[..], &["--restart"]].concat());
    assert_eq!(trained(&restarted), 4);
    let hashes = |report: &Value| [0, 1].map(|run| report["runs"][run]["checkpoint_sha256"].clone());
    assert_eq!(hashes(&read_report(&restarted, place.0.path())), hashes(&report));
}

/// What a seed left open asks nothing of another one.
#[test]
fn a_seed_that_never_ran_is_trained_beside_one_that_was_interrupted() {
    let place = Workplace::new();
    let of_seeds = |seeds: &'static str| [&QUICK[..], &["--model", "lightgcn", "--seeds", seeds]].concat();
    let undisturbed = place.report(&of_seeds("6"));
    // As if it had been killed before its record was written.
    let record = place.path(undisturbed["runs"][0]["checkpoint"].as_str().unwrap()).with_file_name("seed-6.json");
    fs::remove_file(&record).unwrap();
    fs::remove_file(record.with_file_name("report.json")).unwrap();

    assert_eq!(place.report(&of_seeds("5"))["runs"].as_array().unwrap().len(), 1, "seed 5 never ran");
    for seeds in ["6", "5,6"] {
        let refused = place.run(&of_seeds(seeds));
        assert_fails_with(&refused, &["interrupted run", "of seed 6:", "--resume", "--restart"]);
    }
    assert_eq!(place.report(&of_seeds("5"))["runs"][0]["seed"], 5, "and is shown again");
    let both = place.report(&[&of_seeds("5,6")[..], &["--resume"]].concat());
    assert_eq!(both["runs"][1]["checkpoint_sha256"], undisturbed["runs"][0]["checkpoint_sha256"]);
}

/// Whatever the folder's name: what is in it says with which arithmetic it was computed.
#[test]
fn a_finished_run_is_never_shown_for_one_of_another_arithmetic() {
    let place = Workplace::new();
    let plain = place.report(&QUICK);
    let portable = place.report(&[&QUICK[..], &["--portable"]].concat());
    assert_ne!(portable["runs"][0]["checkpoint"], plain["runs"][0]["checkpoint"], "two folders");
    assert_eq!((&plain["portable"], &portable["portable"]), (&Value::from(false), &Value::from(true)));

    // As if another machine had computed it: with other instructions, or with the same and other caches; or another revision of this program.
    let kept = place.path(plain["runs"][0]["checkpoint"].as_str().unwrap()).with_file_name("identity.json");
    let here = fs::read_to_string(&kept).unwrap();
    let arithmetic = plain["arithmetic"].as_str().unwrap();
    let (family, _) = arithmetic.split_once('-').unwrap();
    let numerics = plain["numerics"].as_str().unwrap();
    for (key, ours, theirs) in [
        ("arithmetic", arithmetic, "avx1-01234567".to_owned()),
        ("arithmetic", arithmetic, format!("{family}-01234567")),
        ("numerics", numerics, "revision 0".to_owned()),
    ] {
        fs::write(&kept, here.replace(ours, &theirs)).unwrap();
        for more in [&[][..], &["--resume"], &["--seeds", "1"]] {
            let refused = place.run(&[&QUICK[..], more].concat());
            assert_fails_with(&refused, &[&format!("{key} is {ours}, was {theirs}"), "--out", "--restart"]);
        }
    }
    fs::remove_file(&kept).unwrap();
    assert_fails_with(&place.run(&QUICK), &["earlier version", "--restart"]);
    let again = place.report(&[&QUICK[..], &["--restart"]].concat());
    assert_eq!(again["runs"][0]["checkpoint_sha256"], plain["runs"][0]["checkpoint_sha256"]);
    assert_eq!(fs::read_to_string(&kept).unwrap(), here);
}
