//! Every model of the list against the values of its official implementation, and whether a wrong one would be noticed.

use anchorrec_conformance::golden::{Translation, build, compare};
use anchorrec_models::MODELS;
use anchorrec_testkit::golden::{self, Case};
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The cases of a model that a model of the list, built by its contract, can be compared with.
fn cases(translation: &Translation) -> Vec<Case> {
    translation.cases().into_iter().filter(|case| translation.drawn(case).is_none()).collect()
}

#[test]
fn every_model_of_the_list_computes_what_its_official_implementation_did() {
    let mut without = Vec::new();
    for model in MODELS.iter() {
        let Some(translation) = Translation::find(model.name()) else {
            without.push(model.title());
            continue;
        };
        for case in translation.cases() {
            match translation.drawn(&case) {
                Some(drawn) => println!("{}: recorded draws, compared by {}", case.name, drawn.test),
                None => compare(&translation, &case, &|changes| build(&translation, &case, model.exact(), changes)),
            }
        }
    }
    println!(
        "models without golden values: {}",
        if without.is_empty() { "none".to_owned() } else { without.join(", ") }
    );
}

/// A case that the list cannot build is compared by a test that says so; a file that no model has, or a translation of no model, is compared nowhere.
#[test]
fn no_golden_file_is_left_out() {
    let translations = Translation::all();
    for translation in &translations {
        assert!(MODELS.names().contains(&translation.model.as_str()), "{} is no model of the list", translation.model);
        for drawn in translation.cases().iter().filter_map(|case| translation.drawn(case)) {
            let test = std::fs::read_to_string(drawn.path()).unwrap_or_else(|e| panic!("{}: {e}", drawn.test));
            let calls =
                test.contains("compare(") && test.contains(&format!("Translation::of(\"{}\")", translation.model));
            assert!(calls, "{} does not compare the cases of {}", drawn.test, translation.model);
        }
    }
    for file in golden::files(|_| true).iter().filter(|file| file.value["params"].is_object()) {
        let whose: Vec<&str> =
            translations.iter().filter(|all| all.names(&file.name)).map(|all| all.model.as_str()).collect();
        assert_eq!(whose.len(), 1, "{}.json belongs to {whose:?}", file.name);
    }
}

/// The first number under a place of a file, moved by a part in a million.
fn nudged(case: &Case, place: &str) -> Option<Case> {
    fn first(value: &mut Value) -> Option<&mut Value> {
        match value {
            Value::Number(number) => (number.as_f64() != Some(0.0)).then_some(value),
            Value::Array(all) => all.iter_mut().find_map(first),
            Value::Object(all) => all.iter_mut().find_map(|(_, value)| first(value)),
            _ => None,
        }
    }
    let mut file = case.file.clone();
    let number = first(file.pointer_mut(place)?)?;
    *number = (number.as_f64().expect("a number") * (1.0 + 1e-6)).into();
    Some(Case { file, name: case.name.clone(), data: golden::TinyData::of(&case.file) })
}

#[test]
fn one_number_that_is_off_by_a_millionth_is_noticed() {
    let mut noticed = 0;
    for model in MODELS.iter() {
        let Some(translation) = Translation::find(model.name()) else { continue };
        let Some(case) = cases(&translation).into_iter().next() else { continue };
        let (of_one, _) = translation.parameters(&case)[0];
        let of_parameters =
            ["grads", "adam/params_after_1", "adam/params_after_3"].map(|part| format!("/{part}/{of_one}"));
        let others = ["losses/total", "losses/terms_batch2_partial", "eval_scores", "forward/final_user"];
        let of_steps = ["adam/loss_at_step", "adam/evaluation_after_3/scores"];
        let others = others.iter().chain(&of_steps).map(|part| format!("/{part}"));
        for place in of_parameters.into_iter().chain(others) {
            let Some(wrong) = nudged(&case, &place) else { continue };
            let same = catch_unwind(AssertUnwindSafe(|| {
                compare(&translation, &wrong, &|changes| build(&translation, &case, model.exact(), changes));
            }));
            assert!(same.is_err(), "{}: nobody looks at {place}", case.name);
            noticed += 1;
        }
    }
    assert!(noticed > 0, "no case was changed");
}
