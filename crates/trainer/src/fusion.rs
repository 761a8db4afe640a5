//! A trained model fused with a closed form at score level, judged as the model is; [`anchorrec_closed_forms::fusion`] has the formula.
//!
//! Everything is chosen on validation: the closed form's setting for itself, then `γ` with that setting. 0 is among the `γ` and ranks exactly as the
//! model alone, so on validation the fusion can only gain.

use crate::closed_forms::selected;
use crate::evaluation::{Evaluation, Evaluator};
use anchorrec_closed_forms::FoldIn;
use anchorrec_closed_forms::fusion::GAMMAS;
use anchorrec_recommender::Embeddings;
use anchorrec_records::fusion::FusedRun;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Tries every `γ` and keeps the first of the best. Without validation that is the first, 0: the model alone. Returns nothing once `stop` is set.
pub fn fused(
    evaluator: &Evaluator,
    embeddings: &Embeddings<f32>,
    closed_form: &dyn FoldIn,
    seed: u64,
    weights_sha256: String,
    stop: &AtomicBool,
) -> Option<FusedRun> {
    let started = Instant::now();
    let mut best: Option<(f64, f64, Evaluation)> = None;
    for gamma in GAMMAS {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let evaluation = evaluator.evaluate_fusion(embeddings, closed_form, gamma);
        let value = selected(&evaluation);
        if best.as_ref().is_none_or(|(highest, ..)| value > *highest) {
            best = Some((value, gamma, evaluation));
        }
    }
    let (_, gamma, Evaluation { valid, test }) = best.expect("there are several gammas");
    let seconds = started.elapsed().as_secs_f64();
    Some(FusedRun { seed, weights_sha256, gamma, tried: GAMMAS.len(), valid, test, seconds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ProtocolConfig;
    use anchorrec_closed_forms::{Popularity, Taken};
    use anchorrec_data::{Interactions, Pair};
    use anchorrec_kernels::TopK;
    use anchorrec_testkit::random;
    use ndarray::Array2;

    const USERS: usize = 150;
    const ITEMS: usize = 700;

    fn interactions() -> Interactions {
        let rng = &mut random::generator(1);
        let mut pairs: Vec<(u32, u32)> = random::indices(4000, USERS, rng)
            .into_iter()
            // Few items are taken by many.
            .zip(random::indices(4000, ITEMS * ITEMS, rng).into_iter().map(|x| f64::from(x).sqrt() as u32))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        let split = |n: usize| {
            let of = pairs.iter().enumerate().filter(move |(place, _)| (place % 5).min(2) == n);
            of.map(|(_, &(user, item))| Pair { user, item }).collect()
        };
        Interactions { users: USERS, items: ITEMS, train: split(2), valid: split(0), test: split(1) }
    }

    fn embeddings() -> Embeddings<f32> {
        let table = |rows, seed| random::matrix(rows, 16, &mut random::generator(seed)).mapv(|x| x as f32);
        Embeddings { users: table(USERS, 2), items: table(ITEMS, 3) }
    }

    fn popularity(interactions: &Interactions) -> Popularity {
        Popularity::new(&Taken::new(USERS, ITEMS, interactions.train.iter().map(|pair| (pair.user, pair.item))))
    }

    /// The formula with everything in full, for one user.
    fn best_by_formula(interactions: &Interactions, user: u32, gamma: f64) -> Vec<u32> {
        let embeddings = embeddings();
        let z = |scores: Vec<f64>| {
            let mean = scores.iter().sum::<f64>() / ITEMS as f64;
            let sd = (scores.iter().map(|s| s * s).sum::<f64>() / ITEMS as f64 - mean * mean).sqrt();
            scores.into_iter().map(|s| (s - mean) / (sd + 1e-9)).collect::<Vec<_>>()
        };
        let model: Array2<f64> = embeddings.items.mapv(f64::from);
        let model = z(model.dot(&embeddings.users.row(user as usize).mapv(f64::from)).to_vec());
        let other = z(popularity(interactions).scores(&[]));
        let mut scores: Vec<f64> = model.iter().zip(&other).map(|(model, other)| model + gamma * other).collect();
        for pair in interactions.train.iter().filter(|pair| pair.user == user) {
            scores[pair.item as usize] = f64::NEG_INFINITY;
        }
        let mut best = TopK::new(20);
        best.scan(0, &scores);
        best.into_sorted().into_iter().map(|(item, _)| item).collect()
    }

    #[test]
    fn every_gamma_ranks_by_the_formula_and_zero_as_the_model_alone() {
        let interactions = interactions();
        let evaluator = Evaluator::new(&interactions, &ProtocolConfig::default());
        let (embeddings, closed_form) = (embeddings(), popularity(&interactions));
        let alone = evaluator.evaluate_embeddings(&embeddings);
        for gamma in [0.0, 0.6, 5.0] {
            let got = evaluator.evaluate_fusion(&embeddings, &closed_form, gamma);
            if gamma == 0.0 {
                assert_eq!((&got.valid, &got.test), (&alone.valid, &alone.test));
            }
            let (mut sum, mut users) = (0.0, 0.0);
            for user in 0..USERS as u32 {
                let wanted: Vec<u32> =
                    interactions.test.iter().filter(|pair| pair.user == user).map(|pair| pair.item).collect();
                if !wanted.is_empty() {
                    let best = best_by_formula(&interactions, user, gamma);
                    sum += wanted.iter().filter(|item| best.contains(item)).count() as f64 / wanted.len() as f64;
                    users += 1.0;
                }
            }
            // The same hits; the mean is added up in another way.
            assert!((got.test["recall@20"] - sum / users).abs() < 1e-12, "γ {gamma}");
        }
    }

    #[test]
    fn the_gamma_of_the_best_validation_is_kept() {
        let interactions = interactions();
        let evaluator = Evaluator::new(&interactions, &ProtocolConfig::default());
        let (embeddings, closed_form) = (embeddings(), popularity(&interactions));
        let run = |stop| fused(&evaluator, &embeddings, &closed_form, 7, "sha".to_owned(), &AtomicBool::new(stop));
        assert!(run(true).is_none(), "told to stop");
        let run = run(false).unwrap();
        let values = GAMMAS.map(|gamma| evaluator.evaluate_fusion(&embeddings, &closed_form, gamma).valid["recall@20"]);
        let best = values.into_iter().fold(f64::MIN, f64::max);
        assert_eq!(GAMMAS[values.iter().position(|&value| value == best).unwrap()], run.gamma);
        // Embeddings at random against what people take: popularity helps.
        assert!(run.gamma > 0.0 && run.valid["recall@20"] == best && run.valid["recall@20"] > values[0]);
        assert_eq!((run.seed, run.tried, run.weights_sha256.as_str()), (7, 8, "sha"));
    }
}
