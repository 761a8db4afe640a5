//! A run that begins with the weights of another one: whoever is known keeps its rows, whoever is new begins as without it.

use anchorrec_data::{Dataset, Features, Interactions, Pair, TwinSpec, generate};
use anchorrec_encoders::{Params, RowsOf};
use anchorrec_files::disk::FileSystem;
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use anchorrec_trainer::models::PreparedModels;
use anchorrec_trainer::warm_start::{Earlier, WarmStart, WarmStartError};
use anchorrec_trainer::{CheckedConfig, Job, Lineage, Outcome, RunConfig, RunFolder, RunOptions, checkpoint};
use ndarray::Array2;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The users and items of today by those of yesterday: the last ones are gone, the order is another, two are new.
fn from(count: usize) -> Vec<Option<usize>> {
    let mut from: Vec<Option<usize>> = (0..count - 3).rev().map(Some).collect();
    from.insert(2, None);
    from.push(None);
    from
}

/// The item whose features are others today.
const CHANGED: usize = 5;

fn yesterday(dir: &Path) -> Dataset {
    let spec = TwinSpec {
        mm_width: Some(6),
        text_width: Some(5),
        vision_width: Some(7),
        ..TwinSpec::new("twin", 60, 40, 500)
    };
    generate(&spec, 1).write(dir).unwrap();
    let data = Dataset::load(dir).unwrap();
    let (users, items) = (data.interactions.users, data.interactions.items);
    let user_ids = (0..users).map(|user| format!("u{user}")).collect();
    let item_ids = (0..items).map(|item| Some(format!("i{item}"))).collect();
    Dataset { user_ids: Some(user_ids), item_ids: Some(item_ids), ..data }
}

fn today(before: &Dataset) -> Dataset {
    let Interactions { users, items, train, valid, test } = &before.interactions;
    let (users, items) = (from(*users), from(*items));
    let place = |list: &[Option<usize>], old: u32| list.iter().position(|from| *from == Some(old as usize));
    let moved = |pairs: &[Pair]| -> Vec<Pair> {
        let one = |pair: &Pair| {
            let (user, item) = (place(&users, pair.user)?, place(&items, pair.item)?);
            Some(Pair { user: user as u32, item: item as u32 })
        };
        pairs.iter().filter_map(one).collect()
    };
    let mut train = moved(train);
    // Both new users take both new items.
    let new = |list: &[Option<usize>]| -> Vec<u32> {
        (0..list.len() as u32).filter(|&row| list[row as usize].is_none()).collect()
    };
    train.extend(new(&users).into_iter().flat_map(|user| new(&items).into_iter().map(move |item| Pair { user, item })));
    let interactions =
        Interactions { users: users.len(), items: items.len(), train, valid: moved(valid), test: moved(test) };
    let table = |old: &Option<Array2<f32>>| {
        old.as_ref().map(|old| {
            let mut new = Array2::from_elem((items.len(), old.ncols()), 0.25);
            for (row, from) in items.iter().enumerate() {
                from.iter().for_each(|&from| new.row_mut(row).assign(&old.row(from)));
            }
            new
        })
    };
    let Features { mm, text, vision } = &*before.features;
    let mut features = Features { mm: table(mm), text: table(text), vision: table(vision) };
    features.text.as_mut().unwrap()[[CHANGED, 0]] += 1.0;
    let name = |kind: &str, list: &[Option<usize>]| -> Vec<String> {
        list.iter()
            .zip(0..)
            .map(|(from, row)| from.map_or(format!("new-{kind}{row}"), |from| format!("{kind}{from}")))
            .collect()
    };
    Dataset {
        user_ids: Some(name("u", &users)),
        item_ids: Some(name("i", &items).into_iter().map(Some).collect()),
        titles: None,
        interactions,
        features: Arc::new(features),
        ..before.clone()
    }
}

fn config(model: &'static dyn Model) -> CheckedConfig {
    let mut config = RunConfig::defaults(MODELS);
    config.model = model;
    (config.train.epochs, config.train.batch_size) = (2, 80);
    config.check().unwrap()
}

fn run(job: &Job, folder: &RunFolder, until: Option<usize>) -> Outcome {
    job.run(folder, RunOptions { until, ..RunOptions::default() }, &AtomicBool::new(false), &mut ()).unwrap()
}

