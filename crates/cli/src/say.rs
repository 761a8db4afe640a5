//! What the command prints, where the reader may go away: `anchorrec ... | head`.
//!
//! `println!`, `print!` and `eprintln!` of this crate are these, and not the standard library's, which panic when nobody reads. **Output** that nobody reads ends
//! the command quietly with status 141, as SIGPIPE ends other commands; any other failure (a full disk) is an error with status 1. **Messages** that
//! nobody reads are lost, and the command continues.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::process;

/// The status of a command that SIGPIPE ended, as a shell shows it.
const SIGPIPE: i32 = 128 + 13;

macro_rules! print {
    ($($said:tt)*) => { $crate::say::out(format_args!($($said)*), "") };
}

macro_rules! println {
    () => { $crate::say::out(format_args!(""), "\n") };
    ($($said:tt)*) => { $crate::say::out(format_args!($($said)*), "\n") };
}

macro_rules! eprintln {
    ($($said:tt)*) => { $crate::say::message(format_args!($($said)*)) };
}

/// Prints to the standard output.
pub fn out(said: Arguments, end: &str) {
    let mut out = io::stdout().lock();
    let done = out.write_fmt(said).and_then(|()| out.write_all(end.as_bytes()));
    if let Err(error) = done.and_then(|()| out.flush()) {
        unread(&error);
    }
}

/// Prints a line to the standard error.
pub fn message(said: Arguments) {
    // There is nobody to tell that nobody reads.
    let _ = writeln!(io::stderr().lock(), "{said}");
}

/// The standard output, for lists.
#[cfg(feature = "retrieval")]
pub struct Output(io::StdoutLock<'static>);

#[cfg(feature = "retrieval")]
impl Output {
    /// Keeps the standard output until it is dropped.
    pub fn lock() -> Self {
        Output(io::stdout().lock())
    }
}

#[cfg(feature = "retrieval")]
impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).inspect_err(unread)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().inspect_err(unread)
    }
}

/// Ends the command whose output cannot be written; what can be tried again is no such failure.
fn unread(error: &io::Error) {
    match error.kind() {
        ErrorKind::Interrupted => return,
        ErrorKind::BrokenPipe => process::exit(SIGPIPE),
        _ => message(format_args!("error: cannot write to the standard output: {error}")),
    }
    process::exit(1);
}
