//! Degree-sensitive pruning: which user-item edges an epoch trains on.
//!
//! Of the edges `E` of the full graph `⌊(1 - ρ) |E|⌋` are drawn without replacement, each with a chance in proportion to its weight there,
//! `R̂_ui = 1/√(d_u d_i)`: an edge between two nodes with many edges says little and is drawn seldom.
//!
//! **Drawing.** Each edge gets the key `-ln(1 - r) / R̂_ui`, `r` uniform in `[0, 1)`, and the smallest keys are kept. The keys are exponential with
//! rate `R̂_ui`: of those that are left, each comes next with a chance in proportion to its weight, which is what drawing one after the other
//! means (Efraimidis, Spirakis: "Weighted random sampling with a reservoir", IPL 2006). One pass and no running sums.

use anchorrec_graph::UserItemGraph;
use anchorrec_kernels::Real;
use rand::{Rng, RngExt};

/// Draws the `(user, item)` edges of `graph` that are left when the share `dropout` of them is pruned, ascending.
pub fn sample<F: Real>(graph: &UserItemGraph<F>, dropout: f64, rng: &mut impl Rng) -> Vec<(u32, u32)> {
    let edges = graph.users_to_items.iter();
    let mut keyed: Vec<(f64, (u32, u32))> = edges
        .map(|(weight, (user, item))| {
            let key = -(-rng.random::<f64>()).ln_1p() / weight.as_f64();
            (key, (user as u32, item as u32))
        })
        .collect();
    let kept = (keyed.len() as f64 * (1.0 - dropout)) as usize;
    if kept < keyed.len() {
        keyed.select_nth_unstable_by(kept, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }
    let mut pairs: Vec<(u32, u32)> = keyed[..kept].iter().map(|&(_, pair)| pair).collect();
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_graph::user_item::DegreeOffset;
    use anchorrec_testkit::random;

    #[test]
    fn edges_are_drawn_one_after_the_other_by_their_weights() {
        const DRAWS: usize = 20_000;
        // User 0 has the four items 0 to 3, item 0 the four users 0 to 3, user 4 item 4 alone. Weights: 1/√(4·4) for (0, 0), 1/√4 for the six others of
        // the two stars, 1 for (4, 4). One edge of eight is drawn, then two.
        let pairs = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0), (4, 4)];
        let weights = [0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.0];
        let graph = UserItemGraph::<f64>::new(5, 5, &pairs, DegreeOffset::None);
        let rng = &mut random::generator(1);
        let total: f64 = weights.iter().sum();
        let first = |n: usize| weights[n] / total;
        let second = |n: usize| {
            let before = (0..8).filter(|&m| m != n).map(|m| first(m) * weights[n] / (total - weights[m]));
            first(n) + before.sum::<f64>()
        };
        for (dropout, count, chance) in [(0.8, 1, &first as &dyn Fn(usize) -> f64), (0.7, 2, &second)] {
            let mut drawn = [0usize; 8];
            for _ in 0..DRAWS {
                let kept = sample(&graph, dropout, rng);
                assert_eq!(kept.len(), count, "⌊8 · (1 - {dropout})⌋");
                kept.iter().for_each(|pair| drawn[pairs.iter().position(|p| p == pair).expect("an edge")] += 1);
            }
            for (n, &times) in drawn.iter().enumerate() {
                let (share, chance) = (times as f64 / DRAWS as f64, chance(n));
                // Five standard deviations.
                let bound = 5.0 * (chance * (1.0 - chance) / DRAWS as f64).sqrt();
                assert!((share - chance).abs() < bound, "{:?}: {share} of the draws, not {chance}", pairs[n]);
            }
        }
    }

    #[test]
    fn the_share_that_is_left_is_rounded_down_and_each_edge_stays_once() {
        let pairs: Vec<(u32, u32)> = (0..10).map(|n| (n, n)).collect();
        let graph = UserItemGraph::<f32>::new(10, 10, &pairs, DegreeOffset::Tiny);
        for (dropout, kept) in [(0.0, 10), (0.55, 4), (0.99, 0)] {
            let sample = sample(&graph, dropout, &mut random::generator(2));
            assert_eq!(sample.len(), kept, "dropout {dropout}");
            assert!(sample.is_sorted_by(|a, b| a < b), "{sample:?}");
        }
    }
}
