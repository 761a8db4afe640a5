//! Columns that are not read and look as if they should be: a split under another name, labels, kinds of rows.
//!
//! Their first [`LOOKED`] values are looked at. What they seem to be is said with the option that takes it, and nothing else is done: only the
//! person knows whether `set` is a split and whether a view is a purchase.

use crate::columns::{LABEL, Places, plain};
use crate::part::Part;
use crate::reading::Reading;
use anchorrec_data::note::{Kind, Note};
use anchorrec_files::Excerpt;

/// Rows that are looked at.
pub(crate) const LOOKED: usize = 1000;
/// Different values of a column that are kept; one with more is of another kind.
const MOST: usize = 8;
/// Bytes of the longest value that is kept.
const LONGEST: usize = 40;

/// Names of columns that say how a row came to be.
const EVENT: &[&str] = &[
    "event",
    "eventtype",
    "action",
    "actiontype",
    "behavior",
    "behaviour",
    "behaviortype",
    "behaviourtype",
    "interaction",
    "interactiontype",
    "feedback",
    "feedbacktype",
    "type",
];
/// Names of columns of labels that are not taken as such by themselves: they could be labels of something else.
const TARGET: &[&str] = &[
    "target",
    "y",
    "positive",
    "ispositive",
    "purchase",
    "purchased",
    "ispurchase",
    "bought",
    "converted",
    "conversion",
];
/// Names of columns that are splits if their values are parts, also where all values that were looked at are one part.
const SPLIT: &[&str] =
    &["fold", "set", "subset", "partition", "phase", "part", "usage", "dataset", "datasplit", "mode", "stage"];

/// The values of a column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    values: Vec<String>,
    is_more: bool,
}

impl Seen {
    /// Looks at a value; nothing and null are none.
    pub(crate) fn add(&mut self, value: &str) {
        let value = value.trim();
        if self.is_more || value.is_empty() || self.values.iter().any(|known| known == value) {
            return;
        }
        self.is_more = self.values.len() == MOST || value.len() > LONGEST;
        if !self.is_more {
            self.values.push(value.to_owned());
        }
    }

    /// Shows the values that were seen.
    pub(crate) fn shown(&self) -> String {
        let values: Vec<String> = self.values.iter().map(|value| Excerpt::of(value).to_string()).collect();
        values.join(", ") + if self.is_more && !self.values.is_empty() { " and others" } else { "" }
    }

    /// The values as truths, where all are.
    fn truths(&self) -> Option<Vec<bool>> {
        let truth = |value: &String| match value.to_lowercase().as_str() {
            "0" | "0.0" | "false" => Some(false),
            "1" | "1.0" | "true" => Some(true),
            _ => None,
        };
        self.values.iter().map(truth).collect()
    }

    /// Whether there are zeros and ones and nothing else.
    fn is_truth(&self) -> bool {
        !self.is_more && self.truths().is_some_and(|truths| is_both(&truths))
    }

    /// What the column seems to be, if there is no column of that kind; with the values for which it seems so.
    fn kind(&self, name: &str) -> Option<Like> {
        if self.is_more || self.values.is_empty() {
            return None;
        }
        let (plain, values) = (plain(name), &self.values);
        let is_number = |value: &String| value.parse::<f64>().is_ok();
        let parts: Option<Vec<Part>> =
            values.iter().map(|value| Part::read(value).filter(|_| !is_number(value))).collect();
        if let Some(parts) = parts {
            let several = parts.contains(&Part::Train) && parts.iter().any(|part| *part != Part::Train);
            return (several || SPLIT.contains(&&*plain)).then_some(Like::Split);
        }
        if let Some(truths) = self.truths() {
            return (is_both(&truths) && TARGET.contains(&&*plain)).then_some(Like::Label);
        }
        let names = values.len() > 1 && !values.iter().any(is_number);
        (names && EVENT.contains(&&*plain)).then_some(Like::Event)
    }
}

