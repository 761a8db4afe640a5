//! Full ranking: for every user the best items of the whole catalogue, masked items left out.
//!
//! Scores `z_u · z_i` are made a tile at a time (128 users x 512 items) and offered to the users' running top-K; they are
//! never all in memory. Each user belongs to one task and sees the items in ascending order, so a tie goes to the lower
//! item index and the result does not depend on the number of threads.

use anchorrec_kernels::rows::gather;
use anchorrec_kernels::{Bounded, Catalogue, Packed, Real, TopK};
use anchorrec_recommender::Embeddings;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

/// Users of a tile.
const USERS: usize = 128;
/// Items of a tile: with [`USERS`] rows of `f32` a quarter of a mebibyte, which stays in the cache beside the candidates.
const ITEMS: usize = 512;

/// Users at once for whom all scores in 8 bits are made first ([`Bounded`]): measured for one (2.7 x as fast as tiles) and for the blocks of up to 32 that a
/// server makes (1.5 x as many answers). More users are compared where the products are summed ([`Catalogue`]).
const FEW: usize = 32;

/// Users for whom it pays to round all items first, which costs more than to score them a few times.
const MANY: usize = 1024;

/// Items with their scores, best first.
type Ranked<F> = Vec<(u32, F)>;

/// The items of a model, packed once, to rank for any user.
pub struct Ranker<F> {
    keys: Packed<F>,
    bounded: Option<Bounded>,
    catalogue: Option<Box<Catalogue>>,
    items: usize,
    /// Items that are in no list, ascending.
    never: Vec<u32>,
}

impl<F: Real> Ranker<F> {
    /// Packs the items' positions, `[I, D]`. The items of `never` (ascending) are in no list.
    pub fn new(items: ArrayView2<F>, never: &[u32]) -> Self {
        Ranker { bounded: floats(items).and_then(Bounded::new), ..Ranker::for_users(items, never, usize::MAX) }
    }

    /// Packs the items' positions to rank for so many users.
    fn for_users(items: ArrayView2<F>, never: &[u32], users: usize) -> Self {
        let bounded = None;
        let catalogue =
            floats(items).filter(|_| users >= MANY).and_then(|items| Catalogue::new(items, never)).map(Box::new);
        Ranker { keys: Packed::new(items.t()), bounded, catalogue, items: items.nrows(), never: never.to_vec() }
    }

    /// Finds for each of `users`, in that order, the best `k` items with their scores, best first. `rows` gives the positions of a piece of the
    /// users, `[n, D]`; `masked(u)` are the items that a user is not to be shown, ascending. A list is shorter than `k` when fewer items remain.
    ///
    /// Scores must be finite: NaN is never ranked.
    ///
    /// # Panics
    /// When `rows` gives other than a row for each user, of the items' width.
    pub fn best<'a, U: Copy + Sync>(
        &self,
        users: &[U],
        k: usize,
        rows: impl Fn(&[U]) -> Array2<F> + Sync,
        masked: impl Fn(U) -> &'a [u32] + Sync,
    ) -> Vec<Ranked<F>> {
        // Places for a longer list than all items would only ask for memory.
        let k = k.min(self.items);
        let mut rankings: Vec<Ranked<F>> = vec![Vec::new(); users.len()];
        let piece = |scores: &mut Vec<F>, (rankings, users): (&mut [Ranked<F>], &[U])| {
            let rows = rows(users);
            assert_eq!(rows.nrows(), users.len(), "a row for each user");
            let masks: Vec<&[u32]> = users.iter().map(|&u| masked(u)).collect();
            self.rank(rows.view(), k, masks, scores, rankings);
        };
        if users.len() <= USERS {
            // One piece asks for no other thread: whoever ranks for a few has others at work beside it.
            piece(&mut Vec::new(), (&mut rankings, users));
        } else {
            let pieces = rankings.par_chunks_mut(USERS).zip(users.par_chunks(USERS));
            pieces.for_each_init(Vec::new, piece);
        }
        rankings
    }

    /// Fills the rankings of a piece.
    fn rank(&self, rows: ArrayView2<F>, k: usize, masks: Vec<&[u32]>, scores: &mut Vec<F>, rankings: &mut [Ranked<F>]) {
        let left = self.by_bounds(rows, k, &masks, rankings);
        if !left.is_empty() {
            let (rows, mut masks) = (rows.select(Axis(0), &left), left.iter().map(|&n| masks[n]).collect::<Vec<_>>());
            self.in_tiles(rows.view(), k, &mut masks, scores, left.iter().copied(), rankings);
        }
    }

    /// Fills the rankings that bounds give; returns which are left.
    fn by_bounds(&self, rows: ArrayView2<F>, k: usize, masks: &[&[u32]], rankings: &mut [Ranked<F>]) -> Vec<usize> {
        let lists = match (floats(rows), &self.bounded, &self.catalogue) {
            (Some(rows), Some(bounded), _) if rankings.len() <= FEW => bounded.largest(rows, k, masks, &self.never),
            (Some(rows), _, Some(catalogue)) if rankings.len() > FEW => catalogue.largest(rows, k, masks),
            _ => return (0..rankings.len()).collect(),
        };
        let mut left = Vec::new();
        for (n, (ranking, list)) in rankings.iter_mut().zip(lists).enumerate() {
            match list {
                Some(list) => {
                    *ranking = list.into_iter().map(|(item, score)| (item, F::of(f64::from(score)))).collect()
                }
                None => left.push(n),
            }
        }
        left
    }

    /// Fills the rankings `places` by every score, a tile at a time.
    fn in_tiles(
        &self,
        rows: ArrayView2<F>,
        k: usize,
        masks: &mut [&[u32]],
        scores: &mut Vec<F>,
        places: impl Iterator<Item = usize>,
        rankings: &mut [Ranked<F>],
    ) {
        let users = rows.nrows();
        let mut best = vec![TopK::new(k); users];
        scores.resize(users * ITEMS.min(self.items), F::zero());
        for first in (0..self.items).step_by(ITEMS) {
            let end = (first + ITEMS).min(self.items);
            let within = |item: usize| self.never.partition_point(|&never| (never as usize) < item);
            let never = &self.never[within(first)..within(end)];
            let tile = &mut scores[..users * (end - first)];
            let mut tile = ArrayViewMut2::from_shape((users, end - first), tile).expect("as many numbers");
            self.keys.product_into(rows, first..end, tile.view_mut());
            for ((mut row, mask), best) in tile.axis_iter_mut(Axis(0)).zip(masks.iter_mut()).zip(&mut best) {
                // Masks are sorted, so those of this tile are in front.
                let (here, later) = mask.split_at(mask.partition_point(|&item| (item as usize) < end));
                for &item in here.iter().chain(never) {
                    row[item as usize - first] = F::neg_infinity();
                }
                *mask = later;
                best.scan(first as u32, row.as_slice().expect("rows of the tile are contiguous"));
            }
        }
        for (place, best) in places.zip(best) {
            rankings[place] = best.into_sorted();
        }
    }
}

