//! AlignRec against the official implementation: its graphs and encodings, and what its target follows.

use crate::checks;
use anchorrec_baselines::alignrec::{AlignRec, Encodings, Graphs, Settings, Targets};
use anchorrec_conformance::golden::{RELATIVE, Translation};
use anchorrec_recommender::{Batch, Recommender};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, random};
use std::sync::Arc;

/// The model of the case with its first parameters.
fn model(case: &Case, targets: Targets) -> AlignRec<f64> {
    let (translation, data, rng) = (Translation::of("alignrec"), &case.data, &mut random::generator(0));
    let settings = Settings { targets, ..translation.typed_settings(case) };
    let [features, ..] = translation.features(case);
    let features = features.expect("fused features");
    assert_eq!(features, golden::matrix(&case.file["params"]["mm_embedding.weight"]), "{}: one storage", case.name);
    let graphs = Arc::new(Graphs::new(data.users, data.items, &data.pairs, Some(&features), settings.neighbours));
    let batch_size = golden::count(&case.file["meta"]["train_batch_size"]);
    let mut model = AlignRec::new(&settings, batch_size, graphs, Some(&features), rng).expect("settings");
    translation.fill(case, model.params_mut());
    model
}

#[test]
fn golden_alignrec() {
    for case in Translation::of("alignrec").cases() {
        let model = model(&case, Targets::Shared);
        let graphs = model.graphs();
        checks::adjacency(&case, "norm_adj", &graphs.user_item);
        let items = graphs.mm.as_ref().expect("fused features");
        let want = golden::sparse(&case.file["graph"]["S_mm"]);
        assert_close(&case.label("S_mm"), items.forward.to_dense().view(), want.view(), RELATIVE);
        assert_close(&case.label("S_mm transposed"), items.transpose.to_dense().t(), want.view(), RELATIVE);

        let forward = &case.file["forward"];
        let Encodings { id, mm } = model.encode();
        checks::users_and_items(&case, "C", &id, &forward["C"]);
        checks::users_and_items(&case, "M", &mm.expect("fused features"), &forward["M"]);
    }
}

#[test]
fn the_target_follows_the_trained_features_by_default_and_takes_no_gradient() {
    assert_eq!(Settings::default().targets, Targets::Shared);
    for case in Translation::of("alignrec").cases() {
        let sim = |targets, moved: bool| {
            let mut model = model(&case, targets);
            let id = model.params().id("mm.features").expect("a table");
            if moved {
                model.params_mut()[id].row_mut(0).fill(0.0);
            }
            // With the gate shut off from the table, SIM sees the features through its target alone.
            let transform = model.params().id("mm.transform.weight").expect("a layer");
            model.params_mut()[transform].fill(0.0);
            let all: Vec<u32> = (0..case.data.items as u32).collect();
            let users = vec![0; all.len()];
            let batch = Batch { users: &users, positives: &all, negatives: &all, seed: 0, index: 0 };
            let step = model.step(&batch);
            assert!(step.gradients.to_dense(id, model.params()).iter().all(|&d| d == 0.0), "{}: sg F_mm", case.name);
            step.terms.iter().find(|term| term.name == "sim").expect("sim").value
        };
        assert_eq!(sim(Targets::Frozen, false), sim(Targets::Frozen, true), "{}", case.name);
        assert_eq!(sim(Targets::Frozen, false), sim(Targets::Shared, false), "{}", case.name);
        assert_ne!(sim(Targets::Shared, false), sim(Targets::Shared, true), "{}", case.name);
    }
}
