//! EASE and L3AE where an `I x I` matrix does not fit: each item explained by its nearest neighbours instead of by all others.
//!
//! Column `j` of `B` is a ridge regression of its own. On the neighbours `N` of `j` (`j` is not among them) it is
//!
//! `B_Nj = (G_NN + λ Id)⁻¹ (G_Nj + δ M_Nj)`, 0 elsewhere
//!
//! with `δ = 0` for EASE. With all other items as neighbours these are the exact weights; a test holds that. Choosing the columns of a regression
//! by nearness before it is solved is fsSLIM (Ning and Karypis, ICDM 2011), here with the squared penalty of EASE.
//!
//! `I k³ / 3` multiplications for `k` neighbours, `k I` weights in memory, and nothing of the size `I²`.

use crate::co_occurrence::CountRow;
use crate::error::{Unsolvable, above_zero, not_negative};
use crate::item_knn::{KnnSettings, most_similar};
use crate::{Cholesky, Content, ContentKernel, SparseWeights, Taken};
use anchorrec_graph::nearest_by_cosine;
use anchorrec_kernels::product;
use ndarray::{Array1, Array2, Axis};
use rayon::prelude::*;

/// Which items explain each item.
#[derive(Clone, Debug)]
pub struct NeighbourLists {
    lists: Vec<Vec<u32>>,
}

impl NeighbourLists {
    /// Takes the `k` nearest by co-occurrence (the cosine of columns of `R`), ties to the lower item; only items that were taken together.
    pub fn by_co_occurrence(taken: &Taken, k: usize) -> Self {
        let similar = most_similar(taken, KnnSettings { neighbours: k, shrinkage: 0.0 });
        let ascending = |list: Vec<(u32, f64)>| {
            let mut list: Vec<u32> = list.into_iter().map(|(item, _)| item).collect();
            list.sort_unstable();
            list
        };
        NeighbourLists { lists: similar.into_iter().map(ascending).collect() }
    }

    /// Adds the `k` nearest by content to each list: an item without interactions has no others. An item without content gets none.
    ///
    /// # Panics
    /// When the content is of another number of items.
    pub fn with_content(mut self, content: &Content, k: usize) -> Self {
        assert_eq!(content.items(), self.lists.len(), "neighbours: the items of the content and of R");
        let nearest = nearest_by_cosine(&content.rows, k + 1);
        for (item, list) in self.lists.iter_mut().enumerate() {
            let others = nearest.of(item).iter().filter(|&&(other, cosine)| other as usize != item && cosine != 0.0);
            list.extend(others.map(|&(other, _)| other));
            list.sort_unstable();
            list.dedup();
        }
        self
    }

    /// Returns the neighbours of an item, ascending.
    ///
    /// # Panics
    /// When there is no such item.
    pub fn of(&self, item: u32) -> &[u32] {
        &self.lists[item as usize]
    }
}

/// What draws the weights towards the content.
#[derive(Clone, Copy, Debug)]
pub struct Pull<'a> {
    /// The content.
    pub content: &'a Content,
    /// The kernel of the content.
    pub kernel: &'a ContentKernel,
    /// `ρ`, not negative.
    pub rho: f64,
}

/// Computes the weights of EASE, or with a pull those of L3AE, on the given neighbours.
///
/// # Errors
/// When `λ` is not above 0, `ρ` is negative, or a factor fails.
///
/// # Panics
/// When lists or content are of another number of items.
///
/// ```
/// use anchorrec_closed_forms::{FoldIn, NeighbourLists, Taken, on_neighbours};
///
/// let taken = Taken::new(1, 2, [(0, 0), (0, 1)]);
/// let weights = on_neighbours(&taken, &NeighbourLists::by_co_occurrence(&taken, 10), 1.0, None)?;
/// assert!((weights.scores(&[0])[1] - 1.0 / (1.0 + 1.0)).abs() < 1e-15);
/// # Ok::<(), anchorrec_closed_forms::Unsolvable>(())
/// ```
pub fn on_neighbours(
    taken: &Taken,
    neighbours: &NeighbourLists,
    lambda: f64,
    pull: Option<Pull>,
) -> Result<SparseWeights, Unsolvable> {
    above_zero("lambda", lambda)?;
    let items = taken.items();
    assert_eq!(neighbours.lists.len(), items, "neighbours: a list for each item");
    let pull = match pull {
        None => None,
        Some(Pull { content, kernel, rho }) => {
            not_negative("rho", rho)?;
            assert_eq!(content.items(), items, "neighbours: the items of the content and of R");
            Some((content, kernel, product(&content.rows, &kernel.w), rho * lambda))
        }
    };
    let column = |scratch: &mut Scratch, item: u32| {
        let list = neighbours.of(item);
        let (mut gram, mut right) = scratch.counts(taken, list, item);
        gram.diag_mut().mapv_inplace(|count| count + lambda);
        if let Some((content, kernel, through, delta)) = &pull {
            let row = content.rows.row(item as usize);
            for (right, &other) in right.iter_mut().zip(list) {
                *right += delta * kernel.q[item as usize] * through.row(other as usize).dot(&row);
            }
        }
        let solved = Cholesky::new(gram)?.solve(right.insert_axis(Axis(1)));
        Ok(list.iter().copied().zip(solved).collect())
    };
    let columns: Result<Vec<_>, Unsolvable> =
        (0..items as u32).into_par_iter().map_init(|| Scratch::new(items), column).collect();
    Ok(SparseWeights::of_columns(&columns?))
}

