//! The page and its figures as files.

use crate::error::ReportError;
use crate::page::Page;
use anchorrec_files::atomic::write_atomic;
use anchorrec_files::disk::FileSystem;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the page to `out`, and each figure into `figures` beside it: as SVG and, in a build that can, as PNG. The paths, the page first.
///
/// # Errors
/// When the system refuses.
pub fn write(page: &Page, out: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let folder = out.parent().unwrap_or(Path::new("")).join("figures");
    fs::create_dir_all(&folder).map_err(|source| ReportError::Io {
        path: folder.clone(),
        action: "make the folder",
        source,
    })?;
    let mut written = vec![file(out.to_owned(), page.html.as_bytes())?];
    for figure in &page.figures {
        written.push(file(folder.join(format!("{}.svg", figure.name)), figure.svg().as_bytes())?);
        #[cfg(feature = "png")]
        {
            let path = folder.join(format!("{}.png", figure.name));
            let pixels = crate::png::png(figure, &path)?;
            written.push(file(path, &pixels)?);
        }
    }
    Ok(written)
}

fn file(path: PathBuf, bytes: &[u8]) -> Result<PathBuf, ReportError> {
    match write_atomic(&FileSystem, &path, |file| file.write_all(bytes)) {
        Ok(()) => Ok(path),
        Err(source) => Err(ReportError::Io { path, action: "write", source }),
    }
}
