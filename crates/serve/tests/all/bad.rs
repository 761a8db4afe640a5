//! Requests that are wrong: each is refused with a status, a word and a sentence.

use crate::client::{Connection, get, post};
use crate::shop::{ITEMS, Opened, Shop, embeddings};
use anchorrec_data::Dataset;
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::fold_in::Way;
use anchorrec_retrieval::{Exclude, Retriever};
use anchorrec_serve::scorer::Scorer;
use anchorrec_serve::served::vectors;
use anchorrec_serve::{About, Limits, Served};
use serde_json::json;
use std::sync::Arc;

#[test]
fn wrong_queries_are_refused_with_a_sentence() {
    let shop = Shop::open();
    for (path, status, reason, part) in [
        ("/recommend", 400, "bad-request", "expected a user id or item ids"),
        ("/recommend?user=u1&user=u2", 400, "bad-request", "the parameter user twice"),
        ("/recommend?user=u1&tpo=3", 400, "bad-request", "\"tpo\": expected one of user, item, top"),
        ("/recommend?user=u1&top=0", 400, "bad-request", "top: expected a whole number above 0"),
        ("/recommend?user=u1&top=-1", 400, "bad-request", "top: expected a number, found \"-1\""),
        ("/recommend?user=u1&top=2.5", 400, "bad-request", "top: expected a number"),
        ("/recommend?user=u1&top=1e99", 400, "bad-request", "top: expected a number"),
        ("/recommend?user=u1&top=99999999999999999999", 400, "bad-request", "top: expected a number"),
        ("/recommend?user=u1&top=1001", 422, "too-many", "a list has at most 1,000 items"),
        ("/recommend?user=u1&exclude=some", 400, "bad-request", "exclude: expected train, all or none"),
        ("/recommend?user=u1&fallback=best", 400, "bad-request", "fallback: expected popular"),
        ("/recommend?user=u1&why=maybe", 400, "bad-request", "why: expected true or false"),
        ("/recommend?user=%ff", 400, "bad-request", "not UTF-8"),
        (
            "/recommend?user=nobody",
            404,
            "unknown-user",
            "user nobody is not known to the data set: send the user's items",
        ),
        ("/recommend?user=", 404, "unknown-user", "user (empty) is not known"),
        ("/recommend?user=u59", 404, "unknown-user", "user u59 has no training row"),
        ("/recommend?item=gone", 422, "unknown-items", "items: 1 of 1 item ids are not known to the data set: gone"),
        ("/recommend?item=gone&skip_unknown=true", 422, "no-items", "send at least one"),
        ("/recommend?user=u1&allow=i1&deny=i1", 422, "allowed-and-denied", "1 item is both allowed and denied: i1"),
        ("/recommend?user=u1&deny=gone", 422, "unknown-items", "deny: 1 of 1 item ids"),
        ("/similar", 400, "bad-request", "expected an item id"),
        ("/similar?item=gone", 404, "unknown-item", "item gone is not known"),
        (
            "/similar?item=i1&space=smell",
            404,
            "unknown-space",
            "no item space smell: expected one of final, text, vision",
        ),
        ("/similar?item=i5&space=vision", 422, "no-features", "item i5 has no vision features of its own"),
        ("/items/gone", 404, "unknown-item", "item gone is not known"),
        ("/users/nobody", 404, "unknown-user", "user nobody is not known"),
        ("/items?find=x", 400, "bad-request", "\"find\": expected one of search"),
        ("/nowhere", 404, "no-such-path", "/openapi.json lists all of them"),
        ("/recommend/", 404, "no-such-path", "/openapi.json"),
        ("/users/nobody", 404, "unknown-user", "/users?begin=TEXT finds users"),
        ("/similar?item=", 404, "unknown-item", "item (empty) is not known"),
        ("/similar?item=i1&space=", 404, "unknown-space", "no item space (empty)"),
        ("/items/%ff", 400, "bad-request", "the id in the path is not UTF-8"),
        ("/users/%ff", 400, "bad-request", "the id in the path is not UTF-8"),
        ("/items/i1?top=3", 400, "bad-request", "this path has no parameters, found \"top=3\""),
        ("/users/u1?exclude=all", 400, "bad-request", "this path has no parameters"),
        ("/run?x", 400, "bad-request", "this path has no parameters"),
        ("/healthz?now=1", 400, "bad-request", "this path has no parameters"),
        ("/readyz?now=1", 400, "bad-request", "this path has no parameters"),
        ("/metrics?name[]=x", 400, "bad-request", "this path has no parameters"),
        ("/openapi.json?v=3", 400, "bad-request", "this path has no parameters"),
        ("/?user=u1", 400, "bad-request", "this path has no parameters"),
        ("/nowhere?x=1", 404, "no-such-path", "/openapi.json"),
    ] {
        let answer = get(shop.address, path);
        let (found, message) = answer.refusal();
        assert_eq!((answer.status, found.as_str()), (status, reason), "{path}: {message}");
        assert!(message.contains(part), "{path}: {message}");
        assert_eq!(answer.header("content-type").as_deref(), Some("application/json"), "{path}");
    }
}

