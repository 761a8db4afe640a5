//! A folder with a small data set's manifest, and the command run in it.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder with a small data set's manifest under `datasets/`.
pub struct Workplace(pub TempDir);

const MANIFEST: &str = r#"
name = "small"
title = "A small one"
[counts]
users = 120
items = 60
interactions = 1200
[widths]
mm = 12
text = 10
vision = 16
[twin]
scale = 1.0
[[reference]]
model = "Somebody's"
recall20 = 0.5
ndcg20 = 0.25
split = "their own"
features = "their own"
[settings.lightgcn]
lightgcn.layers = 3
"#;

/// A new folder in memory, where the system has such a place: a run that is killed loses nothing of what it has given to the system, and
/// no test takes the power away, so waiting for a disk would show nothing.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

impl Workplace {
    pub fn new() -> Self {
        let folder = folder();
        fs::create_dir_all(folder.path().join("datasets/small")).unwrap();
        fs::write(folder.path().join("datasets/small/manifest.toml"), MANIFEST).unwrap();
        Workplace(folder)
    }

    pub fn path(&self, inner: &str) -> PathBuf {
        self.0.path().join(inner)
    }

    /// `anchorrec train`.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.anchorrec("train");
        command.args(args);
        command
    }

    /// Any command, with its name as the only word.
    pub fn anchorrec(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anchorrec"));
        command.arg(name).current_dir(self.0.path()).env_remove("ANCHORREC_DATA");
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub fn report(&self, args: &[&str]) -> Value {
        read_report(&self.run(args), self.0.path())
    }

    /// The folder of the twin, once it was made.
    pub fn twin(&self) -> PathBuf {
        self.path("datasets/small/synthetic/scale-1")
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
pub fn read_report(output: &Output, folder: &Path) -> Value {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let stdout = text(&output.stdout);
    let path = stdout.lines().find_map(|line| line.strip_prefix("report: ")).expect("the report's path is printed");
    serde_json::from_str(&fs::read_to_string(folder.join(path)).unwrap()).unwrap()
}

#[track_caller]
pub fn assert_fails_with(output: &Output, parts: &[&str]) {
    let message = text(&output.stderr);
    assert!(!output.status.success(), "expected a failure");
    let line =
        message.lines().find(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("no error line: {message}"));
    for part in parts {
        assert!(line.contains(part), "`{part}` is not in: {line}");
    }
    assert!(!message.contains("panicked"), "{message}");
}
