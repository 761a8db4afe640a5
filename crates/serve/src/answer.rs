//! Answers as JSON. A list has the bytes of a line of `anchorrec recommend --out lists.jsonl`; whatever is said beside it stands behind the items.

use crate::plan::{Plan, SimilarPlan, Who};
use crate::scorer::Person;
use crate::served::Served;
use crate::why::{Reasons, why};
use anchorrec_retrieval::List;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Makes the lists of people and writes each as an object on a line.
pub fn recommend(served: &Served, plans: &[&Plan]) -> Vec<Vec<u8>> {
    let persons: Vec<Option<Person>> = plans.iter().map(|plan| person(served, plan)).collect();
    let people: Vec<Person> = persons.iter().flatten().copied().collect();
    let top = plans.iter().map(|plan| plan.top).max().unwrap_or_default();
    let mut lists = if people.is_empty() { Vec::new() } else { served.scorer.lists(&people, top) }.into_iter();
    let answers = plans.iter().zip(persons).map(|(plan, person)| {
        let mut list = match person {
            Some(_) => lists.next().expect("a list for each person"),
            None => served.popular.list(plan.left_out(served), plan.top),
        };
        list.truncate(plan.top);
        write(served, plan, person.as_ref(), &list)
    });
    answers.collect()
}

fn person<'a>(served: &'a Served, plan: &'a Plan) -> Option<Person<'a>> {
    let (user, taken) = match &plan.who {
        Who::Known(user) => (Some(*user), served.train.of(*user)),
        Who::New(items) => (None, &items[..]),
        Who::Nobody => return None,
    };
    Some(Person { user, taken, left_out: plan.left_out(served) })
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

/// Puts answers into an array: `{"lists":[...]}`.
pub fn lists(answers: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut text = b"{\"lists\":[".to_vec();
    for (place, answer) in answers.into_iter().enumerate() {
        text.extend_from_slice(if place > 0 { b"," } else { b"" });
        text.extend_from_slice(answer.trim_ascii_end());
    }
    text.extend_from_slice(b"]}\n");
    text
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

/// Finds items whose id or title holds all the words, in any case, the most popular first; without a word the most popular items.
pub fn search(served: &Served, words: &str, most: usize) -> Vec<u8> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let holds = |item: u32| {
        let (id, title) = (served.names.id(item), served.names.title(item).unwrap_or_default());
        let text = format!("{id} {title}").to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let found = served.popular.first(usize::MAX).map(|(item, _)| item).filter(|&item| holds(item)).take(most);
    line(&json!({ "items": found.map(|found| item(served, found)).collect::<Vec<_>>() }))
}
