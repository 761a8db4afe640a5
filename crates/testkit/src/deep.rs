//! Tests that take long run in the deep check alone.

use std::io::{Write, stderr};

/// Returns whether long tests run: `ANCHORREC_DEEP` is set, as `cargo xtask check --deep` does. Else a line on the terminal, past the test
/// program's capture, says what is left out.
pub fn deep(left_out: &str) -> bool {
    let deep = std::env::var_os("ANCHORREC_DEEP").is_some_and(|value| !value.is_empty());
    if !deep {
        // A terminal that is gone is no reason to fail.
        let _ = writeln!(stderr(), "deep check only: {left_out}");
    }
    deep
}
