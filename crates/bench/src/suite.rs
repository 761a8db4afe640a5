//! Which measurement gives which figure, in which order.

use crate::args::Options;
use crate::child::{self, Task};
use crate::limit::{self, Limit};
use crate::machine::Machine;
use crate::report::{Found, KernelRow, Report};
use crate::rows::{ELECTRONICS_PEAK_GIB, ELECTRONICS_STEP_RATIO, FIGURES, Only, figure};
use crate::sample::Sample;
use crate::training::{Record, Training};
use crate::{config, electronics, growth, knn, ranking, twin_folder};
use anchorrec_align::Targets;
use anchorrec_data::{Manifest, TwinSpec, grouped};
use anchorrec_trainer::{ModelKind, RunConfig};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Epochs of AnchorRec and of LightGCN whose median counts.
const EPOCHS: usize = 3;
const LIGHTGCN_EPOCHS: usize = 5;
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
pub fn run(options: &Options, only: Only) -> Result<Report> {
    eprintln!("measuring the machine ...");
    let mut machine = Machine::measure(options.scale)?;
    let weights = WeightsFolder::new(&options.folder)?;
    let mut found = Vec::new();
    if FIGURES.iter().any(|figure| needs_sports(figure.name) && only.row(figure.name)) {
        let suite = Sports::new(options, only, &weights.0)?;
        suite.anchorrec(&mut found)?;
        suite.frozen(&mut found)?;
        suite.knn(&mut found)?;
        suite.ranking(&mut found)?;
        suite.lightgcn(&mut found)?;
    }
    if only.row("electronics_step") {
        let step = found.iter().find(|row| row.figure.name == "anchorrec_step_shared").map(|row| row.sample.median);
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
    for (name, sample) in [("bandwidth_gbs", machine.bandwidth), ("gemm_gflops", machine.gemm)] {
        if only.row(name) {
            // The best run is the limit of all other rows, so it is the value here.
            let best = Sample { median: sample.max, ..sample };
            let mut row = Found::new(figure(name), best, Limit::Unknown);
            row.note = format!("the best run; the median is {:.1}", sample.median);
            found.push(row);
        }
    }
    let speed = machine.speed();
    found.sort_by_key(|row| FIGURES.iter().position(|figure| figure == row.figure));
    Ok(Report {
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
    !["electronics_step", "bandwidth_gbs", "gemm_gflops"].contains(&name)
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

    /// The run with shared targets: step, epoch, start-up, memory.
    fn anchorrec(&self, found: &mut Vec<Found>) -> Result<()> {
        let config = config::of(Some(&self.manifest), ModelKind::AnchorRec, EPOCHS, self.scale)?;
        let mut starts = Vec::new();
        let whole = self.only.row("anchorrec_epoch") || self.only.row("peak_rss_gib");
        if whole || self.only.row("anchorrec_step_shared") {
            eprintln!("AnchorRec on Sports, shared targets ...");
            let record = self.train(&config, if whole { None } else { Some(FEW_STEPS) })?;
            starts.push(record.startup()?);
            let step = limit::step(&record.shape, Targets::Shared);
            if self.only.row("anchorrec_step_shared") {
                let sample = Sample::of("a step", &record.steps)?;
                let mut row = Found::new(figure("anchorrec_step_shared"), sample, Limit::Seconds(step.clone()));
                row.note =
                    "limit: three products of the tables, half a Gram matrix, tables and moments once".to_owned();
                found.push(row);
            }
            if self.only.row("anchorrec_epoch") {
                let sample = Sample::of("an epoch", &record.epochs)?;
                let limit = Limit::Seconds(limit::epoch(&record.shape, step));
                let mut row = Found::new(figure("anchorrec_epoch"), sample, limit);
                row.note = format!(
                    "{} pairs, {} steps; writing the weights is part of it",
                    grouped(record.shape.pairs),
                    record.shape.steps()
                );
                found.push(row);
            }
            if self.only.row("peak_rss_gib") {
                let sample = Sample::of("memory", &[record.peak_bytes as f64 / GIB])?;
                let limit = Limit::Value(limit::state_bytes(record.parameters) / GIB);
                let mut row = Found::new(figure("peak_rss_gib"), sample, limit);
                row.note = "limit: all weights and their moments".to_owned();
                found.push(row);
            }
        }
        if self.only.row("startup") {
            let mut shape = None;
            while starts.len() < STARTS || shape.is_none() {
                eprintln!("start-up on Sports ...");
                let record = self.train(&config, Some(STEPS_OF_A_START))?;
                starts.push(record.startup()?);
                shape = Some(record.shape);
            }
            let shape = shape.context("a start was made")?;
            let graphs = shape.widths.iter().map(|&width| limit::knn(shape.items, width)).collect();
            let mut row = Found::new(figure("startup"), Sample::of("a start", &starts)?, Limit::Seconds(graphs));
            row.note =
                "to the end of the first step, less a median step; files in the system's cache; limit: kNN".to_owned();
            found.push(row);
        }
        Ok(())
    }

    fn frozen(&self, found: &mut Vec<Found>) -> Result<()> {
        if !self.only.row("anchorrec_step_frozen") {
            return Ok(());
        }
        eprintln!("AnchorRec on Sports, frozen targets ...");
        let mut config = config::of(Some(&self.manifest), ModelKind::AnchorRec, 1, self.scale)?;
        config.anchorrec.targets = Targets::Frozen;
        let record = self.train(&config, Some(if self.only == Only::Everything { STEPS } else { FEW_STEPS }))?;
        let limit = Limit::Seconds(limit::step(&record.shape, Targets::Frozen));
        let mut row = Found::new(figure("anchorrec_step_frozen"), Sample::of("a step", &record.steps)?, limit);
        row.note = "limit: as shared, without the Gram matrix, which is constant".to_owned();
        found.push(row);
        Ok(())
    }

    fn knn(&self, found: &mut Vec<Found>) -> Result<()> {
        let all = self.only.row("knn_all");
        if !all && !self.only.row("knn_vision") {
            return Ok(());
        }
        eprintln!("item kNN on Sports ...");
        let task = Task::Knn { folder: self.folder.clone(), vision_alone: !all };
        let record: knn::Record = child::measure(&task)?;
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
        let record: ranking::Record =
            child::measure(&Task::Ranking { folder: self.folder.clone(), scale: self.scale })?;
        let amount = record.shape.users as f64;
        let limit = Limit::Rate { amount, parts: vec![limit::ranking(&record.shape)] };
        let mut row = Found::new(figure("rank_users_per_s"), Sample::of("ranking", &record.runs)?.rate(amount), limit);
        row.note = format!("embeddings: LightGCN after an epoch; top {}", ranking::TOP);
        found.push(row);
        Ok(())
    }

    fn lightgcn(&self, found: &mut Vec<Found>) -> Result<()> {
        if !self.only.row("lightgcn_epoch") {
            return Ok(());
        }
        eprintln!("LightGCN on Sports ...");
        let config = config::of(Some(&self.manifest), ModelKind::LightGcn, LIGHTGCN_EPOCHS, self.scale)?;
        let record = self.train(&config, None)?;
        let layers = config.lightgcn.layers;
        let limit = Limit::Seconds(limit::epoch(&record.shape, limit::lightgcn_step(&record.shape, layers)));
        let mut row = Found::new(figure("lightgcn_epoch"), Sample::of("an epoch", &record.epochs)?, limit);
        row.note = format!("{layers} layers, {} steps", record.shape.steps());
        found.push(row);
        Ok(())
    }

    fn train(&self, config: &RunConfig, stop_after: Option<usize>) -> Result<Record> {
        child::measure(&Task::Training(Box::new(Training {
            folder: self.folder.clone(),
            config: config.clone(),
            stop_after,
            weights: self.weights.to_owned(),
        })))
    }
}

/// The step at the size of Electronics; `sports` is the median step on Sports, if that was measured too.
fn electronics_step(scale: f64, sports: Option<f64>) -> Result<Found> {
    eprintln!("AnchorRec at the size of Electronics ...");
    let record: electronics::Record = child::measure(&Task::Electronics { scale })?;
    let sample = Sample::of("a step", &record.steps)?;
    let limit = Limit::Seconds(limit::step(&record.shape, Targets::Shared));
    let mut row = Found::new(figure("electronics_step"), sample, limit);
    row.goal = sports.map(|step| ELECTRONICS_STEP_RATIO * step);
    let peak = record.peak_bytes as f64 / GIB;
    let ratio = sports.map_or_else(
        || format!("goal: {ELECTRONICS_STEP_RATIO} x anchorrec_step_shared, not measured here"),
        |step| format!("{:.2} x anchorrec_step_shared, goal {ELECTRONICS_STEP_RATIO}", sample.median / step),
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
