//! How well users and items that a model was not trained on are served: the tables of `docs/new-users-and-items.md`.
//!
//! ```text
//! cargo run --release -p anchorrec-retrieval --example new_users_and_items -- DATA MODEL EPOCHS [users|items] [PATH=VALUE...]
//! ```
//!
//! **Users.** A tenth of them is drawn. One model is trained without their rows, one with all rows. Those users are then folded in by their training items
//! and judged on their test items, beside the same users trained in. **Items.** A tenth is drawn, and a model is trained on a catalogue without them. Users
//! who have one of them and a training row that remains are ranked for: among all items, and among the new ones alone; and users with a known item
//! in the test, to see what new items cost.
//!
//! Three models are trained, into a folder of temporary files; one that was trained there before is not trained again.

use anchorrec_data::{Dataset, Features, Interactions, ItemsByUser, Modality, Pair, Purpose, Split, keyed_rng};
use anchorrec_files::disk::FileSystem;
use anchorrec_kernels::rows::{gather, normalised};
use anchorrec_metrics::accuracy;
use anchorrec_models::MODELS;
use anchorrec_recommender::Embeddings;
use anchorrec_retrieval::filled::filled;
use anchorrec_retrieval::fold_in::{FoldIn, Way};
use anchorrec_retrieval::new_items::{length, placed};
use anchorrec_retrieval::placement::{self, encoded};
use anchorrec_retrieval::{Exclude, List, Retriever};
use anchorrec_trainer::{ConfigLayers, Job, RunFolder, RunOptions, TrainedModel};
use ndarray::{Array2, Axis, concatenate};
use rand::seq::SliceRandom;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const K: usize = 20;
const SEED: u64 = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [data, model, epochs, rest @ ..] = &words[..] else {
        return Err("expected DATA MODEL EPOCHS [users|items] [PATH=VALUE...]".into());
    };
    let (part, settings) = match rest {
        [part, settings @ ..] if ["users", "items"].contains(&part.as_str()) => (part.as_str(), settings),
        settings => ("both", settings),
    };
    let dataset = Dataset::load(Path::new(data))?;
    let mut layers = ConfigLayers::new(MODELS);
    let said = [format!("model={model}"), format!("train.epochs={epochs}")];
    said.iter().chain(settings).try_for_each(|said| layers.set(said))?;
    if part != "items" {
        users(&dataset, &layers)?;
    }
    if part != "users" {
        items(&dataset, &layers)?;
    }
    Ok(())
}

/// Trains on a data set, unless that was done before; the model of the best epoch.
fn train(dataset: &Dataset, layers: &ConfigLayers, name: &str) -> Result<TrainedModel, Box<dyn Error>> {
    let config = layers.clone().finish()?.check()?;
    let job = Job::new(config.clone(), dataset.clone());
    let folder = std::env::temp_dir().join("new-users-and-items").join(job.identity().short_name()).join(name);
    let run_folder = RunFolder::open(&folder, Box::new(FileSystem))?;
    job.run(&run_folder, RunOptions::default(), &AtomicBool::new(false), &mut ())?;
    Ok(job.trained(&run_folder, config.train.seeds[0])?)
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
    let (recall, ndcg) = mean(lists, truths);
    println!("| {name} | {recall:.4} | {ndcg:.4} |");
}

