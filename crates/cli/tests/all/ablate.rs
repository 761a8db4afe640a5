//! `anchorrec ablate`: variants trained, looked at, compared; nothing trained twice.

use crate::workplace::{Workplace, assert_fails_with, text};
use serde_json::Value;
use std::fs;
use std::process::Output;

fn ablate(place: &Workplace, args: &[&str]) -> Output {
    let quick = ["--dataset", "small", "--epochs", "2", "--seeds", "1,2", "--set", "train.batch_size=256"];
    place.anchorrec("ablate").args(quick).args(args).output().unwrap()
}

fn comparison(place: &Workplace) -> Value {
    serde_json::from_str(&fs::read_to_string(place.path("runs/small/comparison.json")).unwrap()).unwrap()
}

#[test]
fn variants_are_compared_with_the_method() {
    let place = Workplace::new();
    let output = ablate(&place, &["--only", "no-amp,random-features,shared-targets", "--models"]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    // The default targets are the method itself.
    assert!(stderr.contains("shared-targets: left out, the same as one before"), "{stderr}");
    let told = comparison(&place);
    let variants = told["variants"].as_array().unwrap();
    let names: Vec<&str> = variants.iter().map(|variant| variant["name"].as_str().unwrap()).collect();
    assert_eq!(names[..3], ["anchorrec", "no-amp", "random-features"]);
    assert!(names.contains(&"lightgcn"), "{names:?}");
    for (variant, name) in variants.iter().zip(&names) {
        assert!(stdout.contains(name), "{name} is in the table: {stdout}");
        let folder = place.path("runs/small").join(variant["folder"].as_str().unwrap());
        for file in ["report.json", "seed-1.analysis.json", "seed-2.analysis.json", "seed-2.users.json"] {
            assert!(folder.join(file).is_file(), "{name}: {file}");
        }
        assert_eq!(variant["against"].as_object().unwrap().is_empty(), *name == "anchorrec");
        let overlap = variant["collapse"]["overlap final-raw_mm"]["mean"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&overlap), "{name}: {overlap}");
    }
    // Two metrics for each variant but the method.
    assert_eq!(told["comparisons"].as_u64().unwrap() as usize, 2 * (names.len() - 1));
    assert!(stdout.contains("SYNTHETIC DATA"), "{stdout}");

    let again = ablate(&place, &["--only", "no-amp,random-features,shared-targets", "--models"]);
    let trained = text(&again.stderr).lines().filter(|line| line.starts_with("epoch ")).count();
    assert_eq!((again.status.success(), trained), (true, 0), "{}", text(&again.stderr));
    assert_eq!(comparison(&place), told);
}

#[test]
fn a_variant_that_does_not_exist_is_named_with_those_that_do() {
    let output = ablate(&Workplace::new(), &["--only", "no-amp,no-nothing"]);
    assert_fails_with(&output, &["no-nothing", "no-aal", "shuffled-features", "lightgcn"]);
}

#[test]
fn a_variant_that_diverges_is_recorded_and_the_others_are_compared() {
    let place = Workplace::new();
    // The product of this weight and the cosines over this temperature is infinite in 32 bits; no other model reads them.
    let args =
        ["--only", "no-amp,alignrec", "--set", "alignrec.weights.align=1e37", "--set", "alignrec.temperature=1e-30"];
    for again in [false, true] {
        let output = ablate(&place, &args);
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{again}: {stdout}{stderr}");
        assert!(
            stderr.contains("alignrec: diverged, epoch 1, batch") && stdout.contains("diverged (epoch 1"),
            "{stderr}{stdout}"
        );
        let told = comparison(&place);
        let names: Vec<&str> =
            told["variants"].as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["anchorrec", "no-amp"]);
        assert_eq!((&told["diverged"][0]["name"], told["comparisons"].as_u64()), (&Value::from("alignrec"), Some(2)));
    }
    // Without the reference there is nothing to compare with.
    let output = ablate(&place, &["--only", "no-amp", "--set", "train.learning_rate=1e30", "--out", "elsewhere"]);
    assert_fails_with(&output, &["anchorrec diverged (epoch 1", "train.learning_rate"]);
}

#[test]
fn a_model_that_refuses_the_features_is_left_out_before_anything_is_trained() {
    let place = Workplace::new();
    let manifest = place.path("datasets/small/manifest.toml");
    let without_vision = fs::read_to_string(&manifest).unwrap().replace("vision = 16\n", "");
    fs::write(&manifest, without_vision).unwrap();
    let output = ablate(&place, &["--only", "no-amp,smore"]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    let told = stderr.find("smore: left out, there are not both").unwrap_or_else(|| panic!("{stderr}"));
    assert!(told < stderr.find("variant 1 of 2").unwrap(), "{stderr}");
    let names: Vec<Value> =
        comparison(&place)["variants"].as_array().unwrap().iter().map(|v| v["name"].clone()).collect();
    assert_eq!(names, ["anchorrec", "no-amp"]);
}
