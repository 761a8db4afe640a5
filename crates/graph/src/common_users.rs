//! Items that the same people chose: neighbours by the number of users who have both.
//!
//! `n_ij` = the number of users with a training pair of each of items `i` and `j`. The neighbours of `i` are the item itself and then at most `k` others
//! with `n_ij >= 2`, the largest counts first, ties to the lower index. Counts choose and do not weigh. Source: the behaviour graph of DA-MRS (KDD 2024), which leaves
//! ties to the order of a sort; most counts are 2, so there are many.
//!
//! **Cost.** `Σ_u d_u²` additions; memory: a counter for each item, for each thread.

use crate::Neighbours;
use anchorrec_kernels::Real;
use rayon::prelude::*;

/// A pair of items counts from so many common users on.
const FEWEST: u32 = 2;

/// Finds for every item the item itself and at most `k` others that the most users have with it, at least two; the second number of a neighbour is 1.
///
/// # Panics
/// When a pair is outside `users x items`.
///
/// ```
/// use anchorrec_graph::neighbours_by_users;
///
/// // Two users have items 0 and 1, one of them also item 2.
/// let neighbours = neighbours_by_users::<f32>(2, 3, &[(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)], 5);
/// assert_eq!(neighbours.of(0), [(0, 1.0), (1, 1.0)]);
/// assert_eq!(neighbours.of(2), [(2, 1.0)]);
/// ```
pub fn neighbours_by_users<F: Real>(users: usize, items: usize, pairs: &[(u32, u32)], k: usize) -> Neighbours<F> {
    let mut pairs = pairs.to_vec();
    pairs.sort_unstable();
    pairs.dedup();
    let (mut of_user, mut of_item) = (vec![Vec::new(); users], vec![Vec::new(); items]);
    for (u, i) in pairs {
        assert!((u as usize) < users && (i as usize) < items, "pair ({u}, {i}) outside {users} x {items}");
        of_user[u as usize].push(i);
        of_item[i as usize].push(u);
    }
    let list = |counts: &mut Vec<u32>, item: usize| {
        let mut met = Vec::new();
        for &other in of_item[item].iter().flat_map(|&user| &of_user[user as usize]) {
            let count = &mut counts[other as usize];
            if *count == 0 {
                met.push(other);
            }
            *count += 1;
        }
        let mut others: Vec<(u32, u32)> = Vec::new();
        for other in met {
            let count = std::mem::take(&mut counts[other as usize]);
            if count >= FEWEST && other as usize != item {
                others.push((count, other));
            }
        }
        others.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let others = others.into_iter().take(k).map(|(_, other)| (other, F::one()));
        std::iter::once((item as u32, F::one())).chain(others).collect()
    };
    Neighbours::of_lists((0..items).into_par_iter().map_init(|| vec![0; items], list).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_choose_and_ties_go_to_the_lower_index() {
        // Item 0 has three users in common with item 3, two with items 1 and 2, one with item 4. A repeated pair counts once.
        let of = |user: u32, items: &[u32]| items.iter().map(|&item| (user, item)).collect::<Vec<_>>();
        let pairs = [of(0, &[0, 3, 2, 1]), of(1, &[0, 3, 1, 2]), of(2, &[0, 3, 4, 4]), of(2, &[0])].concat();
        let ids = |k: usize, item: usize| {
            let neighbours = neighbours_by_users::<f64>(4, 6, &pairs, k);
            neighbours.of(item).iter().map(|n| n.0).collect::<Vec<_>>()
        };
        assert_eq!(ids(5, 0), [0, 3, 1, 2]);
        assert_eq!(ids(2, 0), [0, 3, 1]);
        assert_eq!(ids(0, 0), [0]);
        assert_eq!(ids(5, 4), [4]);
        assert_eq!(ids(5, 5), [5]);
    }

    #[test]
    #[should_panic(expected = "pair (0, 3) outside 4 x 3")]
    fn a_pair_outside_is_named() {
        neighbours_by_users::<f32>(4, 3, &[(0, 3)], 1);
    }
}
