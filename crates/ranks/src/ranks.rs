//! The exchanges that a computation on several ranks makes.

use crate::{Alone, RanksError, Shares, Traffic, Transport};
use bytemuck::{cast_slice, cast_slice_mut};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Rows of a block, unless [`Ranks::with_block`] says otherwise.
const BLOCK: usize = 1024;

/// All ranks of a computation, as one of them sees them.
///
/// After a failed exchange, the later ones do nothing; [`check`](Self::check) returns the failure.
#[derive(Clone, Debug)]
pub struct Ranks {
    transport: Arc<dyn Transport>,
    failure: Arc<OnceLock<RanksError>>,
    block: usize,
}

impl Ranks {
    /// Joins the ranks of a transport; tables are dealt out in blocks of 1,024 rows.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Ranks { transport: Arc::new(transport), failure: Arc::default(), block: BLOCK }
    }

    /// Makes a group of one rank.
    ///
    /// ```
    /// let ranks = anchorrec_ranks::Ranks::alone();
    /// assert_eq!((ranks.rank(), ranks.size()), (0, 1));
    /// ```
    pub fn alone() -> Self {
        Self::new(Alone)
    }

    /// Deals out tables in blocks of so many rows. All ranks must choose the same.
    #[must_use]
    pub fn with_block(self, block: usize) -> Self {
        Ranks { block, ..self }
    }

    /// Returns which rank this is, from 0.
    pub fn rank(&self) -> usize {
        self.transport.rank()
    }

    /// Returns how many ranks there are.
    pub fn size(&self) -> usize {
        self.transport.size()
    }

    /// Returns the bytes that this rank has exchanged so far.
    pub fn traffic(&self) -> Traffic {
        self.transport.traffic()
    }

    /// Returns who owns which of `rows` rows.
    pub fn shares(&self, rows: usize) -> Shares {
        Shares::new(rows, self.block, self.size())
    }

    /// Returns the first failure of an exchange, if there was one: what was computed since means nothing.
    ///
    /// # Errors
    /// That failure.
    pub fn check(&self) -> Result<(), RanksError> {
        self.failure.get().map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Gathers a part from each rank, in the order of the ranks, into `whole`; `lengths` are those of the parts, in numbers.
    ///
    /// # Panics
    /// When the lengths are not those of this rank's part and of `whole`.
    pub fn gather(&self, own: &[f32], lengths: &[usize], whole: &mut [f32]) {
        assert_eq!(lengths.len(), self.size(), "gather: a length for each rank");
        let expected = (lengths[self.rank()], lengths.iter().sum());
        assert_eq!((own.len(), whole.len()), expected, "gather: numbers of this rank and of all, by their lengths");
        let bytes: Vec<usize> = lengths.iter().map(|&length| size_of::<f32>() * length).collect();
        self.run(|transport| transport.all_gather(cast_slice(own), &bytes, cast_slice_mut(whole)));
    }

    /// Takes sums over that the previous rank [handed on](Self::hand_on); the first rank keeps its own, the start of the chain.
    pub fn take_over(&self, sums: &mut [f32]) {
        if self.rank() > 0 {
            self.run(|transport| transport.receive_from_previous(cast_slice_mut(sums)));
        }
    }

    /// Hands sums on to the next rank, and returns with those of the last rank: every rank then has the whole sums.
    pub fn hand_on(&self, sums: &mut [f32]) {
        let last = self.size() - 1;
        self.run(|transport| {
            if self.rank() < last {
                transport.send_to_next(cast_slice(sums))?;
            }
            transport.broadcast(last, cast_slice_mut(sums))
        });
    }

    /// Compares what each rank was started with: names and values, those of rank 0 being right.
    ///
    /// # Errors
    /// When a rank has another value than rank 0, or an exchange fails; the same error on every rank.
    pub fn agree(&self, facts: &BTreeMap<String, String>) -> Result<(), RanksError> {
        // A name and its value side by side, each closed by a character that neither contains.
        const END: char = '\0';
        let text: String =
            facts.iter().flat_map(|(name, value)| [name, value]).fold(String::new(), |mut text, word| {
                text.extend(word.chars().filter(|&c| c != END));
                text.push(END);
                text
            });
        let texts = self.texts(&text)?;
        let parse = |text: &str| {
            let words: Vec<&str> = text.split_terminator(END).collect();
            words.chunks(2).map(|pair| (pair[0].to_owned(), pair[1..].concat())).collect::<BTreeMap<_, _>>()
        };
        let all: Vec<BTreeMap<String, String>> = texts.iter().map(|text| parse(text)).collect();
        let differs = |rank: usize| {
            let (first, other) = (&all[0], &all[rank]);
            let what = first.keys().chain(other.keys()).find(|&name| first.get(name) != other.get(name))?;
            let of = |facts: &BTreeMap<String, String>| facts.get(what).map_or("absent", String::as_str).to_owned();
            Some(RanksError::Differs { rank, what: what.clone(), expected: of(first), found: of(other) })
        };
        if let Some(difference) = (1..self.size()).find_map(differs) {
            let _ = self.failure.set(difference);
        }
        self.check()
    }

    /// The texts of all ranks.
    fn texts(&self, own: &str) -> Result<Vec<String>, RanksError> {
        let mut lengths = vec![0u64; self.size()];
        let eight = vec![size_of::<u64>(); self.size()];
        let length = (own.len() as u64).to_ne_bytes();
        self.run(|transport| transport.all_gather(&length, &eight, cast_slice_mut(&mut lengths)));
        self.check()?;
        let lengths: Vec<usize> = lengths.into_iter().map(|length| length as usize).collect();
        let mut whole = vec![0; lengths.iter().sum()];
        self.run(|transport| transport.all_gather(own.as_bytes(), &lengths, &mut whole));
        self.check()?;
        let mut rest = &whole[..];
        let texts = lengths.iter().map(|&length| {
            let (text, after) = rest.split_at(length);
            rest = after;
            String::from_utf8_lossy(text).into_owned()
        });
        Ok(texts.collect())
    }

    /// Makes an exchange, unless one has failed before.
    fn run(&self, exchange: impl FnOnce(&dyn Transport) -> Result<(), RanksError>) {
        if self.failure.get().is_some() {
            return;
        }
        if let Err(failure) = exchange(&*self.transport) {
            // Nobody else sets it between: a rank makes one exchange at a time.
            let _ = self.failure.set(failure);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Threads;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;
    use std::time::Duration;

    /// Longer than any test takes: whoever waited for it would say so.
    const LIMIT: Duration = Duration::from_secs(600);

    /// What each rank returns; nothing of one that panics.
    fn on_threads<T: Send>(size: usize, limit: Duration, rank: impl Fn(Ranks) -> T + Sync) -> Vec<Option<T>> {
        let rank = &rank;
        thread::scope(|scope| {
            let started: Vec<_> = Threads::group(size, limit)
                .into_iter()
                .map(|one| scope.spawn(move || catch_unwind(AssertUnwindSafe(|| rank(Ranks::new(one)))).ok()))
                .collect();
            started.into_iter().map(|rank| rank.join().unwrap()).collect()
        })
    }

    /// Gathers a number from each rank.
    fn gather_one(ranks: &Ranks) -> Result<Vec<f32>, RanksError> {
        let mut whole = vec![0.0; ranks.size()];
        ranks.gather(&[ranks.rank() as f32], &vec![1; ranks.size()], &mut whole);
        ranks.check().map(|()| whole)
    }

    fn facts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn parts_of_any_length_arrive_in_the_order_of_the_ranks() {
        for size in [1, 2, 3, 4, 7] {
            // Rank r has r numbers: none of rank 0.
            let lengths: Vec<usize> = (0..size).collect();
            let expected: Vec<f32> = (0..size).flat_map(|rank| vec![rank as f32; rank]).collect();
            let gathered = on_threads(size, LIMIT, |ranks| {
                let mut whole = vec![0.0; expected.len()];
                ranks.gather(&vec![ranks.rank() as f32; ranks.rank()], &lengths, &mut whole);
                ranks.check().unwrap();
                (whole, ranks.traffic())
            });
            for (rank, found) in gathered.into_iter().enumerate() {
                let (whole, traffic) = found.unwrap();
                assert_eq!(whole, expected, "rank {rank} of {size}");
                let expected =
                    Traffic { sent: (4 * rank * (size - 1)) as u64, received: (4 * (expected.len() - rank)) as u64 };
                assert_eq!(traffic, expected, "rank {rank} of {size}");
            }
        }
    }

    #[test]
    fn sums_are_one_chain_in_the_order_of_the_ranks() {
        // ((1e8 + 3) + 3) + 3 rounds three times: another order has other bits.
        let numbers = [1e8f32, 3.0, 3.0, 3.0];
        let chain = numbers.iter().fold(0.0, |sum, x| sum + x);
        assert_ne!(chain, numbers.iter().rev().fold(0.0, |sum, x| sum + x));
        let sums = on_threads(4, LIMIT, |ranks| {
            let mut sum = [0.0];
            ranks.take_over(&mut sum);
            sum[0] += numbers[ranks.rank()];
            ranks.hand_on(&mut sum);
            ranks.check().unwrap();
            sum[0]
        });
        assert_eq!(sums, [Some(chain); 4]);
    }

    #[test]
    fn a_panic_ends_all_others_with_the_rank_that_panicked() {
        for culprit in 0..3 {
            let ended = on_threads(3, LIMIT, |ranks| {
                gather_one(&ranks).unwrap();
                assert!(ranks.rank() != culprit, "a panic that this test wants");
                // Rank 2 waits for rank 0, which may have given up because of rank 1: the culprit is named all the same.
                let failure = gather_one(&ranks).unwrap_err();
                assert_eq!(gather_one(&ranks), Err(failure.clone()), "the first failure stays");
                failure
            });
            for (rank, failure) in ended.into_iter().enumerate() {
                assert_eq!(failure, (rank != culprit).then_some(RanksError::Ended { rank: culprit }));
            }
        }
    }

    #[test]
    fn a_silent_rank_is_named_after_the_time_out() {
        let limit = Duration::from_secs(1);
        let ended = on_threads(3, limit, |ranks| {
            if ranks.rank() == 1 {
                thread::sleep(limit * 4);
            }
            gather_one(&ranks)
        });
        assert_eq!(ended, vec![Some(Err(RanksError::Silent { rank: 1, limit })); 3]);
    }

    #[test]
    fn a_rank_that_makes_another_computation_is_named() {
        let ended = on_threads(2, LIMIT, |ranks| {
            // Rank 1 takes its part for three numbers.
            let lengths = if ranks.rank() == 0 { [1, 1] } else { [1, 3] };
            let own = vec![0.0; lengths[ranks.rank()]];
            ranks.gather(&own, &lengths, &mut vec![0.0; lengths.iter().sum()]);
            let first = ranks.check();
            let second = gather_one(&ranks).map(drop);
            (first, second)
        });
        let length = RanksError::Length { rank: 1, expected: 4, found: 12 };
        assert_eq!(ended[0], Some((Err(length.clone()), Err(length.clone()))));
        assert_eq!(ended[1].as_ref().unwrap().1, Err(length), "at its next exchange at the latest");
    }

    #[test]
    fn ranks_that_were_started_alike_agree() {
        for size in [1, 3] {
            let agreed = on_threads(size, LIMIT, |ranks| ranks.agree(&facts(&[("version", "1"), ("empty", "")])));
            assert_eq!(agreed, vec![Some(Ok(())); size]);
        }
    }

    #[test]
    fn the_rank_that_was_started_otherwise_is_named_on_all() {
        let differs = |found: &[(&str, &str)]| {
            let ended = on_threads(3, LIMIT, |ranks| {
                let all = [("arithmetic", "avx512"), ("version", "1.2")];
                let agreed = ranks.agree(&facts(if ranks.rank() == 2 { found } else { &all }));
                assert_eq!(ranks.check(), agreed, "nothing is exchanged any more");
                agreed.unwrap_err().to_string()
            });
            assert!(ended.iter().all(|message| *message == ended[0]), "{ended:?}");
            ended[0].clone().unwrap()
        };
        assert_eq!(
            differs(&[("arithmetic", "avx2"), ("version", "1.2")]),
            "rank 2 was started otherwise than rank 0: arithmetic is avx2 there, avx512 on rank 0; start all ranks alike"
        );
        // A name that one of them has not, whichever.
        assert!(differs(&[("version", "1.2")]).contains("arithmetic is absent there, avx512 on rank 0"));
        assert!(
            differs(&[("arithmetic", "avx512"), ("more", "x"), ("version", "1.2")])
                .contains("more is x there, absent on rank 0")
        );
    }
}
