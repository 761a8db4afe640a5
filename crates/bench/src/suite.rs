//! Which measurement gives which figure, in which order.

use crate::args::Options;
use crate::child::{self, Task};
use crate::limit::{self, Limit};
use crate::machine::{Machine, fastest};
use crate::report::{Found, KernelRow, Measurements};
use crate::rows::{ELECTRONICS_PEAK_GIB, ELECTRONICS_STEP_RATIO, FIGURES, Only, RECOMMEND_RATIO, default_step, figure};
use crate::sample::Sample;
use crate::training::{Training, TrainingTimes};
use crate::{config, electronics, growth, knn, ranking, serving, twin_folder};
use anchorrec_data::{Manifest, TwinSpec, grouped};
use anchorrec_models::MODELS;
use anchorrec_recommender::{Model, Timed, Timing};
use anchorrec_trainer::RunConfig;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use toml::Table;

/// Epochs whose median counts, and more of them where one is to take less than so many seconds.
const EPOCHS: usize = 3;
const QUICK_EPOCHS: usize = 5;
const QUICK: f64 = 5.0;
/// Timed steps where only a step's time is wanted: less than an epoch, which would end with a validation.
const STEPS: usize = 100;
/// Steps that are enough for one row.
const FEW_STEPS: usize = 40;
/// Starts whose median counts, and the timed steps of those that are made for that alone.
const STARTS: usize = 3;
const STEPS_OF_A_START: usize = 5;

/// Bytes of a GiB.
const GIB: f64 = (1u64 << 30) as f64;

/// Measures what `only` wants.
pub fn run(options: &Options, only: Only) -> Result<Measurements> {
    eprintln!("measuring the machine ...");
    let mut machine = Machine::measure(options.scale)?;
    let weights = WeightsFolder::new(&options.folder)?;
    let mut found = Vec::new();
    if FIGURES.iter().any(|figure| needs_sports(figure.name) && only.row(figure.name)) {
        let suite = Sports::new(options, only, &weights.0)?;
        for model in MODELS.iter() {
            suite.times(model, &mut found)?;
        }
        suite.knn(&mut found)?;
        suite.ranking(&mut found)?;
        suite.serving(&mut found)?;
    }
    if only.row("electronics_step") {
        let step = found.iter().find(|row| row.figure.name == default_step().figure).map(|row| row.sample.median);
        found.push(electronics_step(options.scale, step)?);
    }
    let kernels = if only.table(Only::Kernels) {
        let (_, folder) = sports(options)?;
        eprintln!("kernels ...");
        child::measure(&Task::Kernels { folder, scale: options.scale })?
    } else {
        Vec::new()
    };
    let growth = if only.table(Only::Growth) { growth::measure(options, &weights.0)? } else { Vec::new() };

    machine.measure_again(options.scale)?;
    let speed = machine.speed();
    for (name, sample, limit) in [
        ("bandwidth_gbs", machine.bandwidth, Limit::Unknown),
        ("fma_gflops", fastest(&machine.floats), Limit::Unknown),
        ("int8_gops", fastest(&machine.integers), Limit::Unknown),
        ("gemm_gflops", machine.gemm, Limit::Value(speed.peak / 1e9)),
    ] {
        if only.row(name) {
            // The best run is the limit of other rows, so it is the value here.
            let best = Sample { median: sample.max, ..sample };
            let mut row = Found::new(figure(name), best, limit);
            row.note = format!("the best run; the median is {:.1}", sample.median);
            found.push(row);
        }
    }
    found.sort_by_key(|row| FIGURES.iter().position(|figure| figure == row.figure));
    Ok(Measurements {
        version: env!("CARGO_PKG_VERSION"),
        scale: options.scale,
        rows: found.into_iter().map(|row| row.row(&speed)).collect(),
        kernels: kernels.into_iter().map(|record| KernelRow::new(record, &speed)).collect(),
        growth,
        machine,
    })
}

/// Whether a figure is measured on the twin of Sports.
fn needs_sports(name: &str) -> bool {
    !["electronics_step", "bandwidth_gbs", "fma_gflops", "int8_gops", "gemm_gflops"].contains(&name)
}

/// The manifest of Sports, and the folder of its twin.
fn sports(options: &Options) -> Result<(Manifest, PathBuf)> {
    let manifest = Manifest::load(&options.datasets.join("amazon-sports").join("manifest.toml"))?;
    let folder = twin_folder::ready(&options.folder, &TwinSpec::of(&manifest).scaled(options.scale))?;
    Ok((manifest, folder))
}

/// Figures that are measured on the twin of Sports.
struct Sports<'a> {
    only: Only,
    scale: f64,
    manifest: Manifest,
    folder: PathBuf,
    weights: &'a Path,
}

