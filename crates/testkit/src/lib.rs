//! Development only: what the tests of the other crates share.
//!
//! - [`gradient`]: the oracle of every backward pass, central differences in `f64`.
//! - [`golden`]: values of the official implementation, read from files.
//! - [`close`]: comparisons that name the tensor, the place and both values.
//! - [`random`]: seeded arrays for tests.

pub mod close;
pub mod golden;
pub mod gradient;
pub mod random;

pub use close::{assert_close, assert_close_among, assert_close_scalar};
pub use gradient::assert_gradient;
