//! What the name and the first line of a file say of it.

use crate::error::{FormatError, io_error};
use crate::folder::kind;
use crate::open::{self, unpacked};
use std::io::{BufRead, Read};
use std::path::Path;

pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The ending of a name in lower case, without `.gz` and `.zst`.
pub(crate) fn ending(path: &Path) -> String {
    unpacked(path).extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// Whether a file may hold interactions, by its name, or as Parquet by how it begins.
pub(crate) fn is_table(path: &Path) -> bool {
    let endings = ["inter", "csv", "tsv", "txt", "dat", "data", "json", "jsonl", "ndjson", "parquet", "pq"];
    endings.contains(&kind(path).as_str())
}

/// The first line of a file, at most 16 MiB of it.
pub(crate) fn first_line(path: &Path) -> Result<String, FormatError> {
    let mut first = Vec::new();
    let read = open::text(path)?.take(16 << 20).read_until(b'\n', &mut first);
    read.map_err(io_error(path, "read"))?;
    let text = String::from_utf8_lossy(&first).into_owned();
    Ok(text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']).to_owned())
}
