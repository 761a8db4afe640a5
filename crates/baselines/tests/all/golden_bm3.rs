//! BM3 against the official implementation, with and without recorded dropout: graph, forward, loss terms, gradients, scores.

use crate::checks;
use crate::official::bm3 as official;
use crate::official::bm3::TERMS;
use anchorrec_recommender::Recommender;

#[test]
fn golden_bm3() {
    let cases = official::cases();
    assert!(cases.iter().any(|case| case.file.get("dropout_masks").is_some()), "a case with dropout");
    for case in cases {
        checks::adjacency(&case, "norm_adj", &official::graph(&case));

        let model = official::model(&case);
        assert_eq!(model.params().len(), case.file["params"].as_object().expect("params").len());
        let batch = checks::first_batch(&case);
        let encoded = model.model.encode(&batch);
        checks::tensor(&case, "u_online_ori", &encoded.h_users, &case.file["forward"]["u_online_ori"]);
        checks::tensor(&case, "i_online_ori", &encoded.h_items, &case.file["forward"]["i_online_ori"]);
        checks::scores(&case, &model);

        let step = model.step(&batch);
        let names: Vec<&str> = step.terms.iter().map(|term| term.name).collect();
        assert_eq!(names, TERMS.map(|(_, ours)| ours));
        checks::losses(&case, &step, &TERMS);
        checks::gradients(&case, &model, &step, official::PARAMETERS);
    }
}
