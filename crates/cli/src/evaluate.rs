//! `anchorrec evaluate`: lists of any tool, evaluated by our protocol or by another library's definitions.

use crate::args::at_least_one;
use crate::finished::check_place;
use crate::reads::{Reads, same_place};
use anchorrec_data::note::either;
use anchorrec_data::{Dataset, Split};
use anchorrec_files::atomic::write_json;
use anchorrec_files::disk::FileSystem;
use anchorrec_files::{counted, grouped};
use anchorrec_metrics::definitions::{DEFINITIONS, Definition, Metric, find};
use anchorrec_metrics::significance::t_quantile;
use anchorrec_records::comparison::PairedTests;
use anchorrec_retrieval::judged::Lists;
use anchorrec_trainer::comparison::{correct, paired};
use anyhow::{Context, Result, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Metrics that two sets of lists are tested on.
const TESTED: [Metric; 2] = [Metric::Recall, Metric::Ndcg];

#[derive(Debug, Args)]
pub struct EvaluateOptions {
    /// Lists to judge, one file each: user, item, and rank or score (.csv, .tsv, .parquet), or a TREC run (.run, .trec). Two or more are compared
    /// with the first by paired tests
    #[arg(value_name = "LISTS", required = true)]
    pub lists: Vec<PathBuf>,

    /// Folder of the data set whose held-out rows are the truth
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,

    /// Split whose rows are the truth
    #[arg(long, value_enum, default_value = "test")]
    pub split: SplitOption,

    /// Cut-offs K of Recall@K, NDCG@K, ...
    #[arg(long, value_name = "K,...", value_delimiter = ',', default_value = "5,10,20,50", value_parser = at_least_one)]
    pub at: Vec<usize>,

    /// Whose definitions of the metrics to use: ours or a library's; `all` shows all of them
    #[arg(long, value_name = "LIBRARY", default_value = "anchorrec", value_parser = definition())]
    pub definition: DefinitionOption,

    /// Also write the results, unrounded, to this JSON file
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Also write the truth as TREC qrels, for trec_eval, ranx and ir_measures
    #[arg(long, value_name = "FILE")]
    pub qrels: Option<PathBuf>,
}

/// A split as an option.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SplitOption {
    Test,
    Valid,
}

