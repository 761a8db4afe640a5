//! Clients that are slow, silent or too many.

use crate::client::{Connection, get, post};
use crate::shop::{Shop, until};
use anchorrec_serve::Limits;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(400);

fn impatient() -> Limits {
    Limits { header: SHORT, request: SHORT, write: SHORT, grace: SHORT, ..Limits::default() }
}

/// How long the server keeps a connection on which nothing more comes.
fn kept(stream: &mut TcpStream) -> Duration {
    let started = Instant::now();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    started.elapsed()
}

#[test]
fn a_client_that_says_nothing_or_half_of_it_is_let_go() {
    let shop = Shop::limited(impatient());
    let head = b"POST /recommend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"user\"";
    for said in [&b""[..], b"GET /recommend?user=u1 HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", head] {
        let mut stream = TcpStream::connect(shop.address).unwrap();
        stream.write_all(said).unwrap();
        let kept = kept(&mut stream);
        assert!(kept < Duration::from_secs(5), "{:?} was kept {kept:?}", String::from_utf8_lossy(said));
    }
    // A body that does not come is answered before the end.
    let mut connection = Connection::open(shop.address);
    assert_eq!(connection.raw(head).unwrap().refusal().0, "too-slow");
    let slow = || get(shop.address, "/metrics").text();
    until(|| slow().contains("anchorrec_slow_connections_total 2"));
    // A connection that is kept without a further request, and one without any, are not slow.
    let mut connection = Connection::open(shop.address);
    assert_eq!(connection.get("/recommend?user=u1").status, 200);
    assert!(kept(&mut connection.0) < Duration::from_secs(5));
    until(|| slow().contains("anchorrec_idle_connections_total 2"));
    assert!(slow().contains("anchorrec_slow_connections_total 2"), "{}", slow());
    connection = Connection::open(shop.address);
    assert_eq!(connection.get("/recommend?user=u1").status, 200);
    connection.0.write_all(b"GET /recomm").unwrap();
    assert!(kept(&mut connection.0) < Duration::from_secs(5));
    until(|| slow().contains("anchorrec_slow_connections_total 3"));
}

#[test]
fn a_client_that_does_not_read_is_let_go() {
    let shop = Shop::limited(Limits { places: 1_000_000, ..impatient() });
    let body = json!({ "requests": vec![json!({ "user": "u1", "top": 1000 }); 300] }).to_string();
    let head = "POST /recommend/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let mut streams: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(shop.address).unwrap()).collect();
    streams.iter_mut().for_each(|stream| stream.write_all(request.as_bytes()).unwrap());
    until(|| get(shop.address, "/metrics").text().contains("anchorrec_slow_connections_total 3"));
    assert_eq!(get(shop.address, "/recommend?user=u1").status, 200);
}

#[test]
fn slow_clients_hold_their_own_places_only_for_so_long() {
    let shop = Shop::limited(Limits { connections: 4, ..impatient() });
    let silent: Vec<TcpStream> = (0..12).map(|_| TcpStream::connect(shop.address).unwrap()).collect();
    let started = Instant::now();
    assert_eq!(get(shop.address, "/recommend?user=u1").status, 200);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    drop(silent);
}

#[test]
fn answers_that_nobody_reads_take_room_only_up_to_a_bound() {
    let shop = Shop::limited(Limits { places: 1_000_000, unread: 25_000_000, ..Limits::default() });
    let body = json!({ "requests": vec![json!({ "user": "u1", "top": 1000 }); 300] }).to_string();
    let mut unread = TcpStream::connect(shop.address).unwrap();
    let head = "POST /recommend/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    unread.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
    until(|| get(shop.address, "/metrics").text().contains("anchorrec_lists_total 300"));
    let refused = post(shop.address, "/recommend/batch", &body);
    assert_eq!((refused.status, refused.refusal().0.as_str()), (503, "busy"));
    assert!(refused.refusal().1.contains("have not read their long answers"), "{}", refused.text());
    // What is short needs no room.
    assert_eq!(get(shop.address, "/recommend?user=u1").status, 200);
    drop(unread);
    until(|| post(shop.address, "/recommend/batch", &body).status == 200);
}

#[test]
fn more_lists_than_may_wait_are_refused_and_not_kept() {
    let shop = Shop::limited(Limits { waiting: 50, ..Limits::default() });
    let body = json!({ "requests": vec![json!({ "user": "u1" }); 60] }).to_string();
    let answer = post(shop.address, "/recommend/batch", &body);
    assert_eq!((answer.status, answer.refusal().0.as_str()), (503, "busy"));
    assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
    // Lists of similar items are lists too, although several are one task.
    let body = json!({ "items": vec!["i1"; 60] }).to_string();
    assert_eq!(post(shop.address, "/similar", &body).refusal().0, "busy");
    assert_eq!(get(shop.address, "/recommend?user=u1").status, 200);
    let body = json!({ "items": vec!["i1"; 40] }).to_string();
    assert_eq!(post(shop.address, "/similar", &body).status, 200);
    let text = get(shop.address, "/metrics").text();
    assert!(text.contains("anchorrec_lists_total 41\n") && text.contains("anchorrec_waiting 0\n"), "{text}");
}

#[test]
fn the_end_does_not_wait_for_a_client_that_does_not_end() {
    let mut shop = Shop::limited(Limits { header: Duration::from_secs(60), ..impatient() });
    let mut silent = TcpStream::connect(shop.address).unwrap();
    silent.write_all(b"GET /recommend").unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let started = Instant::now();
    shop.end();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}
