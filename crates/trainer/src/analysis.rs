//! The analysis of a trained model: its spaces, its neighbourhoods, what it recommends and to whom.
//!
//! Everything here is computed by `anchorrec_metrics` from three things: the model's item spaces, the data set's own raw features (also when the
//! model was trained on those of a control), and the ranking of all items for all users. Nothing is drawn at random.

mod lists;
mod names;
mod scored;
mod spaces;

pub use scored::{lists_of_closed_form, lists_of_fusion};

use crate::config::ProtocolConfig;
use crate::ranking::rank_without;
use anchorrec_data::{Dataset, ItemsByUser, Modality, Split};
use anchorrec_metrics::{dominance, spaces as metrics};
use anchorrec_recommender::{Embeddings, ItemSpace};
use anchorrec_records::analysis::{Analysis, NEAREST, NearestRecord, UserResults};
use anchorrec_records::report::SELECTION_K;
use lists::Lists;
use names::{examples, map};
use spaces::Spaces;

/// Analyses a trained model on its data set: its embeddings, and the spaces it places items in. Its weights have the hash `weights_sha256`.
pub fn analyse(
    dataset: &Dataset,
    protocol: &ProtocolConfig,
    embeddings: &Embeddings<f32>,
    spaces: Vec<ItemSpace<f32>>,
    seed: u64,
    weights_sha256: String,
) -> (Analysis, UserResults) {
    let interactions = &dataset.interactions;
    let never = &dataset.phantoms.items;
    let rank = |users: &[u32], k, masks: &ItemsByUser| rank_without(embeddings, users, k, never, |user| masks.of(user));
    let lists = Lists::new(interactions, protocol, rank);
    let train: Vec<(u32, u32)> = interactions.train.iter().map(|pair| (pair.user, pair.item)).collect();
    let alignment = metrics::alignment(&embeddings.users, &embeddings.items, &train);
    let user_uniformity = metrics::uniformity(&embeddings.users);

    let spaces = Spaces::new(spaces, &dataset.features, SELECTION_K);
    let analysis = Analysis {
        seed,
        weights_sha256: weights_sha256.clone(),
        k: SELECTION_K,
        nearest: nearest(dataset, spaces.scored_neighbours()),
        alignment,
        user_uniformity,
        catalogue: lists.catalogue(),
        user_groups: lists.user_groups(),
        item_groups: lists.item_groups(),
        map: map(dataset, &spaces),
        examples: examples(dataset, &spaces, lists.item_degrees()),
        pairs: spaces.pairs(),
        spaces: spaces.records(),
    };
    (analysis, lists.user_results(weights_sha256))
}

/// What the nearest neighbours are like; popularity is counted over the pairs of all splits.
fn nearest(dataset: &Dataset, neighbours: &[Vec<u32>]) -> Vec<NearestRecord> {
    let interactions = &dataset.interactions;
    let pairs = [Split::Train, Split::Valid, Split::Test].into_iter().flat_map(|split| interactions.pairs(split));
    let pairs: Vec<(u32, u32)> = pairs.map(|pair| (pair.user, pair.item)).collect();
    let counts = dominance::co_bought(interactions.items, &pairs);
    let two_hop = dominance::two_hop(neighbours, &counts, NEAREST);
    let content = |modality: Modality| {
        dataset.features.of(modality).map(|features| dominance::content(neighbours, features, NEAREST))
    };
    let (text, vision) = (content(Modality::Text), content(Modality::Vision));
    let at = |place: usize| NearestRecord {
        rank: place + 1,
        text: text.as_ref().map(|text| text[place]),
        vision: vision.as_ref().map(|vision| vision[place]),
        two_hop: two_hop[place],
    };
    (0..NEAREST).map(at).collect()
}
