//! Commands that this program was built without: they stay in the help and say how to build with them.

use anyhow::{Result, bail};
use clap::Args;
use std::ffi::OsString;
use std::process::ExitCode;

/// Options of a command that is absent, unread.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct AbsentOptions {
    #[arg(hide = true, allow_hyphen_values = true, trailing_var_arg = true)]
    pub words: Vec<OsString>,
}

/// What to do about it, in one sentence.
pub fn without(command: &str, feature: &str) -> Result<ExitCode> {
    bail!(
        "this program was built without `{command}`; build it with \
         `cargo build --release -p anchorrec-cli --features {feature}`"
    )
}