#[test]
fn wrong_bodies_are_refused_with_a_sentence() {
    let shop = Shop::open();
    let many = |n: usize| json!({ "requests": vec![json!({ "user": "u1" }); n] }).to_string();
    let long = json!({ "requests": vec![json!({ "user": "u1", "top": 1000 }); 101] }).to_string();
    for (path, body, status, part) in [
        ("/recommend", "", 400, "the body is not a valid request: EOF"),
        ("/recommend", "{", 400, "EOF while parsing"),
        ("/recommend", "[1", 400, "the body is not a valid request"),
        ("/recommend", "{\"user\":17}", 400, "invalid type: integer `17`, expected a string"),
        ("/recommend", "{\"usr\":\"u1\"}", 400, "unknown field `usr`, expected one of `user`, `items`"),
        ("/recommend", "{\"user\":\"u1\",\"user\":\"u2\"}", 400, "duplicate field `user`"),
        ("/recommend", "{\"user\":\"u1\"} x", 400, "trailing characters"),
        ("/recommend", "{\"user\":\"u1\",\"top\":-3}", 400, "invalid value: integer `-3`"),
        (
            "/recommend",
            "{\"user\":\"u1\",\"exclude\":\"some\"}",
            400,
            "unknown variant `some`, expected one of `train`",
        ),
        ("/recommend", "{\"items\":[]}", 422, "send at least one"),
        ("/recommend", "{\"items\":[null]}", 400, "invalid type: null"),
        ("/recommend", "\u{fffd}", 400, "the body is not a valid request"),
        ("/recommend/batch", "{\"requests\":7}", 400, "invalid type: integer `7`"),
        ("/recommend/batch", &many(1001), 422, "requests: 1,001, and the server takes at most 1,000"),
        ("/recommend/batch", &long, 422, "items in all lists together: 101,000"),
        // A list is none, though its places could be taken for the fields.
        ("/recommend", "[\"u1\"]", 400, "invalid type: sequence, expected an object"),
        ("/recommend", "[\"u1\",null,2]", 400, "invalid type: sequence, expected an object"),
        ("/recommend", "[]", 400, "invalid type: sequence, expected an object"),
        ("/recommend/batch", "[[{\"user\":\"u1\"}]]", 400, "invalid type: sequence, expected an object"),
        ("/recommend/batch", "{\"requests\":[[\"u1\",null,1]]}", 400, "invalid type: sequence, expected an object"),
        ("/similar", "[[\"i1\"],null,1]", 400, "invalid type: sequence, expected an object"),
        ("/similar", "{}", 400, "missing field `items`"),
        ("/similar", "{\"items\":[\"i1\",\"gone\"]}", 422, "items: 1 of 2 item ids"),
    ] {
        let answer = post(shop.address, path, body);
        let (_, message) = answer.refusal();
        assert!(answer.status == status && message.contains(part), "{path} {body:.60}: {} {message}", answer.status);
    }
    // A nest that would fill the stack, and bytes that are no text.
    let deep = post(shop.address, "/recommend", &format!("{{\"items\":{}", "[".repeat(200_000)));
    assert_eq!(deep.status, 400);
    let mut connection = Connection::open(shop.address);
    let head = b"POST /recommend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n\xff\xfe";
    assert_eq!(connection.raw(head).unwrap().status, 400);
    let plain = b"POST /recommend HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
    let refused = Connection::open(shop.address).raw(plain).unwrap();
    assert_eq!((refused.status, refused.refusal().0.as_str()), (415, "not-json"));
    // Part of a batch: the others are answered.
    let body = r#"{"requests":[{"user":"u1"},{"user":"nobody"},{"items":["i1"]}]}"#;
    let answer = post(shop.address, "/recommend/batch", body);
    let lists = answer.json()["lists"].clone();
    assert_eq!((answer.status, lists.as_array().unwrap().len()), (200, 3));
    assert_eq!(lists[1]["error"]["reason"], "unknown-user");
    assert!(lists[0]["items"].is_array() && lists[2]["items"].is_array());
    assert_eq!(post(shop.address, "/recommend/batch", r#"{"requests":[]}"#).json(), json!({ "lists": [] }));
}

#[test]
fn a_post_has_no_parameters_beside_its_body() {
    let shop = Shop::open();
    for (path, body) in [
        ("/recommend?top=3", r#"{"user":"u1"}"#),
        ("/recommend/batch?exclude=all", r#"{"requests":[]}"#),
        ("/similar?space=text", r#"{"items":["i1"]}"#),
    ] {
        let answer = post(shop.address, path, body);
        assert_eq!((answer.status, answer.refusal().0.as_str()), (400, "bad-request"), "{path}");
        assert!(answer.refusal().1.contains("move them into the body"), "{path}: {}", answer.text());
    }
    // A question mark alone is no parameter.
    assert_eq!(post(shop.address, "/recommend?", r#"{"user":"u1"}"#).status, 200);
    assert_eq!(get(shop.address, "/run?").status, 200);
}

#[test]
fn reasons_that_would_take_too_long_are_refused() {
    let shop = Shop::limited(Limits { parts: 100, places: 1000, ..Limits::default() });
    let items: Vec<String> = (0..11).map(|n| format!("i{n}")).collect();
    let ask = |top: usize, why: bool| json!({ "items": items, "top": top, "why": why }).to_string();
    let refused = post(shop.address, "/recommend", &ask(10, true));
    assert_eq!((refused.status, refused.refusal().0.as_str()), (422, "too-many"));
    assert!(
        refused.refusal().1.contains("why: a history of 11 items and a list of 10 are too many parts"),
        "{}",
        refused.text()
    );
    assert_eq!(post(shop.address, "/recommend", &ask(9, true)).status, 200);
    assert_eq!(post(shop.address, "/recommend", &ask(10, false)).status, 200);
    // A known user's history counts, too: eight training rows.
    assert_eq!(get(shop.address, "/recommend?user=u1&why=true&top=13").refusal().0, "too-many");
    assert_eq!(get(shop.address, "/recommend?user=u1&why=true&top=12").status, 200);
    // In a batch, an item that is explained counts as twenty.
    let batch = |n: usize, why: bool| {
        let requests = vec![json!({ "user": "u1", "top": 10, "why": why }); n];
        post(shop.address, "/recommend/batch", &json!({ "requests": requests }).to_string())
    };
    assert_eq!((batch(100, false).status, batch(5, true).status), (200, 200));
    let refused = batch(6, true).refusal();
    assert_eq!(refused.0, "too-many");
    assert!(refused.1.contains("items in all lists together: 1,200"), "{}", refused.1);
}

#[test]
fn a_list_that_could_hold_nothing_is_refused_as_recommend_refuses_it() {
    let shop = Shop::with(Opened::default(), |folder| {
        let dataset = Dataset::load(folder.path())?;
        let never = never(&dataset, None, &[3, 4]).unwrap();
        let embeddings = Arc::new(embeddings(1));
        let retriever = Retriever::new(embeddings.clone(), &dataset.interactions, Exclude::None, &never);
        let scorer = Scorer::Model(retriever, vectors(&dataset, embeddings, None, Way::Mean));
        Served::new(About::default(), &dataset, scorer, vec![], &never)
    });
    let all: Vec<String> = (0..ITEMS).map(|n| format!("i{n}")).collect();
    for (body, part) in [
        (json!({ "user": "u1", "allow": [] }), "0 items are allowed"),
        (json!({ "user": "u1", "allow": ["i3"] }), "1 item is allowed, and nobody is shown any of them"),
        (json!({ "items": ["i9"], "allow": ["i3", "i4"], "exclude": "none" }), "2 items are allowed"),
        (json!({ "user": "x", "fallback": "popular", "allow": ["i3"] }), "1 item is allowed"),
        (json!({ "user": "u1", "deny": all }), "all are denied"),
        (json!({ "user": "u1", "deny": all[5..].iter().chain(&all[..3]).collect::<Vec<_>>() }), "all are denied"),
    ] {
        let refused = post(shop.address, "/recommend", &body.to_string());
        assert_eq!((refused.status, refused.refusal().0.as_str()), (422, "nothing-left"), "{body:.80}");
        assert!(refused.refusal().1.contains(part), "{body:.80}: {}", refused.text());
    }
    for body in [json!({ "user": "u1", "allow": ["i3", "i5"] }), json!({ "user": "u1", "deny": all[6..] })] {
        let answer = post(shop.address, "/recommend", &body.to_string());
        assert_eq!(answer.status, 200, "{body:.80}: {}", answer.text());
        assert!(!answer.json()["items"].as_array().unwrap().is_empty());
    }
}

#[test]
fn wrong_methods_say_which_are_right() {
    let shop = Shop::open();
    for (method, path, allow) in [
        ("DELETE", "/recommend", "GET,HEAD,POST"),
        ("POST", "/items/i1", "GET,HEAD"),
        ("GET", "/recommend/batch", "POST"),
        ("PUT", "/similar", "GET,HEAD,POST"),
    ] {
        let mut connection = Connection::open(shop.address);
        let answer = connection.raw(format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
        assert_eq!((answer.status, answer.header("allow").as_deref()), (405, Some(allow)), "{method} {path}");
        assert_eq!(answer.refusal().0, "wrong-method");
    }
}

#[test]
fn a_body_that_is_too_long_is_refused_whether_it_says_so_or_not() {
    let shop = Shop::limited(Limits { body: 1000, ..Limits::default() });
    let long = json!({ "items": vec!["i1"; 400] }).to_string();
    let answer = post(shop.address, "/recommend", &long);
    assert_eq!((answer.status, answer.refusal().0.as_str()), (413, "too-long"));
    // In pieces, and an announcement that is never kept.
    let head = "POST /recommend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let chunks = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{long}\r\n0\r\n\r\n", long.len());
    assert_eq!(Connection::open(shop.address).raw(chunks.as_bytes()).unwrap().status, 413);
    let huge = format!("{head}Content-Length: 18446744073709551615\r\n\r\n{{");
    assert!(matches!(
        Connection::open(shop.address).raw(huge.as_bytes()).map(|answer| answer.status),
        None | Some(400 | 413 | 431)
    ));
    assert_eq!(get(shop.address, "/recommend?user=u1").status, 200);
}

#[test]
fn what_is_no_http_ends_its_own_connection_only() {
    let shop = Shop::open();
    let mut kept = Connection::open(shop.address);
    assert_eq!(kept.get("/recommend?user=u1").status, 200);
    let long = format!("GET /recommend?user={} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(200_000));
    let headers = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(200_000));
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"[..],
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        long.as_bytes(),
        headers.as_bytes(),
    ] {
        let status = Connection::open(shop.address).raw(bytes).map(|answer| answer.status);
        assert!(matches!(status, None | Some(400 | 414 | 431)), "{status:?}");
    }
    let two = b"POST /recommend HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x";
    assert!(matches!(Connection::open(shop.address).raw(two).map(|answer| answer.status), None | Some(400)));
    assert_eq!(kept.get("/recommend?user=u1").status, 200);
}
