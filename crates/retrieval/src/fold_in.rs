//! New users: a vector from a list of items, by the frozen vectors of a trained model.
//!
//! `H` are the user's items, `v_i` the items' vectors that score, `d_i` the training pairs of an item:
//!
//! | way | the user's vector |
//! |---|---|
//! | propagation | `Σ_{i∈H} v_i / √(|H| d_i)`: one step over the graph with its own weights |
//! | ridge | `(VᵀV + λI)⁻¹ Σ_{i∈H} v_i`: least squares on 1 for the items of `H` and 0 for all others, `λ` a tenth of the mean eigenvalue of `VᵀV` |
//! | mean | `Σ_{i∈H} v_i / |H|` |
//!
//! Which is the best was measured on real data: `docs/new-users-and-items.md`. All are within microseconds once the items are prepared.

use anchorrec_data::{Interactions, Split};
use anchorrec_linalg::jacobi::eigen;
use ndarray::{Array1, Array2, ArrayBase, ArrayView2, Axis, Data, Ix2};

/// How to compute a user's vector from a list of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One step over the graph with its own weights.
    Propagation,
    /// Ridge regression on the items' vectors.
    Ridge,
    /// The mean of the items' vectors.
    Mean,
}

impl Way {
    /// All methods.
    pub const ALL: [Way; 3] = [Way::Propagation, Way::Ridge, Way::Mean];

    /// Returns its name in options and tables.
    pub fn name(self) -> &'static str {
        match self {
            Way::Propagation => "propagation",
            Way::Ridge => "ridge",
            Way::Mean => "mean",
        }
    }
}

/// `λ` as a share of the mean eigenvalue of `VᵀV`.
const RIDGE: f64 = 0.1;

/// Makes vectors of new users, by the items' vectors of any storage: a view, or an array of its own.
pub struct FoldIn<S: Data<Elem = f32>> {
    items: ArrayBase<S, Ix2>,
    /// What an item's vector is multiplied by.
    weights: Vec<f32>,
    /// `(VᵀV + λI)⁻¹`, where it is asked for.
    inverse: Option<Array2<f64>>,
}

impl<S: Data<Elem = f32>> FoldIn<S> {
    /// Prepares the vectors of all items, `[I, D]`.
    pub fn new(way: Way, items: ArrayBase<S, Ix2>, interactions: &Interactions) -> Self {
        let mut weights = vec![1.0; items.nrows()];
        if way == Way::Propagation {
            let mut degrees = vec![0u32; items.nrows()];
            interactions.pairs(Split::Train).iter().for_each(|pair| degrees[pair.item as usize] += 1);
            weights = degrees.into_iter().map(|degree| 1.0 / (degree.max(1) as f32).sqrt()).collect();
        }
        let inverse = (way == Way::Ridge).then(|| inverse(items.view()));
        FoldIn { items, weights, inverse }
    }

    /// Returns the vector of a user who has the items `history`, each once.
    ///
    /// # Panics
    /// When there is no item, or one is not in the table.
    ///
    /// ```
    /// use anchorrec_data::Interactions;
    /// use anchorrec_retrieval::fold_in::{FoldIn, Way};
    /// use ndarray::array;
    ///
    /// let items = array![[1.0, 0.0], [0.0, 1.0], [4.0, 4.0]];
    /// let none = Interactions { users: 0, items: 3, train: vec![], valid: vec![], test: vec![] };
    /// assert_eq!(FoldIn::new(Way::Mean, items.view(), &none).user(&[0, 1]), array![0.5, 0.5]);
    /// ```
    pub fn user(&self, history: &[u32]) -> Array1<f32> {
        assert!(!history.is_empty(), "a user has at least one item");
        let mut sum = Array1::<f32>::zeros(self.items.ncols());
        for &item in history {
            sum.scaled_add(self.weights[item as usize], &self.items.row(item as usize));
        }
        match &self.inverse {
            Some(inverse) => inverse.dot(&sum.mapv(f64::from)).mapv(|x| x as f32),
            // Weights by the user's own count change no order; they keep the length of the vector in the range of the others.
            None if self.weights.iter().all(|&weight| weight == 1.0) => sum / history.len() as f32,
            None => sum / (history.len() as f32).sqrt(),
        }
    }

