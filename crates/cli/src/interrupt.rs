//! Ctrl-C and SIGTERM: the first asks the run to stop after the step it is at, a second one ends the process at once.
//!
//! A second signal that comes within a second of the first is the same request: `timeout` signals the process and then its whole group,
//! a terminal and a job scheduler may both pass one Ctrl-C on.

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What the shell expects of a program that was interrupted.
pub const EXIT_CODE: u8 = 130;

/// Signals that come so soon after the first are echoes of it.
const SAME_REQUEST: Duration = Duration::from_secs(1);

/// Makes a flag that the first signal sets.
pub fn flag() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot listen for Ctrl-C")?;
    let asked = flag.clone();
    let listen = move || {
        let mut first: Option<Instant> = None;
        for _ in signals.forever() {
            if first.get_or_insert_with(Instant::now).elapsed() >= SAME_REQUEST {
                signal_hook::low_level::exit(EXIT_CODE.into());
            }
            asked.store(true, Ordering::Relaxed);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(listen).context("cannot listen for Ctrl-C")?;
    Ok(flag)
}

/// Returns the command line that was given with `--resume`, ready for a shell.
pub fn resuming_command() -> String {
    let given = std::env::args().filter(|word| word != "--resume" && word != "--restart");
    given.map(|word| quoted(&word)).chain(Some("--resume".to_owned())).collect::<Vec<_>>().join(" ")
}

/// Quotes a word as a shell takes it.
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
