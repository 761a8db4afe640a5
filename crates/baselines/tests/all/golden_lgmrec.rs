//! LGMRec against the official implementation, with recorded noise and dropout: graphs, every table of the forward pass, and all that models have in
//! common.

use crate::checks;
use anchorrec_baselines::lgmrec::{Draw, Draws, Graphs, LgmRec, Settings};
use anchorrec_conformance::golden::{RELATIVE, Translation, compare};
use anchorrec_encoders::Params;
use anchorrec_recommender::{Batch, Embeddings, FeatureTables, Recommender, Step, TrainingSet};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, random};
use ndarray::{Array2, Axis};
use serde_json::Value;
use std::sync::Arc;

/// A model that takes its draws from recorded tables: a batch's seed is the number of the step, from 0.
struct Recorded {
    model: LgmRec<f64>,
    draws: Vec<Draws<f64>>,
    first: Params<f64>,
    /// Draws for the scores of the first parameters, and for those after the last step.
    evaluations: [Draws<f64>; 2],
}

/// Recorded draws by their name.
fn draws(case: &Case, name: &str) -> Draws<f64> {
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

/// The model of the case with its first parameters.
fn model(case: &Case) -> Recorded {
    let (translation, meta, data) = (Translation::of("lgmrec"), &case.file["meta"], &case.data);
    assert_eq!(meta["feat_embed_dim"], meta["embedding_size"], "{}: one width", case.name);
    let settings: Settings = translation.typed_settings(case);
    let [_, text, vision] = translation.features(case);
    let features = FeatureTables { mm: None, text: text.as_ref(), vision: vision.as_ref() };
    let set = TrainingSet { users: data.users, items: data.items, pairs: &data.pairs, features };
    let mut model = LgmRec::new(&settings, Arc::new(Graphs::new(&set)), &mut random::generator(0)).expect("settings");
    translation.fill(case, model.params_mut());
    let steps = case.file["adam"]["loss_at_step"].as_array().expect("losses").len() - 1;
    let names = (1..=steps).map(|step| format!("step_{step}")).chain([format!("after_{steps}")]);
    let evaluations = ["evaluation".to_owned(), format!("evaluation_after_{steps}")].map(|name| draws(case, &name));
    let recorded = names.map(|name| draws(case, &name)).collect();
    Recorded { first: model.params().clone(), model, draws: recorded, evaluations }
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
        let [first, trained] = &self.evaluations;
        self.model.embeddings_with(if *self.model.params() == self.first { first } else { trained })
    }
}

#[test]
fn golden_lgmrec_with_recorded_draws() {
    let translation = Translation::of("lgmrec");
    translation.cases().iter().for_each(|case| compare(&translation, case, &|_| Box::new(model(case))));
}

#[test]
fn golden_lgmrec() {
    for case in Translation::of("lgmrec").cases() {
        let recorded = model(&case);
        let model = &recorded.model;
        let (graphs, expected) = (model.graphs(), &case.file["graph"]);
        checks::adjacency(&case, "norm_adj", &graphs.user_item);
        let r = golden::sparse(&expected["R"]);
        assert_close(&case.label("R"), graphs.pairs.users_to_items.to_dense().view(), r.view(), RELATIVE);
        assert_close(&case.label("R transposed"), graphs.pairs.items_to_users.to_dense().t(), r.view(), RELATIVE);
        let q = graphs.mean_factors.clone().insert_axis(Axis(0));
        checks::tensor(&case, "q_user", &q, &expected["q_user"]);

        let forward = &case.file["forward"];
        let check = |key: &str, got: &Array2<f64>| checks::tensor(&case, key, got, &forward[key]);
        let draws = draws(&case, "step_1");
        let encodings = model.encode(&draws);
        checks::users_and_items(&case, "C", &encodings.id, &forward["C"]);
        for (encoded, m) in encodings.modalities.iter().zip(["v", "t"]) {
            let (local, passes) = (&encoded.local, &encoded.passes);
            check(&format!("x_{m}"), &local.projected.items);
            check(&format!("x_u_{m}"), &local.projected.users);
            checks::users_and_items(&case, &format!("Y_{m}"), &local.value, &forward[format!("Y_{m}")]);
            for (side, node) in ["i", "u"].into_iter().enumerate() {
                check(&format!("l_{node}_{m}"), &local.logits[side]);
                check(&format!("H_{node}_{m}"), &encoded.assignments[side].soft);
                check(&format!("H_{node}_{m}_masked"), encoded.assignments[side].value());
            }
            for (round, edges) in passes.edges.iter().enumerate() {
                check(&format!("lat_{m}_{}", round + 1), edges);
            }
            // A row that dropout left with little is small beside the others: they are compared one by one.
            check(&format!("i_{m}"), passes.items());
            check(&format!("u_{m}"), &passes.users);
        }
        let sum = |of: fn(&anchorrec_baselines::lgmrec::Encoded<f64>) -> &Array2<f64>| {
            encodings.modalities.iter().map(|encoded| of(encoded).clone()).reduce(|a, b| a + b).expect("two")
        };
        let global = Embeddings { users: sum(|e| &e.passes.users), items: sum(|e| e.passes.items()) };
        checks::users_and_items(&case, "GHE", &global, &forward["GHE"]);
        checks::embeddings(&case, &model.embeddings_with(&draws));

        let silent = Draws { modalities: [(); 2].map(|()| [(); 2].map(|()| Draw::default())).into() };
        let silent = model.embeddings_with(&silent);
        let scores = silent.users.dot(&silent.items.t());
        checks::tensor(&case, "eval_scores_without_gumbel", &scores, &case.file["eval_scores_without_gumbel"]);
    }
}

