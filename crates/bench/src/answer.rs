//! What a measuring process tells the one that started it: a line of JSON.

use anyhow::{Context, Result};
use serde::Serialize;

/// Prints the answer, which ends the measurement.
pub fn answer(record: &impl Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(record).context("an answer as JSON")?);
    Ok(())
}
