//! From the files of runs to a row of a table.

use crate::error::TableError;
use anchorrec_data::Input;
use anchorrec_records::report::{MeanSd, Metrics, RunRecord, over_runs};
use anchorrec_records::table::{
    AgainstReference, ClosedFormRows, ItemGroupRow, ModelRow, SearchRecord, SeedRow, TableData, TrialOfSearch,
    UserGroupRow,
};
use anchorrec_records::{Analysis, ClosedFormsReport, Report, figures};
use anchorrec_trainer::comparison::{VariantRuns, compare};
use anchorrec_trainer::loaded::Loaded;
use anchorrec_trainer::processor;
use anchorrec_trainer::run_folder;
use anchorrec_trainer::search::Search;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Returns what a table says of a data set.
pub fn data(loaded: &Loaded) -> TableData {
    let interactions = &loaded.dataset.interactions;
    let file = |input: &Input| (input.name.clone(), input.sha256.clone());
    TableData {
        source: loaded.source,
        users: interactions.users,
        items: interactions.items,
        train: interactions.train.len(),
        valid: interactions.valid.len(),
        test: interactions.test.len(),
        files: loaded.dataset.inputs.iter().map(file).collect(),
    }
}

/// Reads the runs of a row from their report; `out` is the folder for runs, which stands in no record.
///
/// # Errors
/// When the report or an analysis cannot be read.
pub fn row(out: &Path, report: &Path, settings: Vec<String>, step: &str) -> Result<ModelRow, TableError> {
    let gone = |what| TableError::Gone { step: step.to_owned(), what, path: report.to_owned() };
    let folder = anchorrec_files::folder_of(report);
    let report: Report = json(report).ok_or_else(|| gone("report"))?;
    let analyses = report.runs.iter().map(|run| run_folder::analysis(folder, run).ok_or_else(|| gone("analysis")));
    let analyses = analyses.collect::<Result<Vec<_>, _>>()?;
    let seeds: Vec<SeedRow> = report.runs.iter().map(SeedRow::from).collect();
    Ok(ModelRow {
        run: folder.strip_prefix(out).unwrap_or(folder).display().to_string(),
        settings,
        version: report.version,
        numerics: report.numerics,
        arithmetic: report.arithmetic,
        processor: processor::name(),
        threads: report.threads,
        parameters: report.runs.first().map_or(0, |run| run.parameters),
        valid: over_runs(seeds.iter().map(|seed| &seed.valid)),
        test: over_runs(seeds.iter().map(|seed| &seed.test)),
        by_test: over_runs(seeds.iter().map(|seed| &seed.by_test)),
        selected_by_test: report.summary.selected_by_test_optimistic,
        figures: over_runs(&analyses.iter().map(figures::of).collect::<Vec<_>>()),
        user_groups: user_groups(&analyses),
        item_groups: item_groups(&analyses),
        against: None,
        fusion: report.fusion,
        seeds,
    })
}

/// The groups of users over seeds: they are the same for all, since the training pairs make them.
fn user_groups(analyses: &[Analysis]) -> Vec<UserGroupRow> {
    let Some(first) = analyses.first() else { return Vec::new() };
    let groups = first.user_groups.iter().enumerate().map(|(place, group)| {
        let of_seeds: Vec<&Metrics> =
            analyses.iter().filter_map(|analysis| Some(&analysis.user_groups.get(place)?.test)).collect();
        UserGroupRow { from: group.from, to: group.to, users: group.users, test: over_runs(of_seeds) }
    });
    groups.collect()
}

/// The groups of items over seeds.
fn item_groups(analyses: &[Analysis]) -> Vec<ItemGroupRow> {
    let Some(first) = analyses.first() else { return Vec::new() };
    let groups = first.item_groups.iter().enumerate().map(|(place, group)| {
        let share = |analysis: &Analysis| {
            let group = analysis.item_groups.get(place)?;
            Some(group.hits as f64 / group.positives.max(1) as f64)
        };
        let hits: Vec<f64> = analyses.iter().filter_map(share).collect();
        ItemGroupRow { from: group.from, to: group.to, positives: group.positives, hits: MeanSd::of(&hits) }
    });
    groups.collect()
}