/// Softmaxes that saturate hide their noise. Whether the tables of the golden files see it: with the noise of another table, or none, each membership
/// table is further from what is recorded than its comparison allows, by a factor of a thousand, in a tenth of its entries or more by a thousandth. Users with many
/// items saturate, so this is a property of the files beside this crate, and says nothing about others.
#[test]
fn golden_memberships_see_which_noise_they_get() {
    if std::env::var_os("ANCHORREC_GOLDEN_DIR").is_some() {
        return println!("skipped: what other files see depends on their data");
    }
    for case in
        Translation::of("lgmrec").cases().into_iter().filter(|case| golden::count(&case.file["meta"]["hyper_num"]) > 1)
    {
        let (recorded, draws) = (model(&case), draws(&case, "step_1"));
        let with = |change: &dyn Fn(&mut Draws<f64>)| {
            let mut draws = draws.clone();
            change(&mut draws);
            recorded.model.encode(&draws)
        };
        let far = |of: &str, encodings: &anchorrec_baselines::lgmrec::Encodings<f64>, m: usize, side: usize| {
            let key = format!("H_{}_{}", ["i", "u"][side], ["v", "t"][m]);
            let want = golden::matrix(&case.file["forward"][&key]);
            let soft = &encodings.modalities[m].assignments[side].soft;
            let beyond = |least: f64| soft.iter().zip(&want).filter(|(got, want)| (*got - *want).abs() > least).count();
            assert!(beyond(1e3 * RELATIVE) > 0, "{}: {of}: no entry of {key} notices", case.name);
            let off = beyond(1e-3);
            assert!(10 * off >= soft.len(), "{}: {of}: {off} of {} entries of {key}", case.name, soft.len());
        };
        let silent = with(&|draws| draws.modalities.iter_mut().flatten().for_each(|draw| draw.gumbel = None));
        let swapped = with(&|draws| {
            let (vision, text) = draws.modalities.split_at_mut(1);
            (0..2).for_each(|side| std::mem::swap(&mut vision[0][side].gumbel, &mut text[0][side].gumbel));
        });
        let flat = with(&|draws| {
            let gumbel = draws.modalities.iter_mut().flatten().filter_map(|draw| draw.gumbel.as_mut());
            gumbel.for_each(|gumbel| gumbel.mapv_inplace(|g| 0.9 * g));
        });
        for (m, side) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            far("none", &silent, m, side);
            far("the other modality's", &swapped, m, side);
            far("nine tenths", &flat, m, side);
        }
    }
}

#[test]
fn evaluation_has_its_own_noise_and_a_step_that_of_its_seed() {
    for case in Translation::of("lgmrec").cases() {
        let model = model(&case).model;
        let batch = |seed| Batch { seed, ..checks::first_batch(&case) };
        let evaluated = model.embeddings();
        assert_eq!(model.embeddings(), evaluated, "{}: the same weights, the same scores", case.name);
        let total = model.step(&batch(1)).total();
        assert_eq!(model.step(&batch(1)).total(), total, "{}", case.name);
        let meta = &case.file["meta"];
        let positive = |key: &str| golden::number(&meta[key]) > 0.0;
        let drawn = golden::count(&meta["hyper_num"]) > 1 || golden::number(&meta["keep_rate"]) < 1.0;
        let noisy = drawn && (positive("alpha") || positive("cl_weight"));
        assert_eq!(model.step(&batch(2)).total() != total, noisy, "{}", case.name);
        assert_eq!(model.embeddings(), evaluated, "{}", case.name);
    }
}
