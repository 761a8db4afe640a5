//! `cargo xtask table`: `anchorrec table`, built in release mode, or the program that `--program` names.

use crate::{anchorrec, become_command, root};
use std::process::{Command, Stdio};

/// Runs at the top of the repository, where the declaration, the data sets and the results are. The words go through unread.
pub fn run(args: &[String]) -> Result<(), String> {
    let mut command = match program(args)? {
        Some(program) => {
            let mut command = Command::new(program);
            command.arg("table");
            command
        }
        None => anchorrec(&["baselines", "table"], &["table"]),
    };
    command.args(args).stdin(Stdio::null()).current_dir(root());
    become_command(command)
}

/// The program that is named, where it is: from the folder of the caller, since everything runs in another one.
fn program(args: &[String]) -> Result<Option<std::path::PathBuf>, String> {
    let after = args.iter().position(|arg| arg == "--program").map(|place| args.get(place + 1));
    let named = match (after, args.iter().find_map(|arg| arg.strip_prefix("--program="))) {
        (Some(None), _) => return Err("--program: expected a file, an `anchorrec` that is built already".to_owned()),
        (Some(Some(file)), _) => file.as_str(),
        (None, Some(file)) => file,
        (None, None) => return Ok(None),
    };
    std::path::absolute(named).map(Some).map_err(|error| format!("--program {named}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_named_is_taken_in_both_spellings() {
        let named = |words: &[&str]| program(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
        assert_eq!(named(&["--jobs", "1"]), Ok(None));
        let want = std::env::current_dir().unwrap().join("bin/a");
        assert_eq!(named(&["--jobs", "1", "--program", "bin/a"]), Ok(Some(want.clone())));
        assert_eq!(named(&["--program=bin/a"]), Ok(Some(want)));
        assert!(named(&["--program"]).unwrap_err().contains("expected a file"));
    }
}
