//! `anchorrec encode-text`, the real binary: with the encoder, by a tiny random model; without it, the way to one.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn encode(folder: &Path, model: &Path) -> (bool, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_anchorrec"))
        .args(["encode-text", "--texts", "items_text.jsonl", "--out", "text_feat.npy", "--model"])
        .arg(model)
        .current_dir(folder)
        .output()
        .unwrap();
    (status.success(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The sentences that the reference implementation encoded, last item first.
fn texts(folder: &Path, golden: &Path) {
    let sentences: Vec<String> = serde_json::from_slice(&fs::read(golden.join("sentences.json")).unwrap()).unwrap();
    let lines = sentences.iter().enumerate().rev();
    let lines = lines.map(|(item, text)| serde_json::json!({"itemID": item, "text": text}).to_string() + "\n");
    fs::write(folder.join("items_text.jsonl"), lines.collect::<String>()).unwrap();
}

#[test]
fn texts_become_features_or_it_is_said_how_to_build_what_can() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../text-encoder/golden");
    let dir = tempfile::tempdir().unwrap();
    texts(dir.path(), &golden);
    let (ok, out, err) = encode(dir.path(), &golden.join("tiny"));
    if cfg!(feature = "text-encoder") {
        assert!(ok && out.starts_with("encoded 15 texts to 16 numbers each in "), "{out}{err}");
        let got = anchorrec_data::read_npy_f32(&dir.path().join("text_feat.npy")).unwrap();
        let want = anchorrec_data::read_npy_f32(&golden.join("tiny/vectors.npy")).unwrap();
        assert_eq!(got.dim(), want.dim());
        assert!(
            got.iter().zip(&want).all(|(got, want)| (got - want).abs() <= 1e-5),
            "rows by item, whatever the order of lines"
        );
        let (ok, _, err) = encode(dir.path(), dir.path());
        assert!(
            !ok && err.contains("config.json: expected the shape of the model") && err.contains("--download"),
            "{err}"
        );
    } else {
        assert!(!ok && err.contains("cargo build --release -p anchorrec-cli --features text-encoder"), "{err}");
        assert!(!dir.path().join("text_feat.npy").exists());
    }
}

#[test]
fn texts_that_are_not_one_for_each_item_are_named_with_their_line() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("items_text.jsonl"), "{\"itemID\": 0, \"text\": \"a\"}\n{\"itemID\": 1}\n").unwrap();
    let (ok, _, err) = encode(dir.path(), dir.path());
    assert!(!ok && err.contains("items_text.jsonl:2: expected a JSON object like"), "{err}");
}
