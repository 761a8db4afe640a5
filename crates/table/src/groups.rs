//! Groups of users and of items over seeds. They are the same for all seeds, since the training pairs make them.

use anchorrec_records::analysis::{ItemGroupRecord, UserGroupRecord};
use anchorrec_records::report::{MeanSd, Metrics, over_runs};
use anchorrec_records::table::{ItemGroupRow, UserGroupRow};

/// Returns the accuracy of each group of users.
pub fn user_groups(seeds: &[&[UserGroupRecord]]) -> Vec<UserGroupRow> {
    let Some(first) = seeds.first() else { return Vec::new() };
    let groups = first.iter().enumerate().map(|(place, group)| {
        let of_seeds: Vec<&Metrics> = seeds.iter().filter_map(|groups| Some(&groups.get(place)?.test)).collect();
        UserGroupRow { from: group.from, to: group.to, users: group.users, test: over_runs(of_seeds) }
    });
    groups.collect()
}

/// Returns the share of test positives in each group of items that stands among their user's first 20.
pub fn item_groups(seeds: &[&[ItemGroupRecord]]) -> Vec<ItemGroupRow> {
    let Some(first) = seeds.first() else { return Vec::new() };
    let groups = first.iter().enumerate().map(|(place, group)| {
        let share = |groups: &&[ItemGroupRecord]| {
            let group = groups.get(place)?;
            Some(group.hits as f64 / group.positives.max(1) as f64)
        };
        let hits: Vec<f64> = seeds.iter().filter_map(share).collect();
        ItemGroupRow { from: group.from, to: group.to, positives: group.positives, hits: MeanSd::of(&hits) }
    });
    groups.collect()
}
