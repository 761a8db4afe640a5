//! The golden file of SMORE as a model.
use anchorrec_baselines::smore::{Graphs, Masks, Settings, Smore, TermWeights};
use anchorrec_encoders::Params;
use anchorrec_recommender::{Batch, BatchRows, Distinct, Embeddings, Recommender, Step};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::random;
use ndarray::{Array2, Axis};
use serde_json::Value;
use std::sync::Arc;

/// Official parameter names and ours.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("user_embedding.weight", "user_embedding.weight"),
    ("item_id_embedding.weight", "item_embedding.weight"),
    ("image_embedding.weight", "vision.features"),
    ("image_trs.weight", "vision.transform.weight"),
    ("image_trs.bias", "vision.transform.bias"),
    ("text_embedding.weight", "text.features"),
    ("text_trs.weight", "text.transform.weight"),
    ("text_trs.bias", "text.transform.bias"),
    ("image_complex_weight", "vision.filter"),
    ("text_complex_weight", "text.filter"),
    ("fusion_complex_weight", "fusion.filter"),
    ("gate_v.0.weight", "vision.gate.weight"),
    ("gate_v.0.bias", "vision.gate.bias"),
    ("gate_t.0.weight", "text.gate.weight"),
    ("gate_t.0.bias", "text.gate.bias"),
    ("gate_f.0.weight", "fusion.gate.weight"),
    ("gate_f.0.bias", "fusion.gate.bias"),
    ("query_v.0.weight", "vision.query.0.weight"),
    ("query_v.0.bias", "vision.query.0.bias"),
    ("query_v.2.weight", "vision.query.2.weight"),
    ("query_t.0.weight", "text.query.0.weight"),
    ("query_t.0.bias", "text.query.0.bias"),
    ("query_t.2.weight", "text.query.2.weight"),
    ("gate_image_prefer.0.weight", "vision.preference.weight"),
    ("gate_image_prefer.0.bias", "vision.preference.bias"),
    ("gate_text_prefer.0.weight", "text.preference.weight"),
    ("gate_text_prefer.0.bias", "text.preference.bias"),
    ("gate_fusion_prefer.0.weight", "fusion.preference.weight"),
    ("gate_fusion_prefer.0.bias", "fusion.preference.bias"),
];

/// Official names of the loss terms and ours.
pub const TERMS: &[(&str, &str)] =
    &[("bpr", "bpr"), ("half_l2_unweighted", "reg"), ("nce_user", "align_users"), ("nce_item", "align_items")];

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    Case::all(|name| name.starts_with("smore"))
}

/// A model that takes its masks from recorded tables where there are some: a batch's seed is the number of the step, from 0.
pub struct Recorded {
    /// The model.
    pub model: Smore<f64>,
    /// For each step `q_v, q_t, q_f` of all users and items, already divided by what is kept.
    draws: Vec<Option<Masks<f64>>>,
}

/// Settings of the case.
pub fn settings(case: &Case) -> Settings {
    let meta = &case.file["meta"];
    Settings {
        embedding_dim: golden::count(&meta["embedding_size"]),
        id_layers: golden::count(&meta["n_ui_layers"]),
        item_layers: golden::count(&meta["n_layers"]),
        vision_neighbours: golden::count(&meta["image_knn_k"]),
        text_neighbours: golden::count(&meta["text_knn_k"]),
        dropout: golden::number(&meta["dropout_rate"]),
        temperature: golden::number(&meta["nce_temperature"]),
        weights: TermWeights { align: golden::number(&meta["cl_loss"]), reg: golden::number(&meta["reg_weight"]) },
    }
}

/// The raw features of images and of texts.
pub fn features(case: &Case) -> [Array2<f64>; 2] {
    ["image_embedding.weight", "text_embedding.weight"].map(|key| golden::matrix(&case.file["params"][key]))
}

/// The model of the case with its initial parameters.
pub fn model(case: &Case) -> Recorded {
    let (params, data, settings) = (&case.file["params"], &case.data, settings(case));
    let [vision, text] = features(case);
    let graphs = Graphs::new(data.users, data.items, &data.pairs, Some(&vision), Some(&text), &settings);
    let (batch_size, rng) = (golden::count(&case.file["meta"]["train_batch_size"]), &mut random::generator(0));
    let model = Smore::new(&settings, batch_size, Arc::new(graphs), Some(&vision), Some(&text), rng);
    let mut model = model.expect("settings");
    assert_eq!(model.params().len(), PARAMETERS.len());
    for (theirs, ours) in PARAMETERS {
        let id = model.params().id(ours).expect(ours);
        model.params_mut()[id] = golden::matrix(&params[*theirs]);
    }
    let kept = 1.0 - settings.dropout;
    let masks = |draw: &Value| {
        (settings.dropout > 0.0).then(|| ["q_v", "q_t", "q_f"].map(|key| golden::matrix(&draw["mask"][key]) / kept))
    };
    let steps = case.file["adam"]["loss_at_step"].as_array().expect("losses").len();
    let names = (1..steps).map(|step| format!("step_{step}")).chain([format!("after_{}", steps - 1)]);
    let draws = names.map(|name| masks(&case.file["draws"][name])).collect();
    Recorded { model, draws }
}

impl Recorded {
    /// The masks of all users and items in a step.
    pub fn masks(&self, step: u64) -> Option<&Masks<f64>> {
        self.draws[step as usize].as_ref()
    }
}

impl Recommender<f64> for Recorded {
    fn params(&self) -> &Params<f64> {
        self.model.params()
    }

    fn params_mut(&mut self) -> &mut Params<f64> {
        self.model.params_mut()
    }

    fn step(&self, batch: &Batch) -> Step<f64> {
        let users = Distinct::<f64>::new(batch.users).ids;
        let items = BatchRows::<f64>::new(batch).items;
        let all_users = self.model.graphs().user_item.users();
        let nodes: Vec<usize> = users
            .iter()
            .map(|&user| user as usize)
            .chain(items.iter().map(|&item| all_users + item as usize))
            .collect();
        let masks = self.masks(batch.seed).map(|masks| masks.each_ref().map(|mask| mask.select(Axis(0), &nodes)));
        self.model.step_with(batch, masks.as_ref())
    }

    fn embeddings(&self) -> Embeddings<f64> {
        self.model.embeddings()
    }
}
