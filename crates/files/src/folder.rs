//! The folder that a path is in.

use std::path::Path;

/// Returns the folder that a file or folder is in. Of a bare name that is `.`, where [`Path::parent`] returns an empty path that no system call takes.
///
/// ```
/// use anchorrec_files::folder_of;
/// use std::path::Path;
///
/// assert_eq!(folder_of(Path::new("lists.csv")), Path::new("."));
/// assert_eq!(folder_of(Path::new("out/lists.csv")), Path::new("out"));
/// ```
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
