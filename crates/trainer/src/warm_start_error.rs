//! Why the weights of another run cannot be started from.

use std::path::PathBuf;
use thiserror::Error;

/// Why weights cannot be started from.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum WarmStartError {
    /// The weights are of another model.
    #[error(
        "the earlier run trained {there}, this one trains {here}: expected the same model; leave out --model, or --warm-start"
    )]
    OtherModel {
        /// The model of the weights.
        there: String,
        /// The model of the run.
        here: String,
    },
    /// One side has external ids and the other has not.
    #[error(
        "{kind}s have external ids in {named} and none in {unnamed}, so nobody can be found again: expected {file} in both folders"
    )]
    NamedOnOneSide {
        /// `user` or `item`.
        kind: &'static str,
        /// The folder with ids.
        named: PathBuf,
        /// The folder without.
        unnamed: PathBuf,
        /// The file that would hold the ids.
        file: &'static str,
    },
    /// No user and no item is in both data sets.
    #[error(
        "no user and no item of {here} is known to the earlier run, which was trained on {there}: its users are called {}, these {}; its items {}, \
         these {}. Expected the same shop, prepared with the same ids",
        examples[0], examples[1], examples[2], examples[3]
    )]
    NobodyKnown {
        /// The folder that was trained on before.
        there: PathBuf,
        /// The folder that is trained on now.
        here: PathBuf,
        /// A few users there and here, a few items there and here.
        examples: Box<[String; 4]>,
    },
    /// A table of another width.
    #[error(
        "`{parameter}` has rows of {there} numbers in the earlier run and of {here} in this one: expected one width; leave out the setting that \
         changes it, or --warm-start"
    )]
    OtherWidth {
        /// The table.
        parameter: String,
        /// The width in the weights.
        there: usize,
        /// The width in the model.
        here: usize,
    },
    /// A table with another number of rows than the data set of the weights.
    #[error(
        "`{parameter}` has {found} rows in the earlier run, whose data set has {expected}: the weights are not of that data"
    )]
    OtherRows {
        /// The table.
        parameter: String,
        /// Users or items of the data set of the weights.
        expected: usize,
        /// Rows of the table.
        found: usize,
    },
}
