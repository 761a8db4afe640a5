//! What the description of the routes says of them is so.

use crate::client::{Answer, Connection, get};
use crate::shop::{ITEMS, Opened, Shop, embeddings, served, spaces};
use anchorrec_data::Dataset;
use anchorrec_retrieval::fold_in::Way;
use anchorrec_serve::routes::PATHS;
use anchorrec_serve::{About, Limits, Served};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

#[test]
fn the_description_has_every_route_and_no_other() {
    let shop = Shop::open();
    let description = get(shop.address, "/openapi.json").json();
    let described = description["paths"].as_object().unwrap();
    let page = ["/", "/page.css", "/page.js", "/icon.svg"];
    let mut want: Vec<&str> = PATHS.iter().copied().filter(|path| !page.contains(path)).collect();
    let mut found: Vec<&str> = described.keys().map(String::as_str).collect();
    want.sort();
    found.sort();
    assert_eq!(found, want);
    for (path, methods) in described {
        let path = path.replace("{id}", "i1");
        let mut connection = Connection::open(shop.address);
        let answer = connection.raw(format!("PATCH {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
        let allowed = answer.header("allow").unwrap().to_lowercase();
        let mut allowed: Vec<&str> = allowed.split(',').filter(|method| *method != "head").collect();
        let mut methods: Vec<&str> = methods.as_object().unwrap().keys().map(String::as_str).collect();
        allowed.sort();
        methods.sort();
        assert_eq!(methods, allowed, "{path}");
    }
}

#[test]
fn answers_are_as_the_description_says() {
    let shop = Shop::open();
    let description = get(shop.address, "/openapi.json").json();
    let post = |path: &str, body: &str| crate::client::post(shop.address, path, body);
    for (path, route, answer) in [
        ("get", "/recommend", get(shop.address, "/recommend?user=u1")),
        ("get", "/recommend", get(shop.address, "/recommend?user=x&fallback=popular")),
        ("get", "/recommend", get(shop.address, "/recommend?item=i1&item=x&skip_unknown=true")),
        ("get", "/recommend", get(shop.address, "/recommend?user=u1&why=true&top=2")),
        ("get", "/recommend", get(shop.address, "/recommend?item=i1&why=true&top=2&images=true")),
        ("get", "/similar", get(shop.address, "/similar?item=i1&images=true")),
        ("get", "/recommend", get(shop.address, "/recommend?user=x")),
        ("get", "/recommend", get(shop.address, "/recommend?x=x")),
        ("post", "/recommend", post("/recommend", r#"{"items":["i1"]}"#)),
        ("post", "/recommend", post("/recommend", r#"{"items":["x"]}"#)),
        ("post", "/recommend/batch", post("/recommend/batch", r#"{"requests":[{"user":"u1"},{"user":"x"}]}"#)),
        ("get", "/similar", get(shop.address, "/similar?item=i1&space=text")),
        ("post", "/similar", post("/similar", r#"{"items":["i1","i2"]}"#)),
        ("get", "/items", get(shop.address, "/items?search=pot")),
        ("get", "/items/{id}", get(shop.address, "/items/i3")),
        ("get", "/items/{id}", get(shop.address, "/items/x")),
        ("get", "/users", get(shop.address, "/users?begin=u")),
        ("get", "/users/{id}", get(shop.address, "/users/u1")),
        ("get", "/run", get(shop.address, "/run")),
        ("get", "/healthz", get(shop.address, "/healthz")),
        ("get", "/readyz", get(shop.address, "/readyz")),
    ] {
        let response = &description["paths"][route][path]["responses"][answer.status.to_string()];
        let response = resolved(&description, response);
        let schema = &response["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{path} {route} {} is not described", answer.status);
        conforms(&description, schema, &answer.json(), &format!("{path} {route} {}", answer.status));
    }
}

/// A request of each method and route, with the answer of a shop to it.
fn ask(shop: &Shop, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let (post, body) = match method {
        "post" => (format!("Content-Length: {}\r\n", body.len()), body),
        _ => (String::new(), ""),
    };
    let head = format!("{} {path} HTTP/1.1\r\n{headers}{post}\r\n{body}", method.to_uppercase());
    Connection::open(shop.address).raw(head.as_bytes()).expect("an answer")
}

const LOCAL: &str = "Host: localhost\r\n";
const JSON: &str = "Host: localhost\r\nContent-Type: application/json\r\n";

#[test]
fn every_status_that_comes_is_described_and_every_one_that_is_described_can_come() {
    let shop = Shop::limited(Limits { body: 1000, ..Limits::default() });
    let description = get(shop.address, "/openapi.json").json();
    let described = |method: &str, route: &str| -> BTreeSet<u16> {
        let statuses = description["paths"][route][method]["responses"].as_object().unwrap();
        statuses.keys().map(|status| status.parse().unwrap()).collect()
    };
    let paths = description["paths"].as_object().unwrap();
    let every = || paths.iter().flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(move |m| (m, path)));
    let mut seen: BTreeMap<(String, String), BTreeSet<u16>> = BTreeMap::new();
    let mut see = |method: &str, route: &str, answer: &Answer| {
        assert!(
            described(method, route).contains(&answer.status),
            "{method} {route} {}: {}",
            answer.status,
            answer.text()
        );
        seen.entry((method.to_owned(), route.to_owned())).or_default().insert(answer.status);
    };
    // A right request of each, and the same at the wrong time, at the wrong place, and without the token.
    let right = |route: &str| match route {
        "/recommend" => ("/recommend?user=u1", r#"{"user":"u1"}"#),
        "/recommend/batch" => ("", r#"{"requests":[{"user":"u1"}]}"#),
        "/similar" => ("/similar?item=i1", r#"{"items":["i1"]}"#),
        "/items/{id}" => ("/items/i1", ""),
        "/users/{id}" => ("/users/u1", ""),
        other => (paths.keys().find(|path| *path == other).unwrap().as_str(), ""),
    };
    let path = |method: &str, route: &str| if method == "post" { route.to_owned() } else { right(route).0.to_owned() };
    let opened = Opened { address: "0.0.0.0:0", token: Some("0123456789abcdef"), ..Opened::default() };
    let mut locked = Shop::with(opened, |folder| Ok(served(folder, 1)));
    locked.address.set_ip([127, 0, 0, 1].into());
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let loading = Shop::with(Opened { is_ready: false, ..Opened::default() }, move |folder| {
        let _ = wait.lock().unwrap().recv_timeout(Duration::from_secs(20));
        Ok(served(folder, 1))
    });
    for (method, route) in every() {
        let (path, body) = (path(method, route), right(route).1);
        see(method, route, &ask(&shop, method, &path, JSON, body));
        see(method, route, &ask(&loading, method, &path, JSON, body));
        see(
            method,
            route,
            &ask(&shop, method, &path, "Host: evil.example\r\nContent-Type: application/json\r\n", body),
        );
        see(method, route, &ask(&locked, method, &path, JSON, body));
        let mark = if path.contains('?') { '&' } else { '?' };
        see(method, route, &ask(&shop, method, &format!("{path}{mark}nothing=1"), JSON, body));
    }
    drop(go);
    // Bodies.
    let hasty = Shop::limited(Limits { request: Duration::from_millis(300), ..Limits::default() });
    for (method, route) in every().filter(|(method, _)| *method == "post") {
        see(method, route, &ask(&shop, method, route, LOCAL, "{}"));
        see(method, route, &ask(&shop, method, route, JSON, &" ".repeat(2000)));
        see(method, route, &ask(&hasty, method, route, &format!("{JSON}Transfer-Encoding: chunked\r\nX-"), ""));
    }
    // What is not there or too much, and a run that does not fit its data: a fault of the server's own.
    let broken = Shop::with(Opened::default(), |folder| {
        let dataset = Dataset::load(folder.path())?;
        let mut vectors = embeddings(1);
        vectors.users = vectors.users.slice_move(ndarray::s![..1, ..]);
        let spaces = vec![("final".to_owned(), spaces(1)[0].1.slice(ndarray::s![..ITEMS / 2, ..]).to_owned())];
        Served::by_vectors(About::default(), &dataset, vectors, None, Way::Mean, spaces)
    });
    let words = (0..40).map(|n| n.to_string()).collect::<Vec<_>>().join("+");
    let many = format!(r#"{{"requests":[{}]}}"#, vec!["{}"; 250].join(","));
    for (shop, method, route, path, body) in [
        (&shop, "get", "/recommend", "/recommend?user=x", ""),
        (&shop, "get", "/recommend", "/recommend?item=x", ""),
        (&broken, "get", "/recommend", "/recommend?user=u1", ""),
        (&shop, "post", "/recommend", "/recommend", r#"{"user":"x"}"#),
        (&shop, "post", "/recommend", "/recommend", r#"{"items":["x"]}"#),
        (&broken, "post", "/recommend", "/recommend", r#"{"user":"u1"}"#),
        (
            &Shop::limited(Limits { batch: 9, ..Limits::default() }),
            "post",
            "/recommend/batch",
            "/recommend/batch",
            &many,
        ),
        (&broken, "post", "/recommend/batch", "/recommend/batch", r#"{"requests":[{"user":"u1"}]}"#),
        (&shop, "get", "/similar", "/similar?item=x", ""),
        (&shop, "get", "/similar", "/similar?item=i1&top=2000", ""),
        (&broken, "get", "/similar", "/similar?item=i600", ""),
        (&shop, "post", "/similar", "/similar", r#"{"items":["i1"],"space":"x"}"#),
        (&shop, "post", "/similar", "/similar", r#"{"items":["x"]}"#),
        (&broken, "post", "/similar", "/similar", r#"{"items":["i600"]}"#),
        (&shop, "get", "/items", &format!("/items?search={words}"), ""),
        (&shop, "get", "/items/{id}", "/items/x", ""),
        (&shop, "get", "/users/{id}", "/users/x", ""),
    ] {
        see(method, route, &ask(shop, method, path, JSON, body));
    }
    for (method, route) in every() {
        let mut seen = seen[&(method.clone(), route.clone())].clone();
        let described = described(method, route);
        // Nobody knows how to bring about a fault in a search.
        if ["/items", "/users", "/users/{id}"].contains(&route.as_str()) {
            seen.insert(500);
        }
        assert_eq!(described, seen, "{method} {route}");
    }
}

/// What a reference leads to.
fn resolved<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(to) => description.pointer(to.trim_start_matches('#')).unwrap_or_else(|| panic!("{to} is not there")),
        None => value,
    }
}

/// Checks a value against a schema: types, required and known properties, those that may have any name, enumerations.
#[track_caller]
fn conforms(description: &Value, schema: &Value, value: &Value, place: &str) {
    let schema = resolved(description, schema);
    if let Some(any) = schema["oneOf"].as_array() {
        let fits = |schema: &&Value| {
            let required = resolved(description, schema)["required"].as_array().cloned().unwrap_or_default();
            required.iter().all(|key| !value[key.as_str().unwrap()].is_null() || key == "user")
        };
        let schema = any.iter().find(fits).unwrap_or_else(|| panic!("{place}: none fits {value}"));
        return conforms(description, schema, value, place);
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = types.iter().any(|name| name == kind || (name == "number" && kind == "integer"));
    assert!(fits, "{place}: {kind} where the description says {types:?}");
    if let Some(choices) = schema["enum"].as_array() {
        assert!(choices.contains(value), "{place}: {value} is none of {choices:?}");
    }
    if let (Some(items), Some(schema)) = (value.as_array(), schema.get("items")) {
        items.iter().for_each(|item| conforms(description, schema, item, &format!("{place}[]")));
    }
    if let Some(fields) = value.as_object() {
        for (key, field) in fields {
            // Whatever is not named is of one kind, or is not there.
            let others = Some(&schema["additionalProperties"]).filter(|others| others.is_object());
            let schema = schema["properties"].get(key).or(others);
            let schema = schema.unwrap_or_else(|| panic!("{place}: {key} is not described"));
            conforms(description, schema, field, &format!("{place}.{key}"));
        }
        for key in schema["required"].as_array().into_iter().flatten() {
            assert!(fields.contains_key(key.as_str().unwrap()), "{place}: {key} is missing");
        }
    }
}
