//! `anchorrec prepare-amazon`, the real binary.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn prepare(datasets: &Path, args: &[&str]) -> (bool, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_anchorrec"))
        .arg("prepare-amazon")
        .args(args)
        .arg("--datasets")
        .arg(datasets)
        .output()
        .unwrap();
    (status.success(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn from_ratings_to_a_folder_that_is_checked_against_its_manifest() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("amazon-baby");
    fs::create_dir_all(home.join("raw")).unwrap();
    let (ok, _, err) = prepare(dir.path(), &["amazon-baby"]);
    assert!(
        !ok && err.contains("ratings_Baby.csv: expected the ratings") && err.contains("or as ratings_Baby.csv.gz"),
        "{err}"
    );
    let pair = |n: usize| format!("u{},ITEM00000{},5.0,{n}\n", n / 6, n % 6);
    fs::write(home.join("raw/ratings_Baby.csv"), (0..36).map(pair).collect::<String>()).unwrap();
    let (ok, _, err) = prepare(dir.path(), &["amazon-baby"]);
    assert!(!ok && err.contains("meta_Baby.json") && err.contains("--no-metadata"), "{err}");
    let counts = |users| {
        format!("name = \"amazon-baby\"\ntitle = \"B\"\n[counts]\nusers = {users}\nitems = 6\ninteractions = 36\n")
    };
    fs::write(home.join("manifest.toml"), counts(7)).unwrap();
    let bare = ["amazon-baby", "--no-metadata", "--no-images"];
    let (ok, _, err) = prepare(dir.path(), &bare);
    assert!(!ok && err.contains("expected 7 users, 6 items, 36 interactions after the core, found 6, 6, 36"), "{err}");
    assert!(!home.join("ready").exists());
    fs::write(home.join("manifest.toml"), counts(6)).unwrap();
    let (ok, out, err) = prepare(dir.path(), &bare);
    assert!(
        ok && out.contains("counts are those of ") && out.contains("24 training, 6 validation, 6 test"),
        "{out}{err}"
    );
    assert!(home.join("ready/amazon-baby.inter").exists());
    let (ok, _, err) = prepare(dir.path(), &["../x", "--category", "Baby"]);
    assert!(!ok && err.contains("NAME: expected letters"), "{err}");
    let (ok, _, err) = prepare(dir.path(), &["amazon-shoes"]);
    assert!(!ok && err.contains("--category"), "{err}");
}
