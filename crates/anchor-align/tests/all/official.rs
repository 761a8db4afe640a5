//! A golden file as a model: official names to ours, official settings to ours.

use anchorrec_align::settings::{AmpWeights, TermWeights};
use anchorrec_align::{AnchorRec, Graphs, Modalities, Settings, Targets};
use anchorrec_kernels::Real;
use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::{self, Case, TinyData};
use anchorrec_testkit::random;
use ndarray::Array2;
use std::sync::Arc;

/// Official parameter names and ours.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("user_embedding.weight", "user_embedding.weight"),
    ("item_id_embedding.weight", "item_embedding.weight"),
    ("W_id_i.0.weight", "project_id.0.weight"),
    ("W_id_i.0.bias", "project_id.0.bias"),
    ("W_id_i.2.weight", "project_id.2.weight"),
    ("W_id_i.2.bias", "project_id.2.bias"),
    ("W_mm_i.0.weight", "project_mm.0.weight"),
    ("W_mm_i.0.bias", "project_mm.0.bias"),
    ("W_mm_i.2.weight", "project_mm.2.weight"),
    ("W_mm_i.2.bias", "project_mm.2.bias"),
    ("W_v.0.weight", "project_vision.0.weight"),
    ("W_v.0.bias", "project_vision.0.bias"),
    ("W_v.2.weight", "project_vision.2.weight"),
    ("W_v.2.bias", "project_vision.2.bias"),
    ("W_t.0.weight", "project_text.0.weight"),
    ("W_t.0.bias", "project_text.0.bias"),
    ("W_t.2.weight", "project_text.2.weight"),
    ("W_t.2.bias", "project_text.2.bias"),
    ("D_mm2id.0.weight", "decode_mm.0.weight"),
    ("D_mm2id.0.bias", "decode_mm.0.bias"),
    ("D_mm2id.2.weight", "decode_mm.2.weight"),
    ("D_mm2id.2.bias", "decode_mm.2.bias"),
    ("mm_embedding.weight", "mm.features"),
    ("t_embedding.weight", "text.features"),
    ("v_embedding.weight", "vision.features"),
    ("mm_ln.weight", "mm.norm.weight"),
    ("mm_ln.bias", "mm.norm.bias"),
    ("t_ln.weight", "text.norm.weight"),
    ("t_ln.bias", "text.norm.bias"),
    ("v_ln.weight", "vision.norm.weight"),
    ("v_ln.bias", "vision.norm.bias"),
    ("mm_trs.weight", "mm.transform.weight"),
    ("mm_trs.bias", "mm.transform.bias"),
    ("t_trs.weight", "text.transform.weight"),
    ("t_trs.bias", "text.transform.bias"),
    ("v_trs.weight", "vision.transform.weight"),
    ("v_trs.bias", "vision.transform.bias"),
    ("gate_v.0.weight", "vision.gate.weight"),
    ("gate_v.0.bias", "vision.gate.bias"),
    ("gate_t.0.weight", "text.gate.weight"),
    ("gate_t.0.bias", "text.gate.bias"),
    ("gate_mm.0.weight", "mm.gate.weight"),
    ("gate_mm.0.bias", "mm.gate.bias"),
];

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    let whole = |name: &str| !name.ends_with("_grads_by_term") && !name.ends_with("_float32_losses");
    Case::all(|name| name.starts_with("anchorrec_") && whole(name))
}

fn settings(case: &Case) -> Settings {
    let meta = &case.file["meta"];
    let number = |key: &str| golden::number(&meta[key]);
    Settings {
        embedding_dim: golden::count(&meta["embedding_size"]),
        id_layers: golden::count(&meta["n_ui_layers"]),
        item_layers: golden::count(&meta["n_layers"]),
        neighbours: golden::count(&meta["knn_k"]),
        layer_norm: meta["use_ln"].as_bool().expect("use_ln"),
        temperature: number("tau_weight"),
        decoder_weight: number("recover_lambda"),
        targets: Targets::Shared,
        weights: TermWeights {
            ui: if meta["ui_cosine_loss"].as_bool() == Some(false) { 0.0 } else { number("ui_cosine_loss_weight") },
            reg: number("lambda_weight"),
            align: number("aal_loss"),
            amp: number("amp_loss"),
            smooth: 0.1,
        },
        amp: AmpWeights { mm: 1.0, text: 0.03, vision: 0.01 },
        ..Settings::default()
    }
}

/// The raw features: what the feature parameters start as.
fn features<F: Real>(case: &Case) -> Modalities<Array2<F>> {
    let of = |key: &str| Some(golden::matrix(&case.file["params"][key]).mapv(F::of));
    Modalities { mm: of("mm_embedding.weight"), text: of("t_embedding.weight"), vision: of("v_embedding.weight") }
}

/// The graphs of the case.
pub fn graphs<F: Real>(case: &Case) -> Graphs<F> {
    let TinyData { users, items, pairs, .. } = &case.data;
    Graphs::new(*users, *items, pairs, features(case).as_ref(), &settings(case))
}

/// The model of the case with its initial parameters.
pub fn model<F: Real>(case: &Case) -> AnchorRec<F> {
    model_with(case, Targets::Shared)
}

/// [`model`] with a choice of targets.
pub fn model_with<F: Real>(case: &Case, targets: Targets) -> AnchorRec<F> {
    let settings = Settings { targets, ..settings(case) };
    let batch_size = golden::count(&case.file["meta"]["train_batch_size"]);
    let (graphs, rng) = (Arc::new(graphs(case)), &mut random::generator(0));
    let mut model = AnchorRec::new(&settings, batch_size, graphs, features(case).as_ref(), rng).expect("settings");
    let official = case.file["params"].as_object().expect("params");
    assert_eq!(official.len(), model.params().len(), "{}: every parameter has a counterpart", case.name);
    for (key, value) in official {
        let ours = PARAMETERS.iter().find(|(theirs, _)| theirs == key).unwrap_or_else(|| panic!("unknown {key}")).1;
        let id = model.params().id(ours).unwrap_or_else(|| panic!("no parameter {ours}"));
        let value = golden::matrix(value).mapv(F::of);
        assert_eq!(value.dim(), model.params()[id].dim(), "{key}");
        model.params_mut()[id] = value;
    }
    model
}
