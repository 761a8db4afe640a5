//! Who took what, and when: rows of small numbers beside the names that they stand for.
//!
//! **Memory.** 24 bytes a row, and a name once: its bytes, 4 bytes for where it ends, and a place in a hash table. A raw file of gigabytes
//! is read as a stream into this.

use crate::part::Part;
use ahash::RandomState;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::num::NonZeroU64;

/// The hash of what is a hash already.
#[derive(Clone, Copy, Debug, Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are numbers of 64 bits")
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Names by number, in order of first appearance.
#[derive(Clone, Debug, Default)]
pub struct Names {
    bytes: String,
    /// Where each name ends.
    ends: Vec<u32>,
    /// Numbers by the hash of their name; names with the same hash stand in `more`.
    numbers: HashMap<u64, u32, BuildHasherDefault<Same>>,
    more: Vec<u32>,
    hasher: RandomState,
}

/// A name that was looked up: its hash, and its number if it has one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looked {
    hash: u64,
    pub(crate) number: Option<u32>,
}

impl Names {
    /// The number of a name, a new one when it was not seen before.
    ///
    /// # Panics
    /// With 2³² names, or 4 GiB of them.
    pub fn number(&mut self, name: &str) -> u32 {
        let looked = self.look(name);
        looked.number.unwrap_or_else(|| self.add(name, looked))
    }

    /// The number of a name that was seen.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.look(name).number
    }

    /// Looks a name up, to be [added](Self::add) or not.
    pub(crate) fn look(&self, name: &str) -> Looked {
        let hash = self.hasher.hash_one(name);
        let number = self.numbers.get(&hash).and_then(|&first| {
            std::iter::once(first).chain(self.more.iter().copied()).find(|&number| self.name(number) == name)
        });
        Looked { hash, number }
    }

    /// Gives a number to a name that has none.
    pub(crate) fn add(&mut self, name: &str, Looked { hash, .. }: Looked) -> u32 {
        let number = u32::try_from(self.ends.len()).expect("fewer than 2^32 names");
        self.bytes.push_str(name);
        self.ends.push(u32::try_from(self.bytes.len()).expect("at most 4 GiB of names"));
        if *self.numbers.entry(hash).or_insert(number) != number {
            self.more.push(number);
        }
        number
    }

    /// The name of a number.
    ///
    /// # Panics
    /// When there is none.
    pub fn name(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        &self.bytes[start..self.ends[number] as usize]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// A row: user, item, time, rating.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// A number of [`Events::users`].
    pub user: u32,
    /// A number of [`Events::items`].
    pub item: u32,
    /// Seconds since 1970 or any other clock; `None` where the file has no times.
    pub time: Option<Time>,
    /// As it was given, a finite number; `None` where the row has none. Nothing is learned from it: the feedback is implicit.
    pub rating: Option<f32>,
}

impl Event {
    /// User and item.
    pub fn pair(&self) -> (u32, u32) {
        (self.user, self.item)
    }
}

/// A point in time that fits beside the two numbers: [`i64::MIN`] is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(NonZeroU64);

/// Turns the order of `i64` into that of `u64`, and [`i64::MIN`] into 0.
const FLIP: u64 = 1 << 63;

impl Time {
    /// Makes a time of seconds; `None` for the one number that stands for no time.
    pub fn new(seconds: i64) -> Option<Self> {
        NonZeroU64::new(seconds as u64 ^ FLIP).map(Time)
    }

    /// The seconds.
    pub fn seconds(self) -> i64 {
        (self.0.get() ^ FLIP) as i64
    }
}

/// All rows of a source, with the names that they use.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// Users.
    pub users: Names,
    /// Items.
    pub items: Names,
    /// Rows, in the order of the source.
    pub rows: Vec<Event>,
    /// The part of the data set that each row belongs to; empty where the source does not say.
    pub parts: Vec<Part>,
}

impl Events {
    /// Keeps the rows for which `keep` says so of their place and themselves, each with its part.
    pub fn retain(&mut self, mut keep: impl FnMut(usize, &Event) -> bool) {
        let is_said = self.parts.len() == self.rows.len();
        let mut kept = 0;
        for place in 0..self.rows.len() {
            if keep(place, &self.rows[place]) {
                self.rows[kept] = self.rows[place];
                if is_said {
                    self.parts[kept] = self.parts[place];
                }
                kept += 1;
            }
        }
        self.rows.truncate(kept);
        self.parts.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_by_first_appearance() {
        let mut names = Names::default();
        let numbers: Vec<u32> = ["b", "", "a", "b", "ab", ""].iter().map(|name| names.number(name)).collect();
        assert_eq!(numbers, [0, 1, 2, 0, 3, 1]);
        assert_eq!([0, 1, 2, 3].map(|number| names.name(number)), ["b", "", "a", "ab"]);
        assert_eq!((names.len(), names.find("ab"), names.find("c")), (4, Some(3), None));
    }

    #[test]
    fn names_with_one_hash_are_told_apart() {
        let mut names = Names::default();
        (0..100).for_each(|n| assert_eq!(names.number(&n.to_string()), n));
        // As if all had the hash of the first.
        let first = names.numbers.iter().find(|(_, n)| **n == 0).map(|(hash, _)| *hash).unwrap();
        let hash = names.hasher.hash_one("7");
        names.numbers.remove(&hash);
        names.numbers.insert(hash, 0);
        names.more.push(7);
        assert_eq!(names.find("7"), Some(7));
        assert_eq!(names.numbers.get(&first), Some(&0));
    }

    #[test]
    fn a_row_is_small_and_times_keep_their_order() {
        assert_eq!(size_of::<Event>(), 24);
        let seconds = [i64::MIN + 1, -1, 0, 1, 1_400_000_000, i64::MAX];
        let times = seconds.map(|s| Time::new(s).unwrap());
        assert_eq!(times.map(Time::seconds), seconds);
        assert!(times.is_sorted());
        assert_eq!(Time::new(i64::MIN), None);
    }
}
