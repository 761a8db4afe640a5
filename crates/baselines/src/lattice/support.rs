//! The edges of several item graphs together, and where each graph finds its own among them.

use anchorrec_kernels::Real;
use rayon::prelude::*;
use sprs::CsMat;

/// Makes the union of the edges of item graphs, row after row, columns ascending.
#[derive(Clone, Debug)]
pub(super) struct Support {
    items: usize,
    /// Where the edges of each item begin, and where the last one's end, `[I + 1]`.
    starts: Vec<usize>,
    columns: Vec<usize>,
}

/// One graph's weights, and their places among the edges of a [`Support`].
#[derive(Clone, Debug)]
pub(super) struct Edges<F> {
    weights: Vec<F>,
    places: Vec<u32>,
}

impl Support {
    /// Makes the union of `graphs`, each given as the `(column, weight)` of each item, and each of them on it.
    pub fn of<F: Real>(items: usize, graphs: &[&(dyn Fn(usize) -> Vec<(u32, F)> + Sync)]) -> (Self, Vec<Edges<F>>) {
        let row = |item: usize| {
            let lists: Vec<Vec<(u32, F)>> = graphs.iter().map(|graph| graph(item)).collect();
            let mut columns: Vec<u32> = lists.iter().flatten().map(|&(column, _)| column).collect();
            columns.sort_unstable();
            columns.dedup();
            (columns, lists)
        };
        let rows: Vec<_> = (0..items).into_par_iter().map(row).collect();
        let mut support = Support { items, starts: vec![0], columns: Vec::new() };
        let mut edges = vec![Edges { weights: Vec::new(), places: Vec::new() }; graphs.len()];
        for (columns, lists) in rows {
            let first = support.columns.len();
            for (list, edges) in lists.iter().zip(&mut edges) {
                for &(column, weight) in list {
                    let place = first + columns.binary_search(&column).expect("a column of one is a column of all");
                    edges.places.push(u32::try_from(place).expect("fewer than 2^32 edges"));
                    edges.weights.push(weight);
                }
            }
            support.columns.extend(columns.into_iter().map(|column| column as usize));
            support.starts.push(support.columns.len());
        }
        (support, edges)
    }

    /// Returns the number of edges.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Calls `see(place, i, j)` for every edge in order.
    pub fn each(&self, mut see: impl FnMut(usize, usize, usize)) {
        for i in 0..self.items {
            for place in self.starts[i]..self.starts[i + 1] {
                see(place, i, self.columns[place]);
            }
        }
    }

    /// Computes a value for every edge: `make(i, columns, values)` fills those of item `i`, which are there as 0.
    pub fn by_rows<F: Real>(&self, make: impl Fn(usize, &[usize], &mut [F]) + Sync) -> Vec<F> {
        let mut values = vec![F::zero(); self.len()];
        let mut rest = &mut values[..];
        let rows: Vec<&mut [F]> = (0..self.items)
            .map(|i| {
                let (row, others) = std::mem::take(&mut rest).split_at_mut(self.starts[i + 1] - self.starts[i]);
                rest = others;
                row
            })
            .collect();
        let fill = |(i, row): (usize, &mut [F])| make(i, &self.columns[self.starts[i]..self.starts[i + 1]], row);
        rows.into_par_iter().enumerate().for_each(fill);
        values
    }

    /// Makes the matrix with these values on the edges, `[I, I]`.
    pub fn matrix<F: Real>(&self, values: Vec<F>) -> CsMat<F> {
        CsMat::new((self.items, self.items), self.starts.clone(), self.columns.clone(), values)
    }
}

impl<F: Real> Edges<F> {
    /// Adds `share` times the weights where they belong.
    pub fn add_to(&self, values: &mut [F], share: F) {
        for (&place, &weight) in self.places.iter().zip(&self.weights) {
            values[place as usize] += share * weight;
        }
    }

    /// `Σ` over this graph's edges of weight times value.
    pub fn inner(&self, values: &[F]) -> f64 {
        self.places.iter().zip(&self.weights).map(|(&at, &weight)| weight.as_f64() * values[at as usize].as_f64()).sum()
    }

    /// `share` times the values on this graph's edges, 0 on all others.
    pub fn part_of(&self, values: &[F], share: F) -> Vec<F> {
        let mut part = vec![F::zero(); values.len()];
        self.places.iter().for_each(|&place| part[place as usize] = share * values[place as usize]);
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn two_graphs_are_added_on_the_edges_of_both() {
        let one = |item: usize| [vec![(0, 1.0), (2, 2.0)], vec![(1, 3.0)], vec![]][item].clone();
        // Lists need not ascend.
        let other = |item: usize| [vec![(2, 10.0)], vec![(2, 20.0), (0, 30.0)], vec![(2, 40.0)]][item].clone();
        let (support, edges) = Support::of::<f64>(3, &[&one, &other]);
        let mut values = vec![0.0; support.len()];
        edges[0].add_to(&mut values, 1.0);
        edges[1].add_to(&mut values, 0.5);
        let want = array![[1.0, 0.0, 2.0 + 5.0], [15.0, 3.0, 10.0], [0.0, 0.0, 20.0]];
        assert_eq!(support.matrix(values.clone()).to_dense(), want);
        assert_eq!(edges[0].inner(&values), 1.0 + 2.0 * 7.0 + 3.0 * 3.0);
        let part = support.matrix(edges[0].part_of(&values, 2.0)).to_dense();
        assert_eq!(part, array![[2.0, 0.0, 14.0], [0.0, 6.0, 0.0], [0.0, 0.0, 0.0]]);
        let mut seen = Vec::new();
        support.each(|place, i, j| seen.push((place, i, j)));
        assert_eq!(seen, [(0, 0, 0), (1, 0, 2), (2, 1, 0), (3, 1, 1), (4, 1, 2), (5, 2, 2)]);
        let places = support.by_rows(|i, columns, values| {
            columns.iter().zip(values).for_each(|(&j, value)| *value = (10 * i + j) as f64);
        });
        assert_eq!(places, [0.0, 2.0, 10.0, 11.0, 12.0, 22.0]);
    }
}
