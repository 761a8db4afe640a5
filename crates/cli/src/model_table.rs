//! `anchorrec table`: many models on many data sets by a declared protocol. This process plans; its children, ordinary commands of the same program, compute.

use crate::args::at_least_one;
use crate::interrupt;
use anchorrec_files::atomic::write_atomic;
use anchorrec_files::disk::FileSystem;
use anchorrec_models::MODELS;
use anchorrec_report::model_table::{DatasetOfTable, ModelTable, html, markdown};
use anchorrec_table::command::Places;
use anchorrec_table::declaration::Budget;
use anchorrec_table::estimate::{Estimate, said};
use anchorrec_table::plan::{Step, Task};
use anchorrec_table::results::Results;
use anchorrec_table::{Declaration, Ended, Table, TableError};
use anyhow::{Context, Result};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct TableOptions {
    /// Compute these data sets only
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub only: Vec<String>,

    /// Compute these rows only, and no methods without training
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub models: Vec<String>,

    /// Steps at a time, each with one thread
    #[arg(long, value_name = "N", default_value = "2", value_parser = at_least_one)]
    pub jobs: usize,

    /// Say what is done and what is left, with the commands of the steps, and compute nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Write the page from the results that are there, and compute nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub write_only: bool,

    /// The declaration: data sets, models, budget
    #[arg(long, value_name = "FILE", default_value = "datasets/table.toml")]
    pub declaration: PathBuf,

    /// Folder of the data sets' manifests
    #[arg(long, value_name = "DIR", default_value = "datasets")]
    pub datasets: PathBuf,

    /// Folder for results, one JSON file for each row: RESULTS/DATASET/MODEL.json
    #[arg(long, value_name = "DIR", default_value = "docs/results")]
    pub results: PathBuf,

    /// The page that is made from the results
    #[arg(long, value_name = "FILE", default_value = "docs/results.md")]
    pub page: PathBuf,

    /// A page with figures that is made from the results, one HTML file that needs no network
    #[arg(long, value_name = "FILE", default_value = "docs/results.html")]
    pub html: PathBuf,

    /// Folder for runs
    #[arg(long, value_name = "DIR", default_value = "runs/table")]
    pub out: PathBuf,

    /// The program that computes the steps [default: this one]
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
}

/// Runs the command.
pub fn run(options: &TableOptions) -> Result<ExitCode> {
    let name = options.declaration.display().to_string();
    let text = std::fs::read_to_string(&options.declaration).with_context(|| format!("{name}: cannot read"))?;
    let program = match &options.program {
        Some(program) => program.clone(),
        None => std::env::current_exe().context("cannot find this program")?,
    };
    let table = Table {
        models: MODELS,
        declaration: Declaration::parse(&name, &text, MODELS)?,
        program,
        places: Places { datasets: options.datasets.clone(), out: options.out.clone() },
        results: options.results.clone(),
        jobs: options.jobs,
        only: options.only.clone(),
        rows: options.models.clone(),
    };
    let results = table.known()?;
    results.unknown.iter().for_each(|file| eprintln!("note: {file} is no row of {name}: it is left out"));
    if options.write_only {
        write(&table, &results, options)?;
        println!("{}", pages(options));
        return Ok(ExitCode::SUCCESS);
    }
    if options.dry_run {
        print!("{}", plan(&table, &results)?);
        return Ok(ExitCode::SUCCESS);
    }
    let stop = interrupt::flag()?;
    let mut written = |results: &Results| {
        eprintln!("{}", left(&table, results)?);
        write(&table, results, options)
    };
    let ended = table.run(&stop, &mut |line| eprintln!("{line}"), &mut written)?;
    Ok(match ended {
        Ended::Done => {
            println!("{}", pages(options));
            ExitCode::SUCCESS
        }
        Ended::Failed(steps) => {
            eprintln!("error: {} failed; the others are done:\n{}", counted(steps.len()), steps.join("\n"));
            ExitCode::FAILURE
        }
        Ended::Stopped => {
            eprintln!("interrupted; nothing is lost. Go on with the same command");
            ExitCode::from(interrupt::EXIT_CODE)
        }
    })
}

fn pages(options: &TableOptions) -> String {
    format!("page: {}\nwith figures: {}", options.page.display(), options.html.display())
}

/// Says how many steps are left, and how long they take.
fn left(table: &Table, results: &Results) -> Result<String, TableError> {
    let (all, left) = (table.steps()?.len(), table.left(results)?);
    let Estimate { seconds, unknown } = table.estimate(&left, results);
    let time = said(Duration::from_secs_f64(seconds / table.jobs as f64));
    let told = left.len() - unknown;
    let rest = match (told, unknown) {
        (_, 0) => format!("about {time}"),
        (0, _) => "nothing is known about their time yet".to_owned(),
        _ => format!("about {time} for {told} of them; nothing is known about the others yet"),
    };
    let done = all - left.len();
    Ok(if left.is_empty() {
        format!("all {} done", counted(all))
    } else {
        format!("{done} of {} done; left: {rest}", counted(all))
    })
}

