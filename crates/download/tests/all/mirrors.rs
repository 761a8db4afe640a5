//! What one mirror does wrong, and that the next one is asked.

use super::server::{Server, answer, file, part, status, whole};
use super::{assert_done, bytes, get, names, online, quiet, refusal, sha256, source};
use anchorrec_data::manifest::RawFile;
use anchorrec_download::{DownloadError, DownloadOptions, Progress, fetch};
use std::fs;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// A good server with this file.
fn good(body: &[u8]) -> Server {
    let body = body.to_vec();
    Server::new(move |_, request| file(request, &body, "\"1\""))
}

#[test]
fn a_good_mirror_gives_the_file_and_is_not_asked_again() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(300_000));
    let server = good(&body);
    let source = RawFile { bytes: Some(300_000), sha256: Some(sha256(&body)), ..source(&[server.url("d/a.csv?x=1")]) };
    let raw = folder.path().join("not/yet/there");
    let (mut last, mut checked) = ((0, None), false);
    let path = fetch(&source, &raw, &online(), &mut |progress| {
        match progress {
            Progress::Bytes { have, total } => {
                assert!(have >= last.0);
                last = (have, total);
            }
            Progress::Checking => checked = true,
            _ => {}
        }
        ControlFlow::Continue(())
    });
    assert_eq!(path.unwrap(), raw.join("a.csv"));
    assert_done(&raw, &body);
    assert_eq!((last, checked), ((300_000, Some(300_000)), true));
    let seen = server.seen();
    assert_eq!((seen.len(), seen[0].path.as_str(), seen[0].from()), (1, "/d/a.csv?x=1", None));
    assert_eq!(seen[0].header("accept-encoding"), Some("identity"));
    get(&source, &raw).unwrap();
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn nothing_goes_over_the_network_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let server = good(b"x");
    let raw = folder.path().join("raw");
    let message = refusal(fetch(&source(&[server.url("a.csv")]), &raw, &DownloadOptions::default(), &mut quiet));
    for want in ["downloads are off", &format!("put a.csv into {} by hand", raw.display()), &server.url("a.csv")] {
        assert!(message.contains(want), "no {want:?} in {message}");
    }
    assert!(server.seen().is_empty() && !raw.exists());
}

#[test]
fn a_missing_file_is_looked_for_at_the_next_mirror_at_once() {
    for code in ["404 Not Found", "410 Gone", "403 Forbidden", "204 No Content", "304 Not Modified"] {
        let (folder, body) = (tempfile::tempdir().unwrap(), bytes(1000));
        let (bad, server) = (Server::script(vec![status(code)]), good(&body));
        get(&source(&[bad.url("a"), server.url("a")]), folder.path()).unwrap();
        assert_done(folder.path(), &body);
        assert_eq!(bad.seen().len(), 1, "{code}");
    }
}

#[test]
fn an_error_that_may_pass_is_waited_out() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(1000));
    let server =
        Server::script(vec![status("500 Internal Server Error"), status("503 Service Unavailable"), whole(&body)]);
    let mut waits = Vec::new();
    fetch(&source(&[server.url("a")]), folder.path(), &online(), &mut |progress| {
        if let Progress::Failed { again_in, problem, .. } = progress {
            waits.push((problem.to_string(), again_in.unwrap().as_millis()));
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_done(folder.path(), &body);
    let want = [("answered with status 500", 5), ("answered with status 503", 10)];
    assert_eq!(waits, want.map(|(problem, wait)| (problem.to_owned(), wait)));
}

#[test]
fn attempts_are_bounded_and_the_error_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (down, gone) = (Server::script(vec![status("502 Bad Gateway")]), Server::script(vec![status("404 Not Found")]));
    let message = refusal(get(&source(&[down.url("a"), gone.url("b")]), folder.path()));
    let want = [
        format!("{}: could not be fetched", folder.path().join("a.csv").display()),
        format!("{}: answered with status 502 (asked 3 times)", down.url("a")),
        format!("{}: answered with status 404", gone.url("b")),
        format!("put a.csv into {} by hand from {} or {}", folder.path().display(), down.url("a"), gone.url("b")),
    ];
    for want in want {
        assert!(message.contains(&want), "no {want:?} in {message}");
    }
    assert_eq!((down.seen().len(), gone.seen().len()), (3, 1));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(1000));
    let looping = Server::script(vec![answer("302 Found", &["Location: /again", "Content-Length: 0"], b"")]);
    let moved = {
        let body = body.clone();
        Server::new(move |_, request| match request.path.as_str() {
            "/old" => answer("301 Moved Permanently", &["Location: /new", "Content-Length: 0"], b""),
            _ => whole(&body),
        })
    };
    let message = refusal(get(&source(&[looping.url("a")]), folder.path()));
    assert!(message.contains("too many redirects"), "{message}");
    assert_eq!(looping.seen().len(), 6);
    get(&source(&[moved.url("old")]), folder.path()).unwrap();
    assert_done(folder.path(), &body);
}

