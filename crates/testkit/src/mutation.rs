//! Files that are nearly right: good ones, damaged by a seeded generator. The same seed and corpus give the same files everywhere.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Bytes that mean something to one of the parsers, or that none of them expects.
const TELLING: &[u8] = b"\0\t\n\r 0129-+.eE'\"(){}[]:,=#_\\\x1b\x7f\x80\xc3\xff\xfe";
/// Numbers that make `a + b`, `a * b` or a conversion go wrong, as they are written.
const HUGE: &[&str] = &[
    "0",
    "-1",
    "255",
    "65536",
    "2147483648",
    "4294967295",
    "4294967296",
    "1099511627776",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e999",
    "99999999999999999999999999999999999999999999999999",
];
/// Lengths and counts that files promise, also impossible ones, as eight bytes.
const LENGTHS: &[u64] =
    &[0, 1, 8, 0xff, 0xffff, 1 << 20, 1 << 31, 1 << 32, 1 << 40, 1 << 62, i64::MAX as u64, u64::MAX - 7, u64::MAX];
/// No file grows beyond this by being doubled: the time of a test is better spent on many small ones.
const LARGEST: usize = 1 << 14;

/// An endless source of damaged files.
#[derive(Clone, Debug)]
pub struct Mutator {
    corpus: Vec<Vec<u8>>,
    rng: ChaCha8Rng,
}

impl Mutator {
    /// Makes a mutator that damages the files of `corpus`.
    pub fn new<T: Into<Vec<u8>>>(seed: u64, corpus: impl IntoIterator<Item = T>) -> Self {
        let corpus: Vec<Vec<u8>> = corpus.into_iter().map(Into::into).collect();
        assert!(!corpus.is_empty(), "nothing to damage");
        Mutator { corpus, rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// A number below `bound`; 0 when there is none.
    fn below(&mut self, bound: usize) -> usize {
        self.rng.random_range(0..bound.max(1) as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// Makes the next file: one of the corpus with one to four edits.
    pub fn damaged(&mut self) -> Vec<u8> {
        let which = self.below(self.corpus.len());
        let mut bytes = self.corpus[which].clone();
        // Mostly few: a file with one mistake gets further than one with many.
        for _ in 0..1 + self.below(4).min(self.below(4)) {
            self.edit(&mut bytes);
        }
        bytes
    }

    fn edit(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        let byte = if self.rng.random_bool(0.5) { self.one_of(TELLING) } else { self.rng.random() };
        match self.below(10) {
            _ if bytes.is_empty() => bytes.push(byte),
            0 => bytes[at] = byte,
            1 => bytes[at] ^= 1 << self.below(8),
            2 => drop(bytes.remove(at)),
            3 => bytes.insert(at, byte),
            4 => self.repeat(bytes, at),
            5 => bytes.truncate(at),
            6 => self.remove_some(bytes, at),
            7 => self.splice(bytes, at),
            8 => self.inflate(bytes, at),
            _ => self.overwrite_a_length(bytes, at),
        }
    }

    /// A stretch, once more or many times: long lines, deep nesting, names that come twice.
    fn repeat(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let length = 1 + self.below((bytes.len() - at).min(64));
        let times = if self.rng.random_bool(0.1) { 200 } else { 1 };
        let stretch = bytes[at..at + length].repeat(times);
        if bytes.len() + stretch.len() <= LARGEST {
            bytes.splice(at..at, stretch);
        }
    }

    fn remove_some(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let length = 1 + self.below((bytes.len() - at).min(64));
        bytes.drain(at..at + length);
    }

    /// The head of this file and the tail of another.
    fn splice(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let which = self.below(self.corpus.len());
        let from = self.below(self.corpus[which].len());
        bytes.truncate(at);
        bytes.extend_from_slice(&self.corpus[which][from..]);
    }

    /// The next number in the text becomes one that nobody expects.
    fn inflate(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|found| at + found) else { return };
        let digits = bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count();
        let huge = self.one_of(HUGE);
        bytes.splice(start..start + digits, huge.bytes());
    }

    /// Eight bytes become a length; often the first eight, where formats keep theirs.
    fn overwrite_a_length(&mut self, bytes: &mut [u8], at: usize) {
        let at = if self.rng.random_bool(0.3) { 0 } else { at };
        let length = self.one_of(LENGTHS).to_le_bytes();
        for (to, from) in bytes[at..].iter_mut().zip(length) {
            *to = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_which_files_come() {
        let files = |seed| {
            let mut mutator = Mutator::new(seed, ["one 12 file", "another"]);
            (0..500).map(|_| mutator.damaged()).collect::<Vec<_>>()
        };
        assert_eq!(files(1), files(1));
        assert_ne!(files(1), files(2));
        let distinct: std::collections::BTreeSet<_> = files(1).into_iter().collect();
        assert!(distinct.len() > 400, "{} of 500 differ", distinct.len());
    }

    #[test]
    fn every_kind_of_damage_happens() {
        let good = b"count 12 of bytes, and then some more".to_vec();
        let mut mutator = Mutator::new(3, [good.clone(), b"ANOTHER".to_vec()]);
        let files: Vec<Vec<u8>> = (0..4000).map(|_| mutator.damaged()).collect();
        let some = |what: &str, test: &dyn Fn(&[u8]) -> bool| assert!(files.iter().any(|f| test(f)), "{what}");
        let holds = |file: &[u8], part: &[u8]| file.windows(part.len()).any(|window| window == part);
        some("empty", &|f| f.is_empty());
        some("truncated", &|f| f.len() == 10 && good.starts_with(f));
        some("longer by hundreds", &|f| f.len() > 500);
        some("inflated", &|f| holds(f, b"count 18446744073709551616 of"));
        some("spliced", &|f| f.starts_with(b"count 12") && f.ends_with(b"THER"));
        some("a length of terabytes", &|f| f.starts_with(&(1u64 << 40).to_le_bytes()));
        assert!(files.iter().all(|f| f.len() <= 4 * LARGEST));
    }
}
