//! A golden file as a model, in either float.

use anchorrec_align::{AnchorRec, Graphs, Modalities, Settings};
use anchorrec_conformance::golden::Translation;
use anchorrec_kernels::Real;
use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::{self, Case, TinyData};
use anchorrec_testkit::random;
use ndarray::Array2;
use std::sync::Arc;

/// The official names in ours.
pub fn translation() -> Translation {
    Translation::of("anchorrec")
}

/// Every case of the golden folder.
pub fn cases() -> Vec<Case> {
    translation().cases()
}

/// The raw features: what the feature parameters start as.
fn features<F: Real>(case: &Case) -> Modalities<Array2<F>> {
    let [mm, text, vision] = translation().features(case).map(|table| table.map(|table| table.mapv(F::of)));
    Modalities { mm, text, vision }
}

/// The graphs of the case.
pub fn graphs<F: Real>(case: &Case) -> Graphs<F> {
    let TinyData { users, items, pairs, .. } = &case.data;
    let settings: Settings = translation().typed_settings(case);
    Graphs::new(*users, *items, pairs, features(case).as_ref(), &settings)
}

/// The model of the case with its first parameters.
pub fn model<F: Real>(case: &Case) -> AnchorRec<F> {
    let settings: Settings = translation().typed_settings(case);
    let batch_size = golden::count(&case.file["meta"]["train_batch_size"]);
    let (graphs, rng) = (Arc::new(graphs(case)), &mut random::generator(0));
    let mut model = AnchorRec::new(&settings, batch_size, graphs, features(case).as_ref(), rng).expect("settings");
    for (theirs, ours) in translation().parameters(case) {
        let id = model.params().id(ours).unwrap_or_else(|| panic!("no parameter {ours}"));
        model.params_mut()[id] = golden::matrix(&case.file["params"][theirs]).mapv(F::of);
    }
    model
}
