//! What rounding to 16 bits does to lists and scores, measured.

use super::manifest::HalfChange;
use super::vectors::{Vectors, lengths};
use anchorrec_kernels::rows::{gather, inner};
use anchorrec_trainer::ranking::Ranker;
use ndarray::{Array2, Axis, concatenate};

/// Users that are compared at most, spread over all of them.
const MOST: usize = 2000;

/// What a store ranks vectors by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RankedBy {
    /// The dot product.
    Dot,
    /// The cosine.
    Cosine,
    /// The distance.
    L2,
}

/// Compares the exact lists of `top` items and their scores, by the dot product of exact vectors, with those of a store that ranks the rounded vectors
/// by its own metric. Rounding hits cosine and L2 harder: it changes the lengths of items, which the added number had made one.
pub fn half_change(exact: &Vectors, rounded: &Vectors, by: RankedBy, top: usize) -> HalfChange {
    let all = exact.users.index.len();
    let step = all.div_ceil(MOST).max(1);
    let users: Vec<u32> = (0..all as u32).step_by(step).collect();
    let exact_tables = (exact.users.vectors.clone(), exact.items.vectors.clone());
    let rounded_tables = as_dot_product(rounded, by);
    let lists = |(of_users, items): &(Array2<f32>, Array2<f32>)| {
        Ranker::new(items.view(), &[]).best(&users, top, |users| gather(of_users, users), |_| &[])
    };
    let (before, after) = (lists(&exact_tables), lists(&rounded_tables));
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
        let of = |(of_users, items): &(Array2<f32>, Array2<f32>)| {
            inner(&gather(items, &old), &gather(of_users, &vec![user; old.len()]))
        };
        for ((a, b), &item) in of(&exact_tables).iter().zip(&of(&rounded_tables)).zip(&old) {
            let scale = item_lengths[item as usize] * user_lengths[user as usize];
            let by = f64::from(a - b).abs() / scale.max(f64::MIN_POSITIVE);
            // A change that is no number is the largest of all.
            change.largest_change = if by <= change.largest_change { change.largest_change } else { by };
        }
    }
    change
}

