//! What a reader may do with a file that wants to harm it: return, or refuse in one line; never panic, never ask for much memory.

use crate::allocation::Alone;
use crate::deep;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How much memory a reader may ask for, at its highest.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Bytes for each byte of input.
    pub per_byte: usize,
    /// Bytes in any case: buffers of fixed size, messages, what else is in the folder.
    pub constant: usize,
    /// Bytes however long the input is, where long ones are refused unread; else `usize::MAX`.
    pub at_most: usize,
}

/// Counts of what became of the inputs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// The number of files that were read.
    pub accepted: usize,
    /// The number of files that were refused with a message.
    pub refused: usize,
}

/// Returns how many inputs a test tries: `ANCHORREC_MUTATIONS`, or `usually`.
pub fn inputs(usually: usize) -> usize {
    match std::env::var("ANCHORREC_MUTATIONS") {
        Ok(text) => text.parse().unwrap_or_else(|e| panic!("ANCHORREC_MUTATIONS={text:?}: {e}")),
        Err(_) if deep("ten times as many damaged files") => 10 * usually,
        Err(_) => usually,
    }
}

/// Gives one input to a reader and returns whether it was accepted.
///
/// # Panics
/// When the reader does, says more than one line or what a terminal would obey, or asks for more memory than it may. The message
/// shows the input.
pub fn check(
    name: &str,
    alone: &Alone,
    input: &[u8],
    allowance: Allowance,
    read: impl FnOnce(&[u8]) -> Result<(), String>,
) -> bool {
    let shown = || {
        let cut = &input[..input.len().min(2000)];
        format!("input of {} bytes: b\"{}\"", input.len(), cut.escape_ascii())
    };
    let (outcome, peak) = alone.peak_of(|| catch_unwind(AssertUnwindSafe(|| read(input))));
    let outcome = outcome.unwrap_or_else(|_| panic!("{name} panics: {}", shown()));
    let most = (allowance.per_byte * input.len() + allowance.constant).min(allowance.at_most);
    assert!(peak <= most, "{name} asks for {peak} bytes, may for {most}: {}", shown());
    if let Err(message) = &outcome {
        assert!(!message.chars().any(char::is_control), "{name} says {message:?}: {}", shown());
        assert!(message.len() < 2000, "{name} says {} bytes: {}", message.len(), shown());
    }
    outcome.is_ok()
}

/// Gives `count` inputs to a reader and prints what became of them.
///
/// # Panics
/// As [`check`].
pub fn check_all(
    name: &str,
    alone: &Alone,
    count: usize,
    allowance: Allowance,
    mut next: impl FnMut() -> Vec<u8>,
    mut read: impl FnMut(&[u8]) -> Result<(), String>,
) -> Tally {
    let mut tally = Tally::default();
    for _ in 0..count {
        match check(name, alone, &next(), allowance, &mut read) {
            true => tally.accepted += 1,
            false => tally.refused += 1,
        }
    }
    eprintln!("{name}: {count} inputs, {} accepted, {} refused", tally.accepted, tally.refused);
    tally
}
