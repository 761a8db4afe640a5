//! The parameter store: every weight of a model, in creation order, under a path name.
//!
//! Beside the weights stand the tables that a model **keeps** from one step to the next without training them ([`Params::keep`]): they have no
//! gradient and are not exported, but a run that is interrupted needs them. Most models keep none.
//!
//! On several ranks, a table of features may be dealt out ([`Params::deal_out`]): its value is then the rows that this rank owns. Layers ask for
//! [`Params::features`], which is the same to them either way.
//!
//! All values are matrices; a vector (a bias) is one row, `[1, n]`, and says so in [`Parameter::vector`] so that
//! an export can give it back its one dimension.

use crate::feature_table::{FeatureTable, Share};
use anchorrec_kernels::Real;
use anchorrec_ranks::Ranks;
use ndarray::Array2;
use std::ops::{Index, IndexMut};

/// Where a parameter is in its [`Params`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamId(pub(crate) usize);

/// Where a kept table is in its [`Params`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptId(usize);

/// What the rows of a weight stand for. A run that starts from the weights of another one finds each row again by it when users and items have come
/// and gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowsOf {
    /// Nothing of the data: a layer, whose shape depends neither on the number of users nor on that of items.
    #[default]
    Layer,
    /// One row for each user.
    Users,
    /// One row for each item.
    Items,
    /// One row for each item, which begins as the item's features.
    Features,
}

/// One named weight, or one named table that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter<F> {
    /// Path name, such as `text.gate.weight`.
    pub name: String,
    /// `[rows, cols]`, row-major; a vector is one row. Of a table that is dealt out, the rows of this rank.
    pub value: Array2<F>,
    /// Whether `value` stands for a vector.
    pub vector: bool,
    /// What the rows of `value` stand for.
    pub rows: RowsOf,
    /// This rank's share, where the table is dealt out.
    pub share: Option<Share>,
    /// Whether it may be dealt out.
    may_be_dealt_out: bool,
}

impl<F> Parameter<F> {
    /// Returns the shape of the whole, of which `value` may be a share.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// let id = params.add("w", array![[1.0, 2.0]]);
    /// assert_eq!(params.parameter(id).shape(), (1, 2));
    /// ```
    pub fn shape(&self) -> (usize, usize) {
        let (rows, columns) = self.value.dim();
        (self.share.as_ref().map_or(rows, Share::rows), columns)
    }

    /// # Panics
    /// When it is dealt out.
    fn whole(&self) -> &Self {
        assert!(self.share.is_none(), "{} is dealt out: ask for `Params::features`", self.name);
        self
    }
}

/// The weights of a model.
///
/// ```
/// use anchorrec_encoders::Params;
/// use ndarray::array;
///
/// let mut params = Params::new();
/// let weight = params.add("head.weight", array![[1.0, 2.0], [3.0, 4.0]]);
/// let bias = params.add_vector("head.bias", array![[0.5, 0.5]]);
/// params[weight][[0, 1]] = 20.0;
/// assert_eq!(params[weight], array![[1.0, 20.0], [3.0, 4.0]]);
/// assert_eq!(params.id("head.bias"), Some(bias));
/// assert_eq!((params.len(), params.elements()), (2, 4 + 2));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params<F> {
    list: Vec<Parameter<F>>,
    kept: Vec<Parameter<F>>,
}

impl<F> Params<F> {
    /// Makes an empty store.
    ///
    /// ```
    /// assert!(anchorrec_encoders::Params::<f32>::new().is_empty());
    /// ```
    pub fn new() -> Self {
        Params { list: Vec::new(), kept: Vec::new() }
    }

    /// Adds a matrix under a path name and returns its handle.
    ///
    /// # Panics
    /// When the name is taken, or `value` is not row-major.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// let id = params.add("head.weight", array![[1.0, 2.0]]);
    /// assert!(!params.parameter(id).vector);
    /// ```
    pub fn add(&mut self, name: impl Into<String>, value: Array2<F>) -> ParamId {
        self.push(name.into(), value, false)
    }

    /// Adds a table with one row for each user or item, and returns its handle.
    ///
    /// # Panics
    /// When the name is taken, or `value` is not row-major.
    ///
    /// ```
    /// use anchorrec_encoders::{Params, RowsOf};
    /// use ndarray::array;
    ///
    /// let mut params = Params::new();
    /// let users = params.add_table("user_embedding.weight", RowsOf::Users, array![[0.1], [0.2]]);
    /// let layer = params.add("head.weight", array![[1.0]]);
    /// assert_eq!([users, layer].map(|id| params.parameter(id).rows), [RowsOf::Users, RowsOf::Layer]);
    /// ```
    pub fn add_table(&mut self, name: impl Into<String>, rows: RowsOf, value: Array2<F>) -> ParamId {
        let id = self.push(name.into(), value, false);
        self.list[id.0].rows = rows;
        id
    }

