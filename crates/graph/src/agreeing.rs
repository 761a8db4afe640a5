//! Nearest items among those that all modalities call near, without an `I x I` matrix.
//!
//! `c_m,ij` the cosine of items `i` and `j` in modality `m`, `μ_m` its mean over all pairs of items, an item with itself included. A pair **agrees** when
//! `c_m,ij >= μ_m` in every modality. Item `i` keeps `k_i = min(n_i, k)` neighbours in each modality, `n_i` the number of its agreeing pairs whose cosine in the last
//! modality is not 0: itself, then those with the largest cosine there, ties to the lower index; a pair that does not agree counts as a cosine of 0. So
//! the modalities differ in who the neighbours are, not in how many. Source: the denoised item graphs of DA-MRS (KDD 2024).
//!
//! **Means without pairs.** `Σ_ij x̂_i · x̂_j = ‖Σ_i x̂_i‖²`, added up in `f64`; a mean is never negative.
//!
//! **Rules.** An item agrees with itself, with cosine 1 by definition. A row of zeros has no direction: its cosine with any other item is 0, and it is left
//! out of the mean.
//!
//! **Cost.** `2 I² F` operations for each modality, in blocks of [`BLOCK`] rows. Memory: the packed unit rows, and the cosines of a block with
//! all items for each thread.

use crate::Neighbours;
use anchorrec_kernels::{Packed, Real, TopK, rows};
use ndarray::{Array1, Array2, Axis, s};
use rayon::prelude::*;

/// Rows whose cosines are in memory together, for each thread. Results do not depend on it.
pub const BLOCK: usize = 64;

/// The neighbours of every item among those that agree.
#[derive(Clone, Debug)]
pub struct Agreeing<F> {
    /// The mean cosine `μ_m` of each modality.
    pub means: Vec<f64>,
    /// How many items agree with each, `n_i`, itself included, `[I]`.
    pub candidates: Vec<usize>,
    /// The neighbours in each modality, each with its cosine.
    pub neighbours: Vec<Neighbours<F>>,
}

/// Finds the neighbours of every item in each of `tables` `[I, F_m]`, at most `k`, itself included; see the [module](self) for the rules.
///
/// # Panics
/// When there is no table, their numbers of rows differ, or `k` is 0.
///
/// ```
/// use anchorrec_graph::agreeing_neighbours;
/// use ndarray::array;
///
/// // In the second table item 2 is near item 0, in the first it is not: they do not agree.
/// let (one, other) = (array![[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]], array![[1.0, 0.0], [1.0, 0.0], [1.0, 0.1]]);
/// let agreeing = agreeing_neighbours(&[&one, &other], 3);
/// assert_eq!(agreeing.candidates[0], 2);
/// assert_eq!(agreeing.neighbours[1].of(0).iter().map(|n| n.0).collect::<Vec<_>>(), [0, 1]);
/// ```
pub fn agreeing_neighbours<F: Real>(tables: &[&Array2<F>], k: usize) -> Agreeing<F> {
    assert!(k > 0, "an item is its own neighbour: k is at least 1");
    let items = tables.first().expect("one table or more").nrows();
    for table in tables {
        assert_eq!(table.nrows(), items, "agreeing neighbours: tables of different numbers of items");
    }
    let modalities: Vec<Modality<F>> = tables.iter().map(|table| Modality::new(table)).collect();
    let block = |first: usize| {
        let end = (first + BLOCK).min(items);
        let mut cosines: Vec<Array2<F>> = modalities.iter().map(|modality| modality.cosines(first, end)).collect();
        let rows = (first..end).map(|item| of_item(item, item - first, &modalities, &mut cosines, k));
        rows.collect::<Vec<_>>()
    };
    let blocks: Vec<Vec<(usize, Vec<List<F>>)>> =
        (0..items.div_ceil(BLOCK)).into_par_iter().map(|n| block(n * BLOCK)).collect();
    let mut lists: Vec<Vec<List<F>>> = vec![Vec::with_capacity(items); tables.len()];
    let mut candidates = Vec::with_capacity(items);
    for (count, found) in blocks.into_iter().flatten() {
        candidates.push(count);
        lists.iter_mut().zip(found).for_each(|(lists, list)| lists.push(list));
    }
    let means = modalities.iter().map(|modality| modality.mean).collect();
    Agreeing { means, candidates, neighbours: lists.into_iter().map(Neighbours::of_lists).collect() }
}

/// An item's neighbours with their cosines.
type List<F> = Vec<(u32, F)>;

