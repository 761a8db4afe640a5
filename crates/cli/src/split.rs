//! The options of the split, the same for your own files and Amazon's.

use anchorrec_prepare::split::{Rule, Shares};
use anchorrec_prepare::split_text::{self, Split, shares, split};
use clap::Args;

#[derive(Clone, Debug, Args)]
pub struct SplitOptions {
    /// How to split into training, validation and test: `random` (a tenth each of every user's interactions), `user-time` (the last fifth of
    /// every user's), `global-time` (the last fifth of all), `leave-one-out`, `dates:2023-01-01,2023-06-01` (validation from, test from),
    /// `given` (a column x_label or split, or files train, valid, test), `column:NAME` (the column NAME, like --split-column), `none`
    /// (all for training) [default: given if the data has a split, else random]
    #[arg(long, value_name = "RULE", value_parser = split)]
    pub split: Option<Split>,

    /// Shares of training, validation and test instead of 0.8,0.1,0.1, for random, user-time and global-time
    #[arg(long, value_name = "TRAIN,VALID,TEST", value_parser = shares)]
    pub share: Option<Shares>,

    /// Seed of the random split
    #[arg(long, default_value_t = 999)]
    pub seed: u64,
}

impl SplitOptions {
    /// Returns the column of training, validation and test, where the rule names one.
    pub fn column(&self) -> Option<&String> {
        match &self.split {
            Some(Split::Column(name)) => Some(name),
            _ => None,
        }
    }

    /// Converts the options to the rule of the preparation; `given` is whether the data say it themselves.
    pub fn rule(&self, given: bool) -> Result<Rule, String> {
        split_text::rule(self.split.as_ref(), self.share, self.seed, given)
    }
}