/// A model of yesterday, trained.
struct Trained {
    job: Job,
    folder: RunFolder,
    sha256: String,
}

fn trained(model: &'static dyn Model, before: &Dataset, dir: &Path) -> Trained {
    let job = Job::new(config(model), before.clone());
    let folder = RunFolder::open(&dir.join(format!("{model}-yesterday")), Box::new(FileSystem)).unwrap();
    let Outcome::Done(records) = run(&job, &folder, None) else { panic!("nobody stopped it") };
    Trained { job, folder, sha256: records[0].checkpoint_sha256.clone() }
}

impl Trained {
    fn start(&self, before: &Dataset, today: &Dataset, model: &str) -> Result<WarmStart, WarmStartError> {
        let weights = self.folder.best(999);
        let earlier =
            Earlier { identity: self.job.identity(), weights: &weights, sha256: &self.sha256, dataset: before };
        WarmStart::new(&earlier, today, model)
    }
}

fn fresh(model: &'static dyn Model, data: &Dataset) -> Params<f32> {
    let config = config(model);
    PreparedModels::new(&config, data).model(&config, 999).unwrap().params().clone()
}

#[test]
fn every_model_keeps_the_rows_of_the_known_and_begins_anew_with_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let before = yesterday(&dir.path().join("data"));
    let today = today(&before);
    for model in MODELS.iter() {
        let trained = trained(model, &before, dir.path());
        let start = trained.start(&before, &today, model.name()).unwrap();
        let (users, items) = (start.users(), start.items());
        assert_eq!((users.kept, users.new, users.gone, items.kept, items.new, items.gone), (57, 2, 3, 37, 2, 3));
        assert_eq!(start.changed().into_iter().collect::<Vec<_>>(), [("text".to_owned(), 1)], "{model}");

        let (mut old, cold) = (fresh(model, &before), fresh(model, &today));
        checkpoint::read_weights(&trained.folder.best(999), &mut old).unwrap();
        let taken = start.taken(&cold).unwrap();
        assert_eq!((taken.kept.len(), taken.anew.len(), taken.gone.len()), (cold.len(), 0, 0), "{model}: {taken:?}");
        let mut warm = cold.clone();
        start.put_into(&mut warm).unwrap();
        for ((warm, cold), old) in warm.iter().zip(cold.iter()).zip(old.iter()) {
            let name = format!("{model}: {}", warm.name);
            let rows = match warm.rows {
                RowsOf::Layer => {
                    assert_eq!(warm.value, old.value, "{name}");
                    continue;
                }
                RowsOf::Users => from(60),
                RowsOf::Items | RowsOf::Features => from(40),
            };
            for (row, from) in rows.into_iter().enumerate() {
                let other = warm.name == "text.features" && row == CHANGED;
                let expected = match from {
                    Some(from) if !other => old.value.row(from),
                    _ => cold.value.row(row),
                };
                assert_eq!(warm.value.row(row), expected, "{name}, row {row}");
            }
        }
    }
}

#[test]
fn an_interruption_changes_no_bit_and_the_start_is_part_of_the_identity() {
    let dir = tempfile::tempdir().unwrap();
    let before = yesterday(&dir.path().join("data"));
    let today = today(&before);
    // One with layers and tables that it keeps, one with neither.
    for model in ["lattice", "lightgcn"].map(|name| MODELS.find(name).unwrap()) {
        let trained = trained(model, &before, dir.path());
        let job = || {
            let start = Some(trained.start(&before, &today, model.name()).unwrap());
            Job::after(Lineage { start, refit: None }, config(model), today.clone())
        };
        let folder =
            |name: &str| RunFolder::open(&dir.path().join(format!("{model}-{name}")), Box::new(FileSystem)).unwrap();
        let sha256 = |outcome| match outcome {
            Outcome::Done(records) => records[0].checkpoint_sha256.clone(),
            Outcome::Stopped => panic!("nobody stopped it"),
        };
        let (whole, halved, cold) = (folder("whole"), folder("halved"), folder("cold"));
        let at_once = sha256(run(&job(), &whole, None));
        for until in [0, 1] {
            assert!(matches!(run(&job(), &halved, Some(until)), Outcome::Stopped), "{model}");
        }
        assert_eq!(sha256(run(&job(), &halved, None)), at_once, "{model}");
        let without = Job::new(config(model), today.clone());
        assert_ne!(sha256(run(&without, &cold, None)), at_once, "{model}: the start changes nothing");
        assert_ne!(job().identity().short_name(), without.identity().short_name());
        let differences = without.identity().differences_from(job().identity());
        let named = |what: &str| differences.iter().any(|difference| difference.starts_with(what));
        assert!(named("the run of --warm-start is absent") && named("the weights of --warm-start"), "{differences:?}");
    }
}

