//! A search for settings by validation alone: declared ranges, seeded points, random search or successive halving.
//!
//! `N` points are drawn from the grid of a model's ranges, without repeats; the defaults are the first of them. All are trained with one
//! seed, and the best is the one with the highest validation Recall@20; test is never looked at. [`Strategy`] says how long each is trained:
//! halving (Jamieson and Talwalkar, AISTATS 2016, with η = 3) costs a quarter of a random search of nine points, but prefers what learns
//! fast: a graph model of few layers leads early and loses in the end, so it has to be searched at random, or by the third strategy: halving that ends
//! no trial which still rises faster than the leader. With `r(e)` the best Recall@20 of the first `e` epochs, a trial has risen by `r(E) - r(E - ⌈E/3⌉)` at
//! a rung of `E` epochs, and by nothing if its run ended before. A rung continues from the checkpoint of the one before: no epoch is trained twice.

use anchorrec_data::keyed_rng::{Purpose, keyed_rng};
use anchorrec_recommender::Range;
use anchorrec_records::report::{EpochRecord, Metrics, SELECTION_K, selection_metric};
use rand::seq::index::sample;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// Settings to try, as `path=value`.
pub type Point = Vec<String>;

/// A setting and the values that a search tries, the default first: of a model's card, or named for one search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRange {
    /// The setting's path.
    pub path: String,
    /// The values as one writes them.
    pub values: Vec<String>,
}

impl From<&Range> for SearchRange {
    fn from(range: &Range) -> Self {
        let values = range.values.iter().map(|&value| value.to_owned()).collect();
        SearchRange { path: range.path.to_owned(), values }
    }
}

impl FromStr for SearchRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let split = text.split_once('=').map(|(path, values)| (path.trim(), values.split(',').map(str::trim)));
        let Some((path, values)) = split.filter(|(path, _)| !path.is_empty()) else {
            return Err("expected a setting and its values, such as train.learning_rate=0.001,0.0005".to_owned());
        };
        let values: Vec<String> = values.map(str::to_owned).collect();
        let mut distinct: Vec<&String> = values.iter().collect();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < values.len() || values.iter().any(String::is_empty) {
            return Err(format!("expected one or more values of {path}, each once"));
        }
        Ok(SearchRange { path: path.to_owned(), values })
    }
}

impl Display for SearchRange {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        write!(f, "{}={}", self.path, self.values.join(","))
    }
}

/// Returns the first `count` points of the seeded order of the grid, fewer where the grid is smaller.
pub fn points(ranges: &[SearchRange], count: usize, seed: u64) -> Vec<Point> {
    let size: usize = ranges.iter().map(|range| range.values.len()).product();
    let order = sample(&mut keyed_rng(seed, Purpose::Search, 0, 0), size, size);
    // Index 0 is the first value of every range.
    let defaults_first = std::iter::once(0).chain(order.into_iter().filter(|&index| index != 0));
    defaults_first.take(count).map(|index| point(ranges, index)).collect()
}

/// The point at an index: its digits, the last range's the fastest, are places in the ranges.
fn point(ranges: &[SearchRange], mut index: usize) -> Point {
    let mut point: Point = Vec::new();
    for SearchRange { path, values } in ranges.iter().rev() {
        point.push(format!("{path}={}", values[index % values.len()]));
        index /= values.len();
    }
    point.reverse();
    point
}

/// How long points are trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// All to the end (Bergstra and Bengio, JMLR 2012).
    Random,
    /// All for a ninth of the epochs, the best third of them for a third, the best third of those to the end.
    Halving,
    /// As halving, but whatever still rises faster than the leader continues too.
    Rising,
}

/// Returns the epochs after which trials are compared; the last is `epochs`.
pub fn rungs(strategy: Strategy, epochs: usize) -> Vec<usize> {
    let parts: &[usize] = match strategy {
        Strategy::Random => &[1],
        Strategy::Halving | Strategy::Rising => &[9, 3, 1],
    };
    let mut rungs: Vec<usize> = parts.iter().map(|part| (epochs / part).max(1)).collect();
    rungs.dedup();
    rungs
}

/// Returns how many of so many trials continue.
pub fn survivors(trials: usize) -> usize {
    trials.div_ceil(3)
}

/// The trace of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// What is searched, and on what.
    pub about: About,
    /// Every trial, in the order of the points.
    pub trials: Vec<Trial>,
    /// The place of the best of those that were trained to the end; nothing while the search continues.
    pub best: Option<usize>,
}

