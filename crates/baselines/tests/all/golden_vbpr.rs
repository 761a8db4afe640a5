//! VBPR against the official implementation: forward, loss terms, gradients, scores.

use crate::checks;
use crate::official::vbpr as official;
use anchorrec_recommender::Recommender;

#[test]
fn golden_vbpr() {
    for case in official::cases() {
        let model = official::model(&case);
        assert_eq!(model.params().len(), case.file["params"].as_object().expect("params").len());
        checks::embeddings(&case, &model.embeddings());
        checks::scores(&case, &model);

        let step = model.step(&checks::first_batch(&case));
        checks::losses(&case, &step, &[("bpr", "bpr"), ("emb_reg_unweighted", "reg")]);
        checks::gradients(&case, &model, &step, official::PARAMETERS);
    }
}
