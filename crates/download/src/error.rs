//! What can go wrong, in one line each: what was tried, what happened, what to do by hand.
//!
//! Whatever a server says is shown escaped and cut short.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// A file that is not there in the end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// A name that could lead out of the folder.
    #[error("expected a plain file name (letters, digits, `.`, `_`, `-`, `+`, no dot in front), found {name:?}")]
    Name {
        /// The name.
        name: String,
    },
    /// No local folder has the file, and downloads are not allowed.
    #[error(
        "{}: expected a file, found none, and downloads are off{}: allow downloads or {}",
        path.display(), Tried(tried), ByHand { path, mirrors }
    )]
    Offline {
        /// Where the file belongs.
        path: PathBuf,
        /// Addresses at which the file can be had.
        mirrors: Vec<String>,
        /// The local places that were tried.
        tried: Vec<Attempt>,
    },
    /// No place gave the file.
    #[error("{}: could not be fetched{}: {}", path.display(), Tried(tried), ByHand { path, mirrors })]
    Failed {
        /// Where the file belongs.
        path: PathBuf,
        /// Addresses at which the file can be had.
        mirrors: Vec<String>,
        /// All places, in the order in which they were tried.
        tried: Vec<Attempt>,
    },
    /// A file of that name is there already and is another one.
    #[error("{}: {problem}: remove the file to fetch it again, or put the right one there by hand", path.display())]
    Different {
        /// The file.
        path: PathBuf,
        /// In what the file differs from the one that is expected.
        problem: DownloadProblem,
    },
    /// Two at once.
    #[error("{}: another process is fetching this file: wait for it or end it", path.display())]
    Busy {
        /// The unfinished file.
        path: PathBuf,
    },
    /// The caller said stop.
    #[error("{}: stopped after {have} bytes: fetch again to go on from there", path.display())]
    Stopped {
        /// The unfinished file.
        path: PathBuf,
        /// The length of what is there.
        have: u64,
    },
    /// The disk refused.
    #[error("{}: cannot {action}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

/// A place that did not give the file.
#[derive(Debug)]
pub struct Attempt {
    /// Address or path.
    pub place: String,
    /// How often the place was asked.
    pub times: u32,
    /// What happened the last time.
    pub problem: DownloadProblem,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)?;
        if self.times > 1 { write!(f, " (asked {} times)", self.times) } else { Ok(()) }
    }
}

/// Why a place did not give the file, or why a file is not the right one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadProblem {
    /// An answer without the file.
    #[error("answered with status {0}")]
    Status(u16),
    /// Nothing came for too long.
    #[error("{what} for {} s", seconds.as_secs_f32())]
    Timeout {
        /// What did not come.
        what: &'static str,
        /// The limit.
        seconds: Duration,
    },
    /// The connection failed, or what came over it was not HTTP.
    #[error("{0}")]
    Connection(String),
    /// Asking again will not help: no such host, a certificate, redirects without end.
    #[error("{0}")]
    Refused(String),
    /// The body ended early.
    #[error("expected {total} bytes, found an end after {have}")]
    Short {
        /// Promised.
        total: u64,
        /// What is there.
        have: u64,
    },
    /// More came than was promised.
    #[error("expected {total} bytes, found more")]
    Long {
        /// Promised.
        total: u64,
    },
    /// More than is allowed.
    #[error("expected at most {most} bytes, found more")]
    TooLarge {
        /// The limit.
        most: u64,
    },
    /// The file's length differs from the manifest's.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// By the manifest.
        expected: u64,
        /// As promised, or of the file.
        found: u64,
    },
    /// Not even the end of the body can be told from a broken connection.
    #[error("expected a length, found none, and the manifest has neither bytes nor sha256")]
    NoLength,
    /// The body would be empty.
    #[error("expected a file, found no bytes")]
    Empty,
    /// The file's checksum differs from the manifest's.
    #[error("expected SHA-256 {expected}, found {found}")]
    Checksum {
        /// By the manifest.
        expected: String,
        /// SHA-256 of the bytes.
        found: String,
    },
    /// The rest that was asked for is not the rest that came.
    #[error("asked for the bytes from {from}, found {found}: starting over")]
    Range {
        /// How many were there.
        from: u64,
        /// The answer's `Content-Range`.
        found: String,
    },
    /// The remote file is not the one whose beginning is here.
    #[error("the remote file has changed: starting over")]
    Changed,
    /// A page that says something to people.
    #[error("expected the file, found a web page")]
    WebPage,
    /// Packed for the way, though asked not to.
    #[error("expected the file as it is, found it packed as {0}")]
    Packed(String),
    /// Not an address that can be asked.
    #[error("expected https://, http:// or file:///, found something else")]
    Address,
    /// A local place does not have the file.
    #[error("no such file")]
    Missing,
    /// A local place has something else under that name.
    #[error("expected a regular file, found something else")]
    NotAFile,
    /// A local place cannot be read.
    #[error("cannot read: {0}")]
    Unreadable(io::Error),
}

