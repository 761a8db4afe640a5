//! The parameter store: every weight of a model, in creation order, under a path name.
//!
//! All values are matrices; a vector (a bias) is one row, `[1, n]`, and says so in [`Parameter::vector`] so that
//! an export can give it back its one dimension.

use ndarray::Array2;
use std::ops::{Index, IndexMut};

/// Where a parameter stands in its [`Params`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamId(pub(crate) usize);

/// One named weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter<F> {
    /// Path name, such as `text.gate.weight`.
    pub name: String,
    /// `[rows, cols]`, row-major; a vector is one row.
    pub value: Array2<F>,
    /// Whether `value` stands for a vector.
    pub vector: bool,
}

/// The weights of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params<F> {
    list: Vec<Parameter<F>>,
}

impl<F> Params<F> {
    /// An empty store.
    pub fn new() -> Self {
        Params { list: Vec::new() }
    }

    /// Adds a matrix.
    ///
    /// # Panics
    /// When the name is taken.
    pub fn add(&mut self, name: impl Into<String>, value: Array2<F>) -> ParamId {
        self.push(name.into(), value, false)
    }

    /// Adds a vector of shape `[1, n]`.
    ///
    /// # Panics
    /// When the name is taken or `value` has not one row.
    pub fn add_vector(&mut self, name: impl Into<String>, value: Array2<F>) -> ParamId {
        assert_eq!(value.nrows(), 1, "a vector is one row, not {:?}", value.dim());
        self.push(name.into(), value, true)
    }

    fn push(&mut self, name: String, value: Array2<F>, vector: bool) -> ParamId {
        assert!(self.list.iter().all(|p| p.name != name), "two parameters named {name}");
        assert!(value.is_standard_layout(), "{name}: parameters are row-major");
        self.list.push(Parameter { name, value, vector });
        ParamId(self.list.len() - 1)
    }

    /// Number of parameters (named arrays, not their elements).
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Number of trainable numbers.
    pub fn elements(&self) -> usize {
        self.list.iter().map(|p| p.value.len()).sum()
    }

    /// All parameters, in creation order.
    pub fn iter(&self) -> std::slice::Iter<'_, Parameter<F>> {
        self.list.iter()
    }

    /// All parameters, to be changed in place, in creation order.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Parameter<F>> {
        self.list.iter_mut()
    }

    /// All handles, in creation order.
    pub fn ids(&self) -> impl Iterator<Item = ParamId> + use<F> {
        (0..self.list.len()).map(ParamId)
    }

    /// The handle of a name.
    pub fn id(&self, name: &str) -> Option<ParamId> {
        self.list.iter().position(|p| p.name == name).map(ParamId)
    }

    /// The parameter of a handle.
    pub fn parameter(&self, id: ParamId) -> &Parameter<F> {
        &self.list[id.0]
    }
}

impl<F> Index<ParamId> for Params<F> {
    type Output = Array2<F>;

    fn index(&self, id: ParamId) -> &Array2<F> {
        &self.list[id.0].value
    }
}

impl<F> IndexMut<ParamId> for Params<F> {
    fn index_mut(&mut self, id: ParamId) -> &mut Array2<F> {
        &mut self.list[id.0].value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_values_in_creation_order() {
        let mut params = Params::new();
        let weight = params.add("layer.weight", Array2::from_elem((2, 3), 1.0f32));
        let bias = params.add_vector("layer.bias", Array2::zeros((1, 2)));
        assert_eq!(params.id("layer.bias"), Some(bias));
        assert_eq!(params.id("nothing"), None);
        assert_eq!((params.len(), params.elements()), (2, 8));
        params[weight][[1, 2]] = 5.0;
        assert_eq!(params.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["layer.weight", "layer.bias"]);
        assert_eq!(params.parameter(weight).value[[1, 2]], 5.0);
    }

    #[test]
    #[should_panic(expected = "two parameters named a")]
    fn a_name_is_given_once() {
        let mut params = Params::new();
        params.add("a", Array2::<f32>::zeros((1, 1)));
        params.add("a", Array2::zeros((1, 1)));
    }
}
