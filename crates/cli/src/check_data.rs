//! `anchorrec check-data`: what is in a folder of data, and what training on it would take.

use crate::reads::Reads;
use anchorrec_data::{Modality, few, grouped};
use anchorrec_files::atomic::write_json;
use anchorrec_files::disk::FileSystem;
use anchorrec_formats::features::Asked;
use anchorrec_formats::reading::separator;
use anchorrec_formats::times::day_of;
use anchorrec_formats::{ColumnNames, Positives, Reading};
use anchorrec_prepare::own::describe::{Quantiles, describe};
use anchorrec_prepare::own::{self, Description, Options};
use anyhow::{Context, Result};
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct CheckDataOptions {
    #[command(flatten)]
    pub folder: FolderOptions,

    /// Also write the report to this JSON file
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Fail if anything is ignored, guessed, merged, dropped or filled in
    #[arg(long)]
    pub strict: bool,
}

/// A folder of your own data, and what cannot be guessed about it.
#[derive(Debug, Args)]
pub struct FolderOptions {
    /// Folder with interactions (.inter, .csv, .tsv, .jsonl, .parquet; text also .gz and .zst) and, optionally, item features (.npy, .npz,
    /// .safetensors, .parquet, .csv, .jsonl, a folder)
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,

    /// File of interactions, if the folder has several tables; or a folder of files that together are one table. A file that is
    /// not in the current folder is looked for in DIR; so are feature files
    #[arg(long, value_name = "FILE")]
    pub interactions: Option<PathBuf>,

    /// Column of users [default: user, user_id, ...]
    #[arg(long, value_name = "NAME")]
    pub user_column: Option<String>,

    /// Column of items [default: item, item_id, ...]
    #[arg(long, value_name = "NAME")]
    pub item_column: Option<String>,

    /// Column of times: seconds, milliseconds, dates like 2014-07-23 or 2014-07-23T10:11:12Z [default: time, timestamp, ...]
    #[arg(long, value_name = "NAME")]
    pub time_column: Option<String>,

    /// Column of ratings, which are kept but not used for training [default: rating, stars, overall]
    #[arg(long, value_name = "NAME")]
    pub rating_column: Option<String>,

    /// Column that says training, validation or test (or 0, 1, 2) [default: x_label, split]
    #[arg(long, value_name = "NAME")]
    pub split_column: Option<String>,

    /// Take the order of the rows as the order of times, if there is no column of times (VK-LSVD)
    #[arg(long)]
    pub rows_in_time_order: bool,

    /// Column names of a file without a header, such as user,item,rating,time
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub columns: Option<Vec<String>>,

    /// Separator of fields, such as `::` or `\t` [default: the first of tab , ; | :: that the first line has]
    #[arg(long, value_name = "TEXT", value_parser = separator)]
    pub separator: Option<String>,

    /// Leave out rows with a lower rating or none
    #[arg(long, value_name = "RATING", value_parser = rating, allow_negative_numbers = true)]
    pub min_rating: Option<f32>,

    /// Keep only rows with this value in this column; `all`: keep every row, even if a column of labels is 0
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = positive)]
    pub positive: Option<Positive>,

    /// Text features, a file or a folder; FILE:COLUMN names a column in it (or several: `emb_*`, `a,b`), an array, a tensor, or a column of
    /// texts to encode [default: what has `text` or `title` in its name]
    #[arg(long, value_name = "FILE[:COLUMN]")]
    pub text: Option<PathBuf>,

    /// Image features, like --text [default: what has `image`, `img`, `vision` or `visual` in its name]
    #[arg(long, value_name = "FILE[:COLUMN]")]
    pub image: Option<PathBuf>,

    /// Fused image and text features, the anchor, like --text [default: what has `mm`, `multimodal` or `fused` in its name]
    #[arg(long, value_name = "FILE[:COLUMN]")]
    pub mm: Option<PathBuf>,

    /// Accept features that more than half of the items lack; these items get the mean of the others
    #[arg(long)]
    pub allow_missing: bool,
}

