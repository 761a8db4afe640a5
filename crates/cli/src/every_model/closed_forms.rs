//! The closed forms of the table, kept method by method, and a method in the middle of its search setting by setting.

use crate::baselines::{gib, record, save, without_features};
use crate::closed_forms_table::tried;
use crate::loaded::Loaded;
use anchorrec_data::grouped;
use anchorrec_records::{ClosedFormRecord, ClosedFormsReport, TrialRecord};
use anchorrec_trainer::closed_forms::{
    self, MOST_ITEMS, Method, Setting, Solver, Trials, Unchosen, exact_bytes, too_little,
};
use anchorrec_trainer::config::ProtocolConfig;
use anchorrec_trainer::evaluation::{Evaluation, Evaluator};
use anyhow::Result;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Settings that were tried are written at most so often: that much of a search can be lost where the process is killed.
const SELDOM: Duration = Duration::from_secs(1);

/// Neighbours of EASE and L3AE where they cannot be exact.
const NEIGHBOURS: usize = 200;

/// Judges every method that the data allows. Each is kept when it is done, in `closed-forms.json`, and of one that is not done the settings that were tried; what is
/// there of the same data and program is not computed again. Returns nothing once `stop` is set.
pub fn all(
    loaded: &Loaded,
    protocol: &ProtocolConfig,
    out: &Path,
    again: bool,
    stop: &AtomicBool,
) -> Result<Option<Vec<ClosedFormRecord>>> {
    let interactions = &loaded.dataset.interactions;
    let solver = solver(interactions.items);
    let fitter = closed_forms::fitter(&loaded.dataset, solver, true)?;
    let mut notices: Vec<String> = loaded.notes.iter().map(ToString::to_string).collect();
    if fitter.features.is_empty() {
        let left_out = without_features();
        eprintln!("note: {left_out}");
        notices.push(left_out);
    }
    let evaluator = Evaluator::new(interactions, protocol).without(&loaded.dataset.phantoms.items);
    let report =
        |methods: &[ClosedFormRecord]| record(loaded, protocol, solver, methods.to_vec(), Vec::new(), notices.clone());
    let (before, tried_before) = if again { None } else { before(out, &report(&[])) }.unwrap_or_default();
    let mut done: Vec<ClosedFormRecord> = Vec::new();
    for method in Method::ALL {
        if method == Method::L3ae && fitter.features.is_empty() {
            continue;
        }
        let known = before.iter().find(|known| known.method == method.name());
        if let Some(known) = known {
            eprintln!("{:<10} computed before, read back", method.name());
            done.push(known.clone());
            continue;
        }
        let known: Vec<TrialRecord> =
            tried_before.iter().filter(|trial| trial.method == method.name()).cloned().collect();
        if !known.is_empty() {
            eprintln!("{:<10} {} settings computed before, read back", method.name(), known.len());
        }
        let mut said = |setting: &Setting, evaluation: &Evaluation| eprintln!("{}", tried(setting, evaluation));
        let save_trials =
            |trials: &[TrialRecord]| save(&ClosedFormsReport { trials: trials.to_vec(), ..report(&done) }, out);
        let (mut written, mut failed) = (Instant::now(), None);
        let mut keep = |trials: &[TrialRecord]| {
            if written.elapsed() >= SELDOM {
                failed = save_trials(trials).err();
                stop.fetch_or(failed.is_some(), Ordering::Relaxed);
                written = Instant::now();
            }
        };
        let mut trials = Trials { known, keep: &mut keep };
        let judged = closed_forms::judged_going_on(&fitter, &evaluator, &[method], stop, &mut said, &mut trials);
        match judged {
            Ok(judged) => done.extend(judged),
            Err(Unchosen::Stopped) => {
                save_trials(&trials.known)?;
                return failed.map_or(Ok(None), Err);
            }
            Err(error) => return Err(error.into()),
        }
        save(&report(&done), out)?;
    }
    save(&report(&done), out)?;
    Ok(Some(done))
}

/// Exactly, where items and memory allow; else on neighbours, with a note.
fn solver(items: usize) -> Solver {
    let why = match too_little(items) {
        _ if items > MOST_ITEMS => format!("the limit is {} items", grouped(MOST_ITEMS)),
        Some(available) => format!("{:.1} GiB are left", gib(available)),
        None => return Solver::Exact { most_items: MOST_ITEMS },
    };
    eprintln!(
        "note: EASE and L3AE of {} items would hold {:.1} GiB ({why}): each item is solved on its {NEIGHBOURS} nearest neighbours instead",
        grouped(items),
        gib(exact_bytes(items))
    );
    Solver::Neighbours(NEIGHBOURS)
}

/// The methods of an earlier command and the settings that it tried of another, if it would compute the same.
fn before(out: &Path, now: &ClosedFormsReport) -> Option<(Vec<ClosedFormRecord>, Vec<TrialRecord>)> {
    let text = std::fs::read_to_string(out.join(&now.data.name).join("closed-forms.json")).ok()?;
    let before: ClosedFormsReport = serde_json::from_str(&text).ok()?;
    let made_of = |report: &ClosedFormsReport| {
        let inputs: Vec<String> = report.inputs.iter().map(|input| input.sha256.clone()).collect();
        let ClosedFormsReport { version, at, mask_validation_at_test, neighbours, arithmetic, .. } = report;
        (inputs, version.clone(), at.clone(), *mask_validation_at_test, *neighbours, arithmetic.clone())
    };
    (made_of(&before) == made_of(now)).then_some((before.methods, before.trials))
}
