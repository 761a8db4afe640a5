//! BM3 against the official implementation: its graph, what it predicts from, and all that models have in common with recorded dropout.

use crate::checks;
use anchorrec_baselines::bm3::{Bm3, Masks, Settings};
use anchorrec_conformance::golden::{Translation, compare};
use anchorrec_encoders::Params;
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_recommender::{Batch, Embeddings, Recommender, Step};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::random;
use ndarray::{Array2, Axis};
use std::sync::Arc;

/// A model that takes its masks from recorded tables where there are some.
struct Recorded {
    model: Bm3<f64>,
    /// For all users, all items, and the features of all items, text before vision; already divided by what is kept.
    tables: Option<[Array2<f64>; 4]>,
}

/// The user-item graph.
fn graph(case: &Case) -> UserItemGraph<f64> {
    UserItemGraph::new(case.data.users, case.data.items, &case.data.pairs, DegreeOffset::Tiny)
}

/// The model of the case with its initial parameters.
fn model(case: &Case) -> Recorded {
    let (translation, rng) = (Translation::of("bm3"), &mut random::generator(0));
    let settings: Settings = translation.typed_settings(case);
    let [_, text, vision] = translation.features(case);
    let mut model = Bm3::new(&settings, Arc::new(graph(case)), text.as_ref(), vision.as_ref(), rng).expect("settings");
    translation.fill(case, model.params_mut());
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

#[test]
fn golden_bm3() {
    let translation = Translation::of("bm3");
    for case in translation.cases() {
        checks::adjacency(&case, "norm_adj", &graph(&case));
        let encoded = model(&case).model.encode(&checks::first_batch(&case));
        checks::tensor(&case, "u_online_ori", &encoded.h_users, &case.file["forward"]["u_online_ori"]);
        checks::tensor(&case, "i_online_ori", &encoded.h_items, &case.file["forward"]["i_online_ori"]);
    }
}

#[test]
fn golden_bm3_with_recorded_dropout() {
    let translation = Translation::of("bm3");
    let cases: Vec<Case> = translation.cases().into_iter().filter(|case| translation.drawn(case).is_some()).collect();
    assert!(!cases.is_empty(), "no case with dropout");
    cases.iter().for_each(|case| compare(&translation, case, &|_| Box::new(model(case))));
}
