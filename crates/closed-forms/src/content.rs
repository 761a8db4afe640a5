//! What the content of items says of their likeness: EASE on features, `M = EASE(K, λ_F)`, without an `I x I` matrix.
//!
//! `F̃` `[I, D]`: the rows of a feature table centred over items, then of length 1. `K = F̃ F̃ᵀ` has rank `D` at most, so by Woodbury's identity
//!
//! `P_F = (K + λ_F Id)⁻¹ = (Id - F̃ W F̃ᵀ) / λ_F`, `W = (F̃ᵀF̃ + λ_F Id_D)⁻¹`
//!
//! and with `h_j = f̃_jᵀ W f̃_j`, `q_j = 1 / (1 - h_j)`
//!
//! `M_ij = -P_F,ij / P_F,jj = q_j f̃_iᵀ W f̃_j` for `i ≠ j`, `M_jj = 0`; as a whole `M = diag(1 - q) + F̃ W F̃ᵀ diag(q)`
//!
//! **Rules.** A row of zeros says nothing about its item: it is left out of the mean and stays zero, so the item is like no other. So is a row that
//! is on the mean (closer than 1e-5 of the farthest): missing features are often filled with it, and rounding has no direction.

use crate::Cholesky;
use crate::error::{Unsolvable, above_zero};
use anchorrec_kernels::product;
use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};

/// A row closer to the mean than this share of the farthest row is on it.
const ON_THE_MEAN: f64 = 1e-5;

/// `F̃`, and how many of its rows are zero.
#[derive(Clone, Debug)]
pub struct Content {
    /// Unit rows `[I, D]`, or zero.
    pub rows: Array2<f64>,
    /// Items whose content says nothing.
    pub silent: usize,
}

/// The content at one `λ_F`.
#[derive(Clone, Debug)]
pub struct ContentKernel {
    /// The strength `λ_F` of the content's regularisation.
    pub lambda: f64,
    /// The inverse `W` `[D, D]`.
    pub(crate) w: Array2<f64>,
    /// One over what is not explained, `q` `[I]`.
    pub(crate) q: Array1<f64>,
}

impl Content {
    /// Centres the rows of `features` `[I, D]` and gives them length 1; see the [module](self) for those that stay zero.
    ///
    /// # Errors
    /// When a number is not finite.
    ///
    /// ```
    /// use anchorrec_closed_forms::Content;
    /// use ndarray::array;
    /// let content = Content::new(array![[3.0f32, 0.0], [-1.0, 0.0], [0.0, 0.0]].view())?;
    /// assert_eq!(content.rows, array![[1.0, 0.0], [-1.0, 0.0], [0.0, 0.0]]); // the mean of the first two is (1, 0)
    /// assert_eq!(content.silent, 1);
    /// # Ok::<(), anchorrec_closed_forms::Unsolvable>(())
    /// ```
    pub fn new(features: ArrayView2<f32>) -> Result<Self, Unsolvable> {
        let mut rows = features.mapv(f64::from);
        if let Some((place, _)) = rows.indexed_iter().find(|(_, x)| !x.is_finite()) {
            return Err(Unsolvable::Features { row: place.0, column: place.1 });
        }
        let spoken: Vec<bool> = rows.rows().into_iter().map(|row| row.iter().any(|&x| x != 0.0)).collect();
        let count = spoken.iter().filter(|&&spoken| spoken).count();
        let mean = rows.sum_axis(Axis(0)) / count.max(1) as f64;
        for (mut row, _) in rows.rows_mut().into_iter().zip(&spoken).filter(|(_, spoken)| **spoken) {
            row -= &mean;
        }
        let lengths: Vec<f64> = rows.rows().into_iter().map(|row| row.dot(&row).sqrt()).collect();
        let least = ON_THE_MEAN * lengths.iter().copied().fold(0.0, f64::max);
        let mut silent = 0;
        for (mut row, length) in rows.rows_mut().into_iter().zip(lengths) {
            if length > least {
                row /= length;
            } else {
                row.fill(0.0);
                silent += 1;
            }
        }
        Ok(Content { rows, silent })
    }

