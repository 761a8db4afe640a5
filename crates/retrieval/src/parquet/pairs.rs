//! Pairs of user and item as Parquet.

use super::rows::{Column, Rows};
use parquet::data_type::ByteArray;
use std::io::{self, Write};

/// Writes a Parquet file with the columns `user` and `item`: the names of each pair of numbers.
///
/// # Errors
/// When `out` cannot be written.
pub fn pairs(out: &mut dyn Write, users: &[String], items: &[String], pairs: &[(u32, u32)]) -> io::Result<()> {
    let schema = "message history { REQUIRED BYTE_ARRAY user (UTF8); REQUIRED BYTE_ARRAY item (UTF8); }";
    let mut file = Rows::new(out, schema, &[])?;
    for pairs in pairs.chunks(1 << 17) {
        let users: Vec<ByteArray> = pairs.iter().map(|pair| users[pair.0 as usize].as_str().into()).collect();
        let items: Vec<ByteArray> = pairs.iter().map(|pair| items[pair.1 as usize].as_str().into()).collect();
        file.group(&[Column::Text(&users), Column::Text(&items)])?;
    }
    file.finish()
}
