//! Methods without training, evaluated like models: the results that a model has to beat to be worth its time.
//!
//! Settings are chosen by the measure that chooses epochs, validation Recall@20, the first of the best; without validation the first setting of the
//! grid stands, and the record says so. Nothing is drawn at random and no number of a model depends on any of it.

use crate::evaluation::{Evaluation, Evaluator};
use crate::memory;
use anchorrec_closed_forms::search::{Choice, Judge, Spent, choose};
use anchorrec_closed_forms::{Content, KnnSettings, Taken};
pub use anchorrec_closed_forms::{Fitter, FoldIn, MOST_ITEMS, Method, Setting, Solver, Unsolvable, exact_bytes};
use anchorrec_data::{Dataset, Modality};
use anchorrec_records::closed_form::{ClosedFormRecord, TrialRecord};
use anchorrec_records::report::selection_metric;
use anchorrec_records::settings::RecordedSettings;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use thiserror::Error;

/// Returns the bytes that this machine has left, where that is less than EASE and L3AE of so many items take.
pub fn too_little(items: usize) -> Option<f64> {
    memory::available_bytes().map(|available| available as f64).filter(|available| exact_bytes(items) > *available)
}

/// The reason why a search ends without a result.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Unchosen {
    /// A method cannot be computed.
    #[error(transparent)]
    Unsolvable(#[from] Unsolvable),
    /// The search was told to stop.
    #[error("interrupted")]
    Stopped,
}

/// The settings that a search has tried, by which an interrupted one continues.
pub struct Trials<'a> {
    /// The results of an earlier search, then of this one.
    pub known: Vec<TrialRecord>,
    /// Called with all settings after each new one.
    pub keep: &'a mut dyn FnMut(&[TrialRecord]),
}

/// Why a recorded method cannot be computed again.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum NotAgain {
    /// The setting is not one of this version.
    #[error("the setting of `{method}` is not understood")]
    Setting {
        /// The method's name.
        method: String,
    },
    /// The feature table of its setting is not there.
    #[error("it was computed of the features `{features}`, which this data set has not")]
    Features {
        /// The table's name.
        features: String,
    },
    /// The method cannot be computed.
    #[error(transparent)]
    Unsolvable(#[from] Unsolvable),
}

/// Computes a recorded method once more, at its setting; EASE and L3AE on so many `neighbours` of each item, or exactly.
///
/// # Errors
/// When the setting is not understood, names features that are not there, or the method cannot be computed.
pub fn again(
    record: &ClosedFormRecord,
    neighbours: Option<usize>,
    dataset: &Dataset,
) -> Result<Box<dyn FoldIn>, NotAgain> {
    let setting = setting(record).ok_or_else(|| NotAgain::Setting { method: record.method.clone() })?;
    // It was computed before, so its items are not too many.
    let exact = Solver::Exact { most_items: dataset.interactions.items };
    let fitter = fitter(dataset, neighbours.map_or(exact, Solver::Neighbours), setting.method() == Method::L3ae)?;
    match &setting {
        Setting::L3ae { features, .. } if fitter.features.iter().all(|(name, _)| name != features) => {
            Err(NotAgain::Features { features: features.clone() })
        }
        setting => Ok(fitter.fit(setting)?),
    }
}

/// Returns what the methods learn from: training pairs, and where they are asked for the data set's features.
///
/// # Errors
/// When a feature is not finite.
pub fn fitter(dataset: &Dataset, solver: Solver, features: bool) -> Result<Fitter, Unsolvable> {
    let interactions = &dataset.interactions;
    let pairs = interactions.train.iter().map(|pair| (pair.user, pair.item));
    let mut tables = Vec::new();
    for modality in Modality::ALL.into_iter().filter(|_| features) {
        if let Some(table) = dataset.features.of(modality) {
            tables.push((modality.to_string(), Content::new(table.view())?));
        }
    }
    Ok(Fitter { taken: Taken::new(interactions.users, interactions.items, pairs), features: tables, solver })
}

