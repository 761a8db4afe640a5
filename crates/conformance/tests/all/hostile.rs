//! Every setting at its edges, and data sets that nobody would call good: refused in words, or trained with finite numbers.

use crate::case::{Data, Triples};
use anchorrec_conformance::setting_paths::{leaf, leaves};
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use std::panic::{AssertUnwindSafe, catch_unwind};
use toml::{Table, Value};

/// Builds a model and makes a step with it; what is wrong with it, if anything.
fn tried(model: &dyn Model, settings: &Table, data: &Data<f32>, triples: &Triples) -> Result<(), String> {
    let Some(mut built) = data.build_unless_lacking(model, settings, 1) else { return Ok(()) };
    built.begin_epoch(5);
    let step = built.step(&triples.batch(7));
    if let Some(term) = step.terms.iter().find(|term| !term.value.is_finite()) {
        return Err(format!("the term {} is {}", term.name, term.value));
    }
    for id in built.params().ids() {
        if step.gradients.to_dense(id, built.params()).iter().any(|g| !g.is_finite()) {
            return Err(format!("the gradient of {} is not finite", built.params().parameter(id).name));
        }
    }
    let embeddings = built.embeddings();
    if (embeddings.users.nrows(), embeddings.items.nrows()) != (data.users, data.items) {
        return Err(format!("embeddings {:?}, {:?}", embeddings.users.dim(), embeddings.items.dim()));
    }
    if embeddings.users.iter().chain(&embeddings.items).any(|x| !x.is_finite()) {
        return Err("an embedding is not finite".to_owned());
    }
    Ok(())
}

/// [`tried`], and a panic is wrong too.
fn assert_works(model: &dyn Model, settings: &Table, data: &Data<f32>, triples: &Triples, what: &str) {
    let outcome = catch_unwind(AssertUnwindSafe(|| tried(model, settings, data, triples)));
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(wrong)) => panic!("{model}, {what}: {wrong}"),
        Err(_) => panic!("{model}, {what}: it panics (see above)"),
    }
}

/// What a setting may be tried with, and what it must be refused with.
fn edges(model: &dyn Model, path: &[&str], value: &Value, items: usize) -> (Vec<Value>, Vec<Value>) {
    match value {
        Value::Integer(_) => {
            let (mut maybe, mut never) = (vec![1, 2, items as i64 + 5], vec![-1, i64::MIN]);
            // Without layers, or neighbours by behaviour beside those by content, a model is a smaller one; without columns it is none.
            let name = path.last().expect("a name");
            let is_part = name.contains("layers") || name.contains("behaviour");
            if is_part { &mut maybe } else { &mut never }.push(0);
            // No data set has more neighbours or items to look at than it has items; so many columns or layers end no step.
            let is_of_items = ["neighbours", "near", "next"].iter().any(|word| name.contains(word));
            if is_of_items { &mut maybe } else { &mut never }.extend([1 << 40, i64::MAX]);
            let values = |numbers: Vec<i64>| numbers.into_iter().map(Value::Integer).collect();
            let mut never: Vec<Value> = values(never);
            // Half a layer, a number in quotes, a switch.
            never.extend([Value::Float(2.5), Value::String("2".to_owned()), Value::Boolean(true)]);
            (values(maybe), never)
        }
        Value::Float(_) => {
            let (mut maybe, mut never) = (
                vec![0.0, -0.0, 1e-300, 1e-30, 1e-3, 0.5, 0.99, 1.0],
                vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY],
            );
            // No single-precision number is as large.
            never.push(1e300);
            // Weights, widths of margins, temperatures, shares: no model has a setting that may be negative.
            never.push(-1.0);
            let name = path.last().expect("a name");
            let is_share = ["dropout", "share"].iter().any(|word| name.contains(word));
            if is_share { &mut never } else { &mut maybe }.extend([10.0, 1e10]);
            // A dropout of everything leaves nothing to learn from.
            if name.contains("dropout") {
                maybe.retain(|value| *value != 1.0);
                never.push(1.0);
            }
            let values = |numbers: Vec<f64>| numbers.into_iter().map(Value::Float).collect();
            let (mut maybe, mut never): (Vec<Value>, Vec<Value>) = (values(maybe), values(never));
            // A person writes 1 for 1.0, and it means that.
            maybe.push(Value::Integer(1));
            never.extend([Value::String("1.0".to_owned()), Value::Boolean(true)]);
            (maybe, never)
        }
        Value::Boolean(_) => ([false, true].map(Value::Boolean).into(), vec![Value::Integer(1)]),
        Value::String(_) => {
            // The message that refuses an unknown word names those that are known.
            let unknown = Value::String("?".to_owned());
            let mut settings = model.defaults();
            *leaf(&mut settings, path) = unknown.clone();
            let message = model.read(&settings).expect_err("a word that means nothing").to_string();
            let expected = message.split("expected").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default();
            let words = expected.split('`').skip(1).step_by(2);
            let known: Vec<Value> = words.map(|word| Value::String(word.to_owned())).collect();
            assert!(!known.is_empty(), "{model}, {}: which words are known? {message}", path.join("."));
            (known, vec![unknown])
        }
        _ => (Vec::new(), Vec::new()),
    }
}

