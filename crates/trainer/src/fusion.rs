//! A trained model fused with a closed form at score level, judged as the model is; [`anchorrec_closed_forms::fusion`] has the formula.
//!
//! Everything is chosen on validation: the closed form's setting for itself, then `γ` with that setting. 0 is among the `γ` and ranks exactly as the
//! model alone, so on validation the fusion can only gain.

use crate::closed_forms::{self, selected};
use crate::evaluation::{Evaluation, Evaluator};
use crate::fused_scores::FusedScores;
use crate::ranking::best_by_scores;
use anchorrec_closed_forms::FoldIn;
use anchorrec_closed_forms::fusion::GAMMAS;
use anchorrec_data::Dataset;
use anchorrec_kernels::Packed;
use anchorrec_recommender::Embeddings;
use anchorrec_records::fusion::{FusedRun, FusionRecord};
use ndarray::ArrayView1;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use thiserror::Error;

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

/// A recorded fusion, computed again for ranking.
pub struct Fusion {
    closed_form: Box<dyn FoldIn>,
    gamma: f64,
}

/// A user to rank for.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    /// The vector by which the model scores, `[D]`.
    pub vector: ArrayView1<'a, f32>,
    /// The items that the closed form scores by, ascending: those of the training rows, or a new user's own.
    pub taken: &'a [u32],
    /// The items that are left out of the list, ascending.
    pub left_out: &'a [u32],
}

impl Fusion {
    /// Computes the closed form of a record once more, at the setting that validation chose; `γ` is that of a seed.
    ///
    /// # Errors
    /// When the record has not the seed or is not understood, or the closed form cannot be computed.
    pub fn again(record: &FusionRecord, seed: u64, dataset: &Dataset) -> Result<Self, NoFusion> {
        let run = record.runs.iter().find(|run| run.seed == seed).ok_or(NoFusion::Seed { seed })?;
        Ok(Fusion { closed_form: closed_forms::again(&record.kernel, record.neighbours, dataset)?, gamma: run.gamma })
    }

    /// Returns the `γ`.
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// Returns the best `top` of the items for each of `people`, with their fused scores, as the evaluation ranks them; `keys` are the vectors of the
    /// items, packed: `[D, I]`. The items of `never`, ascending, are in no list; a list is shorter where fewer items remain.
    ///
    /// # Panics
    /// When there are not as many items as the closed form has, or a width is another than the items'.
    pub fn lists(&self, keys: &Packed<f32>, people: &[Person<'_>], top: usize, never: &[u32]) -> Vec<Vec<(u32, f64)>> {
        let fused = FusedScores::new(keys, &*self.closed_form, self.gamma);
        let places: Vec<u32> = (0..people.len() as u32).collect();
        let left_out = |place: u32| people[place as usize].left_out;
        let write = |place: u32, row: &mut [f64]| {
            let Person { vector, taken, .. } = people[place as usize];
            fused.scores_into(vector, taken, row);
        };
        best_by_scores(keys.columns(), &places, top, never, left_out, write)
    }
}

/// Why a recorded fusion cannot be computed again.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum NoFusion {
    /// The seed was not fused.
    #[error("seed {seed} was not fused")]
    Seed {
        /// The seed.
        seed: u64,
    },
    /// The closed form cannot be computed again.
    #[error("its closed form: {0}")]
    ClosedForm(#[from] closed_forms::NotAgain),
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
