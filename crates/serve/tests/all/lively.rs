//! What an operator sees: health, metrics, the description, the end.

use crate::client::{Connection, get, post};
use crate::shop::{Opened, Shop, served, until};
use std::io::Write;
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

#[test]
fn a_server_that_ends_answers_what_was_begun_and_is_not_ready() {
    let mut shop = Shop::open();
    assert_eq!((get(shop.address, "/healthz").status, get(shop.address, "/readyz").status), (200, 200));
    let mut idle = Connection::open(shop.address);
    assert_eq!(idle.get("/recommend?user=u1").status, 200);
    // A request whose body has not come whole.
    let mut begun = Connection::open(shop.address);
    let head = "POST /recommend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"user\"";
    begun.0.write_all(head.as_bytes()).unwrap();
    until(|| get(shop.address, "/metrics").text().contains("anchorrec_connections 3"));
    std::thread::sleep(Duration::from_millis(50));
    shop.handle().stop();
    let started = Instant::now();
    while TcpStream::connect(shop.address).is_ok() {
        assert!(started.elapsed() < Duration::from_secs(5), "new connections are still accepted");
    }
    assert!(idle.raw(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").is_none_or(|answer| answer.status == 503));
    let answer = begun.raw(b":\"u1\"}").expect("the request was begun");
    assert_eq!((answer.status, answer.json()["user"].as_str()), (200, Some("u1")));
    shop.end();
}

#[test]
fn a_server_that_loads_its_run_says_so_and_can_be_ended() {
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let opened = Opened { is_ready: false, ..Opened::default() };
    let shop = Shop::with(opened, move |folder| {
        let _ = wait.lock().unwrap().recv_timeout(Duration::from_secs(20));
        Ok(served(folder, 1))
    });
    assert_eq!((get(shop.address, "/healthz").status, get(shop.address, "/openapi.json").status), (200, 200));
    assert_eq!(get(shop.address, "/metrics").status, 200);
    for path in
        ["/readyz", "/recommend?user=u1", "/similar?item=i1", "/items/i1", "/items", "/users", "/users/u1", "/run"]
    {
        let answer = get(shop.address, path);
        assert_eq!((answer.status, answer.refusal().0.as_str()), (503, "loading"), "{path}");
        assert_eq!(answer.header("retry-after").as_deref(), Some("1"), "{path}");
    }
    for path in ["/recommend", "/recommend/batch", "/similar"] {
        let answer = post(shop.address, path, "{}");
        assert_eq!((answer.status, answer.refusal().0.as_str()), (503, "loading"), "{path}");
    }
    go.send(()).unwrap();
    until(|| get(shop.address, "/readyz").status == 200);
    assert!(get(shop.address, "/run").header("anchorrec-run").unwrap().starts_with("1-"));
}

#[test]
fn metrics_count_requests_by_route_and_status() {
    let shop = Shop::open();
    for path in ["/recommend?user=u1", "/recommend?user=u2", "/recommend?user=nobody", "/items/i1", "/elsewhere"] {
        get(shop.address, path);
    }
    let answer = get(shop.address, "/metrics");
    let text = answer.text();
    assert_eq!(answer.header("content-type").as_deref(), Some("text/plain; version=0.0.4"));
    for line in [
        "anchorrec_requests_total{route=\"/recommend\",status=\"200\"} 2",
        "anchorrec_requests_total{route=\"/recommend\",status=\"404\"} 1",
        "anchorrec_requests_total{route=\"/items/{id}\",status=\"200\"} 1",
        "anchorrec_requests_total{route=\"other\",status=\"404\"} 1",
        "anchorrec_request_seconds_count 5",
        "anchorrec_lists_total 2",
        "anchorrec_waiting 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let shop = Shop::open();
    let page = get(shop.address, "/");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for path in ["/", "/page.css", "/page.js"] {
        let answer = get(shop.address, path);
        assert_eq!((answer.status, answer.header("x-content-type-options").as_deref()), (200, Some("nosniff")));
        assert!(!answer.text().contains("http://") && !answer.text().contains("https://"), "{path}");
        // Nothing that a title could become a mark or a script by.
        assert!(
            !answer.text().contains("innerHTML")
                && !answer.text().contains(" style=")
                && !answer.text().contains(" onclick="),
            "{path}"
        );
    }
}
