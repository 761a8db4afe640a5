//! L3AE (CIKM 2025; formula checked against its public code): EASE drawn towards what the content says.
//!
//! `B` minimises `‖R - R B‖² + (λ - δ) ‖B‖² + δ ‖B - M‖²` with `B_jj = 0`; `M` is EASE on features ([`content`](crate::content)) and `δ = ρ λ`. With
//! `P = (RᵀR + λ Id)⁻¹`
//!
//! `B = δ P M - P diag(c)`, `c_j = (1 + δ (P M)_jj) / P_jj`, the diagonal then set to 0
//!
//! `ρ = 0` is EASE. `P M` is never multiplied out at `I³`: `M` is a diagonal and a matrix of rank `D`, hence with `Y = P F̃ W` `[I, D]`
//!
//! `B_ij = P_ij (δ (1 - q_j) - c_j) + δ q_j (Y F̃ᵀ)_ij`, `(P M)_jj = P_jj (1 - q_j) + q_j y_jᵀ f̃_j`

use crate::error::{Unsolvable, not_negative};
use crate::{Content, ContentKernel, DenseWeights, RegularisedInverse};
use anchorrec_kernels::{product, product_into};
use ndarray::{Array2, Axis, Zip};
use rayon::prelude::*;

/// Rows that one task computes. Results do not depend on it.
const STRIP: usize = 256;

/// An inverse and a content, ready for several settings: `P F̃` is multiplied once.
#[derive(Clone, Debug)]
pub struct L3ae<'a> {
    inverse: &'a RegularisedInverse,
    content: &'a Content,
    /// `P F̃` `[I, D]`.
    smoothed: Array2<f64>,
}

impl<'a> L3ae<'a> {
    /// Multiplies `P F̃`.
    ///
    /// # Panics
    /// When the two are of other numbers of items.
    ///
    /// ```
    /// use anchorrec_closed_forms::{Content, FoldIn, L3ae, RegularisedInverse, Taken, ease};
    /// use ndarray::array;
    ///
    /// // Item 2 has no interaction, but it looks like item 0.
    /// let taken = Taken::new(2, 3, [(0, 0), (0, 1), (1, 0)]);
    /// let content = Content::new(array![[1.0f32, 0.0], [0.0, 1.0], [1.0, 0.1]].view())?;
    /// let inverse = RegularisedInverse::new(&taken, 1.0, 3)?;
    /// let weights = L3ae::new(&inverse, &content).weights(&content.kernel(1.0)?, 0.5)?;
    /// assert_eq!(ease(&inverse).scores(&[0])[2], 0.0);
    /// assert!(weights.scores(&[0])[2] > 0.0);
    /// # Ok::<(), anchorrec_closed_forms::Unsolvable>(())
    /// ```
    pub fn new(inverse: &'a RegularisedInverse, content: &'a Content) -> Self {
        let items = inverse.inverse.nrows();
        assert_eq!(content.items(), items, "l3ae: the items of the content and of P");
        L3ae { inverse, content, smoothed: product(&inverse.inverse, &content.rows) }
    }

    /// Computes the weights for one kernel of the same content and one `ρ`.
    ///
    /// # Errors
    /// When `ρ` is negative or not finite.
    ///
    /// # Panics
    /// When the kernel is of another content's shape.
    pub fn weights(&self, kernel: &ContentKernel, rho: f64) -> Result<DenseWeights, Unsolvable> {
        not_negative("rho", rho)?;
        let (p, rows) = (&self.inverse.inverse, &self.content.rows);
        let delta = rho * self.inverse.lambda;
        let y = product(&self.smoothed, &kernel.w);
        let explained = Zip::from(y.rows()).and(rows.rows()).map_collect(|y, f| y.dot(&f));
        let of_p = Zip::from(p.diag()).and(&kernel.q).and(&explained).map_collect(|&p, &q, &yf| {
            let c = (1.0 + delta * (p * (1.0 - q) + q * yf)) / p;
            delta * (1.0 - q) - c
        });
        let of_content = &kernel.q * delta;
        let mut weights = Array2::zeros(p.dim());
        let strips = weights.axis_chunks_iter_mut(Axis(0), STRIP).into_par_iter();
        strips
            .zip(y.axis_chunks_iter(Axis(0), STRIP).into_par_iter())
            .zip(p.axis_chunks_iter(Axis(0), STRIP).into_par_iter())
            .for_each(|((mut strip, y), p)| {
                if delta > 0.0 {
                    product_into(strip.view_mut(), &y, &rows.t());
                }
                for (mut row, p) in strip.rows_mut().into_iter().zip(p.rows()) {
                    Zip::from(&mut row).and(p).and(&of_p).and(&of_content).for_each(|w, p, a, b| *w = p * a + *w * b);
                }
            });
        weights.diag_mut().fill(0.0);
        Ok(DenseWeights { weights })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MOST_ITEMS, Taken, co_occurrence, ease};
    use anchorrec_testkit::{assert_close, random};

