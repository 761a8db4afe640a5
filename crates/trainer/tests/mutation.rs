//! Thousands of damaged configurations and checkpoints: a value or one line of error, never a panic, and never much memory.
//!
//! A long run: `ANCHORREC_MUTATIONS=200000 cargo test --release -p anchorrec-trainer --test mutation -- --nocapture`.

use anchorrec_encoders::{Gradients, Params};
use anchorrec_files::disk::FileSystem;
use anchorrec_files::tensors::TensorsError;
use anchorrec_models::MODELS;
use anchorrec_records::report::EpochRecord;
use anchorrec_testkit::allocation::{Counting, alone};
use anchorrec_testkit::hostile::{self, Allowance, Tally};
use anchorrec_testkit::mutation::Mutator;
use anchorrec_trainer::adam::Adam;
use anchorrec_trainer::checkpoint::{self, About, State};
use anchorrec_trainer::{ConfigError, ConfigLayers, Identity, RunConfig};
use ndarray::array;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The library that parses TOML collects every mistake before it reports one: `[{.}{.}...` was measured at 868, and texts that are right
/// stay below 110. Therefore texts beyond 16 KiB are not parsed, and none takes more than 14 MiB. The constant: the tables of all settings.
const CONFIG: Allowance = Allowance { per_byte: 870, constant: 64 << 10, at_most: 14 << 20 };
/// A list such as `[0,0,...]` has a number for two bytes; while its vector grows it takes 24 for one. Beside it stand the header and
/// what it says: measured, 13.2 with the constant, which is a buffer of 1 MiB.
const CHECKPOINT: Allowance = Allowance { per_byte: 13, constant: (1 << 20) + (64 << 10), at_most: usize::MAX };

/// Asserts that both answers occur: else the files are not damaged, or not nearly right.
fn both_answers(tally: Tally) {
    assert!(tally.accepted * 100 > tally.refused && tally.refused > tally.accepted / 10, "{tally:?}");
}

fn configuration(put: impl FnOnce(&mut ConfigLayers) -> Result<(), ConfigError>) -> Result<(), String> {
    let mut layers = ConfigLayers::new(MODELS);
    let config = put(&mut layers).and_then(|()| layers.finish()).map_err(|e| e.to_string())?;
    config.check().map(drop).map_err(|e| e.to_string())
}

fn toml_text(bytes: &[u8]) -> Result<(), String> {
    let text = str::from_utf8(bytes).map_err(|e| e.to_string())?;
    configuration(|layers| layers.put_toml("x.toml", text))
}

fn assignment(bytes: &[u8]) -> Result<(), String> {
    let text = str::from_utf8(bytes).map_err(|e| e.to_string())?;
    configuration(|layers| layers.set(text))
}

#[test]
fn configurations() {
    let alone = alone();
    let corpus = [
        toml::to_string(&RunConfig::defaults(MODELS)).unwrap(),
        "model = \"lightgcn\"\ntrain.seeds = [1, 2]\n[lightgcn]\nlayers = 2\n[protocol]\nat = [10, 20]\n".to_owned(),
    ];
    for good in &corpus {
        toml_text(good.as_bytes()).unwrap();
    }
    let mut mutator = Mutator::new(1, corpus);
    let next = || mutator.damaged();
    both_answers(hostile::check_all("configuration", &alone, hostile::inputs(1500), CONFIG, next, toml_text));
}

#[test]
fn assignments() {
    let alone = alone();
    let corpus = [
        "anchorrec.temperature=0.05",
        "anchorrec.weights.amp = 1",
        "train.seeds=[1, 2]",
        "anchorrec.targets=frozen",
        "model=lightgcn",
        "protocol={at=[20],mask_validation_at_test=true}",
    ];
    for good in corpus {
        assignment(good.as_bytes()).unwrap();
    }
    let mut mutator = Mutator::new(2, corpus);
    both_answers(hostile::check_all("--set", &alone, hostile::inputs(3000), CONFIG, || mutator.damaged(), assignment));
}

