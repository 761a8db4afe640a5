//! The backward pass of every model against central differences.

use crate::case::{Data, Triples, assign};
use anchorrec_conformance::setting_paths::{leaf, leaves};
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use anchorrec_testkit::assert_gradient;
use toml::{Table, Value};

/// Settings of a model that is small, in which no gradient stops and no term is so light that an error in it would hide behind the others.
fn settings(model: &dyn Model<f64>, without_stops: &[&str]) -> Table {
    let mut settings = model.defaults();
    for (path, value) in leaves(&settings) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match (path.last(), value) {
            (Some(&"embedding_dim" | &"neighbours"), _) => *leaf(&mut settings, &path) = Value::Integer(3),
            (_, Value::Float(value)) if value > 0.0 && value < 0.1 => *leaf(&mut settings, &path) = Value::Float(0.3),
            _ => {}
        }
    }
    without_stops.iter().for_each(|assignment| assign(&mut settings, model.name(), assignment));
    model.check(&settings).unwrap_or_else(|refused| panic!("{}: {refused}", model.name()));
    settings
}

#[test]
fn every_gradient_is_what_differences_of_the_loss_say() {
    let mut tested = Vec::new();
    for model in MODELS.iter() {
        let Some(without_stops) = model.card().without_stops else { continue };
        let settings = settings(model.exact(), without_stops);
        for (seed, there) in [[true; 3], [false, true, true], [true, false, false], [false; 3]].into_iter().enumerate()
        {
            let data = Data::<f64>::new(6, 8, [4, 5, 3], there, seed as u64);
            let Some(mut built) = data.build_unless_lacking(model.exact(), &settings, 1) else { continue };
            built.begin_epoch(5);
            let triples = Triples::new(5, data.users, data.items, 9);
            let step = built.step(&triples.batch(3));
            let ids: Vec<_> = built.params().ids().collect();
            for id in ids {
                let at = built.params()[id].clone();
                let name = format!("{model} {there:?} {}", built.params().parameter(id).name);
                let analytic = step.gradients.to_dense(id, built.params());
                assert_gradient(&name, analytic.view(), at.view(), |value| {
                    built.params_mut()[id].assign(&value);
                    built.step(&triples.batch(3)).total()
                });
                built.params_mut()[id].assign(&at);
            }
            tested.push(model.name());
        }
    }
    assert!(tested.len() > MODELS.names().len(), "only {tested:?} were tested");
}
