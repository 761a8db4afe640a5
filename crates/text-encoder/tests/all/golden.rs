//! The golden sentences, and a program of its own for each number of threads.

use anchorrec_text_encoder::TextEncoder;
use ndarray::{Array2, Axis};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// A file of the folder `golden`.
pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

/// What `make.py` encoded.
pub fn sentences() -> Vec<String> {
    serde_json::from_slice(&fs::read(file("sentences.json")).unwrap()).unwrap()
}

/// Rows in the order of the texts.
pub fn encode<T: AsRef<str>>(encoder: &TextEncoder, texts: &[T]) -> Array2<f32> {
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    encoder.encode(&texts, &mut |_| {}).unwrap()
}

/// The largest difference of two numbers.
pub fn distance(a: &Array2<f32>, b: &Array2<f32>) -> f32 {
    assert_eq!(a.dim(), b.dim());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Each sentence alone against all of them five times, so in batches of five and more.
pub fn distance_of_alone_and_together(encoder: &TextEncoder) -> f32 {
    let texts = sentences();
    let together = encode(encoder, &vec![texts.clone(); 5].concat());
    let distance =
        |row: usize| distance(&encode(encoder, &[&texts[row % texts.len()]]), &together.select(Axis(0), &[row]));
    (0..together.nrows()).map(distance).fold(0.0, f32::max)
}

/// The sentences five times, so in batches of five and more: computed in a process for each number of threads, since the
/// inference crate asks the environment for theirs. `test` is the path of the calling test.
pub fn same_bits_on_any_number_of_threads(test: &str, folder: &Path) {
    const OUT: &str = "ANCHORREC_TEST_BITS";
    if let Some(out) = env::var_os(OUT) {
        let encoder = TextEncoder::load(folder).unwrap();
        let texts = vec![sentences(); 5].concat();
        let bits: Vec<u8> = encode(&encoder, &texts).iter().flat_map(|x| x.to_le_bytes()).collect();
        return fs::write(out, bits).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let bits = [1, 2, 5].map(|threads| {
        let out = dir.path().join(threads.to_string());
        let mut program = Command::new(env::current_exe().unwrap());
        program.args(["--exact", test]).env("RAYON_NUM_THREADS", threads.to_string()).env(OUT, &out);
        let output = program.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        fs::read(out).unwrap()
    });
    assert!(!bits[0].is_empty());
    assert!(bits[0] == bits[1] && bits[0] == bits[2], "another number of threads, other bits");
}
