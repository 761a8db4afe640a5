//! Who took what, and when: rows of small numbers beside the names that they stand for.
//!
//! **Memory.** 24 bytes a row, and a name once: its bytes, 5 bytes for where it ends, and a place in a hash table. A raw file of gigabytes
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
    /// The names, a line end behind each.
    bytes: String,
    /// Where each name ends.
    ends: Vec<u32>,
    /// Whether a name has a line end in it, so that one behind it is no proof of its end.
    has_line_ends: bool,
    /// Number and beginning by the hash of a name; names with the same hash as one before them are in `more`.
    numbers: HashMap<u64, (u32, u32), BuildHasherDefault<Same>>,
    more: Vec<u32>,
    hasher: RandomState,
}

impl Names {
    /// Returns the number of a name, a new one when the name was not seen before.
    ///
    /// # Panics
    /// With 2³² names, or 4 GiB of them.
    pub fn number(&mut self, name: &str) -> u32 {
        let hash = self.hasher.hash_one(name);
        self.find_hashed(name, hash).unwrap_or_else(|| self.add(name, hash))
    }

    /// The numbers of names, given by their places in a text, as [`number`](Self::number) gives them one by one. Which of them are new comes too.
    ///
    /// A table of many names is larger than the caches, so that a look-up waits for memory; the loops here have no step that waits for the one
    /// before it, and many look-ups wait together.
    ///
    /// # Panics
    /// As `number`, and when a place is not in the text.
    pub(crate) fn number_all(&mut self, text: &str, places: &[(u32, u32)]) -> (Vec<u32>, Vec<usize>) {
        let name = |&(start, end): &(u32, u32)| &text[start as usize..end as usize];
        let hashes: Vec<u64> = places.iter().map(|place| self.hasher.hash_one(name(place))).collect();
        let found: Vec<Option<(u32, u32)>> = hashes.iter().map(|hash| self.numbers.get(hash).copied()).collect();
        let is_it = |(found, place): (&Option<(u32, u32)>, _)| found.is_some_and(|known| self.is(known, name(place)));
        let right: Vec<bool> = found.iter().zip(places).map(is_it).collect();
        let mut new = Vec::new();
        let numbers = places.iter().enumerate().map(|(at, place)| match found[at] {
            Some((number, _)) if right[at] => number,
            // New, or of the hash of another.
            _ => self.find_hashed(name(place), hashes[at]).unwrap_or_else(|| {
                new.push(at);
                self.add(name(place), hashes[at])
            }),
        });
        (numbers.collect(), new)
    }

    /// Finds the number of a name that was seen.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.find_hashed(name, self.hasher.hash_one(name))
    }

    fn find_hashed(&self, name: &str, hash: u64) -> Option<u32> {
        let &first = self.numbers.get(&hash)?;
        if self.is(first, name) {
            return Some(first.0);
        }
        self.more.iter().copied().find(|&number| self.name(number) == name)
    }

    /// Whether a known number and the beginning of its name are those of a name.
    fn is(&self, (number, start): (u32, u32), name: &str) -> bool {
        let rest = &self.bytes.as_bytes()[start as usize..];
        rest.starts_with(name.as_bytes())
            && rest.get(name.len()) == Some(&b'\n')
            && (!self.has_line_ends || self.name(number) == name)
    }

    /// Gives a number to a name that has none.
    fn add(&mut self, name: &str, hash: u64) -> u32 {
        let number = u32::try_from(self.ends.len()).expect("fewer than 2^32 names");
        let start = self.bytes.len() as u32;
        self.bytes.push_str(name);
        self.bytes.push('\n');
        self.has_line_ends |= name.contains('\n');
        self.ends.push(u32::try_from(self.bytes.len()).expect("at most 4 GiB of names") - 1);
        if self.numbers.entry(hash).or_insert((number, start)).0 != number {
            self.more.push(number);
        }
        number
    }

    /// Returns the names of some numbers, all different, which are numbered again in this order.
    ///
    /// # Panics
    /// When there is no such number.
    pub fn select(&self, numbers: &[u32]) -> Names {
        let mut names = Names { hasher: self.hasher.clone(), ..Names::default() };
        names.bytes.reserve(numbers.iter().map(|&number| self.name(number).len() + 1).sum());
        names.ends.reserve(numbers.len());
        names.numbers.reserve(numbers.len());
        for &number in numbers {
            let name = self.name(number);
            names.add(name, self.hasher.hash_one(name));
        }
        names
    }

    /// Returns the name of a number.
    ///
    /// # Panics
    /// When there is none.
    pub fn name(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize + 1 };
        &self.bytes[start..self.ends[number] as usize]
    }

    /// Returns how many names there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns whether there is no name.
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
    /// The rating as it was given, a finite number; `None` where the row has none. Nothing is learned from it: the feedback is implicit.
    pub rating: Option<f32>,
}

impl Event {
    /// Returns the numbers of user and item.
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

    /// Returns the seconds since 1970.
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
    fn some_names_are_numbered_anew() {
        let mut names = Names::default();
        ["b", "", "a\nc", "d"].iter().for_each(|name| {
            names.number(name);
        });
        let mut some = names.select(&[3, 2, 0]);
        assert_eq!([0, 1, 2].map(|number| some.name(number)), ["d", "a\nc", "b"]);
        assert_eq!((some.len(), some.find("a\nc"), some.find("a"), some.find("")), (3, Some(1), None, None));
        assert_eq!((some.number("b"), some.number("")), (2, 3));
    }

    #[test]
    fn names_with_one_hash_are_told_apart() {
        let mut names = Names::default();
        (0..100).for_each(|n| assert_eq!(names.number(&n.to_string()), n));
        // As if 7 had the hash of 0.
        let hash = names.hasher.hash_one("7");
        let zero = *names.numbers.get(&names.hasher.hash_one("0")).unwrap();
        names.numbers.insert(hash, zero);
        names.more.push(7);
        assert_eq!((names.find("7"), names.find("0")), (Some(7), Some(0)));
        assert_eq!(names.number_all("7 0", &[(0, 1), (2, 3)]), (vec![7, 0], vec![]));
    }

    #[test]
    fn many_names_are_numbered_as_one_by_one() {
        let text = "b,,a,b,ab,,a\nb,a,c,c";
        let mut places = Vec::new();
        let mut start = 0;
        for piece in text.split(',') {
            places.push((start, start + piece.len() as u32));
            start += piece.len() as u32 + 1;
        }
        let (mut one, mut all) = (Names::default(), Names::default());
        let want: Vec<u32> = text.split(',').map(|name| one.number(name)).collect();
        let (first, rest) = places.split_at(4);
        let (mut got, new) = all.number_all(text, first);
        assert_eq!(new, [0, 1, 2]);
        let (more, new) = all.number_all(text, rest);
        assert_eq!(new, [0, 2, 4]);
        got.extend(more);
        assert_eq!(got, want);
        let of = |names: &Names| (0..names.len() as u32).map(|n| names.name(n).to_owned()).collect::<Vec<_>>();
        assert_eq!((of(&all), of(&one)), (of(&one), ["b", "", "a", "ab", "a\nb", "c"].map(str::to_owned).to_vec()));
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
