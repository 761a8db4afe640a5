//! A golden file of DA-MRS as a model.
use anchorrec_baselines::damrs::{DaMrs, Exponents, Graphs, Settings, TermWeights};
use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::random;
use std::sync::Arc;

/// Official parameter names and ours; the official model also lists the frozen features and two layers that feed nothing.
pub const PARAMETERS: &[(&str, &str)] =
    &[("user_embedding.weight", "user_embedding.weight"), ("item_id_embedding.weight", "item_embedding.weight")];

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    Case::all(|name| name.starts_with("damrs"))
}

/// The model of the case with its initial parameters.
pub fn model(case: &Case) -> DaMrs<f64> {
    let (meta, params, data) = (&case.file["meta"], &case.file["params"], &case.data);
    let exponents = &meta["weight_exponents"];
    let settings = Settings {
        embedding_dim: golden::count(&meta["embedding_size"]),
        id_layers: golden::count(&meta["n_ui_layers"]),
        item_layers: golden::count(&meta["n_mm_layers"]),
        neighbours: golden::count(&meta["knn_k"]),
        behaviour_neighbours: golden::count(&meta["session_per_item"]),
        near: golden::count(&meta["nd_neighbours"][0]),
        next: golden::count(&meta["nd_neighbours"][1]),
        temperature: golden::number(&meta["nd_temperature"]),
        exponents: Exponents {
            mean: golden::number(&exponents[0]),
            agreement: golden::number(&exponents[1]),
            doubt: golden::number(&exponents[2]),
        },
        weights: TermWeights { nd: golden::number(&meta["neighbor_weight"]), kl: golden::number(&meta["kl_weight"]) },
    };
    let [vision, text] = ["image_embedding.weight", "text_embedding.weight"].map(|key| golden::matrix(&params[key]));
    let graphs = Graphs::new(data.users, data.items, &data.pairs, Some(&vision), Some(&text), &settings);
    let mut model = DaMrs::new(&settings, Arc::new(graphs), &mut random::generator(0)).expect("settings");
    for (theirs, ours) in PARAMETERS {
        let id = model.params().id(ours).expect(ours);
        model.params_mut()[id] = golden::matrix(&params[*theirs]);
    }
    model
}
