//! The promised figures: their names, units and goals.

use anchorrec_models::MODELS;
use anchorrec_recommender::{Model, Timed, Timing};
use anyhow::{Result, bail};
use std::sync::LazyLock;

/// A figure of the table and of the JSON.
#[derive(Debug, PartialEq)]
pub struct Figure {
    /// The figure's name, which scripts rely on.
    pub name: &'static str,
    /// The figure's unit.
    pub unit: &'static str,
    /// The goal, where that is a number.
    pub goal: Option<f64>,
    /// Whether more is better.
    pub rate: bool,
    /// What is measured, in few words.
    pub what: &'static str,
}

/// All figures, in the order of the table: the times of the default model, what no model is named by, the times of the others, the machine.
pub static FIGURES: LazyLock<Vec<Figure>> = LazyLock::new(|| {
    let default = MODELS.default_model();
    let times = |model: &'static dyn Model| model.card().timings.iter().map(|t| time(t.figure, t.goal, t.what));
    let mut all: Vec<Figure> = times(default).collect();
    all.extend([
        time("knn_vision", Some(4.0), "exact item kNN, vision"),
        time("knn_all", Some(5.0), "exact item kNN, all modalities"),
        Figure {
            name: "rank_users_per_s",
            unit: "users/s",
            goal: Some(100_000.0),
            rate: true,
            what: "full ranking, top 50, training items masked",
        },
        // Its goal is a multiple of the evaluation's ranking, measured beside it.
        time("recommend_all", None, "recommend: the lists of all users, top 20, in a CSV file"),
        time("fold_in_user", Some(1e-3), "from a new user's items to its top 20, one core"),
        time("scan_user", Some(5e-4), "exact top 20 of one user out of Electronics' items, one core"),
        time("startup", Some(8.0), "from files to the first step"),
        Figure {
            name: "peak_rss_gib",
            unit: "GiB",
            goal: Some(2.2),
            rate: false,
            what: "most memory while Sports is trained, shared targets",
        },
    ]);
    all.extend(MODELS.others(default).flat_map(times));
    all.extend([
        // Its goal is a multiple of another figure.
        time("electronics_step", None, "one training step at the size of Electronics"),
        Figure { name: "bandwidth_gbs", unit: "GB/s", goal: None, rate: true, what: "memory: a triad of three arrays" },
        Figure {
            name: "fma_gflops",
            unit: "GF/s",
            goal: None,
            rate: true,
            what: "arithmetic: f32 in registers, the fastest instruction set",
        },
        Figure {
            name: "int8_gops",
            unit: "GOP/s",
            goal: None,
            rate: true,
            what: "arithmetic: 8-bit integers in registers, the fastest instruction set",
        },
        Figure { name: "gemm_gflops", unit: "GF/s", goal: None, rate: true, what: "our own large f32 product" },
    ]);
    all
});

/// Returns the step that others are compared with: the default model's at its own settings.
pub fn default_step() -> &'static Timing {
    let timings = MODELS.default_model().card().timings;
    let is_plain_step = |timing: &&Timing| timing.of == Timed::Step && timing.settings.is_empty();
    timings.iter().find(is_plain_step).expect("the default model has a step that is timed")
}

/// Lists in a file may take this many times the evaluation's ranking.
pub const RECOMMEND_RATIO: f64 = 1.2;
/// A step on Electronics may take this many times a step on Sports.
pub const ELECTRONICS_STEP_RATIO: f64 = 4.0;
/// GiB in which Electronics must train.
pub const ELECTRONICS_PEAK_GIB: f64 = 12.0;

const fn time(name: &'static str, goal: Option<f64>, what: &'static str) -> Figure {
    Figure { name, unit: "s", goal, rate: false, what }
}

/// Finds the figure of a name.
///
/// # Panics
/// When there is none: names are written in this program.
pub fn figure(name: &str) -> &'static Figure {
    FIGURES.iter().find(|figure| figure.name == name).unwrap_or_else(|| panic!("no figure is called {name}"))
}

/// What is to be measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Only {
    /// All figures and both further tables.
    Everything,
    /// One figure.
    Row(&'static str),
    /// The table of kernels.
    Kernels,
    /// The table of growth.
    Growth,
}

impl Only {
    /// Reads what `--only` asks for; without it everything.
    ///
    /// # Errors
    /// When there is no such name; the message lists those there are.
    pub fn parse(name: Option<&str>) -> Result<Only> {
        Ok(match name {
            None => Only::Everything,
            Some("kernels") => Only::Kernels,
            Some("growth") => Only::Growth,
            Some(name) => match FIGURES.iter().find(|figure| figure.name == name) {
                Some(figure) => Only::Row(figure.name),
                None => {
                    let names: Vec<&str> = FIGURES.iter().map(|figure| figure.name).collect();
                    bail!("--only {name}: expected one of {}, kernels, growth", names.join(", "))
                }
            },
        })
    }

    /// Returns whether the figure of this name is wanted.
    pub fn row(self, name: &str) -> bool {
        self == Only::Everything || self == Only::Row(figure(name).name)
    }

    /// Returns whether this further table is wanted.
    pub fn table(self, table: Only) -> bool {
        self == Only::Everything || self == table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_refused_with_the_list() {
        let message = Only::parse(Some("speed")).unwrap_err().to_string();
        assert!(message.starts_with("--only speed: expected one of "), "{message}");
        for name in FIGURES.iter().map(|figure| figure.name).chain(["kernels", "growth"]) {
            assert!(message.contains(name), "{name} in: {message}");
            assert!(Only::parse(Some(name)).is_ok(), "{name}");
        }
    }

    #[test]
    fn one_row_wants_itself_alone() {
        let only = Only::parse(Some("startup")).unwrap();
        let wanted: Vec<&str> = FIGURES.iter().map(|figure| figure.name).filter(|name| only.row(name)).collect();
        assert_eq!(wanted, ["startup"]);
        assert!(!only.table(Only::Kernels) && !only.table(Only::Growth));
        assert!(Only::Everything.row("startup") && Only::Everything.table(Only::Growth));
    }
}