fn is_both(truths: &[bool]) -> bool {
    truths.contains(&true) && truths.contains(&false)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Like {
    Split,
    Label,
    Event,
}

/// The columns of a file that are not read.
#[derive(Debug)]
pub(crate) struct Unread {
    /// Places, names and values.
    columns: Vec<(usize, String, Seen)>,
    rows: usize,
}

impl Unread {
    /// The columns of a header that are not at one of these places.
    pub(crate) fn new(header: &[String], read: &[usize]) -> Self {
        let column = |(place, name): (usize, &String)| (place, name.clone(), Seen::default());
        let columns = header.iter().enumerate().filter(|(place, _)| !read.contains(place)).map(column).collect();
        Unread { columns, rows: 0 }
    }

    /// Whether no further row is looked at.
    pub(crate) fn is_done(&self) -> bool {
        self.rows >= LOOKED || self.columns.is_empty()
    }

    /// Looks at a row.
    pub(crate) fn look<'a>(&mut self, cell: impl Fn(usize) -> &'a str) {
        self.rows += 1;
        self.columns.iter_mut().for_each(|(place, _, seen)| seen.add(cell(*place)));
    }

    /// Takes the values of a column that were looked at elsewhere.
    pub(crate) fn put(&mut self, place: usize, seen: Seen) {
        if let Some(column) = self.columns.iter_mut().find(|column| column.0 == place) {
            column.2 = seen;
        }
    }

    /// Places of the columns.
    #[cfg(feature = "parquet")]
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().map(|column| column.0)
    }

    /// What they seem to be; `is_part` says whether the file is a part of a split.
    pub(crate) fn notes(&self, places: &Places, reading: &Reading, is_part: bool) -> Vec<Note> {
        let positives = &reading.positives;
        let chosen = positives.all || positives.equal.is_some();
        let note = |(_, name, seen): &(usize, String, Seen)| {
            let values = seen.values.iter();
            let some = |kind, code, text| Some(Note::new(kind, code, 0u64, text).with(values));
            if let (Some((column, value)), true) = (&positives.equal, LABEL.contains(&&*plain(name)) && seen.is_truth())
            {
                let text = format!(
                    "the column {name} looks like a label and is not read, because --positive {column}={value} chooses the rows: those of 0 count as \
                     those of 1 (--positive {name}=1 takes the ones instead)"
                );
                return some(Kind::Odd, "label-column-not-read", text);
            }
            match seen.kind(name)? {
                Like::Split if places.part.is_none() && !is_part => some(
                    Kind::Ignored,
                    "split-column-not-read",
                    format!("the column {name} looks like a split and is not read: --split column:{name} takes it"),
                ),
                Like::Label if places.label.is_none() && !chosen => some(
                    Kind::Odd,
                    "label-column-not-read",
                    format!(
                        "the column {name} looks like a label and is not read, so every row counts: --positive {name}=1 takes the ones"
                    ),
                ),
                Like::Event if places.label.is_none() && !chosen => some(
                    Kind::Odd,
                    "events-of-several-kinds",
                    format!(
                        "the column {name} says what kind of event a row is, and rows of every kind count: --positive {name}={} takes one",
                        seen.values.last().map_or("VALUE", String::as_str)
                    ),
                ),
                _ => None,
            }
        };
        self.columns.iter().filter_map(note).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_what_its_values_and_its_name_say() {
        for (name, values, want) in [
            ("anything", &["train", "test", ""][..], Some(Like::Split)),
            ("fold", &["Train"], Some(Like::Split)),
            ("title", &["Train"], None),
            ("title", &["Test", "valid"], None),
            ("fold", &["0", "1", "2"], None),
            ("target", &["0", "1"], Some(Like::Label)),
            ("Target", &["False", "True"], Some(Like::Label)),
            ("target", &["1"], None),
            ("verified", &["0", "1"], None),
            ("event_type", &["view", "cart"], Some(Like::Event)),
            ("event", &["view"], None),
            ("type", &["1", "2"], None),
            ("color", &["red", "blue"], None),
            ("event", &["1", "2", "3", "4", "5", "6", "7", "8", "9"], None),
        ] {
            let mut seen = Seen::default();
            values.iter().for_each(|value| seen.add(value));
            assert_eq!(seen.kind(name), want, "{name} {values:?}");
        }
    }
}
