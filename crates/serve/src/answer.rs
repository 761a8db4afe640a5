//! Answers as JSON. A list has the bytes of a line of `anchorrec recommend --out lists.jsonl`; whatever is said beside it stands behind the items.

use crate::plan::{Plan, SimilarPlan, Who};
use crate::scorer::Person;
use crate::served::Served;
use crate::why::{Reasons, why};
use anchorrec_retrieval::List;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Makes the lists of people and writes each as an object on a line.
pub fn recommend(served: &Served, plans: &[&Plan]) -> Vec<Vec<u8>> {
    let left_out: Vec<Cow<[u32]>> = plans.iter().map(|plan| plan.left_out(served)).collect();
    let persons = plans.iter().zip(&left_out).map(|(plan, left_out)| person(served, plan, left_out));
    let persons: Vec<Option<Person>> = persons.collect();
    let people: Vec<Person> = persons.iter().flatten().copied().collect();
    let top = plans.iter().map(|plan| plan.top).max().unwrap_or_default();
    let mut lists = if people.is_empty() { Vec::new() } else { served.scorer.lists(&people, top) }.into_iter();
    let answers = plans.iter().zip(persons).zip(&left_out).map(|((plan, person), left_out)| {
        let mut list = match person {
            Some(_) => lists.next().expect("a list for each person"),
            None => served.popular.list(left_out, plan.top),
        };
        list.truncate(plan.top);
        write(served, plan, person.as_ref(), &list)
    });
    answers.collect()
}

fn person<'a>(served: &'a Served, plan: &'a Plan, left_out: &'a [u32]) -> Option<Person<'a>> {
    let user = match &plan.who {
        Who::Known(user) => Some(*user),
        Who::New(_) => None,
        Who::Nobody => return None,
    };
    Some(Person { user, taken: plan.who.history(served), left_out })
}

fn write(served: &Served, plan: &Plan, person: Option<&Person>, list: &List) -> Vec<u8> {
    let mut text = b"{\"user\":".to_vec();
    json_into(&mut text, &plan.name);
    text.extend_from_slice(b",\"items\":");
    served.json.add(&mut text, list);
    if matches!(plan.who, Who::Nobody) {
        text.extend_from_slice(b",\"fallback\":\"popular\"");
    }
    if !plan.skipped.is_empty() {
        text.extend_from_slice(b",\"skipped\":");
        json_into(&mut text, &plan.skipped);
    }
    if let Some(person) = person.filter(|_| plan.why) {
        text.extend_from_slice(b",\"why\":");
        json_into(&mut text, &because(served, person, list));
    }
    if plan.images {
        images_into(&mut text, served, list);
    }
    text.extend_from_slice(b"}\n");
    text
}

/// Where the images of a list's items are, by item id; those without one are not there.
fn images_into(text: &mut Vec<u8>, served: &Served, list: &List) {
    let images = list.iter().filter_map(|&(item, _)| Some((served.names.id(item), served.image(item)?)));
    text.extend_from_slice(b",\"images\":");
    json_into(text, &images.collect::<BTreeMap<_, _>>());
}

/// The reasons of a list.
fn because(served: &Served, person: &Person, list: &List) -> Value {
    let (of, lists) = why(&served.scorer, person, list);
    let lists = list.iter().zip(lists).map(|(&(item, _), Reasons { rest, parts, others })| {
        let part = |(item, part): (u32, f64)| match served.names.title(item) {
            Some(title) => json!({ "item": served.names.id(item), "title": title, "part": part }),
            None => json!({ "item": served.names.id(item), "part": part }),
        };
        let mut reasons = json!({ "item": served.names.id(item), "rest": rest, "parts": parts.into_iter().map(part).collect::<Vec<_>>() });
        if let Some(others) = others {
            reasons["others"] = json!(others);
        }
        reasons
    });
    json!({ "of": of.name(), "lists": lists.collect::<Vec<_>>() })
}

/// Makes lists of similar items and writes each as an object on a line.
pub fn similar(served: &Served, plan: &SimilarPlan) -> Vec<Vec<u8>> {
    let space = &served.spaces[plan.space];
    let lists = space.lists(&plan.items, plan.top);
    let answers = plan.items.iter().zip(lists).map(|(&item, list)| {
        let mut text = b"{\"item\":".to_vec();
        json_into(&mut text, served.names.id(item));
        text.extend_from_slice(b",\"space\":");
        json_into(&mut text, &space.name);
        text.extend_from_slice(b",\"items\":");
        served.json.add(&mut text, &list);
        if plan.images {
            images_into(&mut text, served, &list);
        }
        text.extend_from_slice(b"}\n");
        text
    });
    answers.collect()
}

/// An array of answers, `{"lists":[...]}`, that grows by one answer after another.
pub struct Lists(Vec<u8>);

impl Lists {
    /// Begins an array.
    #[expect(clippy::new_without_default)]
    pub fn new() -> Self {
        Lists(b"{\"lists\":[".to_vec())
    }

    /// Adds an answer.
    pub fn add(&mut self, answer: &[u8]) {
        if !self.0.ends_with(b"[") {
            self.0.push(b',');
        }
        self.0.extend_from_slice(answer.trim_ascii_end());
    }

    /// Ends the array and returns its bytes.
    pub fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"]}\n");
        self.0
    }
}

/// What a client may know of an item.
#[derive(Debug, Serialize)]
pub struct Item<'a> {
    /// The item's id.
    pub item: &'a str,
    /// The item's title, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    /// Where the item's image is on the web, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<&'a str>,
}

/// Returns what an item is called.
///
/// # Panics
/// When there is no such item.
pub fn item(served: &Served, item: u32) -> Item<'_> {
    Item { item: served.names.id(item), title: served.names.title(item), image: served.image(item) }
}

/// Writes a value as a line of JSON.
pub fn line(value: &impl Serialize) -> Vec<u8> {
    let mut text = Vec::new();
    json_into(&mut text, value);
    text.push(b'\n');
    text
}

fn json_into(text: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(text, value).expect("what is answered is JSON");
}

/// Finds items whose id or title holds all the words, the most popular first; without a word the most popular items.
pub fn search(served: &Served, words: &BTreeSet<String>, most: usize) -> Vec<u8> {
    let found = served.search.find(words, most).into_iter().map(|found| item(served, found));
    line(&json!({ "items": found.collect::<Vec<_>>() }))
}

/// Writes a user with the items of its training rows.
///
/// # Panics
/// When there is no such user.
pub fn user(served: &Served, user: u32) -> Vec<u8> {
    let items = served.train.of(user).iter().map(|&taken| item(served, taken));
    line(&json!({ "user": served.user_names[user as usize], "items": items.collect::<Vec<_>>() }))
}

/// Finds users whose ids begin with a text, in the order of the data set; users without a training row are not found.
pub fn users(served: &Served, begin: &str, most: usize) -> Vec<u8> {
    let known = (0..).zip(&served.user_names).filter(|(user, _)| !served.train.of(*user).is_empty());
    let found = known.map(|(_, name)| name).filter(|name| name.starts_with(begin)).take(most);
    line(&json!({ "users": found.collect::<Vec<_>>() }))
}