/// Memory that one item after the other uses.
struct Scratch {
    row: CountRow,
    /// The place of an item in the list at hand, or `ABSENT`.
    places: Vec<u32>,
}

const ABSENT: u32 = u32::MAX;

impl Scratch {
    fn new(items: usize) -> Self {
        Scratch { row: CountRow::new(items), places: vec![ABSENT; items] }
    }

    /// `G_NN`, its diagonal included, and `G_Nj`.
    fn counts(&mut self, taken: &Taken, list: &[u32], item: u32) -> (Array2<f64>, Array1<f64>) {
        list.iter().enumerate().for_each(|(place, &other)| self.places[other as usize] = place as u32);
        let mut gram = Array2::zeros((list.len(), list.len()));
        for (place, &other) in list.iter().enumerate() {
            gram[[place, place]] = taken.by_item(other).len() as f64;
            for (third, count) in self.row.others(taken, other) {
                if self.places[third as usize] != ABSENT {
                    gram[[place, self.places[third as usize] as usize]] = f64::from(count);
                }
            }
        }
        let mut right = Array1::zeros(list.len());
        for (other, count) in self.row.others(taken, item) {
            if self.places[other as usize] != ABSENT {
                right[self.places[other as usize] as usize] = f64::from(count);
            }
        }
        list.iter().for_each(|&other| self.places[other as usize] = ABSENT);
        (gram, right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FoldIn, L3ae, MOST_ITEMS, RegularisedInverse, ease};
    use anchorrec_testkit::{assert_close, random};

    fn example(items: u32) -> (Taken, Content) {
        let pairs = (0..90u32).flat_map(|u| (0..items).filter(move |i| (u * 7 + i * 5) % 13 < 3).map(move |i| (u, i)));
        let features = random::matrix(items as usize + 1, 4, &mut random::generator(5)).mapv(|x| x as f32);
        (Taken::new(90, items as usize + 1, pairs), Content::new(features.view()).unwrap())
    }

    fn dense(weights: &SparseWeights) -> Array2<f64> {
        let items = weights.items();
        let mut dense = Array2::zeros((items, items));
        for i in 0..items {
            weights.of(i as u32).iter().for_each(|&(j, weight)| dense[[i, j as usize]] = weight);
        }
        dense
    }

    fn assert_same(got: &SparseWeights, want: &Array2<f64>) {
        let scale = want.iter().fold(0.0, |most: f64, w| most.max(w.abs()));
        // Another way to the same solution; the systems' condition is some hundreds.
        assert_close("weights", (dense(got) / scale + 1.0).view(), (want / scale + 1.0).view(), 1e-11);
    }

    #[test]
    fn with_all_other_items_as_neighbours_the_weights_are_exact() {
        for items in [9, 135] {
            let (taken, content) = example(items);
            let everybody: Vec<Vec<u32>> =
                (0..=items).map(|item| (0..=items).filter(|&other| other != item).collect()).collect();
            let all = NeighbourLists { lists: everybody };
            let inverse = RegularisedInverse::new(&taken, 4.0, MOST_ITEMS).unwrap();
            assert_same(&on_neighbours(&taken, &all, 4.0, None).unwrap(), &ease(&inverse).weights);
            let kernel = content.kernel(0.5).unwrap();
            let pull = Pull { content: &content, kernel: &kernel, rho: 0.7 };
            let want = L3ae::new(&inverse, &content).weights(&kernel, 0.7).unwrap().weights;
            assert_same(&on_neighbours(&taken, &all, 4.0, Some(pull)).unwrap(), &want);
        }
    }

    #[test]
    fn only_neighbours_have_weights_and_content_reaches_items_that_nobody_took() {
        let (taken, content) = example(30);
        let near = NeighbourLists::by_co_occurrence(&taken, 5);
        assert!((0..30).all(|item| near.of(item).len() == 5 && !near.of(item).contains(&item)));
        assert_eq!(near.of(30), [0; 0], "nobody took the last item");
        let weights = on_neighbours(&taken, &near, 4.0, None).unwrap();
        assert_eq!((weights.len(), weights.of(30).len()), (30 * 5, 0));
        let wider = near.with_content(&content, 3);
        assert_eq!(wider.of(30).len(), 3);
        let kernel = content.kernel(0.5).unwrap();
        let pull = Pull { content: &content, kernel: &kernel, rho: 1.0 };
        let weights = on_neighbours(&taken, &wider, 4.0, Some(pull)).unwrap();
        assert!(weights.scores(wider.of(30)).last().is_some_and(|&score| score != 0.0));
    }
}
