//! Names and the numbers that stand for them.
//!
//! **Cost.** Rows come in any order, so each look-up in a table of millions of names waits for memory, and would wait again to compare a name that lies
//! elsewhere. Slots of half a cache line hold names of up to 24 bytes themselves: a look-up is one access. Slots lie in the order of hashes, so that a
//! table of twice the size is filled from front to back.

use ahash::RandomState;
use std::sync::OnceLock;

/// Bytes of the longest name that a slot holds itself.
const INLINE: usize = 24;
/// The number of an empty slot: there are fewer than 2³² - 1 names.
const NONE: u32 = u32::MAX;

/// Names by number, in order of first appearance.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The names, one behind the other.
    bytes: String,
    /// Where each name ends.
    ends: Vec<u32>,
    /// Made when a name is looked up: who has all names in order needs none.
    table: OnceLock<Table>,
    hasher: RandomState,
}

/// Numbers by name.
#[derive(Clone, Debug)]
struct Table {
    /// As many as a power of two, at least a quarter of them empty. A name stands in the slot that its hash says or in the first empty one behind.
    slots: Vec<Slot>,
    used: usize,
}

/// A name and its number.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Slot {
    // The parts of a `Short`, which would be filled up to 32 bytes alone.
    head: [u64; 3],
    length: u32,
    number: u32,
}

impl Slot {
    fn name(&self) -> Short {
        Short { head: self.head, length: self.length }
    }
}

/// A name of up to [`INLINE`] bytes; of a longer one its hash and its first 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Short {
    head: [u64; 3],
    length: u32,
}

impl Short {
    fn new(name: &str, hash: u64) -> Self {
        let name = name.as_bytes();
        let mut bytes = [0; INLINE];
        let length = name.len().min(INLINE);
        bytes[..length].copy_from_slice(&name[..length]);
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[8 * at + byte]));
        let head = if name.len() <= INLINE { [word(0), word(1), word(2)] } else { [hash, word(0), word(1)] };
        Short { head, length: u32::try_from(name.len()).expect("at most 4 GiB of names") }
    }

    /// Whether two names that are equal in this are equal.
    fn is_whole(&self) -> bool {
        self.length as usize <= INLINE
    }

    /// The hash of the name.
    fn hash(&self, hasher: &RandomState) -> u64 {
        if !self.is_whole() {
            return self.head[0];
        }
        let bytes: [u8; INLINE] = std::array::from_fn(|at| self.head[at / 8].to_le_bytes()[at % 8]);
        hasher.hash_one(&bytes[..self.length as usize])
    }
}

impl Table {
    /// An empty table with room for so many names.
    fn new(names: usize) -> Self {
        let slots = (names * 4 / 3 + 2).next_power_of_two().max(16);
        Table { slots: vec![Slot { head: [0; 3], length: 0, number: NONE }; slots], used: 0 }
    }

    /// Where a name of this hash may stand first.
    fn first(&self, hash: u64) -> usize {
        (hash >> (u64::BITS - self.slots.len().trailing_zeros())) as usize
    }

