//! Every method beside numpy, which takes the formulas at their word: dense inverses, full sorts (`by_numpy.py` wrote `by_numpy.json`).

use anchorrec_closed_forms::{Content, Fitter, FoldIn, KnnSettings, Popularity, Setting, Solver, Taken};
use anchorrec_testkit::assert_close;
use ndarray::Array2;
use serde_json::Value;

fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// `B`: row `i` is what somebody gets who took item `i` alone.
fn weights(scores: &dyn FoldIn) -> Array2<f64> {
    let items = scores.items();
    let rows: Vec<f64> = (0..items as u32).flat_map(|item| scores.scores(&[item])).collect();
    Array2::from_shape_vec((items, items), rows).unwrap()
}

#[test]
fn every_method_agrees_with_numpy() {
    let written: Value = serde_json::from_str(include_str!("by_numpy.json")).unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let count = |name: &str| written[name].as_u64().unwrap() as usize;
    let pairs: Vec<(u32, u32)> = serde_json::from_value(written["pairs"].clone()).unwrap();
    let taken = Taken::new(count("users"), count("items"), pairs);
    assert_eq!(
        (taken.by_item(7), taken.by_user(4)),
        (&[][..], &[][..]),
        "an item that nobody took, a user without a row"
    );

    let want: Vec<f64> = serde_json::from_value(written["popularity"].clone()).unwrap();
    assert_eq!(Popularity::new(&taken).scores(&[]), want);

    let features = matrix(&written["features"]).mapv(|x| x as f32);
    let features = vec![("text".to_owned(), Content::new(features.view()).unwrap())];
    let fitter = Fitter { taken, features, solver: Solver::Exact { most_items: 100 } };
    let compare = |setting: Setting, want: &Value| {
        let (got, want) = (weights(&*fitter.fit(&setting).unwrap()), matrix(want));
        // Inverses of matrices with a condition of some hundreds: 13 digits of the largest, since off the diagonal they cancel.
        let scale = want.iter().fold(0.0, |most: f64, w| most.max(w.abs()));
        assert_close(&setting.to_string(), (got / scale + 1.0).view(), (want / scale + 1.0).view(), 1e-12);
    };
    for case in written["item_knn"].as_array().unwrap() {
        let neighbours = case["neighbours"].as_u64().unwrap() as usize;
        let settings = KnnSettings { neighbours, shrinkage: number(&case["shrinkage"]) };
        compare(Setting::ItemKnn(settings), &case["weights"]);
    }
    for case in written["ease"].as_array().unwrap() {
        compare(Setting::Ease { lambda: number(&case["lambda"]) }, &case["weights"]);
    }
    for case in written["l3ae"].as_array().unwrap() {
        let [lambda, lambda_f, rho] = ["lambda", "lambda_f", "rho"].map(|name| number(&case[name]));
        compare(Setting::L3ae { lambda, features: "text".to_owned(), lambda_f, rho }, &case["weights"]);
    }
}
