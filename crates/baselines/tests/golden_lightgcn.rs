//! LightGCN against the official implementation: graph, forward, loss terms, gradients, scores.

mod checks;
#[path = "official/lightgcn.rs"]
mod official;

use anchorrec_encoders::Recommender;

#[test]
fn golden_lightgcn() {
    for case in official::cases() {
        checks::adjacency(&case, "norm_adj", &official::graph(&case));

        let model = official::model(&case);
        let embeddings = model.embeddings();
        checks::tensor(&case, "final_user", &embeddings.users, &case.file["forward"]["final_user"]);
        checks::tensor(&case, "final_item", &embeddings.items, &case.file["forward"]["final_item"]);
        checks::scores(&case, &model);

        let step = model.step(&checks::first_batch(&case));
        checks::losses(&case, &step, &[("bpr", "bpr"), ("emb_reg_unweighted", "reg")]);
        checks::gradients(&case, &model, &step, official::PARAMETERS);
    }
}
