//! A golden file of LightGCN as a model.
#![allow(dead_code)] // Two test programs share this file, each with a part of it.

use anchorrec_baselines::lightgcn::{LightGcn, Settings};
use anchorrec_encoders::{Batch, Recommender};
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_testkit::golden::{self, TinyData};
use anchorrec_testkit::random;
use serde_json::Value;
use std::sync::Arc;

/// Official parameter names and ours.
pub const PARAMETERS: &[(&str, &str)] =
    &[("embedding_dict.user_emb", "user_embedding.weight"), ("embedding_dict.item_emb", "item_embedding.weight")];

/// One `lightgcn_*.json` with the `tiny_data.json` beside it.
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
        golden::files(|name| name.starts_with("lightgcn_"))
            .into_iter()
            .map(|file| Official { stem: file.name, file: file.value, data: TinyData::read() })
            .collect()
    }

    /// The user-item graph.
    pub fn graph(&self) -> UserItemGraph<f64> {
        UserItemGraph::new(self.data.users, self.data.items, &self.data.pairs, DegreeOffset::Tiny)
    }

    /// The model of the case with its initial parameters.
    pub fn model(&self) -> LightGcn<f64> {
        let meta = &self.file["meta"];
        let settings = Settings {
            embedding_dim: golden::count(&meta["embedding_size"]),
            layers: golden::count(&meta["n_layers"]),
            reg: golden::number(&meta["reg_weight"]),
        };
        let mut model = LightGcn::new(&settings, Arc::new(self.graph()), &mut random::generator(0)).expect("settings");
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
