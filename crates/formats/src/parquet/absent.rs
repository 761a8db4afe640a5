//! In place of the reader of Parquet files, in a build without the feature `parquet`: every file of that kind is an error that says how to build
//! with it.

use crate::error::{FormatError, file_error};
use crate::reading::Reading;
use crate::source::Source;
use std::path::Path;

/// Says how to build with Parquet.
pub(crate) fn header(path: &Path) -> Result<Vec<String>, FormatError> {
    Err(not_built(path))
}

/// Says how to build with Parquet.
pub(crate) fn read(path: &Path, _reading: &Reading, _source: &mut Source) -> Result<(), FormatError> {
    Err(not_built(path))
}

/// Says how to build with Parquet.
pub(crate) fn not_built(path: &Path) -> FormatError {
    let found = "Parquet: build it with `cargo build --release -p anchorrec-cli --features parquet`, or convert the file to CSV";
    file_error(path, "a format that this program was built with", found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use crate::reading::Positives;

    #[test]
    fn every_way_in_says_how_to_build_with_it() {
        let path = Path::new("a.parquet");
        let mut source = Source::new(Layout::Parquet, &Positives::default());
        let errors = [
            header(path).unwrap_err(),
            read(path, &Reading::default(), &mut source).unwrap_err(),
            crate::features::read(&crate::features::Asked::file(path)).unwrap_err(),
            crate::features::look(path).unwrap_err(),
        ];
        for error in errors {
            let said = error.to_string();
            assert!(
                said.starts_with("a.parquet: ") && said.contains("--features parquet`") && !said.contains('\n'),
                "{said}"
            );
        }
    }
}