impl<'a> Sports<'a> {
    fn new(options: &Options, only: Only, weights: &'a Path) -> Result<Self> {
        let (manifest, folder) = sports(options)?;
        Ok(Sports { only, scale: options.scale, manifest, folder, weights })
    }

    /// The times of a model, a run for those of the same settings. The default model's run at its own settings gives start-up and memory too.
    fn times(&self, model: &'static dyn Model, found: &mut Vec<Found>) -> Result<()> {
        let timings = model.card().timings;
        let mut variants: Vec<&[&str]> = Vec::new();
        for timing in timings {
            if !variants.contains(&timing.settings) {
                variants.push(timing.settings);
            }
        }
        for settings in variants {
            let wanted: Vec<&Timing> =
                timings.iter().filter(|timing| timing.settings == settings && self.only.row(timing.figure)).collect();
            let is_default = model == MODELS.default_model() && settings.is_empty();
            self.run(model, settings, &wanted, is_default, found)?;
        }
        Ok(())
    }

    fn run(
        &self,
        model: &'static dyn Model,
        settings: &[&str],
        wanted: &[&Timing],
        is_default: bool,
        found: &mut Vec<Found>,
    ) -> Result<()> {
        let is_quick = |timing: &&Timing| timing.of == Timed::Epoch && timing.goal.is_some_and(|goal| goal < QUICK);
        let epochs = if wanted.iter().any(is_quick) { QUICK_EPOCHS } else { EPOCHS };
        let config = config::of_variant(Some(&self.manifest), model, settings, epochs, self.scale)?;
        let (peak, startup) = (is_default && self.only.row("peak_rss_gib"), is_default && self.only.row("startup"));
        let mut starts = Vec::new();
        if !wanted.is_empty() || peak {
            let whole = peak || wanted.iter().any(|timing| timing.of == Timed::Epoch);
            eprintln!("{} on Sports {} ...", model.title(), settings.join(" "));
            let steps = if self.only == Only::Everything { STEPS } else { FEW_STEPS };
            let record = self.train(&config, (!whole).then_some(steps))?;
            starts.push(record.startup()?);
            found.extend(wanted.iter().map(|timing| timed(timing, &config, &record)).collect::<Result<Vec<_>>>()?);
            if peak {
                let sample = Sample::of("memory", &[record.peak_bytes as f64 / GIB])?;
                let limit = Limit::Value(limit::state_bytes(record.parameters) / GIB);
                let mut row = Found::new(figure("peak_rss_gib"), sample, limit);
                row.note = "limit: all weights and their moments".to_owned();
                found.push(row);
            }
        }
        if startup {
            found.push(self.startup(&config, starts)?);
        }
        Ok(())
    }

    fn startup(&self, config: &RunConfig, mut starts: Vec<f64>) -> Result<Found> {
        let mut shape = None;
        while starts.len() < STARTS || shape.is_none() {
            eprintln!("start-up on Sports ...");
            let record = self.train(config, Some(STEPS_OF_A_START))?;
            starts.push(record.startup()?);
            shape = Some(record.shape);
        }
        let shape = shape.context("a start was made")?;
        let graphs = shape.widths.iter().map(|&width| limit::knn(shape.items, width)).collect();
        let mut row = Found::new(figure("startup"), Sample::of("a start", &starts)?, Limit::Seconds(graphs));
        row.note =
            "to the end of the first step, less a median step; files in the system's cache; limit: kNN".to_owned();
        Ok(row)
    }

    fn knn(&self, found: &mut Vec<Found>) -> Result<()> {
        let all = self.only.row("knn_all");
        if !all && !self.only.row("knn_vision") {
            return Ok(());
        }
        eprintln!("item kNN on Sports ...");
        let task = Task::Knn { folder: self.folder.clone(), vision_alone: !all };
        let record: knn::KnnTimes = child::measure(&task)?;
        let shape = &record.shape;
        if self.only.row("knn_vision") {
            let limit = Limit::Seconds(vec![limit::knn(shape.items, shape.widest())]);
            found.push(Found::new(figure("knn_vision"), Sample::of("kNN", &record.vision)?, limit));
        }
        if all {
            let parts = shape.widths.iter().map(|&width| limit::knn(shape.items, width)).collect();
            found.push(Found::new(figure("knn_all"), Sample::of("kNN", &record.all)?, Limit::Seconds(parts)));
        }
        Ok(())
    }

    fn ranking(&self, found: &mut Vec<Found>) -> Result<()> {
        if !self.only.row("rank_users_per_s") {
            return Ok(());
        }
        eprintln!("full ranking on Sports ...");
        let record: ranking::RankingTimes =
            child::measure(&Task::Ranking { folder: self.folder.clone(), scale: self.scale })?;
        let amount = record.shape.users as f64;
        let limit = Limit::Rate { amount, parts: vec![limit::ranking(&record.shape)] };
        let mut row = Found::new(figure("rank_users_per_s"), Sample::of("ranking", &record.runs)?.rate(amount), limit);
        row.note = format!("embeddings: {} after an epoch; top {}", ranking::model().title(), ranking::TOP);
        found.push(row);
        Ok(())
    }