#[test]
fn toml_that_is_deep_or_long() {
    let alone = alone();
    let files = [
        format!("model={}", "[".repeat(16_000)),
        format!("model={}", "{a=".repeat(5_400)),
        format!("train{}=1", ".a".repeat(8_000)),
        format!("[train{}]", ".a".repeat(8_000)),
        (0..2_000).map(|n| format!("k{n}=1\n")).collect(),
        format!("train.seeds=[{}]", "1,".repeat(8_000)),
        format!("train.seeds=[{}]", (0..3_000).map(|n| format!("{n},")).collect::<String>()),
        format!("protocol.at=[{}]", "[],".repeat(5_400)),
        format!("protocol.at=[{}]", "{},".repeat(5_400)),
        "=\n".repeat(8_000),
        format!("model = \"{}\"", "x".repeat(16_000)),
        format!("\"{}\" = 1", "x".repeat(16_000)),
        format!("train.seeds=[{}", "{.}".repeat(5_400)),
        format!("protocol={}", "={".repeat(8_000)),
        // Longer than is parsed.
        format!("train{}=1", ".a".repeat(1_000_000)),
        format!("# {}", "x".repeat(3 << 20)),
    ];
    for text in files {
        let cut: String = text.chars().take(30).collect();
        hostile::check(&format!("configuration {cut:?}..."), &alone, text.as_bytes(), CONFIG, toml_text);
        hostile::check(&format!("--set {cut:?}..."), &alone, text.as_bytes(), CONFIG, assignment);
    }
}

#[test]
fn an_assignment_is_one_assignment() {
    for more in ["train.epochs=1\nmodel='lightgcn'", "train.epochs=1\n[x]", "train.epochs=1\u{1b}[2J\n"] {
        let message = assignment(more.as_bytes()).unwrap_err();
        assert!(!message.chars().any(char::is_control), "{message:?}");
    }
}

fn model() -> Params<f32> {
    let mut params = Params::new();
    params.add("z.weight", array![[1.5f32, -2.0], [0.0, 3.25]]);
    params.add_vector("a.bias", array![[7.0f32]]);
    params.add("unused", array![[1.0f32]]);
    params.keep("table", array![[4.0f32, 5.0]]);
    params
}

/// A checkpoint in the middle of a run, with moments and a curve.
fn written(path: &Path) -> Vec<u8> {
    let mut params = model();
    let mut adam = Adam::new(&params);
    let mut gradients = Gradients::zero(&params);
    gradients.add(params.id("z.weight").unwrap(), array![[0.1f32, -0.2], [0.3, 0.0]]);
    adam.update(&mut params, &gradients, 0.01);
    let missed = [("z.weight".to_owned(), 1)].into();
    let mut state = State { seed: 9, epoch: 3, step: 17, loss: 0.3, updates: adam.steps, missed, ..State::default() };
    state.terms.insert("bpr".into(), 1.0 / 3.0);
    let valid = Some([("recall@20".to_owned(), 0.1)].into());
    let record = EpochRecord {
        epoch: 1,
        learning_rate: 0.1,
        loss: 1.0,
        terms: state.terms.clone(),
        valid,
        test: None,
        seconds: 1.0,
    };
    state.progress.curve = vec![record.clone(), record];
    let identity = Identity::new(&RunConfig::defaults(MODELS).check().unwrap(), &[]);
    checkpoint::write(&FileSystem, path, &About { identity, state }, &params, &adam).unwrap();
    fs::read(path).unwrap()
}

fn read(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).unwrap();
    let said = |e: TensorsError| e.to_string();
    let mut params = model();
    let mut adam = Adam::new(&params);
    let seed = checkpoint::about(path).map(|about| about.state.seed);
    let about = checkpoint::read(path, &mut params, &mut adam).map_err(said)?;
    assert_eq!(seed.map_err(said)?, about.state.seed);
    Ok(())
}

/// The header of a file, and what follows it up to the seal.
fn parts(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    (file[8..8 + header].to_vec(), file[8 + header..file.len() - 32].to_vec())
}

/// A file whose length and seal are right, whatever its header says: somebody who writes files on purpose can do so too.
fn sealed(header: &[u8], data: &[u8]) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    let seal = Sha256::digest(&file);
    file.extend(seal);
    file
}

