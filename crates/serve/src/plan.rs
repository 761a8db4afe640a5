//! From what a client asks to what has to be computed: ids become numbers, and whatever cannot be right is refused.

use crate::ask::{ExcludeAsk, Fallback, RecommendAsk, SimilarAsk};
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::served::Served;
use anchorrec_files::{counted, few, grouped};
use anchorrec_retrieval::Ids;

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

/// Which items are left out of a list.
#[derive(Clone, Debug)]
pub enum LeftOut {
    /// The items of the user's training rows.
    Train,
    /// The items of all the user's rows.
    All,
    /// These, ascending.
    These(Vec<u32>),
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
    /// When the user or an item is not known, an item is both allowed and denied, or a limit is passed.
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
        let own = match (&who, ask.exclude.unwrap_or_default()) {
            (_, ExcludeAsk::None) | (Who::Nobody, _) => LeftOut::These(Vec::new()),
            (Who::New(items), _) => LeftOut::These(items.clone()),
            (Who::Known(_), ExcludeAsk::Train) => LeftOut::Train,
            (Who::Known(_), ExcludeAsk::All) => LeftOut::All,
        };
        let left_out = match ask.allow.is_none() && ask.deny.is_none() {
            true => own,
            false => LeftOut::These(without(&who, &own, &ask, served)?),
        };
        Ok(Plan { name: ask.user, who, left_out, top, why: ask.why, images: ask.images, skipped })
    }

    /// Returns the items that are left out, ascending.
    pub fn left_out<'a>(&'a self, served: &'a Served) -> &'a [u32] {
        left_out(&self.who, &self.left_out, served)
    }
}

fn left_out<'a>(who: &Who, left_out: &'a LeftOut, served: &'a Served) -> &'a [u32] {
    match (left_out, who) {
        (LeftOut::These(items), _) => items,
        (LeftOut::Train, Who::Known(user)) => served.train.of(*user),
        (LeftOut::All, Who::Known(user)) => served.all.of(*user),
        (LeftOut::Train | LeftOut::All, _) => &[],
    }
}

/// A user by its id.
fn known(user: &str, fallback: Option<Fallback>, served: &Served) -> Result<Who, Refusal> {
    let found = served.users.find(user);
    match (found.filter(|&user| !served.train.of(user).is_empty()), fallback) {
        (Some(user), _) => Ok(Who::Known(user)),
        (None, Some(Fallback::Popular)) => Ok(Who::Nobody),
        (None, None) => Err(unknown_user(user, found.is_some())),
    }
}

/// Refuses a user of whom the model knows nothing.
pub fn unknown_user(user: &str, has_no_row: bool) -> Refusal {
    let why = match has_no_row {
        true => "has no training row, so the model knows nothing of it",
        false => "is not known to the data set",
    };
    let way = "send the user's items (item=ID), or ask for popular items (fallback=popular)";
    Refusal::new(404, "unknown-user", format!("user {} {why}: {way}", few([user], 1)))
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
        false => find_all("items", items, &served.items)?,
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

/// What is left out because of `allow` and `deny`, with the user's own items.
fn without(who: &Who, own: &LeftOut, ask: &RecommendAsk, served: &Served) -> Result<Vec<u32>, Refusal> {
    let mut is_left_out = vec![ask.allow.is_some(); served.names.count()];
    let allowed = find_all("allow", ask.allow.as_deref().unwrap_or_default(), &served.items)?;
    allowed.iter().for_each(|&item| is_left_out[item as usize] = false);
    let denied = find_all("deny", ask.deny.as_deref().unwrap_or_default(), &served.items)?;
    if ask.allow.is_some() {
        let mut both: Vec<u32> = denied.iter().copied().filter(|&item| !is_left_out[item as usize]).collect();
        both.sort_unstable();
        both.dedup();
        if !both.is_empty() {
            let shown = few(both.iter().map(|&item| served.names.id(item)), both.len());
            let message = format!("{} both allowed and denied: {shown}", counted(both.len(), "item is", "items are"));
            return Err(Refusal::new(422, "allowed-and-denied", message));
        }
    }
    denied.iter().chain(left_out(who, own, served)).for_each(|&item| is_left_out[item as usize] = true);
    Ok((0..).zip(is_left_out).filter(|(_, is)| *is).map(|(item, _)| item).collect())
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
                false => format!("there is no item space {}: expected one of {}", few([name], 1), known.join(", ")),
            };
            return Err(Refusal::new(404, "unknown-space", message));
        };
        let items = find_all("items", &ask.items, &served.items)?;
        if let Some((item, kind)) = items.iter().find_map(|&item| Some((item, served.spaces[space].lacks(item)?))) {
            let message = format!(
                "item {} has no {kind} features of its own, only the mean of the others: ask in another space",
                few([served.names.id(item)], 1)
            );
            return Err(Refusal::new(422, "no-features", message));
        }
        Ok(SimilarPlan { space, items, top, images: ask.images })
    }
}

/// Finds the numbers of all of these ids.
///
/// # Errors
/// When one is not known.
pub fn find_all(place: &str, ids: &[String], known: &Ids) -> Result<Vec<u32>, Refusal> {
    let found = known.find_all(place, ids.iter().map(String::as_str));
    found.map_err(|error| Refusal::new(422, "unknown-items", error.to_string()))
}

/// Refuses more places in lists than one answer may have.
///
/// # Errors
/// When there are more.
pub fn places(places: usize, limits: &Limits) -> Result<(), Refusal> {
    bounded("places in all lists together", places, limits.places)
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
