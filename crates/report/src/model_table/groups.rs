//! Accuracy apart for the few and the many.

use super::accuracy::RECALL;
use super::cells::mean_sd;
use super::rows::{DatasetOfTable, Line};
use super::table::{Holds, NONE, Table};
use crate::number::counted;
use anchorrec_records::report::MeanSd;

/// A group of users or of test pairs: a range of numbers of training pairs, `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub from: usize,
    pub to: usize,
    /// How many users or test pairs are in it.
    pub size: usize,
}

/// The groups of a data set and a line's value in each, where it has one.
pub(super) struct Grouped<'a> {
    pub groups: Vec<Group>,
    pub lines: Vec<(Line<'a>, Vec<Option<MeanSd>>)>,
}

/// Users by their training pairs: test Recall@20.
pub(super) fn users<'a>(dataset: &DatasetOfTable<'a>) -> Grouped<'a> {
    grouped(dataset, |line| {
        let of = line.user_groups().iter();
        of.map(|group| (Group { from: group.from, to: group.to, size: group.users }, group.test.get(RECALL).copied()))
            .collect()
    })
}

/// Test pairs by the training pairs of their item: the share among their user's first 20.
pub(super) fn items<'a>(dataset: &DatasetOfTable<'a>) -> Grouped<'a> {
    grouped(dataset, |line| {
        let of = line.item_groups().iter();
        of.map(|group| (Group { from: group.from, to: group.to, size: group.positives }, Some(group.hits))).collect()
    })
}

/// The training pairs make the groups, so they are the same for all lines; a line that was looked at by another version may have none.
fn grouped<'a>(dataset: &DatasetOfTable<'a>, of: impl Fn(&Line<'a>) -> Vec<(Group, Option<MeanSd>)>) -> Grouped<'a> {
    let mut groups: Vec<Group> = Vec::new();
    let mut lines = Vec::new();
    for line in dataset.lines() {
        let values = of(&line);
        if values.is_empty() {
            continue;
        }
        if groups.is_empty() {
            groups = values.iter().map(|(group, _)| *group).collect();
        }
        let value = |group: &Group| values.iter().find(|(of, _)| of == group).and_then(|(_, value)| *value);
        let of_groups = groups.iter().map(value).collect();
        lines.push((line, of_groups));
    }
    Grouped { groups, lines }
}

pub(super) fn of_users(dataset: &DatasetOfTable) -> Table {
    let about = "Test Recall@20 of users by their number of training pairs.";
    table("Users by activity", about, &users(dataset), ("user", "users"))
}

pub(super) fn of_items(dataset: &DatasetOfTable) -> Table {
    let about =
        "Share of the test pairs whose item stands among its user's first 20, by the item's number of training pairs.";
    table("Items by popularity", about, &items(dataset), ("pair", "pairs"))
}

fn table(title: &str, about: &str, grouped: &Grouped, (one, many): (&str, &str)) -> Table {
    let mut table = Table::new(title, about, &["model", "settings"], &[]);
    for &Group { from, to, size } in &grouped.groups {
        let range = if to == from + 1 { from.to_string() } else { format!("{from} to {}", to - 1) };
        table.column(&format!("{range} ({})", counted(size, one, many)), Holds::Numbers);
    }
    for (line, values) in &grouped.lines {
        let cells = values.iter().map(|value| value.map_or(NONE.to_owned(), |value| mean_sd(Some(&value), 4)));
        table.row([line.name.clone(), line.kind.word().to_owned()].into_iter().chain(cells).collect());
    }
    table
}
