//! What the fuzz targets share: a folder to put hostile files into, and the same judgement as in the mutation tests.

use anchorrec_files::with_causes;
use anchorrec_formats::features::{self, Asked};
use anchorrec_formats::{Reading, detect, guard, read};
use anchorrec_testkit::allocation::{Alone, Counting, alone};
use anchorrec_testkit::hostile::{self, Allowance};
use std::path::{Path, PathBuf};
use std::{env, fs, process};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A folder of this process for one target: the parsers take paths.
pub struct Place {
    dir: PathBuf,
    alone: Alone,
    allowance: Allowance,
}

impl Place {
    /// Makes it, in memory where the system has such a folder. `files` are there beside the hostile one.
    pub fn new(allowance: Allowance, files: &[(&str, &[u8])]) -> Self {
        // A panic that becomes an error is none of libFuzzer's, whose hook ends the process.
        guard::quiet();
        let shared = Path::new("/dev/shm");
        let parent = if shared.is_dir() { shared.to_owned() } else { env::temp_dir() };
        let dir = parent.join(format!("anchorrec-fuzz-{}", process::id()));
        fs::create_dir_all(&dir).expect("a folder for the files");
        for (name, bytes) in files {
            fs::write(dir.join(name), bytes).expect("a file of the folder");
        }
        Place { dir, alone: alone(), allowance }
    }

    /// Returns where the folder is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes the hostile file and reads it.
    pub fn check<E: ToString>(&self, name: &str, bytes: &[u8], read: impl FnOnce(&Path) -> Result<(), E>) {
        let path = self.dir.join(name);
        fs::write(&path, bytes).expect("the file");
        hostile::check(name, &self.alone, bytes, self.allowance, |_| read(&path).map_err(|e| e.to_string()));
    }

    /// Reads what needs no file.
    pub fn check_text<E: ToString>(&self, name: &str, bytes: &[u8], read: impl FnOnce(&str) -> Result<(), E>) {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        hostile::check(name, &self.alone, bytes, self.allowance, |_| read(text).map_err(|e| e.to_string()));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Reads a file of interactions as `prepare` does; a wrong row refuses it.
pub fn interactions(path: &Path) -> Result<(), String> {
    events(path.parent().expect("a folder"), Some(path))
}

/// Reads the folder of a file, which has the test lists beside it, as `prepare` does.
pub fn lists(path: &Path) -> Result<(), String> {
    events(path.parent().expect("a folder"), None)
}

fn events(dir: &Path, named: Option<&Path>) -> Result<(), String> {
    let reading = Reading::default();
    let found = detect::detect(dir, named, &reading);
    let source = found.and_then(|found| read::read(&found, &reading));
    let (source, _) = source.map_err(|error| with_causes(&error))?;
    source.problems.first().map_or(Ok(()), |problem| Err(with_causes(problem)))
}

/// Reads a file of features as `prepare` does.
pub fn vectors(path: &Path) -> Result<(), String> {
    features::read(&Asked::file(path)).map(drop).map_err(|error| with_causes(&error))
}
