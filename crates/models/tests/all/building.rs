//! Every model is built on a small data set, with every choice of features, and makes a step.

use anchorrec_models::MODELS;
use anchorrec_recommender::{Batch, FeatureTables, Model, Recommender, SettingError, TrainingSet};
use anchorrec_testkit::random;
use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const USERS: usize = 9;
const ITEMS: usize = 12;

fn pairs() -> Vec<(u32, u32)> {
    let items_of = |user: u32| (0..3).map(move |n| (user, (user * 5 + n * 4) % ITEMS as u32));
    (0..USERS as u32).flat_map(items_of).collect()
}

fn fresh(
    model: &dyn Model,
    features: FeatureTables<f32>,
    seed: u64,
) -> Result<Box<dyn Recommender<f32>>, SettingError> {
    let pairs = pairs();
    let set = TrainingSet { users: USERS, items: ITEMS, pairs: &pairs, features };
    let settings = model.defaults();
    model.prepare(&settings, &set).fresh(&set, 4, &mut ChaCha8Rng::seed_from_u64(seed))
}

const BATCH: Batch =
    Batch { users: &[0, 1, 2, 0], positives: &[0, 5, 10, 4], negatives: &[1, 1, 3, 11], seed: 3, index: 0 };

#[test]
fn a_step_has_named_finite_terms_and_moves_something_with_every_choice_of_features() {
    let rng = &mut random::generator(1);
    let [mm, text, vision]: [Array2<f32>; 3] =
        [5, 3, 7].map(|width| random::matrix(ITEMS, width, rng).mapv(|x| x as f32));
    for model in MODELS.iter() {
        for there in 0..8 {
            let given = |bit: usize, table| (there >> bit & 1 == 1).then_some(table);
            let features = FeatureTables { mm: given(0, &mm), text: given(1, &text), vision: given(2, &vision) };
            let mut built = match fresh(model, features, 1) {
                Ok(built) => built,
                Err(refused) => {
                    assert!(model.refuses(features.present()), "{model} refuses what it says it has: {refused}");
                    continue;
                }
            };
            built.begin_epoch(7);
            let step = built.step(&BATCH);
            assert!(step.total().is_finite() && !step.terms.is_empty(), "{model}");
            for term in &step.terms {
                assert!(!term.about.is_empty() && term.about != term.name, "{model}: {} has no description", term.name);
                assert!(term.value.is_finite() && term.weight > 0.0, "{model}: {term:?}");
            }
            let mut names: Vec<&str> = step.terms.iter().map(|term| term.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), step.terms.len(), "{model}: a name for each term");
            assert!(built.params().iter().any(|parameter| parameter.value.iter().any(|x| *x != 0.0)));

            let (embeddings, spaces) = (built.embeddings(), built.item_spaces());
            assert_eq!((embeddings.users.nrows(), embeddings.items.nrows()), (USERS, ITEMS), "{model}");
            assert_eq!(embeddings.users.ncols(), embeddings.items.ncols(), "{model}");
            assert_eq!((spaces[0].name, &spaces[0].positions), ("final", &embeddings.items), "{model}");
            assert!(spaces.iter().all(|space| space.positions.nrows() == ITEMS), "{model}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_model_and_step() {
    let rng = &mut random::generator(2);
    let [mm, text, vision]: [Array2<f32>; 3] =
        [5, 3, 7].map(|width| random::matrix(ITEMS, width, rng).mapv(|x| x as f32));
    let features = FeatureTables { mm: Some(&mm), text: Some(&text), vision: Some(&vision) };
    for model in MODELS.iter() {
        let made = |seed| {
            let mut built = fresh(model, features, seed).unwrap();
            built.begin_epoch(7);
            let step = built.step(&BATCH);
            (built.params().clone(), step.terms)
        };
        assert_eq!(made(1), made(1), "{model}");
        assert_ne!(made(1).0, made(2).0, "{model}");
    }
}
