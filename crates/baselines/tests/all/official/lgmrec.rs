//! The golden file of LGMRec as a model.
use anchorrec_baselines::lgmrec::{Draw, Draws, Graphs, LgmRec, Settings, TermWeights};
use anchorrec_encoders::Params;
use anchorrec_recommender::{Batch, Embeddings, FeatureTables, Recommender, Step, TrainingSet};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::random;
use serde_json::Value;
use std::sync::Arc;

/// Official parameter names and ours; the feature tables of the file are frozen.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("user_embedding.weight", "user_embedding.weight"),
    ("item_id_embedding.weight", "item_embedding.weight"),
    ("item_image_trs", "vision.projection"),
    ("v_hyper", "vision.hyperedges"),
    ("item_text_trs", "text.projection"),
    ("t_hyper", "text.hyperedges"),
];

/// Official names of the loss terms and ours.
pub const TERMS: &[(&str, &str)] =
    &[("bpr", "bpr"), ("hcl_user", "contrast_users"), ("hcl_item", "contrast_items"), ("reg_unweighted", "reg")];

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    Case::all(|name| name.starts_with("lgmrec"))
}

/// A model that takes its draws from recorded tables: a batch's seed is the number of the step, from 0.
pub struct Recorded {
    /// The model.
    pub model: LgmRec<f64>,
    draws: Vec<Draws<f64>>,
    evaluation: Draws<f64>,
}

/// Recorded draws by their name.
pub fn draws(case: &Case, name: &str) -> Draws<f64> {
    let (recorded, keep_rate) = (&case.file["draws"][name], golden::number(&case.file["meta"]["keep_rate"]));
    let draw = |node: &str, modality: &str| {
        let table = |kind: &str| {
            let table = &recorded[kind][format!("{node}_{modality}")];
            (*table != Value::Null).then(|| golden::matrix(table))
        };
        Draw { gumbel: table("gumbel"), mask: table("mask").map(|mask| mask / keep_rate) }
    };
    Draws { modalities: ["v", "t"].map(|modality| ["item", "user"].map(|node| draw(node, modality))).into() }
}

/// The model of the case with its initial parameters.
pub fn model(case: &Case) -> Recorded {
    let (meta, params, data) = (&case.file["meta"], &case.file["params"], &case.data);
    assert_eq!(meta["cf_model"], "lightgcn", "{}", case.name);
    assert_eq!(meta["feat_embed_dim"], meta["embedding_size"], "{}: one width", case.name);
    let settings = Settings {
        embedding_dim: golden::count(&meta["embedding_size"]),
        id_layers: golden::count(&meta["n_ui_layers"]),
        local_layers: golden::count(&meta["n_mm_layers"]),
        hypergraph_layers: golden::count(&meta["n_hyper_layer"]),
        hyperedges: golden::count(&meta["hyper_num"]),
        dropout: 1.0 - golden::number(&meta["keep_rate"]),
        global_weight: golden::number(&meta["alpha"]),
        temperature: golden::number(&meta["tau"]),
        gumbel_at_evaluation: true,
        weights: TermWeights { align: golden::number(&meta["cl_weight"]), reg: golden::number(&meta["reg_weight"]) },
    };
    let [vision, text] = ["image_embedding.weight", "text_embedding.weight"].map(|key| golden::matrix(&params[key]));
    let features = FeatureTables { mm: None, text: Some(&text), vision: Some(&vision) };
    let set = TrainingSet { users: data.users, items: data.items, pairs: &data.pairs, features };
    let mut model = LgmRec::new(&settings, Arc::new(Graphs::new(&set)), &mut random::generator(0)).expect("settings");
    assert_eq!(model.params().len(), PARAMETERS.len());
    for (theirs, ours) in PARAMETERS {
        let id = model.params().id(ours).expect(ours);
        model.params_mut()[id] = golden::matrix(&params[*theirs]);
    }
    let steps = case.file["adam"]["loss_at_step"].as_array().expect("losses").len();
    let names = (1..steps).map(|step| format!("step_{step}")).chain([format!("after_{}", steps - 1)]);
    let recorded = names.map(|name| draws(case, &name)).collect();
    Recorded { model, draws: recorded, evaluation: draws(case, "evaluation") }
}

impl Recommender<f64> for Recorded {
    fn params(&self) -> &Params<f64> {
        self.model.params()
    }

    fn params_mut(&mut self) -> &mut Params<f64> {
        self.model.params_mut()
    }

    fn step(&self, batch: &Batch) -> Step<f64> {
        self.model.step_with(batch, &self.draws[batch.seed as usize])
    }

    fn embeddings(&self) -> Embeddings<f64> {
        self.model.embeddings_with(&self.evaluation)
    }
}
