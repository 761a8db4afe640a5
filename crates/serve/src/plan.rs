//! From what a client asks to what has to be computed: ids become numbers, and whatever cannot be right is refused.

use crate::ask::{ExcludeAsk, Fallback, RecommendAsk, SimilarAsk};
use crate::left_out::{LeftOut, Own};
use crate::limits::{EXPLAINED, Limits};
use crate::refusal::{Refusal, shown};
use crate::scorer::Scorer;
use crate::served::Served;
use anchorrec_files::grouped;
use std::borrow::Cow;

/// Items of a list of recommendations where nothing is said.
const TOP: usize = 20;
/// Items of a list of similar items where nothing is said.
const SIMILAR: usize = 10;

/// A list to be made for one user.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the answer calls the user.
    pub name: Option<String>,
    /// The user whose list it is.
    pub who: Who,
    /// Which items are left out.
    pub left_out: LeftOut,
    /// Items in the list.
    pub top: usize,
    /// Whether the scores are explained.
    pub why: bool,
    /// Whether it is said where images are.
    pub images: bool,
    /// Items of the history that the data set does not know.
    pub skipped: Vec<String>,
}

/// Somebody to make a list for.
#[derive(Clone, Debug)]
pub enum Who {
    /// A user of the model.
    Known(u32),
    /// A user with these items, ascending, whom the model does not know.
    New(Vec<u32>),
    /// Somebody of whom nothing is known: gets the popular items.
    Nobody,
}

/// Lists of items that are like an item.
#[derive(Clone, Debug)]
pub struct SimilarPlan {
    /// The number of the space.
    pub space: usize,
    /// The items.
    pub items: Vec<u32>,
    /// Items in each list.
    pub top: usize,
    /// Whether it is said where images are.
    pub images: bool,
}

impl Plan {
    /// Finds out what has to be computed.
    ///
    /// # Errors
    /// When the user or an item is not known, an item is both allowed and denied, no item is left, or a limit is passed.
    pub fn of(ask: RecommendAsk, served: &Served, limits: &Limits) -> Result<Self, Refusal> {
        let top = top(ask.top, TOP, limits)?;
        for (what, ids) in [("items", &ask.items), ("allow", &ask.allow), ("deny", &ask.deny)] {
            bounded(what, ids.as_deref().map_or(0, <[_]>::len), limits.ids)?;
        }
        let mut skipped = Vec::new();
        let who = match (&ask.user, &ask.items) {
            (None, None) => {
                return Err(Refusal::bad(
                    "expected a user id or item ids: /recommend?user=ID, or item=ID for a new user",
                ));
            }
            (_, Some(items)) => new(items, ask.skip_unknown, ask.fallback, served, &mut skipped)?,
            (Some(user), None) => known(user, ask.fallback, served)?,
        };
        let own = match (ask.exclude.unwrap_or_default(), &who) {
            // Of a user without a training row, a data set holds no other row either.
            (ExcludeAsk::None, _) | (_, Who::Nobody) => Own::None,
            (_, Who::New(_)) => Own::Sent,
            (ExcludeAsk::Train, &Who::Known(user)) => Own::Train(user),
            (ExcludeAsk::All, &Who::Known(user)) => Own::All(user),
        };
        let left_out = LeftOut::of(own, &ask, served)?;
        if ask.why {
            explained(who.history(served).len(), top, served, limits)?;
        }
        Ok(Plan { name: ask.user, who, left_out, top, why: ask.why, images: ask.images, skipped })
    }

    /// Returns the items that are left out, ascending.
    pub fn left_out<'a>(&'a self, served: &'a Served) -> Cow<'a, [u32]> {
        let sent = if let Who::New(items) = &self.who { &items[..] } else { &[] };
        self.left_out.items(sent, served)
    }

    /// Returns how many items the request names.
    pub fn named(&self) -> usize {
        let sent = if let Who::New(items) = &self.who { items.len() } else { 0 };
        sent + self.left_out.named()
    }

    /// Returns for how many items the list counts; one that is explained is worth several.
    pub fn places(&self) -> usize {
        self.top * if self.why { EXPLAINED } else { 1 }
    }
}

impl Who {
    /// Returns the items that the user took, as far as the model knows them, ascending.
    pub fn history<'a>(&'a self, served: &'a Served) -> &'a [u32] {
        match self {
            Who::Known(user) => served.train.of(*user),
            Who::New(items) => items,
            Who::Nobody => &[],
        }
    }
}

/// Items that a closed form scores, for each item of the history, in the time of one part.
const SCORED: usize = 1000;

/// Refuses reasons that would take too long: each item of the history has a part of each score, and a closed form scores all items for each one of the
/// history.
fn explained(history: usize, top: usize, served: &Served, limits: &Limits) -> Result<(), Refusal> {
    let each = match served.scorer {
        Scorer::ClosedForm(_) => top.max(served.names.count() / SCORED),
        _ => top,
    };
    match history.saturating_mul(each) <= limits.parts {
        true => Ok(()),
        false => Err(Refusal::new(
            422,
            "too-many",
            format!(
                "why: a history of {} items and a list of {top} are too many parts, and the server takes at most {}: ask for a shorter list (top), or \
                 without why",
                grouped(history),
                grouped(limits.parts)
            ),
        )),
    }
}

