//! Which items are left out of one list: the user's own, those that are denied and, where some are allowed, all others.
//!
//! A request that waits holds the items that it names and no more. What is left out because some are allowed is nearly the whole catalogue: that is written
//! down when the list is made, one at a time.

use crate::ask::RecommendAsk;
use crate::refusal::Refusal;
use crate::served::Served;
use anchorrec_files::{counted, few};
use std::borrow::Cow;

/// Which of a user's own items are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// No item.
    None,
    /// The items of the training rows of this user.
    Train(u32),
    /// The items of all rows of this user.
    All(u32),
    /// The items that were sent for a new user.
    Sent,
}

/// Which items are left out of a list.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Which of the user's own items.
    pub own: Own,
    /// The only items that are not left out, ascending; nothing where all may be in the list.
    allow: Option<Vec<u32>>,
    /// Further items that are left out, ascending.
    deny: Vec<u32>,
}

impl LeftOut {
    /// Finds the items that a request allows and denies.
    ///
    /// # Errors
    /// When one is not known, is both allowed and denied, or no item is left.
    pub fn of(own: Own, ask: &RecommendAsk, served: &Served) -> Result<Self, Refusal> {
        let numbers = |place: &str, ids: &[String]| -> Result<Vec<u32>, Refusal> {
            let mut numbers = served.find_items(place, ids)?;
            numbers.sort_unstable();
            numbers.dedup();
            Ok(numbers)
        };
        let allow = ask.allow.as_deref().map(|ids| numbers("allow", ids)).transpose()?;
        let deny = numbers("deny", ask.deny.as_deref().unwrap_or_default())?;
        let is_allowed = |item: &u32| allow.as_ref().is_some_and(|allow| allow.binary_search(item).is_ok());
        let both: Vec<u32> = deny.iter().copied().filter(is_allowed).collect();
        if !both.is_empty() {
            let shown = few(both.iter().map(|&item| served.names.id(item)), both.len());
            let message = format!("{} both allowed and denied: {shown}", counted(both.len(), "item is", "items are"));
            return Err(Refusal::new(422, "allowed-and-denied", message));
        }
        let nothing_left = match &allow {
            Some(allow) if !allow.iter().any(|&item| served.shows(item)) => {
                let allowed = counted(allow.len(), "item is", "items are");
                Some(format!("no item is left to recommend: {allowed} allowed, and nobody is shown any of them"))
            }
            None if deny.iter().filter(|&&item| served.shows(item)).count() == served.popular.count() => {
                Some("no item is left to recommend: all are denied".to_owned())
            }
            _ => None,
        };
        match nothing_left {
            Some(message) => Err(Refusal::new(422, "nothing-left", message)),
            None => Ok(LeftOut { own, allow, deny }),
        }
    }

    /// Returns the items that are left out, ascending; `sent` are those that were sent for a new user.
    pub fn items<'a>(&self, sent: &'a [u32], served: &'a Served) -> Cow<'a, [u32]> {
        let own = match self.own {
            Own::None => &[],
            Own::Train(user) => served.train.of(user),
            Own::All(user) => served.all.of(user),
            Own::Sent => sent,
        };
        match &self.allow {
            None if self.deny.is_empty() => Cow::Borrowed(own),
            None => {
                let mut items = [own, &self.deny].concat();
                items.sort_unstable();
                items.dedup();
                Cow::Owned(items)
            }
            Some(allow) => {
                let mut is_out = vec![true; served.names.count()];
                allow.iter().for_each(|&item| is_out[item as usize] = false);
                own.iter().for_each(|&item| is_out[item as usize] = true);
                Cow::Owned((0..).zip(is_out).filter(|(_, is)| *is).map(|(item, _)| item).collect())
            }
        }
    }

    /// Returns whether what is left out is as long as the catalogue.
    pub fn is_mask(&self) -> bool {
        self.allow.is_some()
    }

    /// Returns how many items the request names.
    pub fn named(&self) -> usize {
        self.allow.as_ref().map_or(0, Vec::len) + self.deny.len()
    }
}
