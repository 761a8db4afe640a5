//! `anchorrec export`: the vectors of a trained model for a vector store.

use crate::finished::{RunOptions, load};
use crate::new_items::NewItemOptions;
use crate::recommend::ExcludeOption;
use anchorrec_data::{Dataset, Split, few};
use anchorrec_files::atomic::write_atomic;
use anchorrec_files::disk::FileSystem;
use anchorrec_files::fingerprint::sha256;
use anchorrec_files::tensors::{Tensor, write as write_tensors};
use anchorrec_files::{counted, grouped};
use anchorrec_recommender::Embeddings;
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::compared::without_features;
use anchorrec_retrieval::export::{
    self, CheckList, Folder, Format, HalfChange, Manifest, RankedBy, Shape, Vectors, half_change,
};
use anchorrec_retrieval::filled::filled;
use anchorrec_retrieval::judged::Lists;
use anchorrec_retrieval::similar::{modality_of, space};
use anchorrec_retrieval::{Exclude, FinishedRun, Retriever, Trained};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Items of a list that a store is tried with.
const TOP: usize = 20;
/// Users in the manifest.
const TRIED: usize = 10;
/// The file of both tables together.
const SAFETENSORS: &str = "vectors.safetensors";

/// What the vectors of a run with a fusion are. The closed form scores by a user's items, `z` by the scores of all items: neither is a dot product.
const ALONE: &str = "vectors are the trained model's alone, without the fusion, which no vectors score by: `anchorrec recommend --fuse` writes its lists";

#[derive(Debug, Args)]
pub struct ExportOptions {
    #[command(flatten)]
    pub run: RunOptions,

    /// Folder to write the vectors to, with a manifest.json that describes them
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    pub out: Option<PathBuf>,

    /// Formats of the vectors: npy (with ids beside it), safetensors, parquet, copy (PostgreSQL with pgvector), jsonl
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FORMAT,...", default_values_t = default_formats())]
    pub format: Vec<FormatOption>,

    /// Metric of the store. `dot`: the vectors as they are. `cosine`, `l2`: one dimension is added, so that the store ranks as by the
    /// dot product
    #[arg(long = "for", value_enum, default_value = "dot")]
    pub shape: ShapeOption,

    /// Item vectors to export: `final`, which make the scores, or another space of the model (`id`, `mm`, `text`, `vision`) to find similar items; users
    /// have vectors in `final` only
    #[arg(long, value_name = "SPACE", default_value = "final")]
    pub space: String,

    #[command(flatten)]
    pub new_items: NewItemOptions,

    /// Round every number to 16 bits, and report how many lists this changes
    #[arg(long)]
    pub half: bool,

    /// Compare lists that a store returned (user, item, and rank or score: .csv, .parquet, .run) with the model's own; nothing is exported
    #[arg(long, value_name = "LISTS", conflicts_with_all = ["out", "format", "shape", "space", "half"])]
    pub check: Option<PathBuf>,

    /// With --check: which of a user's own items the store has left out
    #[arg(long, value_name = "ROWS", value_enum, default_value = "none", requires = "check", conflicts_with_all = ["out", "format", "shape", "space", "half"])]
    pub exclude: ExcludeOption,
}

/// [`Format`] as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatOption {
    Npy,
    Safetensors,
    Parquet,
    Copy,
    Jsonl,
}

impl FormatOption {
    /// Returns the format of a file for each table; none where both are in one, [`SAFETENSORS`].
    fn format(self) -> Option<Format> {
        match self {
            FormatOption::Npy => Some(Format::Npy),
            FormatOption::Parquet => Some(Format::Parquet),
            FormatOption::Copy => Some(Format::Copy),
            FormatOption::Jsonl => Some(Format::JsonLines),
            FormatOption::Safetensors => None,
        }
    }
}

/// What a store ranks by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShapeOption {
    Dot,
    Cosine,
    L2,
}

impl ShapeOption {
    /// Returns what the store ranks by.
    fn ranked_by(self) -> RankedBy {
        match self {
            ShapeOption::Dot => RankedBy::Dot,
            ShapeOption::Cosine => RankedBy::Cosine,
            ShapeOption::L2 => RankedBy::L2,
        }
    }
}

