//! A golden file of BM3 as a model.
use anchorrec_baselines::bm3::{Bm3, Masks, Settings};
use anchorrec_encoders::Params;
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_recommender::{Batch, Embeddings, Recommender, Step};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::random;
use ndarray::{Array2, Axis};
use std::sync::Arc;

/// Official parameter names and ours.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("user_embedding.weight", "user_embedding.weight"),
    ("item_id_embedding.weight", "item_embedding.weight"),
    ("predictor.weight", "predictor.weight"),
    ("predictor.bias", "predictor.bias"),
    ("text_embedding.weight", "text.features"),
    ("text_trs.weight", "text.transform.weight"),
    ("text_trs.bias", "text.transform.bias"),
    ("image_embedding.weight", "vision.features"),
    ("image_trs.weight", "vision.transform.weight"),
    ("image_trs.bias", "vision.transform.bias"),
];

/// Official names of the loss terms and ours, in our order.
pub const TERMS: [(&str, &str); 7] = [
    ("loss_ui", "ui"),
    ("loss_iu", "iu"),
    ("emb_reg_unweighted", "reg"),
    ("loss_t", "align_text"),
    ("loss_tv", "mask_text"),
    ("loss_v", "align_vision"),
    ("loss_vt", "mask_vision"),
];

/// A model that takes its masks from recorded tables where there are some.
pub struct Recorded {
    /// The model.
    pub model: Bm3<f64>,
    /// For all users, all items, and the features of all items, text before vision; already divided by what is kept.
    tables: Option<[Array2<f64>; 4]>,
}

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    Case::all(|name| name.starts_with("bm3_"))
}

/// The user-item graph.
pub fn graph(case: &Case) -> UserItemGraph<f64> {
    UserItemGraph::new(case.data.users, case.data.items, &case.data.pairs, DegreeOffset::Tiny)
}

/// The model of the case with its initial parameters.
pub fn model(case: &Case) -> Recorded {
    let (meta, params) = (&case.file["meta"], &case.file["params"]);
    let settings = Settings {
        embedding_dim: golden::count(&meta["embedding_size"]),
        layers: golden::count(&meta["n_layers"]),
        dropout: golden::number(&meta["dropout"]),
        reg: golden::number(&meta["reg_weight"]),
        align: golden::number(&meta["cl_weight"]),
    };
    let [text, vision] = ["text_embedding.weight", "image_embedding.weight"].map(|key| golden::matrix(&params[key]));
    let (graph, rng) = (Arc::new(graph(case)), &mut random::generator(0));
    let mut model = Bm3::new(&settings, graph, Some(&text), Some(&vision), rng).expect("settings");
    for (theirs, ours) in PARAMETERS {
        let id = model.params().id(ours).expect(ours);
        model.params_mut()[id] = golden::matrix(&params[*theirs]);
    }
    let masks = case.file.get("dropout_masks");
    assert_eq!(masks.is_some(), settings.dropout > 0.0, "{}: what is dropped is recorded", case.name);
    let tables = masks.map(|masks| {
        ["u_target", "i_target", "t_feat_target", "v_feat_target"]
            .map(|key| golden::matrix(&masks[key]) / (1.0 - settings.dropout))
    });
    Recorded { model, tables }
}

impl Recommender<f64> for Recorded {
    fn params(&self) -> &Params<f64> {
        self.model.params()
    }

    fn params_mut(&mut self) -> &mut Params<f64> {
        self.model.params_mut()
    }

    fn step(&self, batch: &Batch) -> Step<f64> {
        let Some([users, items, text, vision]) = &self.tables else { return self.model.step(batch) };
        let encoded = self.model.encode(batch);
        let rows = |table: &Array2<f64>, rows: &[u32]| {
            table.select(Axis(0), &rows.iter().map(|&row| row as usize).collect::<Vec<_>>())
        };
        let masks = Masks {
            users: rows(users, &encoded.users.ids),
            items: rows(items, &encoded.items.ids),
            modalities: [text, vision].map(|table| rows(table, &encoded.items.ids)).into(),
        };
        self.model.step_towards(&encoded, &encoded.targets(&masks))
    }

    fn embeddings(&self) -> Embeddings<f64> {
        self.model.embeddings()
    }
}
