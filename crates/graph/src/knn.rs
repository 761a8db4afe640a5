//! Exact nearest neighbours of items by cosine, without an `I x I` matrix.
//!
//! `N(i)` = the item itself, then the `k - 1` others with the largest `cos(x_i, x_j) = x_i·x_j / (‖x_i‖ ‖x_j‖)`,
//! largest first, ties to the lower item index.
//!
//! **Rules.** The item itself comes first with cosine 1 by definition, also where twins with identical features
//! would tie with it. A row of zeros has no direction: it keeps itself alone (weight 1), and its cosine with any other
//! item is 0. With fewer than `k` items each keeps all of them.
//!
//! **Cost.** `cos` is symmetric, so only tiles on and above the diagonal are multiplied, `I² F` operations; each serves its rows and its columns.
//! In `f32` they are products of 8-bit integers first, where the processor is fast at those: bounds leave few pairs, whose cosines are
//! then computed as the plain form computes all of them, so that the lists are the same to the last bit ([`all_pairs`]). The plain form serves `f64`, other
//! processors, few items, many items that lie close together, and whoever wants to see every cosine ([`nearest_by_cosine_with`]). Memory: the unit rows and a
//! quarter as much, or the unit rows, packed, and the cosines of [`BLOCK`] items with all.

use anchorrec_kernels::packed::{GRAIN, Packed};
use anchorrec_kernels::{Real, TopK, all_pairs, fill_rows, rows};
use ndarray::{Array1, Array2, ArrayBase, ArrayView2, ArrayViewMut2, Axis, Data, Ix2, s};
use rayon::prelude::*;

/// Rows and columns of a tile. Results do not depend on it; memory does.
pub const BLOCK: usize = 128;

/// The neighbours of every item, best first.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbours<F> {
    lists: Vec<Vec<(u32, F)>>,
}

impl<F: Real> Neighbours<F> {
    /// The neighbours of each item in turn.
    pub(crate) fn of_lists(lists: Vec<Vec<(u32, F)>>) -> Self {
        Neighbours { lists }
    }

    /// Returns `(item, cosine)` of the neighbours of `item`, the item itself first.
    ///
    /// # Panics
    /// When the item is not there.
    ///
    /// ```
    /// use anchorrec_graph::nearest_by_cosine;
    /// use ndarray::array;
    ///
    /// let neighbours = nearest_by_cosine(&array![[1.0], [2.0]], 2);
    /// assert_eq!(neighbours.of(1), [(1, 1.0), (0, 1.0)]);
    /// ```
    pub fn of(&self, item: usize) -> &[(u32, F)] {
        &self.lists[item]
    }

    /// Returns the number of items.
    ///
    /// ```
    /// use anchorrec_graph::nearest_by_cosine;
    /// use ndarray::array;
    ///
    /// assert_eq!(nearest_by_cosine(&array![[1.0], [2.0]], 2).items(), 2);
    /// ```
    pub fn items(&self) -> usize {
        self.lists.len()
    }
}

/// Finds the `k` nearest items by cosine of every row of `features` `[I, F]`, exactly; see the [module](self) for the rules.
///
/// # Panics
/// When `k` is 0.
///
/// ```
/// use anchorrec_graph::nearest_by_cosine;
/// use ndarray::array;
///
/// // Item 1 points where item 0 does; item 2 is at right angles to both: its tie goes to the lower index.
/// let neighbours = nearest_by_cosine(&array![[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]], 2);
/// assert_eq!(neighbours.of(0), [(0, 1.0), (1, 1.0)]);
/// assert_eq!(neighbours.of(2), [(2, 1.0), (0, 0.0)]);
/// ```
pub fn nearest_by_cosine<F: Real>(features: &ArrayBase<impl Data<Elem = F>, Ix2>, k: usize) -> Neighbours<F> {
    assert!(k > 0, "an item is its own neighbour: k is at least 1");
    let (norms, unit) = directions(features);
    by_bounds(&norms, unit.view(), k).unwrap_or_else(|| by_every_cosine(norms, unit, k, |_, _| ()))
}

/// The neighbours, where bounds give them.
fn by_bounds<F: Real>(norms: &Array1<F>, unit: ArrayView2<F>, k: usize) -> Option<Neighbours<F>> {
    // Of a norm that is no number zeros are made, and they are not what they seem.
    let values = unit.to_slice().and_then(F::as_f32s).filter(|_| norms.iter().all(|norm| norm.is_finite()))?;
    let lists = all_pairs::largest(ArrayView2::from_shape(unit.raw_dim(), values).expect("as many numbers"), k - 1)?;
    let list = |(item, list): (usize, Vec<(u32, f32)>)| {
        let list = list.into_iter().map(|(other, cosine)| (other, F::of(f64::from(cosine)))).collect();
        with_itself(item, list, norms[item])
    };
    Some(Neighbours { lists: lists.into_iter().enumerate().map(list).collect() })
}