    /// The number of a name, or the empty slot that it gets.
    fn find(&self, short: &Short, hash: u64, is_it: impl Fn(u32) -> bool) -> Result<u32, usize> {
        let mut at = self.first(hash);
        loop {
            let slot = &self.slots[at];
            if slot.number == NONE {
                return Err(at);
            }
            if slot.name() == *short && (short.is_whole() || is_it(slot.number)) {
                return Ok(slot.number);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Puts a name into the empty slot that [`find`](Self::find) gave.
    fn put(&mut self, at: usize, name: Short, number: u32) {
        self.slots[at] = Slot { head: name.head, length: name.length, number };
        self.used += 1;
    }

    fn is_full(&self) -> bool {
        4 * (self.used + 1) > 3 * self.slots.len()
    }

    /// A table of twice as many slots.
    fn grown(&self, hasher: &RandomState) -> Table {
        let mut table = Table::new(self.slots.len());
        for slot in self.slots.iter().filter(|slot| slot.number != NONE) {
            table.put_new(slot.name(), slot.name().hash(hasher), slot.number);
        }
        table
    }

    /// Puts a name in that is not there.
    fn put_new(&mut self, name: Short, hash: u64, number: u32) {
        let mut at = self.first(hash);
        while self.slots[at].number != NONE {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.put(at, name, number);
    }
}

impl Names {
    /// Returns the number of a name, a new one when the name was not seen before.
    ///
    /// # Panics
    /// With 2³² - 1 names, or 4 GiB of them.
    pub fn number(&mut self, name: &str) -> u32 {
        let hash = self.hash(name);
        self.number_hashed(name, Short::new(name, hash), hash).unwrap_or_else(|new| new)
    }

    /// The numbers of names, given by their places in a text, as [`number`](Self::number) gives them one by one. Which of them are new comes too.
    ///
    /// Look-ups wait for memory; no step of the loops here waits for the one before it, so that many look-ups wait together.
    ///
    /// # Panics
    /// As `number`, and when a place is not in the text.
    pub(crate) fn number_all(&mut self, text: &str, places: &[(u32, u32)]) -> (Vec<u32>, Vec<usize>) {
        let name = |&(start, end): &(u32, u32)| &text[start as usize..end as usize];
        let short = |place| {
            let hash = self.hash(name(place));
            (Short::new(name(place), hash), hash)
        };
        let shorts: Vec<(Short, u64)> = places.iter().map(short).collect();
        let table = self.table();
        let slots: Vec<Slot> = shorts.iter().map(|&(_, hash)| table.slots[table.first(hash)]).collect();
        let mut new = Vec::new();
        let one = |(at, (short, hash)): (usize, (Short, u64))| match slots[at] {
            slot if slot.number != NONE && slot.name() == short && short.is_whole() => slot.number,
            // New, long, or in a slot behind.
            _ => self.number_hashed(name(&places[at]), short, hash).unwrap_or_else(|number| {
                new.push(at);
                number
            }),
        };
        let numbers = shorts.into_iter().enumerate().map(one).collect();
        (numbers, new)
    }

    /// Finds the number of a name that was seen.
    pub fn find(&self, name: &str) -> Option<u32> {
        let hash = self.hash(name);
        self.table().find(&Short::new(name, hash), hash, |number| self.name(number) == name).ok()
    }

    /// The number of a name that was seen, or a new one.
    fn number_hashed(&mut self, name: &str, short: Short, hash: u64) -> Result<u32, u32> {
        let at = match self.table().find(&short, hash, |number| self.name(number) == name) {
            Ok(number) => return Ok(number),
            Err(at) => at,
        };
        let number =
            u32::try_from(self.ends.len()).ok().filter(|&number| number != NONE).expect("fewer than 2^32 - 1 names");
        self.bytes.push_str(name);
        self.ends.push(u32::try_from(self.bytes.len()).expect("at most 4 GiB of names"));
        let table = self.table.get_mut().expect("made above");
        table.put(at, short, number);
        if table.is_full() {
            *table = table.grown(&self.hasher);
        }
        Err(number)
    }

    /// The table of all names.
    fn table(&self) -> &Table {
        self.table.get_or_init(|| {
            let mut table = Table::new(self.ends.len());
            for number in 0..self.ends.len() as u32 {
                let hash = self.hash(self.name(number));
                table.put_new(Short::new(self.name(number), hash), hash, number);
            }
            table
        })
    }

    fn hash(&self, name: &str) -> u64 {
        self.hasher.hash_one(name.as_bytes())
    }

    /// Returns the names of some numbers, all different, which are numbered again in this order.
    ///
    /// # Panics
    /// When there is no such number.
    pub fn select(&self, numbers: &[u32]) -> Names {
        let mut names = Names { hasher: self.hasher.clone(), ..Names::default() };
        names.bytes.reserve(numbers.iter().map(|&number| self.name(number).len()).sum());
        names.ends.reserve(numbers.len());
        for &number in numbers {
            names.bytes.push_str(self.name(number));
            names.ends.push(names.bytes.len() as u32);
        }
        names
    }

    /// Returns the name of a number.
    ///
    /// # Panics
    /// When there is none.
    pub fn name(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_by_first_appearance() {
        let mut names = Names::default();
        assert_eq!(names.find(""), None);
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
    fn names_that_differ_in_little_are_told_apart() {
        // With zeros at the end, of the longest length in a slot and beyond, equal in their first bytes.
        let long = "0123456789".repeat(4);
        let names: Vec<String> = (0..=long.len())
            .map(|length| long[..length].to_owned())
            .chain(["0\0", "0\0\0", &format!("{}x", &long[..23]), &format!("{}x", &long[..39])].map(str::to_owned))
            .collect();
        let mut all = Names::default();
        assert!(names.iter().map(|name| all.number(name)).eq(0..names.len() as u32));
        assert!(names.iter().map(|name| all.find(name).unwrap()).eq(0..names.len() as u32));
        assert_eq!(all.find(&format!("{}y", &long[..39])), None);
    }

    #[test]
    fn names_with_one_hash_are_told_apart() {
        let (one, other) = ("a name that is longer than a slot", "a name that is longer than a plot");
        let mut names = Names::default();
        // As if both had the hash 7, and all three began at the last slot.
        for (name, hash) in [(one, 7), (other, 7), ("x", u64::MAX), ("y", u64::MAX), ("z", u64::MAX)] {
            assert!(names.number_hashed(name, Short::new(name, hash), hash).is_err(), "{name}");
        }
        for (number, (name, hash)) in
            [(one, 7), (other, 7), ("x", u64::MAX), ("y", u64::MAX), ("z", u64::MAX)].iter().enumerate()
        {
            assert_eq!(names.number_hashed(name, Short::new(name, *hash), *hash), Ok(number as u32), "{name}");
        }
    }

    #[test]
    fn many_names_are_numbered_as_one_by_one() {
        let few: Vec<String> = "b,,a,b,ab,,a\nb,a,c,c".split(',').map(str::to_owned).collect();
        // So many that the table grows, with some too long for a slot.
        let many: Vec<String> =
            (0..5000u32).map(|n| format!("{}{}", "long".repeat(n as usize % 9), n * n % 1999)).collect();
        for pieces in [few, many] {
            let (mut text, mut places) = (String::new(), Vec::new());
            for piece in &pieces {
                let start = text.len() as u32;
                text.push_str(piece);
                places.push((start, text.len() as u32));
            }
            let mut one = Names::default();
            let mut want = Vec::new();
            let mut first = Vec::new();
            for (at, piece) in pieces.iter().enumerate() {
                if one.find(piece).is_none() {
                    first.push(at);
                }
                want.push(one.number(piece));
            }
            let mut all = Names::default();
            let (begin, rest) = places.split_at(4);
            let (mut got, mut new) = all.number_all(&text, begin);
            let (more, later) = all.number_all(&text, rest);
            got.extend(more);
            new.extend(later.into_iter().map(|at| at + 4));
            assert_eq!((got, new), (want, first));
            let of = |names: &Names| (0..names.len() as u32).map(|n| names.name(n).to_owned()).collect::<Vec<_>>();
            assert_eq!(of(&all), of(&one));
        }
    }

    #[test]
    fn a_slot_is_half_a_cache_line() {
        assert_eq!((size_of::<Slot>(), align_of::<Slot>()), (32, 32));
    }
}
