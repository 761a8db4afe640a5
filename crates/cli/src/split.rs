//! How a preparation splits: the same options for everybody's files.

use anchorrec_prepare::split::Rule;
use clap::{Args, ValueEnum};

#[derive(Clone, Copy, Debug, Args)]
pub struct SplitOptions {
    /// How to split into training, validation and test
    #[arg(long, value_enum, default_value = "random")]
    pub split: Split,

    /// Seed of the random split
    #[arg(long, default_value_t = 999)]
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Split {
    /// A tenth each of every user's interactions, at random
    Random,
    /// The last fifth of every user's interactions
    UserTime,
    /// The last fifth of all interactions
    GlobalTime,
}

impl SplitOptions {
    /// Converts the option to the rule of the preparation.
    pub fn rule(self) -> Rule {
        match self.split {
            Split::Random => Rule::Random { seed: self.seed },
            Split::UserTime => Rule::UserTime,
            Split::GlobalTime => Rule::GlobalTime,
        }
    }
}
