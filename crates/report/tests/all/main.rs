//! Pages, from outside of the crate.

mod fixture;
mod page;
mod words;
