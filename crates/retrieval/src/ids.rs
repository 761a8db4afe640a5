//! Looks up external ids.

use crate::error::RetrievalError;
use anchorrec_data::Dataset;
use anchorrec_files::few;
use std::collections::HashMap;

/// The users or the items of a data set by their external ids.
pub struct Ids {
    kind: &'static str,
    numbers: HashMap<String, u32>,
}

impl Ids {
    /// Looks up users.
    pub fn of_users(dataset: &Dataset) -> Self {
        Self::new("user", (0..dataset.interactions.users as u32).map(|user| dataset.user_name(user)))
    }

    /// Looks up items.
    pub fn of_items(dataset: &Dataset) -> Self {
        Self::new("item", (0..dataset.interactions.items as u32).map(|item| dataset.item_name(item)))
    }

    /// Makes a lookup of these names, numbered from 0; if a name occurs twice, the first counts.
    pub fn new(kind: &'static str, names: impl Iterator<Item = String>) -> Self {
        let mut numbers = HashMap::new();
        for (name, number) in names.zip(0..) {
            numbers.entry(name).or_insert(number);
        }
        Ids { kind, numbers }
    }

    /// Finds the number of one id.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// Finds the numbers of several ids, in their order; `place` says where they come from.
    ///
    /// # Errors
    /// When one is not known: the first few, and how many they are.
    ///
    /// ```
    /// use anchorrec_retrieval::Ids;
    ///
    /// let ids = Ids::new("item", ["pot", "pan"].map(str::to_owned).into_iter());
    /// assert_eq!(ids.find_all("list", ["pan", "pot"]).unwrap(), [1, 0]);
    /// let refused = ids.find_all("list", ["pan", "cup", "cup"]).unwrap_err().to_string();
    /// assert_eq!(refused, "list: 1 of 2 item ids are not known to the data set: cup");
    /// let refused = ids.find_all("list", [""]).unwrap_err().to_string();
    /// assert_eq!(refused, "list: 1 of 1 item ids are not known to the data set: (empty)");
    /// ```
    pub fn find_all<'a>(
        &self,
        place: &str,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<u32>, RetrievalError> {
        let (mut found, mut known, mut unknown) = (Vec::new(), 0, Vec::new());
        let mut seen = std::collections::HashSet::new();
        for id in ids {
            let number = self.find(id);
            found.extend(number);
            if seen.insert(id) {
                known += usize::from(number.is_some());
                unknown.extend(number.is_none().then_some(id));
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        Err(RetrievalError::UnknownIds {
            place: place.to_owned(),
            kind: self.kind,
            shown: few(unknown.iter().map(|id| if id.is_empty() { "(empty)" } else { id }), unknown.len()),
            count: unknown.len(),
            of: known + unknown.len(),
        })
    }
}