fn counted(steps: usize) -> String {
    if steps == 1 { "one step".to_owned() } else { format!("{steps} steps") }
}

/// Every step, done or left, the latter with its command.
fn plan(table: &Table, results: &Results) -> Result<String, TableError> {
    let mut out = String::new();
    for step in table.steps()? {
        if step.is_done(results) {
            out += &format!("done  {step}\n");
            continue;
        }
        let words = table.words(&step, results);
        let shown = words.map_or("after its search".to_owned(), |words| {
            let words: Vec<String> = words.iter().map(|word| interrupt::quoted(word)).collect();
            format!("anchorrec {}", words.join(" "))
        });
        out += &format!("left  {step}\n        {shown}\n");
    }
    Ok(out + &left(table, results)? + "\n")
}

/// Writes the Markdown page and the HTML page from results alone. Both show everything that is declared, even where only a part is asked for.
fn write(table: &Table, results: &Results, options: &TableOptions) -> Result<(), TableError> {
    let whole = Table {
        declaration: table.declaration.clone(),
        program: table.program.clone(),
        places: table.places.clone(),
        results: table.results.clone(),
        only: Vec::new(),
        rows: Vec::new(),
        ..*table
    };
    let declaration = &whole.declaration;
    let left = whole.left(results)?;
    let dataset = |name: String| DatasetOfTable {
        models: declaration.models.iter().filter_map(|model| results.model(&name, &model.name)).collect(),
        closed_forms: results.closed_forms(&name),
        name,
    };
    let shown = ModelTable {
        protocol: protocol(declaration),
        datasets: declaration.dataset_names().into_iter().map(dataset).collect(),
        missing: declaration.dataset_names().iter().filter_map(|name| missing(name, results, &left)).collect(),
        command: "cargo xtask table".to_owned(),
    };
    file(&options.page, &markdown(&shown))?;
    file(&options.html, &html(&shown).html)
}

fn file(path: &Path, text: &str) -> Result<(), TableError> {
    let written = write_atomic(&FileSystem, path, |file| file.write_all(text.as_bytes()));
    written.map_err(|source| TableError::File { path: path.to_owned(), action: "write", source })
}

/// The steps of a data set that are left, in one line.
fn missing(dataset: &str, results: &Results, left: &[Step]) -> Option<String> {
    if results.models(dataset).next().is_none() && results.closed_forms(dataset).is_none() {
        return Some(format!("{dataset}: everything"));
    }
    let rows = |task: Task| {
        let of = left.iter().filter(|step| step.dataset == dataset && step.task == task);
        of.map(|step| step.row.as_str()).collect::<Vec<_>>().join(", ")
    };
    let tasks = [
        (Task::Published, "published settings of"),
        (Task::Search, "the search of"),
        (Task::Tuned, "tuned settings of"),
    ];
    let mut parts: Vec<String> = tasks
        .into_iter()
        .map(|(task, what)| (what, rows(task)))
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(what, rows)| format!("{what} {rows}"))
        .collect();
    if left.iter().any(|step| step.dataset == dataset && step.task == Task::ClosedForms) {
        let known = results.closed_forms(dataset).is_some();
        let of = if known { "the lists of the methods without training" } else { "the methods without training" };
        parts.insert(0, of.to_owned());
    }
    (!parts.is_empty()).then(|| format!("{dataset}: {}", parts.join("; ")))
}

/// The protocol in sentences.
fn protocol(declaration: &Declaration) -> Vec<String> {
    let Budget { trials, epochs, evaluate_every, patience, ref learning_rate, .. } = declaration.budget;
    let seeds = declaration.datasets.iter().map(|dataset| format!("{} on {}", dataset.seeds.len(), dataset.name));
    vec![
        format!(
            "Every search tries {trials} points: the model's published ranges, the learning rates {}, and the weight of the regularisation where the published ranges leave it out. The \
             defaults are the first point.",
            learning_rate.join(", ")
        ),
        "A search ends two thirds of its trials after a ninth of the epochs and again after a third, but none that still rises faster than the leader.".to_owned(),
        format!(
            "Every run ends after {} epochs without a better validation Recall@20, judged every {evaluate_every} epochs; the cap of {epochs} epochs is there to bind nothing, and runs that \
             ended at it are counted.",
            patience * evaluate_every
        ),
        format!("Seeds: {}. The same for every model.", seeds.collect::<Vec<_>>().join(", ")),
        "A row \"published\" has the defaults, or what the authors print for that data set; a row \"tuned\" has what the search chose.".to_owned(),
    ]
}
