//! The assembled backward pass against central differences, for random sizes and every choice of modalities.
//!
//! Differences see through a stop-gradient, so they are asked only where there is none: with frozen targets, and without
//! the two terms that hold one (`ui`, `align_inputs`). Those are covered by their loss's own test and, assembled, by the
//! golden gradients by term; `align_inputs` alone is checked here for the heads it trains and for zeros elsewhere.

use anchorrec_align::settings::Mix;
use anchorrec_align::{AnchorRec, Graphs, MixSource, Modalities, Settings, Space, Targets, Weights};
use anchorrec_recommender::{Batch, Recommender, Term};
use anchorrec_testkit::{assert_gradient, random};
use ndarray::Array2;
use rand::RngExt;
use std::sync::Arc;

struct Case {
    model: AnchorRec<f64>,
    triples: [Vec<u32>; 3],
}

impl Case {
    fn new(seed: u64, has: [bool; 3], layer_norm: bool) -> Case {
        Case::aligned_in(Space::Projection, MixSource::Features, seed, has, layer_norm)
    }

    fn aligned_in(space: Space, of: MixSource, seed: u64, has: [bool; 3], layer_norm: bool) -> Case {
        let rng = &mut random::generator(seed);
        let (users, items) = (rng.random_range(5..9), rng.random_range(6..11));
        let batch = rng.random_range(2..9);
        let settings = Settings {
            embedding_dim: rng.random_range(2..5),
            id_layers: rng.random_range(0..3),
            item_layers: rng.random_range(1..4),
            neighbours: 3,
            layer_norm,
            decoder_weight: 0.5,
            targets: Targets::Frozen,
            space,
            mix: Mix { of, ..Mix::default() },
            ..Settings::default()
        };
        let pairs: Vec<(u32, u32)> =
            random::indices(25, users, rng).into_iter().zip(random::indices(25, items, rng)).collect();
        let mut table = |there: bool| {
            let width = rng.random_range(3..8);
            there.then(|| random::matrix(items, width, rng) + 0.3)
        };
        let features = Modalities { mm: table(has[0]), text: table(has[1]), vision: table(has[2]) };
        let graphs = Arc::new(Graphs::new(users, items, &pairs, features.as_ref(), &settings));
        let model = AnchorRec::new(&settings, batch + 1, graphs, features.as_ref(), rng).expect("settings");
        let triples = [
            random::indices(batch, users, rng),
            random::indices(batch, items, rng),
            random::indices(batch, items, rng),
        ];
        Case { model, triples }
    }

    fn batch(&self) -> Batch<'_> {
        Batch { users: &self.triples[0], positives: &self.triples[1], negatives: &self.triples[2], seed: 0, index: 0 }
    }

    fn assert_all_gradients(&self, weights: &Weights) {
        let params = self.model.params();
        let step = self.model.step_weighted(&self.batch(), weights);
        for id in params.ids() {
            let parameter = params.parameter(id);
            let analytic = step.gradients.to_dense(id, params);
            assert_gradient(&parameter.name, analytic.view(), parameter.value.view(), |v| {
                self.loss(weights, &parameter.name, v.to_owned())
            });
        }
    }

    /// The weighted sum with one parameter moved.
    fn loss(&self, weights: &Weights, name: &str, value: Array2<f64>) -> f64 {
        let mut moved = self.model.clone();
        let id = moved.params().id(name).expect(name);
        moved.params_mut()[id] = value;
        moved.step_weighted(&self.batch(), weights).total()
    }
}

const MODALITIES: [[bool; 3]; 6] = [
    [true, true, true],
    [true, true, false],
    [true, false, true],
    [false, true, true],
    [true, false, false],
    [false, false, false],
];

fn everything_without_a_stop() -> Weights {
    let amp = Modalities { mm: Some(0.8), text: Some(0.5), vision: Some(0.7) };
    Weights { bpr: 1.0, reg: 0.3, align_id: 0.6, amp, smooth: 0.4, ..Weights::default() }
}