/// The rows as `f32`, where they are.
fn floats<F: Real>(rows: ArrayView2<F>) -> Option<ArrayView2<f32>> {
    let values = rows.to_slice().and_then(F::as_f32s)?;
    Some(ArrayView2::from_shape(rows.raw_dim(), values).expect("as many numbers"))
}

/// Finds for each of `users`, in that order, its `k` best items, best first. `masked(u)` are the items user `u` is not to be
/// shown, ascending; a list is shorter than `k` when fewer items remain.
///
/// Scores must be finite: NaN is never ranked.
///
/// # Panics
/// When a user is not in the embeddings.
pub fn rank<'a, F: Real>(
    embeddings: &Embeddings<F>,
    users: &[u32],
    k: usize,
    masked: impl Fn(u32) -> &'a [u32] + Sync,
) -> Vec<Vec<u32>> {
    rank_without(embeddings, users, k, &[], masked)
}

/// Ranks as [`rank`] does, without the items of `never` (ascending).
///
/// # Panics
/// When a user is not in the embeddings.
pub fn rank_without<'a, F: Real>(
    embeddings: &Embeddings<F>,
    users: &[u32],
    k: usize,
    never: &[u32],
    masked: impl Fn(u32) -> &'a [u32] + Sync,
) -> Vec<Vec<u32>> {
    let rows = |users: &[u32]| gather(&embeddings.users, users);
    let items = embeddings.items.view();
    without_scores(Ranker::for_users(items, never, users.len()).best(users, k, rows, masked))
}

/// Finds the `k` best of `items` for each of `users`, as [`rank_without`] does, by scores that `scores(u, row)` writes: for methods without
/// embeddings. A row `[items]` holds anything when it is given.
pub fn rank_by_scores<'a, F: Real>(
    items: usize,
    users: &[u32],
    k: usize,
    never: &[u32],
    masked: impl Fn(u32) -> &'a [u32] + Sync,
    scores: impl Fn(u32, &mut [F]) + Sync,
) -> Vec<Vec<u32>> {
    without_scores(best_by_scores(items, users, k, never, masked, scores))
}

/// Returns the lists of [`rank_by_scores`] with the score of each item.
pub fn best_by_scores<'a, F: Real>(
    items: usize,
    users: &[u32],
    k: usize,
    never: &[u32],
    masked: impl Fn(u32) -> &'a [u32] + Sync,
    scores: impl Fn(u32, &mut [F]) + Sync,
) -> Vec<Ranked<F>> {
    let ranking = |row: &mut Vec<F>, &user: &u32| {
        scores(user, row);
        masked(user).iter().chain(never).for_each(|&item| row[item as usize] = F::neg_infinity());
        let mut best = TopK::new(k.min(items));
        best.scan(0, row);
        best.into_sorted()
    };
    users.par_iter().map_init(|| vec![F::zero(); items], ranking).collect()
}

