//! What rounding to 16 bits does to lists and scores, measured.

use super::manifest::HalfChange;
use super::vectors::{Vectors, lengths};
use anchorrec_kernels::rows::{gather, inner};
use anchorrec_trainer::ranking::Ranker;

/// Users that are compared at most, spread over all of them.
const MOST: usize = 2000;

/// Compares the lists of `top` items and their scores by exact vectors with those by rounded ones.
pub fn half_change(exact: &Vectors, rounded: &Vectors, top: usize) -> HalfChange {
    let all = exact.users.index.len();
    let step = all.div_ceil(MOST).max(1);
    let users: Vec<u32> = (0..all as u32).step_by(step).collect();
    let lists = |vectors: &Vectors| {
        let ranker = Ranker::new(vectors.items.vectors.view(), &[]);
        ranker.best(&users, top, |users| gather(&vectors.users.vectors, users), |_| &[])
    };
    let (before, after) = (lists(exact), lists(rounded));
    let item_lengths = lengths(exact.items.vectors.view());
    let user_lengths = lengths(exact.users.vectors.view());
    let mut change =
        HalfChange { users: users.len(), lists_with_other_items: 0, lists_in_other_order: 0, largest_change: 0.0 };
    for ((before, after), &user) in before.iter().zip(&after).zip(&users) {
        let items = |list: &[(u32, f32)]| list.iter().map(|entry| entry.0).collect::<Vec<u32>>();
        let (old, new) = (items(before), items(after));
        let sorted = |list: &[u32]| {
            let mut list = list.to_vec();
            list.sort_unstable();
            list
        };
        let same = sorted(&old) == sorted(&new);
        change.lists_with_other_items += usize::from(!same);
        change.lists_in_other_order += usize::from(same && old != new);
        let of = |vectors: &Vectors| {
            let repeated = vec![user; old.len()];
            inner(&gather(&vectors.items.vectors, &old), &gather(&vectors.users.vectors, &repeated))
        };
        for ((a, b), &item) in of(exact).iter().zip(&of(rounded)).zip(&old) {
            let scale = item_lengths[item as usize] * user_lengths[user as usize];
            change.largest_change = change.largest_change.max(f64::from(a - b).abs() / scale.max(f64::MIN_POSITIVE));
        }
    }
    change
}
