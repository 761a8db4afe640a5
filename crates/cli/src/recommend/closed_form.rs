//! `anchorrec recommend closed-forms.json`: lists by a method without training, alone.

use super::options::RecommendOptions;
use super::people::{new_users, own, users};
use super::written::{write_lists, write_new};
use crate::baselines::gib;
use crate::finished::threads;
use anchorrec_records::ClosedFormRecord;
use anchorrec_records::report::selection_metric;
use anchorrec_retrieval::Ids;
use anchorrec_retrieval::closed_form::{ClosedFormRetriever, JudgedForms};
use anchorrec_retrieval::writing::Handed;
use anchorrec_trainer::closed_forms::{Method, exact_bytes, too_little};
use anyhow::{Result, bail};
use std::path::Path;

/// Writes the lists; returns who has which.
pub fn run(options: &RecommendOptions, path: &Path) -> Result<Handed> {
    for (is_said, option, why) in [
        (options.fuse, "--fuse", "there is no trained model beside it"),
        (options.new_items.new_items.is_some(), "--new-items", "it has no score for an item that nobody took"),
        (options.run.seed.is_some(), "--seed", "nothing in it is drawn"),
        (options.fold_in.is_some(), "--fold-in", "it scores a new user by its items as it scores a known one"),
    ] {
        if is_said {
            bail!("{option}: a closed form ranks alone: {why}");
        }
    }
    threads(&options.run)?;
    let judged = JudgedForms::open(path)?;
    if judged.report.arithmetic == "portable" {
        anchorrec_kernels::portable::choose();
    }
    let method = judged.method(options.closed_form.map(Method::name))?;
    say(&judged, method, options.closed_form.is_some());
    let dataset = judged.dataset(options.run.data.as_deref())?;
    enough_memory(&judged, method, dataset.interactions.items)?;
    let never = options.items.candidates.never(&dataset, &Ids::of_items(&dataset))?;
    let retriever =
        || anyhow::Ok(ClosedFormRetriever::new(&judged, method, &dataset, options.items.exclude(), &never)?);
    let (out, top) = (options.out.as_deref(), options.items.top);
    // Who is wanted is read before anything is solved.
    let Some(path) = &options.new_users else {
        let (users, retriever) = (users(options, &dataset)?, retriever()?);
        return write_lists(&dataset, out, top, &users, |users| retriever.lists(users, top));
    };
    let histories = new_users(path, &dataset)?;
    let lists = retriever()?.lists_for(&histories.items, &own(options, &histories), top);
    write_new(&dataset, out, top, &histories.users, &lists)
}

/// Says which method ranks, and why.
fn say(judged: &JudgedForms, method: &ClosedFormRecord, is_named: bool) {
    let ClosedFormRecord { title, setting, tried, .. } = method;
    let chosen = match (*tried, method.is_chosen()) {
        (0 | 1, _) => String::new(),
        (_, true) => format!(", {setting}, as validation chose it"),
        (_, false) => format!(", {setting}, the first of its settings: there was no validation to choose by"),
    };
    eprintln!("{title} on {}{chosen}", judged.report.data.name);
    if !is_named && judged.report.methods.len() > 1 {
        let best = method.valid.get(&selection_metric()).copied().unwrap_or_default();
        eprintln!(
            "note: {title} has the best validation {} of {} methods, {best:.4}; --closed-form takes another",
            selection_metric(),
            judged.report.methods.len()
        );
    }
    if let Some(neighbours) = judged.report.neighbours.filter(|_| is_solved(method)) {
        eprintln!("note: an approximation, each item on its {neighbours} nearest neighbours, as it was evaluated");
    }
}

/// Whether a method solves an equation of all items.
fn is_solved(method: &ClosedFormRecord) -> bool {
    [Method::Ease, Method::L3ae].iter().any(|solved| solved.name() == method.method)
}

/// Refuses what this machine cannot hold.
pub fn enough_memory(judged: &JudgedForms, method: &ClosedFormRecord, items: usize) -> Result<()> {
    let is_exact = judged.report.neighbours.is_none() && is_solved(method);
    match too_little(items).filter(|_| is_exact) {
        Some(available) => bail!(
            "{} holds {:.1} GiB of matrices, and this machine has {:.1} GiB left: evaluate it on neighbours, `anchorrec baselines --neighbours 200`",
            method.title,
            gib(exact_bytes(items)),
            gib(available)
        ),
        None => Ok(()),
    }
}
