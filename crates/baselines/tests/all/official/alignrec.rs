//! The golden file of AlignRec as a model.
use anchorrec_baselines::alignrec::{AlignRec, Graphs, Settings, Targets, TermWeights};
use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::random;
use std::sync::Arc;

/// Official parameter names and ours; the others of the file feed nothing.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("user_embedding.weight", "user_embedding.weight"),
    ("item_id_embedding.weight", "item_embedding.weight"),
    ("mm_embedding.weight", "mm.features"),
    ("mm_trs.weight", "mm.transform.weight"),
    ("mm_trs.bias", "mm.transform.bias"),
    ("gate_v.0.weight", "mm.gate.weight"),
    ("gate_v.0.bias", "mm.gate.bias"),
];

/// Official names of the loss terms and ours.
pub const TERMS: &[(&str, &str)] = &[
    ("bpr", "bpr"),
    ("ui_unweighted", "ui"),
    ("half_l2_unweighted", "reg"),
    ("nce_user", "align_users"),
    ("nce_item", "align_items"),
    ("sim_unweighted", "sim"),
];

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    Case::all(|name| name.starts_with("alignrec"))
}

/// The model of the case with its initial parameters.
pub fn model(case: &Case, targets: Targets) -> AlignRec<f64> {
    let (meta, params, data) = (&case.file["meta"], &case.file["params"], &case.data);
    assert_eq!(meta["use_ln"], false, "{}: a LayerNorm is not offered", case.name);
    assert_eq!(golden::number(&meta["side_emb_div"]), 0.0, "{}: the content part is added whole", case.name);
    let ui = if meta["ui_cosine_loss"] == true { golden::number(&meta["ui_cosine_loss_weight"]) } else { 0.0 };
    let settings = Settings {
        embedding_dim: golden::count(&meta["embedding_size"]),
        id_layers: golden::count(&meta["n_ui_layers"]),
        item_layers: golden::count(&meta["n_layers"]),
        neighbours: golden::count(&meta["knn_k"]),
        temperature: golden::number(&meta["nce_temperature"]),
        targets,
        weights: TermWeights {
            align: golden::number(&meta["cl_loss"]),
            ui,
            sim: golden::number(&meta["sim_weight"]),
            reg: golden::number(&meta["reg_weight"]),
        },
    };
    let features = golden::matrix(&case.file["mm_feat"]);
    assert_eq!(features, golden::matrix(&params["mm_embedding.weight"]), "{}: one storage", case.name);
    let graphs = Graphs::new(data.users, data.items, &data.pairs, Some(&features), settings.neighbours);
    let (batch_size, rng) = (golden::count(&meta["train_batch_size"]), &mut random::generator(0));
    let mut model = AlignRec::new(&settings, batch_size, Arc::new(graphs), Some(&features), rng).expect("settings");
    assert_eq!(model.params().len(), PARAMETERS.len());
    for (theirs, ours) in PARAMETERS {
        let id = model.params().id(ours).expect(ours);
        model.params_mut()[id] = golden::matrix(&params[*theirs]);
    }
    model
}
