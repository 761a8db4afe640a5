//! A feature table `X` `[I, F]` as layers see it: whole, or dealt out to several ranks of which each holds its own rows.
//!
//! Feature tables and their moments are nearly all that a model holds, and a step does four things with them. Each gives the bits of the whole table
//! for any number of ranks:
//!
//! | operation | on a table that is dealt out |
//! |---|---|
//! | `X[rows] Vᵀ` | each owner multiplies its rows, the results are gathered in the order of the rows |
//! | rows of `X` | gathered likewise |
//! | `Sᵀ X[rows]` | the owners continue one chain of sums, one after another, and all get the last one's |
//! | the gradient of `X` | its factors for the own rows; nothing is sent |
//!
//! All else of a step is computed by every rank. A table is dealt out where the products of its rows do not depend on other rows
//! ([`row_by_row`](anchorrec_kernels::table::row_by_row)) and no layer needs more of them; every rank holds the whole of the others.

use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{Rows, gather};
use anchorrec_kernels::table::{FactoredGradient, continue_transposed_times, times_transposed, transposed_times};
use anchorrec_ranks::{Ranks, Shares};
use ndarray::{Array2, ArrayView2, CowArray, Ix2, s};
use std::borrow::Cow;
use std::ops::Range;

/// A rank's share in a table.
#[derive(Clone, Debug)]
pub struct Share {
    ranks: Ranks,
    shares: Shares,
}

/// Two shares are equal when they are the same rows of as many.
impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        (self.own(), self.rows()) == (other.own(), other.rows())
    }
}

impl Share {
    /// Returns the rows that this rank holds.
    ///
    /// ```
    /// use anchorrec_encoders::Params;
    /// use anchorrec_ranks::{Ranks, Threads};
    /// use ndarray::Array2;
    /// use std::time::Duration;
    ///
    /// let mut params = Params::<f32>::new();
    /// let id = params.add_features("text.features", Array2::zeros((10, 32)), true);
    /// let second = Threads::group(2, Duration::from_secs(60)).remove(1);
    /// params.deal_out(&Ranks::new(second).with_block(4));
    /// // Three blocks: one for the first rank, two for this one.
    /// let share = params.parameter(id).share.as_ref().unwrap();
    /// assert_eq!((share.own(), share.rows()), (4..10, 10));
    /// ```
    pub fn own(&self) -> Range<usize> {
        self.shares.of(self.ranks.rank())
    }

    /// Returns the number of rows of the whole table.
    ///
    /// ```
    /// use anchorrec_encoders::Params;
    /// use anchorrec_ranks::{Ranks, Threads};
    /// use ndarray::Array2;
    /// use std::time::Duration;
    ///
    /// let mut params = Params::<f32>::new();
    /// let id = params.add_features("text.features", Array2::zeros((10, 32)), true);
    /// params.deal_out(&Ranks::new(Threads::group(2, Duration::from_secs(60)).remove(0)));
    /// assert_eq!(params.parameter(id).share.as_ref().unwrap().rows(), 10);
    /// ```
    pub fn rows(&self) -> usize {
        self.shares.rows()
    }

    /// Keeps the own rows of `table` alone; no share on a single rank.
    pub(crate) fn take<F: Real>(table: &mut Array2<F>, ranks: &Ranks) -> Option<Share> {
        if ranks.size() == 1 {
            return None;
        }
        let share = Share { ranks: ranks.clone(), shares: ranks.shares(table.nrows()) };
        *table = table.slice(s![share.own(), ..]).to_owned();
        Some(share)
    }

    /// Which of `rows` this rank holds.
    fn listed(&self, rows: Rows) -> Listed {
        let own = self.own();
        let places = rows.between(&own);
        let local = |rows: &[u32]| rows[places.clone()].iter().map(|&row| row - own.start as u32).collect();
        let rows = match rows {
            Rows::All => None,
            Rows::Some(rows) => Some(local(rows)),
        };
        Listed { places, rows }
    }