/// Tests a row against the reference over users, where the runs of both are here with the same seeds; nothing where they are not.
pub fn against(
    out: &Path,
    dataset: &str,
    reference: (&str, &ModelRow),
    row: (&str, &ModelRow),
) -> Option<AgainstReference> {
    let seeds = |row: &ModelRow| row.seeds.iter().map(|seed| seed.seed).collect::<Vec<_>>();
    if seeds(reference.1) != seeds(row.1) {
        return None;
    }
    let (of_reference, of_row) = (runs(out, reference)?, runs(out, row)?);
    let same_users = of_reference.users.iter().zip(&of_row.users).all(|(one, other)| one.users == other.users);
    if !same_users {
        return None;
    }
    let mut comparison = compare(dataset, &[of_reference, of_row]);
    let compared = comparison.variants.pop().expect("a record for each variant");
    Some(AgainstReference {
        reference: reference.0.to_owned(),
        weights: reference.1.weights(),
        tests: compared.against,
        shared_recommendations: compared.shared_recommendations,
    })
}

/// The runs of a row with what every user got, where they are here and are still those.
fn runs(out: &Path, (name, row): (&str, &ModelRow)) -> Option<VariantRuns> {
    let path = out.join(&row.run);
    let report: Report = json(&path.join("report.json"))?;
    let weights = |run: &RunRecord| run.checkpoint_sha256.clone();
    if report.runs.iter().map(weights).collect::<Vec<_>>() != row.weights() {
        return None;
    }
    // A search may train its first point there meanwhile: it is neither disturbed nor waited for.
    let analyses = report.runs.iter().map(|run| run_folder::analysis(&path, run)).collect::<Option<_>>()?;
    let users = report.runs.iter().map(|run| run_folder::users(&path, run)).collect::<Option<_>>()?;
    Some(VariantRuns {
        name: name.to_owned(),
        about: String::new(),
        settings: Vec::new(),
        folder: String::new(),
        runs: report.runs,
        analyses,
        users,
    })
}

/// Reads a search from its trace.
///
/// # Errors
/// When it cannot be read, or has no best trial.
pub fn search(trace: &Path, step: &str) -> Result<SearchRecord, TableError> {
    let gone = || TableError::Gone { step: step.to_owned(), what: "trace", path: trace.to_owned() };
    let search: Search = json(trace).ok_or_else(gone)?;
    let trials = search.trials.into_iter().map(|trial| {
        let last = trial.reached.last();
        TrialOfSearch {
            epochs: last.map_or(0, |reached| reached.epochs),
            best_epoch: last.map_or(0, |reached| reached.best_epoch),
            recall: last.map_or(0.0, |reached| reached.recall),
            settings: trial.settings,
            diverged: trial.diverged,
        }
    });
    Ok(SearchRecord {
        rungs: search.about.rungs,
        trials: trials.collect(),
        best: search.best.ok_or_else(gone)?,
        processor: processor::name(),
        arithmetic: search.about.arithmetic,
    })
}

/// Reads the methods without training from their report.
///
/// # Errors
/// When it cannot be read.
pub fn closed_forms(report: &Path, data: TableData, step: &str) -> Result<ClosedFormRows, TableError> {
    let gone = || TableError::Gone { step: step.to_owned(), what: "report", path: report.to_owned() };
    let report: ClosedFormsReport = json(report).ok_or_else(gone)?;
    Ok(ClosedFormRows {
        dataset: report.data.name,
        data,
        version: report.version,
        arithmetic: report.arithmetic,
        processor: processor::name(),
        threads: report.threads,
        neighbours: report.neighbours,
        methods: report.methods,
    })
}

fn json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}
