//! A whole folder in the place of another.
//!
//! Where the system can exchange two names (Linux, most disks), the folder's name is never free: it stands for all of the old folder, then for
//! all of the new. Elsewhere there is a moment between two renames at which it stands for nothing; after a crash in it, [`recover`] gives the
//! old folder its name back.

use crate::disk::Disk;
use crate::folder_of;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Puts the folder `new` in the place of `out`, both in one parent. The folder that stood there gets the name that is returned, which
/// [`recover`] knows and which the caller may remove; `None` where none stood there.
///
/// # Errors
/// Whatever the file system says; then the old folder is under its name, or [`recover`] will find it.
pub fn replace_folder(disk: &dyn Disk, new: &Path, out: &Path) -> io::Result<Option<PathBuf>> {
    let parent = folder_of(out);
    if fs::symlink_metadata(out).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        disk.rename(new, out)?;
        disk.sync_folder(parent)?;
        return Ok(None);
    }
    let mut name = old_prefix(out);
    name.push(std::process::id().to_string());
    let old = parent.join(name);
    if disk.exchange(new, out)? {
        disk.sync_folder(parent)?;
        // The old content has the name of the unfinished folder now.
        disk.rename(new, &old)?;
        return Ok(Some(old));
    }
    disk.rename(out, &old)?;
    if let Err(error) = disk.rename(new, out) {
        // If this fails too, `recover` does it at the next start.
        let _ = disk.rename(&old, out);
        return Err(error);
    }
    disk.sync_folder(parent)?;
    Ok(Some(old))
}

/// Gives a folder its name back that a crash in [`replace_folder`] took; `true` if there was one.
///
/// # Errors
/// Whatever the file system says.
pub fn recover(disk: &dyn Disk, out: &Path) -> io::Result<bool> {
    if fs::symlink_metadata(out).is_ok() {
        return Ok(false);
    }
    let mut newest = None;
    for old in leftovers(out)? {
        let changed = fs::metadata(&old)?.modified()?;
        newest = newest.max(Some((changed, old)));
    }
    let Some((_, old)) = newest else { return Ok(false) };
    disk.rename(&old, out)?;
    disk.sync_folder(folder_of(out))?;
    Ok(true)
}

/// Returns the folders beside `out` that stood in its place before and that nobody removed.
///
/// # Errors
/// Whatever the file system says.
pub fn leftovers(out: &Path) -> io::Result<Vec<PathBuf>> {
    let prefix = old_prefix(out);
    let entries = match fs::read_dir(folder_of(out)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let is_old = entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes());
        if is_old && entry.path().is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn old_prefix(out: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(out.file_name().unwrap_or_default());
    name.push(".old-");
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{DiskFile, FileSystem};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A disk that crashes at operation `n`: it and all that follow do nothing.
    struct Crash {
        exchanges: bool,
        left: AtomicUsize,
    }

    impl Crash {
        fn step<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
            let left = self.left.load(Ordering::Relaxed);
            if left == 0 {
                return Err(io::Error::other("crash"));
            }
            self.left.store(left - 1, Ordering::Relaxed);
            work()
        }
    }

    impl Disk for Crash {
        fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
            FileSystem.create(path)
        }
        fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
            FileSystem.append(path)
        }
        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step(|| FileSystem.rename(from, to))
        }
        fn exchange(&self, one: &Path, other: &Path) -> io::Result<bool> {
            if self.exchanges { self.step(|| FileSystem.exchange(one, other)) } else { Ok(false) }
        }
        fn sync_folder(&self, folder: &Path) -> io::Result<()> {
            self.step(|| FileSystem.sync_folder(folder))
        }
        fn remove(&self, path: &Path) -> io::Result<()> {
            FileSystem.remove(path)
        }
    }

    /// What is under the name after a crash at operation `n`, before and after recovery; and whether it came to that.
    fn after(exchanges: bool, n: usize) -> (Option<String>, Option<String>, bool) {
        let dir = tempfile::tempdir().unwrap();
        let [out, new] = ["ready", ".ready.partial"].map(|name| dir.path().join(name));
        for (folder, text) in [(&out, "old"), (&new, "new")] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("file"), text).unwrap();
        }
        let crashed = replace_folder(&Crash { exchanges, left: n.into() }, &new, &out).is_err();
        let said = || fs::read_to_string(out.join("file")).ok();
        let before = said();
        recover(&FileSystem, &out).unwrap();
        (before, said(), crashed)
    }

    #[test]
    fn a_crash_at_any_operation_leaves_the_old_or_the_new_folder_under_the_name() {
        for exchanges in [true, false] {
            let outcomes: Vec<_> = (0..6).map(|n| after(exchanges, n)).collect();
            for (before, recovered, _) in &outcomes {
                assert!(["old", "new"].map(str::to_owned).contains(recovered.as_ref().unwrap()), "{outcomes:?}");
                if exchanges && cfg!(target_os = "linux") {
                    assert_eq!(before, recovered, "the name is never free");
                }
            }
            assert!(outcomes[0].2 && !outcomes[5].2, "{outcomes:?}");
            assert_eq!(outcomes[5].0.as_deref(), Some("new"));
        }
        // Without the exchange the name is free after the first of the two renames: there the recovery has work.
        assert_eq!(after(false, 1), (None, Some("old".to_owned()), true));
    }

    #[test]
    fn a_name_that_is_free_is_taken_and_nothing_is_recovered_in_vain() {
        let dir = tempfile::tempdir().unwrap();
        let [out, new] = ["ready", "new"].map(|name| dir.path().join(name));
        fs::create_dir(&new).unwrap();
        assert!(!recover(&FileSystem, &out).unwrap());
        assert!(!recover(&FileSystem, &dir.path().join("no/such/ready")).unwrap());
        assert_eq!(replace_folder(&FileSystem, &new, &out).unwrap(), None);
        assert!(out.is_dir() && !recover(&FileSystem, &out).unwrap());
        fs::create_dir(&new).unwrap();
        let old = replace_folder(&FileSystem, &new, &out).unwrap().unwrap();
        assert!(out.is_dir() && old.is_dir() && !new.exists());
        assert_eq!(leftovers(&out).unwrap(), [old]);
    }
}
