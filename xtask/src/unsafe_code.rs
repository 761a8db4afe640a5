//! Where `unsafe` may stand: in the named modules of `kernels`, and in the allocator that tests count with. The workspace's lints deny it
//! everywhere; an `allow` is seen here. (`forbid` would be shorter, but ndarray's `s!` expands to an `allow` of its own.)

use crate::root;
use std::fs;
use std::path::{Path, PathBuf};

/// The files that may hold unsafe code.
const ALLOWED: &[&str] = &[
    "crates/kernels/src/allocator.rs",
    "crates/kernels/src/block.rs",
    "crates/kernels/src/dot8.rs",
    "crates/kernels/src/fresh.rs",
    "crates/kernels/src/micro.rs",
    "crates/kernels/src/prefetch.rs",
    "crates/kernels/src/ruler.rs",
    "crates/kernels/src/sieve.rs",
    "crates/kernels/src/tile.rs",
    "crates/testkit/src/allocation.rs",
];

/// What such code looks like.
const SIGNS: &[&str] = &["allow(unsafe_code", "unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"];

/// Finds every other file with such code, every crate without the workspace's lints.
pub fn check() -> Result<(), String> {
    let mut wrong = Vec::new();
    let root = root();
    for package in entries(&root.join("crates")) {
        if !read(&package.join("Cargo.toml")).contains("[lints]\nworkspace = true") {
            wrong.push(format!("{} does not take the workspace's lints", shown(&root, &package)));
        }
        for file in sources(&package) {
            let name = shown(&root, &file);
            let code = |line: &str| SIGNS.iter().any(|sign| line.split("//").next().unwrap_or(line).contains(sign));
            if !ALLOWED.contains(&name.as_str()) && read(&file).lines().any(code) {
                wrong.push(format!("{name} holds unsafe code and is not on the list of xtask/src/unsafe_code.rs"));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn entries(path: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    entries
}

/// The Rust files below a folder.
fn sources(path: &Path) -> Vec<PathBuf> {
    entries(path)
        .into_iter()
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}