/// The identity of a search: two searches with equal fields are the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Version of this software.
    pub version: String,
    /// The [revision of its numerics](crate::numerics); empty in searches from before there was one.
    #[serde(default)]
    pub numerics: String,
    /// The [arithmetic](anchorrec_kernels::arithmetic) of all trials; empty in searches from before it was kept.
    #[serde(default)]
    pub arithmetic: String,
    /// The data set.
    pub dataset: String,
    /// SHA-256 of its interactions and features, in the order of file names.
    pub inputs: Vec<String>,
    /// The name of the model.
    pub model: String,
    /// Settings that every trial has, as `path=value`.
    pub fixed: Vec<String>,
    /// Points that were asked for.
    pub budget: usize,
    /// Seed of the order of the points.
    pub seed: u64,
    /// Seed that every trial is trained with.
    pub train_seed: u64,
    /// The epochs after which trials were compared; one of them where all were trained to the end.
    pub rungs: Vec<usize>,
    /// Ranges beside the model's own, as `path=value,value`. Absent where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<String>,
    /// Whether trials that rise faster than the leader continue. Absent where they do not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_rising: bool,
}

/// One trial: a point of the search and its results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The trial's settings.
    pub settings: Point,
    /// What it reached at each rung that it was trained to.
    pub reached: Vec<Reached>,
    /// What went wrong, where its numbers did: it ranks last and is not trained again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged: Option<String>,
}

/// The best of a trial up to a rung.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    /// Epochs of the rung.
    pub epochs: usize,
    /// The epoch with the highest validation Recall@20.
    pub best_epoch: usize,
    /// The Recall@20 of that epoch.
    pub recall: f64,
    /// Validation NDCG@20 of the same epoch.
    pub ndcg: f64,
    /// What the Recall@20 has gained in the last third of the epochs; 0 where the run ended before the rung. Absent in earlier versions.
    #[serde(default)]
    pub risen: f64,
}

impl Reached {
    /// Finds the best of the first `epochs` epochs of a curve, the earliest on a tie; nothing where none of them was judged.
    pub fn of(curve: &[EpochRecord], epochs: usize) -> Option<Self> {
        let judged = curve.iter().take_while(|record| record.epoch <= epochs);
        let judged = judged.filter_map(|record| Some((record.epoch, record.valid.as_ref()?)));
        let of = |metrics: &Metrics, name: &str| metrics.get(name).copied().unwrap_or(0.0);
        let reached = judged.map(|(best_epoch, valid)| Reached {
            epochs,
            best_epoch,
            recall: of(valid, &selection_metric()),
            ndcg: of(valid, &format!("ndcg@{SELECTION_K}")),
            risen: 0.0,
        });
        let best = |reached: &mut dyn Iterator<Item = Reached>| {
            reached.reduce(|best, other| if other.recall > best.recall { other } else { best })
        };
        let all: Vec<Reached> = reached.collect();
        let found = best(&mut all.iter().copied())?;
        let before = best(&mut all.iter().copied().filter(|other| other.best_epoch <= epochs - epochs.div_ceil(3)));
        let goes_on = curve.last().is_some_and(|last| last.epoch >= epochs);
        let risen = if goes_on { found.recall - before.map_or(0.0, |before| before.recall) } else { 0.0 };
        Some(Reached { risen, ..found })
    }
}

impl Search {
    /// Makes a search of ranges that has not begun.
    pub fn new(about: About, ranges: &[SearchRange]) -> Self {
        let points = points(ranges, about.budget, about.seed);
        let trials = points.into_iter().map(|settings| Trial { settings, reached: Vec::new(), diverged: None });
        Search { about, trials: trials.collect(), best: None }
    }

    /// Returns the trials that are trained to rung `rung`, in order; those of the first are all. One that diverged continues no further, also where
    /// too few are left then.
    ///
    /// # Panics
    /// When the rung before is not complete.
    pub fn alive(&self, rung: usize) -> Vec<usize> {
        let Some(before) = rung.checked_sub(1) else { return (0..self.trials.len()).collect() };
        let mut ranked = self.alive(before);
        let finished = |&trial: &usize| self.is_over(trial, before);
        assert!(ranked.iter().all(finished), "rung {before} is complete");
        ranked.sort_by(|&a, &b| self.rank(before, a, b));
        let going_on = self.going_on(before, ranked.len());
        let least = ranked.first().and_then(|&leader| self.risen(leader, before));
        let goes_on = |(place, &trial): (usize, &usize)| {
            let stays = place < going_on || self.risen(trial, before) > least;
            (stays && self.recall(trial, before).is_some()).then_some(trial)
        };
        let mut alive: Vec<usize> = ranked.iter().enumerate().filter_map(goes_on).collect();
        alive.sort_unstable();
        alive
    }