/// Chooses the settings of each method and records how it does, in the order of [`Method::ALL`]. `said` hears of each setting that was tried;
/// once `stop` is set, no other setting is evaluated.
///
/// # Errors
/// When there are too many items for an exact solution, an equation cannot be solved, or `stop` is set.
///
/// # Panics
/// When L3AE is asked for without features.
pub fn judged(
    fitter: &Fitter,
    evaluator: &Evaluator,
    methods: &[Method],
    stop: &AtomicBool,
    said: &mut dyn FnMut(&Setting, &Evaluation),
) -> Result<Vec<ClosedFormRecord>, Unchosen> {
    let chosen = choose(fitter, methods, &mut Validation { evaluator, stop, said, trials: None })?;
    Ok(chosen.into_iter().map(record).collect())
}

/// [`judged`], where what `trials` knows is not computed again.
///
/// # Errors
/// As [`judged`].
///
/// # Panics
/// As [`judged`].
pub fn judged_going_on(
    fitter: &Fitter,
    evaluator: &Evaluator,
    methods: &[Method],
    stop: &AtomicBool,
    said: &mut dyn FnMut(&Setting, &Evaluation),
    trials: &mut Trials<'_>,
) -> Result<Vec<ClosedFormRecord>, Unchosen> {
    let chosen = choose(fitter, methods, &mut Validation { evaluator, stop, said, trials: Some(trials) })?;
    Ok(chosen.into_iter().map(record).collect())
}

/// Chooses the setting of one method, records how it does and computes it once more.
///
/// # Errors
/// As [`judged`].
///
/// # Panics
/// As [`judged`].
pub fn fitted(
    fitter: &Fitter,
    evaluator: &Evaluator,
    method: Method,
    stop: &AtomicBool,
    said: &mut dyn FnMut(&Setting, &Evaluation),
) -> Result<(ClosedFormRecord, Box<dyn FoldIn>), Unchosen> {
    let chosen = choose(fitter, &[method], &mut Validation { evaluator, stop, said, trials: None })?;
    let choice = chosen.into_iter().next().expect("a choice for a method");
    let scores = fitter.fit(&choice.setting)?;
    Ok((record(choice), scores))
}

/// Judges scores by validation.
struct Validation<'a, 't> {
    evaluator: &'a Evaluator,
    stop: &'a AtomicBool,
    said: &'a mut dyn FnMut(&Setting, &Evaluation),
    trials: Option<&'a mut Trials<'t>>,
}

impl Judge for Validation<'_, '_> {
    type Judgement = Evaluation;
    type Error = Unchosen;

    fn judge(&mut self, setting: &Setting, scores: &dyn FoldIn) -> Result<(f64, Evaluation), Unchosen> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Unchosen::Stopped);
        }
        let evaluation = self.evaluator.evaluate_scores(scores);
        (self.said)(setting, &evaluation);
        Ok((selected(&evaluation), evaluation))
    }

    fn keep(&mut self, setting: &Setting, judged: &Evaluation, cost: Spent) {
        let Some(trials) = &mut self.trials else { return };
        trials.known.push(TrialRecord {
            method: setting.method().name().to_owned(),
            settings: RecordedSettings::of(&settings(setting)),
            valid: judged.valid.clone(),
            test: judged.test.clone(),
            seconds: cost.seconds,
            search_seconds: cost.in_search,
            residual: cost.residual,
        });
        (trials.keep)(&trials.known);
    }

    fn known(&mut self, setting: &Setting) -> Option<(f64, Evaluation, Spent)> {
        let (method, settings) = (setting.method().name(), RecordedSettings::of(&settings(setting)));
        let is_it = |trial: &&TrialRecord| trial.method == method && trial.settings == settings;
        let trial = self.trials.as_ref()?.known.iter().find(is_it)?;
        let evaluation = Evaluation { valid: trial.valid.clone(), test: trial.test.clone() };
        let TrialRecord { seconds, search_seconds: in_search, residual, .. } = *trial;
        Some((selected(&evaluation), evaluation, Spent { seconds, in_search, residual }))
    }
}

