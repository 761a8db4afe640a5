//! The page at `/`: three files that load nothing from anywhere else.

use axum::http::{HeaderValue, header};
use axum::response::Response;

/// What the page may do: its own style and script, requests to this server, images of items from wherever their addresses lead.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' https: http:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// Returns the page.
pub fn index() -> Response {
    let mut response = file("text/html; charset=utf-8", include_str!("page/index.html"));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Returns the page's style.
pub fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("page/page.css"))
}

/// Returns the page's script.
pub fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("page/page.js"))
}

/// Returns the page's icon.
pub fn icon() -> Response {
    file("image/svg+xml", include_str!("page/icon.svg"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let mut response = Response::new(text.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
