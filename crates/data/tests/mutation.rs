//! Thousands of damaged files: whatever the bytes, the answer is a value or an error, never a panic, and quickly.

use anchorrec_data::{Dataset, Purpose, keyed_rng, read_npy_f32, write_npy_f32};
use ndarray::Array2;
use rand::{Rng, RngExt};
use std::fs;

/// One to four edits: a byte changed, removed, inserted or doubled, a tail cut off.
fn damaged(good: &[u8], rng: &mut impl Rng) -> Vec<u8> {
    const TELLING: &[u8] = b"\0\t\n\r 0129-+.eE'\"(){}[]:,\\\x7f\x80\xff\xfe";
    let mut bytes = good.to_vec();
    for _ in 0..rng.random_range(1..5u32) {
        let at = rng.random_range(0..bytes.len().max(1) as u32) as usize;
        let telling = TELLING[rng.random_range(0..TELLING.len() as u32) as usize];
        let byte = if rng.random_bool(0.5) { telling } else { rng.random() };
        match rng.random_range(0..5u32) {
            _ if bytes.is_empty() => bytes.push(byte),
            0 => bytes[at] = byte,
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, byte),
            3 => bytes.extend_from_within(at..),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

#[test]
fn no_npy_panics() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.npy");
    write_npy_f32(&path, Array2::from_shape_fn((5, 3), |(i, j)| (i * 3 + j) as f32).view()).unwrap();
    let good = fs::read(&path).unwrap();
    let mut rng = keyed_rng(1, Purpose::Twin, 0, 0);
    let mut refused = 0;
    for _ in 0..4000 {
        fs::write(&path, damaged(&good, &mut rng)).unwrap();
        match read_npy_f32(&path) {
            Ok(matrix) => assert!(matrix.iter().all(|x| x.is_finite())),
            Err(e) => {
                refused += 1;
                assert!(!e.to_string().contains('\n'), "{e}");
            }
        }
    }
    assert!(refused > 2000, "{refused} of 4000 refused: are the files damaged at all?");
}

#[test]
fn no_text_file_panics() {
    let dir = tempfile::tempdir().unwrap();
    let files = [
        ("a.inter", "userID\titemID\tx_label\n0\t0\t0\n0\t1\t1\n1\t1\t0\n2\t2\t0\n2\t0\t2\n"),
        ("i_id_mapping.csv", "asin\titemID\nA\t0\nB\t1\nC\t2\n"),
        ("items.jsonl", "{\"itemID\":0,\"title\":\"T\"}\n{\"itemID\":2}\n"),
    ];
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let mut rng = keyed_rng(2, Purpose::Twin, 0, 0);
    for (name, text) in files {
        let mut refused = 0;
        for _ in 0..2000 {
            fs::write(dir.path().join(name), damaged(text.as_bytes(), &mut rng)).unwrap();
            match Dataset::load(dir.path()) {
                Ok(data) => assert!(!data.interactions.train.is_empty() && data.interactions.users <= 20),
                Err(e) => {
                    refused += 1;
                    assert!(!e.to_string().contains('\n'), "{e}");
                }
            }
        }
        assert!(refused > 1000, "{name}: {refused} of 2000 refused");
        fs::write(dir.path().join(name), text).unwrap();
    }
}