#[test]
fn gradients_agree_with_differences() {
    let weights = everything_without_a_stop();
    for (seed, has) in MODALITIES.into_iter().enumerate() {
        for layer_norm in [false, true] {
            Case::new(seed as u64, has, layer_norm).assert_all_gradients(&weights);
        }
    }
}

#[test]
fn the_input_term_trains_its_two_heads_and_nothing_else() {
    let weights = Weights { align_inputs: 1.0, ..Weights::default() };
    let case = Case::new(7, [true, true, true], false);
    let step = case.model.step_weighted(&case.batch(), &weights);
    for id in case.model.params().ids() {
        let parameter = case.model.params().parameter(id);
        let analytic = step.gradients.to_dense(id, case.model.params());
        if parameter.name.starts_with("project_text") || parameter.name.starts_with("project_vision") {
            assert!(analytic.iter().any(|&g| g != 0.0), "{} is trained", parameter.name);
            assert_gradient(&parameter.name, analytic.view(), parameter.value.view(), |v| {
                case.loss(&weights, &parameter.name, v.to_owned())
            });
        } else {
            assert!(analytic.iter().all(|&g| g == 0.0), "{}: a stop-gradient leaks", parameter.name);
        }
    }
}

#[test]
fn gradients_agree_with_differences_where_nothing_is_projected() {
    let weights = everything_without_a_stop();
    for (seed, has) in MODALITIES.into_iter().enumerate() {
        let case = Case::aligned_in(Space::Embedding, MixSource::Encodings, 20 + seed as u64, has, false);
        assert!(case.model.params().iter().all(|p| !p.name.contains("project") && !p.name.contains("decode")));
        case.assert_all_gradients(&weights);
    }
}

/// `sg p_mm` hides one side of `align_encodings`; differences agree for whatever feeds only the other: the heads and gates of text and vision.
#[test]
fn mixed_encodings_teach_the_encoders_of_text_and_vision() {
    let weights = Weights { align_inputs: 1.0, ..Weights::default() };
    for (space, seed) in [(Space::Projection, 30), (Space::Embedding, 31)] {
        let case = Case::aligned_in(space, MixSource::Encodings, seed, [true, true, true], true);
        let step = case.model.step_weighted(&case.batch(), &weights);
        assert_eq!(step.terms.iter().map(|t| t.name).collect::<Vec<_>>(), ["align_encodings"]);
        for parameter in case.model.params().iter() {
            let id = case.model.params().id(&parameter.name).expect("a parameter of the model");
            let analytic = step.gradients.to_dense(id, case.model.params());
            let of_mixture = ["text", "vision"].iter().any(|m| parameter.name.contains(m));
            if of_mixture {
                assert!(analytic.iter().any(|&g| g != 0.0), "{} is trained", parameter.name);
                assert_gradient(&parameter.name, analytic.view(), parameter.value.view(), |v| {
                    case.loss(&weights, &parameter.name, v.to_owned())
                });
            } else if parameter.name != "item_embedding.weight" {
                assert!(analytic.iter().all(|&g| g == 0.0), "{}: a stop-gradient leaks", parameter.name);
            }
        }
    }
}

#[test]
fn terms_and_heads_of_an_absent_modality_are_absent() {
    let names = |has: [bool; 3]| -> (Vec<&'static str>, Vec<String>) {
        let case = Case::new(1, has, false);
        let terms = case.model.step(&case.batch()).terms.iter().map(|t: &Term| t.name).collect();
        (terms, case.model.params().iter().map(|p| p.name.clone()).collect())
    };
    let (terms, params) = names([true, true, false]);
    assert_eq!(terms, ["bpr", "ui", "reg", "align_id", "align_inputs", "amp_mm", "amp_text", "smooth"]);
    assert!(params.iter().all(|p| !p.contains("vision")));
    let (terms, params) = names([false, true, true]);
    assert_eq!(terms, ["bpr", "ui", "reg", "amp_text", "amp_vision"]);
    assert!(params.iter().all(|p| !p.contains("project") && !p.contains("decode") && !p.contains("mm.")));
    assert_eq!(names([false, false, false]).0, ["bpr", "ui", "reg"]);
}