/// Recall and NDCG, means over users.
fn mean(lists: &[List], truths: &[&[u32]]) -> (f64, f64) {
    let each: Vec<_> = lists
        .iter()
        .zip(truths)
        .map(|(list, truth)| accuracy::user(&list.iter().map(|entry| entry.0).collect::<Vec<_>>(), truth, &[K]))
        .collect();
    let mean = accuracy::mean(&each, &[K]);
    (mean.recall[0], mean.ndcg[0])
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

    let whole = train(dataset, layers, "everybody")?.embeddings;
    let retriever = Retriever::new(&whole, all, Exclude::Train, &dataset.phantoms.items);
    row("the same users trained in", &retriever.lists(&new, K), &truths);

    let frozen = train(&Dataset { interactions: kept.clone(), ..dataset.clone() }, layers, "users")?.embeddings;
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
    let known: Vec<u32> = (0..all.items as u32).filter(|item| new.binary_search(item).is_err()).collect();
    // Known items have the first numbers, new ones those that follow.
    let order: Vec<u32> = known.iter().chain(&new).copied().collect();
    let mut place = vec![0u32; all.items];
    order.iter().zip(0..).for_each(|(&item, at)| place[item as usize] = at);
    let pairs = |split| all.pairs(split).iter().map(|pair| Pair { item: place[pair.item as usize], ..*pair });
    let is_known = |pair: &Pair| (pair.item as usize) < known.len();
    let of = |split| pairs(split).filter(is_known).collect::<Vec<Pair>>();
    let kept = Interactions {
        items: known.len(),
        train: of(Split::Train),
        valid: of(Split::Valid),
        test: of(Split::Test),
        ..*all
    };
    let whole = features_of(&dataset.features, &order);
    let set = Dataset {
        interactions: kept.clone(),
        features: Arc::new(features_of(&dataset.features, &known)),
        item_ids: None,
        titles: None,
        ..dataset.clone()
    };
    let left = kept.by_user(Split::Train);
    let every = [Split::Train, Split::Valid, Split::Test].into_iter().flat_map(pairs);
    let wanted = every.filter(|pair| !is_known(pair) && !left.of(pair.user).is_empty()).collect();
    let wanted = Interactions { train: wanted, ..all.clone() }.by_user(Split::Train);
    let users: Vec<u32> = (0..all.users as u32).filter(|&user| !wanted.of(user).is_empty()).collect();
    let trained = train(&set, layers, "items")?;
    let config = layers.clone().finish()?.check()?;
    let own = encoded(&config, &kept, whole, new.len(), &*trained.model, config.train.seeds[0])?;
    let kinds = kinds(dataset, &order, known.len())?;
    let Some(Kind { known: known_text, new: new_text, .. }) = kinds.iter().find(|kind| kind.name == "text") else {
        return Err("expected text features".into());
    };
    let share = new.len() as f64 / all.items as f64;
    let with = |rows: &Array2<f32>| Embeddings {
        users: trained.embeddings.users.clone(),
        items: concatenate![Axis(0), trained.embeddings.items, *rows],
    };
    let by = |kind: &Kind, way| {
        placed(&trained.embeddings, &kept, kind.known.view(), &kind.filled, kind.new.view(), way, share).0
    };
    let lengthened = |rows: &Array2<f32>| {
        let users = trained.embeddings.users.view();
        with(&(rows * length(&trained.embeddings, &left, users, rows.view(), share).scale))
    };
    // A user is the mean of the texts of its items, and nothing else is known.
    let units = normalised(&concatenate![Axis(0), *known_text, *new_text]);
    let none = Interactions { train: Vec::new(), ..kept.clone() };
    let fold_in = FoldIn::new(Way::Mean, units.view(), &none);
    let mut of_users = Array2::zeros((all.users, units.ncols()));
    for user in (0..all.users as u32).filter(|&user| !left.of(user).is_empty()) {
        of_users.row_mut(user as usize).assign(&fold_in.user(left.of(user)));
    }
    let mut random = Embeddings { users: Array2::ones((all.users, 1)), items: Array2::zeros((all.items, 1)) };
    let mut numbers: Vec<u32> = (0..all.items as u32).collect();
    numbers.shuffle(&mut keyed_rng(SEED, Purpose::Split, 3, 0));
    numbers.iter().zip(0..).for_each(|(&item, place)| random.items[[item as usize, 0]] = place as f32);
    let mut ways = Vec::new();
    for (name, way) in [("blend", placement::Way::Blend), ("neighbours", placement::Way::Neighbours)] {
        ways.extend(kinds.iter().map(|kind| (format!("{name}, {}", kind.name), by(kind, way))));
    }
    ways.extend(
        [
            ("the model's own encoders, the same share", lengthened(&own)),
            ("the model's own encoders as they are", with(&own)),
            ("text kNN alone", Embeddings { users: of_users, items: units }),
            ("at random", random),
        ]
        .map(|(name, embeddings)| (name.to_owned(), embeddings)),
    );
    let known_truth = kept.by_user(Split::Test);
    let judged = |users: &ItemsByUser| -> Vec<u32> {
        (0..all.users as u32).filter(|&user| !users.of(user).is_empty() && !left.of(user).is_empty()).collect()
    };
    let known_users = judged(&known_truth);
    let not_new: Vec<u32> = (0..known.len() as u32).collect();
    println!(
        "\n{} new items, {} users who have one; {} users with a known item in the test\n",
        new.len(),
        users.len(),
        known_users.len()
    );
    println!(
        "| way | new, among all: Recall@{K} | NDCG@{K} | among new: Recall@{K} | NDCG@{K} | known, among all: Recall@{K} |"
    );
    println!("|---|---|---|---|---|---|");
    let judge = |embeddings: &Embeddings<f32>, never: &[u32], users: &[u32], truth: &ItemsByUser| {
        let lists = Retriever::new(embeddings, &kept, Exclude::Train, never).lists(users, K);
        mean(&lists, &users.iter().map(|&user| truth.of(user)).collect::<Vec<_>>())
    };
    let frozen = &trained.embeddings;
    let (without, _) = judge(frozen, &[], &known_users, &known_truth);
    println!("| without new items | | | | | {without:.4} |");
    for (name, embeddings) in &ways {
        let (all_recall, all_ndcg) = judge(embeddings, &[], &users, &wanted);
        let (new_recall, new_ndcg) = judge(embeddings, &not_new, &users, &wanted);
        let (known_recall, _) = judge(embeddings, &[], &known_users, &known_truth);
        println!("| {name} | {all_recall:.4} | {all_ndcg:.4} | {new_recall:.4} | {new_ndcg:.4} | {known_recall:.4} |");
    }
    Ok(())
}

