//! From the files of runs to a row of a table.

use crate::command::Places;
use crate::error::TableError;
use crate::groups::{item_groups, user_groups};
use crate::lists;
use crate::read::json;
use anchorrec_data::Input;
use anchorrec_records::report::over_runs;
use anchorrec_records::table::{ClosedFormRows, ModelRow, SearchRecord, SeedRow, TableData, TrialOfSearch};
use anchorrec_records::{ClosedFormsReport, Report, figures};
use anchorrec_trainer::loaded::Loaded;
use anchorrec_trainer::processor;
use anchorrec_trainer::run_folder;
use anchorrec_trainer::search::Search;
use std::collections::BTreeMap;
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
    let of_users: Vec<_> = analyses.iter().map(|analysis| analysis.user_groups.as_slice()).collect();
    let of_items: Vec<_> = analyses.iter().map(|analysis| analysis.item_groups.as_slice()).collect();
    // Runs that an earlier version fused have no such files.
    let fused = report.fusion.as_ref().and_then(|fusion| lists::of_fusion(folder, fusion));
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
        user_groups: user_groups(&of_users),
        item_groups: item_groups(&of_items),
        against: None,
        fusion: report.fusion,
        fused: fused.map(|records| lists::row(&records)),
        seeds,
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

/// Reads the methods without training from their report, and what each of them recommends from the files beside it.
///
/// # Errors
/// When one of them cannot be read.
pub fn closed_forms(places: &Places, report: &Path, data: TableData, step: &str) -> Result<ClosedFormRows, TableError> {
    let gone = |what| TableError::Gone { step: step.to_owned(), what, path: report.to_owned() };
    let report: ClosedFormsReport = json(report).ok_or_else(|| gone("report"))?;
    let mut rows = ClosedFormRows {
        dataset: report.data.name,
        data,
        version: report.version,
        arithmetic: report.arithmetic,
        processor: processor::name(),
        threads: report.threads,
        neighbours: report.neighbours,
        methods: report.methods,
        lists: BTreeMap::new(),
    };
    for method in &rows.methods {
        let record = lists::of_method(places, &rows, method).ok_or_else(|| gone("lists"))?;
        rows.lists.insert(method.method.clone(), lists::row(&[record]));
    }
    Ok(rows)
}
