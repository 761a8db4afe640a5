//! A user's items as features: the part of a score that knows a user's own items, not only the model's picture of them.

use anchorrec_kernels::Packed;
use anchorrec_kernels::rows::{gather, normalised};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};

/// The spread of a user's scores by its profile, as a share of the spread of the model's scores.
pub const PROFILE: f32 = 0.5;

/// Known items that the spreads are taken over, spread over all of them: exact enough, and cheap for features of any width.
const SAMPLE: usize = 1024;
/// Users at once.
const PIECE: usize = 256;

/// The features of all items, ready to make profiles.
pub struct Profile {
    /// Features scaled to length 1; zeros where an item has none of its own. `[I, W]`.
    units: Array2<f32>,
    /// Features and vectors of the items of the sample.
    sample: (Packed<f32>, Packed<f32>),
}

impl Profile {
    /// Prepares the `features` `[I, W]` of the items with `vectors` `[I, D]`. Items of `filled`, ascending, have none of their own.
    ///
    /// # Panics
    /// When there are not as many rows of both, or an item of `filled` is not there.
    pub fn new(features: ArrayView2<f32>, filled: &[u32], vectors: ArrayView2<f32>) -> Self {
        assert_eq!(features.nrows(), vectors.nrows(), "features and vectors of the same items");
        let mut units = normalised(&features);
        filled.iter().for_each(|&item| units.row_mut(item as usize).fill(0.0));
        let own: Vec<u32> = (0..units.nrows() as u32).filter(|item| filled.binary_search(item).is_err()).collect();
        let some: Vec<u32> = own.iter().copied().step_by(own.len().div_ceil(SAMPLE).max(1)).collect();
        let sample = (Packed::new(gather(&units, &some).t()), Packed::new(gather(&vectors, &some).t()));
        Profile { units, sample }
    }

    /// Returns the numbers of a profile, `W`.
    pub fn width(&self) -> usize {
        self.units.ncols()
    }

    /// Returns the features of items scaled to length 1, `[n, W]`: what is behind a new item's vector.
    pub fn of_items(rows: ArrayView2<f32>) -> Array2<f32> {
        normalised(&rows)
    }

    /// Returns `β_u p_u` for each of `users` `[n, D]`, who has the items `taken(place)`; zeros for a user without an item that has features. Items
    /// that are not among the known ones are left out.
    ///
    /// # Panics
    /// When the users' width is not that of the vectors.
    pub fn of_users<'a>(&self, users: ArrayView2<f32>, taken: impl Fn(usize) -> &'a [u32]) -> Array2<f32> {
        let mut profiles = Array2::zeros((users.nrows(), self.width()));
        for (first, mut piece) in (0..users.nrows()).step_by(PIECE).zip(profiles.axis_chunks_iter_mut(Axis(0), PIECE)) {
            for (place, mut row) in (first..).zip(piece.axis_iter_mut(Axis(0))) {
                row.assign(&self.mean(taken(place)));
            }
            let by_features = spreads(&self.sample.0.product(piece.view()));
            let by_model = spreads(&self.sample.1.product(users.slice(s![first..first + piece.nrows(), ..])));
            for (mut row, (features, model)) in piece.axis_iter_mut(Axis(0)).zip(by_features.into_iter().zip(by_model))
            {
                row *= if features > 0.0 { PROFILE * model / features } else { 0.0 };
            }
        }
        profiles
    }

    /// The mean of the items' features.
    fn mean(&self, items: &[u32]) -> Array1<f32> {
        let mut sum = Array1::zeros(self.width());
        let known: Vec<ArrayView1<f32>> = items
            .iter()
            .filter(|&&item| (item as usize) < self.units.nrows())
            .map(|&item| self.units.row(item as usize))
            .collect();
        known.iter().for_each(|row| sum += row);
        sum / known.len().max(1) as f32
    }
}

/// The standard deviation of each row.
fn spreads(scores: &Array2<f32>) -> Vec<f32> {
    let of = |row: ArrayView1<f32>| {
        let n = row.len().max(1) as f64;
        let mean = row.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        (row.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n).sqrt() as f32
    };
    scores.rows().into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_profile_has_half_the_spread_of_the_models_scores() {
        let features = array![[2.0f32, 0.0], [0.0, 1.0], [3.0, 4.0], [7.0, 7.0]];
        let vectors = array![[1.0f32, 0.0, 2.0], [0.0, 1.0, 1.0], [2.0, 2.0, 0.0], [9.0, 9.0, 9.0]];
        let users = array![[1.0f32, -1.0, 0.5], [0.0, 2.0, 1.0], [1.0, 1.0, 1.0]];
        let taken: [&[u32]; 3] = [&[0, 2], &[1, 3, 9], &[3]];
        let profile = Profile::new(features.view(), &[3], vectors.view());
        let got = profile.of_users(users.view(), |user| taken[user]);
        // Item 3 has no features of its own and item 9 is not known: user 1 has item 1, and user 2 nothing.
        let known = array![[1.0f32, 0.0], [0.0, 1.0], [0.6, 0.8]];
        for (user, mean) in [(0, array![0.8f32, 0.4]), (1, array![0.0, 0.5])] {
            let deviation = |scores: Array1<f32>| scores.std(0.0);
            let row = got.row(user);
            let by_model = deviation(vectors.slice(s![..3, ..]).dot(&users.row(user)));
            assert!((deviation(known.dot(&row)) / by_model - PROFILE).abs() < 1e-5);
            assert!((row[0] * mean[1] - row[1] * mean[0]).abs() < 1e-6, "{row} points as {mean}");
        }
        assert_eq!(got.row(2), array![0.0, 0.0]);
    }
}