    fn serving(&self, found: &mut Vec<Found>) -> Result<()> {
        if !["recommend_all", "fold_in_user", "scan_user"].iter().any(|name| self.only.row(name)) {
            return Ok(());
        }
        eprintln!("serving on Sports ...");
        let (folder, scratch) = (self.folder.clone(), self.weights.to_owned());
        let record: serving::ServingTimes = child::measure(&Task::Serving { folder, scale: self.scale, scratch })?;
        let ranking = Sample::of("ranking", &record.ranking)?;
        if self.only.row("recommend_all") {
            let sample = Sample::of("recommending", &record.all_users)?;
            let limit = Limit::Seconds(vec![limit::ranking(&record.shape)]);
            let mut row = Found::new(figure("recommend_all"), sample, limit);
            row.goal = Some(RECOMMEND_RATIO * ranking.median);
            row.note = format!(
                "{:.2} x the evaluation's ranking of the same users, {:.3} s, goal {RECOMMEND_RATIO}; limit: every score",
                sample.median / ranking.median,
                ranking.median
            );
            found.push(row);
        }
        for (name, times, items) in
            [("fold_in_user", &record.new_user, record.shape.items), ("scan_user", &record.scan, record.catalogue)]
        {
            if self.only.row(name) {
                let limit = Limit::Seconds(vec![limit::scan(items, record.shape.dim)]);
                let mut row = Found::new(figure(name), Sample::of(name, times)?, limit);
                row.note =
                    format!("{} items, one at a time; limit: the arithmetic alone, on all cores", grouped(items));
                found.push(row);
            }
        }
        Ok(())
    }

    fn train(&self, config: &RunConfig, stop_after: Option<usize>) -> Result<TrainingTimes> {
        child::measure(&Task::Training(Box::new(Training {
            folder: self.folder.clone(),
            config: Table::try_from(config)?,
            stop_after,
            weights: self.weights.to_owned(),
        })))
    }
}

/// The row of a time that a run gave.
fn timed(timing: &Timing, config: &RunConfig, record: &TrainingTimes) -> Result<Found> {
    let step = limit::step(config, &record.shape);
    let known = !step.is_empty();
    let (sample, parts) = match timing.of {
        Timed::Step => (Sample::of("a step", &record.steps)?, step),
        Timed::Epoch => (Sample::of("an epoch", &record.epochs)?, limit::epoch(&record.shape, step)),
    };
    let mut row = Found::new(figure(timing.figure), sample, if known { Limit::Seconds(parts) } else { Limit::Unknown });
    let what = match timing.of {
        Timed::Step => String::new(),
        Timed::Epoch => format!(
            "{} pairs, {} steps; writing the weights is part of it; ",
            grouped(record.shape.pairs),
            record.shape.steps()
        ),
    };
    row.note = format!("{what}limit: {}", timing.limit);
    Ok(row)
}

/// The step at the size of Electronics; `sports` is the median step on Sports, if that was measured too.
fn electronics_step(scale: f64, sports: Option<f64>) -> Result<Found> {
    let (model, reference) = (MODELS.default_model(), default_step().figure);
    eprintln!("{} at the size of Electronics ...", model.title());
    let record: electronics::ElectronicsTimes = child::measure(&Task::Electronics { scale })?;
    let sample = Sample::of("a step", &record.steps)?;
    let limit = Limit::Seconds(limit::step(&config::of(None, model, 1, scale)?, &record.shape));
    let mut row = Found::new(figure("electronics_step"), sample, limit);
    row.goal = sports.map(|step| ELECTRONICS_STEP_RATIO * step);
    let peak = record.peak_bytes as f64 / GIB;
    let ratio = sports.map_or_else(
        || format!("goal: {ELECTRONICS_STEP_RATIO} x {reference}, not measured here"),
        |step| format!("{:.2} x {reference}, goal {ELECTRONICS_STEP_RATIO}", sample.median / step),
    );
    row.note = format!("{ratio}; peak {peak:.2} GiB, goal {ELECTRONICS_PEAK_GIB}");
    Ok(row)
}

/// A folder for weights that is gone afterwards.
struct WeightsFolder(PathBuf);

impl WeightsFolder {
    fn new(folder: &Path) -> Result<Self> {
        let path = folder.join(format!("weights-{}", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("{}: cannot make the folder", path.display()))?;
        Ok(WeightsFolder(path))
    }
}

impl Drop for WeightsFolder {
    fn drop(&mut self) {
        // What is left behind is a file in the build's folder: nothing to fail for.
        let _ = fs::remove_dir_all(&self.0);
    }
}
