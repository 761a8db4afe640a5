//! In place of Parquet files, in a build without the feature `parquet`: each is an error that says how to build with it.

use crate::names::Names;
use crate::table::row::Table;
use ndarray::ArrayView2;
use std::io::{self, Write};

/// Says how to build with Parquet.
pub(crate) fn lists<'a>(_out: &'a mut dyn Write, _names: &Names) -> io::Result<Box<dyn Table + 'a>> {
    Err(not_built())
}

/// Says how to build with Parquet.
pub(crate) fn vectors(_out: &mut dyn Write, _ids: &[String], _index: &[u32], _rows: ArrayView2<f32>) -> io::Result<()> {
    Err(not_built())
}

/// Says how to build with Parquet.
pub fn pairs(_out: &mut dyn Write, _users: &[String], _items: &[String], _pairs: &[(u32, u32)]) -> io::Result<()> {
    Err(not_built())
}

fn not_built() -> io::Error {
    let problem = "this program was built without Parquet: build it with `cargo build --release -p anchorrec-cli --features parquet`, \
                   or write .csv or .jsonl";
    io::Error::new(io::ErrorKind::Unsupported, problem)
}
