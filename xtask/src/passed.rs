//! Tests that have passed and would pass again, because nothing that they see has changed since.
//!
//! Cargo calls this task in place of each test program, as its *runner*. A program that ends well leaves a note with a digest of what it
//! saw: itself, its options, the programs that it may start, the files of the repository, the data that the environment names, and that
//! environment. If the next digest is the same, the program is not started again. A file counts by its length and its time, as it does for
//! cargo. A source counts through the programs that are compiled from it; only tests that read sources (`READ_SOURCES`) see more of it
//! than its name.

use crate::{root, target_dir};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::time::SystemTime;

/// The word by which cargo calls this task. The help does not list it: only the check writes it.
pub const TASK: &str = "unless-passed";

/// The packages whose tests read sources when they run.
const READ_SOURCES: [&str; 2] = ["xtask", "conformance"];

/// Beginnings of the names of variables that tests, or what they start, may read.
const READ_VARIABLES: [&str; 8] = ["ANCHORREC_", "RAYON_", "RUST", "PATH", "PYTHON", "LANG", "LC_", "TMPDIR"];

/// The variables that name folders of data.
const DATA: [&str; 3] = ["ANCHORREC_DATA", "ANCHORREC_GOLDEN_DIR", "ANCHORREC_MINILM"];

/// Digests of what all tests see.
pub struct Surroundings {
    /// The environment, and all files but the contents of sources.
    files: u64,
    /// The contents of sources.
    sources: u64,
}

impl Surroundings {
    /// Reads the environment and the lengths and times of files.
    pub fn now() -> io::Result<Self> {
        let (mut files, mut sources) = (Vec::new(), Vec::new());
        let left_out = [target_dir(), root().join(".git"), root().join("runs"), root().join("fuzz/target")];
        walk(&root(), &left_out, &mut |path, version| {
            if path.extension() == Some(OsStr::new("rs")) {
                files.push((path.clone(), None));
                sources.push((path, version));
            } else {
                files.push((path, Some(version)));
            }
        })?;
        let mut variables: Vec<(OsString, OsString)> = std::env::vars_os()
            .filter(|(name, _)| READ_VARIABLES.iter().any(|begin| name.to_string_lossy().starts_with(begin)))
            .collect();
        variables.sort();
        for (_, folder) in variables.iter().filter(|(name, _)| DATA.iter().any(|data| name == data)) {
            walk(&root().join(folder), &[], &mut |path, version| files.push((path, Some(version))))?;
        }
        Ok(Surroundings { files: digest(&(files, variables)), sources: digest(&sources) })
    }

    /// Makes `cargo test` ask this task about each program; it starts all of them if `again`.
    pub fn ask_about(&self, command: &mut Command, again: bool) -> io::Result<()> {
        let _ = fs::remove_file(Notes::here().not_run());
        let words = [
            std::env::current_exe()?.to_string_lossy().into_owned(),
            TASK.to_owned(),
            if again { "again" } else { "once" }.to_owned(),
            self.files.to_string(),
            self.sources.to_string(),
        ];
        command.arg("--config").arg(format!("target.'cfg(all())'.runner = {words:?}"));
        Ok(())
    }

    /// Returns what decides whether the examples of the documentation passed before: every file and the compiler.
    pub fn of_examples(&self, compiler: &Output) -> u64 {
        digest(&(self.files, self.sources, &compiler.stdout))
    }
}

/// Says how many programs were not run since [`Surroundings::ask_about`], if any.
pub fn not_run() -> Option<String> {
    let names = fs::read_to_string(Notes::here().not_run()).ok()?;
    let count = names.lines().count();
    Some(format!(
        "{count} test programs were not run: nothing that they see has changed since they passed (--again runs all)"
    ))
}

/// Starts a test program, or finds that it need not: `again` or `once`, two digests, the program and its options.
pub fn run(words: &[OsString]) -> Result<ExitCode, String> {
    let [when, files, sources, program, options @ ..] = words else {
        return Err(format!("`{TASK}` is called by `cargo xtask check` only"));
    };
    let reads_sources = std::env::var_os("CARGO_MANIFEST_DIR")
        .is_some_and(|package| READ_SOURCES.iter().any(|name| Path::new(&package).ends_with(name)));
    let seen = digest(&(files, reads_sources.then_some(sources)));
    Notes::here()
        .start(Command::new(program).args(options), seen, when == "again")
        .map_err(|error| format!("{}: {error}", program.display()))
}

/// The notes of what has passed, one for each program.
pub struct Notes(PathBuf);

impl Notes {
    /// Returns the notes of this build.
    pub fn here() -> Self {
        Notes(target_dir().join("passed"))
    }

