//! What a backward pass adds into: one gradient for each parameter.
//!
//! A table of raw features has as many gradient elements as the table itself (96 million at published widths), and
//! all of them are products of two thin matrices. Such a gradient is kept as its factors ([`FactoredGradient`]);
//! an optimiser asks for it a block of rows at a time, and the whole never exists.

use crate::{ParamId, Params};
pub use anchorrec_kernels::table::FactoredGradient;
use anchorrec_kernels::{Real, rows::combine};
use ndarray::Array2;

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
    /// Starts with a gradient of zero for every parameter of `params`.
    ///
    /// ```
    /// use anchorrec_encoders::{Gradient, Gradients, Params};
    /// use ndarray::array;
    ///
    /// let mut params = Params::new();
    /// let w = params.add("w", array![[1.0f32]]);
    /// assert_eq!(*Gradients::zero(&params).get(w), Gradient::Zero);
    /// ```
    pub fn zero(params: &Params<F>) -> Self {
        Gradients { list: vec![Gradient::Zero; params.len()] }
    }

    /// Adds `d` to the gradient of `id`.
    ///
    /// # Panics
    /// When that gradient is kept in factors, or the shapes differ.
    ///
    /// ```
    /// use anchorrec_encoders::{Gradient, Gradients, Params};
    /// use ndarray::array;
    ///
    /// let mut params = Params::new();
    /// let w = params.add("w", array![[1.0]]);
    /// let mut gradients = Gradients::zero(&params);
    /// // A weight that is used on two paths collects both.
    /// gradients.add(w, array![[2.0]]);
    /// gradients.add(w, array![[5.0]]);
    /// assert_eq!(*gradients.get(w), Gradient::Dense(array![[7.0]]));
    /// ```
    pub fn add(&mut self, id: ParamId, d: Array2<F>) {
        match &mut self.list[id.0] {
            gradient @ Gradient::Zero => *gradient = Gradient::Dense(d),
            Gradient::Dense(sum) => {
                assert_eq!(sum.dim(), d.dim(), "two gradients of one parameter");
                combine(sum, &d, |a, &b| *a += b);
            }
            Gradient::Factored(_) => panic!("a factored gradient takes no second path"),
        }
    }

    /// Sets the gradient of a feature table.
    ///
    /// # Panics
    /// When it has one already: a sum of factored gradients has no such form.
    ///
    /// ```
    /// use anchorrec_encoders::{FactoredGradient, Gradients, Params};
    /// use ndarray::array;
    ///
    /// let mut params = Params::new();
    /// let table = params.add("text.features", array![[0.0, 0.0], [0.0, 0.0]]);
    /// let mut gradients = Gradients::zero(&params);
    /// // Row 1 alone has a gradient: 3 · (10, 20).
    /// let (left, right) = (array![[3.0]], array![[10.0, 20.0]]);
    /// gradients.set_factored(table, FactoredGradient { rows: Some(vec![1]), left, right, along_row: None });
    /// assert_eq!(gradients.to_dense(table, &params), array![[0.0, 0.0], [30.0, 60.0]]);
    /// ```
    pub fn set_factored(&mut self, id: ParamId, gradient: FactoredGradient<F>) {
        let place = &mut self.list[id.0];
        assert_eq!(*place, Gradient::Zero, "a factored gradient is the only path to its table");
        *place = Gradient::Factored(gradient);
    }

    /// Returns the gradient of `id`.
    ///
    /// # Panics
    /// When the parameter is not one of these gradients' model.
    ///
    /// ```
    /// use anchorrec_encoders::{Gradient, Gradients, Params};
    /// use ndarray::array;
    ///
    /// let mut params = Params::new();
    /// let w = params.add("w", array![[1.0]]);
    /// let mut gradients = Gradients::zero(&params);
    /// gradients.add(w, array![[2.0]]);
    /// assert_eq!(*gradients.get(w), Gradient::Dense(array![[2.0]]));
    /// ```
    pub fn get(&self, id: ParamId) -> &Gradient<F> {
        &self.list[id.0]
    }

    /// Writes the gradient of `id` out, `[rows, cols]` like the parameter: for tests and inspection.
    ///
    /// ```
    /// use anchorrec_encoders::{Gradients, Params};
    /// use ndarray::array;
    ///
    /// let mut params = Params::new();
    /// let w = params.add("w", array![[1.0, 2.0]]);
    /// assert_eq!(Gradients::zero(&params).to_dense(w, &params), array![[0.0, 0.0]]);
    /// ```
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
}
