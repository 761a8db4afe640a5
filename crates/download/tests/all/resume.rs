//! A download that ended halfway goes on from there, if it is still the same file.

use super::server::{Answer, Request, Server, answer, file, part, whole};
use super::{assert_done, bytes, get, names, online, quiet, refusal, sha256, source};
use anchorrec_data::manifest::RawFile;
use anchorrec_download::{DownloadError, Progress, fetch};
use std::fs;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

const LEN: usize = 200_000;

/// The first `have` bytes as an earlier fetch would have left them.
fn begun(folder: &Path, address: &str, body: &[u8], have: usize, version: &str) {
    fs::write(folder.join("a.csv.part"), &body[..have]).unwrap();
    fs::write(folder.join("a.csv.part.json"), format!("{{\"address\":\"{address}\"{version}}}")).unwrap();
}

/// The first answer by `first`, later ones by a good server with the tag "1".
fn then_good(body: &[u8], first: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Server {
    let body = body.to_vec();
    Server::new(move |n, request| if n == 0 { first(request) } else { file(request, &body, "\"1\"") })
}

#[test]
fn a_cut_body_goes_on_where_it_was_cut() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(LEN));
    let server = {
        let body = body.clone();
        then_good(&body.clone(), move |request| file(request, &body, "\"1\"").cut(70_000))
    };
    get(&source(&[server.url("a")]), folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert_eq!(server.ranges(), [None, Some(70_000)]);
    assert_eq!(server.seen()[1].header("if-range"), Some("\"1\""));
}

#[test]
fn a_stalled_body_goes_on_where_it_stalled() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(LEN));
    let server = {
        let body = body.clone();
        then_good(&body.clone(), move |request| file(request, &body, "\"1\"").stall(70_000))
    };
    get(&source(&[server.url("a")]), folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert_eq!(server.ranges(), [None, Some(70_000)]);
}