/// [`nearest_by_cosine`] that shows every cosine once on its way: `see(first, block)` gets a row for each item from `first` on, with
/// its cosines to the items from `first` on.
///
/// # Panics
/// When `k` is 0.
///
/// ```
/// use anchorrec_graph::knn::nearest_by_cosine_with;
/// use ndarray::array;
///
/// let mut largest = 0.0f64;
/// nearest_by_cosine_with(&array![[1.0, 0.0], [3.0, 4.0]], 1, |first, block| {
///     assert_eq!(first, 0);
///     largest = largest.max(block[[0, 1]]);
/// });
/// assert!((largest - 3.0 / 5.0).abs() < 1e-15);
/// ```
pub fn nearest_by_cosine_with<F: Real>(
    features: &ArrayBase<impl Data<Elem = F>, Ix2>,
    k: usize,
    see: impl FnMut(usize, ArrayView2<F>),
) -> Neighbours<F> {
    assert!(k > 0, "an item is its own neighbour: k is at least 1");
    let (norms, unit) = directions(features);
    by_every_cosine(norms, unit, k, see)
}

/// The lengths of rows, and the rows divided by them, as [`rows::normalised`] does: the lengths computed once, the rows made on all threads.
fn directions<F: Real>(features: &ArrayBase<impl Data<Elem = F>, Ix2>) -> (Array1<F>, Array2<F>) {
    let (norms, features) = (rows::norms(features), features.view());
    let unit = fill_rows(features.nrows(), features.ncols(), |first, mut unit| {
        for (n, mut row) in (first..).zip(unit.rows_mut()) {
            row.assign(&features.row(n));
            if norms[n] > F::zero() {
                row.mapv_inplace(|x| x / norms[n]);
            }
        }
    });
    (norms, unit)
}

/// The plain form: all cosines, of rows of length 1.
fn by_every_cosine<F: Real>(
    norms: Array1<F>,
    unit: Array2<F>,
    k: usize,
    mut see: impl FnMut(usize, ArrayView2<F>),
) -> Neighbours<F> {
    let items = unit.nrows();
    let unit = {
        let whole = unit;
        Packed::new(whole.t())
    };
    // More neighbours than there are items are all of them; the memory is asked for by the smaller number.
    let mut best: Vec<TopK<F>> = vec![TopK::new((k - 1).min(items)); items];
    let mut cosines = Array2::zeros((BLOCK.min(items), items));
    for first in (0..items).step_by(BLOCK) {
        let end = (first + BLOCK).min(items);
        let mut block = cosines.slice_mut(s![..end - first, first..]);
        let (own, later) = best[first..].split_at_mut(end - first);
        let tiles = block.axis_chunks_iter_mut(Axis(1), BLOCK).into_par_iter().enumerate();
        // The first tile is the diagonal one: it has no later items.
        let later = std::iter::once(&mut [][..]).chain(later.chunks_mut(BLOCK)).collect::<Vec<_>>();
        tiles.zip(later).for_each_init(Vec::new, |buffer, ((n, mut place), later)| {
            let from = first + n * BLOCK;
            let (height, width) = (place.nrows().next_multiple_of(GRAIN), place.ncols().next_multiple_of(GRAIN));
            buffer.clear();
            buffer.resize(height * width, F::zero());
            let mut tile = ArrayViewMut2::from_shape((height, width), buffer).expect("as many numbers");
            let (rows, columns) = (first..first + height, from..from + width);
            unit.add_transposed_product(&unit, rows, columns, tile.view_mut());
            let valid = tile.slice(s![..place.nrows(), ..place.ncols()]);
            place.assign(&valid);
            offer_columns(later, first, valid);
        });
        see(first, block.view());
        (0..end - first).for_each(|i| block[[i, i]] = F::neg_infinity());
        offer_rows(own, first, block.view());
    }
    let lists = best.into_iter().enumerate().map(|(i, best)| with_itself(i, best.into_sorted(), norms[i])).collect();
    Neighbours { lists }
}

/// Row `r` of `block` holds the cosines of item `first + r` with the items from `first` on.
fn offer_rows<F: Real>(best: &mut [TopK<F>], first: usize, block: ArrayView2<F>) {
    best.par_iter_mut().zip(block.axis_iter(Axis(0)).into_par_iter()).for_each(|(best, row)| {
        best.scan(first as u32, row.to_slice().expect("rows of the block are contiguous"));
    });
}

/// Column `c` of `tile` holds the cosines of a later item with the items of this block: its candidates from here.
fn offer_columns<F: Real>(best: &mut [TopK<F>], first: usize, tile: ArrayView2<F>) {
    if !best.is_empty() {
        let transposed = tile.t().as_standard_layout().into_owned();
        for (best, row) in best.iter_mut().zip(transposed.rows()) {
            best.scan(first as u32, row.to_slice().expect("standard layout"));
        }
    }
}

