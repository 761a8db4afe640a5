//! A golden file of FREEDOM as a model.
use anchorrec_baselines::freedom::{Freedom, Graphs, Settings};
use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::random;
use std::sync::Arc;

/// Official parameter names and ours.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("user_embedding.weight", "user_embedding.weight"),
    ("item_id_embedding.weight", "item_embedding.weight"),
    ("text_embedding.weight", "text.features"),
    ("text_trs.weight", "text.transform.weight"),
    ("text_trs.bias", "text.transform.bias"),
    ("image_embedding.weight", "vision.features"),
    ("image_trs.weight", "vision.transform.weight"),
    ("image_trs.bias", "vision.transform.bias"),
];

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    Case::all(|name| name.starts_with("freedom_"))
}

/// The model of the case with its initial parameters, on the edges that the case kept.
pub fn model(case: &Case) -> Freedom<f64> {
    let (meta, params, data) = (&case.file["meta"], &case.file["params"], &case.data);
    let settings = Settings {
        embedding_dim: golden::count(&meta["embedding_size"]),
        id_layers: golden::count(&meta["n_ui_layers"]),
        item_layers: golden::count(&meta["n_mm_layers"]),
        neighbours: golden::count(&meta["knn_k"]),
        vision_weight: golden::number(&meta["mm_image_weight"]),
        dropout: golden::number(&meta["dropout"]),
        reg: golden::number(&meta["reg_weight"]),
    };
    let [text, vision] = ["text_embedding.weight", "image_embedding.weight"].map(|key| golden::matrix(&params[key]));
    let graphs = Graphs::new(data.users, data.items, &data.pairs, Some(&text), Some(&vision), &settings);
    let rng = &mut random::generator(0);
    let mut model = Freedom::new(&settings, Arc::new(graphs), Some(&text), Some(&vision), rng).expect("settings");
    for (theirs, ours) in PARAMETERS {
        let id = model.params().id(ours).expect(ours);
        model.params_mut()[id] = golden::matrix(&params[*theirs]);
    }
    let graph = &case.file["graph"];
    if let Some(kept) = graph.get("kept_edge_idx") {
        let [users, items] = ["edge_users", "edge_items"].map(|key| golden::indices(&graph[key]));
        let pairs = golden::indices(kept).into_iter().map(|edge| (users[edge as usize], items[edge as usize]));
        model.train_on(&pairs.collect::<Vec<_>>());
    }
    model
}
