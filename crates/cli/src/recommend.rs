//! `anchorrec recommend`: lists for users of a trained model.

use crate::args::at_least_one;
use crate::finished::{RunOptions, check_place, ids_of_file, load};
use crate::new_items::NewItemOptions;
use crate::say::Output;
use anchorrec_data::{Dataset, Split, few};
use anchorrec_files::{counted, grouped};
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::fold_in::{FoldIn, Way};
use anchorrec_retrieval::histories::{self, Histories};
use anchorrec_retrieval::new_items::{Added, beside};
use anchorrec_retrieval::placement::Profile;
use anchorrec_retrieval::table::{Entry, TableFormat, write, write_file};
use anchorrec_retrieval::writing::{Names, hand_over};
use anchorrec_retrieval::{Exclude, FusedRetriever, Ids, List, Retriever, Trained};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use ndarray::{ArrayView2, s};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct RecommendOptions {
    #[command(flatten)]
    pub run: RunOptions,

    /// A user to recommend to, by its id; may be repeated [default: all users]
    #[arg(long = "user", value_name = "ID")]
    pub user: Vec<String>,

    /// A file of user ids, one a line
    #[arg(long, value_name = "FILE", conflicts_with = "user")]
    pub users: Option<PathBuf>,

    /// Recommend to new users, whom the model does not know: a .csv or .tsv with the columns `user` and `item`, the items of each. Their own items
    /// are left out unless --exclude is `none`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "users"])]
    pub new_users: Option<PathBuf>,

    /// How a new user's items become a vector: one step over the graph, ridge regression, or their mean
    #[arg(long, value_enum, default_value = "propagation", requires = "new_users")]
    pub fold_in: WayOption,

    /// Rank by the trained model and the closed form together, as `train --fuse` chose them on validation. Not with --new-items: the closed form has
    /// no score for an item that nobody took
    #[arg(long, conflicts_with = "new_items")]
    pub fuse: bool,

    #[command(flatten)]
    pub new_items: NewItemOptions,

    /// Recommend new items alone
    #[arg(long, requires = "new_items")]
    pub only_new: bool,

    #[command(flatten)]
    pub items: ItemOptions,

    /// Write to this file, whole or not at all: .csv, .jsonl, .parquet, or .run (TREC) by its ending [default: CSV on the screen]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Options on the items of a list.
#[derive(Debug, Args)]
pub struct ItemOptions {
    /// Items per user
    #[arg(long, value_name = "N", default_value = "20", value_parser = at_least_one)]
    pub top: usize,

    /// Which of a user's own items to leave out: of its training rows, as every evaluation does; of all rows, also validation and test; none
    #[arg(long, value_enum, default_value = "train")]
    pub exclude: ExcludeOption,

    /// Recommend only items of this file, one id a line
    #[arg(long, value_name = "FILE")]
    pub allow: Option<PathBuf>,

    /// Never recommend items of this file, one id a line
    #[arg(long, value_name = "FILE")]
    pub deny: Option<PathBuf>,
}

/// [`Exclude`] as an option.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ExcludeOption {
    Train,
    All,
    None,
}

impl ExcludeOption {
    /// Returns which items are left out.
    pub fn exclude(self) -> Exclude {
        match self {
            ExcludeOption::Train => Exclude::Train,
            ExcludeOption::All => Exclude::All,
            ExcludeOption::None => Exclude::None,
        }
    }
}

/// [`Way`] as an option.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum WayOption {
    Propagation,
    Ridge,
    Mean,
}

impl ItemOptions {
    /// Returns which of a user's own items are left out.
    pub fn exclude(&self) -> Exclude {
        self.exclude.exclude()
    }

    /// Returns the items that nobody is shown.
    pub fn never(&self, dataset: &Dataset, ids: &Ids) -> Result<Vec<u32>> {
        let read = |path: &Option<PathBuf>| path.as_ref().map(|path| ids_of_file(path, ids)).transpose();
        let (allow, deny) = (read(&self.allow)?, read(&self.deny)?);
        Ok(never(dataset, allow.as_deref(), deny.as_deref().unwrap_or_default())?)
    }
}

/// What the lists of a run with a fusion are without it.
const ALONE: &str = "these lists are the trained model's alone, without the fusion: --fuse ranks by both";

/// What ranks.
pub enum Scorer<'a> {
    Model(Retriever<'a>),
    Fusion(FusedRetriever<'a>),
}

impl Scorer<'_> {
    pub fn lists(&self, users: &[u32], top: usize) -> Vec<List> {
        match self {
            Scorer::Model(retriever) => retriever.lists(users, top),
            Scorer::Fusion(fused) => fused.lists(users, top),
        }
    }
}

