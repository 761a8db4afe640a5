//! A golden file of LightGCN as a model.
use anchorrec_baselines::lightgcn::{LightGcn, Settings};
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::random;
use std::sync::Arc;

/// Official parameter names and ours.
pub const PARAMETERS: &[(&str, &str)] =
    &[("embedding_dict.user_emb", "user_embedding.weight"), ("embedding_dict.item_emb", "item_embedding.weight")];

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    Case::all(|name| name.starts_with("lightgcn_"))
}

/// The user-item graph.
pub fn graph(case: &Case) -> UserItemGraph<f64> {
    UserItemGraph::new(case.data.users, case.data.items, &case.data.pairs, DegreeOffset::Tiny)
}

/// The model of the case with its initial parameters.
pub fn model(case: &Case) -> LightGcn<f64> {
    let meta = &case.file["meta"];
    let settings = Settings {
        embedding_dim: golden::count(&meta["embedding_size"]),
        layers: golden::count(&meta["n_layers"]),
        reg: golden::number(&meta["reg_weight"]),
    };
    let mut model = LightGcn::new(&settings, Arc::new(graph(case)), &mut random::generator(0)).expect("settings");
    for (theirs, ours) in PARAMETERS {
        let id = model.params().id(ours).expect(ours);
        model.params_mut()[id] = golden::matrix(&case.file["params"][*theirs]);
    }
    model
}