#[test]
fn a_mirror_that_never_says_a_word_is_given_up_in_bounded_time() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(1000));
    let silent = Server::script(vec![whole(&body).stall(0)]);
    let (mute, server) = (Server::script(vec![whole(b"").stall(0)]), good(&body));
    let start = Instant::now();
    let options = DownloadOptions { attempts: 2, ..online() };
    let message = refusal(fetch(&source(&[silent.url("a")]), folder.path(), &options, &mut quiet));
    assert!(message.contains("no data for 0.25 s (asked 2 times)"), "{message}");
    // An empty file is no file; the next one is asked.
    fetch(&source(&[mute.url("a"), server.url("a")]), folder.path(), &options, &mut quiet).unwrap();
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_done(folder.path(), &body);
}

#[test]
fn nobody_listening_and_words_that_are_not_http() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let message = refusal(get(&source(&[format!("http://127.0.0.1:{port}/a")]), folder.path()));
    assert!(message.contains("(asked 3 times)"), "{message}");
    let server = Server::script(vec![answer("OK\u{1b}[31m", &[], b"")]);
    let message = refusal(get(&source(&[server.url("a")]), folder.path()));
    assert!(!message.contains('\u{1b}'), "{message}");
    for address in ["http://", "http:// a", "https://x y/", "ftp://x/a"] {
        refusal(get(&source(&[address.to_owned()]), folder.path()));
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_lie_about_the_length_is_found() {
    let body = bytes(1000);
    // Longer than it is: the body ends early, every time.
    let longer = answer("200 OK", &["Content-Length: 2000"], &body);
    // Shorter than it is: the reader stops there, and only the manifest knows better.
    let shorter = answer("200 OK", &["Content-Length: 400"], &body);
    let sum = Some(sha256(&body));
    let table = [
        (longer.clone(), None, None, "expected 2000 bytes, found an end after 1000 (asked 3 times)"),
        (longer, Some(1000), None, "expected 1000 bytes, found 2000"),
        (shorter.clone(), Some(1000), None, "expected 1000 bytes, found 400"),
        (shorter, None, sum, "expected SHA-256"),
    ];
    for (answer, bytes, sum, want) in table {
        let folder = tempfile::tempdir().unwrap();
        let (bad, server) = (Server::script(vec![answer]), good(&body));
        let one = RawFile { bytes, sha256: sum, ..source(&[bad.url("a")]) };
        let message = refusal(get(&one, folder.path()));
        assert!(message.contains(want), "no {want:?} in {message}");
        let two = RawFile { mirrors: vec![bad.url("a"), server.url("a")], ..one };
        get(&two, folder.path()).unwrap();
        assert_done(folder.path(), &body);
    }
}

#[test]
fn a_body_without_end_is_cut_at_the_cap() {
    let chunk = [b"1000\r\n".as_slice(), &bytes(0x1000), b"\r\n"].concat();
    let chunked = answer("200 OK", &["Transfer-Encoding: chunked"], &chunk).endless();
    let (none, folder) = (None::<u64>, tempfile::tempdir().unwrap());
    for (bytes, most, want) in [(Some(10_000), 1 << 20, "10000 bytes, found more"), (none, 20_000, "at most 20000")] {
        let server = Server::script(vec![chunked.clone()]);
        let source = RawFile { bytes, ..source(&[server.url("a")]) };
        let options = DownloadOptions { max_bytes: most, ..online() };
        let got = fetch(&source, folder.path(), &options, &mut |progress| {
            assert!(!matches!(progress, Progress::Bytes { have, .. } if have > 20_000), "{progress:?}");
            ControlFlow::Continue(())
        });
        let message = refusal(got);
        assert!(message.contains(want), "no {want:?} in {message}");
        assert_eq!((server.seen().len(), names(folder.path()).len()), (1, 0));
    }
    // A promise alone is enough to refuse.
    let server = Server::script(vec![whole(&bytes(3000))]);
    let options = DownloadOptions { max_bytes: 2999, ..online() };
    let message = refusal(fetch(&source(&[server.url("a")]), folder.path(), &options, &mut quiet));
    assert!(message.contains("at most 2999"), "{message}");
}

#[test]
fn a_body_in_chunks_has_an_end_and_one_that_just_stops_has_none() {
    let body = bytes(0x1000);
    let chunks = [b"1000\r\n".as_slice(), &body, b"\r\n0\r\n\r\n"].concat();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::script(vec![
        answer("200 OK", &["Transfer-Encoding: chunked"], &chunks).cut(3000),
        answer("200 OK", &["Transfer-Encoding: chunked"], &chunks),
    ]);
    get(&source(&[server.url("a")]), folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert_eq!(server.seen().len(), 2);

    let folder = tempfile::tempdir().unwrap();
    let server = Server::script(vec![answer("200 OK", &[], &body)]);
    let one = source(&[server.url("a")]);
    let message = refusal(get(&one, folder.path()));
    assert!(message.contains("neither bytes nor sha256"), "{message}");
    get(&RawFile { sha256: Some(sha256(&body)), ..one }, folder.path()).unwrap();
    assert_done(folder.path(), &body);
}

#[test]
fn a_wrong_checksum_is_the_mirrors_fault() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(5000));
    let mut other = body.clone();
    other[4999] ^= 1;
    let (bad, server) = (good(&other), good(&body));
    let source = RawFile { sha256: Some(sha256(&body)), ..source(&[bad.url("a"), server.url("a")]) };
    get(&source, folder.path()).unwrap();
    assert_done(folder.path(), &body);
    assert_eq!((bad.ranges(), server.ranges()), (vec![None], vec![None]));

    let folder = tempfile::tempdir().unwrap();
    let message = refusal(get(&RawFile { mirrors: vec![bad.url("a")], ..source }, folder.path()));
    assert!(message.contains(&format!("expected SHA-256 {}, found {}", sha256(&body), sha256(&other))), "{message}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_web_page_and_a_packed_body_are_not_the_file() {
    let body = bytes(100);
    for (header, want) in [("Content-Type: Text/HTML; charset=utf-8", "web page"), ("Content-Encoding: gzip", "gzip")] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::script(vec![whole(&body).with(header)]);
        let message = refusal(get(&source(&[server.url("a")]), folder.path()));
        assert!(message.contains(want), "no {want:?} in {message}");
    }
    // A file that is packed by itself, from a server that says so twice.
    let folder = tempfile::tempdir().unwrap();
    let server = Server::script(vec![whole(&body).with("Content-Encoding: x-gzip")]);
    let source = RawFile { file: "a.json.gz".to_owned(), ..source(&[server.url("a")]) };
    assert_eq!(fs::read(get(&source, folder.path()).unwrap()).unwrap(), body);
}

#[test]
fn a_part_that_nobody_asked_for_is_not_the_file() {
    let (folder, body) = (tempfile::tempdir().unwrap(), bytes(1000));
    let server = Server::script(vec![part(500, &body, 1000)]);
    let message = refusal(get(&source(&[server.url("a")]), folder.path()));
    assert!(message.contains("bytes 500-999/1000"), "{message}");
}

#[test]
fn a_stop_is_heard_while_it_waits() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::script(vec![status("500 Internal Server Error")]);
    let options = DownloadOptions { backoff: Duration::from_secs(60), ..online() };
    let mut words = 0;
    let got = fetch(&source(&[server.url("a")]), folder.path(), &options, &mut |progress| {
        words += u32::from(matches!(progress, Progress::Waiting));
        if words < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(matches!(got, Err(DownloadError::Stopped { have: 0, .. })), "{got:?}");
}
