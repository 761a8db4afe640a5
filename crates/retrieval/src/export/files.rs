//! The files of an export, each written whole or not at all.

use super::vectors::Rows;
use crate::error::{RetrievalError, file_error};
use crate::parquet;
use anchorrec_data::npy::{npy_f16_to, npy_f32_to};
use anchorrec_files::atomic::write_atomic;
use anchorrec_files::disk::FileSystem;
use half::f16;
use serde::Serialize;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A format of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `NAME.npy`, and `NAME.ids.txt` with an id a line in the order of its rows.
    Npy,
    /// `NAME.parquet` with columns `id`, `index`, `embedding`.
    Parquet,
    /// `NAME.copy`: lines for PostgreSQL's `COPY table (id, embedding) FROM STDIN` with pgvector.
    Copy,
    /// `NAME.jsonl`: `{"id": ..., "vector": [...]}`.
    JsonLines,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    vector: &'a [f32],
}

impl Format {
    /// Returns the files that a table `name` is written to.
    ///
    /// ```
    /// use anchorrec_retrieval::export::Format;
    ///
    /// assert_eq!(Format::Npy.names("items"), ["items.npy", "items.ids.txt"]);
    /// ```
    pub fn names(self, name: &str) -> Vec<String> {
        let endings: &[&str] = match self {
            Format::Npy => &["npy", "ids.txt"],
            Format::Parquet => &["parquet"],
            Format::Copy => &["copy"],
            Format::JsonLines => &["jsonl"],
        };
        endings.iter().map(|ending| format!("{name}.{ending}")).collect()
    }
}

/// Checks that ids can stand one on a line, as `NAME.ids.txt` has them: to be asked before anything is written.
///
/// # Errors
/// When one has a line end.
pub fn listable(ids: &[String]) -> Result<(), RetrievalError> {
    match ids.iter().find(|id| id.contains(['\n', '\r'])) {
        None => Ok(()),
        Some(id) => Err(RetrievalError::Table {
            path: PathBuf::from("--format npy"),
            expected: "ids that stand on a line each; `--format parquet,safetensors` takes any".to_owned(),
            found: format!("{id:?}, which has a line end"),
        }),
    }
}

/// Writes the rows of one table into `folder`; `ids[r]` is the external id of row `r`. The numbers of `.npy` have 16 bits where `half` is said.
/// Returns the files.
///
/// # Errors
/// When the file system refuses, the format was not built in, or it cannot hold an id.
pub fn write(
    folder: &Path,
    name: &str,
    ids: &[String],
    rows: &Rows,
    format: Format,
    half: bool,
) -> Result<Vec<PathBuf>, RetrievalError> {
    let vectors = rows.vectors.view();
    let mut written = Vec::new();
    let mut file = |ending: &str, fill: &dyn Fn(&mut dyn Write) -> io::Result<()>| {
        let path = folder.join(format!("{name}.{ending}"));
        write_atomic(&FileSystem, &path, fill).map_err(file_error(&path, "write"))?;
        written.push(path);
        Ok::<(), RetrievalError>(())
    };
    match format {
        Format::Npy => {
            file("npy", &|out| match half {
                true => npy_f16_to(out, vectors.mapv(f16::from_f32).view()),
                false => npy_f32_to(out, vectors),
            })?;
            listable(ids)?;
            file("ids.txt", &|out| ids.iter().try_for_each(|id| writeln!(out, "{id}")))?;
        }
        Format::Parquet => file("parquet", &|out| parquet::vectors(out, ids, &rows.index, vectors))?,
        Format::Copy => file("copy", &|out| {
            ids.iter().zip(vectors.rows()).try_for_each(|(id, row)| {
                write!(out, "{}\t[", escaped(id))?;
                for (place, x) in row.iter().enumerate() {
                    write!(out, "{}{x}", if place > 0 { "," } else { "" })?;
                }
                out.write_all(b"]\n")
            })
        })?,
        Format::JsonLines => file("jsonl", &|out| {
            ids.iter().zip(vectors.rows()).try_for_each(|(id, row)| {
                let vector = row.to_slice().expect("rows are contiguous");
                serde_json::to_writer(&mut *out, &Line { id, vector })?;
                out.write_all(b"\n")
            })
        })?,
    }
    Ok(written)
}

/// An id as PostgreSQL's text format has it.
fn escaped(id: &str) -> String {
    id.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}