/// `n_i` and the neighbours of an item, whose cosines are in row `row`.
fn of_item<F: Real>(
    item: usize,
    row: usize,
    modalities: &[Modality<F>],
    cosines: &mut [Array2<F>],
    k: usize,
) -> (usize, Vec<List<F>>) {
    for modality in cosines.iter_mut() {
        modality[[row, item]] = F::one();
    }
    let means: Vec<F> = modalities.iter().map(|modality| F::of(modality.mean)).collect();
    let items = cosines[0].ncols();
    let agrees = |cosines: &[Array2<F>], j: usize| {
        // An item agrees with itself also where rounding puts the mean of twins above 1.
        j == item || cosines.iter().zip(&means).all(|(c, &mean)| c[[row, j]] >= mean)
    };
    let mut count = 0;
    for j in 0..items {
        if agrees(cosines, j) {
            count += usize::from(cosines.last().expect("a modality")[[row, j]] != F::zero());
        } else {
            cosines.iter_mut().for_each(|c| c[[row, j]] = F::zero());
        }
    }
    let kept = count.min(k);
    let lists = cosines.iter_mut().map(|c| {
        c[[row, item]] = F::neg_infinity();
        let mut best = TopK::new(kept - 1);
        best.scan(0, c.row(row).to_slice().expect("a row of a fresh matrix"));
        std::iter::once((item as u32, F::one())).chain(best.into_sorted()).collect()
    });
    (count, lists.collect())
}

/// A table as unit rows.
struct Modality<F> {
    unit: Array2<F>,
    packed: Packed<F>,
    mean: f64,
}

impl<F: Real> Modality<F> {
    fn new(table: &Array2<F>) -> Self {
        let unit = rows::normalised(table);
        let mut sum = Array1::<f64>::zeros(unit.ncols());
        let mut directed = 0usize;
        for row in unit.rows() {
            directed += usize::from(row.iter().any(|&x| x != F::zero()));
            sum.zip_mut_with(&row, |sum, x| *sum += x.as_f64());
        }
        let mean = if directed == 0 { 0.0 } else { sum.dot(&sum) / (directed as f64 * directed as f64) };
        Modality { packed: Packed::new(unit.t()), unit, mean }
    }

    /// The cosines of the items `first..end` with all, `[end - first, I]`.
    fn cosines(&self, first: usize, end: usize) -> Array2<F> {
        let rows = self.unit.slice(s![first..end, ..]);
        let mut cosines = Array2::zeros((end - first, self.unit.len_of(Axis(0))));
        self.packed.product_into(rows, 0..self.unit.nrows(), cosines.view_mut());
        cosines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, random};
    use ndarray::array;

    /// The plain version: all pairs, full sorts.
    fn plain(tables: &[Array2<f64>], k: usize) -> (Vec<f64>, Vec<usize>, Vec<Vec<Vec<u32>>>) {
        let items = tables[0].nrows();
        let cosines: Vec<Array2<f64>> = tables
            .iter()
            .map(|table| {
                let unit = rows::normalised(table);
                let mut cosines = unit.dot(&unit.t());
                cosines.diag_mut().fill(1.0);
                cosines
            })
            .collect();
        let means: Vec<f64> = cosines.iter().map(|c| c.mean().unwrap()).collect();
        let agrees = |i, j| cosines.iter().zip(&means).all(|(c, &mean)| c[[i, j]] >= mean);
        let candidates: Vec<usize> = (0..items).map(|i| (0..items).filter(|&j| agrees(i, j)).count()).collect();
        let lists: Vec<Vec<Vec<u32>>> = cosines
            .iter()
            .map(|c| {
                let of = |i: usize| {
                    let mut others: Vec<usize> = (0..items).filter(|&j| j != i && agrees(i, j)).collect();
                    others.sort_by(|&a, &b| c[[i, b]].total_cmp(&c[[i, a]]).then(a.cmp(&b)));
                    std::iter::once(i).chain(others).take(k).map(|j| j as u32).collect()
                };
                (0..items).map(of).collect()
            })
            .collect();
        (means.clone(), candidates, lists)
    }

    #[test]
    fn equals_all_pairs_sorted() {
        for (items, k) in [(1, 5), (30, 5), (2 * BLOCK + 7, 6)] {
            let rng = &mut random::generator(items as u64);
            let tables = [random::matrix(items, 4, rng) + 0.2, random::matrix(items, 3, rng)];
            let got = agreeing_neighbours(&[&tables[0], &tables[1]], k);
            let (means, candidates, lists) = plain(&tables, k);
            for (got, want) in got.means.iter().zip(means) {
                assert_close_scalar("mean", *got, want, 1e-12);
            }
            assert_eq!(got.candidates, candidates);
            for (neighbours, lists) in got.neighbours.iter().zip(lists) {
                for (i, want) in lists.iter().enumerate() {
                    let ids: Vec<u32> = neighbours.of(i).iter().map(|n| n.0).collect();
                    assert_eq!(&ids, want, "item {i} of {items}");
                }
            }
        }
    }

    #[test]
    fn a_row_of_zeros_keeps_itself_and_does_not_count_in_the_mean() {
        let agreeing = agreeing_neighbours(&[&array![[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]], 3);
        assert_eq!(agreeing.means, [1.0]);
        assert_eq!((agreeing.candidates[0], agreeing.neighbours[0].of(0)), (1, &[(0, 1.0)][..]));
        assert_eq!(agreeing.neighbours[0].of(2), [(2, 1.0), (1, 1.0)]);
    }

    #[test]
    #[should_panic(expected = "tables of different numbers of items")]
    fn tables_have_the_same_items() {
        agreeing_neighbours(&[&array![[1.0]], &array![[1.0], [2.0]]], 1);
    }
}
