//! What an operator sees: health, metrics, the description, the end.

use crate::client::{Connection, get};
use crate::shop::Shop;
use anchorrec_serve::routes::PATHS;
use serde_json::Value;

#[test]
fn a_server_that_ends_answers_what_was_begun_and_is_not_ready() {
    let mut shop = Shop::open();
    assert_eq!((get(shop.address, "/healthz").status, get(shop.address, "/readyz").status), (200, 200));
    let mut open = Connection::open(shop.address);
    assert_eq!(open.get("/recommend?user=u1").status, 200);
    shop.end();
    // The connection that was open is closed, and a new one is not accepted.
    assert!(open.raw(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").is_none_or(|answer| answer.status == 503));
    assert!(std::net::TcpStream::connect(shop.address).is_err());
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
        "anchorrec_tasks_total 2",
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

/// What a reference leads to.
fn resolved<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(to) => description.pointer(to.trim_start_matches('#')).unwrap_or_else(|| panic!("{to} is not there")),
        None => value,
    }
}

/// Checks a value against a schema: types, required and known properties, enumerations.
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
        let known = schema["properties"].as_object().unwrap_or_else(|| panic!("{place}: no properties"));
        for (key, field) in fields {
            let schema = known.get(key).unwrap_or_else(|| panic!("{place}: {key} is not described"));
            conforms(description, schema, field, &format!("{place}.{key}"));
        }
        for key in schema["required"].as_array().into_iter().flatten() {
            assert!(fields.contains_key(key.as_str().unwrap()), "{place}: {key} is missing");
        }
    }
}
