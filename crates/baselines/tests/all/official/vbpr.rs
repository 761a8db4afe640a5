//! The golden file of VBPR as a model.
use anchorrec_baselines::vbpr::{Settings, Vbpr, side_by_side};
use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::random;
use ndarray::Array2;
use std::sync::Arc;

/// Official parameter names and ours.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("u_embedding", "user_embedding.weight"),
    ("i_embedding", "item_embedding.weight"),
    ("item_linear.weight", "content.weight"),
    ("item_linear.bias", "content.bias"),
];

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    Case::all(|name| name.starts_with("vbpr"))
}

/// The raw features, text before vision.
pub fn features(case: &Case) -> Array2<f64> {
    let data = golden::file("tiny_data").expect("tiny_data.json beside the cases").value;
    let [text, vision] = ["text_feat", "image_feat"].map(|key| golden::matrix(&data[key]));
    side_by_side(case.data.items, &[text.view(), vision.view()])
}

/// The model of the case with its initial parameters.
pub fn model(case: &Case) -> Vbpr<f64> {
    let meta = &case.file["meta"];
    let settings =
        Settings { embedding_dim: golden::count(&meta["embedding_size"]), reg: golden::number(&meta["reg_weight"]) };
    let features = Arc::new(features(case));
    let mut model = Vbpr::new(&settings, case.data.users, features, &mut random::generator(0)).expect("settings");
    for (theirs, ours) in PARAMETERS {
        let id = model.params().id(ours).expect(ours);
        model.params_mut()[id] = golden::matrix(&case.file["params"][*theirs]);
    }
    model
}
