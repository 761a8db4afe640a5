//! Commands that run beside others. Their output waits until they have ended, so that it does not mix with that of the others.

use std::process::Command;
use std::thread::{self, JoinHandle};

/// Commands that run one after another on a thread of their own; the first that fails ends them.
pub struct Beside(JoinHandle<(Vec<u8>, Result<(), String>)>);

impl Beside {
    /// Starts the commands.
    pub fn start(commands: Vec<Command>) -> Self {
        Beside(thread::spawn(move || {
            let mut said = Vec::new();
            for mut command in commands {
                let output = match command.output() {
                    Ok(output) => output,
                    Err(error) => return (said, Err(format!("{command:?}: {error}"))),
                };
                said.extend([output.stderr, output.stdout].concat());
                if !output.status.success() {
                    return (said, Err(format!("{command:?} ended with {}", output.status)));
                }
            }
            (said, Ok(()))
        }))
    }

    /// Waits for the commands, and returns what they printed and how they ended.
    pub fn end(self) -> (String, Result<(), String>) {
        let (said, outcome) = self.0.join().expect("a thread that runs commands does not panic");
        (String::from_utf8_lossy(&said).into_owned(), outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_command_that_fails_ends_them_and_what_was_said_is_kept() {
        let rustc = |option: &str| {
            let mut command = Command::new("rustc");
            command.arg(option);
            command
        };
        let (said, outcome) = Beside::start(vec![rustc("--version"), rustc("--no-such-option"), rustc("-vV")]).end();
        assert!(said.starts_with("rustc ") && said.contains("no-such-option") && !said.contains("host:"), "{said}");
        assert!(outcome.unwrap_err().contains("no-such-option"));
        assert_eq!(Beside::start(vec![rustc("--version")]).end().1, Ok(()));
    }
}