/// Runs the command.
pub fn run(options: &RecommendOptions) -> Result<ExitCode> {
    if let Some(out) = &options.out {
        check_place("--out", out)?;
        TableFormat::of(out)?;
    }
    let (run, mut model) = load(&options.run, (!options.fuse).then_some(ALONE))?;
    let added = options.new_items.add(&mut model)?;
    let Trained { dataset, trained, .. } = model;
    let mut never = options.items.never(&dataset, &Ids::of_items(&dataset))?;
    if let Some(Added { known, .. }) = added.as_ref().filter(|_| options.only_new) {
        never.retain(|&item| item as usize >= *known);
        never.splice(..0, 0..*known as u32);
        if never.len() == dataset.interactions.items {
            bail!("--only-new: no new item is left to recommend: --allow or --deny leaves all of them out");
        }
    }
    let (embeddings, exclude) = (&trained.embeddings, options.items.exclude());
    let scorer = match options.fuse {
        false => Scorer::Model(Retriever::new(embeddings, &dataset.interactions, exclude, &never)),
        true => Scorer::Fusion(FusedRetriever::new(&run, &dataset, embeddings, exclude, &never)?),
    };
    if let Scorer::Fusion(fused) = &scorer {
        eprintln!("fusion: z(model) + γ z(closed form), γ {}, as validation chose it", fused.gamma());
    }
    let top = options.items.top;
    let (count, short) = match &options.new_users {
        None => {
            let users = users(options, &dataset)?;
            let lists = |users: &[u32]| scorer.lists(users, top);
            let short = write_lists(&dataset, options.out.as_deref(), top, &users, lists)?;
            (users.len(), short)
        }
        Some(path) => {
            let profile = added.as_ref().and_then(|added| added.profile.as_ref());
            new_users(options, path, &dataset, embeddings.items.view(), profile, &scorer)?
        }
    };
    if short > 0 {
        eprintln!("note: {} fewer than {top} items left and a shorter list", counted(short, "user has", "users have"));
    }
    if let Some(out) = &options.out {
        println!("recommendations for {}: {}", counted(count, "user", "users"), out.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Folds new users in and writes their lists; returns how many there are, and how many lists are short.
fn new_users(
    options: &RecommendOptions,
    path: &Path,
    dataset: &Dataset,
    items: ArrayView2<f32>,
    profile: Option<&Profile>,
    scorer: &Scorer,
) -> Result<(usize, usize)> {
    let way = match options.fold_in {
        WayOption::Propagation => Way::Propagation,
        WayOption::Ridge => Way::Ridge,
        WayOption::Mean => Way::Mean,
    };
    let Histories { users, items: histories, repeats } = histories::read(path, &Ids::of_items(dataset))?;
    if repeats > 0 {
        eprintln!(
            "note: {}: {} an item of the same user and counts once",
            path.display(),
            counted(repeats, "row repeats", "rows repeat")
        );
    }
    let scored = items.ncols() - profile.map_or(0, Profile::width);
    let items = items.slice(s![.., ..scored]);
    let mut vectors = FoldIn::new(way, items, &dataset.interactions).users(&histories);
    if let Some(profile) = profile {
        let profiles = profile.of_users(vectors.view(), |user| &histories[user]);
        vectors = beside(vectors.view(), profiles.view());
    }
    let own = match options.items.exclude() {
        Exclude::None => vec![Vec::new(); users.len()],
        Exclude::Train | Exclude::All => histories.clone(),
    };
    let top = options.items.top;
    let lists = match scorer {
        Scorer::Model(retriever) => retriever.lists_for(vectors.view(), &own, top),
        Scorer::Fusion(fused) => fused.lists_for(vectors.view(), &histories, &own, top),
    };
    let short = lists.iter().filter(|list| list.len() < top).count();
    let names = Names::of_items(dataset);
    write_to(options.out.as_deref(), |add| {
        users.iter().zip(&lists).try_for_each(|(user, list)| add(user, &names.entries(list)))
    })?;
    Ok((users.len(), short))
}

/// Whom to recommend to, each once: nobody without a training row.
fn users(options: &RecommendOptions, dataset: &Dataset) -> Result<Vec<u32>> {
    let train = dataset.interactions.by_user(Split::Train);
    let is_known = |user: &u32| !train.of(*user).is_empty();
    let (place, mut wanted) = match &options.users {
        Some(path) => (path.display().to_string(), ids_of_file(path, &Ids::of_users(dataset))?),
        None if !options.user.is_empty() => {
            let named = options.user.iter().map(String::as_str);
            ("--user".to_owned(), Ids::of_users(dataset).find_all("--user", named)?)
        }
        None => {
            let known = train.users_with_items();
            let without = dataset.interactions.users - known.len();
            if without > 0 {
                eprintln!("note: {} no training row and no list", counted(without, "user has", "users have"));
            }
            return Ok(known);
        }
    };
    let mut seen = vec![false; dataset.interactions.users];
    wanted.retain(|&user| !std::mem::replace(&mut seen[user as usize], true));
    let without: Vec<String> =
        wanted.iter().filter(|user| !is_known(user)).map(|&user| dataset.user_name(user)).collect();
    if !without.is_empty() {
        bail!(
            "{place}: {} of {} users have no training row, so the model knows nothing of them: {}",
            grouped(without.len()),
            grouped(wanted.len()),
            few(&without, without.len())
        );
    }
    Ok(wanted)
}

/// Writes the lists of users to a file, or to the screen; returns how many are shorter than `top`.
pub fn write_lists(
    dataset: &Dataset,
    out: Option<&Path>,
    top: usize,
    users: &[u32],
    lists: impl Fn(&[u32]) -> Vec<List> + Sync,
) -> Result<usize> {
    let (names, mut short) = (Names::of_items(dataset), 0);
    write_to(out, |add| {
        short = hand_over(users, top, &names, |user| dataset.user_name(user), lists, add)?;
        Ok(())
    })?;
    Ok(short)
}

/// Writes lists to a file, or to the screen.
fn write_to(
    out: Option<&Path>,
    lists: impl FnOnce(&mut dyn FnMut(&str, &[Entry]) -> io::Result<()>) -> io::Result<()>,
) -> Result<()> {
    match out {
        Some(path) => write_file(path, lists)?,
        None => write(TableFormat::Csv, &mut BufWriter::new(Output::lock()), lists)?,
    }
    Ok(())
}