#[test]
fn every_setting_at_its_edges_is_refused_or_trains() {
    let data = Data::<f32>::new(9, 12, [5, 4, 6], [true; 3], 3).with_odd_rows();
    let triples = Triples::new(6, data.users, data.items, 2);
    for model in MODELS.iter() {
        let (mut trained, mut refused) = (0, 0);
        for (path, value) in leaves(&model.defaults()) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let (maybe, never) = edges(model, &path, &value, data.items);
            let edges =
                maybe.into_iter().map(|value| (value, false)).chain(never.into_iter().map(|value| (value, true)));
            for (value, must_be_refused) in edges {
                let what = format!("{} = {value}", path.join("."));
                let mut settings = model.defaults();
                *leaf(&mut settings, &path) = value;
                let read = match model.read(&settings) {
                    Ok(read) => read,
                    Err(error) => {
                        assert!(must_be_refused, "{model}, {what}: {error}");
                        refused += 1;
                        continue;
                    }
                };
                match model.check(&read) {
                    Ok(()) => {
                        assert!(!must_be_refused, "{model} takes {what}");
                        assert_works(model, &read, &data, &triples, &what);
                        trained += 1;
                    }
                    Err(error) => {
                        let name = *path.last().expect("a name");
                        assert!(
                            error.to_string().contains(name),
                            "{model}, {what}: the message names another: {error}"
                        );
                        refused += 1;
                    }
                }
            }
        }
        assert!(trained > 0 && refused > 0, "{model}: {trained} trained, {refused} refused");
    }
}

#[test]
fn odd_data_sets_train() {
    for model in MODELS.iter() {
        for there in 0..8 {
            let there = [0, 1, 2].map(|bit| there >> bit & 1 == 1);
            // One user and two items; more items than users; fewer. An item graph asks for more neighbours than there are items.
            for (users, items) in [(1, 2), (3, 11), (12, 4)] {
                let data = Data::<f32>::new(users, items, [3, 1, 2], there, 6).with_odd_rows();
                for count in [1, 9] {
                    let what = format!("{users} users, {items} items, features {there:?}, {count} triples");
                    assert_works(model, &model.defaults(), &data, &Triples::new(count, users, items, 8), &what);
                }
            }
        }
    }
}

#[test]
fn a_table_in_which_no_item_has_features_trains() {
    let (users, items) = (9, 12);
    for model in MODELS.iter() {
        for table in 0..3 {
            let data = Data::<f32>::new(users, items, [5, 4, 6], [true; 3], 11).with_zeros(table);
            let what = format!("zeros alone in table {table}");
            assert_works(model, &model.defaults(), &data, &Triples::new(6, users, items, 12), &what);
        }
    }
}
