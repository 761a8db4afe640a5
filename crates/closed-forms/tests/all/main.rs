//! The tests of this crate from outside, one program.

mod by_numpy;
mod threads;