/// One definition, or all.
#[derive(Clone, Copy, Debug)]
pub enum DefinitionOption {
    One(&'static Definition),
    All,
}

fn definition() -> impl TypedValueParser<Value = DefinitionOption> {
    let names = DEFINITIONS.iter().map(|definition| definition.name).chain(["all"]);
    PossibleValuesParser::new(names.collect::<Vec<_>>())
        .map(|name| find(&name).map_or(DefinitionOption::All, DefinitionOption::One))
}

/// What `--json` holds.
#[derive(Serialize)]
struct Results {
    definition: String,
    split: &'static str,
    users: usize,
    lists: Vec<OfLists>,
}

/// The results of one file.
#[derive(Serialize)]
struct OfLists {
    file: String,
    metrics: BTreeMap<String, Value>,
    /// Paired tests against the first file.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    against_first: BTreeMap<String, PairedTests>,
}

/// A metric.
#[derive(Serialize)]
struct Value {
    value: f64,
    /// Users that it is the mean of; absent where it is pooled.
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<usize>,
    /// The 95 % confidence interval of the mean over users.
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<(f64, f64)>,
}

/// Runs the command.
pub fn run(options: &EvaluateOptions) -> Result<ExitCode> {
    for (option, path) in [("--json", &options.json), ("--qrels", &options.qrels)] {
        let Some(path) = path else { continue };
        check_place(option, path)?;
        Reads::default().files(&options.lists).data(&options.data).check(option, path)?;
    }
    if let (Some(json), Some(qrels)) = (&options.json, &options.qrels)
        && same_place(json, qrels)
    {
        bail!("--qrels: expected another file than that of --json");
    }
    let dataset = Dataset::load(&options.data)?;
    let (split, split_name) = match options.split {
        SplitOption::Test => (Split::Test, "test"),
        SplitOption::Valid => (Split::Valid, "validation"),
    };
    let truth = dataset.interactions.by_user(split);
    if truth.items().is_empty() {
        bail!("{}: there are no {split_name} rows to judge by", options.data.display());
    }
    let mut at = options.at.clone();
    at.sort_unstable();
    at.dedup();
    if let DefinitionOption::All = options.definition {
        if options.json.is_some() {
            bail!("--json: holds the results of one definition: name it in place of --definition all");
        }
        // A line for each library has room for one cut-off.
        at = vec![if at.contains(&20) { 20 } else { at[at.len() - 1] }];
    }
    let ours =
        matches!(options.definition, DefinitionOption::One(definition) if definition.name == DEFINITIONS[0].name);
    let mut read = Vec::new();
    for path in &options.lists {
        let lists = Lists::read(path, &dataset)?;
        lists.notes.iter().for_each(|note| eprintln!("note: {}: {note}", path.display()));
        tell(&path.display().to_string(), &lists, &dataset, split, &at, ours);
        read.push(lists);
    }
    // Whoever has a positive or is in the file; no file counts for another.
    let everybody = 0..dataset.interactions.users as u32;
    let tested = everybody.clone().filter(|&user| !truth.of(user).is_empty()).count();
    let rows_of = |lists| {
        let is_in = |user: &u32| !truth.of(*user).is_empty() || !Lists::of(lists, *user).is_empty();
        everybody.clone().filter(is_in).map(|user| (lists.of(user), truth.of(user))).collect()
    };
    let rows: Vec<Vec<(&[u32], &[u32])>> = read.iter().map(rows_of).collect();
    println!(
        "{} on the {split_name} rows of {}: {} with a positive",
        files(options),
        dataset.name,
        counted(tested, "user", "users")
    );
    if let Some(path) = &options.qrels {
        qrels(path, &dataset, split)?;
        println!("qrels: {}", path.display());
    }
    let definition = match options.definition {
        DefinitionOption::One(definition) => definition,
        DefinitionOption::All => return every_definition(options, &rows, at[0]),
    };
    println!("defined as by {}", definition.library);
    if !definition.about.is_empty() {
        println!("{}", definition.about);
    }
    let mut results: Vec<OfLists> = Vec::new();
    for (path, rows) in options.lists.iter().zip(&rows) {
        let metrics = measured(definition, rows, &at);
        print!("{}", table(&path.display().to_string(), &metrics, &at));
        results.push(OfLists { file: path.display().to_string(), metrics, against_first: BTreeMap::new() });
    }
    if rows.len() > 1 {
        let k = if at.contains(&20) { 20 } else { at[at.len() - 1] };
        let mut against = Vec::new();
        for (path, rows_of) in options.lists[1..].iter().zip(&rows[1..]) {
            let tested = tests(definition, rows_of, &rows[0], k);
            tested.notes.iter().for_each(|note| eprintln!("note: {}: {note}", path.display()));
            against.push(tested.tests);
        }
        correct(&mut against);
        print!("{}", tests_table(options, &against));
        for (of_lists, against) in results[1..].iter_mut().zip(against) {
            of_lists.against_first = against;
        }
    }
    if let Some(path) = &options.json {
        let results =
            Results { definition: definition.library.to_owned(), split: split_name, users: tested, lists: results };
        write_json(&FileSystem, path, &results).with_context(|| format!("{}: cannot write", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn files(options: &EvaluateOptions) -> String {
    options.lists.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Says what a reader would want to know of lists before their numbers; `ours` is our own definition, in which everybody with a positive counts and nobody else.
fn tell(place: &str, lists: &Lists, dataset: &Dataset, split: Split, at: &[usize], ours: bool) {
    let (truth, train) = (dataset.interactions.by_user(split), dataset.interactions.by_user(Split::Train));
    let longest = at.last().copied().unwrap_or(0);
    let users = 0..dataset.interactions.users as u32;
    let without = users.filter(|&user| !truth.of(user).is_empty() && lists.users.binary_search(&user).is_err()).count();
    let idle = lists.users.iter().filter(|&&user| truth.of(user).is_empty()).count();
    let short = lists.items.iter().filter(|list| list.len() < longest).count();
    let shown = |user: u32, list: &[u32]| list.iter().take(longest).any(|&item| train.has(user, item));
    let seen = lists.users.iter().zip(&lists.items).filter(|&(&user, list)| shown(user, list)).count();
    let (finds, find, is, are) = match ours {
        true => (" and finds nothing", " and find nothing", " and is in no mean", " and are in no mean"),
        false => {
            let unlike = ": some definitions count them as without hits, some leave them out";
            (unlike, unlike, ": some definitions count them as 0", ": some definitions count them as 0")
        }
    };
    for (count, one, many) in [
        (
            without,
            format!("user with a positive has no list{finds}"),
            format!("users with a positive have no list{find}"),
        ),
        (idle, format!("user with a list has no positive{is}"), format!("users with a list have no positive{are}")),
        (short, format!("list is shorter than {longest}"), format!("lists are shorter than {longest}")),
        (
            seen,
            "list holds items of the user's own training rows, which take places from others".to_owned(),
            "lists hold items of the user's own training rows, which take places from others".to_owned(),
        ),
    ] {
        if count > 0 {
            eprintln!("note: {place}: {} {}", grouped(count), either(count, &one, &many));
        }
    }
}

/// Every metric at every K.
fn measured(definition: &Definition, rows: &[(&[u32], &[u32])], at: &[usize]) -> BTreeMap<String, Value> {
    let mut metrics = BTreeMap::new();
    for metric in Metric::ALL {
        for &k in at {
            let Some(measured) = definition.measure(metric, rows, k) else { continue };
            let n = measured.users.len();
            let interval = (n > 1).then(|| {
                let squares: f64 = measured.users.iter().map(|user| (user.1 - measured.value).powi(2)).sum();
                let half = t_quantile(0.975, n - 1) * (squares / (n - 1) as f64 / n as f64).sqrt();
                (measured.value - half, measured.value + half)
            });
            let value = Value { value: measured.value, users: (n > 0).then_some(n), interval };
            metrics.insert(format!("{}@{k}", metric.name()), value);
        }
    }
    metrics
}

/// Metrics down, cut-offs across, each with half of its 95 % interval.
fn table(file: &str, metrics: &BTreeMap<String, Value>, at: &[usize]) -> String {
    let mut text = format!("\n{file:<28}");
    at.iter().for_each(|k| text += &format!("{:>20}", format!("@{k}")));
    text.push('\n');
    for metric in Metric::ALL {
        let values: Vec<&Value> = at.iter().filter_map(|k| metrics.get(&format!("{}@{k}", metric.name()))).collect();
        if values.is_empty() {
            continue;
        }
        text += &format!("{:<28}", metric.name());
        for Value { value, interval, .. } in values {
            let cell = interval.map_or(format!("{value:.4}"), |(_, high)| format!("{value:.4} ± {:.4}", high - value));
            text += &format!("{cell:>20}");
        }
        text.push('\n');
    }
    text
}

/// Paired tests, and what a reader should know of them.
struct Tested {
    tests: BTreeMap<String, PairedTests>,
    notes: Vec<String>,
}

/// Differences of users who have a positive and are in both means, of lists minus the first ones.
fn tests(definition: &Definition, rows: &[(&[u32], &[u32])], first: &[(&[u32], &[u32])], k: usize) -> Tested {
    // Every file has a row for each user with a positive: these stand at the same places.
    let [rows, first] =
        [rows, first].map(|rows| rows.iter().copied().filter(|row| !row.1.is_empty()).collect::<Vec<_>>());
    let mut tested = Tested { tests: BTreeMap::new(), notes: Vec::new() };
    for metric in TESTED {
        let name = format!("{}@{k}", metric.name());
        let of = |rows: &[(&[u32], &[u32])]| definition.measure(metric, rows, k).map(|measured| measured.users);
        let (Some(ours), Some(theirs)) = (of(&rows), of(&first)) else { continue };
        let theirs: BTreeMap<usize, f64> = theirs.into_iter().collect();
        let differences: Vec<f64> =
            ours.iter().filter_map(|(place, value)| theirs.get(place).map(|other| value - other)).collect();
        if differences.len() < rows.len() {
            let (both, all) = (grouped(differences.len()), grouped(rows.len()));
            tested.notes.push(format!(
                "{name} is compared over the {both} of {all} users with a positive whom {} has in both means",
                definition.library
            ));
        }
        match paired(&differences) {
            Some(test) => drop(tested.tests.insert(name, test)),
            None => tested.notes.push(format!("{name} is not compared: a test needs two users")),
        }
    }
    tested
}

fn tests_table(options: &EvaluateOptions, against: &[BTreeMap<String, PairedTests>]) -> String {
    let first = options.lists[0].display();
    let mut text = format!("\ncompared with {first}, over users with a positive; p after Holm's correction\n");
    text += &format!("{:<28}{:>12}{:>34}{:>12}{:>14}\n", "", "metric", "difference (95 %)", "p (t)", "p (Wilcoxon)");
    for (path, tests) in options.lists[1..].iter().zip(against) {
        for (metric, test) in tests {
            let difference = format!("{:+.4} ({:+.4} to {:+.4})", test.mean, test.interval.0, test.interval.1);
            text += &format!(
                "{:<28}{metric:>12}{difference:>34}{:>12.4}{:>14.4}\n",
                path.display().to_string(),
                test.t_p_corrected,
                test.wilcoxon_p_corrected
            );
        }
    }
    text
}

/// One line for each library, at one cut-off.
fn every_definition(options: &EvaluateOptions, rows: &[Vec<(&[u32], &[u32])>], k: usize) -> Result<ExitCode> {
    let width = DEFINITIONS.iter().map(|definition| definition.library.len()).max().unwrap_or(0);
    for (path, rows) in options.lists.iter().zip(rows) {
        println!("\n{}, the same lists as each library defines its metrics", path.display());
        let names: String =
            Metric::ALL.iter().map(|metric| format!("{:>14}", format!("{}@{k}", metric.name()))).collect();
        println!("{:<width$}{names}", "");
        for definition in DEFINITIONS {
            let cell = |&metric: &Metric| match definition.measure(metric, rows, k) {
                Some(measured) => format!("{:>14.5}", measured.value),
                None => format!("{:>14}", "-"),
            };
            let cells: String = Metric::ALL.iter().map(cell).collect();
            println!("{:<width$}{cells}", definition.library);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes `user 0 item 1` for every held-out row.
fn qrels(path: &std::path::Path, dataset: &Dataset, split: Split) -> Result<()> {
    let rows: Vec<(String, String)> = dataset
        .interactions
        .pairs(split)
        .iter()
        .map(|pair| (dataset.user_name(pair.user), dataset.item_name(pair.item)))
        .collect();
    anchorrec_retrieval::table::write_qrels(path, &rows)?;
    Ok(())
}
