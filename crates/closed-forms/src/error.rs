//! Why a closed form cannot be computed.

use crate::cholesky::NotPositive;
use thiserror::Error;

/// Why a closed form cannot be computed.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum Unsolvable {
    /// The dense matrices would not fit.
    #[error(
        "{items} items: the exact solution holds two matrices of items x items numbers, 16 x {items}² bytes = {:.1} GiB, and the limit is {most} items \
         ({:.1} GiB); raise the limit, or solve each item on its nearest neighbours by co-occurrence, which needs no such matrix",
        gib(*items),
        gib(*most)
    )]
    TooManyItems {
        /// The number of items that the data set has.
        items: usize,
        /// The number of items that fit into memory.
        most: usize,
    },
    /// A matrix has no Cholesky factor.
    #[error(transparent)]
    NotPositive(#[from] NotPositive),
    /// A setting is not what it may be.
    #[error("{name} = {value}: expected a finite number {expected}")]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// The setting's value.
        value: f64,
        /// What it may be, such as `above 0`.
        expected: &'static str,
    },
    /// A feature is no number.
    #[error("features: row {row}, column {column}: expected a finite number")]
    Features {
        /// The row, from 0: the item.
        row: usize,
        /// The column, from 0.
        column: usize,
    },
    /// The content explains an item to the last bit, so its weight in the kernel is infinite.
    #[error(
        "lambda_f = {lambda_f} is too small: item {item} is explained by the content of the others to the last bit; raise it"
    )]
    Explained {
        /// The strength of the content's regularisation.
        lambda_f: f64,
        /// The item.
        item: usize,
    },
}

/// The memory of the exact solution, in GiB.
fn gib(items: usize) -> f64 {
    exact_bytes(items) / f64::from(1 << 30)
}

/// Returns the bytes that the exact solution holds at its peak beside the data: two matrices of `f64`, `16 I²`.
pub fn exact_bytes(items: usize) -> f64 {
    16.0 * (items as f64).powi(2)
}

/// A number that must be above 0.
pub(crate) fn above_zero(name: &'static str, value: f64) -> Result<(), Unsolvable> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(Unsolvable::Setting { name, value, expected: "above 0" })
    }
}

/// A number that must not be below 0.
pub(crate) fn not_negative(name: &'static str, value: f64) -> Result<(), Unsolvable> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(Unsolvable::Setting { name, value, expected: "from 0" })
    }
}