#[test]
fn checkpoints() {
    let (alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let path = folder.path().join("c.safetensors");
    let good = written(&path);
    read(&path, &good).unwrap();
    let (header, data) = parts(&good);
    assert_eq!(sealed(&header, &data), good);
    let read = |bytes: &[u8]| read(&path, bytes);

    let mut mutator = Mutator::new(3, [good]);
    let next = || mutator.damaged();
    let tally = hostile::check_all("checkpoint", &alone, hostile::inputs(2000), CHECKPOINT, next, read);
    // An edit can give back what was there; then the file is good, and nearly never else.
    assert!(tally.accepted * 50 < tally.refused, "{tally:?}");
    let mut mutator = Mutator::new(4, [header]);
    let next = || sealed(&mutator.damaged(), &data);
    both_answers(hostile::check_all("checkpoint, sealed", &alone, hostile::inputs(2000), CHECKPOINT, next, read));
}

#[test]
fn checkpoints_that_promise_terabytes() {
    let (alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let path = folder.path().join("c.safetensors");
    let of = |header: &str| sealed(header.as_bytes(), &[0; 64]);
    let tensor = |shape: &str, to: &str| {
        of(&format!(r#"{{"z.weight":{{"dtype":"F32","shape":{shape},"data_offsets":[0,{to}]}}}}"#))
    };
    let mut files = vec![
        tensor("[1099511627776]", "4398046511104"),
        tensor("[18446744073709551615,18446744073709551615]", "64"),
        tensor("[2,2]", "18446744073709551615"),
        of(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#),
    ];
    for length in [u64::MAX, u64::MAX - 7, 1 << 40, 64 << 20] {
        files.push([&length.to_le_bytes()[..], &[b'{'; 64]].concat());
    }
    for file in files {
        let refused = !hostile::check("terabytes", &alone, &file, CHECKPOINT, |bytes| read(&path, bytes));
        assert!(refused, "accepted: {}", file.escape_ascii());
    }
}

#[test]
fn checkpoints_whose_headers_are_deep_or_long() {
    let (alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let path = folder.path().join("c.safetensors");
    let good = written(&path);
    let (header, data) = parts(&good);
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    let about = header["__metadata__"]["anchorrec"].as_str().unwrap();
    let says = |about: String| {
        let mut header = header.clone();
        header["__metadata__"]["anchorrec"] = about.into();
        header.to_string()
    };
    let many = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<Vec<_>>().join(",");
    let entry = r#":{"dtype":"F32","shape":[],"data_offsets":[0,0]}"#;
    let record = r#"{"epoch":1,"learning_rate":0,"loss":0,"terms":{},"valid":null,"test":null,"seconds":0}"#;
    let headers = [
        "[".repeat(1_000_000),
        "{\"a\":".repeat(200_000),
        format!("{{\"a\":{{\"dtype\":{}", "[".repeat(1_000_000)),
        format!("{{{}}}", many(20_000, &|n| format!("\"{n}\"{entry}"))),
        format!("{{{}}}", many(20_000, &|_| format!("\"\"{entry}"))),
        format!("{{\"__metadata__\":{{{}}}}}", many(60_000, &|n| format!("\"{n}\":\"\""))),
        format!(
            "{{\"a\":{{\"dtype\":\"F32\",\"shape\":[{}],\"data_offsets\":[0,0]}}}}",
            many(300_000, &|_| "0".into())
        ),
        format!("{{\"{}\"{entry}}}", "x".repeat(300_000)),
        says("[".repeat(1_000_000)),
        says(about.replace("\"curve\":[", &format!("\"curve\":[{record},{}", format!("{record},").repeat(10_000)))),
        says(about.replacen("\"terms\":{", &format!("\"terms\":{{{},", many(60_000, &|n| format!("\"{n}\":0"))), 1)),
        says(about.replace("\"seeds\":[", &format!("\"seeds\":[{},", many(300_000, &|_| "0".into())))),
        says(about.replace("\"model\":\"", &format!("\"model\":\"\\u001b\\n{}", "x".repeat(300_000)))),
    ];
    for header in headers {
        let what = format!("header {:?}...", header.chars().take(30).collect::<String>());
        hostile::check(&what, &alone, &sealed(header.as_bytes(), &data), CHECKPOINT, |bytes| read(&path, bytes));
    }
}