impl DownloadProblem {
    /// Returns whether the error may pass when the same place is asked again.
    pub fn may_pass(&self) -> bool {
        match self {
            DownloadProblem::Status(status) => matches!(status, 408 | 425 | 429 | 500..),
            DownloadProblem::Timeout { .. } | DownloadProblem::Connection(_) | DownloadProblem::Short { .. } => true,
            DownloadProblem::Range { .. } | DownloadProblem::Changed => true,
            _ => false,
        }
    }
}

/// Why an attempt ended: because of the place, or for good.
pub(super) enum End {
    Place(DownloadProblem),
    Fetch(DownloadError),
}

impl From<DownloadProblem> for End {
    fn from(problem: DownloadProblem) -> Self {
        End::Place(problem)
    }
}

impl From<DownloadError> for End {
    fn from(error: DownloadError) -> Self {
        End::Fetch(error)
    }
}

/// A foreign text, made safe to show.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(120).flat_map(char::escape_debug).collect();
    if text.chars().nth(120).is_some() {
        shown.push_str("...");
    }
    shown
}

struct Tried<'a>(&'a [Attempt]);

impl fmt::Display for Tried<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (n, attempt) in self.0.iter().enumerate() {
            write!(f, "{}{attempt}", if n == 0 { " (" } else { "; " })?;
        }
        if self.0.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

struct ByHand<'a> {
    path: &'a Path,
    mirrors: &'a [String],
}

impl fmt::Display for ByHand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let name = self.path.file_name().unwrap_or_default().display();
        let folder = self.path.parent().unwrap_or(self.path).display();
        write!(f, "put {name} into {folder} by hand")?;
        match self.mirrors {
            [] => f.write_str(" (no public place is known)"),
            mirrors => write!(f, " from {}", mirrors.join(" or ")),
        }
    }
}

/// The system's refusal.
pub(crate) fn disk(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> DownloadError {
    let path = path.to_owned();
    move |source| DownloadError::Io { path, action, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_with_places_and_the_way_out() {
        let attempt = |place: &str, times, problem| Attempt { place: place.to_owned(), times, problem };
        let error = DownloadError::Failed {
            path: PathBuf::from("raw/a.csv"),
            mirrors: vec!["http://x/a.csv".to_owned()],
            tried: vec![
                attempt("d/a.csv", 1, DownloadProblem::Missing),
                attempt("http://x/a.csv", 3, DownloadProblem::Short { total: 9, have: 4 }),
            ],
        };
        let want = "raw/a.csv: could not be fetched (d/a.csv: no such file; http://x/a.csv: expected 9 bytes, found an end after 4 \
                    (asked 3 times)): put a.csv into raw by hand from http://x/a.csv";
        assert_eq!(error.to_string(), want);
    }

    #[test]
    fn hostile_words_stay_on_one_short_line() {
        let words = shown(&format!("a\n\u{1b}[31m{}", "x".repeat(1000)));
        assert!(words.starts_with("a\\n\\u{1b}[31m") && words.len() < 140, "{words}");
    }
}
