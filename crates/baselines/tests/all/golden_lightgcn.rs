//! LightGCN against the official implementation: graph, forward, loss terms, gradients, scores.

use crate::checks;
use crate::official::lightgcn as official;
use anchorrec_recommender::Recommender;

#[test]
fn golden_lightgcn() {
    for case in official::cases() {
        checks::adjacency(&case, "norm_adj", &official::graph(&case));

        let model = official::model(&case);
        checks::embeddings(&case, &model.embeddings());
        checks::scores(&case, &model);

        let step = model.step(&checks::first_batch(&case));
        checks::losses(&case, &step, &[("bpr", "bpr"), ("emb_reg_unweighted", "reg")]);
        checks::gradients(&case, &model, &step, official::PARAMETERS);
    }
}
