//! What the nearest neighbours in a space are like: similar in content, or only popular?
//!
//! For `r = 1, 2, ...` let `n_r(i)` be the `r`-th neighbour of item `i`:
//!
//! | figure | formula |
//! |---|---|
//! | content at rank `r` | `mean_i cos(x_i, x_{n_r(i)})` in the raw features `X` of a modality |
//! | 2-hop count at rank `r` | `mean_i |{j ≠ n_r(i): some user has both j and n_r(i)}|`: how widely the neighbour is co-bought |

use anchorrec_kernels::{Real, rows};
use ndarray::{ArrayBase, Data, Ix2};

/// Returns the mean cosine in `x` `[I, F]` between an item and its neighbour at each rank, `[ranks]`.
///
/// Items without a neighbour at a rank are left out; a rank that no item has gives 0.
///
/// # Panics
/// When there is not a list for each row of `x`, or a neighbour is not a row.
///
/// ```
/// use anchorrec_metrics::dominance::content;
/// use ndarray::array;
///
/// // Item 1 is similar to item 0, item 2 is at right angles to it.
/// let x = array![[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]];
/// assert_eq!(content(&[vec![1, 2], vec![], vec![]], &x, 3), [1.0, 0.0, 0.0]);
/// ```
pub fn content<F: Real>(neighbours: &[Vec<u32>], x: &ArrayBase<impl Data<Elem = F>, Ix2>, ranks: usize) -> Vec<f64> {
    assert_eq!(neighbours.len(), x.nrows(), "content: a list of neighbours for each row");
    let norms = rows::norms(x);
    let cosine = |i: usize, j: usize| {
        let norm = norms[i].as_f64() * norms[j].as_f64();
        let inner: f64 = x.row(i).iter().zip(x.row(j)).map(|(a, b)| a.as_f64() * b.as_f64()).sum();
        if norm > 0.0 { inner / norm } else { 0.0 }
    };
    at_ranks(neighbours, ranks, |item, neighbour| cosine(item, neighbour as usize))
}

/// Returns the mean 2-hop count of the neighbour at each rank, `[ranks]`; `counts` are those of [`co_bought`].
///
/// # Panics
/// When a neighbour has no count.
///
/// ```
/// use anchorrec_metrics::dominance::two_hop;
/// // The first neighbours are items 1 and 2, co-bought with 4 and 6 others.
/// assert_eq!(two_hop(&[vec![1], vec![2]], &[0, 4, 6], 1), [(4.0 + 6.0) / 2.0]);
/// ```
pub fn two_hop(neighbours: &[Vec<u32>], counts: &[usize], ranks: usize) -> Vec<f64> {
    at_ranks(neighbours, ranks, |_, neighbour| counts[neighbour as usize] as f64)
}

fn at_ranks(neighbours: &[Vec<u32>], ranks: usize, value: impl Fn(usize, u32) -> f64) -> Vec<f64> {
    let mean = |rank: usize| {
        let having = neighbours.iter().enumerate().filter_map(|(item, list)| Some((item, *list.get(rank)?)));
        let (sum, count) = having.fold((0.0, 0), |(sum, count), (item, other)| (sum + value(item, other), count + 1));
        if count > 0 { sum / f64::from(count) } else { 0.0 }
    };
    (0..ranks).map(mean).collect()
}

/// Counts for each of `items` items how many others some user has together with it. `pairs` are `(user, item)`, repeats allowed.
///
/// # Panics
/// When an item is not below `items`.
///
/// ```
/// use anchorrec_metrics::dominance::co_bought;
/// // User 0 has the items 0 and 1, user 1 has 1 and 2.
/// assert_eq!(co_bought(4, &[(0, 0), (0, 1), (1, 1), (1, 2)]), [1, 2, 1, 0]);
/// ```
pub fn co_bought(items: usize, pairs: &[(u32, u32)]) -> Vec<usize> {
    let mut by_user = pairs.to_vec();
    by_user.sort_unstable();
    by_user.dedup();
    let mut users_of: Vec<Vec<&[(u32, u32)]>> = vec![Vec::new(); items];
    for basket in by_user.chunk_by(|a, b| a.0 == b.0) {
        for &(_, item) in basket {
            users_of[item as usize].push(basket);
        }
    }
    // The last item that a place was counted for: nothing needs to be cleared in between.
    let mut seen = vec![usize::MAX; items];
    let mut count = |(item, baskets): (usize, &Vec<&[(u32, u32)]>)| {
        seen[item] = item;
        let mut count = 0;
        for &(_, other) in baskets.iter().copied().flatten() {
            if std::mem::replace(&mut seen[other as usize], item) != item {
                count += 1;
            }
        }
        count
    };
    users_of.iter().enumerate().map(&mut count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::assert_close_scalar;
    use ndarray::array;

    #[test]
    fn solved_by_hand() {
        // User 0 has {0, 1}, user 1 {1, 2, 3}, user 2 {4}; a repeat changes nothing.
        let pairs = [(0, 0), (0, 1), (1, 1), (1, 2), (1, 3), (2, 4), (1, 2)];
        let counts = co_bought(6, &pairs);
        assert_eq!(counts, [1, 3, 2, 2, 0, 0]);
        let neighbours = [vec![1, 2], vec![0], vec![], vec![4, 1], vec![1], vec![0]];
        // Rank 1: items 1, 0, 4, 1, 0; rank 2: items 2, 1.
        assert_eq!(two_hop(&neighbours, &counts, 3), [(3.0 + 1.0 + 0.0 + 3.0 + 1.0) / 5.0, (2.0 + 3.0) / 2.0, 0.0]);
    }

    #[test]
    fn content_is_the_cosine_with_the_neighbour() {
        let x = array![[1.0, 0.0], [0.0, 2.0], [3.0, 3.0], [0.0, 0.0]];
        let content = content(&[vec![1, 2], vec![2], vec![0], vec![0]], &x, 2);
        let half = 1.0 / 2f64.sqrt();
        assert_close_scalar("rank 1", content[0], (0.0 + half + half + 0.0) / 4.0, 1e-15);
        assert_close_scalar("rank 2", content[1], half, 1e-15);
    }
}
