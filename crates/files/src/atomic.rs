//! The one way in which a file that must survive a crash is written.

use crate::disk::Disk;
use serde::Serialize;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Replaces the file at `path` with what `write` writes: a temporary sibling, fsync, rename, fsync of the folder.
/// At every moment the file holds either all of its old content or all of the new.
///
/// # Errors
/// Another process is writing the same file, or whatever the file system says. The temporary file is then removed if it is ours, and the
/// old content still stands. Only when the very last of the four steps fails may the new content stand.
pub fn write_atomic(
    disk: &dyn Disk,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(".partial");
    let temporary = path.with_file_name(name);
    // Where this fails, the temporary file may be another writer's, so it stays.
    let mut file = BufWriter::with_capacity(1 << 20, disk.create(&temporary)?);
    let written = (|| {
        write(&mut file)?;
        file.flush()?;
        file.get_mut().sync()?;
        disk.rename(&temporary, path)
    })();
    if let Err(error) = written {
        // The first error is the one to report; a leftover that cannot be removed either changes nothing about it.
        let _ = disk.remove(&temporary);
        return Err(error);
    }
    disk.sync_folder(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

/// Replaces the file at `path` with `value` as JSON for people, a newline behind it; see [`write_atomic`].
///
/// # Errors
/// As [`write_atomic`].
///
/// # Panics
/// When `value` is no JSON: a map whose keys are not text.
pub fn write_json(disk: &dyn Disk, path: &Path, value: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string_pretty(value).expect("records are JSON");
    write_atomic(disk, path, |file| writeln!(file, "{json}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::FileSystem;
    use std::fs;

    #[test]
    fn a_failed_write_leaves_the_old_content_and_no_litter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_atomic(&FileSystem, &path, |f| f.write_all(b"old")).unwrap();
        let failed = write_atomic(&FileSystem, &path, |f| {
            f.write_all(b"half of the n")?;
            Err(io::Error::other("disk gone"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "disk gone");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