/// What items are placed by.
struct Kind {
    name: String,
    /// Features of the known items.
    known: Array2<f32>,
    /// Features of the new ones.
    new: Array2<f32>,
    /// Known items without features of their own, ascending.
    filled: Vec<u32>,
}

/// Each kind of features of the data set, and all of them side by side, of the items in an `order` of which the first `known` are known.
fn kinds(dataset: &Dataset, order: &[u32], known: usize) -> Result<Vec<Kind>, Box<dyn Error>> {
    let mut kinds: Vec<Kind> = Vec::new();
    for modality in [Modality::Text, Modality::Vision, Modality::Mm] {
        let Some(table) = dataset.features.of(modality) else { continue };
        let filled = filled(dataset, modality)?;
        let is_filled = |place: &u32| filled.binary_search(&order[*place as usize]).is_ok();
        kinds.push(Kind {
            name: modality.to_string(),
            known: gather(table, &order[..known]),
            new: gather(table, &order[known..]),
            filled: (0..known as u32).filter(is_filled).collect(),
        });
    }
    if kinds.len() > 1 {
        // Each kind with the same weight; an item is left out where it has none of its own.
        let beside = |of: fn(&Kind) -> &Array2<f32>| {
            let units: Vec<Array2<f32>> = kinds.iter().map(|kind| normalised(of(kind))).collect();
            concatenate(Axis(1), &units.iter().map(|rows| rows.view()).collect::<Vec<_>>())
        };
        let filled = kinds[0].filled.iter().copied();
        let filled = filled.filter(|item| kinds.iter().all(|kind| kind.filled.binary_search(item).is_ok())).collect();
        let (known, new) = (beside(|kind| &kind.known)?, beside(|kind| &kind.new)?);
        kinds.push(Kind { name: "all of them side by side".to_owned(), known, new, filled });
    }
    Ok(kinds)
}

fn features_of(features: &Features, items: &[u32]) -> Features {
    let of = |table: &Option<Array2<f32>>| table.as_ref().map(|table| gather(table, items));
    Features { mm: of(&features.mm), text: of(&features.text), vision: of(&features.vision) }
}
