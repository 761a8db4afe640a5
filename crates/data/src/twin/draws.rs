//! Who takes what in the latent world.
//!
//! Degrees of users are `5 + ` a log-normal share of the rest: the least of a 5-core, and a heavy tail. Every item
//! first gets a few users who prefer its topic; then every user fills up by drawing a topic and an item of it,
//! with probability proportional to popularity · exp(strength · affinity), never the same item twice.

use super::{
    TwinSpec,
    key::Part,
    world::{SHARES, World, cumulative, draw},
};
use crate::Pair;
use rand::{Rng, RngExt, distr::Distribution};
use rand_chacha::ChaCha8Rng;
use rand_distr::LogNormal;

/// Pairs of the least active user, as in a 5-core.
const LEAST: usize = 5;
/// σ of the log-normal activity, chosen as for items (real Sports: median 6, 99 % 32, most 296).
const ACTIVITY: f64 = 1.15;
/// Rejected draws after which a rule is loosened: a topic may be nearly used up.
const PATIENCE: usize = 200;

/// All pairs, users ascending, `spec.interactions` of them.
pub(crate) fn pairs(spec: &TwinSpec, world: &World, seed: u64) -> Vec<Pair> {
    let degrees = degrees(spec, &mut Part::Degrees.rng(seed, 0));
    let mut takes = Takes::new(spec, world, degrees, Part::Draws.rng(seed, 0));
    takes.serve_every_item();
    takes.fill_every_user();
    let lists = takes.items.into_iter().enumerate();
    lists.flat_map(|(user, items)| items.into_iter().map(move |item| Pair { user: user as u32, item })).collect()
}

/// Pairs per user; their sum is `spec.interactions`.
fn degrees(spec: &TwinSpec, rng: &mut impl Rng) -> Vec<usize> {
    let most = (spec.items / 2).max(LEAST);
    let activity = LogNormal::new(0.0, ACTIVITY).expect("a positive σ");
    let weights: Vec<f64> = (0..spec.users).map(|_| activity.sample(rng)).collect();
    let total: f64 = weights.iter().sum();
    let extra = (spec.interactions - LEAST * spec.users) as f64;
    let share = |weight: &f64| LEAST + (extra * weight / total) as usize;
    let mut degrees: Vec<usize> = weights.iter().map(|weight| share(weight).min(most)).collect();
    // What rounding and the cap took away goes to users drawn by activity.
    let by_activity = cumulative(weights.into_iter());
    let mut left = spec.interactions - degrees.iter().sum::<usize>();
    while left > 0 {
        let mut user = draw(&by_activity, rng);
        while degrees[user] >= most {
            user = (user + 1) % spec.users;
        }
        degrees[user] += 1;
        left -= 1;
    }
    degrees
}

/// A state of the drawing.
struct Takes<'a> {
    spec: &'a TwinSpec,
    world: &'a World,
    degrees: Vec<usize>,
    /// What each user has so far, in the order it was drawn.
    items: Vec<Vec<u32>>,
    rng: ChaCha8Rng,
    /// Items of each topic, and running sums of their popularity.
    topics: Vec<(Vec<u32>, Vec<f64>)>,
    /// Running sums over all items, for draws off topic.
    all: Vec<f64>,
}

impl<'a> Takes<'a> {
    fn new(spec: &'a TwinSpec, world: &'a World, degrees: Vec<usize>, rng: ChaCha8Rng) -> Self {
        let mut members = vec![Vec::new(); spec.topics];
        for (item, &topic) in world.topic.iter().enumerate() {
            members[topic as usize].push(item as u32);
        }
        let weight = |item: &u32| world.popularity[*item as usize];
        let topics = members.into_iter().map(|items| {
            let sums = cumulative(items.iter().map(weight));
            (items, sums)
        });
        Takes {
            items: vec![Vec::new(); spec.users],
            topics: topics.collect(),
            all: cumulative(world.popularity.iter().copied()),
            spec,
            world,
            degrees,
            rng,
        }
    }

    fn open(&self, user: u32, item: u32) -> bool {
        let items = &self.items[user as usize];
        items.len() < self.degrees[user as usize] && !items.contains(&item)
    }

    /// exp(s · affinity), as the chance to accept a draw; affinity is at most 1.
    fn accepts(&mut self, user: u32, item: u32) -> bool {
        let chance = (self.spec.strength * (self.world.affinity(user, item) - 1.0)).exp();
        self.rng.random::<f64>() < chance
    }

    /// Gives every item five users, or a third of the mean if that is less.
    fn serve_every_item(&mut self) {
        let few = (self.spec.interactions / self.spec.items / 3).clamp(1, LEAST);
        let mut fans = vec![Vec::new(); self.spec.topics];
        for (user, topics) in self.world.preferred.iter().enumerate() {
            topics.iter().for_each(|&topic| fans[topic as usize].push(user as u32));
        }
        for item in 0..self.spec.items as u32 {
            let fans = &fans[self.world.topic[item as usize] as usize];
            for _ in 0..few {
                if let Some(user) = self.user_for(item, fans) {
                    self.items[user as usize].push(item);
                }
            }
        }
    }

    /// A user with room: by taste among `fans`, then anyone.
    fn user_for(&mut self, item: u32, fans: &[u32]) -> Option<u32> {
        for _ in 0..if fans.is_empty() { 0 } else { PATIENCE } {
            let user = fans[self.rng.random_range(0..fans.len() as u32) as usize];
            if self.open(user, item) && self.accepts(user, item) {
                return Some(user);
            }
        }
        let users = self.spec.users as u32;
        let start = self.rng.random_range(0..users);
        (0..users)
            .map(|step| ((u64::from(start) + u64::from(step)) % u64::from(users)) as u32)
            .find(|&user| self.open(user, item))
    }

    fn fill_every_user(&mut self) {
        for user in 0..self.spec.users as u32 {
            while self.items[user as usize].len() < self.degrees[user as usize] {
                let item = self.item_for(user);
                self.items[user as usize].push(item);
            }
        }
    }

    /// An item the user does not have: by topic and taste, then by popularity, then any.
    fn item_for(&mut self, user: u32) -> u32 {
        let preferred = &self.world.preferred[user as usize];
        let shares = cumulative(SHARES[preferred.len() - 1].iter().copied());
        for attempt in 0..2 * PATIENCE {
            let item = if attempt >= PATIENCE || self.rng.random::<f64>() < self.spec.off_topic {
                draw(&self.all, &mut self.rng) as u32
            } else {
                let topic = preferred[draw(&shares, &mut self.rng)] as usize;
                let (items, sums) = &self.topics[topic];
                items[draw(sums, &mut self.rng)]
            };
            if self.open(user, item) && (attempt >= PATIENCE || self.accepts(user, item)) {
                return item;
            }
        }
        let items = self.spec.items as u32;
        (0..items).find(|&item| self.open(user, item)).expect("a user has at most half of the items")
    }
}
