//! `anchorrec baselines`: what a model has to beat, without training one.

use crate::args::{DataOptions, at_least_one};
use crate::closed_forms_table;
use crate::loaded::{self, Loaded, Rows};
use crate::machine;
use crate::progress::Progress;
use crate::table::counts;
use anchorrec_data::{Provenance, grouped};
use anchorrec_files::atomic::write_json;
use anchorrec_files::disk::FileSystem;
use anchorrec_records::analysis::CatalogueRecord;
use anchorrec_records::report::{DataRecord, PhaseRecord};
use anchorrec_records::{ClosedFormRecord, ClosedFormsReport, lists};
use anchorrec_trainer::analysis;
use anchorrec_trainer::closed_forms::{self, MOST_ITEMS, Method, Setting, Solver, exact_bytes, too_little};
use anchorrec_trainer::config::ProtocolConfig;
use anchorrec_trainer::evaluation::{Evaluation, Evaluator};
use anchorrec_trainer::job::phase;
use anchorrec_trainer::{Observer, RunEvent};
use anyhow::{Context, Result, bail};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

#[derive(Debug, Args)]
pub struct BaselinesOptions {
    #[command(flatten)]
    pub data: DataOptions,

    /// Methods to evaluate [default: all that the data allows; l3ae needs features]
    #[arg(long, value_name = "METHOD,...", value_delimiter = ',', value_parser = method())]
    pub methods: Vec<Method>,

    /// Solve EASE and L3AE on each item's N nearest neighbours by co-occurrence instead of on all items: an approximation for large
    /// catalogues that needs no matrix of items x items
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub neighbours: Option<usize>,

    /// Largest number of items for which EASE and L3AE are solved exactly; they need 16 bytes x items x items of memory
    #[arg(long, value_name = "N", default_value_t = MOST_ITEMS, conflicts_with = "neighbours")]
    pub most_items: usize,

    /// Leave a user's validation items out of the test ranking; published code does not
    #[arg(long)]
    pub mask_validation_at_test: bool,

    /// Also look at the lists of each method at its chosen setting: groups of users and items, coverage, what every user got; one file for each method,
    /// OUT/DATASET/closed-forms/METHOD.lists.json
    #[arg(long)]
    pub analyse: bool,

    /// Number of threads; affects speed, never results [default: one per processor]
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub threads: Option<usize>,

    /// Compute with plain loops only: much slower, but the same bits on every processor
    #[arg(long)]
    pub portable: bool,

    /// Folder for results: the JSON file goes to OUT/DATASET/closed-forms.json
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub out: PathBuf,
}

/// Reads a method by its name.
pub fn method() -> impl TypedValueParser<Value = Method> {
    let find = |name: String| Method::ALL.into_iter().find(|method| method.name() == name).expect("one of the names");
    PossibleValuesParser::new(Method::ALL.map(Method::name)).map(find)
}

/// Runs the command.
pub fn run(options: &BaselinesOptions) -> Result<ExitCode> {
    machine::threads_and_arithmetic(options.threads, options.portable)?;
    let mut progress = Progress::new();
    let loaded = loaded::load(&options.data, Rows::Split, &mut progress)?;
    let mut notices: Vec<String> = loaded.notes.iter().map(ToString::to_string).collect();
    let (methods, without) = methods(options, &loaded)?;
    if let Some(notice) = without {
        progress.event(RunEvent::Notice(&notice));
        notices.push(notice);
    }
    let solver = solver(options, &methods, loaded.dataset.interactions.items)?;
    let protocol = ProtocolConfig { mask_validation_at_test: options.mask_validation_at_test, ..Default::default() };
    let evaluator = Evaluator::new(&loaded.dataset.interactions, &protocol).without(&loaded.dataset.phantoms.items);
    let fitter = closed_forms::fitter(&loaded.dataset, solver, methods.contains(&Method::L3ae))?;
    let mut phases = loaded.phases.clone();
    let mut said =
        |setting: &Setting, evaluation: &Evaluation| eprintln!("{}", closed_forms_table::tried(setting, evaluation));
    // Nothing is kept before the end, so an interrupt may end the process at once, as it does without a listener.
    let stop = AtomicBool::new(false);
    let work = || closed_forms::judged(&fitter, &evaluator, &methods, &stop, &mut said);
    let judged = phase("evaluate", &mut phases, &mut (), work)?;
    let report = record(&loaded, &protocol, solver, judged, phases, notices);
    print!("{}", render(&report));
    // The lists are first: whoever finds the report finds them too.
    if options.analyse {
        print!("{}", analyse(&loaded, &protocol, &report, &options.out)?);
    }
    let path = save(&report, &options.out)?;
    println!("report: {}", path.display());
    Ok(ExitCode::SUCCESS)
}

