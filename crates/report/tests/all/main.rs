//! Pages, from outside of the crate.

mod fixture;
mod model_table;
mod page;
mod words;
