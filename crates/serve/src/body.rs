//! Bodies of requests, within bounds of size and time.

use crate::limits::Limits;
use crate::refusal::Refusal;
use anchorrec_files::{grouped, one_line};
use axum::body::{Body, Bytes};
use axum::http::{Request, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

/// Bytes of a body that is parsed where other clients do not wait for it.
const LONG: usize = 16 << 10;

/// Reads a JSON body.
///
/// # Errors
/// When it is not JSON by its type or its bytes, has a field that is not known, is too long, or comes too slowly.
pub async fn json<T: DeserializeOwned + Send + 'static>(request: Request<Body>, limits: &Limits) -> Result<T, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes().to_ascii_lowercase());
    if !kind.is_some_and(|kind| {
        kind.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii() == b"application/json"
    }) {
        return Err(Refusal::new(
            415,
            "not-json",
            "expected a JSON body with the header `Content-Type: application/json`",
        ));
    }
    let bytes = read(request, limits).await?;
    match bytes.len() > LONG {
        false => parse(&bytes),
        true => tokio::task::spawn_blocking(move || parse(&bytes)).await.unwrap_or_else(|_| Err(failed())),
    }
}

/// Refuses what failed for no fault of the client.
pub fn failed() -> Refusal {
    Refusal::new(500, "failed", "the server could not compute this answer: please report it, with the request")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes)
        .map_err(|error| Refusal::bad(format!("the body is no such request: {}", one_line(&error.to_string()))))
}

async fn read(request: Request<Body>, limits: &Limits) -> Result<Bytes, Refusal> {
    let too_long = || {
        let most = grouped(limits.body);
        Refusal::new(413, "too-long", format!("the body has more than {most} bytes: send several requests"))
    };
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limits.body as u64) {
        return Err(too_long());
    }
    let body = Limited::new(request.into_body(), limits.body).collect();
    match tokio::time::timeout(limits.request, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_long()),
        Ok(Err(_)) => Err(Refusal::bad("the body ended before its end")),
        Err(_) => Err(Refusal::new(408, "too-slow", "the body did not come in time: send it at once")),
    }
}
