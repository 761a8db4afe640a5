//! Which items are near which: nearest neighbours by cosine, and how much of them two spaces share.
//!
//! `N_K^s(i)`: the `K` items with the largest cosine to item `i` in space `s`, the item itself left out, ties to the lower index.
//!
//! `overlap@K(s, s') = mean_i |N_K^s(i) ∩ N_K^s'(i)| / K`: 1 when both spaces have the same neighbourhoods, about `K / (I - 1)` when they
//! have nothing to do with one another. Between a raw modality and the final space it says how much of the modality a model kept; between
//! the ID space and the final space, how far the final space follows the IDs.

use anchorrec_graph::nearest_by_cosine;
use anchorrec_kernels::Real;
use ndarray::{ArrayBase, Data, Ix2};

/// Finds the `K` nearest other items of every row of `x` `[I, D]` by cosine, best first.
///
/// A row of zeros has no neighbours; with fewer than `K + 1` items each has all others.
///
/// ```
/// use anchorrec_metrics::neighbours::nearest;
/// use ndarray::array;
///
/// let x = array![[1.0, 0.0], [2.0, 0.0], [0.0, 0.0]];
/// assert_eq!(nearest(&x, 1), [vec![1], vec![0], vec![]]);
/// ```
pub fn nearest<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>, k: usize) -> Vec<Vec<u32>> {
    let neighbours = nearest_by_cosine(x, k + 1);
    // The first is the item itself.
    (0..neighbours.items()).map(|item| neighbours.of(item)[1..].iter().map(|&(other, _)| other).collect()).collect()
}

/// Returns what two families of lists share, `mean_i |a_i ∩ b_i| / K`; 0 for no lists.
///
/// The lists are neighbours of items in two spaces, or recommendations of two models to the same users. They are cut at `K`; a
/// shorter one still divides by `K`.
///
/// # Panics
/// When the families differ in length, or `K` is 0.
///
/// ```
/// use anchorrec_metrics::neighbours::overlap;
/// assert_eq!(overlap(&[vec![1, 2], vec![0, 2]], &[vec![2, 5], vec![7, 8]], 2), (0.5 + 0.0) / 2.0);
/// ```
pub fn overlap(a: &[Vec<u32>], b: &[Vec<u32>], k: usize) -> f64 {
    assert_eq!(a.len(), b.len(), "overlap: lists of as many items");
    assert!(k > 0, "overlap: K is at least 1");
    let first = |list: &Vec<u32>| list[..list.len().min(k)].to_vec();
    let shared = |(a, b): (&Vec<u32>, &Vec<u32>)| {
        let mut b = first(b);
        b.sort_unstable();
        first(a).iter().filter(|item| b.binary_search(item).is_ok()).count()
    };
    let shared: usize = a.iter().zip(b).map(shared).sum();
    shared as f64 / (k * a.len().max(1)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, random};
    use ndarray::array;

    #[test]
    fn neighbours_solved_by_hand() {
        // At 0, 10, 50 and 90 degrees, and a row without a direction.
        let at = |degrees: f64| [degrees.to_radians().cos(), degrees.to_radians().sin()];
        let [a, b, c, d] = [at(0.0), at(10.0), at(50.0), at(90.0)];
        let x = array![[a[0], a[1]], [b[0], b[1]], [c[0] * 7.0, c[1] * 7.0], [d[0], d[1]], [0.0, 0.0]];
        assert_eq!(nearest(&x, 2), [vec![1, 2], vec![0, 2], vec![1, 3], vec![2, 1], vec![]]);
    }

    #[test]
    fn a_space_overlaps_with_itself_whole_and_with_noise_by_chance() {
        let rng = &mut random::generator(1);
        let (a, b) = (random::matrix(400, 8, rng), random::matrix(400, 8, rng));
        let (a, b) = (nearest(&a, 20), nearest(&b, 20));
        assert_eq!(overlap(&a, &a, 20), 1.0);
        // 400 lists of 20 from 399: mean 0.0501, and a standard deviation of some 0.0024.
        assert_close_scalar("by chance", overlap(&a, &b, 20), 20.0 / 399.0, 0.2);
    }

    #[test]
    fn short_lists_divide_by_k_all_the_same() {
        assert_eq!(overlap(&[vec![1]], &[vec![1]], 4), 0.25);
        assert_eq!(overlap(&[vec![1, 2, 3]], &[vec![3, 2, 1]], 1), 0.0);
        assert_eq!(overlap(&[], &[], 3), 0.0);
    }
}
