//! The unfinished file `<name>.part`, and beside it `<name>.part.json`: which file it is the beginning of.
//!
//! A power cut may leave zeros at the end of the unfinished file; the checksum finds them where the manifest has one.

use super::error::{DownloadError, DownloadProblem, End, disk};
use anchorrec_data::manifest::RawFile;
use anchorrec_files::{fingerprint, folder_of};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The file whose beginning is here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    /// The mirror's.
    pub(super) address: String,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    /// The length of the whole file.
    pub(super) total: Option<u64>,
}

impl Version {
    /// What `If-Range` may carry: a strong tag or else a date. A weak tag may stand for two files with different bytes.
    pub(super) fn validator(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|tag| !tag.starts_with("W/"));
        strong.or(self.last_modified.as_deref())
    }

    /// Whether nothing differs that both versions know.
    pub(super) fn agrees_with(&self, other: &Version) -> bool {
        fn agree<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
            a.is_none() || b.is_none() || a == b
        }
        agree(&self.etag, &other.etag)
            && agree(&self.last_modified, &other.last_modified)
            && agree(&self.total, &other.total)
    }
}

/// The unfinished file, locked.
pub(super) struct Part {
    file: File,
    path: PathBuf,
    version_path: PathBuf,
    len: u64,
    version: Option<Version>,
}

impl Part {
    /// Opens the one of the file at `path`, and makes it and its folder where they are not there.
    pub(super) fn open(path: &Path) -> Result<Part, DownloadError> {
        let folder = folder_of(path);
        fs::create_dir_all(folder).map_err(disk(folder, "make the folder"))?;
        let beside = |end: &str| {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(end);
            path.with_file_name(name)
        };
        let (path, version_path) = (beside(".part"), beside(".part.json"));
        // Opening a pipe would wait for ever.
        if fs::metadata(&path).is_ok_and(|meta| !meta.is_file()) {
            return Err(disk(&path, "write")(io::Error::other("it is not a regular file")));
        }
        let opened = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = opened.map_err(disk(&path, "write"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DownloadError::Busy { path }),
            // A file system without locks: nothing to hold on to.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(disk(&path, "lock")(error)),
        }
        let len = file.seek(SeekFrom::End(0)).map_err(disk(&path, "read"))?;
        // Without a word that can be read about where it comes from, it is the beginning of nothing.
        let version = fs::read(&version_path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Part { file, path, version_path, len, version })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// The version, if the bytes here can be continued from this address: the server will say whether the file has changed, or the
    /// checksum will.
    pub(super) fn continues(&self, address: &str, has_checksum: bool) -> Option<&Version> {
        let version = self.version.as_ref().filter(|version| self.len > 0 && version.address == address)?;
        let sound = version.total.is_none_or(|total| self.len <= total);
        (sound && (has_checksum || version.validator().is_some())).then_some(version)
    }

    /// Starts over with another version. In an order in which a crash leaves no bytes under the name of a version that they are not of.
    pub(super) fn start_over(&mut self, version: Option<Version>) -> Result<(), DownloadError> {
        self.file.set_len(0).map_err(disk(&self.path, "empty"))?;
        self.file.rewind().map_err(disk(&self.path, "empty"))?;
        self.len = 0;
        match &version {
            Some(version) => {
                let text = serde_json::to_vec(version).map_err(io::Error::from);
                let written = text.and_then(|text| fs::write(&self.version_path, text));
                written.map_err(disk(&self.version_path, "write"))?;
            }
            None => remove(&self.version_path)?,
        }
        self.version = version;
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        self.file.write_all(bytes).map_err(disk(&self.path, "write"))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Whether all bytes are those of the source. If not, they are gone.
    pub(super) fn check(&mut self, source: &RawFile) -> Result<(), End> {
        if let Err(problem) = self.compare(source)? {
            self.start_over(None)?;
            return Err(problem.into());
        }
        Ok(())
    }

    fn compare(&self, source: &RawFile) -> Result<Result<(), DownloadProblem>, DownloadError> {
        match source.bytes {
            Some(expected) if expected != self.len => {
                return Ok(Err(DownloadProblem::Length { expected, found: self.len }));
            }
            None if self.len == 0 => return Ok(Err(DownloadProblem::Empty)),
            _ => {}
        }
        let Some(expected) = &source.sha256 else { return Ok(Ok(())) };
        let found = fingerprint::sha256(&self.path).map_err(disk(&self.path, "read"))?;
        Ok(if found == *expected {
            Ok(())
        } else {
            Err(DownloadProblem::Checksum { expected: expected.clone(), found })
        })
    }

    /// Gives the file its name: at every moment there is either none under it or the whole.
    pub(super) fn finish(self, path: &Path) -> Result<(), DownloadError> {
        self.file.sync_all().map_err(disk(&self.path, "write"))?;
        fs::rename(&self.path, path).map_err(disk(path, "rename to"))?;
        remove(&self.version_path)?;
        // Windows cannot open a folder; there the rename alone has to do.
        match File::open(folder_of(path)) {
            Ok(folder) => folder.sync_all().map_err(disk(folder_of(path), "write")),
            Err(_) => Ok(()),
        }
    }

    /// Leaves what can be continued, and nothing else.
    pub(super) fn leave(self) {
        if self.len == 0 {
            // The reason for leaving is the error to report; an empty file that stays changes nothing about it.
            let _ = fs::remove_file(&self.path);
            let _ = remove(&self.version_path);
        }
    }
}

fn remove(path: &Path) -> Result<(), DownloadError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk(path, "remove")(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(etag: Option<&str>, last_modified: Option<&str>) -> Version {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Version { address: "a".to_owned(), etag: owned(etag), last_modified: owned(last_modified), total: None }
    }

    #[test]
    fn a_weak_tag_validates_nothing() {
        assert_eq!(version(Some("\"x\""), Some("d")).validator(), Some("\"x\""));
        assert_eq!(version(Some("W/\"x\""), Some("d")).validator(), Some("d"));
        assert_eq!(version(Some("W/\"x\""), None).validator(), None);
    }

    #[test]
    fn bytes_are_continued_only_from_where_they_come_and_only_if_a_change_would_be_seen() {
        let folder = tempfile::tempdir().unwrap();
        let mut part = Part::open(&folder.path().join("f")).unwrap();
        part.start_over(Some(version(None, None))).unwrap();
        assert!(part.continues("a", true).is_none(), "no bytes yet");
        part.append(b"1234").unwrap();
        assert!(part.continues("a", true).is_some());
        assert!(part.continues("a", false).is_none(), "nothing would tell of a change");
        assert!(part.continues("b", true).is_none(), "another mirror");
        part.start_over(Some(Version { total: Some(3), ..version(Some("t"), None) })).unwrap();
        part.append(b"1234").unwrap();
        assert!(part.continues("a", true).is_none(), "longer than the whole");
    }

    #[test]
    fn torn_words_about_the_version_are_no_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let mut part = Part::open(&path).unwrap();
        part.start_over(Some(version(Some("t"), None))).unwrap();
        part.append(b"1234").unwrap();
        drop(part);
        assert!(Part::open(&path).unwrap().continues("a", false).is_some());
        fs::write(folder.path().join("f.part.json"), "{\"address\":\"a\",\"et").unwrap();
        assert!(Part::open(&path).unwrap().continues("a", true).is_none());
    }

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let first = Part::open(&path).unwrap();
        assert!(matches!(Part::open(&path), Err(DownloadError::Busy { .. })));
        first.leave();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