    /// Returns the trials of rung `rung` that will not continue, or not be the best, whatever those reach that are still to come.
    pub fn beaten(&self, rung: usize) -> Vec<usize> {
        let alive = self.alive(rung);
        let going_on = self.going_on(rung, alive.len());
        let complete = alive.iter().all(|&trial| self.is_over(trial, rung));
        let over: Vec<usize> = alive.into_iter().filter(|&trial| self.is_over(trial, rung)).collect();
        let before = |trial: usize| over.iter().filter(|&&other| self.rank(rung, other, trial).is_lt()).count();
        // Until the rung is complete, nobody knows how fast the leader rises.
        let least = match over.iter().copied().min_by(|&a, &b| self.rank(rung, a, b)) {
            Some(leader) if complete => self.risen(leader, rung),
            _ => Some(0.0),
        };
        let rises = |trial: usize| self.risen(trial, rung) > least;
        let lost = |&trial: &usize| self.recall(trial, rung).is_none() || (before(trial) >= going_on && !rises(trial));
        over.iter().copied().filter(lost).collect()
    }

    /// Returns whether a trial of rung `rung` has been trained to it, or has diverged.
    pub fn is_over(&self, trial: usize, rung: usize) -> bool {
        self.trials[trial].diverged.is_some() || self.recall(trial, rung).is_some()
    }

    /// How many of a rung's trials continue; of the last rung, the best.
    fn going_on(&self, rung: usize, trials: usize) -> usize {
        if rung + 1 == self.about.rungs.len() { 1 } else { survivors(trials) }
    }

    /// What a trial reached at a rung; nothing where it diverged before.
    fn recall(&self, trial: usize, rung: usize) -> Option<f64> {
        self.trials[trial].reached.get(rung).map(|reached| reached.recall)
    }

    /// What a trial has risen by at a rung, where that lets it continue: not at the last rung.
    fn risen(&self, trial: usize, rung: usize) -> Option<f64> {
        let asked = self.about.keeps_rising && rung + 1 < self.about.rungs.len();
        self.trials[trial].reached.get(rung).filter(|_| asked).map(|reached| reached.risen)
    }

    /// The better trial first, one that diverged last; a tie goes to the earlier point.
    fn rank(&self, rung: usize, a: usize, b: usize) -> Ordering {
        let recall = |trial| self.recall(trial, rung).unwrap_or(f64::NEG_INFINITY);
        recall(b).total_cmp(&recall(a)).then(a.cmp(&b))
    }

    /// Sets [`best`](Self::best), once the last rung is complete. There is none where all trials diverged.
    ///
    /// # Panics
    /// When it is not.
    pub fn finish(&mut self) {
        self.best = self.alive(self.about.rungs.len()).first().copied();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConfigLayers, RunConfig};
    use anchorrec_models::MODELS;
    use std::collections::BTreeSet;

    #[test]
    fn every_range_starts_with_the_default_and_holds_settings() {
        for model in MODELS.iter() {
            let mut defaults = ConfigLayers::new(MODELS);
            for Range { path, values } in model.card().ranges {
                for value in *values {
                    let mut layers = ConfigLayers::new(MODELS);
                    layers.set(&format!("{path}={value}")).unwrap_or_else(|error| panic!("{path}={value}: {error}"));
                    layers.finish().unwrap().check().unwrap();
                }
                assert_eq!(values.iter().collect::<BTreeSet<_>>().len(), values.len(), "{path}: values");
                defaults.set(&format!("{path}={}", values[0])).unwrap();
            }
            assert_eq!(defaults.finish().unwrap(), RunConfig::defaults(MODELS), "{model}: defaults");
        }
    }

    const RANGES: &[Range] = &[Range::new("a", &["1", "2", "3"]), Range::new("b", &["x", "y", "z"])];

    fn about(budget: usize, rungs: Vec<usize>) -> About {
        About {
            version: String::new(),
            numerics: String::new(),
            arithmetic: String::new(),
            dataset: String::new(),
            inputs: Vec::new(),
            model: String::new(),
            fixed: Vec::new(),
            budget,
            seed: 0,
            train_seed: 0,
            rungs,
            ranges: Vec::new(),
            keeps_rising: false,
        }
    }

