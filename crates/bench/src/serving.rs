//! What serving a trained model takes: lists for all users as a file, the list of one new user, an exact scan for one user.
//!
//! One user is served on one core: a client that asks for a single list waits for it, and a server gives each request a core. Embeddings are those of
//! [`ranking`]; a catalogue of the size of Electronics has the items of Sports again and again, each moved a little.

use crate::electronics::ITEMS;
use crate::ranking;
use crate::sample::{repeated, seconds};
use crate::shape::Shape;
use anchorrec_data::{Dataset, Split};
use anchorrec_recommender::Embeddings;
use anchorrec_retrieval::fold_in::{FoldIn, Way};
use anchorrec_retrieval::names::Names;
use anchorrec_retrieval::table::write_file;
use anchorrec_retrieval::writing::hand_over;
use anchorrec_retrieval::{Exclude, Retriever};
use anchorrec_trainer::ranking::rank;
use anyhow::Result;
use ndarray::Array2;
use rayon::ThreadPoolBuilder;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

/// Items of a list.
pub const TOP: usize = 20;
const RUNS: usize = 5;
/// Single lists are timed for so long.
const BUDGET: Duration = Duration::from_millis(500);

/// What the bench saw of serving.
#[derive(Debug, Serialize, Deserialize)]
pub struct ServingTimes {
    /// The sizes of the data.
    pub shape: Shape,
    /// Seconds of the evaluation's ranking of all users, the same lists.
    pub ranking: Vec<f64>,
    /// Seconds of the lists of all users, written to a CSV file.
    pub all_users: Vec<f64>,
    /// Seconds from a new user's items to its list, on one core.
    pub new_user: Vec<f64>,
    /// Seconds of a list out of a large catalogue, on one core.
    pub scan: Vec<f64>,
    /// Items of that catalogue.
    pub catalogue: usize,
}

/// Trains for an epoch, then serves; runs in the child process.
pub fn run(folder: &Path, scale: f64, scratch: &Path) -> Result<ServingTimes> {
    let (dataset, shape, embeddings) = ranking::trained(folder, scale)?;
    let interactions = &dataset.interactions;
    let users: Vec<u32> = (0..shape.users as u32).collect();
    let train = interactions.by_user(Split::Train);
    let retriever = Retriever::new(&embeddings, interactions, Exclude::Train, &[]);
    let file = scratch.join("lists.csv");
    // One after the other in turns, so that a noisy moment meets both.
    let (mut ranking, mut all_users) = (Vec::new(), Vec::new());
    for _ in 0..=RUNS {
        ranking.push(seconds(|| rank(&embeddings, &users, TOP, |u| train.of(u))));
        all_users.push(seconds(|| write_all(&dataset, &retriever, &users, &file)));
    }
    ranking.remove(0);
    all_users.remove(0);

    let one = ThreadPoolBuilder::new().num_threads(1).build()?;
    let (new_user, scan, catalogue) = one.install(|| {
        let fold_in = FoldIn::new(Way::Mean, embeddings.items.view(), interactions);
        let mut next = users.iter().cycle().map(|&user| train.of(user)).filter(|items| !items.is_empty());
        let new_user = repeated(RUNS, BUDGET, || {
            let history = [next.next().expect("a user with items").to_vec()];
            seconds(|| retriever.lists_for(fold_in.users(&history).view(), &history, TOP))
        });
        let large = enlarged(&embeddings, (ITEMS as f64 * scale).ceil() as usize);
        let retriever = Retriever::new(&large, interactions, Exclude::None, &[]);
        let mut next = users.iter().cycle();
        let scan =
            repeated(RUNS, BUDGET, || seconds(|| retriever.lists(&[*next.next().expect("there are users")], TOP)));
        (new_user, scan, large.items.nrows())
    });
    Ok(ServingTimes { shape, ranking, all_users, new_user, scan, catalogue })
}

/// Writes the lists of all users as `anchorrec recommend` does; returns how many are short.
fn write_all(dataset: &Dataset, retriever: &Retriever<&Embeddings<f32>>, users: &[u32], file: &Path) -> usize {
    let (names, mut short) = (Names::of_items(dataset), 0);
    let written = write_file(file, &names, |add| {
        let user = |user| dataset.user_name(user);
        short = hand_over(users, TOP, user, |piece| retriever.lists(piece, TOP), add)?.short;
        Ok(())
    });
    written.expect("a file in the folder of the bench");
    short
}

/// So many items, none of them twice the same.
fn enlarged(embeddings: &Embeddings<f32>, items: usize) -> Embeddings<f32> {
    let rows = embeddings.items.nrows();
    let moved = |(item, column): (usize, usize)| {
        let times = (item / rows) as f32;
        embeddings.items[[item % rows, column]] * (1.0 - 0.01 * times * ((item * 31 + column * 17) % 7) as f32 / 7.0)
    };
    Embeddings {
        users: embeddings.users.clone(),
        items: Array2::from_shape_fn((items, embeddings.items.ncols()), moved),
    }
}
