//! A list of models: what a command, a search and a page iterate over instead of naming models.

use crate::Model;
use std::fmt;

/// Models in the order in which tables show them; the first is the default.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ModelList(&'static [&'static dyn Model]);

impl ModelList {
    /// Makes a list.
    ///
    /// # Panics
    /// When it is empty.
    pub const fn new(models: &'static [&'static dyn Model]) -> Self {
        assert!(!models.is_empty(), "a list of models without a model");
        ModelList(models)
    }

    /// Returns the model that is trained where nobody asks for another.
    pub fn default_model(self) -> &'static dyn Model {
        self.0[0]
    }

    /// Returns the models in order.
    pub fn iter(self) -> impl Iterator<Item = &'static dyn Model> {
        self.0.iter().copied()
    }

    /// Returns the names of the models in order.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Model::name).collect()
    }

    /// Returns the model of a name.
    pub fn find(self, name: &str) -> Option<&'static dyn Model> {
        self.iter().find(|model| model.name() == name)
    }

    /// Returns all models but one, whose settings they do not read.
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