    /// Joins what each rank has for its own ones of `rows`.
    fn gather<F: Real>(&self, rows: Rows, own: &Array2<F>) -> Array2<F> {
        let width = own.ncols();
        let of = |rank: usize| rows.between(&self.shares.of(rank)).len() * width;
        let lengths: Vec<usize> = (0..self.ranks.size()).map(of).collect();
        let mut whole = Array2::zeros((rows.count(self.rows()), width));
        let own = own.as_slice().and_then(F::as_f32s).expect(SINGLE);
        self.ranks.gather(own, &lengths, numbers(&mut whole));
        whole
    }
}

/// Only tables in standard layout are made here, and only those of `f32` are dealt out.
const SINGLE: &str = "a table of f32 in standard layout";

fn numbers<F: Real>(matrix: &mut Array2<F>) -> &mut [f32] {
    matrix.as_slice_mut().and_then(F::as_f32s_mut).expect(SINGLE)
}

/// Rows of a list that this rank holds.
struct Listed {
    /// The places of these rows in the list.
    places: Range<usize>,
    /// The rows, counted from the first one of this rank; `None` when these are all.
    rows: Option<Vec<u32>>,
}

impl Listed {
    fn rows(&self) -> Rows<'_> {
        self.rows.as_deref().map_or(Rows::All, Rows::Some)
    }
}

/// A feature table, whole or dealt out.
#[derive(Clone, Copy, Debug)]
pub struct FeatureTable<'a, F> {
    own: ArrayView2<'a, F>,
    share: Option<&'a Share>,
}

/// Rows of a feature table, where they can be read: in place in a whole table, gathered in one that is dealt out.
#[derive(Clone, Debug)]
pub struct PickedRows<'a, F> {
    /// A table that holds the rows.
    pub table: CowArray<'a, F, Ix2>,
    /// Which rows of this table they are, ascending.
    pub rows: Cow<'a, [u32]>,
}

impl<'a, F: Real> FeatureTable<'a, F> {
    pub(crate) fn new(own: &'a Array2<F>, share: Option<&'a Share>) -> Self {
        FeatureTable { own: own.view(), share }
    }

    /// Computes `X[rows] Vᵀ`, `[n, D]`.
    ///
    /// # Panics
    /// When `v` is not as wide as the table, or `rows` do not ascend within it.
    ///
    /// ```
    /// use anchorrec_encoders::{FixedTable, Rows};
    /// use ndarray::array;
    ///
    /// let x = FixedTable::new(array![[1.0, 2.0], [3.0, 4.0]]);
    /// let products = x.table().times_transposed(Rows::Some(&[1]), array![[10.0, 1.0]].view());
    /// assert_eq!(products, array![[3.0 * 10.0 + 4.0]]);
    /// ```
    pub fn times_transposed(self, rows: Rows, v: ArrayView2<F>) -> Array2<F> {
        let Some(share) = self.share else { return times_transposed(self.own, rows, v) };
        let own = times_transposed(self.own, share.listed(rows).rows(), v);
        share.gather(rows, &own)
    }

    /// Computes `Sᵀ X[rows]`, `[D, F]`.
    ///
    /// # Panics
    /// When `s` has not a row for each of `rows`, or `rows` do not ascend within the table.
    ///
    /// ```
    /// use anchorrec_encoders::{FixedTable, Rows};
    /// use ndarray::array;
    ///
    /// let x = FixedTable::new(array![[1.0, 2.0], [3.0, 4.0]]);
    /// let sums = x.table().transposed_times(array![[1.0], [10.0]].view(), Rows::All);
    /// assert_eq!(sums, array![[1.0 + 30.0, 2.0 + 40.0]]);
    /// ```
    pub fn transposed_times(self, s: ArrayView2<F>, rows: Rows) -> Array2<F> {
        let Some(share) = self.share else { return transposed_times(s, self.own, rows) };
        let listed = share.listed(rows);
        let mut sums = Array2::zeros((s.ncols(), self.own.ncols()));
        share.ranks.take_over(numbers(&mut sums));
        continue_transposed_times(&mut sums, s.slice(s![listed.places.clone(), ..]), self.own, listed.rows());
        share.ranks.hand_on(numbers(&mut sums));
        sums
    }

