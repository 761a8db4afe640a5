//! FREEDOM against the official implementation: graphs, forward, loss terms, gradients, scores; with and without pruning.

use crate::checks;
use crate::checks::RELATIVE;
use crate::official::freedom as official;
use crate::official::freedom::PARAMETERS;
use anchorrec_recommender::Recommender;
use anchorrec_testkit::{assert_close, golden};
use ndarray::Array2;

#[test]
fn golden_freedom() {
    for case in official::cases() {
        let model = official::model(&case);
        assert_eq!(model.params().len(), case.file["params"].as_object().expect("params").len());
        let graphs = model.graphs();
        checks::adjacency(&case, "norm_adj", &graphs.user_item);
        checks::adjacency(&case, "masked_adj", model.training_graph());
        let expected = &case.file["graph"];
        let items = graphs.items.as_ref().expect("two modalities");
        let want = golden::sparse(&expected["mm_adj"]);
        assert_close(&case.label("mm_adj"), items.forward.to_dense().view(), want.view(), RELATIVE);
        assert_close(&case.label("mm_adj transposed"), items.transpose.to_dense().t(), want.view(), RELATIVE);
        // What edges are drawn by is the weight that they have in the full graph.
        let [users, items] = ["edge_users", "edge_items"].map(|key| golden::indices(&expected[key]));
        let full = graphs.user_item.users_to_items.to_dense();
        let got = Array2::from_shape_fn((1, users.len()), |(_, e)| full[[users[e] as usize, items[e] as usize]]);
        checks::tensor(&case, "edge_values", &got, &expected["edge_values"]);

        checks::embeddings(&case, &model.embeddings_over(model.training_graph()));
        checks::scores(&case, &model);

        let step = model.step(&checks::first_batch(&case));
        checks::losses(&case, &step, &[("bpr", "bpr"), ("bpr_text", "bpr_text"), ("bpr_image", "bpr_vision")]);
        // A bias is the same for the positive and the negative: its gradient is the rounding of those of the others.
        checks::gradients(&case, &model, &step, PARAMETERS);
    }
}

#[test]
fn an_epoch_draws_its_edges_by_its_seed_and_evaluation_sees_all() {
    for case in official::cases() {
        let name = &case.name;
        let mut model = official::model(&case);
        let dropout = golden::number(&case.file["meta"]["dropout"]);
        let evaluated = model.embeddings();
        let mut edges = |seed| {
            model.begin_epoch(seed);
            assert_eq!(model.embeddings(), evaluated, "{name}");
            model.training_graph().users_to_items.clone()
        };
        let drawn = [edges(1), edges(2), edges(1)];
        let kept = (case.data.pairs.len() as f64 * (1.0 - dropout)) as usize;
        assert!(drawn.iter().all(|edges| edges.nnz() == kept), "{name}: {kept} edges");
        assert_eq!(drawn[0], drawn[2], "{name}");
        assert_eq!(drawn[0] == drawn[1], dropout == 0.0, "{name}");
    }
}