/// What settings are selected by. Where nothing is measured all are as good as the first.
pub(crate) fn selected(evaluation: &Evaluation) -> f64 {
    evaluation.valid.get(&selection_metric()).copied().unwrap_or(0.0)
}

fn record(choice: Choice<Evaluation>) -> ClosedFormRecord {
    let method = choice.setting.method();
    ClosedFormRecord {
        method: method.name().to_owned(),
        title: method.title().to_owned(),
        setting: choice.setting.to_string(),
        settings: RecordedSettings::of(&settings(&choice.setting)),
        tried: choice.tried,
        valid: choice.judged.valid,
        test: choice.judged.test,
        seconds: choice.seconds,
        search_seconds: choice.search_seconds,
        bytes: choice.bytes as u64,
        residual: choice.residual,
    }
}

fn settings(setting: &Setting) -> Value {
    match setting {
        Setting::Popularity => json!({}),
        Setting::ItemKnn(KnnSettings { neighbours, shrinkage }) => {
            json!({ "neighbours": neighbours, "shrinkage": shrinkage })
        }
        Setting::Ease { lambda } => json!({ "lambda": lambda }),
        Setting::L3ae { lambda, features, lambda_f, rho } => {
            json!({ "lambda": lambda, "rho": rho, "lambda_f": lambda_f, "features": features })
        }
    }
}

