//! The one way in which a file that must survive a crash is written.

use crate::disk::Disk;
use crate::folder_of;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Replaces the file at `path` with what `write` writes: a temporary sibling, fsync, rename, fsync of the folder.
/// At every moment the file holds either all of its old content or all of the new. A symbolic link stays, and the file that it leads to is replaced. What
/// is no file, a pipe or a device, cannot be replaced: it gets the content as it comes.
///
/// # Errors
/// Another process is writing the same file, or whatever the file system says. The temporary file is then removed if it is ours, and the
/// old content still stands. Only when the very last of the four steps fails may the new content stand.
pub fn write_atomic(
    disk: &dyn Disk,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let path = &target(path)?;
    if fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        let mut stream = BufWriter::new(File::options().write(true).open(path)?);
        write(&mut stream)?;
        return stream.flush();
    }
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
    disk.sync_folder(folder_of(path))
}

/// The most symbolic links that lead from one to the next, as in Linux.
const LINKS: usize = 40;

/// Where a path leads: itself, or the end of its symbolic links, which need not exist yet. A link to something that is no file, such as `/dev/stdout`,
/// stands for it.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let is_link = fs::symlink_metadata(&path).is_ok_and(|about| about.is_symlink());
        if !is_link || fs::metadata(&path).is_ok_and(|about| !about.is_file()) {
            return Ok(path);
        }
        path = path.parent().unwrap_or(Path::new("")).join(fs::read_link(&path)?);
    }
    Err(io::Error::other("expected a file, found symbolic links that lead in a circle"))
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

    #[test]
    #[cfg(unix)]
    fn links_stay_and_lead_to_the_new_content() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("kept")).unwrap();
        fs::write(at("kept/old"), "old").unwrap();
        symlink("kept/old", at("to-old")).unwrap();
        symlink(at("to-old"), at("twice")).unwrap();
        symlink("kept/new", at("to-new")).unwrap();
        for (link, file) in [("to-old", "kept/old"), ("twice", "kept/old"), ("to-new", "kept/new")] {
            write_atomic(&FileSystem, &at(link), |f| f.write_all(link.as_bytes())).unwrap();
            assert_eq!(fs::read_to_string(at(file)).unwrap(), link);
            assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
        }
        symlink("b", at("a")).unwrap();
        symlink("a", at("b")).unwrap();
        assert!(write_atomic(&FileSystem, &at("a"), |_| Ok(())).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_pipe_and_a_device_get_the_content() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).unwrap()
        });
        write_atomic(&FileSystem, &pipe, |f| f.write_all(b"streamed")).unwrap();
        assert_eq!(reader.join().unwrap(), "streamed");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        write_atomic(&FileSystem, Path::new("/dev/null"), |f| f.write_all(b"nobody reads this")).unwrap();
    }
}