    /// Finds rows `rows`, which ascend.
    ///
    /// ```
    /// use anchorrec_encoders::FixedTable;
    /// use ndarray::array;
    ///
    /// let x = FixedTable::new(array![[1.0], [2.0], [3.0]]);
    /// // In place in a whole table; a table of these rows alone where it is dealt out.
    /// let picked = x.table().pick(&[0, 2]);
    /// assert_eq!(picked.rows.iter().map(|&row| picked.table[[row as usize, 0]]).sum::<f64>(), 1.0 + 3.0);
    /// ```
    pub fn pick(self, rows: &'a [u32]) -> PickedRows<'a, F> {
        let Some(share) = self.share else { return PickedRows { table: self.own.into(), rows: rows.into() } };
        let own = share.listed(Rows::Some(rows)).rows.expect("rows of a list");
        let table = share.gather(Rows::Some(rows), &gather(&self.own, &own));
        PickedRows { rows: (0..rows.len() as u32).collect(), table: table.into() }
    }

    /// Makes the gradient `left · right` of rows `rows`, `[n, D] [D, F]`: what an optimiser of the rows that are held here needs of it.
    ///
    /// ```
    /// use anchorrec_encoders::{FixedTable, Rows};
    /// use ndarray::array;
    ///
    /// let x = FixedTable::new(array![[1.0, 2.0], [3.0, 4.0]]);
    /// let gradient = x.table().gradient(Rows::Some(&[1]), array![[5.0]], array![[10.0, 20.0]]);
    /// assert_eq!((gradient.rows, gradient.left), (Some(vec![1]), array![[5.0]]));
    /// ```
    pub fn gradient(self, rows: Rows, left: Array2<F>, right: Array2<F>) -> FactoredGradient<F> {
        let Some(share) = self.share else {
            return FactoredGradient { rows: rows.to_list(), left, right, along_row: None };
        };
        let Listed { places, rows } = share.listed(rows);
        FactoredGradient { rows, left: left.slice(s![places, ..]).to_owned(), right, along_row: None }
    }
}

/// A feature table that is not trained: the features as they were given.
#[derive(Clone, Debug)]
pub struct FixedTable<F> {
    own: Array2<F>,
    share: Option<Share>,
}

impl<F: Real> FixedTable<F> {
    /// Holds a whole table.
    ///
    /// # Panics
    /// When it is not row-major.
    ///
    /// ```
    /// use anchorrec_encoders::FixedTable;
    /// use ndarray::array;
    ///
    /// let fixed = FixedTable::new(array![[1.0], [2.0]]);
    /// let picked = fixed.table().pick(&[1]);
    /// assert_eq!(picked.table.row(picked.rows[0] as usize), array![2.0]);
    /// ```
    pub fn new(whole: Array2<F>) -> Self {
        assert!(whole.is_standard_layout(), "a fixed table is row-major");
        FixedTable { own: whole, share: None }
    }

    /// Returns the table.
    ///
    /// ```
    /// use anchorrec_encoders::{FixedTable, Rows};
    /// use ndarray::array;
    ///
    /// let fixed = FixedTable::new(array![[3.0]]);
    /// assert_eq!(fixed.table().times_transposed(Rows::All, array![[2.0]].view()), array![[6.0]]);
    /// ```
    pub fn table(&self) -> FeatureTable<'_, F> {
        FeatureTable::new(&self.own, self.share.as_ref())
    }

