//! The external ids and titles of items, as lists show them.

use anchorrec_data::Dataset;

/// The ids and titles of all items.
pub struct Names {
    ids: Vec<String>,
    titles: Option<Vec<Option<String>>>,
}

impl Names {
    /// Collects the ids and titles of all items.
    pub fn of_items(dataset: &Dataset) -> Self {
        let items = dataset.interactions.items;
        Names { ids: (0..items as u32).map(|item| dataset.item_name(item)).collect(), titles: dataset.titles.clone() }
    }

    /// Returns the number of items.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    /// Returns the external id of an item.
    ///
    /// # Panics
    /// When there is no such item.
    pub fn id(&self, item: u32) -> &str {
        &self.ids[item as usize]
    }

    /// Returns an item's title, if it has one.
    ///
    /// # Panics
    /// When there is no such item.
    pub fn title(&self, item: u32) -> Option<&str> {
        self.titles.as_ref()?[item as usize].as_deref()
    }

    /// Returns every item's id and title, in the order of numbers.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        (0..self.count() as u32).map(|item| (self.id(item), self.title(item)))
    }

    /// Names items in tests.
    #[cfg(test)]
    pub(crate) fn made_up(items: &[(&str, Option<&str>)]) -> Self {
        Names {
            ids: items.iter().map(|item| item.0.to_owned()).collect(),
            titles: Some(items.iter().map(|item| item.1.map(str::to_owned)).collect()),
        }
    }
}
