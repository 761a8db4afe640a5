//! Files of this machine.

use super::server::{Server, whole};
use super::{NAME, assert_done, bytes, get, names, online, quiet, refusal, sha256, source};
use anchorrec_data::manifest::RawFile;
use anchorrec_download::{DownloadError, DownloadOptions, Progress, fetch};
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

fn offline(folders: &[PathBuf]) -> DownloadOptions {
    DownloadOptions { folders: folders.to_vec(), ..DownloadOptions::default() }
}

#[test]
fn a_local_folder_and_a_file_address_need_no_network() {
    let (from, body) = (tempfile::tempdir().unwrap(), bytes(600_000));
    let spaced = from.path().join("with space");
    fs::create_dir(&spaced).unwrap();
    fs::write(spaced.join(NAME), &body).unwrap();
    let checked = RawFile { bytes: Some(600_000), sha256: Some(sha256(&body)), ..source(&[]) };
    let folder = tempfile::tempdir().unwrap();
    let absent = from.path().join("absent");
    fetch(&checked, folder.path(), &offline(&[absent, spaced.clone()]), &mut quiet).unwrap();
    assert_done(folder.path(), &body);

    let folder = tempfile::tempdir().unwrap();
    let address = format!("file://{}/with%20space/{NAME}", from.path().display());
    fetch(&RawFile { mirrors: vec![address], ..checked }, folder.path(), &offline(&[]), &mut quiet).unwrap();
    assert_done(folder.path(), &body);
}

#[test]
fn local_files_come_before_the_network() {
    let (from, folder, body) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), bytes(1000));
    fs::write(from.path().join(NAME), &body).unwrap();
    let server = Server::script(vec![whole(&body)]);
    let mirrors = [server.url("a"), format!("file://{}/{NAME}", from.path().display())];
    get(&source(&mirrors), folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert!(server.seen().is_empty());
}

#[test]
fn a_local_file_goes_through_the_same_checks() {
    let (from, body) = (tempfile::tempdir().unwrap(), bytes(1000));
    fs::write(from.path().join(NAME), &body).unwrap();
    let folders = [from.path().to_owned()];
    let table = [
        (RawFile { bytes: Some(999), ..source(&[]) }, 10_000, "expected 999 bytes, found 1000"),
        (RawFile { sha256: Some("0".repeat(64)), ..source(&[]) }, 10_000, "expected SHA-256 0000"),
        (source(&[]), 999, "at most 999"),
        (RawFile { file: "b".to_owned(), ..source(&[]) }, 10_000, "no such file"),
        (source(&["file://elsewhere/a".to_owned()]), 999, "file:///"),
    ];
    for (source, max_bytes, want) in table {
        let folder = tempfile::tempdir().unwrap();
        let options = DownloadOptions { max_bytes, ..offline(&folders) };
        let message = refusal(fetch(&source, folder.path(), &options, &mut quiet));
        assert!(message.contains(want) && message.contains("by hand"), "no {want:?} in {message}");
        assert!(names(folder.path()).is_empty());
    }
}

#[test]
fn a_download_halfway_outlives_a_local_file_of_the_wrong_length() {
    let (from, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(from.path().join(NAME), b"short").unwrap();
    fs::write(folder.path().join("a.csv.part"), b"half").unwrap();
    let source = RawFile { bytes: Some(8), ..source(&["http://127.0.0.1:1/a".to_owned()]) };
    let message = refusal(fetch(&source, folder.path(), &offline(&[from.path().to_owned()]), &mut quiet));
    assert!(message.contains("downloads are off (") && message.contains("expected 8 bytes, found 5"), "{message}");
    assert_eq!(fs::read(folder.path().join("a.csv.part")).unwrap(), b"half");
}

#[test]
fn what_is_there_is_used_or_refused_and_never_written_over() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(1000));
    let server = Server::script(vec![whole(&body)]);
    let any = source(&[server.url("a")]);
    fs::write(folder.path().join(NAME), b"mine").unwrap();
    let table = [
        (RawFile { bytes: Some(1000), ..any.clone() }, "expected 1000 bytes, found 4"),
        (RawFile { sha256: Some(sha256(&body)), ..any.clone() }, "expected SHA-256"),
    ];
    for (source, want) in table {
        let message = refusal(get(&source, folder.path()));
        assert!(message.contains(want) && message.contains("remove the file"), "{message}");
    }
    // Of an unknown size and checksum any file is the right one.
    assert_eq!(get(&any, folder.path()).unwrap(), folder.path().join(NAME));
    assert_done(folder.path(), b"mine");
    fs::write(folder.path().join(NAME), b"").unwrap();
    let message = refusal(get(&any, folder.path()));
    assert!(message.contains("no bytes"), "{message}");
    fs::remove_file(folder.path().join(NAME)).unwrap();
    fs::create_dir(folder.path().join(NAME)).unwrap();
    assert!(refusal(get(&any, folder.path())).contains("regular file"));
    assert!(server.seen().is_empty());
}

#[test]
fn a_name_cannot_leave_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("raw");
    for name in ["../a", "/etc/a", "a/b", "a\\b", "", ".", "..", ".a", "a\0b", "a\nb", "C:a"] {
        let source = RawFile { file: name.to_owned(), ..source(&[]) };
        assert!(matches!(fetch(&source, &inner, &online(), &mut quiet), Err(DownloadError::Name { .. })), "{name:?}");
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn two_at_once_are_refused() {
    let (from, folder, body) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), bytes(1000));
    fs::write(from.path().join(NAME), &body).unwrap();
    let (source, options) = (source(&[]), offline(&[from.path().to_owned()]));
    let mut second = None;
    fetch(&source, folder.path(), &options, &mut |progress| {
        if matches!(progress, Progress::Bytes { .. }) {
            second.get_or_insert_with(|| fetch(&source, folder.path(), &options, &mut quiet));
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(matches!(second, Some(Err(DownloadError::Busy { .. }))), "{second:?}");
    assert_done(folder.path(), &body);
}

#[test]
fn a_folder_that_cannot_be_made_is_the_disks_word() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), b"x").unwrap();
    let inner = folder.path().join("file/raw");
    let message = refusal(get(&source(&["http://127.0.0.1:1/a".to_owned()]), &inner));
    assert!(message.contains("cannot"), "{message}");
}
