//! The tables of a data set, in their order.

use super::rows::{DatasetOfTable, Kind};
use super::table::Table;
use super::tests_over_users::tested;
use super::{accuracy, costs, groups, spaces};

/// Returns every table of a data set; one of nothing has no rows.
pub(super) fn all(dataset: &DatasetOfTable) -> Vec<Table> {
    let mut tables = vec![accuracy::results(dataset), accuracy::chosen_on_test(dataset)];
    tables.extend(Kind::ALL.into_iter().filter_map(|kind| Some(tested(dataset, kind)?.table())));
    tables.extend([
        accuracy::every_cut_off(dataset, false),
        accuracy::every_cut_off(dataset, true),
        groups::of_users(dataset),
        groups::of_items(dataset),
        spaces::recommended(dataset),
        spaces::overlaps(dataset),
        costs::costs(dataset),
        costs::chosen_settings(dataset),
        costs::methods(dataset),
    ]);
    tables
}
