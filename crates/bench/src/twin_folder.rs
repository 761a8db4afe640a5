//! Synthetic data as files, so that what is measured starts where a user starts.

use anchorrec_data::{TwinSpec, generate};
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Seed of every twin that is measured.
pub const SEED: u64 = 0;
/// The file that says which twin a folder holds, written last: a folder without it was left half way.
const MARKER: &str = "bench-twin.txt";

/// Makes the folder of a twin under `folder`; an earlier run's is used again. All its files have been read once, so that
/// they are in the system's cache: how fast a disk is shall not matter.
pub fn ready(folder: &Path, spec: &TwinSpec) -> Result<PathBuf> {
    let width = |width: Option<usize>| width.map_or_else(|| "none".to_owned(), |width| width.to_string());
    let widths = [spec.mm_width, spec.text_width, spec.vision_width].map(width).join("-");
    let dir = folder.join(format!("{}-{}x{}x{}-{widths}", spec.name, spec.users, spec.items, spec.interactions));
    let marker = dir.join(MARKER);
    let marked = format!("version {}, seed {SEED}, {spec:?}\n", env!("CARGO_PKG_VERSION"));
    if fs::read_to_string(&marker).is_ok_and(|found| found == marked) {
        for entry in fs::read_dir(&dir).with_context(|| format!("{}: cannot list", dir.display()))? {
            let path = entry.with_context(|| format!("{}: cannot list", dir.display()))?.path();
            let read = || io::copy(&mut File::open(&path)?, &mut io::sink());
            read().with_context(|| format!("{}: cannot read", path.display()))?;
        }
        return Ok(dir);
    }
    eprintln!("making synthetic data: {} users, {} items ...", spec.users, spec.items);
    if dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| format!("{}: cannot clear", dir.display()))?;
    }
    generate(spec, SEED).write(&dir)?;
    fs::write(&marker, marked).with_context(|| format!("{}: cannot write", marker.display()))?;
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_is_used_again_and_a_half_written_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let spec =
            TwinSpec { mm_width: Some(3), text_width: None, vision_width: None, ..TwinSpec::new("tiny", 10, 20, 50) };
        let dir = ready(folder.path(), &spec).unwrap();
        let inter = dir.join("tiny.inter");
        fs::remove_file(&inter).unwrap();
        assert_eq!(ready(folder.path(), &spec).unwrap(), dir);
        assert!(!inter.exists(), "the folder was complete, so it was left as it is");
        fs::remove_file(dir.join(MARKER)).unwrap();
        ready(folder.path(), &spec).unwrap();
        assert!(inter.exists());
    }
}
