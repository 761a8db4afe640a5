//! What a backward pass adds into: one gradient for each parameter.
//!
//! A table of raw features has as many gradient elements as the table itself (96 million at published widths), and
//! all of them are products of two thin matrices. Such a gradient is kept as its factors ([`FactoredGradient`]);
//! an optimiser asks for it a block of rows at a time, and the whole never exists.

use crate::{ParamId, Params};
use anchorrec_kernels::rows::scatter_add;
use anchorrec_kernels::{Real, product_serial_into};
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, s};
use std::ops::Range;

/// Row `i` of the gradient of a feature table `X` `[I, F]` is `left_i · right + shift_i + pull_i · x_i`.
///
/// `shift` and `pull` are what a LayerNorm over `x_i` adds; without one they are absent.
#[derive(Clone, Debug, PartialEq)]
pub struct FactoredGradient<F> {
    /// `[I, D]`.
    pub left: Array2<F>,
    /// `[D, F]`.
    pub right: Array2<F>,
    /// `(shift, pull)`, both `[I]`.
    pub along_row: Option<(Array1<F>, Array1<F>)>,
}

impl<F: Real> FactoredGradient<F> {
    /// Writes rows `rows` of the gradient into `into` `[rows.len(), F]`, on the calling thread; `x` are the same rows of
    /// the table.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn write_rows(&self, rows: Range<usize>, x: ArrayView2<F>, mut into: ArrayViewMut2<F>) {
        assert_eq!((x.dim(), x.nrows()), (into.dim(), rows.len()), "write_rows: the rows of X and of its gradient");
        product_serial_into(into.view_mut(), &self.left.slice(s![rows.clone(), ..]), &self.right);
        if let Some((shift, pull)) = &self.along_row {
            for ((i, mut row), x) in rows.zip(into.rows_mut()).zip(x.rows()) {
                let (shift, pull) = (shift[i], pull[i]);
                row.zip_mut_with(&x, |g, &x| *g += shift + pull * x);
            }
        }
    }
}

/// The gradient of one parameter.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Gradient<F> {
    /// No path led here: zero everywhere.
    #[default]
    Zero,
    /// As large as its parameter.
    Dense(Array2<F>),
    /// The factors of a feature table's gradient.
    Factored(FactoredGradient<F>),
}

/// The gradients of all parameters of a model.
#[derive(Clone, Debug)]
pub struct Gradients<F> {
    list: Vec<Gradient<F>>,
}

impl<F: Real> Gradients<F> {
    /// Zero for every parameter of `params`.
    pub fn zero(params: &Params<F>) -> Self {
        Gradients { list: vec![Gradient::Zero; params.len()] }
    }

    /// Adds `d` to the gradient of `id`.
    ///
    /// # Panics
    /// When that gradient is kept in factors, or the shapes differ.
    pub fn add(&mut self, id: ParamId, d: Array2<F>) {
        match &mut self.list[id.0] {
            gradient @ Gradient::Zero => *gradient = Gradient::Dense(d),
            Gradient::Dense(sum) => {
                assert_eq!(sum.dim(), d.dim(), "two gradients of one parameter");
                ndarray::Zip::from(sum).and(&d).par_for_each(|a, &b| *a += b);
            }
            Gradient::Factored(_) => panic!("a factored gradient takes no second path"),
        }
    }

    /// Adds `rows[r]` to row `indices[r]` of the gradient of `id`, in order.
    ///
    /// # Panics
    /// When there is no dense gradient of `id` yet, or the shapes do not fit.
    pub fn add_rows(&mut self, id: ParamId, indices: &[u32], rows: ArrayView2<F>) {
        match &mut self.list[id.0] {
            Gradient::Dense(sum) => scatter_add(sum, indices, rows),
            _ => panic!("rows are added to a dense gradient that is there"),
        }
    }

    /// Sets the gradient of a feature table.
    ///
    /// # Panics
    /// When it has one already: a sum of factored gradients has no such form.
    pub fn set_factored(&mut self, id: ParamId, gradient: FactoredGradient<F>) {
        let place = &mut self.list[id.0];
        assert_eq!(*place, Gradient::Zero, "a factored gradient is the only path to its table");
        *place = Gradient::Factored(gradient);
    }

    /// The gradient of `id`.
    pub fn get(&self, id: ParamId) -> &Gradient<F> {
        &self.list[id.0]
    }

    /// The gradient of `id` written out, `[rows, cols]` like the parameter: for tests and inspection.
    pub fn to_dense(&self, id: ParamId, params: &Params<F>) -> Array2<F> {
        let x = &params[id];
        match &self.list[id.0] {
            Gradient::Zero => Array2::zeros(x.dim()),
            Gradient::Dense(d) => d.clone(),
            Gradient::Factored(factored) => {
                let mut d = Array2::zeros(x.dim());
                factored.write_rows(0..x.nrows(), x.view(), d.view_mut());
                d
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn two_paths_add_up() {
        let mut params = Params::new();
        let id = params.add("w", Array2::<f64>::zeros((1, 2)));
        let mut gradients = Gradients::zero(&params);
        assert_eq!(gradients.to_dense(id, &params), array![[0.0, 0.0]]);
        gradients.add(id, array![[1.0, 2.0]]);
        gradients.add(id, array![[10.0, 20.0]]);
        assert_eq!(gradients.to_dense(id, &params), array![[11.0, 22.0]]);
    }

    #[test]
    fn factors_multiply_out_block_by_block() {
        let factored = FactoredGradient {
            left: array![[1.0], [2.0], [3.0]],
            right: array![[1.0, 10.0]],
            along_row: Some((array![0.5, 0.0, -0.5], array![0.0, 1.0, 2.0])),
        };
        let x = array![[7.0, 7.0], [1.0, -1.0], [4.0, 5.0]];
        let mut rows = Array2::zeros((2, 2));
        factored.write_rows(1..3, x.slice(s![1..3, ..]), rows.view_mut());
        assert_eq!(rows, array![[2.0 + 1.0, 20.0 - 1.0], [3.0 - 0.5 + 8.0, 30.0 - 0.5 + 10.0]]);
    }
}
