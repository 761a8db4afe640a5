#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! - [`gradient`]: the oracle of every backward pass, central differences in `f64`.
//! - [`golden`]: values of the official implementation, read from files.
//! - [`allocation`]: how much memory something asks for.
//! - [`close`]: comparisons that name the tensor, the place and both values.
//! - [`mod@deep`]: tests that only the deep check runs.
//! - [`hostile`]: files that are nearly right, thousands of them, and what a reader may do with them.
//! - [`mutation`]: how a nearly right file is made.
//! - [`random`]: seeded arrays for tests.

pub mod allocation;
pub mod close;
pub mod deep;
pub mod golden;
pub mod gradient;
pub mod hostile;
pub mod mutation;
pub mod random;

pub use close::{Rounding, assert_close, assert_close_but_for, assert_close_scalar};
pub use deep::deep;
pub use gradient::assert_gradient;