    fn ranges() -> Vec<SearchRange> {
        RANGES.iter().map(SearchRange::from).collect()
    }

    #[test]
    fn points_are_distinct_and_the_defaults_come_first() {
        let ranges: Vec<SearchRange> = ["a=1,2", "b=x, y,z"].iter().map(|text| text.parse().unwrap()).collect();
        let all = points(&ranges, 100, 7);
        assert_eq!(all.len(), 2 * 3);
        assert_eq!(all[0], ["a=1", "b=x"]);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 6);
        assert_eq!(points(&ranges, 3, 7), all[..3]);
        assert_ne!(points(&ranges, 100, 8), all);
    }

    #[test]
    fn what_was_reached_does_not_look_beyond_the_rung() {
        let record = |epoch, recall: Option<f64>| EpochRecord {
            epoch,
            learning_rate: 0.0,
            loss: 0.0,
            terms: Default::default(),
            valid: recall.map(|recall| Metrics::from([("recall@20".to_owned(), recall)])),
            test: None,
            seconds: 0.0,
        };
        let curve = [record(1, None), record(2, Some(0.3)), record(3, Some(0.3)), record(4, Some(0.9))];
        let reached = |epochs| Reached::of(&curve, epochs).map(|reached| (reached.best_epoch, reached.recall));
        assert_eq!((reached(1), reached(3), reached(9)), (None, Some((2, 0.3)), Some((4, 0.9))));
    }

    #[test]
    fn at_random_every_point_is_trained_to_the_end_and_the_best_wins() {
        assert_eq!(rungs(Strategy::Random, 90), [90]);
        let mut search = Search::new(about(3, rungs(Strategy::Random, 90)), &ranges());
        assert_eq!(search.alive(0), [0, 1, 2]);
        for (trial, recall) in search.trials.iter_mut().zip([0.1, 0.3, 0.2]) {
            trial.reached.push(Reached { epochs: 90, best_epoch: 60, recall, ndcg: 0.0, risen: 0.0 });
        }
        search.finish();
        assert_eq!(search.best, Some(1));
    }

    #[test]
    fn a_third_goes_on_and_the_best_is_the_best_of_the_last_rung() {
        assert_eq!((rungs(Strategy::Halving, 90), rungs(Strategy::Halving, 2)), (vec![10, 30, 90], vec![1, 2]));
        let mut search = Search::new(about(6, vec![1, 3, 9]), &ranges());
        let reached = |epochs, recall| Reached { epochs, best_epoch: epochs, recall, ndcg: 0.0, risen: 0.0 };
        for (trial, recall) in search.trials.iter_mut().zip([0.1, 0.5, 0.3, 0.5, 0.2, 0.0]) {
            trial.reached.push(reached(1, recall));
        }
        assert_eq!(search.alive(1), [1, 3]);
        search.trials[1].reached.push(reached(3, 0.6));
        search.trials[3].reached.push(reached(3, 0.7));
        assert_eq!(search.alive(2), [3]);
        search.trials[3].reached.push(reached(9, 0.8));
        search.finish();
        assert_eq!(search.best, Some(3));
    }

    #[test]
    fn what_rises_faster_than_the_leader_is_not_ended() {
        assert_eq!(rungs(Strategy::Rising, 90), rungs(Strategy::Halving, 90));
        let mut search = Search::new(About { keeps_rising: true, ..about(6, vec![9, 27, 81]) }, &ranges());
        let reached = |epochs, recall, risen| Reached { epochs, best_epoch: epochs, recall, ndcg: 0.0, risen };
        let first = [(0.1, 0.02), (0.5, 0.01), (0.3, 0.01), (0.5, 0.0), (0.2, 0.03), (0.0, 0.0)];
        for (place, (trial, (recall, risen))) in search.trials.iter_mut().zip(first).enumerate() {
            if place < 5 {
                trial.reached.push(reached(9, recall, risen));
            }
        }
        assert_eq!(search.beaten(0), [0; 0], "the leader may rise by nothing: only the last trial tells");
        search.trials[5].reached.push(reached(9, 0.0, 0.0));
        // Two of six by rank, and two that rise by more than 0.01; the third rises only as fast as the leader.
        assert_eq!((search.alive(1), search.beaten(0)), (vec![0, 1, 3, 4], vec![2, 5]));
        for (trial, recall) in [(0, 0.4), (1, 0.6), (3, 0.5), (4, 0.55)] {
            search.trials[trial].reached.push(reached(27, recall, 0.0));
        }
        assert_eq!(search.alive(2), [1, 4], "two of four; nothing rises faster than nothing");
        for (trial, recall) in [(1, 0.61), (4, 0.7)] {
            search.trials[trial].reached.push(reached(81, recall, 1.0 - recall));
        }
        search.finish();
        assert_eq!((search.best, search.alive(3)), (Some(4), vec![4]), "the last rung has one winner, whoever rises");
        let mut plain = search.clone();
        plain.about.keeps_rising = false;
        assert_eq!((plain.alive(1), plain.beaten(0)), (vec![1, 3], vec![0, 2, 4, 5]));
    }

    #[test]
    fn a_run_that_has_ended_rises_no_more() {
        let record = |epoch, recall| EpochRecord {
            epoch,
            valid: Some(Metrics::from([("recall@20".to_owned(), recall)])),
            ..EpochRecord::default()
        };
        // Of nine epochs the last third is 7, 8, 9: what was reached up to 6 is 0.5.
        let curve: Vec<_> = [0.25, 0.125, 0.5, 0.25, 0.25, 0.25, 0.625, 0.75, 0.25, 0.875]
            .into_iter()
            .zip(1..)
            .map(|(r, e)| record(e, r))
            .collect();
        let risen = |curve: &[EpochRecord], epochs| Reached::of(curve, epochs).unwrap().risen;
        assert_eq!((risen(&curve, 9), risen(&curve, 6), risen(&curve, 2)), (0.25, 0.0, 0.0));
        assert_eq!(risen(&curve[..8], 9), 0.0, "ended at 8, on its rise");
        assert_eq!(risen(&curve, 1), 0.25, "nothing was reached before");
    }

    #[test]
    fn a_range_is_read_as_it_is_written_and_faults_are_told() {
        let range: SearchRange = "train.learning_rate=0.001,0.0005".parse().unwrap();
        assert_eq!(range.to_string(), "train.learning_rate=0.001,0.0005");
        for wrong in ["", "a", "=1", "a=", "a=1,,2", "a=1,1"] {
            assert!(wrong.parse::<SearchRange>().unwrap_err().contains("expected"), "{wrong}");
        }
    }

    #[test]
    fn a_trial_that_diverged_ranks_last_and_goes_on_no_further() {
        let mut search = Search::new(about(6, vec![1, 3, 9]), &ranges());
        let reached = |epochs, recall| Reached { epochs, best_epoch: epochs, recall, ndcg: 0.0, risen: 0.0 };
        for (trial, recall) in search.trials.iter_mut().zip([Some(0.0), None, Some(0.3), None, None, None]) {
            trial.reached.extend(recall.map(|recall| reached(1, recall)));
            trial.diverged = recall.is_none().then(|| "epoch 1, batch 1: loss term `bpr` is NaN".to_owned());
        }
        assert_eq!(search.alive(1), [0, 2], "two of six, also at a recall of 0");
        search.trials[2].diverged = Some("later".to_owned());
        search.trials[0].reached.push(reached(3, 0.1));
        assert_eq!((search.alive(1), search.alive(2)), (vec![0, 2], vec![0]));
        search.trials[0].diverged = Some("at last".to_owned());
        assert_eq!(search.alive(3), [0; 0]);
        search.finish();
        assert_eq!(search.best, None);
        let kept: Search = serde_json::from_str(&serde_json::to_string(&search).unwrap()).unwrap();
        assert_eq!(kept, search);
    }

    #[test]
    fn who_is_beaten_is_known_before_the_rung_is_complete() {
        let mut search = Search::new(about(6, vec![1, 3]), &ranges());
        let reached = |epochs, recall| Reached { epochs, best_epoch: epochs, recall, ndcg: 0.0, risen: 0.0 };
        search.trials[0].reached.push(reached(1, 0.2));
        search.trials[4].reached.push(reached(1, 0.2));
        assert_eq!(search.beaten(0), [0; 0], "two of six go on");
        search.trials[5].reached.push(reached(1, 0.1));
        search.trials[1].diverged = Some(String::new());
        assert_eq!(search.beaten(0), [1, 5]);
        search.trials[3].reached.push(reached(1, 0.2));
        assert_eq!(search.beaten(0), [1, 4, 5], "a tie goes to the earlier points");
        search.trials[2].reached.push(reached(1, 0.0));
        search.trials[3].reached.push(reached(3, 0.4));
        search.trials[0].reached.push(reached(3, 0.5));
        assert_eq!((search.beaten(1), search.alive(2)), (vec![3], vec![0]), "of the last rung the best is left");
    }
}