/// The setting that a record holds; nothing where it is not one of this version.
fn setting(record: &ClosedFormRecord) -> Option<Setting> {
    let of = &record.settings;
    let method = Method::ALL.into_iter().find(|method| method.name() == record.method)?;
    Some(match method {
        Method::Popularity => Setting::Popularity,
        Method::ItemKnn => Setting::ItemKnn(KnnSettings {
            neighbours: usize::try_from(of.integer("neighbours")?).ok()?,
            shrinkage: of.number("shrinkage")?,
        }),
        Method::Ease => Setting::Ease { lambda: of.number("lambda")? },
        Method::L3ae => Setting::L3ae {
            lambda: of.number("lambda")?,
            features: of.text("features")?.to_owned(),
            lambda_f: of.number("lambda_f")?,
            rho: of.number("rho")?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ProtocolConfig;
    use anchorrec_data::{Interactions, Pair};

    /// Item 0 has three users, item 1 one, items 2 and 3 none.
    fn interactions() -> Interactions {
        let pairs = |pairs: &[(u32, u32)]| pairs.iter().map(|&(user, item)| Pair { user, item }).collect();
        Interactions {
            users: 4,
            items: 4,
            train: pairs(&[(0, 0), (1, 0), (1, 1), (2, 0)]),
            valid: pairs(&[(0, 1), (2, 2)]),
            test: pairs(&[(0, 2)]),
        }
    }

    fn popularity(evaluator: Evaluator) -> ClosedFormRecord {
        let interactions = interactions();
        let pairs = interactions.train.iter().map(|pair| (pair.user, pair.item));
        let taken = Taken::new(interactions.users, interactions.items, pairs);
        let fitter = Fitter { taken, features: Vec::new(), solver: Solver::Exact { most_items: 4 } };
        let mut heard = Vec::new();
        let mut said = |setting: &Setting, _: &Evaluation| heard.push(setting.clone());
        let stop = AtomicBool::new(false);
        let mut records = judged(&fitter, &evaluator, &[Method::Popularity], &stop, &mut said).unwrap();
        assert_eq!(heard, [Setting::Popularity]);
        records.remove(0)
    }

    #[test]
    fn popularity_is_judged_by_the_masks_of_the_protocol() {
        let protocol = ProtocolConfig::default();
        let second = 1.0 / 3f64.log2();
        // Users 0 and 2 took item 0: they are shown 1, 2, 3. User 0 wants 1, user 2 wants 2; at test user 0 wants 2.
        let record = popularity(Evaluator::new(&interactions(), &protocol));
        assert_eq!((record.valid["ndcg@20"], record.test["ndcg@20"]), ((1.0 + second) / 2.0, second));
        assert!(record.is_chosen() && record.tried == 1);
        // Without the validation item, item 2 stands first.
        let masked = ProtocolConfig { mask_validation_at_test: true, ..protocol.clone() };
        assert_eq!(popularity(Evaluator::new(&interactions(), &masked)).test["ndcg@20"], 1.0);
        // Item 1 is nobody's: item 2 stands first for everybody.
        let without = popularity(Evaluator::new(&interactions(), &protocol).without(&[1]));
        assert_eq!((without.valid["ndcg@20"], without.test["ndcg@20"]), (1.0 / 2.0, 1.0));
    }

    #[test]
    fn the_setting_of_a_record_comes_back_whatever_the_method() {
        let all = [
            Setting::Popularity,
            Setting::ItemKnn(KnnSettings { neighbours: 50, shrinkage: 10.0 }),
            Setting::ItemKnn(KnnSettings { neighbours: 5, shrinkage: 0.5 }),
            Setting::Ease { lambda: 400.0 },
            Setting::L3ae { lambda: 50.0, features: "text".to_owned(), lambda_f: 0.1, rho: 1.5 },
        ];
        for wanted in all {
            let record = ClosedFormRecord {
                method: wanted.method().name().to_owned(),
                settings: RecordedSettings::of(&settings(&wanted)),
                ..ClosedFormRecord::default()
            };
            // As it comes back from a file.
            let record = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
            assert_eq!(setting(&record), Some(wanted));
            let empty = ClosedFormRecord { settings: RecordedSettings::default(), ..record };
            assert!(empty.method == "popularity" || setting(&empty).is_none());
        }
    }

    #[test]
    fn a_search_that_is_told_to_stop_evaluates_no_other_setting() {
        let interactions = interactions();
        let evaluator = Evaluator::new(&interactions, &ProtocolConfig::default());
        let pairs = interactions.train.iter().map(|pair| (pair.user, pair.item));
        let taken = Taken::new(interactions.users, interactions.items, pairs);
        let fitter = Fitter { taken, features: Vec::new(), solver: Solver::Exact { most_items: 4 } };
        // What it had tried by then is not tried again, as it comes back from a file.
        let (stop, mut kept) = (AtomicBool::new(false), Vec::new());
        let mut keep = |trials: &[TrialRecord]| {
            kept = trials.to_vec();
            stop.store(trials.len() == 3, Ordering::Relaxed);
        };
        let mut trials = Trials { known: Vec::new(), keep: &mut keep };
        let methods = [Method::ItemKnn];
        let ended = judged_going_on(&fitter, &evaluator, &methods, &stop, &mut |_, _| {}, &mut trials);
        assert_eq!(ended.unwrap_err(), Unchosen::Stopped);
        let known: Vec<TrialRecord> = serde_json::from_str(&serde_json::to_string(&kept).unwrap()).unwrap();
        assert_eq!((&known, known.len()), (&kept, 3));
        let whole = judged(&fitter, &evaluator, &methods, &AtomicBool::new(false), &mut |_, _| {}).unwrap().remove(0);
        let (mut heard, mut keep) = (0, |_: &[TrialRecord]| ());
        let mut trials = Trials { known, keep: &mut keep };
        let mut said = |_: &Setting, _: &Evaluation| heard += 1;
        let stop = AtomicBool::new(false);
        let gone_on = judged_going_on(&fitter, &evaluator, &methods, &stop, &mut said, &mut trials).unwrap().remove(0);
        assert_eq!(heard, whole.tried - 3);
        assert_eq!((gone_on.tried, gone_on.setting, gone_on.test), (whole.tried, whole.setting, whole.test));
        for after in [1, 3] {
            let (stop, mut heard) = (AtomicBool::new(false), 0);
            let mut said = |_: &Setting, _: &Evaluation| {
                heard += 1;
                stop.store(heard == after, Ordering::Relaxed);
            };
            let ended = judged(&fitter, &evaluator, &[Method::ItemKnn], &stop, &mut said);
            assert_eq!((ended.unwrap_err(), heard), (Unchosen::Stopped, after));
        }
    }
}
