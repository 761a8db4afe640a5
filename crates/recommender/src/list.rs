//! A list of models: what a command, a search and a page iterate over instead of naming models.

use crate::Model;
use std::fmt;

/// Models in the order in which tables show them; the first is the default.
///
/// ```
#[doc = include_str!("example.txt")]
/// // `Pull` implements `ModelSpec`, under the name `pull`.
/// static MODELS: ModelList = ModelList::new(&[&Pull]);
///
/// assert_eq!(MODELS.names(), ["pull"]);
/// for model in MODELS.iter() {
///     println!("{}: {}", model.title(), model.card().about);
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ModelList(&'static [&'static dyn Model]);

impl ModelList {
    /// Makes a list of at least one model.
    ///
    /// # Panics
    /// When the list is empty; a compile error where the list is a `const` or `static`.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// static MODELS: ModelList = ModelList::new(&[&Pull]);
    /// ```
    pub const fn new(models: &'static [&'static dyn Model]) -> Self {
        assert!(!models.is_empty(), "a list of models without a model");
        ModelList(models)
    }

    /// Returns the default model: the first one.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// assert_eq!(ModelList::new(&[&Pull]).default_model().name(), "pull");
    /// ```
    pub fn default_model(self) -> &'static dyn Model {
        self.0[0]
    }

    /// Returns the models in order.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let papers: Vec<&str> = ModelList::new(&[&Pull]).iter().map(|model| model.card().paper).collect();
    /// assert_eq!(papers, ["nobody, 2026"]);
    /// ```
    pub fn iter(self) -> impl Iterator<Item = &'static dyn Model> {
        self.0.iter().copied()
    }

    /// Returns the names of the models in order.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// assert_eq!(ModelList::new(&[&Pull]).names(), ["pull"]);
    /// ```
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Model::name).collect()
    }

    /// Returns the model with this name, if there is one.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let models = ModelList::new(&[&Pull]);
    /// assert!(models.find("pull").is_some() && models.find("push").is_none());
    /// ```
    pub fn find(self, name: &str) -> Option<&'static dyn Model> {
        self.iter().find(|model| model.name() == name)
    }

    /// Returns all models but this one, in order.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
    /// let models = ModelList::new(&[&Pull]);
    /// assert_eq!(models.others(models.default_model()).count(), 0);
    /// ```
    pub fn others(self, than: &dyn Model) -> impl Iterator<Item = &'static dyn Model> {
        let name = than.name();
        self.iter().filter(move |model| model.name() != name)
    }
}

impl fmt::Debug for ModelList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
