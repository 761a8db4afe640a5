//! The latent world: topics, items and users, before anyone takes anything.
//!
//! A topic is a direction in [`TOPIC`] dimensions: `normalise(0.6 group + 0.8 own)`, so that topics of a group are
//! near one another. An item is `[topic + spread, private]`, both parts of length about 1. A user prefers one to
//! three topics and has a taste, a direction in the private dimensions.

use super::{TwinSpec, key::Part};
use rand::{Rng, RngExt, distr::Distribution};
use rand_distr::{LogNormal, StandardNormal};

/// Factors that say what an item is about.
pub(crate) const TOPIC: usize = 16;
/// Factors that tell items of a topic apart.
pub(crate) const PRIVATE: usize = 16;
/// All factors of an item.
pub(crate) const FACTORS: usize = TOPIC + PRIVATE;
/// Topics of one group.
const GROUP: usize = 6;
/// How far an item may be from its topic.
const SPREAD: f64 = 0.35;
/// σ of the log-normal popularity, chosen so that items of a Sports twin have degrees like those of the real data
/// (median 9, 99 % 117, most 1,042).
const POPULARITY: f64 = 1.6;

/// Planted truth.
pub(crate) struct World {
    /// Topic of each item.
    pub(crate) topic: Vec<u32>,
    /// Factors of each item: topic part, then private part.
    pub(crate) factors: Vec<[f64; FACTORS]>,
    /// Weight of each item in every draw.
    pub(crate) popularity: Vec<f64>,
    /// Preferred topics of each user, most preferred first.
    pub(crate) preferred: Vec<Vec<u32>>,
    /// Taste of each user, of length 1.
    pub(crate) taste: Vec<[f64; PRIVATE]>,
}

/// Shares of a user's draws that go to the first, second and third preferred topic.
pub(crate) const SHARES: [&[f64]; 3] = [&[1.0], &[0.7, 0.3], &[0.6, 0.25, 0.15]];

impl World {
    pub(crate) fn new(spec: &TwinSpec, seed: u64) -> Self {
        let rng = &mut Part::World.rng(seed, 0);
        let groups: Vec<[f64; TOPIC]> = (0..spec.topics.div_ceil(GROUP)).map(|_| direction(rng)).collect();
        let directions: Vec<[f64; TOPIC]> = (0..spec.topics)
            .map(|t| {
                let own: [f64; TOPIC] = direction(rng);
                unit(std::array::from_fn(|d| 0.6 * groups[t / GROUP][d] + 0.8 * own[d]))
            })
            .collect();
        // A few large topics, many small ones.
        let sizes = cumulative((0..spec.topics).map(|t| (t as f64 + 1.0).powf(-0.7)));
        // The first items make sure that no topic is empty.
        let topic: Vec<u32> =
            (0..spec.items).map(|i| if i < spec.topics { i } else { draw(&sizes, rng) } as u32).collect();
        let factors = topic.iter().map(|&t| item(&directions[t as usize], rng)).collect();
        let log_normal = LogNormal::new(0.0, POPULARITY).expect("a positive σ");
        let popularity = (0..spec.items).map(|_| log_normal.sample(rng)).collect();
        let preferred = (0..spec.users).map(|_| preferred(&sizes, rng)).collect();
        let taste = (0..spec.users).map(|_| direction(rng)).collect();
        World { topic, factors, popularity, preferred, taste }
    }

    /// Cosine of a user's taste and an item's private part, up to the item's length: in about `[-1, 1]`.
    pub(crate) fn affinity(&self, user: u32, item: u32) -> f64 {
        let private = &self.factors[item as usize][TOPIC..];
        self.taste[user as usize].iter().zip(private).map(|(t, p)| t * p).sum()
    }
}

fn item(topic: &[f64; TOPIC], rng: &mut impl Rng) -> [f64; FACTORS] {
    let spread: [f64; TOPIC] = direction(rng);
    let private: [f64; PRIVATE] = direction(rng);
    std::array::from_fn(|d| if d < TOPIC { topic[d] + SPREAD * spread[d] } else { private[d - TOPIC] })
}

/// One to three topics; the later ones come from the group of the first as often as not.
fn preferred(sizes: &[f64], rng: &mut impl Rng) -> Vec<u32> {
    let first = draw(sizes, rng);
    let mut topics = vec![first as u32];
    for _ in 0..rng.random_range(0..3u32) {
        let start = first / GROUP * GROUP;
        let near = start + rng.random_range(0..(sizes.len() - start).min(GROUP) as u32) as usize;
        let any = draw(sizes, rng);
        let topic = if rng.random_bool(0.5) { near } else { any } as u32;
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    topics
}

/// Uniform on the sphere.
fn direction<const N: usize>(rng: &mut impl Rng) -> [f64; N] {
    unit(std::array::from_fn(|_| rng.sample(StandardNormal)))
}

fn unit<const N: usize>(vector: [f64; N]) -> [f64; N] {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    vector.map(|x| x / length)
}

/// Running sums of weights, for [`draw`].
pub(crate) fn cumulative(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    weights
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}

/// An index with probability proportional to its weight.
pub(crate) fn draw(cumulative: &[f64], rng: &mut impl Rng) -> usize {
    let total = cumulative.last().expect("at least one weight");
    let at = rng.random::<f64>() * total;
    cumulative.partition_point(|&sum| sum <= at).min(cumulative.len() - 1)
}
