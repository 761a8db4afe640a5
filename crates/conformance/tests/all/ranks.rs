//! The number of ranks changes no bit.

use crate::case::{Data, Triples};
use anchorrec_models::MODELS;
use anchorrec_ranks::{Ranks, RanksError, Threads};
use anchorrec_recommender::{Batch, Model, Term};
use anchorrec_trainer::RunConfig;
use anchorrec_trainer::adam::Moments;
use anchorrec_trainer::identity::Identity;
use anchorrec_trainer::stepper::{Held, StepError, Stepper};
use ndarray::{Array2, Axis, concatenate};
use std::ops::Range;
use std::thread;
use std::time::Duration;
use toml::{Table, Value};

const ITEMS: usize = 300;
/// Blocks of so many rows are dealt out: five, so that shares are uneven, and empty on seven ranks.
const BLOCK: usize = 64;
const STEPS: u64 = 3;

/// Fused, text, vision.
type Widths = [usize; 3];

/// A weight of one rank: its name, its rows of all, its value, its moments.
struct Weight {
    name: String,
    own: Option<Range<usize>>,
    value: Array2<f32>,
    moments: Option<Moments<f32>>,
}

/// What a rank has after some steps.
struct Trained {
    terms: Vec<Vec<Term>>,
    weights: Vec<Weight>,
    embeddings: [Array2<f32>; 2],
    held: Held,
    /// Bytes received for the steps that were made together.
    received: u64,
}

fn data(widths: Widths) -> Data<f32> {
    Data::new(120, ITEMS, widths, [true; 3], 1)
}

/// A run of a model at its defaults, but for the learning rate.
fn identity(model: &'static dyn Model, learning_rate: f64) -> Identity {
    let mut config = RunConfig::defaults(MODELS);
    config.model = model;
    config.train.learning_rate = learning_rate;
    Identity::new(&config.check().expect("settings that work"), &[])
}

fn step(stepper: &mut Stepper<f32>, data: &Data<f32>, step: u64) -> Result<Vec<Term>, StepError> {
    let triples = Triples::new(200, data.users, data.items, step);
    let batch = Batch { index: step as usize, ..triples.batch(step) };
    Ok(stepper.step_on(&batch, 0.01)?.terms)
}

fn trained(model: &'static dyn Model, settings: &Table, widths: Widths, ranks: Ranks) -> Trained {
    let data = data(widths);
    let built = data.build(model, settings, 2).expect("a model with all features");
    // They part after the first step, so that there are moments to deal out.
    let mut whole = Stepper::new(built);
    whole.begin_epoch(999, 0);
    let mut terms = vec![step(&mut whole, &data, 0).expect("finite terms")];
    let connection = ranks.clone();
    let mut stepper = whole.on_ranks(&identity(model, 0.001), ranks).expect("ranks that were started alike");
    let before = connection.traffic().received;
    terms.extend((1..STEPS).map(|n| step(&mut stepper, &data, n).expect("finite terms, ranks that go on")));
    let received = connection.traffic().received - before;
    let embeddings = stepper.model.embeddings();
    let weights = stepper.model.params().iter().zip(&stepper.adam.moments).map(|(parameter, moments)| Weight {
        name: parameter.name.clone(),
        own: parameter.share.as_ref().map(|share| share.own()),
        value: parameter.value.clone(),
        moments: moments.clone(),
    });
    Trained {
        terms,
        weights: weights.collect(),
        embeddings: [embeddings.users, embeddings.items],
        held: stepper.held(),
        received,
    }
}

/// What each of `size` ranks has, in their order.
fn on_ranks<T: Send>(size: usize, rank: impl Fn(Ranks) -> T + Sync) -> Vec<T> {
    let rank = &rank;
    thread::scope(|scope| {
        let started: Vec<_> = Threads::group(size, Duration::from_secs(600))
            .into_iter()
            .map(|transport| scope.spawn(move || rank(Ranks::new(transport).with_block(BLOCK))))
            .collect();
        started.into_iter().map(|rank| rank.join().expect("a rank without a panic")).collect()
    })
}

