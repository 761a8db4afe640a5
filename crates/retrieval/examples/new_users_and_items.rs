//! How well users and items that a model was not trained on are served: the tables of `docs/new-users-and-items.md`.
//!
//! ```text
//! cargo run --release -p anchorrec-retrieval --example new_users_and_items -- DATA MODEL EPOCHS [PATH=VALUE...]
//! ```
//!
//! **Users.** A tenth of them is drawn. One model is trained without their rows, one with all rows. Those users are then folded in by their training items
//! and judged on their test items, beside the same users trained in. **Items.** A tenth is drawn, and a model trained without any row of them, their
//! features at hand. Users who have one of them and a row that remains are ranked for: among all items, and among the new ones alone.

use anchorrec_data::{Dataset, Interactions, Pair, Purpose, Split, keyed_rng};
use anchorrec_files::disk::FileSystem;
use anchorrec_kernels::rows::{gather, normalised};
use anchorrec_metrics::accuracy;
use anchorrec_models::MODELS;
use anchorrec_recommender::Embeddings;
use anchorrec_retrieval::fold_in::{FoldIn, Way};
use anchorrec_retrieval::placement::{NEIGHBOURS, place};
use anchorrec_retrieval::{Exclude, List, Retriever};
use anchorrec_trainer::{ConfigLayers, Job, RunFolder, RunOptions};
use ndarray::Array2;
use rand::seq::SliceRandom;
use std::error::Error;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const K: usize = 20;
const SEED: u64 = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [data, model, epochs, settings @ ..] = &words[..] else {
        return Err("expected DATA MODEL EPOCHS [PATH=VALUE...]".into());
    };
    let dataset = Dataset::load(Path::new(data))?;
    let mut layers = ConfigLayers::new(MODELS);
    let said = [format!("model={model}"), format!("train.epochs={epochs}")];
    said.iter().chain(settings).try_for_each(|said| layers.set(said))?;
    users(&dataset, &layers)?;
    items(&dataset, &layers)
}

/// Trains on these interactions; the embeddings of the best epoch.
fn train(
    dataset: &Dataset,
    layers: &ConfigLayers,
    interactions: Interactions,
) -> Result<Embeddings<f32>, Box<dyn Error>> {
    let config = layers.clone().finish()?.check()?;
    let folder = tempfile::tempdir()?;
    let job = Job::new(config.clone(), Dataset { interactions, ..dataset.clone() });
    let run_folder = RunFolder::open(folder.path(), Box::new(FileSystem))?;
    let options = RunOptions { resume: false, checkpoint_every: RunOptions::EVERY, until: None, trial: true };
    job.run(&run_folder, options, &AtomicBool::new(false), &mut ())?;
    Ok(job.trained(&run_folder, config.train.seeds[0])?.embeddings)
}

/// A tenth of so many, ascending.
fn tenth(count: usize, key: u64) -> Vec<u32> {
    let mut all: Vec<u32> = (0..count as u32).collect();
    all.shuffle(&mut keyed_rng(SEED, Purpose::Split, key, 0));
    all.truncate(count / 10);
    all.sort_unstable();
    all
}

fn without(interactions: &Interactions, keep: impl Fn(&Pair) -> bool) -> Interactions {
    let pairs = |split| interactions.pairs(split).iter().copied().filter(|pair| keep(pair)).collect();
    Interactions { train: pairs(Split::Train), valid: pairs(Split::Valid), test: pairs(Split::Test), ..*interactions }
}

fn row(name: &str, lists: &[List], truths: &[&[u32]]) {
    let each: Vec<_> = lists
        .iter()
        .zip(truths)
        .map(|(list, truth)| accuracy::user(&list.iter().map(|entry| entry.0).collect::<Vec<_>>(), truth, &[K]))
        .collect();
    let mean = accuracy::mean(&each, &[K]);
    println!("| {name} | {:.4} | {:.4} |", mean.recall[0], mean.ndcg[0]);
}

fn users(dataset: &Dataset, layers: &ConfigLayers) -> Result<(), Box<dyn Error>> {
    let all = &dataset.interactions;
    let (train_items, test) = (all.by_user(Split::Train), all.by_user(Split::Test));
    let mut new = tenth(all.users, 1);
    let kept = without(all, |pair| new.binary_search(&pair.user).is_err());
    new.retain(|&user| !test.of(user).is_empty() && !train_items.of(user).is_empty());
    let truths: Vec<&[u32]> = new.iter().map(|&user| test.of(user)).collect();
    let histories: Vec<Vec<u32>> = new.iter().map(|&user| train_items.of(user).to_vec()).collect();
    println!("{} new users with a test item\n\n| way | Recall@{K} | NDCG@{K} |\n|---|---|---|", new.len());

    let whole = train(dataset, layers, all.clone())?;
    let retriever = Retriever::new(&whole, all, Exclude::Train, &dataset.phantoms.items);
    row("the same users trained in", &retriever.lists(&new, K), &truths);

    let frozen = train(dataset, layers, kept.clone())?;
    let retriever = Retriever::new(&frozen, &kept, Exclude::Train, &dataset.phantoms.items);
    for way in Way::ALL {
        let fold_in = FoldIn::new(way, frozen.items.view(), &kept);
        let vectors = fold_in.users(&histories);
        row(way.name(), &retriever.lists_for(vectors.view(), &histories, K), &truths);
        let started = Instant::now();
        for history in &histories {
            std::hint::black_box(fold_in.user(history));
        }
        eprintln!("{}: {:.1} µs a user", way.name(), started.elapsed().as_secs_f64() * 1e6 / histories.len() as f64);
    }
    let mut popular = Embeddings { users: Array2::ones((1, 1)), items: Array2::zeros((all.items, 1)) };
    kept.train.iter().for_each(|pair| popular.items[[pair.item as usize, 0]] += 1.0);
    let retriever = Retriever::new(&popular, &kept, Exclude::Train, &dataset.phantoms.items);
    row("the most popular items", &retriever.lists_for(Array2::ones((new.len(), 1)).view(), &histories, K), &truths);
    Ok(())
}