/// A user by its id.
fn known(user: &str, fallback: Option<Fallback>, served: &Served) -> Result<Who, Refusal> {
    let found = served.users.find(user);
    match (found.filter(|&user| !served.train.of(user).is_empty()), fallback) {
        (Some(user), _) => Ok(Who::Known(user)),
        (None, Some(Fallback::Popular)) => Ok(Who::Nobody),
        (None, None) => {
            let why = match found {
                Some(_) => "has no training row, so the model knows nothing of it",
                None => UNKNOWN,
            };
            let way = "send the user's items (item=ID), or ask for popular items (fallback=popular)";
            Err(Refusal::new(404, "unknown-user", format!("user {} {why}: {way}", shown(user))))
        }
    }
}

/// What is said of an id that does not occur.
const UNKNOWN: &str = "is not known to the data set";

/// Refuses to look up a user who does not occur.
pub fn unknown_user(user: &str) -> Refusal {
    let message = format!("user {} {UNKNOWN}: /users?begin=TEXT finds users by how their ids begin", shown(user));
    Refusal::new(404, "unknown-user", message)
}

/// Refuses to look up an item that does not occur.
pub fn unknown_item(item: &str) -> Refusal {
    let message = format!("item {} {UNKNOWN}: /items?search=WORDS finds items by id and title", shown(item));
    Refusal::new(404, "unknown-item", message)
}

/// A user by its items.
fn new(
    items: &[String],
    skip_unknown: bool,
    fallback: Option<Fallback>,
    served: &Served,
    skipped: &mut Vec<String>,
) -> Result<Who, Refusal> {
    let mut numbers = match skip_unknown {
        true => items.iter().filter_map(|id| served.items.find(id)).collect(),
        false => served.find_items("items", items)?,
    };
    if skip_unknown {
        skipped.extend(items.iter().filter(|id| served.items.find(id).is_none()).cloned());
        skipped.sort();
        skipped.dedup();
    }
    numbers.sort_unstable();
    numbers.dedup();
    match (numbers.is_empty(), fallback) {
        (false, _) => Ok(Who::New(numbers)),
        (true, Some(Fallback::Popular)) => Ok(Who::Nobody),
        (true, None) => Err(Refusal::new(
            422,
            "no-items",
            "nothing is known of a user without an item that the data set knows: send at least one, or ask for popular items (fallback=popular)",
        )),
    }
}

impl SimilarPlan {
    /// Finds out what has to be computed.
    ///
    /// # Errors
    /// When an item or the space is not known, an item has no place in it, or a limit is passed.
    pub fn of(ask: &SimilarAsk, served: &Served, limits: &Limits) -> Result<Self, Refusal> {
        let top = top(ask.top, SIMILAR, limits)?;
        bounded("items", ask.items.len(), limits.batch)?;
        places(ask.items.len() * top, limits)?;
        let name = ask.space.as_deref().unwrap_or("final");
        let Some(space) = served.space(name) else {
            let known: Vec<&str> = served.spaces.iter().map(|space| space.name.as_str()).collect();
            let message = match known.is_empty() {
                true => "a closed form has no item space: serve a trained run to find similar items".to_owned(),
                false => format!("there is no item space {}: expected one of {}", shown(name), known.join(", ")),
            };
            return Err(Refusal::new(404, "unknown-space", message));
        };
        let items = served.find_items("items", &ask.items)?;
        if let Some((item, kind)) = items.iter().find_map(|&item| Some((item, served.spaces[space].lacks(item)?))) {
            let message = format!(
                "item {} has no {kind} features of its own, only the mean of the others: ask in another space",
                shown(served.names.id(item))
            );
            return Err(Refusal::new(422, "no-features", message));
        }
        Ok(SimilarPlan { space, items, top, images: ask.images })
    }
}

/// Refuses more items in the lists of one answer than there may be.
///
/// # Errors
/// When there are more.
pub fn places(places: usize, limits: &Limits) -> Result<(), Refusal> {
    bounded("items in all lists together", places, limits.places)
}

/// Refuses more than a limit.
///
/// # Errors
/// When there is more.
pub fn bounded(what: &str, found: usize, most: usize) -> Result<(), Refusal> {
    match found <= most {
        true => Ok(()),
        false => Err(Refusal::new(
            422,
            "too-many",
            format!(
                "{what}: {}, and the server takes at most {}: send several requests",
                grouped(found),
                grouped(most)
            ),
        )),
    }
}

fn top(asked: Option<usize>, default: usize, limits: &Limits) -> Result<usize, Refusal> {
    match asked.unwrap_or(default) {
        0 => Err(Refusal::bad("top: expected a whole number above 0")),
        top if top > limits.top => {
            let most = grouped(limits.top);
            Err(Refusal::new(422, "too-many", format!("top: {}, and a list has at most {most} items", grouped(top))))
        }
        top => Ok(top),
    }
}
