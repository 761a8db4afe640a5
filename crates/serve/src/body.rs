//! Bodies of requests, within bounds of size and time.

use crate::app::App;
use crate::limits::Limits;
use crate::object::Object;
use crate::refusal::Refusal;
use anchorrec_files::{grouped, one_line};
use axum::body::{Body, Bytes};
use axum::http::{Request, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

/// Bytes of a body that is parsed where other clients do not wait for it.
const LONG: usize = 16 << 10;

/// Reads a JSON body and does the first `work` on what it says; both where other clients do not wait for it, if the body is long.
///
/// # Errors
/// When the body is not JSON by its type or its bytes, has a field that is not known, is too long, or comes too slowly; when too many long bodies wait;
/// and where the work refuses something.
pub async fn json<T, R>(
    app: &App,
    request: Request<Body>,
    work: impl FnOnce(T) -> Result<R, Refusal> + Send + 'static,
) -> Result<R, Refusal>
where
    T: DeserializeOwned,
    R: Send + 'static,
{
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
    let bytes = read(request, &app.limits).await?;
    let is_long = bytes.len() > LONG;
    let work = move || work(parse(&bytes)?);
    if is_long { app.aside.run(work).await } else { work() }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let object = serde_json::from_slice(bytes).map(|Object(value)| value);
    object.map_err(|error| Refusal::bad(format!("the body is not a valid request: {}", one_line(&error.to_string()))))
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
        Ok(Err(_)) => Err(Refusal::bad("the body is not complete, or its chunks are not what HTTP has")),
        Err(_) => Err(Refusal::new(408, "too-slow", "the body did not come in time: send it at once")),
    }
}
