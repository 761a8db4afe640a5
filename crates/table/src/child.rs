//! A step as a child process: what it prints goes to files, and it is asked to stop as a person would ask it.

use crate::error::TableError;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child as Process, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A process that computes a step.
#[derive(Debug)]
pub struct Child {
    process: Process,
    printed: PathBuf,
    said: PathBuf,
    started: Instant,
}

impl Child {
    /// Starts `program` with these words. What it prints goes to `<base>.out`, what it says meanwhile to `<base>.log`.
    ///
    /// # Errors
    /// When the files cannot be made or the program cannot be started.
    pub fn start(program: &Path, words: &[String], base: &Path) -> Result<Self, TableError> {
        let (printed, said) = (base.with_extension("out"), base.with_extension("log"));
        let failed = |path: &Path, action| {
            let path = path.to_owned();
            move |source| TableError::File { path, action, source }
        };
        let folder = anchorrec_files::folder_of(base);
        fs::create_dir_all(folder).map_err(failed(folder, "make the folder"))?;
        let to = |path: &Path| File::create(path).map_err(failed(path, "write"));
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::null()).stdout(to(&printed)?).stderr(to(&said)?);
        let process = command.spawn().map_err(failed(program, "start"))?;
        Ok(Child { process, printed, said, started: Instant::now() })
    }

    /// Returns how the process ended, once it has.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, TableError> {
        let said = &self.said;
        self.process.try_wait().map_err(|source| TableError::File {
            path: said.clone(),
            action: "wait for its step",
            source,
        })
    }

    /// Asks the process to stop: it writes a checkpoint first.
    pub fn stop(&mut self) {
        // The system's own command: a signal of this process would need what this crate may not use.
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).stderr(Stdio::null()).status();
        if !asked.is_ok_and(|status| status.success()) {
            // Where there is no such command, the last checkpoint stands. A process that has ended meanwhile is no error.
            drop(self.process.kill());
        }
    }

    /// Returns how long the process runs.
    pub fn running_for(&self) -> Duration {
        self.started.elapsed()
    }

    /// Reads the path that the process has printed after `label: `.
    pub fn path_of(&self, label: &str) -> Option<PathBuf> {
        let text = fs::read_to_string(&self.printed).ok()?;
        let after = |line: &str| line.strip_prefix(label)?.strip_prefix(": ").map(PathBuf::from);
        text.lines().rev().find_map(after)
    }

    /// Returns why the process failed, in its own words, and where the rest of them is.
    pub fn failure(&self) -> String {
        let text = fs::read_to_string(&self.said).unwrap_or_default();
        let error = text.lines().rev().find_map(|line| line.strip_prefix("error: "));
        let last = || text.lines().rev().find(|line| !line.trim().is_empty());
        format!("{} ({})", error.or_else(last).unwrap_or("it said nothing"), self.said.display())
    }
}
