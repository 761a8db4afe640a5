//! SMORE against the official implementation, with recorded dropout: graphs, every table of the forward pass, and all that models have in common.

use crate::checks;
use anchorrec_baselines::smore::{Graphs, Masks, Settings, Smore};
use anchorrec_conformance::golden::{RELATIVE, Translation, compare};
use anchorrec_encoders::Params;
use anchorrec_graph::nearest_by_cosine;
use anchorrec_recommender::{Batch, BatchRows, Distinct, Embeddings, Recommender, Step};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, random};
use ndarray::{Array2, Axis, s};
use serde_json::Value;
use std::sync::Arc;

/// A model that takes its masks from recorded tables where there are some: a batch's seed is the number of the step, from 0.
struct Recorded {
    model: Smore<f64>,
    /// For each step `q_v, q_t, q_f` of all users and items, already divided by what is kept.
    draws: Vec<Option<Masks<f64>>>,
}

/// The raw features of images and of texts.
fn features(case: &Case) -> [Array2<f64>; 2] {
    let [_, text, vision] = Translation::of("smore").features(case);
    [vision, text].map(|table| table.expect("both modalities"))
}

/// The model of the case with its first parameters.
fn model(case: &Case) -> Recorded {
    let (translation, data, rng) = (Translation::of("smore"), &case.data, &mut random::generator(0));
    let settings: Settings = translation.typed_settings(case);
    let [vision, text] = features(case);
    let graphs = Graphs::new(data.users, data.items, &data.pairs, Some(&vision), Some(&text), &settings);
    let batch_size = golden::count(&case.file["meta"]["train_batch_size"]);
    let model = Smore::new(&settings, batch_size, Arc::new(graphs), Some(&vision), Some(&text), rng);
    let mut model = model.expect("settings");
    translation.fill(case, model.params_mut());
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
    fn masks(&self, step: u64) -> Option<&Masks<f64>> {
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

#[test]
fn golden_smore_with_recorded_dropout() {
    let translation = Translation::of("smore");
    translation.cases().iter().for_each(|case| compare(&translation, case, &|_| Box::new(model(case))));
}

#[test]
fn golden_smore() {
    let translation = Translation::of("smore");
    for case in translation.cases() {
        let recorded = model(&case);
        let model = &recorded.model;
        let (expected, settings) = (&case.file["graph"], translation.typed_settings::<Settings>(&case));
        checks::adjacency(&case, "norm_adj", &model.graphs().user_item);
        let r = golden::sparse(&expected["R"]);
        let user_item = &model.graphs().user_item;
        assert_close(&case.label("R"), user_item.users_to_items.to_dense().view(), r.view(), RELATIVE);
        let neighbours = [settings.vision_neighbours, settings.text_neighbours];
        for (name, (features, k)) in ["T_v", "T_t"].into_iter().zip(features(&case).iter().zip(neighbours)) {
            let nearest = nearest_by_cosine(features, k);
            let mut dense = Array2::zeros((case.data.items, case.data.items));
            for i in 0..case.data.items {
                nearest.of(i).iter().for_each(|&(j, cosine)| dense[[i, j as usize]] = cosine);
            }
            assert_close(&case.label(name), dense.view(), golden::sparse(&expected[name]).view(), RELATIVE);
        }
        let graphs = model.graphs().items.as_ref().expect("both modalities");
        for (name, graph) in ["S_v", "S_t", "S_f"].into_iter().zip(graphs) {
            let want = golden::sparse(&expected[name]);
            assert_close(&case.label(name), graph.forward.to_dense().view(), want.view(), RELATIVE);
            assert_close(&case.label(name), graph.transpose.to_dense().t(), want.view(), RELATIVE);
        }

        let forward = &case.file["forward"];
        let check = |key: &str, got: &Array2<f64>| checks::tensor(&case, key, got, &forward[key]);
        let content = model.content();
        let [users, items] = [case.data.users, case.data.items].map(|n| (0..n as u32).collect::<Vec<u32>>());
        let masks = recorded.masks(0);
        let encodings = model.encode(&content, &users, &items, masks);
        let (mixed, filtered) = (&encodings.mixed, &content.filtered);
        let embedding = golden::matrix(&case.file["params"]["item_id_embedding.weight"]);
        for (m, name) in ["v", "t", "f"].into_iter().enumerate() {
            if m < 2 {
                check(&format!("x_{name}"), &content.projected[m]);
                let (key, spectrum) = (format!("X_{name}"), &filtered.spectra[m]);
                let frequencies = spectrum.ncols() / 2;
                checks::tensor(&case, &key, &spectrum.slice(s![.., ..frequencies]).to_owned(), &forward[&key]["re"]);
                checks::tensor(&case, &key, &spectrum.slice(s![.., frequencies..]).to_owned(), &forward[&key]["im"]);
                check(&format!("a_{name}"), &mixed.attention[m]);
                check(&format!("agg_{name}"), &(&mixed.attention[m] * &encodings.content[m]));
            }
            check(&format!("y_{name}"), &filtered.values[m]);
            check(&format!("g_{name}"), &content.gates[m]);
            check(&format!("e_{name}"), &(&content.gates[m] * &embedding));
            check(&format!("z_{name}"), &content.propagated[m]);
            check(&format!("M_{name}"), &encodings.content[m]);
            check(&format!("q_{name}_before_dropout"), &mixed.preferences[m]);
            let kept = masks.map_or_else(|| mixed.preferences[m].clone(), |masks| &mixed.preferences[m] * &masks[m]);
            check(&format!("q_{name}"), &kept);
        }
        check("C", &encodings.id);
        check("side", &mixed.side);
        let z = &encodings.id + &mixed.side;
        check("final_user", &z.slice(s![..users.len(), ..]).to_owned());
        check("final_item", &z.slice(s![users.len().., ..]).to_owned());

        let step = recorded.step(&checks::first_batch(&case));
        for name in ["vision.filter", "text.filter", "fusion.filter"] {
            let id = recorded.params().id(name).expect(name);
            let d = step.gradients.to_dense(id, recorded.params());
            assert_eq!(d[[0, 1]], 0.0, "{}: the imaginary part of a mean has no effect", case.name);
            if settings.embedding_dim % 2 == 0 {
                assert_eq!(d[[d.nrows() - 1, 1]], 0.0, "{}: nor that of the highest frequency", case.name);
            }
        }
    }
}