fn without_scores<F>(lists: Vec<Ranked<F>>) -> Vec<Vec<u32>> {
    lists.into_iter().map(|list| list.into_iter().map(|(item, _)| item).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::random;

    #[test]
    fn equals_sorting_every_score() {
        let rng = &mut random::generator(1);
        let (users, items) = (USERS + 20, 2 * ITEMS + 99);
        // Few distinct values: ties are the rule.
        let whole = |rows, rng: &mut _| random::matrix(rows, 3, rng).mapv(|x| (x * 2.0).round());
        let embeddings = Embeddings { users: whole(users, rng), items: whole(items, rng) };
        let masks: Vec<Vec<u32>> = (0..users)
            .map(|_| {
                let mut mask = random::indices(40, items, rng);
                mask.sort_unstable();
                mask.dedup();
                mask
            })
            .collect();
        let wanted: Vec<u32> = (0..users as u32).rev().collect();
        let got = rank(&embeddings, &wanted, 30, |u| &masks[u as usize]);
        for (&u, got) in wanted.iter().zip(&got) {
            let scores = embeddings.items.dot(&embeddings.users.row(u as usize));
            let mut order: Vec<u32> =
                (0..items as u32).filter(|i| masks[u as usize].binary_search(i).is_err()).collect();
            order.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]).then(a.cmp(&b)));
            assert_eq!(got, &order[..30], "user {u}");
        }
        let by_scores = rank_by_scores(
            items,
            &wanted,
            30,
            &[],
            |u| &masks[u as usize],
            |u, row: &mut [f64]| {
                let scores = embeddings.items.dot(&embeddings.users.row(u as usize));
                row.copy_from_slice(scores.as_slice().unwrap());
            },
        );
        assert_eq!(by_scores, got);
    }

    #[test]
    fn a_list_longer_than_the_catalogue_is_the_catalogue() {
        let rng = &mut random::generator(3);
        let embeddings = Embeddings { users: random::matrix(3, 4, rng), items: random::matrix(9, 4, rng) };
        let most = usize::MAX >> 8;
        assert_eq!(rank(&embeddings, &[0, 1, 2], most, |_| &[]), rank(&embeddings, &[0, 1, 2], 9, |_| &[]));
        let scores =
            |user: u32, row: &mut [f64]| (0..9).for_each(|item| row[item] = ((user as usize + item) % 5) as f64);
        let of = |k| rank_by_scores(9, &[0, 1], k, &[], |_| &[], scores);
        assert_eq!(of(most), of(9));
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_list() {
        let rng = &mut random::generator(2);
        let table = |rows, rng: &mut _| random::matrix(rows, 20, rng).mapv(|x| x as f32);
        let embeddings = Embeddings { users: table(900, rng), items: table(700, rng) };
        let users: Vec<u32> = (0..900).collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| rank(&embeddings, &users, 50, |_| &[3, 4]))
        };
        let one = on(1);
        for threads in [2, 3, 7, 16] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }

    #[test]
    fn bounds_give_the_lists_of_the_tiles_to_the_last_bit() {
        let rng = &mut random::generator(3);
        let table = |rows, rng: &mut _| random::matrix(rows, 64, rng).mapv(|x| x as f32);
        let (users, items) = (table(USERS + 20, rng), table(2 * ITEMS + 99, rng));
        let equal = Array2::from_shape_fn(items.dim(), |(i, j)| if i % 3 == 0 { items[[0, j]] } else { items[[i, j]] });
        let places: Vec<u32> = (0..users.nrows() as u32).collect();
        for items in [items, equal] {
            let ranker = || Ranker::new(items.view(), &[2, 9]);
            let lists = |ranker: Ranker<f32>, together: usize| {
                let rows = |places: &[u32]| gather(&users, places);
                let some = |places| ranker.best(places, 20, rows, |u| if u % 2 == 0 { &[3, 4, 700] } else { &[] });
                places.chunks(together).flat_map(some).collect::<Vec<_>>()
            };
            let want = lists(Ranker { bounded: None, catalogue: None, ..ranker() }, usize::MAX);
            for together in [1, FEW, FEW + 1, USERS + 20] {
                assert_eq!(lists(ranker(), together), want, "{together} users at once");
            }
        }
    }

    #[test]
    fn what_nobody_gets_is_in_no_list() {
        let embeddings = Embeddings { users: Array2::<f32>::ones((2, 1)), items: Array2::ones((2 * ITEMS, 1)) };
        // On both sides of a border between tiles, and among the masked.
        let never = [0, ITEMS as u32 - 1, ITEMS as u32];
        let got = rank_without(&embeddings, &[0, 1], 2 * ITEMS, &never, |_| &[0, 1]);
        let want: Vec<u32> = (2..2 * ITEMS as u32).filter(|item| !never.contains(item)).collect();
        assert_eq!(got, [want.clone(), want]);
    }

    #[test]
    fn a_user_with_few_items_left_gets_a_short_list() {
        let embeddings = Embeddings { users: Array2::<f32>::ones((1, 2)), items: Array2::ones((3, 2)) };
        assert_eq!(rank(&embeddings, &[0], 5, |_| &[1]), [[0, 2]]);
    }
}