fn default_formats() -> Vec<FormatOption> {
    let parquet = cfg!(feature = "parquet").then_some(FormatOption::Parquet);
    [FormatOption::Npy, FormatOption::Safetensors].into_iter().chain(parquet).collect()
}

/// Runs the command.
pub fn run(options: &ExportOptions) -> Result<ExitCode> {
    if let Some(out) = &options.out {
        let reads = options.run.reads();
        let reads = options.new_items.new_items.iter().fold(reads, |reads, folder| reads.folder(folder));
        reads.check_folder("--out", out)?;
    }
    let (run, mut trained) = load(&options.run, Some(ALONE))?;
    if options.space != "final" && options.new_items.new_items.is_some() {
        bail!("--new-items: new items have a place in the space `final` alone; leave out --space {}", options.space);
    }
    options.new_items.add(&mut trained)?;
    match (&options.check, &options.out) {
        (Some(lists), _) => check(options, lists, &trained),
        (None, Some(out)) => write(options, out, &run, &trained),
        (None, None) => bail!("name a folder with --out"),
    }
}

/// Compares a store's lists with the model's own.
fn check(options: &ExportOptions, path: &Path, Trained { dataset, trained, .. }: &Trained) -> Result<ExitCode> {
    let mut lists = Lists::read(path, dataset)?;
    lists.notes.iter().for_each(|note| eprintln!("note: {}: {note}", path.display()));
    let train = dataset.interactions.by_user(Split::Train);
    let unknown = lists.take_out(|user| train.of(user).is_empty());
    if !unknown.is_empty() {
        let names = unknown.iter().map(|&user| dataset.user_name(user));
        eprintln!(
            "note: {}: {} no training row, so the model has no list to compare with: {}",
            path.display(),
            counted(unknown.len(), "user has", "users have"),
            few(names, unknown.len())
        );
    }
    if lists.users.is_empty() {
        bail!("{}: no list of a user with a training row: there is nothing to compare", path.display());
    }
    let mut absent = train.users_with_items();
    absent.retain(|user| lists.users.binary_search(user).is_err());
    let exclude = options.exclude.exclude();
    let retriever = Retriever::new(&trained.embeddings, &dataset.interactions, exclude, &never(dataset, None, &[])?);
    let top = lists.longest();
    let exact = retriever.lists(&lists.users, top);
    let exact: Vec<Vec<u32>> = exact.iter().map(|list| list.iter().map(|entry| entry.0).collect()).collect();
    let checked = export::check(&lists.items, &exact, top);
    println!("users                        {}", grouped(checked.users));
    println!("longest list                 {top}");
    println!("items that came back         {} of the model's own", checked.came_back());
    let named = |users: &[u32]| match users.is_empty() {
        true => String::new(),
        false => format!(": {}", few(users.iter().map(|&user| dataset.user_name(user)), users.len())),
    };
    let users_at = |places: &[usize]| places.iter().map(|&place| lists.users[place]).collect::<Vec<u32>>();
    let others = users_at(&checked.other_items);
    println!("lists with other items       {}{}", grouped(others.len()), named(&others));
    println!("lists in another order       {}", grouped(checked.other_order));
    println!("lists that are shorter       {}", grouped(checked.short));
    let wrong = users_at(&checked.wrong_first);
    println!("users with another first     {}{}", grouped(wrong.len()), named(&wrong));
    println!("users without a list         {}{}", grouped(absent.len()), named(&absent));
    Ok(ExitCode::SUCCESS)
}

