//! `G = RᵀR` `[I, I]`: how many users took both of two items. A row at a time, or whole.
//!
//! A row costs the lists of the users who took the item, all rows together `Σ_u n_u²` additions. Whole numbers: exact in any order.

use crate::Taken;
use anchorrec_kernels::fill_rows;
use ndarray::Array2;

/// One row of `G`, and the memory that the next one uses again.
#[derive(Clone, Debug)]
pub struct CountRow {
    /// A count for each item; 0 but for those that were met.
    counts: Vec<u32>,
    /// Items with a count, ascending.
    met: Vec<u32>,
}

impl CountRow {
    /// Makes an empty row for `items` items.
    pub fn new(items: usize) -> Self {
        CountRow { counts: vec![0; items], met: Vec::new() }
    }

    /// Counts row `item`: `(other, users who took both)` of every other item with a count, ascending.
    pub fn others<'a>(&'a mut self, taken: &Taken, item: u32) -> impl Iterator<Item = (u32, u32)> + 'a {
        self.met.drain(..).for_each(|other| self.counts[other as usize] = 0);
        for &user in taken.by_item(item) {
            for &other in taken.by_user(user) {
                let count = &mut self.counts[other as usize];
                if *count == 0 {
                    self.met.push(other);
                }
                *count += 1;
            }
        }
        self.met.sort_unstable();
        self.met.iter().filter(move |&&other| other != item).map(|&other| (other, self.counts[other as usize]))
    }
}

/// Returns `G + λ Id`, dense.
pub fn regularised(taken: &Taken, lambda: f64) -> Array2<f64> {
    let items = taken.items();
    fill_rows(items, items, |first, mut rows| {
        for (n, mut row) in rows.rows_mut().into_iter().enumerate() {
            let item = first + n;
            for &user in taken.by_item(item as u32) {
                for &other in taken.by_user(user) {
                    row[other as usize] += 1.0;
                }
            }
            row[item] += lambda;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn counted_by_hand() {
        // Items 0 and 1 together twice, 1 and 2 once; nobody took 3.
        let taken = Taken::new(3, 4, [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2)]);
        let want = array![[2.0, 2.0, 1.0, 0.0], [2.0, 2.0, 1.0, 0.0], [1.0, 1.0, 2.0, 0.0], [0.0; 4]];
        assert_eq!(regularised(&taken, 0.0), want);
        assert_eq!(regularised(&taken, 0.5).diag(), array![2.5, 2.5, 2.5, 0.5]);
        let mut row = CountRow::new(4);
        let mut of = |item| row.others(&taken, item).collect::<Vec<_>>();
        assert_eq!((of(0), of(2), of(3)), (vec![(1, 2), (2, 1)], vec![(0, 1), (1, 1)], vec![]));
    }
}