#[test]
fn a_process_that_dies_halfway_costs_only_what_is_missing() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(LEN));
    let server = then_good(&body, {
        let body = body.clone();
        // The rest never comes: what is there when it dies is known to the byte.
        move |request| file(request, &body, "\"1\"").stall(123_456)
    });
    let source = source(&[server.url("a")]);
    let died = catch_unwind(AssertUnwindSafe(|| {
        fetch(&source, folder.path(), &online(), &mut |progress| {
            assert!(!matches!(progress, Progress::Bytes { have: 123_456, .. }), "dies");
            ControlFlow::Continue(())
        })
    }));
    assert!(died.is_err());
    assert_eq!(names(folder.path()), ["a.csv.part", "a.csv.part.json"]);
    let mut first = None;
    fetch(&source, folder.path(), &online(), &mut |progress| {
        if let Progress::Bytes { have, total } = progress {
            first.get_or_insert((have, total));
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_done(folder.path(), &body);
    assert_eq!(server.ranges(), [None, Some(123_456)]);
    assert_eq!(first, Some((123_456, Some(LEN as u64))));
}

#[test]
fn a_stop_keeps_what_is_there() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(LEN));
    let server = then_good(&body, {
        let body = body.clone();
        move |request| file(request, &body, "\"1\"")
    });
    let source = source(&[server.url("a")]);
    let got = fetch(&source, folder.path(), &online(), &mut |progress| match progress {
        Progress::Bytes { have: 1.., .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    let Err(DownloadError::Stopped { have, .. }) = got else { panic!("{got:?}") };
    get(&source, folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert_eq!(server.ranges(), [None, Some(have as usize)]);
}

#[test]
fn a_file_that_changed_in_between_starts_over() {
    let (old, new) = (bytes(LEN), bytes(LEN + 1)[1..].to_vec());
    let version = r#","etag":"\"0\"","total":200000"#;
    // A server that minds If-Range, and two that do not: the tag tells, or the total does.
    let with_new = |tag: &'static str| {
        let new = new.clone();
        Server::new(move |_, request| file(request, &new, tag))
    };
    let careless = |tag: &'static str, len: usize| {
        let new = new[..len].to_vec();
        Server::new(move |_, request| match request.from() {
            Some(from) => part(from, &new, new.len()).with(tag),
            None => whole(&new).with(tag),
        })
    };
    let table = [
        (with_new("\"1\""), LEN, vec![Some(50_000)]),
        (careless("ETag: \"1\"", LEN), LEN, vec![Some(50_000), None]),
        (careless("X-Nothing: 1", LEN - 1), LEN - 1, vec![Some(50_000), None]),
    ];
    for (server, len, ranges) in table {
        let folder = tempfile::tempdir().unwrap();
        begun(folder.path(), &server.url("a"), &old, 50_000, version);
        get(&source(&[server.url("a")]), folder.path()).unwrap();
        assert_done(folder.path(), &new[..len]);
        assert_eq!(server.ranges(), ranges);
        assert_eq!(server.seen()[0].header("if-range"), Some("\"0\""));
    }
}

#[test]
fn the_whole_in_place_of_the_rest_starts_over() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(LEN));
    let server = Server::script(vec![whole(&body)]);
    begun(folder.path(), &server.url("a"), &bytes(50_001)[1..], 50_000, r#","last_modified":"d""#);
    get(&source(&[server.url("a")]), folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert_eq!(server.ranges(), [Some(50_000)]);
    assert_eq!(server.seen()[0].header("if-range"), Some("d"));
}

#[test]
fn another_part_than_asked_for_is_not_used() {
    let body = bytes(LEN);
    let range = |text: &str| answer("206 Partial Content", &[&format!("Content-Range: {text}")], b"xxxx");
    let table = [
        part(40_000, &body, LEN),
        part(60_000, &body, LEN),
        range("bytes 50000-50003/50003"),
        range("lines 50000-50003/50004"),
        answer("206 Partial Content", &["Content-Length: 4"], b"xxxx"),
    ];
    for wrong in table {
        let folder = tempfile::tempdir().unwrap();
        let server = then_good(&body, move |_| wrong.clone());
        begun(folder.path(), &server.url("a"), &body, 50_000, r#","etag":"\"1\"""#);
        get(&source(&[server.url("a")]), folder.path()).unwrap();
        assert_done(folder.path(), &body);
        assert_eq!(server.ranges(), [Some(50_000), None]);
    }
}

#[test]
fn less_than_asked_for_is_a_step_on_the_way() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(LEN));
    let server = {
        let body = body.clone();
        // No more than 100,000 bytes an answer, which is honest about it.
        Server::new(move |_, request| match request.from() {
            Some(from) => part(from, &body[..LEN.min(from + 100_000)], LEN).with("ETag: \"1\""),
            None => file(request, &body, "\"1\"").cut(50_000),
        })
    };
    get(&source(&[server.url("a")]), folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert_eq!(server.ranges(), [None, Some(50_000), Some(150_000)]);
}

#[test]
fn a_part_longer_than_its_range_is_refused() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(LEN));
    let server = Server::script(vec![answer(
        "206 Partial Content",
        &["Content-Range: bytes 50000-50003/50004", "Content-Length: 2000"],
        &body[..2000],
    )]);
    begun(folder.path(), &server.url("a"), &body, 50_000, r#","etag":"\"1\"""#);
    let message = refusal(get(&source(&[server.url("a")]), folder.path()));
    assert!(message.contains("expected 50004 bytes, found more"), "{message}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn status_416_means_complete_or_start_over() {
    let body = bytes(LEN);
    for (have, ranges) in [(LEN, vec![Some(LEN)]), (LEN - 1, vec![Some(LEN - 1)]), (LEN + 7, vec![Some(LEN + 7), None])]
    {
        let folder = tempfile::tempdir().unwrap();
        let server = {
            let body = body.clone();
            Server::new(move |_, request| file(request, &body, "\"1\""))
        };
        begun(folder.path(), &server.url("a"), &bytes(LEN + 7), have, r#","etag":"\"1\"""#);
        get(&source(&[server.url("a")]), folder.path()).unwrap();
        assert_done(folder.path(), &body);
        assert_eq!(server.ranges(), ranges);
    }
    // Without a word about the length there is nothing to compare with.
    let folder = tempfile::tempdir().unwrap();
    let server = then_good(&body, |_| answer("416 Range Not Satisfiable", &["Content-Length: 0"], b""));
    begun(folder.path(), &server.url("a"), &body, LEN, r#","etag":"\"1\"""#);
    get(&source(&[server.url("a")]), folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert_eq!(server.ranges(), [Some(LEN), None]);
}

#[test]
fn bytes_that_nothing_could_tell_from_others_are_not_continued() {
    let body = bytes(LEN);
    let table = [
        (r#","etag":"W/\"1\"""#, None, None),
        ("", None, None),
        // The checksum would tell.
        ("", Some(sha256(&body)), Some(50_000)),
    ];
    for (version, sum, want) in table {
        let folder = tempfile::tempdir().unwrap();
        let server = {
            let body = body.clone();
            Server::new(move |_, request| file(request, &body, "\"1\""))
        };
        begun(folder.path(), &server.url("a"), &body, 50_000, version);
        get(&RawFile { sha256: sum, ..source(&[server.url("a")]) }, folder.path()).unwrap();
        assert_done(folder.path(), &body);
        assert_eq!(server.ranges(), [want]);
    }
}

#[test]
fn the_mirror_that_was_begun_with_comes_first() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(LEN));
    let server = |body: &[u8]| {
        let body = body.to_vec();
        Server::new(move |_, request| file(request, &body, "\"1\""))
    };
    let (first, second) = (server(&body), server(&body));
    begun(folder.path(), &second.url("a"), &body, 50_000, r#","etag":"\"1\"""#);
    get(&source(&[first.url("a"), second.url("a")]), folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert_eq!((first.ranges(), second.ranges()), (vec![], vec![Some(50_000)]));
}

#[test]
fn a_line_that_breaks_often_still_brings_a_large_file() {
    // Eight pieces of 1 MiB with three attempts: each piece counts as progress.
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(8 << 20));
    let server = {
        let body = body.clone();
        Server::new(move |_, request| file(request, &body, "\"1\"").cut(1 << 20))
    };
    get(&source(&[server.url("a")]), folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert_eq!(server.seen().len(), 8);
    // One that breaks and cannot send parts never gets further.
    let folder = tempfile::tempdir().unwrap();
    let server = Server::script(vec![whole(&body).cut(2 << 20)]);
    let message = refusal(fetch(&source(&[server.url("a")]), folder.path(), &online(), &mut quiet));
    assert!(message.contains("(asked 3 times)"), "{message}");
}
