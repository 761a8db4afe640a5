//! A random BERT of two layers, whose vectors the reference implementation computed (`golden/make.py`).

use crate::golden::{self, distance, encode, sentences};
use anchorrec_data::read_npy_f32;
use anchorrec_text_encoder::TextEncoder;
use std::fs;
use std::path::Path;

fn tiny() -> TextEncoder {
    TextEncoder::load(&golden::file("tiny")).unwrap()
}

#[test]
fn vectors_are_those_of_the_reference() {
    let want = read_npy_f32(&golden::file("tiny/vectors.npy")).unwrap();
    let got = encode(&tiny(), &sentences());
    let most = distance(&got, &want);
    println!("largest difference {most:e}");
    // Rounding of sums in another order, through two layers, on numbers up to 1.
    assert!(most <= 1e-5, "{most:e}");
    // The two long ones differ only behind their 256th piece.
    let rows = got.nrows();
    assert_eq!(got.row(rows - 1), got.row(rows - 2));
    assert_eq!(got.row(1), got.row(2), "an empty text is as good as spaces");
}

#[test]
fn rows_are_in_the_order_of_the_texts_and_hardly_know_of_each_other() {
    let encoder = tiny();
    let most = golden::distance_of_alone_and_together(&encoder);
    println!("largest difference {most:e}");
    // Rounding, should a product of few rows take another path than one of many.
    assert!(most <= 1e-6, "{most:e}");
    assert_eq!(encode(&encoder, &[] as &[&str]).dim(), (0, 16));
}

#[test]
fn whoever_watches_sees_all_texts_done() {
    let (encoder, texts) = (tiny(), sentences());
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut seen = Vec::new();
    encoder.encode(&texts, &mut |done| seen.push(done)).unwrap();
    assert!(seen.is_sorted() && seen.last() == Some(&texts.len()), "{seen:?}");
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    golden::same_bits_on_any_number_of_threads("tiny::the_number_of_threads_changes_no_bit", &golden::file("tiny"));
}

/// The message after the tiny model was changed.
fn changed(change: impl FnOnce(&Path)) -> String {
    let dir = tempfile::tempdir().unwrap();
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        fs::copy(golden::file("tiny").join(name), dir.path().join(name)).unwrap();
    }
    change(dir.path());
    let outcome = TextEncoder::load(dir.path()).and_then(|encoder| encoder.encode(&["a", "b"], &mut |_| {}));
    outcome.unwrap_err().to_string().replace(&format!("{}/", dir.path().display()), "")
}

#[test]
fn a_missing_file_is_named_with_the_place_where_it_can_be_had() {
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        let message = changed(|folder| fs::remove_file(folder.join(name)).unwrap());
        let address = format!("https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/{name}");
        assert!(message.starts_with(&format!("{name}: expected ")) && message.contains(&address), "{message}");
    }
}

#[test]
fn files_that_are_broken_or_do_not_fit_are_errors_of_one_line() {
    fn replaced(name: &'static str, from: &'static str, to: &'static str) -> impl FnOnce(&Path) {
        move |folder| {
            let text = fs::read_to_string(folder.join(name)).unwrap();
            assert!(text.contains(from), "{name} has {from}");
            fs::write(folder.join(name), text.replacen(from, to, 1)).unwrap();
        }
    }
    fn cut(name: &'static str) -> impl FnOnce(&Path) {
        move |folder| {
            let bytes = fs::read(folder.join(name)).unwrap();
            fs::write(folder.join(name), &bytes[..bytes.len() / 2]).unwrap();
        }
    }
    let not_numbers = |folder: &Path| {
        let path = folder.join("model.safetensors");
        let mut bytes = fs::read(&path).unwrap();
        let end = bytes.len();
        // The last tensor, whichever it is.
        bytes[end - 64..].chunks_exact_mut(4).for_each(|number| number.copy_from_slice(&f32::NAN.to_le_bytes()));
        fs::write(&path, bytes).unwrap();
    };
    let table: [(&str, String); 10] = [
        ("config.json: expected the shape", changed(cut("config.json"))),
        ("tokenizer.json: expected the word pieces", changed(cut("tokenizer.json"))),
        ("model.safetensors: expected the weights", changed(cut("model.safetensors"))),
        (
            "model.safetensors: expected the weights",
            changed(replaced("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3")),
        ),
        (
            "config.json: expected hidden_size to be a multiple of num_attention_heads, found 16 and 0",
            changed(replaced("config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 0")),
        ),
        (
            "config.json: expected hidden_size to be a multiple of num_attention_heads, found 16 and 3",
            changed(replaced("config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 3")),
        ),
        (
            "config.json: expected max_position_embeddings of at least 256, found 255",
            changed(replaced("config.json", "\"max_position_embeddings\": 256", "\"max_position_embeddings\": 255")),
        ),
        (
            "tokenizer.json: expected ids below 77, the vocab_size of config.json, found the id 999",
            changed(replaced("tokenizer.json", "\"old\":76", "\"old\":999")),
        ),
        (
            "tokenizer.json: expected [CLS] and [SEP] around every text, found none around an empty one",
            changed(|folder| {
                let path = folder.join("tokenizer.json");
                let mut all: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                all["post_processor"] = serde_json::Value::Null;
                fs::write(path, all.to_string()).unwrap();
            }),
        ),
        ("text 0: expected a vector, found NaN or infinity", changed(not_numbers)),
    ];
    for (want, message) in table {
        assert!(message.starts_with(want) && !message.contains('\n'), "expected {want}, found {message}");
    }
}