fn with_itself<F: Real>(item: usize, best: Vec<(u32, F)>, norm: F) -> Vec<(u32, F)> {
    let itself = (item as u32, F::one());
    if norm == F::zero() {
        return vec![itself];
    }
    std::iter::once(itself).chain(best).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::random;
    use ndarray::array;

    /// The plain version: all pairs, full sort.
    fn plain(features: &Array2<f64>, k: usize) -> Vec<Vec<u32>> {
        let unit = rows::normalised(features);
        let cosines = unit.dot(&unit.t());
        (0..features.nrows())
            .map(|i| {
                let mut others: Vec<usize> = (0..features.nrows()).filter(|&j| j != i).collect();
                others.sort_by(|&a, &b| cosines[[i, b]].total_cmp(&cosines[[i, a]]).then(a.cmp(&b)));
                std::iter::once(i).chain(others).take(k).map(|j| j as u32).collect()
            })
            .collect()
    }

    #[test]
    fn equals_all_pairs_sorted() {
        for (items, width, k) in [(1, 3, 5), (30, 4, 5), (BLOCK, 8, 3), (2 * BLOCK + 77, 16, 10)] {
            let features = random::matrix(items, width, &mut random::generator(items as u64));
            let got = nearest_by_cosine(&features, k);
            for (i, want) in plain(&features, k).iter().enumerate() {
                let ids: Vec<u32> = got.of(i).iter().map(|n| n.0).collect();
                assert_eq!(&ids, want, "item {i} of {items}");
            }
        }
    }

    #[test]
    fn twins_tie_to_the_lower_index_and_the_item_itself_stays_first() {
        let features = array![[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [3.0, 0.0], [1.0, 1.0]];
        let neighbours = nearest_by_cosine(&features, 3);
        let ids = |i| neighbours.of(i).iter().map(|n| n.0).collect::<Vec<_>>();
        assert_eq!(ids(3), [3, 0, 1]);
        assert_eq!(ids(1), [1, 0, 3]);
        assert_eq!(neighbours.of(4)[1], (0, 1.0 / 2f64.sqrt()));
    }

    #[test]
    fn directions_are_the_normalised_rows() {
        let features = random::matrix(700, 9, &mut random::generator(3));
        let mut zero = features.clone();
        zero.row_mut(300).fill(0.0);
        for features in [features, zero] {
            assert_eq!(directions(&features), (rows::norms(&features), rows::normalised(&features)));
        }
    }

    #[test]
    fn bounds_give_the_neighbours_of_the_plain_form_to_the_last_bit() {
        let (items, width) = (1500, 90);
        let rng = &mut random::generator(7);
        let (centres, noise) = (random::matrix(50, width, rng), random::matrix(items, width, rng));
        let usual = Array2::from_shape_fn((items, width), |(i, j)| (centres[[i * 7 % 50, j]] + noise[[i, j]]) as f32);
        let changed = |change: &dyn Fn(usize, usize, f32) -> f32| {
            Array2::from_shape_fn((items, width), |(i, j)| change(i, j, usual[[i, j]]))
        };
        let cases: Vec<(&str, Array2<f32>)> = vec![
            ("usual", usual.clone()),
            ("not negative", usual.mapv(|x| x.max(0.0))),
            ("twins", changed(&|i, j, _| usual[[i / 7, j]])),
            ("multiples", changed(&|i, j, _| usual[[i % 300, j]] * 2f32.powi(i as i32 % 20))),
            ("zeros", changed(&|i, _, x| if i % 40 == 0 { 0.0 } else { x })),
            ("all alike", changed(&|_, j, _| usual[[0, j]])),
            ("a norm that is no number", changed(&|i, j, x| if (i, j) == (77, 3) { f32::INFINITY } else { x })),
            ("a norm that overflows", changed(&|i, _, x| if i == 77 { x * 1e30 } else { x })),
            ("norms that vanish", changed(&|i, _, x| if i % 40 == 0 { x * 1e-30 } else { x })),
            ("norms that hardly do not", changed(&|i, _, x| if i % 40 == 0 { x * 1e-21 } else { x })),
        ];
        let bits = |found: &Neighbours<f32>| {
            found
                .lists
                .iter()
                .map(|list| list.iter().map(|&(i, x)| (i, x.to_bits())).collect())
                .collect::<Vec<Vec<_>>>()
        };
        for (what, features) in &cases {
            for k in [1, 2, 11, 1400] {
                let plain = nearest_by_cosine_with(features, k, |_, _| ());
                assert!(bits(&nearest_by_cosine(features, k)) == bits(&plain), "{what}, k {k}");
            }
        }
    }

    #[test]
    fn a_row_of_zeros_keeps_itself_alone() {
        let neighbours = nearest_by_cosine(&array![[0.0, 0.0], [1.0, 0.0], [1.0, 0.5]], 2);
        assert_eq!(neighbours.of(0), [(0, 1.0)]);
        assert_eq!(neighbours.of(1).len(), 2);
    }
}