/// Which rows are positive.
#[derive(Clone, Debug)]
pub enum Positive {
    All,
    Equal(String, String),
}

fn positive(text: &str) -> Result<Positive, String> {
    match text.split_once('=') {
        Some((column, value)) if !column.is_empty() => Ok(Positive::Equal(column.to_owned(), value.to_owned())),
        _ if text == "all" => Ok(Positive::All),
        _ => Err("expected COLUMN=VALUE, or all".to_owned()),
    }
}

fn rating(text: &str) -> Result<f32, String> {
    text.parse()
        .ok()
        .filter(|rating: &f32| rating.is_finite())
        .ok_or_else(|| "expected a number, such as 4 or 3.5".to_owned())
}

/// A name that is no text has no column after it.
fn asked(path: &Path) -> Asked {
    path.to_str().map_or_else(|| Asked::file(path), Asked::parse)
}

/// What is not here may be in the folder of the data: messages call its files by their names there.
fn asked_in(dir: &Path, path: &Path) -> Asked {
    let (here, there) = (asked(path), asked(&dir.join(path)));
    if !here.path.exists() && there.path.exists() { there } else { here }
}

/// A file as [`asked_in`] finds it.
fn file_in(dir: &Path, path: &Path) -> PathBuf {
    let there = dir.join(path);
    if !path.exists() && there.exists() { there } else { path.to_owned() }
}

impl FolderOptions {
    /// Returns what the command reads.
    pub fn reads(&self) -> Reads {
        let features = [&self.text, &self.image, &self.mm].into_iter().flatten();
        let features = features.map(|path| asked_in(&self.dir, path).path);
        let rows = self.interactions.iter().map(|path| file_in(&self.dir, path));
        features.chain(rows).fold(Reads::default().folder(&self.dir), |reads, path| match path.is_dir() {
            true => reads.folder(&path),
            false => reads.files([path]),
        })
    }

    /// Converts the options to those of the reader.
    pub fn options(&self) -> Options {
        let files = [(Modality::Mm, &self.mm), (Modality::Text, &self.text), (Modality::Vision, &self.image)];
        Options {
            interactions: self.interactions.as_ref().map(|path| file_in(&self.dir, path)),
            reading: Reading {
                columns: ColumnNames {
                    user: self.user_column.clone(),
                    item: self.item_column.clone(),
                    time: self.time_column.clone(),
                    rating: self.rating_column.clone(),
                    part: self.split_column.clone(),
                },
                header: self.columns.clone(),
                separator: self.separator.clone(),
                positives: Positives {
                    min_rating: self.min_rating,
                    equal: match &self.positive {
                        Some(Positive::Equal(column, value)) => Some((column.clone(), value.clone())),
                        _ => None,
                    },
                    all: matches!(self.positive, Some(Positive::All)),
                },
                order_is_time: self.rows_in_time_order,
            },
            features: files
                .into_iter()
                .filter_map(|(modality, path)| Some((modality, asked_in(&self.dir, path.as_ref()?))))
                .collect(),
            allow_missing: self.allow_missing,
        }
    }
}

/// Runs the command.
pub fn run(options: &CheckDataOptions) -> Result<ExitCode> {
    if let Some(path) = &options.json {
        options.folder.reads().check("--json", path)?;
    }
    let description = describe(&own::read(&options.folder.dir, &options.folder.options())?);
    print!("{}", render(&description));
    if let Some(path) = &options.json {
        write_json(&FileSystem, path, &description).with_context(|| format!("{}: cannot write", path.display()))?;
    }
    let strict = description.notes.iter().filter(|note| options.strict && note.is_strict());
    let strict = strict.map(|note| format!("{}: {note}", note.kind.name()));
    Ok(problems(&description.problems.iter().cloned().chain(strict).collect::<Vec<_>>()))
}