/// Looks at the lists of each method and keeps what it sees below `out`. Says it in a line for each.
fn analyse(loaded: &Loaded, protocol: &ProtocolConfig, report: &ClosedFormsReport, out: &Path) -> Result<String> {
    let folder = out.join(&report.data.name).join(lists::FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let mut said = String::new();
    for method in &report.methods {
        let scores = closed_forms::again(method, report.neighbours, &loaded.dataset)?;
        let ranked_by = method.ranked_by(report.neighbours);
        let seen = analysis::lists_of_closed_form(&loaded.dataset, protocol, &*scores, ranked_by);
        let path = folder.join(lists::of_method(&method.method));
        write_json(&FileSystem, &path, &seen).with_context(|| path.display().to_string())?;
        let CatalogueRecord { coverage, gini, popularity_lift } = seen.catalogue;
        said += &format!(
            "{}: coverage {coverage:.3}, Gini {gini:.3}, popularity lift {popularity_lift:.2}; lists: {}\n",
            method.title,
            path.display()
        );
    }
    Ok(said)
}

/// Records methods on a data set.
pub fn record(
    loaded: &Loaded,
    protocol: &ProtocolConfig,
    solver: Solver,
    methods: Vec<ClosedFormRecord>,
    phases: Vec<PhaseRecord>,
    notices: Vec<String>,
) -> ClosedFormsReport {
    ClosedFormsReport {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: std::env::args().collect(),
        data: DataRecord { notes: loaded.notes.clone(), ..loaded.record() },
        inputs: loaded.inputs(),
        at: protocol.at.clone(),
        mask_validation_at_test: protocol.mask_validation_at_test,
        neighbours: match solver {
            Solver::Exact { .. } => None,
            Solver::Neighbours(neighbours) => Some(neighbours),
        },
        threads: rayon::current_num_threads(),
        arithmetic: anchorrec_kernels::arithmetic::name().to_owned(),
        phases,
        methods,
        trials: Vec::new(),
        notices,
    }
}

/// The methods, and what is to be said of one that was left out.
fn methods(options: &BaselinesOptions, loaded: &Loaded) -> Result<(Vec<Method>, Option<String>)> {
    let featured = !loaded.record().widths.is_empty();
    let mut methods = if options.methods.is_empty() { Method::ALL.to_vec() } else { options.methods.clone() };
    if featured || !methods.contains(&Method::L3ae) {
        return Ok((methods, None));
    }
    if !options.methods.is_empty() {
        bail!(
            "--methods l3ae: this data set has no features; expected one of mm_feat.npy, text_feat.npy, image_feat.npy"
        );
    }
    methods.retain(|&method| method != Method::L3ae);
    Ok((methods, Some(without_features())))
}

/// Says that L3AE is left out of a data set without features.
pub fn without_features() -> String {
    format!("{} is left out: this data set has no features", Method::L3ae.title())
}

/// How EASE and L3AE are solved; refused before anything is computed where it cannot be.
fn solver(options: &BaselinesOptions, methods: &[Method], items: usize) -> Result<Solver> {
    if let Some(neighbours) = options.neighbours {
        return Ok(Solver::Neighbours(neighbours));
    }
    let solver = Solver::Exact { most_items: options.most_items };
    if !methods.contains(&Method::Ease) && !methods.contains(&Method::L3ae) {
        return Ok(solver);
    }
    let instead = "solve each item on its neighbours with --neighbours 200, or leave the two out with --methods popularity,item-knn";
    let needed = format!(
        "EASE and L3AE of {} items hold two matrices of items x items numbers, 16 x {items}² bytes = {:.1} GiB",
        grouped(items),
        gib(exact_bytes(items))
    );
    if items > options.most_items {
        bail!("{needed}; the limit is {} items: raise it with --most-items, {instead}", grouped(options.most_items));
    }
    match too_little(items) {
        Some(available) => bail!("{needed}, and this machine has {:.1} GiB left: {instead}", gib(available)),
        None => Ok(solver),
    }
}

/// Converts bytes to GiB.
pub fn gib(bytes: f64) -> f64 {
    bytes / f64::from(1 << 30)
}

/// Writes what is above a table of methods on a data set: what they are, on which data, how much of it.
pub fn head(methods: &str, data: &DataRecord) -> String {
    let synthetic =
        if data.source == Provenance::Synthetic { " (SYNTHETIC DATA, not comparable with any paper)" } else { "" };
    format!("\n{methods} on {}{synthetic}, anchorrec {}\n{}\n", data.name, env!("CARGO_PKG_VERSION"), counts(data))
}

fn render(report: &ClosedFormsReport) -> String {
    let mut out = head("methods without training", &report.data);
    if let Some(neighbours) = report.neighbours {
        out += &format!("EASE and L3AE: an approximation, each item on its {neighbours} nearest neighbours\n");
    }
    out += "\n";
    out += &closed_forms_table::render(&report.methods);
    for method in report.methods.iter().filter(|method| method.residual.is_some() || method.tried > 1) {
        let left = method.residual.map_or_else(String::new, |left| format!(", residual {left:.1e}"));
        out += &format!("{}: the chosen setting alone takes {:.2} s{left}\n", method.title, method.seconds);
    }
    if let Some(peak) = report.phases.iter().filter_map(|phase| phase.peak_rss_bytes).max() {
        out += &format!("peak memory of the process: {:.0} MiB\n", peak as f64 / f64::from(1 << 20));
    }
    report.notices.iter().for_each(|notice| out += &format!("note: {notice}\n"));
    out
}

/// Writes the record to its place below `out`.
pub fn save(report: &ClosedFormsReport, out: &Path) -> Result<PathBuf> {
    let folder = out.join(&report.data.name);
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let path = folder.join("closed-forms.json");
    write_json(&FileSystem, &path, report).with_context(|| path.display().to_string())?;
    Ok(path)
}