    /// Keeps the rows of this rank alone; tables of `f64` stay whole.
    ///
    /// ```
    /// use anchorrec_encoders::FixedTable;
    /// use anchorrec_ranks::Ranks;
    /// use ndarray::array;
    ///
    /// let mut fixed = FixedTable::new(array![[1.0f32], [2.0]]);
    /// fixed.deal_out(&Ranks::alone()); // A single rank keeps all.
    /// assert_eq!(fixed.table().pick(&[0, 1]).table, array![[1.0], [2.0]]);
    /// ```
    pub fn deal_out(&mut self, ranks: &Ranks) {
        if self.share.is_none() && F::as_f32s(&[]).is_some() {
            self.share = Share::take(&mut self.own, ranks);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FeatureGate, FeatureLayer, Gradients, Params};
    use anchorrec_ranks::Threads;
    use anchorrec_testkit::random;
    use std::thread;
    use std::time::Duration;

    fn matrix(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
        random::matrix(rows, columns, &mut random::generator(seed)).mapv(|x| x as f32)
    }

    /// Numbers that are equal when they have the same bits.
    fn bits(matrix: &Array2<f32>) -> Array2<u32> {
        matrix.mapv(f32::to_bits)
    }

    fn on_ranks<T: Send>(size: usize, rank: impl Fn(Ranks) -> T + Sync) -> Vec<T> {
        let rank = &rank;
        thread::scope(|scope| {
            let started: Vec<_> = Threads::group(size, Duration::from_secs(60))
                .into_iter()
                .map(|transport| scope.spawn(move || rank(Ranks::new(transport).with_block(8))))
                .collect();
            started.into_iter().map(|rank| rank.join().unwrap()).collect()
        })
    }

    /// All rows, most, a few of some owners, none.
    const LISTS: [Option<&[u32]>; 4] = [None, Some(&[0, 1, 5, 7, 8, 15, 16, 30, 31, 36]), Some(&[9, 33]), Some(&[])];

    #[test]
    fn each_operation_has_the_bits_of_a_whole_table() {
        let (x, v) = (matrix(37, 64, 1), matrix(16, 64, 2));
        let whole = FixedTable::new(x.clone());
        for list in LISTS {
            let rows = list.map_or(Rows::All, Rows::Some);
            let s = matrix(rows.count(37), 16, 3);
            let products = bits(&whole.table().times_transposed(rows, v.view()));
            let sums = bits(&whole.table().transposed_times(s.view(), rows));
            for size in [1, 2, 3, 4, 7] {
                let gradients = on_ranks(size, |ranks| {
                    let mut dealt_out = whole.clone();
                    dealt_out.deal_out(&ranks);
                    let table = dealt_out.table();
                    let what = format!("{rows:?}, rank {} of {size}", ranks.rank());
                    assert_eq!(dealt_out.own, x.slice(s![ranks.shares(37).of(ranks.rank()), ..]), "{what}");
                    assert_eq!(bits(&table.times_transposed(rows, v.view())), products, "{what}");
                    assert_eq!(bits(&table.transposed_times(s.view(), rows)), sums, "{what}");
                    if let Some(list) = list {
                        let picked = table.pick(list);
                        assert_eq!(gather(&picked.table, &picked.rows), gather(&x, list), "{what}");
                    }
                    let gradient = table.gradient(rows, s.clone(), v.clone());
                    ranks.check().unwrap();
                    // Written out for the own rows.
                    let mut d = Array2::zeros(dealt_out.own.dim());
                    gradient.write_rows(0..d.nrows(), dealt_out.own.view(), d.view_mut());
                    d
                });
                let mut expected = Array2::zeros(x.dim());
                whole.table().gradient(rows, s.clone(), v.clone()).write_rows(0..37, x.view(), expected.view_mut());
                let views: Vec<_> = gradients.iter().map(|part| part.view()).collect();
                let joined = ndarray::concatenate(ndarray::Axis(0), &views).unwrap();
                // Written out, a product is a general one, whose last digits depend on its shape.
                anchorrec_testkit::assert_close(
                    "gradient",
                    joined.mapv(f64::from).view(),
                    expected.mapv(f64::from).view(),
                    1e-6,
                );
            }
        }
    }

    #[test]
    fn only_tables_whose_rows_stand_alone_are_dealt_out() {
        let dealt_out = on_ranks(2, |ranks| {
            let mut params = Params::<f32>::new();
            let rng = &mut random::generator(4);
            for (name, inputs, width, layer_norm) in
                [("wide", 64, 16, false), ("narrow", 50, 16, false), ("thin", 64, 10, false), ("norm", 64, 16, true)]
            {
                FeatureGate::new(&mut params, name, matrix(37, inputs, 5), width, layer_norm, rng);
                FeatureLayer::new(&mut params, &format!("{name}.layer"), matrix(37, inputs, 5), width, rng);
            }
            let whole = params.elements();
            params.deal_out(&ranks);
            assert_eq!(params.elements(), whole, "the weights of all ranks count");
            let shares = params.iter().filter_map(|parameter| parameter.share.as_ref().map(|_| parameter.name.clone()));
            shares.collect::<Vec<_>>()
        });
        let expected = ["wide.features", "wide.layer.features", "norm.layer.features"].map(str::to_owned);
        assert_eq!(dealt_out, [expected.to_vec(), expected.to_vec()]);
        let exact = on_ranks(2, |ranks| {
            let mut params = Params::<f64>::new();
            FeatureLayer::new(&mut params, "x", Array2::zeros((37, 64)), 16, &mut random::generator(6));
            params.deal_out(&ranks);
            params.iter().all(|parameter| parameter.share.is_none())
        });
        assert_eq!(exact, [true, true], "a table of f64");
    }

    #[test]
    fn a_gate_and_a_layer_have_the_bits_of_one_rank() {
        let trained = |ranks: Ranks| {
            let mut params = Params::<f32>::new();
            let rng = &mut random::generator(7);
            let gate = FeatureGate::new(&mut params, "gate", matrix(37, 96, 8), 32, false, rng);
            let layer = FeatureLayer::new(&mut params, "layer", matrix(37, 64, 9), 32, rng);
            params.deal_out(&ranks);
            let (embedding, rows) = (matrix(37, 32, 10), Rows::Some(&[0, 3, 8, 9, 17, 30, 36]));
            let (gated, gates) = gate.forward(&params, rows, &embedding);
            let mut gradients = Gradients::zero(&params);
            let mut d_embedding = Array2::zeros((37, 32));
            gate.backward(&params, &mut gradients, rows, &embedding, gates, matrix(7, 32, 11), &mut d_embedding);
            let y = layer.forward(&params, Rows::All);
            layer.backward(&params, &mut gradients, Rows::All, matrix(37, 32, 12));
            ranks.check().unwrap();
            let whole = params.ids().zip(params.iter()).filter(|(_, parameter)| !parameter.name.ends_with(".features"));
            let mut found = vec![bits(&gated), bits(&d_embedding), bits(&y)];
            found.extend(whole.map(|(id, _)| bits(&gradients.to_dense(id, &params))));
            found
        };
        let one = trained(Ranks::alone());
        for size in [2, 3, 7] {
            assert!(on_ranks(size, trained).iter().all(|found| *found == one), "{size} ranks");
        }
    }

    #[test]
    #[should_panic(expected = "x is dealt out: ask for `Params::features`")]
    fn the_whole_value_of_a_share_is_refused() {
        let mut group = Threads::group(2, Duration::from_secs(60));
        let mut params = Params::<f32>::new();
        let id = params.add_features("x", Array2::zeros((4, 32)), true);
        params.deal_out(&Ranks::new(group.remove(0)));
        let _ = &params[id];
    }
}