    /// Returns the number of items `I`.
    pub fn items(&self) -> usize {
        self.rows.nrows()
    }

    /// Solves at one `λ_F`.
    ///
    /// # Errors
    /// When `λ_F` is not above 0, or so small that an item is explained to the last bit.
    pub fn kernel(&self, lambda: f64) -> Result<ContentKernel, Unsolvable> {
        above_zero("lambda_f", lambda)?;
        let mut gram = product(&self.rows.t(), &self.rows);
        gram.diag_mut().mapv_inplace(|x| x + lambda);
        let w = Cholesky::new(gram)?.inverse();
        let through = product(&self.rows, &w);
        let q = Zip::from(through.rows()).and(self.rows.rows()).map_collect(|a, b| 1.0 / (1.0 - a.dot(&b)));
        match q.iter().position(|q| !(*q > 0.0 && q.is_finite())) {
            Some(item) => Err(Unsolvable::Explained { lambda_f: lambda, item }),
            None => Ok(ContentKernel { lambda, w, q }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, random};
    use ndarray::{array, concatenate};

    /// `M` as its definition says, through the inverse of `K + λ_F Id`.
    fn by_definition(content: &Content, lambda: f64) -> Array2<f64> {
        let items = content.items();
        let k = content.rows.dot(&content.rows.t()) + Array2::<f64>::eye(items) * lambda;
        let p = Cholesky::new(k).unwrap().inverse();
        Array2::from_shape_fn((items, items), |(i, j)| if i == j { 0.0 } else { -p[[i, j]] / p[[j, j]] })
    }

    #[test]
    fn the_low_rank_form_is_the_definition_for_features_narrower_and_wider_than_the_items() {
        for (items, width) in [(30, 4), (9, 30), (5, 5)] {
            let mut features = random::matrix(items, width, &mut random::generator(7)).mapv(|x| x as f32);
            features.row_mut(2).fill(0.0);
            let content = Content::new(features.view()).unwrap();
            for lambda in [0.1, 1.0, 100.0] {
                let kernel = content.kernel(lambda).unwrap();
                let m = Array2::from_shape_fn((items, items), |(i, j)| {
                    if i == j {
                        0.0
                    } else {
                        kernel.q[j] * content.rows.row(i).dot(&kernel.w.dot(&content.rows.row(j)))
                    }
                });
                // 1 - h loses the digits of λ_F / (λ_F + the largest eigenvalue of K), at most two here.
                assert_close("M", m.view(), by_definition(&content, lambda).view(), 1e-11);
                assert!(m.row(2).iter().chain(m.column(2)).all(|&x| x == 0.0), "a row of zeros is like no other");
            }
        }
    }

    #[test]
    fn rows_filled_with_the_mean_say_nothing() {
        let spoken = random::matrix(20, 6, &mut random::generator(3)).mapv(|x| 5.0 + x as f32);
        let mean = spoken.mean_axis(Axis(0)).unwrap();
        let filled = concatenate![Axis(0), spoken, mean.clone().insert_axis(Axis(0)), mean.insert_axis(Axis(0))];
        let content = Content::new(filled.view()).unwrap();
        assert_eq!((content.silent, content.rows.row(21).sum()), (2, 0.0));
    }

    #[test]
    fn all_rows_zero_or_the_same_is_silence() {
        for features in [Array2::zeros((3, 2)), Array2::ones((3, 2)), Array2::zeros((3, 0))] {
            let content = Content::new(features.view()).unwrap();
            assert_eq!(content.silent, 3);
            assert!(content.kernel(1.0).unwrap().q.iter().all(|&q| q == 1.0));
        }
        assert!(Content::new(array![[f32::NAN]].view()).is_err());
    }
}