/// Users and items whose dot product ranks as the store does, with scores on the scale of the model's. With `M` the largest length of an item:
///
/// | store | rank by | as |
/// |---|---|---|
/// | cosine | `u·v / |v|` | `u · (M v / |v|)` |
/// | L2 | `-|u - v|²` | `u·v + (M² - |v|²) / 2`: half of it, without what is the same for all items of a user |
///
/// The number that L2 adds is computed in double precision: it is what two numbers of the size of `M²` leave.
fn as_dot_product(vectors: &Vectors, by: RankedBy) -> (Array2<f32>, Array2<f32>) {
    let (mut users, mut items) = (vectors.users.vectors.clone(), vectors.items.vectors.clone());
    let largest = vectors.largest;
    match by {
        RankedBy::Dot => {}
        RankedBy::Cosine => {
            for (mut item, length) in items.rows_mut().into_iter().zip(lengths(vectors.items.vectors.view())) {
                // A vector of zeros has no direction, and no score by any metric.
                let scale = if length > 0.0 { largest / length } else { 0.0 };
                item.mapv_inplace(|x| (f64::from(x) * scale) as f32);
            }
        }
        RankedBy::L2 => {
            let more =
                lengths(items.view()).into_iter().map(|length| ((largest.powi(2) - length.powi(2)) / 2.0) as f32);
            let more = Array2::from_shape_vec((items.nrows(), 1), more.collect()).expect("a number for each item");
            items = concatenate(Axis(1), &[items.view(), more.view()]).expect("as many rows");
            let ones = Array2::ones((users.nrows(), 1));
            users = concatenate(Axis(1), &[users.view(), ones.view()]).expect("as many rows");
        }
    }
    let standard = |rows: Array2<f32>| rows.as_standard_layout().into_owned();
    (standard(users), standard(items))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Shape;
    use anchorrec_recommender::Embeddings;
    use ndarray::ArrayView1;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// The best items by a metric that is computed as it is defined, in double precision.
    fn by_definition(vectors: &Vectors, by: RankedBy, top: usize) -> Vec<Vec<u32>> {
        let dot = |a: ArrayView1<f32>, b: ArrayView1<f32>| {
            a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>()
        };
        let list = |user: ArrayView1<f32>| {
            let score = |item: ArrayView1<f32>| match by {
                RankedBy::Dot => dot(user, item),
                RankedBy::Cosine => dot(user, item) / (dot(user, user) * dot(item, item)).sqrt(),
                RankedBy::L2 => {
                    -user.iter().zip(item).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>()
                }
            };
            let mut scored: Vec<(f64, u32)> = vectors.items.vectors.rows().into_iter().map(score).zip(0..).collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0));
            scored.into_iter().take(top).map(|entry| entry.1).collect()
        };
        vectors.users.vectors.rows().into_iter().map(list).collect()
    }

    /// What is said of a store is what the store would do with the numbers that are written, whatever it ranks by.
    #[test]
    fn the_change_is_that_of_the_metric_that_the_store_ranks_by() {
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let mut random = |rows, width| Array2::from_shape_simple_fn((rows, width), || generator.random::<f32>() - 0.5);
        let (of_users, mut items) = (random(150, 16), random(400, 16));
        // Lengths as training makes them: most are short, a few are long.
        items.rows_mut().into_iter().zip(0..).for_each(|(mut row, n)| row *= 0.2 + 3.0 / (1.0 + n as f32).sqrt());
        let embeddings = Embeddings { users: of_users, items };
        let users: Vec<u32> = (0..150).collect();
        let top = 20;
        let mut counts = Vec::new();
        for (shape, by) in [
            (Shape::Plain, RankedBy::Dot),
            (Shape::Lifted, RankedBy::Dot),
            (Shape::Lifted, RankedBy::Cosine),
            (Shape::Lifted, RankedBy::L2),
        ] {
            let exact = Vectors::new(&embeddings, &users, &[], shape);
            // The vectors of 32 bits have the model's own lists by every metric, which is why a number is added.
            let none = half_change(&exact, &exact, by, top);
            assert_eq!((none.lists_with_other_items, none.lists_in_other_order), (0, 0), "{by:?}");
            assert!(none.largest_change < 1e-6, "{by:?}: {none:?}");
            let mut rounded = exact.clone();
            rounded.halve().unwrap();
            let change = half_change(&exact, &rounded, by, top);
            let (own, theirs) = (by_definition(&exact, RankedBy::Dot, top), by_definition(&rounded, by, top));
            let (mut other_items, mut other_order) = (0, 0);
            for (own, theirs) in own.iter().zip(&theirs) {
                let same = own.iter().all(|item| theirs.contains(item));
                other_items += usize::from(!same);
                other_order += usize::from(same && own != theirs);
            }
            assert_eq!(
                (change.lists_with_other_items, change.lists_in_other_order),
                (other_items, other_order),
                "{by:?}"
            );
            counts.push(other_items + other_order);
        }
        assert!(counts[0] > 0 && counts[2] > counts[0] && counts[3] > 2 * counts[2], "metrics differ: {counts:?}");
    }

    #[test]
    fn a_change_that_is_no_number_is_not_lost() {
        let embeddings = Embeddings { users: Array2::ones((2, 3)), items: Array2::from_elem((4, 3), 1e30) };
        let exact = Vectors::new(&embeddings, &[0, 1], &[], Shape::Plain);
        let mut rounded = exact.clone();
        rounded.items.vectors.fill(f32::INFINITY);
        let change = half_change(&exact, &rounded, RankedBy::Dot, 2).largest_change;
        assert!(!change.is_finite(), "{change}");
    }
}
