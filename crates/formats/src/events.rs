//! Who took what, and when: rows of small numbers beside the names that they stand for.
//!
//! **Memory.** 24 bytes a row, and a name once: its bytes, 4 bytes for where it ends, and a slot of 32 bytes. A raw file of gigabytes
//! is read as a stream into this.

pub use crate::names::Names;
use crate::part::Part;
use std::num::NonZeroU64;

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
    fn a_row_is_small_and_times_keep_their_order() {
        assert_eq!(size_of::<Event>(), 24);
        let seconds = [i64::MIN + 1, -1, 0, 1, 1_400_000_000, i64::MAX];
        let times = seconds.map(|s| Time::new(s).unwrap());
        assert_eq!(times.map(Time::seconds), seconds);
        assert!(times.is_sorted());
        assert_eq!(Time::new(i64::MIN), None);
    }
}
