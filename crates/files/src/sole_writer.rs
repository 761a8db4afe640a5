//! A file that one writer has to itself.
//!
//! Two commands with the same output would write into the same temporary file, and the first to rename it would publish what the other is
//! still writing. A lock keeps the second one out. It ends with the process, so what a killed writer left is taken over.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// Opens an empty file that nobody else writes until it is closed.
///
/// # Errors
/// Another process writes it, or whatever the file system says.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    loop {
        let file = File::options().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(io::Error::new(io::ErrorKind::WouldBlock, TAKEN)),
            // Some network file systems have no locks. Writing there is as safe as it was without one.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // The writer before us may have renamed the file after we opened it: then it is no longer ours to empty.
        if stands_at(&file, path)? {
            file.set_len(0)?;
            return Ok(file);
        }
    }
}

const TAKEN: &str = "another process is writing this file: wait for it to end, or choose another output";

#[cfg(unix)]
fn stands_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let ours = file.metadata()?;
    match path.metadata() {
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere an open file cannot be renamed away.
#[cfg(not(unix))]
fn stands_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use crate::atomic::write_atomic;
    use crate::disk::{Disk, FileSystem};
    use std::fs;
    use std::io::Write;

    #[test]
    fn a_second_writer_is_refused_and_the_first_one_ends_undisturbed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lists.csv");
        let write = |content: &'static [u8]| write_atomic(&FileSystem, &path, |file| file.write_all(content));
        write_atomic(&FileSystem, &path, |file| {
            file.write_all(b"the first ")?;
            file.flush()?;
            let refused = write(b"the second").unwrap_err();
            assert!(refused.to_string().starts_with("another process is writing this file"), "{refused}");
            file.write_all(b"writer")
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"the first writer");
        write(b"later").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"later");
    }

    #[test]
    fn what_a_killed_writer_left_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.partial");
        fs::write(&path, "half of a long file").unwrap();
        FileSystem.create(&path).unwrap().write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_renamed_meanwhile_is_not_the_one_to_write() {
        let folder = tempfile::tempdir().unwrap();
        let [partial, path] = ["a.partial", "a"].map(|name| folder.path().join(name));
        let first = fs::File::create(&partial).unwrap();
        assert!(super::stands_at(&first, &partial).unwrap());
        fs::rename(&partial, &path).unwrap();
        assert!(!super::stands_at(&first, &partial).unwrap());
        fs::write(&partial, "of the next writer").unwrap();
        assert!(!super::stands_at(&first, &partial).unwrap());
    }
}
