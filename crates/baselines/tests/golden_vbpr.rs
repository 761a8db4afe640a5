//! VBPR against the official implementation: forward, loss terms, gradients, scores.

mod checks;
#[path = "official/vbpr.rs"]
mod official;

use anchorrec_encoders::Recommender;

#[test]
fn golden_vbpr() {
    for case in official::cases() {
        let model = official::model(&case);
        assert_eq!(model.params().len(), case.file["params"].as_object().expect("params").len());
        let embeddings = model.embeddings();
        checks::tensor(&case, "final_user", &embeddings.users, &case.file["forward"]["final_user"]);
        checks::tensor(&case, "final_item", &embeddings.items, &case.file["forward"]["final_item"]);
        checks::scores(&case, &model);

        let step = model.step(&checks::first_batch(&case));
        checks::losses(&case, &step, &[("bpr", "bpr"), ("emb_reg_unweighted", "reg")]);
        checks::gradients(&case, &model, &step, official::PARAMETERS);
    }
}