    /// Returns what each item of `history` adds to the vector of a user who has them, `[|H|, D]`: the vector is linear in its items, so the rows sum to
    /// [`user`](Self::user) but for rounding.
    ///
    /// # Panics
    /// As [`user`](Self::user).
    pub fn shares(&self, history: &[u32]) -> Array2<f64> {
        assert!(!history.is_empty(), "a user has at least one item");
        let mut rows = Array2::zeros((history.len(), self.items.ncols()));
        let own = match &self.inverse {
            Some(_) => 1.0,
            None if self.weights.iter().all(|&weight| weight == 1.0) => history.len() as f64,
            None => (history.len() as f64).sqrt(),
        };
        for (mut row, &item) in rows.axis_iter_mut(Axis(0)).zip(history) {
            let weight = f64::from(self.weights[item as usize]) / own;
            row.assign(&self.items.row(item as usize).mapv(|x| weight * f64::from(x)));
        }
        match &self.inverse {
            Some(inverse) => rows.dot(inverse),
            None => rows,
        }
    }

    /// Returns a row for each history.
    ///
    /// # Panics
    /// As [`user`](Self::user).
    pub fn users(&self, histories: &[Vec<u32>]) -> Array2<f32> {
        let mut rows = Array2::zeros((histories.len(), self.items.ncols()));
        for (mut row, history) in rows.axis_iter_mut(Axis(0)).zip(histories) {
            row.assign(&self.user(history));
        }
        rows
    }
}

