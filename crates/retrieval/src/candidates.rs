//! Which items may be recommended, to all users and to each one.

use crate::error::RetrievalError;
use anchorrec_data::{Dataset, Interactions, ItemsByUser, Pair};
use anchorrec_files::few;

/// Which of a user's own items are left out of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclude {
    /// The items of the user's training rows, as every evaluation does.
    Train,
    /// The items of all the user's rows: training, validation and test.
    All,
    /// None: what a vector store returns by itself.
    None,
}

impl Exclude {
    /// Returns each user's items to be left out, ascending.
    pub fn items(self, interactions: &Interactions) -> ItemsByUser {
        let Interactions { users, train, valid, test, .. } = interactions;
        let pairs: Vec<Pair> = match self {
            Exclude::Train => train.clone(),
            Exclude::All => train.iter().chain(valid).chain(test).copied().collect(),
            Exclude::None => Vec::new(),
        };
        ItemsByUser::new(*users, &pairs)
    }
}

/// Finds the items that are in no list: those that stand for nothing, those that are denied and, where there is a list of allowed ones, all
/// others. Ascending.
///
/// # Errors
/// When an item is both allowed and denied, or nothing remains.
pub fn never(dataset: &Dataset, allow: Option<&[u32]>, deny: &[u32]) -> Result<Vec<u32>, RetrievalError> {
    let items = dataset.interactions.items;
    let mut shown = vec![allow.is_none(); items];
    for &item in allow.unwrap_or_default() {
        shown[item as usize] = true;
    }
    let mut both: Vec<u32> = deny.iter().copied().filter(|&item| allow.is_some() && shown[item as usize]).collect();
    both.sort_unstable();
    both.dedup();
    if !both.is_empty() {
        let names = both.iter().map(|&item| dataset.item_name(item));
        return Err(RetrievalError::AllowedAndDenied { shown: few(names, both.len()), count: both.len() });
    }
    let allowed = shown.iter().filter(|shown| **shown).count();
    for &item in deny.iter().chain(&dataset.phantoms.items) {
        shown[item as usize] = false;
    }
    let never: Vec<u32> = (0..items as u32).filter(|&item| !shown[item as usize]).collect();
    if never.len() == items { Err(RetrievalError::NothingLeft { allowed }) } else { Ok(never) }
}