    /// Adds a table of features, one row for each item, and returns its handle. `row_by_row` says that layers reach it by [`features`](Self::features)
    /// alone, and that their products [give each row its bits](anchorrec_kernels::table::row_by_row) whichever others there are: it may be
    /// [dealt out](Self::deal_out).
    ///
    /// # Panics
    /// When the name is taken, or `value` is not row-major.
    ///
    /// ```
    /// use anchorrec_encoders::{Params, RowsOf};
    /// use ndarray::array;
    ///
    /// let mut params = Params::new();
    /// let id = params.add_features("text.features", array![[0.1, 0.2]], false);
    /// assert_eq!(params.parameter(id).rows, RowsOf::Features);
    /// ```
    pub fn add_features(&mut self, name: impl Into<String>, value: Array2<F>, row_by_row: bool) -> ParamId {
        let id = self.add_table(name, RowsOf::Features, value);
        self.list[id.0].may_be_dealt_out = row_by_row;
        id
    }

    /// Adds a vector, given as one row `[1, n]`, and returns its handle.
    ///
    /// # Panics
    /// When the name is taken or `value` has not one row.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// let id = params.add_vector("head.bias", array![[1.0, 2.0]]);
    /// assert!(params.parameter(id).vector);
    /// ```
    pub fn add_vector(&mut self, name: impl Into<String>, value: Array2<F>) -> ParamId {
        assert_eq!(value.nrows(), 1, "a vector is one row, not {:?}", value.dim());
        self.push(name.into(), value, true)
    }

    fn push(&mut self, name: String, value: Array2<F>, vector: bool) -> ParamId {
        self.list.push(self.named(name, value, vector));
        ParamId(self.list.len() - 1)
    }

    fn named(&self, name: String, value: Array2<F>, vector: bool) -> Parameter<F> {
        assert!(self.list.iter().chain(&self.kept).all(|p| p.name != name), "two parameters named {name}");
        assert!(value.is_standard_layout(), "{name}: parameters are row-major");
        Parameter { name, value, vector, rows: RowsOf::Layer, share: None, may_be_dealt_out: false }
    }

    /// Keeps a table under a path name and returns its handle: it is no weight, and checkpoints hold it all the same.
    ///
    /// # Panics
    /// When the name is taken, or `value` is not row-major.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// params.add("w", array![[1.0, 2.0]]);
    /// let id = params.keep("epoch.projected", array![[0.0]]);
    /// params[id] = array![[7.0]];
    /// assert_eq!(params[id], array![[7.0]]);
    /// // It does not count as a parameter.
    /// assert_eq!((params.len(), params.elements()), (1, 2));
    /// ```
    pub fn keep(&mut self, name: impl Into<String>, value: Array2<F>) -> KeptId {
        self.kept.push(self.named(name.into(), value, false));
        KeptId(self.kept.len() - 1)
    }