/// Settings to try of a model, each with widths of features and the number of tables that are dealt out at least. A width that is no multiple of 32 and a
/// LayerNorm keep a table whole.
fn cases(model: &dyn Model) -> Vec<(String, Table, Widths)> {
    let defaults = model.defaults();
    let mut cases = vec![
        ("at its defaults".to_owned(), defaults.clone(), [64, 32, 96]),
        ("with a narrow table".to_owned(), defaults.clone(), [64, 33, 96]),
    ];
    for (name, value) in [("targets", Value::from("frozen")), ("layer_norm", Value::from(true))] {
        if defaults.contains_key(name) {
            let mut settings = defaults.clone();
            settings.insert(name.to_owned(), value);
            cases.push((format!("with another {name}"), settings, [64, 32, 96]));
        }
    }
    cases
}

fn bits(matrix: &Array2<f32>) -> Vec<u32> {
    matrix.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn any_number_of_ranks_gives_the_same_bits() {
    let mut dealt_out = Vec::new();
    let mut received = Vec::new();
    for model in MODELS.iter() {
        for (case, settings, widths) in cases(model) {
            let one = trained(model, &settings, widths, Ranks::alone());
            for size in [1, 2, 3, 4, 7] {
                let all = on_ranks(size, |ranks| trained(model, &settings, widths, ranks));
                for (rank, trained) in all.iter().enumerate() {
                    let what = format!("{model} {case}, rank {rank} of {size}");
                    assert_eq!(trained.terms, one.terms, "{what}: terms");
                    for (found, expected) in trained.embeddings.iter().zip(&one.embeddings) {
                        assert!(bits(found) == bits(expected), "{what}: embeddings");
                    }
                }
                for (n, expected) in one.weights.iter().enumerate() {
                    let parts: Vec<&Weight> = all.iter().map(|trained| &trained.weights[n]).collect();
                    assert_joined(&parts, expected, &format!("{model} {case}, {size} ranks: {}", expected.name));
                }
                assert_held(&all, &one);
                if size == 3 {
                    received.push(((model.name(), case.clone()), all[0].received));
                    dealt_out.push((model.name(), case.clone(), all[0].held.tables));
                }
            }
        }
    }
    // Frozen features are no weights: that they are dealt out too shows in their rows of the batch, which are sent as those of shared ones are.
    for model in ["anchorrec", "alignrec"] {
        let of = |case: &str| received.iter().find(|(key, _)| *key == (model, case.to_owned())).expect("a case").1;
        assert!(
            of("at its defaults") == of("with another targets") && of("at its defaults") > 0,
            "{model}: {received:?}"
        );
    }
    // The tables that exist, taken from the papers: nothing is left whole by mistake.
    let of = |model: &str, case: &str| dealt_out.iter().find(|(m, c, _)| *m == model && c == case).map(|found| found.2);
    for (model, case, tables) in [
        ("anchorrec", "at its defaults", 3),
        ("anchorrec", "with another targets", 3),
        ("anchorrec", "with a narrow table", 2),
        ("anchorrec", "with another layer_norm", 0),
        ("alignrec", "at its defaults", 1),
        ("bm3", "at its defaults", 2),
        ("bprmf", "at its defaults", 0),
    ] {
        assert_eq!(of(model, case), Some(tables), "{model} {case}: {dealt_out:?}");
    }
}

/// The parts of all ranks, joined or each for itself, are the weight of one process.
fn assert_joined(parts: &[&Weight], expected: &Weight, what: &str) {
    let dealt_out = parts[0].own.is_some();
    let matrices = |of: &dyn Fn(&Weight) -> Array2<f32>| -> Vec<Array2<f32>> {
        let each: Vec<Array2<f32>> = parts.iter().map(|part| of(part)).collect();
        let views: Vec<_> = each.iter().map(|part| part.view()).collect();
        if dealt_out { vec![concatenate(Axis(0), &views).unwrap()] } else { each }
    };
    let check = |found: Vec<Array2<f32>>, expected: &Array2<f32>, kind: &str| {
        assert!(found.iter().all(|found| bits(found) == bits(expected)), "{what}: {kind}");
    };
    check(matrices(&|part| part.value.clone()), &expected.value, "value");
    let Some(moments) = &expected.moments else {
        assert!(parts.iter().all(|part| part.moments.is_none()), "{what}: no moments");
        return;
    };
    let of = |part: &Weight| part.moments.clone().unwrap_or_else(|| panic!("{what}: moments"));
    check(matrices(&|part| of(part).first), &moments.first, "first moment");
    check(matrices(&|part| of(part).second), &moments.second, "second moment");
    assert!(parts.iter().all(|part| of(part).updates == moments.updates), "{what}: updates");
}

/// A rank holds `Σ own rows · F` numbers of the tables that are dealt out and all of the others, and as many of either moment.
fn assert_held(all: &[Trained], one: &Trained) {
    let size = all.len();
    let blocks = ITEMS.div_ceil(BLOCK);
    for (rank, trained) in all.iter().enumerate() {
        let begin = |rank: usize| (rank * blocks / size * BLOCK).min(ITEMS);
        let own = begin(rank + 1) - begin(rank);
        let rows = |weight: &Weight| if weight.own.is_some() { own } else { weight.value.nrows() };
        let formula: usize = trained.weights.iter().map(|weight| rows(weight) * weight.value.ncols()).sum();
        let held = trained.held;
        assert_eq!((held.rank, held.ranks, held.weights, held.of), (rank, size, formula, one.held.weights));
        for weight in &trained.weights {
            let lengths = weight.moments.as_ref().map(|moments| [moments.first.len(), moments.second.len()]);
            assert!(
                lengths.is_none_or(|lengths| lengths == [rows(weight) * weight.value.ncols(); 2]),
                "{}",
                weight.name
            );
        }
    }
}

#[test]
fn a_rank_that_ends_ends_the_others_before_they_move_a_weight() {
    let model = MODELS.iter().next().expect("a model");
    let ended = on_ranks(3, |ranks| {
        let (rank, data) = (ranks.rank(), data([64, 32, 96]));
        let built = data.build(model, &model.defaults(), 2).unwrap();
        let mut stepper = Stepper::new(built).on_ranks(&identity(model, 0.001), ranks).unwrap();
        stepper.begin_epoch(999, 0);
        step(&mut stepper, &data, 0).unwrap();
        let before: Vec<Vec<u32>> = stepper.model.params().iter().map(|parameter| bits(&parameter.value)).collect();
        // Rank 1 goes, as after a full disk.
        let failure = (rank != 1).then(|| step(&mut stepper, &data, 1).expect_err("rank 1 is gone"));
        let after = stepper.model.params().iter().map(|parameter| bits(&parameter.value));
        assert!(after.eq(before), "rank {rank}");
        failure
    });
    let expected = StepError::Ranks(RanksError::Ended { rank: 1 });
    assert_eq!(ended, [Some(expected.clone()), None, Some(expected)]);
}

#[test]
fn ranks_that_were_started_otherwise_are_refused_by_name() {
    let model = MODELS.iter().next().expect("a model");
    let refused = on_ranks(3, |ranks| {
        let built = data([64, 32, 96]).build(model, &model.defaults(), 2).unwrap();
        let learning_rate = if ranks.rank() == 2 { 0.002 } else { 0.001 };
        let refused = Stepper::new(built).on_ranks(&identity(model, learning_rate), ranks);
        refused.err().expect("another learning rate").to_string()
    });
    let expected = "rank 2 was started otherwise than rank 0: train.learning_rate is 0.002 there, 0.001 on rank 0; \
                    start all ranks alike";
    assert_eq!(refused, [expected; 3]);
}
