//! The seeds of a folder: each has a history of its own.

use anchorrec_data::{Dataset, Provenance, TwinSpec, generate};
use anchorrec_files::disk::FileSystem;
use anchorrec_models::MODELS;
use anchorrec_records::report::{DataRecord, Report, RunRecord, Summary};
use anchorrec_trainer::{Job, Outcome, RunConfig, RunFolder, RunOptions};
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn job(dir: &Path, seeds: &[u64]) -> Job {
    let data = dir.join("data");
    generate(&TwinSpec::new("twin", 60, 40, 500), 1).write(&data).unwrap();
    let mut config = RunConfig::defaults(MODELS);
    config.model = MODELS.find("lightgcn").unwrap();
    config.train.seeds = seeds.to_vec();
    (config.train.epochs, config.train.batch_size) = (4, 80);
    Job::new(config.check().unwrap(), Dataset::load(&data).unwrap())
}

fn run(job: &Job, folder: &RunFolder, resume: bool, until: Option<usize>) -> Outcome {
    let options = RunOptions { resume, until, ..RunOptions::default() };
    job.run(folder, options, &AtomicBool::new(false), &mut ()).unwrap()
}

/// Trains to the end and writes the report, as the command does.
fn finish(job: &Job, folder: &RunFolder) {
    let Outcome::Done(runs) = run(job, folder, true, None) else { panic!("nobody stopped it") };
    folder.save_report(&report(runs)).unwrap();
}

/// A report of these runs, and of nothing else that matters here.
fn report(runs: Vec<RunRecord>) -> Report {
    let data = DataRecord {
        name: "twin".to_owned(),
        dir: String::new(),
        source: Provenance::Synthetic,
        users: 60,
        items: 40,
        train: 0,
        valid: 0,
        test: 0,
        widths: Default::default(),
        absent: Vec::new(),
        findings: Default::default(),
        notes: Vec::new(),
    };
    Report {
        version: String::new(),
        command: Vec::new(),
        model: "lightgcn".to_owned(),
        title: String::new(),
        data,
        inputs: Vec::new(),
        config: Default::default(),
        settings_from: String::new(),
        threads: 1,
        portable: false,
        arithmetic: String::new(),
        numerics: String::new(),
        phases: Vec::new(),
        summary: Summary::new(&runs),
        runs,
        closed_forms: Vec::new(),
        fusion: None,
        refit: None,
        warm_start: None,
        reference: Vec::new(),
        notices: Vec::new(),
    }
}

#[test]
fn a_seed_that_is_interrupted_leaves_the_report_of_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(&dir.path().join("run"), Box::new(FileSystem)).unwrap();
    let (first, both) = (job(dir.path(), &[5]), job(dir.path(), &[5, 6]));
    finish(&first, &folder);
    let shown = |job: &Job, seeds: &[u64]| {
        let found = folder.finished_report(job.identity(), seeds).unwrap();
        found.map(|(report, _)| report.runs.into_iter().map(|run| run.checkpoint_sha256).collect::<Vec<_>>())
    };
    let kept = shown(&first, &[5]).expect("a report");

    assert!(matches!(run(&both, &folder, true, Some(2)), Outcome::Stopped));
    assert_eq!(shown(&first, &[5]).as_ref(), Some(&kept), "the report of seed 5 is as it was");
    assert_eq!(folder.interrupted(&[5, 6, 7]), [6]);
    assert!(shown(&both, &[5, 6]).is_none());

    finish(&both, &folder);
    assert_eq!(shown(&both, &[5, 6]).map(|runs| runs.len()), Some(2), "the new report stands in its place");
    assert_eq!(folder.interrupted(&[5, 6, 7]), [0; 0]);

    // A run that begins again takes the report that showed it: its weights are about to go.
    assert!(matches!(run(&first, &folder, false, Some(2)), Outcome::Stopped));
    assert!(!folder.is_finished());
    assert_eq!(folder.interrupted(&[5, 6, 7]), [5]);
}

#[test]
fn weights_that_were_changed_are_trained_anew_and_no_report_shows_them_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(&dir.path().join("run"), Box::new(FileSystem)).unwrap();
    let job = job(dir.path(), &[5]);
    finish(&job, &folder);
    std::fs::write(folder.best(5), b"something else").unwrap();
    run(&job, &folder, true, Some(0));
    assert!(!folder.is_finished());
}
