//! How cost grows: a quarter of Sports at half the widths, then twice the interactions, the items or the widths; each a
//! training run in its own process. All else stays, also the batch: twice the interactions are twice the steps.
//!
//! Time per step, time per epoch and memory may grow by [`GOAL`] at most. The item graph compares all items with all:
//! twice the items are four times the work, by nature; its column is beside the others without a goal.

use crate::args::Options;
use crate::child::{self, Task};
use crate::sample::Sample;
use crate::training::{Training, TrainingTimes};
use crate::{config, twin_folder};
use anchorrec_data::TwinSpec;
use anchorrec_models::MODELS;
use anyhow::Result;
use serde::Serialize;
use std::path::Path;
use toml::Table;

/// The most that twice of something may cost.
pub const GOAL: f64 = 2.2;
const EPOCHS: usize = 2;
/// Share of Sports that the base is, and the least that a quick look makes of it: twice the pairs must find room.
const BASE: f64 = 0.25;
const LEAST_BASE: f64 = 0.005;
/// Interactions of all splits that double the training pairs: the more a user has, the smaller a share is held out.
const TWICE_THE_PAIRS: f64 = 1.852;

/// A row of the table.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What is twice as large.
    pub name: &'static str,
    /// Users.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Training pairs.
    pub pairs: usize,
    /// Widths of mm, text and vision.
    pub widths: Vec<usize>,
    /// Seconds of a step.
    pub step: Sample,
    /// Seconds of an epoch with validation.
    pub epoch: Sample,
    /// The most memory.
    pub peak_gib: f64,
    /// Seconds in which the graphs were built.
    pub graphs: f64,
    /// The figures over those of the first row; absent there.
    pub ratios: Option<Ratios>,
}

/// A row over the first one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratios {
    /// Growth of the time per step.
    pub step: f64,
    /// Growth of the time per epoch.
    pub epoch: f64,
    /// Growth of the peak memory.
    pub peak: f64,
    /// Growth of the time to build the graphs; no goal.
    pub graphs: f64,
    /// Whether step, epoch and memory keep to [`GOAL`].
    pub within_goal: bool,
}

/// Measures all rows; `weights` is a folder for what training writes.
pub fn measure(options: &Options, weights: &Path) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for (name, spec) in sizes(options.scale) {
        eprintln!("growth: {name} ...");
        let folder = twin_folder::ready(&options.folder, &spec)?;
        let config = config::of(None, MODELS.default_model(), EPOCHS, options.scale)?;
        let training =
            Training { folder, config: Table::try_from(&config)?, stop_after: None, weights: weights.to_owned() };
        let row = row(name, child::measure(&Task::Training(Box::new(training)))?)?;
        let ratios = rows.first().map(|base| ratios(base, &row));
        rows.push(Row { ratios, ..row });
    }
    Ok(rows)
}

/// What is measured, the base first.
fn sizes(scale: f64) -> Vec<(&'static str, TwinSpec)> {
    let base = TwinSpec {
        mm_width: Some(384),
        text_width: Some(192),
        vision_width: Some(2048),
        ..TwinSpec::new("growth", 35_598, 18_357, 296_337)
    };
    let base = base.scaled((BASE * scale).max(LEAST_BASE));
    let more_pairs = (base.interactions as f64 * TWICE_THE_PAIRS).round() as usize;
    let twice = |width: Option<usize>| width.map(|width| 2 * width);
    vec![
        ("base", base.clone()),
        ("interactions", TwinSpec { interactions: more_pairs, ..base.clone() }),
        ("items", TwinSpec { items: 2 * base.items, ..base.clone() }),
        (
            "widths",
            TwinSpec {
                mm_width: twice(base.mm_width),
                text_width: twice(base.text_width),
                vision_width: twice(base.vision_width),
                ..base.clone()
            },
        ),
    ]
}

fn row(name: &'static str, record: TrainingTimes) -> Result<Row> {
    Ok(Row {
        name,
        users: record.shape.users,
        items: record.shape.items,
        pairs: record.shape.pairs,
        step: Sample::of("a step", &record.steps)?,
        epoch: Sample::of("an epoch", &record.epochs)?,
        peak_gib: record.peak_bytes as f64 / f64::from(1 << 30),
        graphs: record.graphs,
        widths: record.shape.widths,
        ratios: None,
    })
}

fn ratios(base: &Row, row: &Row) -> Ratios {
    let step = row.step.median / base.step.median;
    let epoch = row.epoch.median / base.epoch.median;
    let peak = row.peak_gib / base.peak_gib;
    let within_goal = [step, epoch, peak].into_iter().all(|ratio| ratio <= GOAL);
    Ratios { step, epoch, peak, graphs: row.graphs / base.graphs, within_goal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_ratio_beyond_the_goal_fails_the_row() {
        let sample = |median| Sample { median, min: median, max: median, runs: 1 };
        let row = |step, epoch, peak_gib| Row {
            name: "x",
            users: 1,
            items: 1,
            pairs: 1,
            widths: vec![1],
            step: sample(step),
            epoch: sample(epoch),
            peak_gib,
            graphs: 1.0,
            ratios: None,
        };
        let base = row(1.0, 10.0, 0.5);
        assert!(ratios(&base, &row(2.2, 22.0, 1.1)).within_goal);
        assert!(!ratios(&base, &row(1.0, 10.0, 1.2)).within_goal);
        assert_eq!(ratios(&base, &row(3.0, 10.0, 0.5)).step, 3.0);
    }

    #[test]
    fn every_size_differs_from_the_base_in_what_its_name_says() {
        let sizes = sizes(1.0);
        let base = &sizes[0].1;
        assert_eq!((base.users, base.items, base.interactions), (8_900, 4_589, 74_084));
        let without_features =
            |spec: &TwinSpec| TwinSpec { mm_width: None, text_width: None, vision_width: None, ..spec.clone() };
        let pairs =
            |spec| anchorrec_data::generate(&without_features(spec), twin_folder::SEED).interactions.train.len();
        let twice = pairs(&sizes[1].1) as f64 / pairs(base) as f64;
        assert!((twice - 2.0).abs() < 0.01, "{twice} times the training pairs");
        assert_eq!((sizes[2].1.items, sizes[2].1.users), (2 * base.items, base.users));
        assert_eq!(sizes[3].1.vision_width, Some(4096));
    }
}