    /// Returns whether a test has passed with this digest.
    pub fn have(&self, name: &OsStr, digest: u64) -> bool {
        fs::read_to_string(self.0.join(name)).is_ok_and(|passed| passed == digest.to_string())
    }

    /// Notes that a test has passed.
    pub fn keep(&self, name: &OsStr, digest: u64) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        fs::write(self.0.join(name), digest.to_string())
    }

    /// Forgets that a test has passed.
    pub fn forget(&self, name: &OsStr) {
        let _ = fs::remove_file(self.0.join(name));
    }

    /// The list of programs that were not run.
    fn not_run(&self) -> PathBuf {
        self.0.with_extension("not-run")
    }

    fn start(&self, command: &mut Command, seen: u64, again: bool) -> io::Result<ExitCode> {
        let program = Path::new(command.get_program());
        let name = program.file_name().unwrap_or(program.as_os_str()).to_owned();
        let digest = digest(&(seen, command.get_args().collect::<Vec<_>>(), programs(program)?));
        if !again && self.have(&name, digest) {
            let mut list = fs::OpenOptions::new().create(true).append(true).open(self.not_run())?;
            writeln!(list, "{}", name.display())?;
            println!("passed before; nothing that it sees has changed");
            return Ok(ExitCode::SUCCESS);
        }
        self.forget(&name);
        let status = command.status()?;
        if !status.success() {
            return Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)));
        }
        self.keep(&name, digest)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A file's length and time.
type Version = (u64, SystemTime);

fn version(path: &Path) -> io::Result<Version> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified()?))
}

/// A program, and those that cargo puts beside its folder: tests start them.
fn programs(program: &Path) -> io::Result<Vec<(PathBuf, Version)>> {
    let mut programs = vec![(program.to_owned(), version(program)?)];
    for entry in program.parent().and_then(Path::parent).into_iter().flat_map(fs::read_dir).flatten() {
        let path = entry?.path();
        let others = [Some(OsStr::new("d")), Some(OsStr::new("rlib"))].contains(&path.extension());
        if path.is_file() && !others && path.file_name() != Some(OsStr::new(".cargo-lock")) {
            let version = version(&path)?;
            programs.push((path, version));
        }
    }
    programs.sort();
    Ok(programs)
}

/// Visits all files under a folder in order of name. A folder that is not there has none.
fn walk(folder: &Path, left_out: &[PathBuf], visit: &mut impl FnMut(PathBuf, Version)) -> io::Result<()> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_file() {
            let version = version(&path)?;
            visit(path, version);
        } else if path.is_dir() && !left_out.contains(&path) {
            walk(&path, left_out, visit)?;
        }
    }
    Ok(())
}

/// A digest that two starts of this program agree on.
fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    /// Calls this test program, which lists its tests, and returns whether it was started.
    fn started(notes: &Notes, options: &[&str], seen: u64, again: bool) -> bool {
        let _ = fs::remove_file(notes.not_run());
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(options).stdout(Stdio::null()).stderr(Stdio::null());
        notes.start(&mut command, seen, again).unwrap();
        !notes.not_run().exists()
    }

    #[test]
    fn a_program_runs_again_when_it_failed_or_anything_it_sees_has_changed() {
        let folder = std::env::temp_dir().join(format!("anchorrec-passed-{}", std::process::id()));
        let notes = Notes(folder.join("passed"));
        fs::create_dir_all(&folder).unwrap();
        assert!(started(&notes, &["--list"], 1, false));
        assert!(!started(&notes, &["--list"], 1, false), "it has passed");
        assert!(started(&notes, &["--list"], 1, true), "asked for");
        assert!(started(&notes, &["--list"], 2, false), "other surroundings");
        assert!(started(&notes, &["--list", "--quiet"], 2, false), "other options");
        assert!(started(&notes, &["--no-such-option"], 2, false));
        assert!(started(&notes, &["--no-such-option"], 2, false), "it has failed");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn every_file_is_seen_and_what_is_left_out_is_not() {
        let folder = std::env::temp_dir().join(format!("anchorrec-walk-{}", std::process::id()));
        fs::create_dir_all(folder.join("a/left")).unwrap();
        let seen = || {
            let mut files = Vec::new();
            walk(&folder, &[folder.join("a/left")], &mut |path, (length, _)| files.push((path, length))).unwrap();
            files
        };
        fs::write(folder.join("a/left/no"), "").unwrap();
        fs::write(folder.join("a/one"), "1").unwrap();
        assert_eq!(seen(), [(folder.join("a/one"), 1)]);
        fs::write(folder.join("a/.two"), "").unwrap();
        assert_eq!(seen(), [(folder.join("a/.two"), 0), (folder.join("a/one"), 1)]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