#[test]
fn rows_that_were_trained_on_are_counted_among_those_to_judge_by() {
    let dir = tempfile::tempdir().unwrap();
    let before = yesterday(&dir.path().join("data"));
    let model = MODELS.find("bprmf").unwrap();
    let trained = trained(model, &before, dir.path());
    let mut today = today(&before);
    assert_eq!(trained.start(&before, &today, "bprmf").unwrap().seen(), [0, 0]);
    // Three rows of yesterday's training are validation today.
    let moved: Vec<Pair> = today.interactions.train.drain(..3).collect();
    today.interactions.valid.extend(moved);
    let start = trained.start(&before, &today, "bprmf").unwrap();
    assert_eq!(start.seen(), [3, 0]);
    let notes: Vec<String> = start.notes().iter().map(ToString::to_string).collect();
    assert!(notes.iter().any(|note| note.starts_with("3 validation rows are among the rows that")), "{notes:?}");
}

#[test]
fn what_cannot_be_started_from_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let before = yesterday(&dir.path().join("data"));
    let today = today(&before);
    let model = MODELS.find("bprmf").unwrap();
    let trained = trained(model, &before, dir.path());
    let refused = |today: &Dataset, name: &str| match trained.start(&before, today, name) {
        Ok(_) => panic!("started from {name}"),
        Err(error) => error.to_string(),
    };
    assert!(refused(&today, "lightgcn").contains("trained bprmf, this one trains lightgcn"));
    let unnamed = Dataset { item_ids: None, ..today.clone() };
    assert!(refused(&unnamed, "bprmf").contains("expected i_id_mapping.csv in both folders"));
    let others = |kind: &str, count: usize| (0..count).map(|row| format!("{kind}-{row}")).collect::<Vec<_>>();
    let strangers = Dataset {
        user_ids: Some(others("a", today.interactions.users)),
        item_ids: Some(others("b", today.interactions.items).into_iter().map(Some).collect()),
        ..today.clone()
    };
    let text = refused(&strangers, "bprmf");
    assert!(text.contains("no user and no item") && text.contains("called u0, u1") && text.contains("b-0"), "{text}");

    let mut narrow = (*config(model)).clone();
    narrow = {
        let mut layers = anchorrec_trainer::ConfigLayers::new(MODELS);
        layers.put("all", &toml::Table::try_from(&narrow).unwrap()).unwrap();
        layers.set("bprmf.embedding_dim=8").unwrap();
        layers.finish().unwrap()
    };
    let start = trained.start(&before, &today, "bprmf").unwrap();
    let narrow = narrow.check().unwrap();
    let params = PreparedModels::new(&narrow, &today).model(&narrow, 999).unwrap().params().clone();
    let text = start.taken(&params).unwrap_err().to_string();
    assert!(text.contains("`user_embedding.weight` has rows of 64 numbers in the earlier run and of 8"), "{text}");
    assert_eq!(start.put_into(&mut params.clone()).unwrap_err().to_string(), text);
}

#[test]
fn an_id_that_stands_twice_is_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let before = yesterday(&dir.path().join("data"));
    let model = MODELS.find("bprmf").unwrap();
    let trained = trained(model, &before, dir.path());
    let mut today = today(&before);
    let ids = today.user_ids.as_mut().unwrap();
    ids[4] = ids[0].clone();
    let start = trained.start(&before, &today, "bprmf").unwrap();
    assert_eq!((start.users().kept, start.users().new, start.users().gone), (55, 4, 5));
    assert!(start.notes().iter().any(|note| note.code == "warm-start-ids-twice" && note.count == 1));
}
