//! A golden file of LATTICE as a model.
use anchorrec_baselines::lattice::{Graphs, Lattice, Settings};
use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::random;
use std::sync::Arc;

/// Official parameter names and ours.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("modal_weight", "modality_weights"),
    ("user_embedding.weight", "user_embedding.weight"),
    ("item_id_embedding.weight", "item_embedding.weight"),
    ("image_embedding.weight", "vision.features"),
    ("image_trs.weight", "vision.transform.weight"),
    ("image_trs.bias", "vision.transform.bias"),
    ("text_embedding.weight", "text.features"),
    ("text_trs.weight", "text.transform.weight"),
    ("text_trs.bias", "text.transform.bias"),
];

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    Case::all(|name| name.starts_with("lattice"))
}

/// The model of the case with its initial parameters.
pub fn model(case: &Case) -> Lattice<f64> {
    let (meta, params, data) = (&case.file["meta"], &case.file["params"], &case.data);
    let settings = Settings {
        embedding_dim: golden::count(&meta["embedding_size"]),
        id_layers: golden::count(&meta["n_ui_layers"]),
        item_layers: golden::count(&meta["n_layers"]),
        neighbours: golden::count(&meta["knn_k"]),
        frozen_share: golden::number(&meta["lambda_coeff"]),
        reg: golden::number(&meta["reg_weight"]),
    };
    let [vision, text] = ["image_embedding.weight", "text_embedding.weight"].map(|key| golden::matrix(&params[key]));
    let graphs = Graphs::new(data.users, data.items, &data.pairs, Some(&vision), Some(&text), &settings);
    let (graphs, batch_size) = (Arc::new(graphs), golden::count(&meta["train_batch_size"]));
    let rng = &mut random::generator(0);
    let mut model = Lattice::new(&settings, batch_size, graphs, Some(&vision), Some(&text), rng).expect("settings");
    for (theirs, ours) in PARAMETERS {
        let id = model.params().id(ours).expect(ours);
        model.params_mut()[id] = golden::matrix(&params[*theirs]);
    }
    model
}
