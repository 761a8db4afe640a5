//! Everything that was measured, as it is written to JSON.

use crate::growth;
use crate::kernels;
use crate::limit::{self, Limit, Speed};
use crate::machine::Machine;
use crate::rows::Figure;
use crate::sample::Sample;
use serde::Serialize;

/// What is printed and written.
#[derive(Debug, Serialize)]
pub struct Measurements {
    /// Version of this software.
    pub version: &'static str,
    /// Share of the real size; 1 except for a quick look.
    pub scale: f64,
    /// What the machine can do.
    pub machine: Machine,
    /// The promised figures that were asked for, in their order.
    pub rows: Vec<Row>,
    /// Parts of a run alone.
    pub kernels: Vec<KernelRow>,
    /// What twice as many users, items or numbers cost.
    pub growth: Vec<growth::Row>,
}

/// A promised figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The name that scripts rely on.
    pub name: &'static str,
    /// The median.
    pub value: f64,
    /// The unit of all numbers of the row.
    pub unit: &'static str,
    /// The best that this machine could reach, where that is known.
    pub limit: Option<f64>,
    /// The share of the limit that is reached; 1 is all.
    pub fraction_of_limit: Option<f64>,
    /// What must be reached.
    pub goal: Option<f64>,
    /// Whether the goal is reached; absent without a goal.
    pub reached: Option<bool>,
    /// The least run.
    pub min: f64,
    /// The largest run.
    pub max: f64,
    /// How many runs there were.
    pub runs: usize,
    /// What else to know.
    pub note: String,
}

/// A kernel beside its limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KernelRow {
    /// The name that scripts rely on.
    pub name: String,
    /// Seconds, the median.
    pub value: f64,
    /// The unit, such as `s`.
    pub unit: &'static str,
    /// Bytes that the kernel must at least move.
    pub bytes: f64,
    /// Operations that the kernel must at least compute.
    pub operations: f64,
    /// The seconds that these bytes and operations take at best.
    pub limit: f64,
    /// The share of the limit that is reached.
    pub fraction_of_limit: f64,
    /// The least run.
    pub min: f64,
    /// The largest run.
    pub max: f64,
    /// How many runs there were.
    pub runs: usize,
}

impl Row {
    /// Makes a row of a sample in the unit of `figure`. The figure's own goal stands unless there is another.
    pub fn new(figure: &Figure, sample: Sample, limit: Option<f64>, goal: Option<f64>, note: String) -> Self {
        let Sample { median: value, min, max, runs } = sample;
        let goal = goal.or(figure.goal);
        let share = |limit: f64| if figure.rate { value / limit } else { limit / value };
        Row {
            name: figure.name,
            value,
            unit: figure.unit,
            limit,
            fraction_of_limit: limit.map(share),
            goal,
            reached: goal.map(|goal| if figure.rate { value >= goal } else { value <= goal }),
            min,
            max,
            runs,
            note,
        }
    }
}

impl KernelRow {
    /// Makes a row of what a child process measured.
    pub fn new(record: kernels::KernelTime, speed: &Speed) -> Self {
        let Sample { median: value, min, max, runs } = record.seconds;
        let limit = limit::seconds(&[record.work], speed);
        KernelRow {
            name: record.name,
            value,
            unit: "s",
            bytes: record.work.bytes,
            operations: record.work.operations,
            limit,
            fraction_of_limit: limit / value,
            min,
            max,
            runs,
        }
    }
}

/// A figure that was measured, before the machine's speed is final.
#[derive(Clone, Debug)]
pub struct Found {
    /// The figure that was measured.
    pub figure: &'static Figure,
    /// The measured times or sizes, in the row's unit.
    pub sample: Sample,
    /// The limit that this machine sets to the figure.
    pub limit: Limit,
    /// A goal that depends on another figure.
    pub goal: Option<f64>,
    /// What else to know.
    pub note: String,
}

impl Found {
    /// Makes a measured figure without a goal and a note of its own.
    pub fn new(figure: &'static Figure, sample: Sample, limit: Limit) -> Self {
        Found { figure, sample, limit, goal: None, note: String::new() }
    }

    /// Makes the row of the figure, its limit worked out for this machine.
    pub fn row(self, speed: &Speed) -> Row {
        Row::new(self.figure, self.sample, self.limit.value(speed), self.goal, self.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::figure;

    #[test]
    fn a_time_reaches_less_of_its_limit_and_a_rate_too() {
        let sample = |median| Sample { median, min: median, max: median, runs: 1 };
        let step = Row::new(figure(crate::rows::default_step().figure), sample(0.4), Some(0.1), None, String::new());
        assert_eq!((step.fraction_of_limit, step.goal, step.reached), (Some(0.25), Some(0.20), Some(false)));
        let rank = Row::new(figure("rank_users_per_s"), sample(150_000.0), Some(200_000.0), None, String::new());
        assert_eq!((rank.fraction_of_limit, rank.reached), (Some(0.75), Some(true)));
        let step = Row::new(figure("electronics_step"), sample(0.7), None, Some(0.8), String::new());
        assert_eq!((step.goal, step.reached, step.fraction_of_limit), (Some(0.8), Some(true), None));
    }

    #[test]
    fn a_row_has_the_promised_keys_and_null_where_nothing_is_known() {
        let sample = Sample { median: 1.0, min: 1.0, max: 1.0, runs: 1 };
        let row = Row::new(figure("bandwidth_gbs"), sample, None, None, String::new());
        let json = serde_json::to_value(row).unwrap();
        for key in ["name", "value", "unit", "limit", "fraction_of_limit"] {
            assert!(json.get(key).is_some(), "{key}");
        }
        assert!(json["limit"].is_null() && json["fraction_of_limit"].is_null());
    }
}
