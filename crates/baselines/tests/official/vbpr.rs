//! The golden file of VBPR as a model.
#![allow(dead_code)] // Two test programs share this file, each with a part of it.

use anchorrec_baselines::vbpr::{Settings, Vbpr, side_by_side};
use anchorrec_encoders::{Batch, Recommender};
use anchorrec_testkit::golden::{self, TinyData};
use anchorrec_testkit::random;
use ndarray::Array2;
use serde_json::Value;
use std::sync::Arc;

/// Official parameter names and ours.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("u_embedding", "user_embedding.weight"),
    ("i_embedding", "item_embedding.weight"),
    ("item_linear.weight", "content.weight"),
    ("item_linear.bias", "content.bias"),
];

/// One `vbpr*.json` with the `tiny_data.json` beside it.
pub struct Official {
    /// File name without folder and ending.
    pub stem: String,
    /// The case.
    pub file: Value,
    /// Interactions and batches.
    pub data: TinyData,
}

impl Official {
    /// Every case of the golden folder.
    pub fn all() -> Vec<Official> {
        golden::files(|name| name.starts_with("vbpr"))
            .into_iter()
            .map(|file| Official { stem: file.name, file: file.value, data: TinyData::read() })
            .collect()
    }

    /// The raw features, text before vision.
    pub fn features(&self) -> Array2<f64> {
        let data = golden::file("tiny_data").expect("tiny_data.json beside the cases").value;
        let [text, vision] = ["text_feat", "image_feat"].map(|key| golden::matrix(&data[key]));
        side_by_side(self.data.items, &[text.view(), vision.view()])
    }

    /// The model of the case with its initial parameters.
    pub fn model(&self) -> Vbpr<f64> {
        let meta = &self.file["meta"];
        let settings = Settings {
            embedding_dim: golden::count(&meta["embedding_size"]),
            reg: golden::number(&meta["reg_weight"]),
        };
        let features = Arc::new(self.features());
        let mut model = Vbpr::new(&settings, self.data.users, features, &mut random::generator(0)).expect("settings");
        for (theirs, ours) in PARAMETERS {
            let id = model.params().id(ours).expect(ours);
            model.params_mut()[id] = golden::matrix(&self.file["params"][*theirs]);
        }
        model
    }

    /// Batch `index` of the data.
    pub fn batch(&self, index: usize) -> Batch<'_> {
        let [users, positives, negatives] = &self.data.batches[index];
        Batch { users, positives, negatives, seed: 0 }
    }
}
