//! What is recommended: the first items of every user, judged on test apart for the few and the many.

use crate::config::ProtocolConfig;
use crate::evaluation::seen_at_test;
use anchorrec_data::{Interactions, ItemsByUser, Split};
use anchorrec_metrics::{UserAccuracy, accuracy, catalogue, groups};
use anchorrec_records::analysis::{CatalogueRecord, ItemGroupRecord, UserGroupRecord, UserResults};
use anchorrec_records::report::SELECTION_K;

/// Groups of users and of items.
const GROUPS: usize = 5;

/// The rankings of all users.
pub struct Lists {
    items: usize,
    at: Vec<usize>,
    /// The first items of every user, at least [`SELECTION_K`] of them.
    rankings: Vec<Vec<u32>>,
    /// Users with a test pair, ascending.
    tested: Vec<u32>,
    /// The accuracy of the users on test.
    accuracies: Vec<UserAccuracy>,
    test: ItemsByUser,
    user_degrees: Vec<usize>,
    item_degrees: Vec<usize>,
}

impl Lists {
    /// Ranks for all users as in an evaluation on test: `rank` is told which users, how many items, and which not.
    pub fn new(
        interactions: &Interactions,
        protocol: &ProtocolConfig,
        rank: impl FnOnce(&[u32], usize, &ItemsByUser) -> Vec<Vec<u32>>,
    ) -> Self {
        let (train, test) = (interactions.by_user(Split::Train), interactions.by_user(Split::Test));
        let users: Vec<u32> = (0..interactions.users as u32).collect();
        let k = protocol.at.last().copied().unwrap_or(SELECTION_K);
        let seen = seen_at_test(interactions, protocol);
        let masked = seen.as_ref().unwrap_or(&train);
        let rankings = rank(&users, k, masked);
        let tested = test.users_with_items();
        let judge = |&user: &u32| accuracy::user(&rankings[user as usize], test.of(user), &protocol.at);
        let accuracies = tested.iter().map(judge).collect();
        let user_degrees = tested.iter().map(|&user| train.of(user).len()).collect();
        let mut item_degrees = vec![0; interactions.items];
        for pair in &interactions.train {
            item_degrees[pair.item as usize] += 1;
        }
        let (items, at) = (interactions.items, protocol.at.clone());
        Lists { items, at, rankings, tested, accuracies, test, user_degrees, item_degrees }
    }

    /// Returns the number of training pairs of every item.
    pub fn item_degrees(&self) -> &[usize] {
        &self.item_degrees
    }

    /// Measures the catalogue over the lists of all users.
    pub fn catalogue(&self) -> CatalogueRecord {
        let exposure = catalogue::exposure(&self.rankings, self.items, SELECTION_K);
        CatalogueRecord {
            coverage: catalogue::coverage(&exposure),
            gini: catalogue::gini(&exposure),
            popularity_lift: catalogue::popularity_lift(&exposure, &self.item_degrees),
        }
    }

    /// Users by their training pairs.
    pub fn user_groups(&self) -> Vec<UserGroupRecord> {
        let record = |range: std::ops::Range<usize>| {
            let users: Vec<_> = groups::users_within(&self.accuracies, &self.user_degrees, range.clone()).collect();
            let mean = accuracy::mean(users.iter().copied(), &self.at);
            UserGroupRecord { from: range.start, to: range.end, users: mean.users, test: mean.by_name() }
        };
        groups::by_degree(&self.user_degrees, GROUPS).into_iter().map(record).collect()
    }

    /// Groups the test positives by the training pairs of their item.
    pub fn item_groups(&self) -> Vec<ItemGroupRecord> {
        let positives: Vec<Vec<u32>> = self.tested.iter().map(|&user| self.test.of(user).to_vec()).collect();
        let rankings: Vec<Vec<u32>> = self.tested.iter().map(|&user| self.rankings[user as usize].clone()).collect();
        let of_positives: Vec<usize> =
            positives.iter().flatten().map(|&item| self.item_degrees[item as usize]).collect();
        let record = |range: std::ops::Range<usize>| {
            let (hits, count) =
                groups::item_recall(&rankings, &positives, &self.item_degrees, range.clone(), SELECTION_K);
            ItemGroupRecord { from: range.start, to: range.end, positives: count, hits }
        };
        groups::by_degree(&of_positives, GROUPS).into_iter().map(record).collect()
    }

    /// Returns what every tested user got.
    pub fn user_results(self, weights_sha256: String) -> UserResults {
        let place = self.at.binary_search(&SELECTION_K).expect("the K that selects is one of the Ks");
        let top = |&user: &u32| self.rankings[user as usize].iter().take(SELECTION_K).copied().collect();
        UserResults {
            weights_sha256,
            top: self.tested.iter().map(top).collect(),
            recall: self.accuracies.iter().map(|user| user.at[place].recall).collect(),
            ndcg: self.accuracies.iter().map(|user| user.at[place].ndcg).collect(),
            users: self.tested,
        }
    }
}
