//! Files and synthetic twins, from outside of the crate.

mod bad_input;
mod real_data;
mod twin;
