//! How much each item of a history contributes to a score.
//!
//! Where a score is linear in the items that a user took, it is a sum over them: `s = rest + Σ_{i∈H} part_i`, and `rest` is what the user has whatever it
//! took. All sums are in `f64`, so they differ from the score, which is made in `f32`, by its rounding only.

use ndarray::{ArrayView1, ArrayView2};

/// A score as a sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// The part that no item of the history contributes.
    pub rest: f64,
    /// The contribution of each item, in the order of the history.
    pub parts: Vec<f64>,
}

/// How far a sum may be from a score that `f64` sums in another order, as a share of the terms.
const ROUNDING: f64 = 1e-9;

/// Takes the dot product of a user's vector and an `item`'s apart. The user's vector is `own` and a row of `given` `[|H|, D]` for each item of the history,
/// summed up.
///
/// # Panics
/// When the widths differ.
///
/// ```
/// use anchorrec_retrieval::parts::{Parts, parts_of_vectors};
/// use ndarray::array;
///
/// let parts = parts_of_vectors(array![1.0, 0.0].view(), array![[0.0, 2.0], [1.0, 1.0]].view(), array![3.0, 5.0].view());
/// assert_eq!(parts, Parts { rest: 3.0, parts: vec![10.0, 8.0] });
/// ```
pub fn parts_of_vectors(own: ArrayView1<f64>, given: ArrayView2<f64>, item: ArrayView1<f64>) -> Parts {
    Parts { rest: own.dot(&item), parts: given.dot(&item).to_vec() }
}

/// Takes the scores of `items` apart that `scores` writes for a list of items taken, `taken` ascending among `all` items. Returns nothing where they are not
/// the sum of the scores for each item alone.
///
/// # Panics
/// When an item is not below `all`.
///
/// ```
/// use anchorrec_retrieval::parts::{Parts, parts_of_scores};
///
/// // Each item taken counts for the one behind it.
/// let next = |taken: &[u32], row: &mut [f64]| {
///     row.fill(0.5);
///     taken.iter().for_each(|&item| row[item as usize + 1] += 2.0);
/// };
/// assert_eq!(parts_of_scores(next, 4, &[0, 2], &[3]), Some(vec![Parts { rest: 0.5, parts: vec![0.0, 2.0] }]));
/// // A square is no sum.
/// let square = |taken: &[u32], row: &mut [f64]| row.fill((taken.len() * taken.len()) as f64);
/// assert_eq!(parts_of_scores(square, 4, &[0, 2], &[3]), None);
/// ```
pub fn parts_of_scores(
    scores: impl Fn(&[u32], &mut [f64]),
    all: usize,
    taken: &[u32],
    items: &[u32],
) -> Option<Vec<Parts>> {
    let of = |taken: &[u32]| {
        let mut row = vec![0.0; all];
        scores(taken, &mut row);
        items.iter().map(|&item| row[item as usize]).collect::<Vec<f64>>()
    };
    let (whole, nothing) = (of(taken), of(&[]));
    let each: Vec<Vec<f64>> = taken.iter().map(|item| of(&[*item])).collect();
    let take_apart = |place: usize| {
        let rest = nothing[place];
        let parts: Vec<f64> = each.iter().map(|scores| scores[place] - rest).collect();
        let sum = rest + parts.iter().sum::<f64>();
        let terms = rest.abs() + parts.iter().map(|part| part.abs()).sum::<f64>();
        ((sum - whole[place]).abs() <= ROUNDING * terms.max(whole[place].abs())).then_some(Parts { rest, parts })
    };
    (0..items.len()).map(take_apart).collect()
}