/// Prints what is wrong, a line each; success when nothing is.
pub fn problems(problems: &[String]) -> ExitCode {
    problems.iter().for_each(|problem| eprintln!("error: {problem}"));
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The report as a person reads it.
fn render(about: &Description) -> String {
    let mut out = String::new();
    let mut row = |label: &str, text: String| {
        let _ = writeln!(out, "{}", format!("{label:<22}{text}").trim_end());
    };
    row("layout", format!("{}, {}", about.layout.name(), about.path.display()));
    row("users", format!("{:>14}", grouped(about.users)));
    row("items", format!("{:>14}", grouped(about.items)));
    row("rows", format!("{:>14}", grouped(about.rows)));
    row("pairs", format!("{:>14}   density {:.5} %", grouped(about.pairs), 100.0 * about.density));
    row("repeated rows", format!("{:>14}", grouped(about.repeats)));
    about.first_repeats.iter().for_each(|repeat| row("", format!("  {repeat}")));
    if let Some((first, last)) = about.times {
        // Before 1973 seconds since 1970 are nobody's data: a clock that began with the data.
        let days = if last < 100_000_000 && first >= 0 {
            "a clock of its own".to_owned()
        } else {
            format!("as days {} to {}", day_of(first), day_of(last))
        };
        row("times", format!("{first} to {last}, {days}"));
    }
    match about.rated {
        0 => {}
        all if all == about.rows => row("ratings", format!("{:>14}, kept", grouped(all))),
        some => row("ratings", format!("{:>14}, not kept: not every row has one", grouped(some))),
    }
    let [train, valid, test] = about.splits.map(grouped);
    let whose = if about.is_split { "of this folder" } else { "at random, as prepare does by default" };
    row("split", format!("{train} training, {valid} validation, {test} test ({whose})"));
    let [users, items] = &about.first_without_train;
    for (label, count, names) in [
        ("users without train", about.users_without_train, users),
        ("items without train", about.items_without_train, items),
    ] {
        row(label, format!("{:>14}   {}", grouped(count), few(names, if names.is_empty() { 0 } else { count })));
    }
    row("", String::new());
    row("pairs per", ["min", "5 %", "50 %", "95 %", "max"].map(|name| format!("{name:>10}")).concat());
    for (label, degrees) in [("  user", about.user_degrees), ("  item", about.item_degrees)] {
        let Quantiles { min, five_percent, half, ninety_five_percent, max } = degrees;
        let numbers = [min, five_percent, half, ninety_five_percent, max];
        row(label, numbers.map(|number| format!("{:>10}", grouped(number))).concat());
    }
    row("", String::new());
    row("features", ["width", "rows", "no row", "unknown"].map(|name| format!("{name:>10}")).concat());
    for features in &about.features {
        let numbers = [features.width, features.rows, features.missing, features.unknown];
        let numbers = numbers.map(|number| format!("{:>10}", grouped(number))).concat();
        row(&format!("  {}", features.modality), format!("{numbers}  {}", features.path.display()));
    }
    for modality in &about.absent {
        let made = match about.anchor_width.filter(|_| *modality == Modality::Mm) {
            Some(width) => format!(": prepare makes it of the others, at most {width} wide"),
            None => String::new(),
        };
        row(&format!("  {modality}"), format!("    absent{made}"));
    }
    row("", String::new());
    let cost = &about.cost;
    let mebi = |bytes: u64| grouped((bytes >> 20) as usize);
    row("training would take", "an estimate, for anchorrec at its default settings".to_owned());
    row("  parameters", format!("{:>14}", grouped(cost.parameters as usize)));
    let state = mebi(cost.state_bytes);
    row("  memory", format!("{:>14} MiB at the peak, of which {state} for weights and Adam", mebi(cost.peak_bytes)));
    let batches = grouped(cost.batches);
    let cores = if cost.avx512 { "two cores with AVX-512, as here" } else { "two cores without AVX-512, as here" };
    row(
        "  an epoch",
        format!("{:>14.1} s on {cores}, in {batches} batches of 2048; expect a factor of two", cost.epoch_seconds),
    );
    row("wrong rows", format!("{:>14}", grouped(about.wrong)));
    about.notes.iter().for_each(|note| row("note:", note.to_string()));
    out
}
