//! Downloads from a server on loopback that misbehaves, and copies from folders.

mod local;
mod mirrors;
mod resume;
mod server;

use anchorrec_data::manifest::RawFile;
use anchorrec_download::{DownloadError, DownloadOptions, Progress, fetch};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

const NAME: &str = "a.csv";

/// `len` bytes without a pattern that a shift would keep.
fn bytes(len: usize) -> Vec<u8> {
    (0..len as u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

fn sha256(bytes: &[u8]) -> String {
    anchorrec_files::fingerprint::of_reader(bytes).unwrap().sha256()
}

fn source(mirrors: &[String]) -> RawFile {
    RawFile { file: NAME.to_owned(), mirrors: mirrors.to_vec(), licence: "none".to_owned(), ..RawFile::default() }
}

fn online() -> DownloadOptions {
    DownloadOptions {
        network: true,
        attempts: 3,
        backoff: Duration::from_millis(5),
        connect_timeout: Duration::from_secs(2),
        stall_timeout: Duration::from_millis(250),
        ..DownloadOptions::default()
    }
}

fn quiet(_: Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn get(source: &RawFile, folder: &Path) -> Result<PathBuf, DownloadError> {
    fetch(source, folder, &online(), &mut quiet)
}

/// The one-line message of a fetch that must fail.
fn refusal(got: Result<PathBuf, DownloadError>) -> String {
    let message = got.expect_err("fetched").to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The file is there with these bytes, and nothing else is.
fn assert_done(folder: &Path, want: &[u8]) {
    assert!(fs::read(folder.join(NAME)).unwrap() == want, "other bytes");
    assert_eq!(names(folder), [NAME]);
}
