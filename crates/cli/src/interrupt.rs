//! Ctrl-C and SIGTERM: the first asks the run to stop after the step it is at, the second ends the process at once.

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What the shell expects of a program that was interrupted.
pub const EXIT_CODE: u8 = 130;

/// A flag that the first signal sets.
pub fn flag() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: a signal that finds the flag set ends the process before it could set it again.
        signal_hook::flag::register_conditional_shutdown(signal, EXIT_CODE.into(), flag.clone())
            .and_then(|_| signal_hook::flag::register(signal, flag.clone()))
            .context("cannot listen for Ctrl-C")?;
    }
    Ok(flag)
}

/// The command line that was given with `--resume`, ready for a shell.
pub fn resuming_command() -> String {
    let given = std::env::args().filter(|word| word != "--resume" && word != "--restart");
    given.map(|word| quoted(&word)).chain(Some("--resume".to_owned())).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_survive_a_shell() {
        for (word, want) in
            [("--seeds=1,2", "--seeds=1,2"), ("", "''"), ("my data", "'my data'"), ("it's", r"'it'\''s'")]
        {
            assert_eq!(quoted(word), want);
        }
    }
}
