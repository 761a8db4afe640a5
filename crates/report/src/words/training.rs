//! Whether training was long enough for its numbers to mean anything. It is said before they are.

use super::paragraph::quoted;
use crate::number::{counted, listed, significant};
use anchorrec_data::grouped;
use anchorrec_records::Report;
use anchorrec_records::comparison::{Comparison, DivergedVariant};

/// What Adam must be able to move a weight by before a model can be far from where it began.
const FAR: f64 = 0.1;

/// Says why a run is undertrained; nothing where it is not.
pub fn undertrained(report: &Report) -> Vec<String> {
    let last: Vec<String> = report
        .runs
        .iter()
        .filter(|run| run.best_at_end())
        .map(|run| format!("{} (epoch {} of {})", run.seed, run.best_epoch, run.epochs_run))
        .collect();
    let mut out = Vec::new();
    if !last.is_empty() {
        let seeds = if last.len() == 1 { "seed" } else { "seeds" };
        out.push(format!(
            "The best epoch of {seeds} {} is the last one that was trained, so more epochs might give more.",
            listed(&last)
        ));
    }
    out.extend(few_steps(report));
    out
}

/// Adam moves a weight by about the learning rate in a step, whatever the gradient: few steps cannot lead far.
fn few_steps(report: &Report) -> Option<String> {
    let batch = report.config.integer("train.batch_size").filter(|&batch| batch > 0)?;
    let per_epoch = report.data.train.div_ceil(usize::try_from(batch).ok()?);
    let way = |run: &anchorrec_records::report::RunRecord| {
        run.curve.iter().map(|epoch| epoch.learning_rate * per_epoch as f64).sum::<f64>()
    };
    let longest = report.runs.iter().max_by(|a, b| way(a).total_cmp(&way(b)))?;
    let (steps, way) = (longest.curve.len() * per_epoch, way(longest));
    (way < FAR).then(|| {
        format!(
            "Training took {} steps. The optimiser moves a weight by about the learning rate in a step, so none has moved by much more than {}: \
             the model is still close to where it began.",
            grouped(steps),
            significant(way)
        )
    })
}

/// Says which variants of a comparison are undertrained; nothing where none is. The reference's own report says more, where it is there.
pub fn undertrained_variants(comparison: &Comparison, reference: Option<&Report>) -> Vec<String> {
    let unfinished: Vec<&str> = comparison
        .variants
        .iter()
        .filter(|variant| variant.training.is_some_and(|training| training.best_at_end > 0))
        .map(|variant| variant.name.as_str())
        .collect();
    let mut out = Vec::new();
    if !unfinished.is_empty() {
        let which = if unfinished.len() == comparison.variants.len() {
            format!("all {} variants", unfinished.len())
        } else if unfinished.len() > 4 {
            counted(unfinished.len(), "variant", "variants")
        } else {
            listed(&unfinished.iter().map(|name| quoted(name)).collect::<Vec<_>>())
        };
        let epochs = comparison.variants.iter().filter_map(|variant| Some(variant.training?.epochs)).max().unwrap_or(0);
        out.push(format!(
            "The best epoch of {which} is the last one that was trained (up to epoch {epochs}), for at least one seed: more epochs might give \
             more, and a difference may be one of speed and not of the end."
        ));
    }
    if !comparison.diverged.is_empty() {
        let told = |variant: &DivergedVariant| format!("{} ({})", quoted(&variant.name), variant.what);
        out.push(format!(
            "The training of {} diverged, so there is no result of it here.",
            listed(&comparison.diverged.iter().map(told).collect::<Vec<_>>())
        ));
    }
    match reference {
        Some(report) if unfinished.is_empty() => out.extend(undertrained(report)),
        Some(report) => out.extend(few_steps(report)),
        None => {}
    }
    out
}
