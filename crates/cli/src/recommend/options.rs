//! What `anchorrec recommend` can be told.

use crate::args::at_least_one;
use crate::baselines::method;
use crate::finished::{RunOptions, ids_of_file, some_ids_of_file};
use crate::new_items::NewItemOptions;
use crate::reads::Reads;
use anchorrec_data::Dataset;
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::fold_in::Way;
use anchorrec_retrieval::{Exclude, Ids};
use anchorrec_trainer::closed_forms::Method;
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

// What only new items need has no meaning beside what leaves them out.
#[derive(Debug, Args)]
#[command(mut_arg("place", |place| place.conflicts_with_all(["fuse", "closed_form"])))]
#[command(mut_arg("new_share", |share| share.conflicts_with_all(["fuse", "closed_form"])))]
pub struct RecommendOptions {
    #[command(flatten)]
    pub run: RunOptions,

    /// Id of a user to recommend to; may be repeated [default: all users]
    #[arg(long = "user", value_name = "ID", allow_hyphen_values = true)]
    pub user: Vec<String>,

    /// File of user ids to recommend to, one per line
    #[arg(long, value_name = "FILE", conflicts_with = "user")]
    pub users: Option<PathBuf>,

    /// Recommend to new users, whom the model does not know: a .csv or .tsv with the columns `user` and `item` that lists each user's items. These items
    /// are left out of the lists unless --exclude is `none`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "users"])]
    pub new_users: Option<PathBuf>,

    /// How to compute a new user's vector from its items: their mean, one step over the graph, or ridge regression [default: mean]
    #[arg(
        long,
        value_name = "METHOD",
        value_enum,
        requires = "new_users",
        conflicts_with_all = ["closed_form", "user", "users"]
    )]
    pub fold_in: Option<WayOption>,

    /// Method that ranks, if RUN is a closed-forms.json (or its folder) from `anchorrec baselines`: no training is needed [default: the
    /// best on validation]
    #[arg(long, value_name = "METHOD", value_parser = method(), conflicts_with_all = ["fuse", "new_items", "seed"])]
    pub closed_form: Option<Method>,

    /// Rank by the trained model and the closed form together, as `train --fuse` chose them on validation. Not with --new-items: the closed form has
    /// no score for an item without interactions
    #[arg(long, conflicts_with = "new_items")]
    pub fuse: bool,

    #[command(flatten)]
    pub new_items: NewItemOptions,

    /// Recommend new items only
    #[arg(long, requires = "new_items", conflicts_with_all = ["closed_form", "fuse"])]
    pub only_new: bool,

    #[command(flatten)]
    pub items: ItemOptions,

    /// File to write: .csv, .jsonl, .parquet, or .run (TREC), by its extension; never left incomplete [default: CSV on standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Options on the items of a list.
#[derive(Debug, Args)]
pub struct ItemOptions {
    /// Items per user
    #[arg(long, value_name = "N", default_value = "20", value_parser = at_least_one)]
    pub top: usize,

    /// Which of a user's own items to leave out: those of its training rows, as every evaluation does; those of all its rows, with validation and test; or none
    #[arg(long, value_name = "ROWS", value_enum, default_value = "train")]
    pub exclude: ExcludeOption,

    #[command(flatten)]
    pub candidates: CandidateOptions,
}

/// Options on the items that may be in lists at all.
#[derive(Clone, Debug, Args)]
pub struct CandidateOptions {
    /// Recommend only items of this file, one id per line
    #[arg(long, value_name = "FILE")]
    pub allow: Option<PathBuf>,

    /// Never recommend items of this file, one id per line
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
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum WayOption {
    Propagation,
    Ridge,
    #[default]
    Mean,
}

impl RecommendOptions {
    /// Returns what the command reads.
    pub fn reads(&self) -> Reads {
        let CandidateOptions { allow, deny } = &self.items.candidates;
        let reads = self.run.reads().files([&self.users, &self.new_users, allow, deny].into_iter().flatten());
        self.new_items.new_items.iter().fold(reads, |reads, folder| reads.folder(folder))
    }
}

impl ItemOptions {
    /// Returns which of a user's own items are left out.
    pub fn exclude(&self) -> Exclude {
        self.exclude.exclude()
    }
}

impl CandidateOptions {
    /// Returns the items that are in no list.
    pub fn never(&self, dataset: &Dataset, ids: &Ids) -> Result<Vec<u32>> {
        let allow = self.allow.as_ref().map(|path| ids_of_file(path, ids)).transpose()?;
        let deny = self.deny.as_ref().map(|path| some_ids_of_file(path, ids)).transpose()?;
        if let (Some(path), Some([])) = (&self.deny, deny.as_deref()) {
            eprintln!("note: {}: no id, nothing is denied", path.display());
        }
        Ok(never(dataset, allow.as_deref(), deny.as_deref().unwrap_or_default())?)
    }
}

impl WayOption {
    /// Returns how a history becomes a vector.
    pub fn way(self) -> Way {
        match self {
            WayOption::Propagation => Way::Propagation,
            WayOption::Ridge => Way::Ridge,
            WayOption::Mean => Way::Mean,
        }
    }
}