/// Writes all files, the manifest last.
fn write(options: &ExportOptions, out: &Path, run: &FinishedRun, trained: &Trained) -> Result<ExitCode> {
    let Trained { dataset, trained, .. } = trained;
    let scores = options.space == "final";
    let mut never = never(dataset, None, &[])?;
    if let Some(kind) = modality_of(&options.space) {
        // They stand where prepare put them, all at one place.
        let filled = filled(dataset, kind)?;
        if !filled.is_empty() {
            eprintln!("note: {}", without_features(dataset, kind, filled.len(), "not exported"));
        }
        never.extend(filled);
        never.sort_unstable();
        never.dedup();
    }
    let train = dataset.interactions.by_user(Split::Train);
    let users: Vec<u32> = match scores {
        true => train.users_with_items(),
        false => Vec::new(),
    };
    let without = dataset.interactions.users - users.len();
    if scores && without > 0 {
        eprintln!("note: {} no training row, not exported", counted(without, "user has", "users have"));
    }
    let of_space;
    let embeddings = match scores {
        true => &trained.embeddings,
        false => {
            let items = space(&*trained.model, &dataset.features, &options.space)?;
            of_space = Embeddings { users: ndarray::Array2::zeros((0, items.ncols())), items };
            &of_space
        }
    };
    let shape = if options.shape == ShapeOption::Dot { Shape::Plain } else { Shape::Lifted };
    if !scores && shape == Shape::Lifted {
        bail!(
            "--for: vectors of the space `{}` are for similar items, which the cosine ranks as they are; leave it out",
            options.space
        );
    }
    let mut vectors = Vectors::new(embeddings, &users, &never, shape);
    let half = match options.half {
        true => {
            let exact = vectors.clone();
            vectors.halve().context("--half")?;
            Some(half_change(&exact, &vectors, options.shape.ranked_by(), TOP))
        }
        false => None,
    };
    let names = [
        vectors.users.index.iter().map(|&user| dataset.user_name(user)).collect::<Vec<_>>(),
        vectors.items.index.iter().map(|&item| dataset.item_name(item)).collect(),
    ];
    let mut tables = vec![("items", &vectors.items, &names[1])];
    if scores {
        tables.insert(0, ("users", &vectors.users, &names[0]));
    }
    let parquet = options.format.contains(&FormatOption::Parquet);
    if options.format.contains(&FormatOption::Npy) {
        for (_, _, ids) in &tables {
            export::listable(ids)?;
        }
    }
    let mut files: Vec<String> = scores.then(|| history_name(parquet).to_owned()).into_iter().collect();
    for format in &options.format {
        match format.format() {
            Some(format) => tables.iter().for_each(|(name, ..)| files.extend(format.names(name))),
            None => files.push(SAFETENSORS.to_owned()),
        }
    }
    let folder = Folder::begin(out, files).context("--out")?;
    let mut written = Vec::new();
    for format in &options.format {
        let Some(format) = format.format() else {
            let path = out.join(SAFETENSORS);
            let tensors: Vec<Tensor> = tables
                .iter()
                .map(|(name, rows, _)| Tensor {
                    name: (*name).to_owned(),
                    shape: rows.vectors.shape().to_vec(),
                    values: rows.vectors.as_slice().expect("rows are contiguous"),
                })
                .collect();
            let ids: BTreeMap<&str, &Vec<String>> = tables.iter().map(|(name, _, ids)| (*name, *ids)).collect();
            let about = serde_json::json!({ "ids": ids }).to_string();
            write_tensors(&FileSystem, &path, &tensors, &about, false)
                .with_context(|| format!("{}: cannot write", path.display()))?;
            written.push(path);
            continue;
        };
        for (name, rows, ids) in &tables {
            written.extend(export::write(out, name, ids, rows, format, options.half)?);
        }
    }
    if scores {
        written.push(history(out, dataset, parquet)?);
    }
    let about = about(options, run, dataset, &vectors, half, &written)?;
    let about =
        Manifest { check: if scores { tried(dataset, embeddings, &never, &users) } else { Vec::new() }, ..about };
    let (removed, left) = folder.finish(&about)?;
    for (names, what) in
        [(removed, "removed, of the earlier export"), (left, "of the earlier export, changed since and left")]
    {
        if !names.is_empty() {
            eprintln!("note: --out {}: {what}: {}", out.display(), few(&names, names.len()));
        }
    }
    if let Some(HalfChange { users, lists_with_other_items, lists_in_other_order, largest_change }) = about.half {
        println!(
            "16 bits: of {} lists of {TOP}, {} hold other items and {} another order; largest change of a score {largest_change:.1e}",
            grouped(users),
            grouped(lists_with_other_items),
            grouped(lists_in_other_order)
        );
    }
    // Spaces other than the final one have no users.
    let users = if scores { counted(about.users, "user", "users") + " and " } else { String::new() };
    let items = counted(about.items, "item", "items");
    println!("{users}{items}, {} numbers each: {}", about.width, out.display());
    println!("{}", about.score);
    Ok(ExitCode::SUCCESS)
}

