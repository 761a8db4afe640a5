//! What a caller says about a file of features: `FILE`, or `FILE:COLUMN`.

use std::path::{Path, PathBuf};

/// A file or folder of features, and what of it is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The file, or the folder with a file for each item or with the parts of a table.
    pub path: PathBuf,
    /// The column of vectors or texts, the tensor or array; several columns of numbers as `a,b,c`, `emb_*` or `*`, which are those
    /// called `0`, `1`, ..., or else all.
    pub column: Option<String>,
    /// The column of item ids, where it is not called as usual. A file without such a column is read as if nothing was said.
    pub item_column: Option<String>,
    /// The folder whose part this file is: what is said of its columns is said of the folder.
    pub whole: Option<PathBuf>,
}

impl Asked {
    /// Returns a file of which nothing is said.
    pub fn file(path: &Path) -> Self {
        Asked { path: path.to_owned(), ..Asked::default() }
    }

    /// Reads `FILE` or `FILE:COLUMN`: what is there under the whole text is the file, whatever its name.
    ///
    /// ```
    /// use anchorrec_formats::features::Asked;
    /// let asked = Asked::parse("items.parquet:emb_*");
    /// assert_eq!((asked.path.to_str(), asked.column.as_deref()), (Some("items.parquet"), Some("emb_*")));
    /// assert_eq!(Asked::parse("items.npy").column, None);
    /// ```
    pub fn parse(text: &str) -> Self {
        let whole = Asked { path: PathBuf::from(text), ..Asked::default() };
        if whole.path.exists() {
            return whole;
        }
        // A column's name may hold a colon too: the longest file that is there.
        let cuts = || text.rmatch_indices(':').map(|(at, _)| (&text[..at], &text[at + 1..]));
        let cuts = || cuts().filter(|(file, column)| !file.is_empty() && !column.is_empty());
        // `C:\features.npy` names no column.
        let named = cuts().find(|(file, _)| Path::new(file).exists());
        let named = named
            .or_else(|| cuts().next_back().filter(|(file, column)| file.len() > 1 && !column.contains(['/', '\\'])));
        match named {
            Some((file, column)) => {
                Asked { path: PathBuf::from(file), column: Some(column.to_owned()), ..Asked::default() }
            }
            None => whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_a_colon_in_its_name_is_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        for name in ["a:b.npy", "a"] {
            std::fs::write(path(name), "").unwrap();
        }
        assert_eq!(Asked::parse(&path("a:b.npy")).column, None);
        let asked = Asked::parse(&path("a:b:c"));
        assert_eq!((asked.path.to_str().unwrap(), asked.column.as_deref()), (&path("a")[..], Some("b:c")));
        assert_eq!(Asked::parse("C:/x.npy").column, None);
    }
}
