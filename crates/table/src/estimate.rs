//! How long the rest of a table takes, from what is done: seconds of an epoch times epochs.
//!
//! An epoch of a model costs what its own epochs have cost on the data set, else what they have cost on another one, by the number of interactions, else what the
//! epochs of all models have cost. A run is as long as the model's runs have been, else as those of all models. A search is counted as plain halving.

use crate::declaration::Declaration;
use crate::plan::{Step, Task};
use crate::results::Results;
use anchorrec_records::ModelResults;
use anchorrec_records::table::ModelRow;
use anchorrec_trainer::search::{Strategy, rungs, survivors};
use std::collections::BTreeMap;
use std::time::Duration;

/// What is known about the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Seconds of all steps that can be told, one after the other.
    pub seconds: f64,
    /// Steps that cannot be told yet.
    pub unknown: usize,
}

/// Estimates steps together; `interactions` says how large each data set is.
pub fn rest(
    steps: &[Step],
    results: &Results,
    declaration: &Declaration,
    interactions: &BTreeMap<String, usize>,
) -> Estimate {
    let mut estimate = Estimate::default();
    for step in steps {
        match seconds(step, results, declaration, interactions) {
            Some(seconds) => estimate.seconds += seconds,
            None => estimate.unknown += 1,
        }
    }
    estimate
}

fn seconds(
    step: &Step,
    results: &Results,
    declaration: &Declaration,
    interactions: &BTreeMap<String, usize>,
) -> Option<f64> {
    let size = |dataset: &str| interactions.get(dataset).map(|&size| size as f64);
    let of_row = |of: &&ModelResults| of.name == step.row;
    let here = |of: &&ModelResults| of_row(of) && of.dataset == step.dataset;
    let cost = |of: &dyn Fn(&&ModelResults) -> bool| {
        let scaled = |results: &ModelResults| -> Option<Vec<(f64, f64)>> {
            let scale = size(&step.dataset)? / size(&results.dataset)?;
            Some(epochs(results).into_iter().map(|(seconds, epochs)| (seconds * scale, epochs)).collect())
        };
        let all: Vec<(f64, f64)> = results.all().filter(of).filter_map(scaled).flatten().collect();
        let total: f64 = all.iter().map(|(_, epochs)| epochs).sum();
        (total > 0.0).then(|| all.iter().map(|(seconds, _)| seconds).sum::<f64>() / total)
    };
    let an_epoch = cost(&here).or_else(|| cost(&of_row)).or_else(|| cost(&|_| true))?;
    let long = |of: &dyn Fn(&&ModelResults) -> bool| {
        let all: Vec<f64> = results.all().filter(of).flat_map(epochs).map(|(_, epochs)| epochs).collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
    };
    let a_run = long(&of_row).or_else(|| long(&|_| true))?;
    let dataset = declaration.datasets.iter().find(|dataset| dataset.name == step.dataset)?;
    let runs = dataset.seeds.len() as f64;
    match step.task {
        Task::ClosedForms => None,
        Task::Published => Some(an_epoch * a_run * runs),
        // The search has trained the first seed.
        Task::Tuned => Some(an_epoch * a_run * (runs - 1.0)),
        Task::Search => {
            let (mut alive, mut before, mut trained) = (declaration.budget.trials, 0.0, 0.0);
            for rung in rungs(Strategy::Rising, declaration.budget.epochs) {
                let until = (rung as f64).min(a_run);
                trained += alive as f64 * (until - before);
                (alive, before) = (survivors(alive), until);
            }
            Some(an_epoch * trained)
        }
    }
}

/// Seconds and epochs of every run of a row.
fn epochs(results: &ModelResults) -> Vec<(f64, f64)> {
    let rows = [&results.published, &results.tuned].into_iter().flatten();
    rows.flat_map(|row: &ModelRow| &row.seeds).map(|seed| (seed.seconds, seed.epochs as f64)).collect()
}

/// Writes a time as one says it: `40 s`, `12 min`, `5.2 h`, `3.1 days`.
pub fn said(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        _ if seconds < 100.0 => format!("{seconds:.0} s"),
        _ if seconds < 6000.0 => format!("{:.0} min", seconds / 60.0),
        _ if seconds < 48.0 * 3600.0 => format!("{:.1} h", seconds / 3600.0),
        _ => format!("{:.1} days", seconds / 86400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_the_unit_that_fits() {
        let all = [(40, "40 s"), (720, "12 min"), (18_720, "5.2 h"), (267_840, "3.1 days")];
        for (seconds, want) in all {
            assert_eq!(said(Duration::from_secs(seconds)), want);
        }
    }
}
