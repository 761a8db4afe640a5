//! Whether the installed Rust is new enough. Shared with `xtask/start`, so it keeps to what old compilers know.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// A version's first two numbers.
type Version = (u32, u32);

/// Returns one sentence where the compiler is older than `rust-version` in the workspace's manifest.
pub fn check(root: &Path) -> Result<(), String> {
    let path = root.join("Cargo.toml");
    let manifest = fs::read_to_string(&path).map_err(|e| format!("{}: {}", path.display(), e))?;
    let rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("--version").output();
    let said = rustc.map_err(|e| format!("rustc --version: {}", e))?.stdout;
    compare(&manifest, &String::from_utf8_lossy(&said))
}

/// The sentence, from the manifest and the compiler's words. What has an unknown form is left to cargo, which has its own words for it.
fn compare(manifest: &str, rustc: &str) -> Result<(), String> {
    let needed = manifest.lines().find(|line| line.starts_with("rust-version")).and_then(|line| line.split('"').nth(1));
    let found = rustc.split_whitespace().nth(1);
    match (needed, found, needed.and_then(version), found.and_then(version)) {
        (Some(needed), Some(found), Some(least), Some(version)) if version < least => Err(format!(
            "AnchorRec needs Rust {} or newer, and this is Rust {}: `rustup update` brings it (https://rustup.rs installs rustup)",
            needed, found
        )),
        _ => Ok(()),
    }
}

fn version(text: &str) -> Option<Version> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[workspace.package]\nedition = \"2024\"\nrust-version = \"1.89\"\n";

    #[test]
    fn an_old_compiler_gets_a_sentence_with_both_versions() {
        let olds = ["1.88.0", "1.63.0", "1.9.0", "0.12.0", "1.88.0-nightly"];
        for old in &olds {
            let message = compare(MANIFEST, &format!("rustc {} (4b91a6ea7 2022-08-08)", old)).unwrap_err();
            assert!(message.contains("needs Rust 1.89 or newer") && message.contains(old), "{}", message);
            assert_eq!(message.lines().count(), 1);
        }
    }

    #[test]
    fn a_compiler_that_is_new_enough_or_says_something_else_is_left_alone() {
        for said in &[
            "rustc 1.89.0 (x)",
            "rustc 1.100.1",
            "rustc 2.0.0-beta.1 (x)",
            "rustc 1.95.0-dev",
            "",
            "clang 3",
            "rustc x.y",
        ] {
            assert_eq!(compare(MANIFEST, said), Ok(()), "{}", said);
        }
        assert_eq!(compare("[workspace]\n", "rustc 1.2.0"), Ok(()));
    }

    #[test]
    fn the_manifest_of_this_repository_says_a_version() {
        let manifest = fs::read_to_string(crate::root().join("Cargo.toml")).unwrap();
        assert!(compare(&manifest, "rustc 1.0.0").is_err());
        assert_eq!(check(&crate::root()), Ok(()));
    }
}