/// `(VᵀV + λI)⁻¹` by the eigenvectors of `VᵀV`.
fn inverse(items: ArrayView2<f32>) -> Array2<f64> {
    let width = items.ncols();
    let mut gram = Array2::<f64>::zeros((width, width));
    for rows in items.axis_chunks_iter(Axis(0), 1024) {
        let rows = rows.mapv(f64::from);
        gram += &rows.t().dot(&rows);
    }
    let trace: f64 = gram.diag().sum();
    let lambda = (RIDGE * trace / width as f64).max(f64::MIN_POSITIVE);
    let (values, vectors) = eigen(gram);
    let mut scaled = vectors.clone();
    for (mut column, value) in scaled.axis_iter_mut(Axis(1)).zip(values) {
        column /= value.max(0.0) + lambda;
    }
    scaled.dot(&vectors.t())
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_data::Pair;
    use ndarray::array;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn interactions(items: usize, train: &[(u32, u32)]) -> Interactions {
        let train = train.iter().map(|&(user, item)| Pair { user, item }).collect();
        Interactions { users: 9, items, train, valid: vec![], test: vec![] }
    }

    #[test]
    fn a_popular_item_says_less_of_a_user_in_the_propagation() {
        let items = array![[1.0, 0.0], [0.0, 1.0]];
        let taken = interactions(2, &[(0, 0), (1, 1), (2, 1), (3, 1), (4, 1)]);
        // 1 / √1 and 1 / √4, over √2 for the user's own count.
        let user = FoldIn::new(Way::Propagation, items.view(), &taken).user(&[0, 1]);
        assert_eq!(user, array![1.0 / 2f32.sqrt(), 0.5 / 2f32.sqrt()]);
    }

    #[test]
    fn what_the_items_add_sums_to_the_vector() {
        let items = array![[1.0f32, 2.0, 0.5], [0.0, 1.0, -1.0], [3.0, -1.0, 0.0], [0.5, 0.5, 2.0]];
        let taken = interactions(4, &[(0, 0), (1, 0), (1, 2), (2, 0)]);
        for way in Way::ALL {
            let fold_in = FoldIn::new(way, items.view(), &taken);
            let (user, shares) = (fold_in.user(&[0, 2, 3]), fold_in.shares(&[0, 2, 3]));
            let sum = shares.sum_axis(Axis(0));
            assert!(user.iter().zip(&sum).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6), "{way:?} {user} {sum}");
        }
    }

    /// Vectors of any rank: fewer items than the width, numbers in few directions, columns of zeros, the same item again and again, lengths that differ by
    /// orders of magnitude.
    #[test]
    fn the_ridge_solves_its_normal_equations_at_every_rank() {
        let mut generator = ChaCha8Rng::seed_from_u64(17);
        let mut random =
            |rows, columns| Array2::from_shape_simple_fn((rows, columns), || generator.random::<f32>() - 0.5);
        let mut tables = vec![("one item", random(1, 7)), ("as many items as numbers", random(9, 9))];
        tables.push(("fewer items than numbers", random(45, 64)));
        tables.push(("few directions", random(300, 8).dot(&random(8, 64))));
        let mut zeros = random(80, 64);
        zeros.columns_mut().into_iter().step_by(3).for_each(|mut column| column.fill(0.0));
        tables.push(("columns of zeros", zeros));
        let mut long = random(70, 64);
        long.rows_mut().into_iter().zip(0..).for_each(|(mut row, n)| row *= 10f32.powi(n % 7 - 3));
        tables.push(("lengths of a millionth to the longest", long));
        let once = random(1, 16);
        tables.push(("one item ten times", once.broadcast((10, 16)).unwrap().to_owned()));
        // Two parts, one of which is narrower than its columns, as of a model with a part for features.
        let parts = [random(200, 32), random(200, 4).dot(&random(4, 32))];
        tables.push(("two parts", ndarray::concatenate![Axis(1), parts[0], parts[1]]));
        for (what, items) in tables {
            let history: Vec<u32> = (0..items.nrows() as u32).step_by(3).take(9).collect();
            let fold_in = FoldIn::new(Way::Ridge, items.view(), &interactions(items.nrows(), &[]));
            let v = items.mapv(f64::from);
            let gram = v.t().dot(&v);
            let lambda = RIDGE * gram.diag().sum() / items.ncols() as f64;
            let right =
                v.select(Axis(0), &history.iter().map(|&item| item as usize).collect::<Vec<_>>()).sum_axis(Axis(0));
            for user in [fold_in.user(&history).mapv(f64::from), fold_in.shares(&history).sum_axis(Axis(0))] {
                // (VᵀV + λI) u = Σ v_i. A vector of 32 bits is off by 6e-8 of it, which the largest eigenvalue, at most D λ / 0.1, makes 4e-5 at D = 64.
                let left = gram.dot(&user) + lambda * &user;
                let scale = right.dot(&right).sqrt();
                let worst = left.iter().zip(&right).fold(0.0f64, |worst, (a, b)| worst.max((a - b).abs()));
                assert!(worst < 1e-4 * scale, "{what}: {worst:e} beside {scale:e}");
                // The scores of a ridge are no longer than what they are fitted to: a 1 for each item of the history.
                let scores = v.dot(&user);
                let long = scores.dot(&scores).sqrt();
                assert!(long <= (history.len() as f64).sqrt() * (1.0 + 1e-4), "{what}: scores of length {long}");
            }
        }
        // Without any number there is nothing to solve, and no NaN.
        let none = Array2::<f32>::zeros((3, 4));
        assert_eq!(FoldIn::new(Way::Ridge, none.view(), &interactions(3, &[])).user(&[1]), Array1::<f32>::zeros(4));
    }

    #[test]
    fn the_ridge_solves_its_normal_equations() {
        let items = array![[1.0f32, 2.0, 0.5], [0.0, 1.0, -1.0], [3.0, -1.0, 0.0], [0.5, 0.5, 2.0]];
        let user = FoldIn::new(Way::Ridge, items.view(), &interactions(4, &[])).user(&[1, 3]).mapv(f64::from);
        let v = items.mapv(f64::from);
        let gram = v.t().dot(&v);
        let lambda = RIDGE * gram.diag().sum() / 3.0;
        // (VᵀV + λI) u = v_1 + v_3.
        let left = gram.dot(&user) + lambda * &user;
        let right = &v.row(1) + &v.row(3);
        assert!(left.iter().zip(&right).all(|(a, b)| (a - b).abs() < 1e-5), "{left} {right}");
    }
}
