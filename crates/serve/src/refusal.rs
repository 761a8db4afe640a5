//! What the server answers where it cannot do what was asked: a status, a word for programs, and one sentence that says what to do.

use anchorrec_files::few;
use serde_json::json;
use thiserror::Error;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The reason as a program compares it: `unknown-user`.
    pub reason: &'static str,
    /// The reason as a person reads it, and what to do.
    pub message: String,
}

impl Refusal {
    /// Makes a refusal.
    pub fn new(status: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Refusal { status, reason, message: message.into() }
    }

    /// Makes the refusal of a request that is wrong in itself.
    pub fn bad(message: impl Into<String>) -> Self {
        Refusal::new(400, "bad-request", message)
    }

    /// Makes the refusal of what failed for no fault of the client.
    pub fn failed() -> Self {
        let message = "the server could not compute this answer: please report it, with the request";
        Refusal::new(500, "failed", message)
    }

    /// Returns the body: `{"error":{"reason":...,"message":...}}`.
    pub fn body(&self) -> Vec<u8> {
        let mut body = json!({ "error": { "reason": self.reason, "message": self.message } }).to_string().into_bytes();
        body.push(b'\n');
        body
    }
}

/// Returns an id as a sentence shows it: in one line, cut where it is long.
pub fn shown(id: &str) -> String {
    if id.is_empty() { "(empty)".to_owned() } else { few([id], 1) }
}
