//! AlignRec against the official implementation: graphs, forward, loss terms, gradients of their sum, scores.

use crate::checks::{self, RELATIVE};
use crate::official::alignrec as official;
use crate::official::alignrec::{PARAMETERS, TERMS};
use anchorrec_baselines::alignrec::{Encodings, Settings, Targets};
use anchorrec_recommender::{Embeddings, Recommender};
use anchorrec_testkit::{assert_close, golden};

#[test]
fn golden_alignrec() {
    for case in official::cases() {
        checks::parameters_are_known(&case, PARAMETERS);
        // The two differ from the second step on.
        for targets in [Targets::Shared, Targets::Frozen] {
            let model = official::model(&case, targets);
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
            let Embeddings { users, items } = model.embeddings();
            checks::tensor(&case, "final_user", &users, &forward["final_user"]);
            checks::tensor(&case, "final_item", &items, &forward["final_item"]);
            checks::scores(&case, &model);

            let step = model.step(&checks::first_batch(&case));
            checks::losses(&case, &step, TERMS);
            checks::gradients(&case, &model, &step, PARAMETERS);
            checks::later_batches(&case, &model, TERMS);
        }
    }
}

#[test]
fn the_target_follows_the_trained_features_by_default_and_takes_no_gradient() {
    assert_eq!(Settings::default().targets, Targets::Shared);
    for case in official::cases() {
        let sim = |targets, moved: bool| {
            let mut model = official::model(&case, targets);
            let id = model.params().id("mm.features").expect("a table");
            if moved {
                model.params_mut()[id].row_mut(0).fill(0.0);
            }
            // With the gate shut off from the table, SIM sees the features through its target alone.
            let transform = model.params().id("mm.transform.weight").expect("a layer");
            model.params_mut()[transform].fill(0.0);
            let all: Vec<u32> = (0..case.data.items as u32).collect();
            let users = vec![0; all.len()];
            let batch =
                anchorrec_recommender::Batch { users: &users, positives: &all, negatives: &all, seed: 0, index: 0 };
            let step = model.step(&batch);
            assert!(step.gradients.to_dense(id, model.params()).iter().all(|&d| d == 0.0), "{}: sg F_mm", case.name);
            step.terms.iter().find(|term| term.name == "sim").expect("sim").value
        };
        assert_eq!(sim(Targets::Frozen, false), sim(Targets::Frozen, true), "{}", case.name);
        assert_eq!(sim(Targets::Frozen, false), sim(Targets::Shared, false), "{}", case.name);
        assert_ne!(sim(Targets::Shared, false), sim(Targets::Shared, true), "{}", case.name);
    }
}
