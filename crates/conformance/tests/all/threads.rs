//! The number of threads changes no bit.

use crate::case::{Data, Triples};
use anchorrec_models::MODELS;
use anchorrec_recommender::{Batch, Model};
use anchorrec_trainer::Stepper;

/// Weights after three steps, and the embeddings that they give: graphs, features and steps on so many threads.
fn trained(model: &dyn Model, threads: usize) -> Vec<u32> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| {
        // More rows than a task has (256), in batches and in tables.
        let data = Data::<f32>::new(300, 600, [40, 24, 33], [true; 3], 1);
        let built = data.build(model, &model.defaults(), 2).expect("a model at its defaults");
        let mut stepper = Stepper::new(built);
        stepper.begin_epoch(999, 0);
        for step in 0..3 {
            let triples = Triples::new(400, data.users, data.items, step);
            let batch = Batch { index: step as usize, ..triples.batch(step) };
            stepper.step_on(&batch, 0.01).expect("finite terms");
        }
        let embeddings = stepper.model.embeddings();
        let weights = stepper.model.params().iter().flat_map(|parameter| parameter.value.iter().copied());
        weights.chain(embeddings.users).chain(embeddings.items).map(f32::to_bits).collect()
    })
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for model in MODELS.iter() {
        let one = trained(model, 1);
        for threads in [2, 3, 5] {
            assert!(trained(model, threads) == one, "{model}: {threads} threads end elsewhere than one");
        }
    }
}