    /// Iterates over the tables that are kept, in creation order.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// params.add("w", array![[1.0]]);
    /// params.keep("table", array![[2.0]]);
    /// assert!(params.kept().map(|p| p.name.as_str()).eq(["table"]));
    /// ```
    pub fn kept(&self) -> std::slice::Iter<'_, Parameter<F>> {
        self.kept.iter()
    }

    /// Iterates over the tables that are kept, to be changed in place, in creation order.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// let id = params.keep("table", array![[2.0]]);
    /// params.kept_mut().for_each(|p| p.value *= 3.0);
    /// assert_eq!(params[id], array![[6.0]]);
    /// ```
    pub fn kept_mut(&mut self) -> std::slice::IterMut<'_, Parameter<F>> {
        self.kept.iter_mut()
    }

    /// Returns the number of parameters (named arrays, not their elements).
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// params.add("w", array![[1.0, 2.0]]);
    /// assert_eq!(params.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns whether there is no parameter.
    ///
    /// ```
    /// assert!(anchorrec_encoders::Params::<f64>::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns the number of trainable numbers: the elements of all parameters, those on other ranks too.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// params.add("w", array![[1.0, 2.0]]);
    /// assert_eq!(params.elements(), 2);
    /// ```
    pub fn elements(&self) -> usize {
        self.list.iter().map(Parameter::shape).map(|(rows, columns)| rows * columns).sum()
    }

    /// Iterates over all parameters, in creation order.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// params.add("b", array![[1.0]]);
    /// params.add("a", array![[2.0]]);
    /// assert!(params.iter().map(|p| p.name.as_str()).eq(["b", "a"]));
    /// ```
    pub fn iter(&self) -> std::slice::Iter<'_, Parameter<F>> {
        self.list.iter()
    }

    /// Iterates over all parameters, to be changed in place, in creation order.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// let id = params.add("w", array![[1.0]]);
    /// params.iter_mut().for_each(|p| p.value *= 3.0);
    /// assert_eq!(params[id], array![[3.0]]);
    /// ```
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Parameter<F>> {
        self.list.iter_mut()
    }

    /// Iterates over all handles, in creation order.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// let id = params.add("w", array![[1.0]]);
    /// assert!(params.ids().eq([id]));
    /// ```
    pub fn ids(&self) -> impl Iterator<Item = ParamId> + use<F> {
        (0..self.list.len()).map(ParamId)
    }

    /// Returns the handle of a name, or `None`.
    ///
    /// ```
    /// assert_eq!(anchorrec_encoders::Params::<f64>::new().id("w"), None);
    /// ```
    pub fn id(&self, name: &str) -> Option<ParamId> {
        self.list.iter().position(|p| p.name == name).map(ParamId)
    }

    /// Returns the parameter of a handle.
    ///
    /// # Panics
    /// When the handle is another store's.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let mut params = anchorrec_encoders::Params::new();
    /// let id = params.add("w", array![[1.0]]);
    /// assert_eq!(params.parameter(id).name, "w");
    /// ```
    pub fn parameter(&self, id: ParamId) -> &Parameter<F> {
        &self.list[id.0]
    }
}

impl<F: Real> Params<F> {
    /// Returns a table of features, whole or dealt out.
    ///
    /// ```
    /// use anchorrec_encoders::{Params, Rows};
    /// use ndarray::array;
    ///
    /// let mut params = Params::new();
    /// let id = params.add_features("text.features", array![[1.0, 2.0], [3.0, 4.0]], false);
    /// let table = params.features(id);
    /// assert_eq!(table.times_transposed(Rows::Some(&[1]), array![[10.0, 1.0]].view()), array![[34.0]]);
    /// ```
    pub fn features(&self, id: ParamId) -> FeatureTable<'_, F> {
        let Parameter { value, share, .. } = &self.list[id.0];
        FeatureTable::new(value, share.as_ref())
    }

    /// Keeps of each table that may be dealt out the rows of this rank alone. A single rank keeps all.
    ///
    /// ```
    /// use anchorrec_encoders::Params;
    /// use anchorrec_ranks::{Ranks, Threads};
    /// use ndarray::Array2;
    /// use std::time::Duration;
    ///
    /// let mut params = Params::<f32>::new();
    /// let id = params.add_features("text.features", Array2::zeros((10, 32)), true);
    /// params.deal_out(&Ranks::new(Threads::group(2, Duration::from_secs(60)).remove(0)).with_block(5));
    /// assert_eq!(params.parameter(id).value.dim(), (5, 32));
    /// assert_eq!((params.parameter(id).shape(), params.elements()), ((10, 32), 320));
    /// ```
    pub fn deal_out(&mut self, ranks: &Ranks) {
        for parameter in self.list.iter_mut().filter(|p| p.may_be_dealt_out && p.share.is_none()) {
            parameter.share = Share::take(&mut parameter.value, ranks);
        }
    }
}

/// The whole value.
///
/// # Panics
/// When it is dealt out.
impl<F> Index<ParamId> for Params<F> {
    type Output = Array2<F>;

    fn index(&self, id: ParamId) -> &Array2<F> {
        &self.list[id.0].whole().value
    }
}

impl<F> IndexMut<ParamId> for Params<F> {
    fn index_mut(&mut self, id: ParamId) -> &mut Array2<F> {
        self.list[id.0].whole();
        &mut self.list[id.0].value
    }
}

impl<F> Index<KeptId> for Params<F> {
    type Output = Array2<F>;

    fn index(&self, id: KeptId) -> &Array2<F> {
        &self.kept[id.0].value
    }
}

impl<F> IndexMut<KeptId> for Params<F> {
    fn index_mut(&mut self, id: KeptId) -> &mut Array2<F> {
        &mut self.kept[id.0].value
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
