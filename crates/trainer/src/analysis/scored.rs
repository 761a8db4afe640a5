//! What is recommended by scores that are no model's weights alone: those of a closed form, those of a fusion.

use super::lists::Lists;
use crate::config::ProtocolConfig;
use crate::fused_scores::FusedScores;
use crate::ranking::rank_by_scores;
use anchorrec_closed_forms::FoldIn;
use anchorrec_data::{Dataset, Input, ItemsByUser, Split};
use anchorrec_kernels::Packed;
use anchorrec_recommender::Embeddings;
use anchorrec_records::lists::ListsRecord;

/// Looks at what a closed form recommends; `ranked_by` says which it is.
pub fn lists_of_closed_form(
    dataset: &Dataset,
    protocol: &ProtocolConfig,
    scores: &dyn FoldIn,
    ranked_by: String,
) -> ListsRecord {
    let train = dataset.interactions.by_user(Split::Train);
    let write = |user: u32, row: &mut [f64]| scores.scores_into(train.of(user), row);
    record(dataset, protocol, ranked_by, String::new(), write)
}

/// Looks at what `z(model) + γ z(closed form)` recommends; `ranked_by` says which it is, `weights_sha256` which weights the model has.
///
/// # Panics
/// When the two are of different numbers of items.
pub fn lists_of_fusion(
    dataset: &Dataset,
    protocol: &ProtocolConfig,
    embeddings: &Embeddings<f32>,
    (closed_form, gamma): (&dyn FoldIn, f64),
    ranked_by: String,
    weights_sha256: String,
) -> ListsRecord {
    let train = dataset.interactions.by_user(Split::Train);
    let keys = Packed::new(embeddings.items.t());
    let fused = FusedScores::new(&keys, closed_form, gamma);
    let write = |user: u32, row: &mut [f64]| {
        fused.scores_into(embeddings.users.row(user as usize), train.of(user), row);
    };
    record(dataset, protocol, ranked_by, weights_sha256, write)
}

fn record(
    dataset: &Dataset,
    protocol: &ProtocolConfig,
    ranked_by: String,
    weights_sha256: String,
    scores: impl Fn(u32, &mut [f64]) + Sync,
) -> ListsRecord {
    let (items, never) = (dataset.interactions.items, &dataset.phantoms.items);
    let rank =
        |users: &[u32], k, masks: &ItemsByUser| rank_by_scores(items, users, k, never, |user| masks.of(user), scores);
    let lists = Lists::new(&dataset.interactions, protocol, rank);
    let file = |input: &Input| (input.name.clone(), input.sha256.clone());
    ListsRecord {
        ranked_by,
        files: dataset.inputs.iter().map(file).collect(),
        catalogue: lists.catalogue(),
        user_groups: lists.user_groups(),
        item_groups: lists.item_groups(),
        users: lists.user_results(weights_sha256),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_closed_forms::{Popularity, Taken};
    use ndarray::array;

    /// Items 0, 1, 2, 3 have 3, 1, 0, 0 users.
    fn dataset() -> Dataset {
        let folder = tempfile::tempdir().unwrap();
        let rows = "0\t0\t0\n1\t0\t0\n1\t1\t0\n2\t0\t0\n2\t2\t1\n0\t1\t2\n1\t3\t2\n";
        std::fs::write(folder.path().join("d.inter"), format!("userID\titemID\tx_label\n{rows}")).unwrap();
        Dataset::load(folder.path()).unwrap()
    }

    fn popularity(dataset: &Dataset) -> Popularity {
        let pairs = dataset.interactions.train.iter().map(|pair| (pair.user, pair.item));
        Popularity::new(&Taken::new(3, 4, pairs))
    }

    #[test]
    fn what_popularity_recommends_is_known_user_by_user() {
        let dataset = dataset();
        let scores = popularity(&dataset);
        let lists = lists_of_closed_form(&dataset, &ProtocolConfig::default(), &scores, "popularity".to_owned());
        // Ties go to the lower item: user 0 is shown 1, 2, 3, user 1, who took 0 and 1, is shown 2, 3.
        assert_eq!((&lists.users.users, &lists.users.top), (&vec![0, 1], &vec![vec![1, 2, 3], vec![2, 3]]));
        assert_eq!((&lists.users.recall, lists.users.ndcg[1]), (&vec![1.0, 1.0], 1.0 / 3f64.log2()));
        // User 2, who has no test pair, is shown 1, 2, 3 too: nobody is shown item 0.
        assert_eq!(lists.catalogue.coverage, 3.0 / 4.0);
        let hits: Vec<(usize, usize, usize)> =
            lists.item_groups.iter().map(|group| (group.from, group.positives, group.hits)).collect();
        assert_eq!(hits.iter().map(|(_, positives, hits)| positives * 10 + hits).sum::<usize>(), 22, "{hits:?}");
        assert_eq!(lists.user_groups.iter().map(|group| group.users).sum::<usize>(), 2);
        assert_eq!(lists.ranked_by, "popularity");
    }

    #[test]
    fn a_fusion_with_the_weight_0_recommends_what_the_model_does() {
        let dataset = dataset();
        let scores = popularity(&dataset);
        // The model puts item 3 first for everybody, then 2, 1, 0.
        let embeddings = Embeddings { users: array![[1f32], [1.0], [1.0]], items: array![[0f32], [1.0], [2.0], [3.0]] };
        let lists = |gamma| {
            let of = (&scores as &dyn FoldIn, gamma);
            lists_of_fusion(&dataset, &ProtocolConfig::default(), &embeddings, of, String::new(), "sha".to_owned())
        };
        assert_eq!(lists(0.0).users.top, [vec![3, 2, 1], vec![3, 2]]);
        // With much of it, popularity decides, and the model among items that are as popular.
        assert_eq!(lists(100.0).users.top, [vec![1, 3, 2], vec![3, 2]]);
        assert_eq!(lists(0.0).users.weights_sha256, "sha");
    }
}