fn items(dataset: &Dataset, layers: &ConfigLayers) -> Result<(), Box<dyn Error>> {
    let all = &dataset.interactions;
    let new = tenth(all.items, 2);
    let is_new = |item: u32| new.binary_search(&item).is_ok();
    let mut kept = without(all, |pair| !is_new(pair.item));
    let left = kept.by_user(Split::Train);
    let is_left = |user: u32| !left.of(user).is_empty();
    kept = without(&kept, |pair| is_left(pair.user));
    let pairs =
        [Split::Train, Split::Valid, Split::Test].into_iter().flat_map(|split| all.pairs(split).iter().copied());
    let wanted = Interactions {
        train: pairs.filter(|pair| is_new(pair.item) && is_left(pair.user)).collect(),
        ..without(all, |_| false)
    };
    let wanted = wanted.by_user(Split::Train);
    let users: Vec<u32> = (0..all.users as u32).filter(|&user| !wanted.of(user).is_empty()).collect();
    let truths: Vec<&[u32]> = users.iter().map(|&user| wanted.of(user)).collect();
    let mut known = vec![false; all.items];
    kept.train.iter().for_each(|pair| known[pair.item as usize] = true);
    let known: Vec<u32> = (0..all.items as u32).filter(|&item| known[item as usize]).collect();
    let not_new: Vec<u32> = (0..all.items as u32).filter(|&item| !is_new(item)).collect();
    println!("\n{} new items, {} users who have one\n", new.len(), users.len());

    let frozen = train(dataset, layers, kept.clone())?;
    let mut ways = vec![("the model's own encoders".to_owned(), frozen.clone())];
    let features = &dataset.features;
    let mut sum = Array2::<f32>::zeros((new.len(), frozen.items.ncols()));
    let mut kinds = 0.0;
    for (name, features) in [("text", &features.text), ("vision", &features.vision), ("anchor", &features.mm)] {
        let Some(features) = features else { continue };
        let placed = place(features, &known, frozen.items.view(), &gather(features, &new), NEIGHBOURS);
        sum += &placed;
        kinds += 1.0;
        ways.push((format!("neighbours by {name}"), with(&frozen, &new, &placed)));
    }
    ways.push(("neighbours by all of them".to_owned(), with(&frozen, &new, &(sum / kinds))));
    if let Some(text) = &features.text {
        // A user is the mean of the texts of its items.
        let units = normalised(text);
        let none = Interactions { train: Vec::new(), ..kept.clone() };
        let fold_in = FoldIn::new(Way::Mean, units.view(), &none);
        let mut of_users = Array2::zeros((all.users, units.ncols()));
        for &user in &users {
            of_users.row_mut(user as usize).assign(&fold_in.user(left.of(user)));
        }
        ways.push(("text kNN alone".to_owned(), Embeddings { users: of_users, items: units }));
    }
    let mut random = Embeddings { users: Array2::ones((all.users, 1)), items: Array2::zeros((all.items, 1)) };
    let mut order: Vec<u32> = (0..all.items as u32).collect();
    order.shuffle(&mut keyed_rng(SEED, Purpose::Split, 3, 0));
    order.iter().zip(0..).for_each(|(&item, place)| random.items[[item as usize, 0]] = place as f32);
    ways.push(("at random".to_owned(), random));
    for (title, never) in [("among all items", &dataset.phantoms.items), ("among the new items alone", &not_new)] {
        println!("{title}\n\n| way | Recall@{K} | NDCG@{K} |\n|---|---|---|");
        for (name, embeddings) in &ways {
            let retriever = Retriever::new(embeddings, &kept, Exclude::Train, never);
            row(name, &retriever.lists(&users, K), &truths);
        }
        println!();
    }
    Ok(())
}

/// The vectors of a model, those of the new items in their places.
fn with(frozen: &Embeddings<f32>, new: &[u32], placed: &Array2<f32>) -> Embeddings<f32> {
    let mut embeddings = frozen.clone();
    new.iter().zip(placed.rows()).for_each(|(&item, row)| embeddings.items.row_mut(item as usize).assign(&row));
    embeddings
}
