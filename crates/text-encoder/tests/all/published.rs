//! The published model, where `$ANCHORREC_MINILM` names its folder, against the reference implementation (`golden/make.py`).

use crate::golden::{self, distance, encode, sentences};
use anchorrec_data::read_npy_f32;
use anchorrec_text_encoder::TextEncoder;
use anchorrec_text_encoder::hub::ModelFile;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::{env, fs};

fn folder() -> Option<PathBuf> {
    let folder = env::var_os("ANCHORREC_MINILM").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: ANCHORREC_MINILM names no folder of all-MiniLM-L6-v2");
    }
    folder
}

#[test]
fn its_files_are_those_that_the_hub_should_give() {
    let Some(folder) = folder() else { return };
    for file in ModelFile::ALL {
        let bytes = fs::read(folder.join(file.name)).unwrap();
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((bytes.len() as u64, sha256.as_str()), (file.bytes, file.sha256), "{}", file.name);
    }
}

#[test]
fn vectors_are_those_of_the_reference() {
    let Some(folder) = folder() else { return };
    let want = read_npy_f32(&golden::file("all-minilm-l6-v2.npy")).unwrap();
    let encoder = TextEncoder::load(&folder).unwrap();
    let most = distance(&encode(&encoder, &sentences()), &want);
    println!("largest difference from the reference {most:e}");
    assert!(most <= 1e-4, "{most:e}");
    let most = golden::distance_of_alone_and_together(&encoder);
    println!("largest difference between alone and together {most:e}");
    assert!(most <= 1e-6, "{most:e}");
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let Some(folder) = folder() else { return };
    golden::same_bits_on_any_number_of_threads("published::the_number_of_threads_changes_no_bit", &folder);
}