/// Everything of the manifest but the lists.
fn about(
    options: &ExportOptions,
    run: &FinishedRun,
    dataset: &Dataset,
    vectors: &Vectors,
    half: Option<HalfChange>,
    written: &[PathBuf],
) -> Result<Manifest> {
    let (score, order) = match (options.space.as_str(), vectors.shape) {
        ("final", Shape::Plain) => (
            "score = dot product of a user's and an item's vector; not cosine, not L2",
            "items by rising length: put them into a graph index in this order",
        ),
        ("final", Shape::Lifted) => (
            "score = dot product; one number was added, with which cosine and L2 rank as the dot product does",
            "items by falling length: put them into a graph index in this order",
        ),
        _ => ("for similar items: rank by cosine; these vectors do not score", "items by rising length"),
    };
    let mut files = BTreeMap::new();
    for path in written {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(name, sha256(path).with_context(|| format!("{}: cannot read back", path.display()))?);
    }
    Ok(Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model: run.report.model.clone(),
        dataset: dataset.name.clone(),
        run: run.folder.display().to_string(),
        seed: run.run.seed,
        weights_sha256: run.run.checkpoint_sha256.clone(),
        space: options.space.clone(),
        score: score.to_owned(),
        width: vectors.items.vectors.ncols(),
        numbers: if options.half { "float16" } else { "float32" }.to_owned(),
        users: vectors.users.index.len(),
        items: vectors.items.index.len(),
        order: order.to_owned(),
        largest_length: vectors.largest,
        half,
        files,
        check: Vec::new(),
    })
}

/// The exact lists of users spread over all of them.
fn tried(dataset: &Dataset, embeddings: &Embeddings<f32>, never: &[u32], users: &[u32]) -> Vec<CheckList> {
    let step = (users.len() / TRIED).max(1);
    let users: Vec<u32> = users.iter().copied().step_by(step).take(TRIED).collect();
    let retriever = Retriever::new(embeddings, &dataset.interactions, Exclude::None, never);
    let list = |(&user, list): (&u32, Vec<(u32, f32)>)| CheckList {
        user: dataset.user_name(user),
        items: list.iter().map(|entry| dataset.item_name(entry.0)).collect(),
        scores: list.iter().map(|entry| entry.1).collect(),
    };
    users.iter().zip(retriever.lists(&users, TOP)).map(list).collect()
}

/// The file of who has what.
fn history_name(parquet: bool) -> &'static str {
    if parquet { "history.parquet" } else { "history.csv" }
}

/// Who has what in training, to be left out of lists.
fn history(out: &Path, dataset: &Dataset, parquet: bool) -> Result<PathBuf> {
    let pairs: Vec<(u32, u32)> = dataset.interactions.train.iter().map(|pair| (pair.user, pair.item)).collect();
    let users: Vec<String> = (0..dataset.interactions.users as u32).map(|user| dataset.user_name(user)).collect();
    let items: Vec<String> = (0..dataset.interactions.items as u32).map(|item| dataset.item_name(item)).collect();
    let path = out.join(history_name(parquet));
    let written = write_atomic(&FileSystem, &path, |file: &mut dyn Write| match parquet {
        true => export::history(file, &users, &items, &pairs),
        false => {
            let mut table = csv::Writer::from_writer(file);
            table.write_record(["user", "item"])?;
            for (user, item) in &pairs {
                table.write_record([&users[*user as usize], &items[*item as usize]])?;
            }
            table.flush()
        }
    });
    written.with_context(|| format!("{}: cannot write", path.display()))?;
    Ok(path)
}
