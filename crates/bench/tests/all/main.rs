//! The benchmark program, called as a user calls it.

mod json;