    fn example() -> (Taken, Content) {
        let pairs = (0..60u32).flat_map(|u| (0..14u32).filter(move |i| (u * 7 + i * 5) % 11 < 3).map(move |i| (u, i)));
        let mut features = random::matrix(15, 4, &mut random::generator(5)).mapv(|x| x as f32);
        features.row_mut(3).fill(0.0);
        (Taken::new(60, 15, pairs), Content::new(features.view()).unwrap())
    }

    /// The formulas of the module, with every matrix in full.
    fn in_full(taken: &Taken, content: &Content, lambda: f64, lambda_f: f64, rho: f64) -> Array2<f64> {
        let items = taken.items();
        let inverse = |a: Array2<f64>| crate::Cholesky::new(a).unwrap().inverse();
        let p = inverse(co_occurrence::regularised(taken, lambda));
        let k = inverse(content.rows.dot(&content.rows.t()) + Array2::<f64>::eye(items) * lambda_f);
        let m = Array2::from_shape_fn((items, items), |(i, j)| if i == j { 0.0 } else { -k[[i, j]] / k[[j, j]] });
        let (pm, delta) = (p.dot(&m), rho * lambda);
        Array2::from_shape_fn((items, items), |(i, j)| {
            let c = (1.0 + delta * pm[[j, j]]) / p[[j, j]];
            if i == j { 0.0 } else { delta * pm[[i, j]] - p[[i, j]] * c }
        })
    }

    #[test]
    fn weights_are_those_of_the_formula_in_full() {
        let (taken, content) = example();
        for lambda in [0.5, 50.0] {
            let inverse = RegularisedInverse::new(&taken, lambda, MOST_ITEMS).unwrap();
            let solver = L3ae::new(&inverse, &content);
            for (lambda_f, rho) in [(0.1, 0.5), (1.0, 1.0), (100.0, 3.0)] {
                let weights = solver.weights(&content.kernel(lambda_f).unwrap(), rho).unwrap().weights;
                // Both sides cancel where δ P M and P c nearly agree: three digits of sixteen at most here.
                let want = in_full(&taken, &content, lambda, lambda_f, rho);
                let scale = want.iter().fold(0.0, |most: f64, w| most.max(w.abs()));
                assert_close("B", (&weights / scale + 1.0).view(), (&want / scale + 1.0).view(), 1e-12);
            }
        }
    }

    #[test]
    fn without_content_it_is_ease_to_the_last_bit() {
        let (taken, content) = example();
        let inverse = RegularisedInverse::new(&taken, 2.0, MOST_ITEMS).unwrap();
        let kernel = content.kernel(1.0).unwrap();
        let weights = L3ae::new(&inverse, &content).weights(&kernel, 0.0).unwrap().weights;
        assert_eq!(weights, ease(&inverse).weights);
        let silent = Content::new(Array2::zeros((15, 3)).view()).unwrap();
        let weights = L3ae::new(&inverse, &silent).weights(&silent.kernel(1.0).unwrap(), 1.0).unwrap().weights;
        assert_eq!(weights, ease(&inverse).weights, "a content that says nothing");
        assert!(L3ae::new(&inverse, &content).weights(&kernel, -0.1).is_err());
    }

    /// The gradient of the objective off the diagonal: `RᵀR B - RᵀR + λ B - δ M = 0`.
    #[test]
    fn the_objective_is_least() {
        let (taken, content) = example();
        let (lambda, lambda_f, rho) = (3.0, 0.3, 0.8);
        let inverse = RegularisedInverse::new(&taken, lambda, MOST_ITEMS).unwrap();
        let kernel = content.kernel(lambda_f).unwrap();
        let weights = L3ae::new(&inverse, &content).weights(&kernel, rho).unwrap().weights;
        let g = co_occurrence::regularised(&taken, 0.0);
        let m = |i: usize, j: usize| kernel.q[j] * content.rows.row(i).dot(&kernel.w.dot(&content.rows.row(j)));
        let gradient = g.dot(&weights) - &g + &weights * lambda;
        for ((i, j), gradient) in gradient.indexed_iter().filter(|((i, j), _)| i != j) {
            let left = gradient - rho * lambda * m(i, j);
            assert!(left.abs() < 1e-12, "{i} {j}: {left:e}"); // counts up to 20 in sums of 15
        }
    }
}
