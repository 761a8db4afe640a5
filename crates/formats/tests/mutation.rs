//! Thousands of damaged files of other people's formats: whatever the bytes, the answer is rows or one line of error, never a panic that
//! leaves the reader, and never much memory. The undamaged files are the seeds of the fuzz targets, written by PyArrow 26, numpy 2.5 and
//! zstandard.
//!
//! A long run: `ANCHORREC_MUTATIONS=200000 cargo test --release -p anchorrec-formats --test mutation -- --nocapture`.

#![cfg(feature = "parquet")]

use anchorrec_files::with_causes;
use anchorrec_formats::features::{self, Asked};
use anchorrec_formats::{Reading, detect, guard, read};
use anchorrec_testkit::allocation::{Counting, alone};
use anchorrec_testkit::hostile::{self, Allowance, Tally};
use anchorrec_testkit::mutation::Mutator;
use std::fs;
use std::io::{self, Cursor, Read, Write};
use std::path::Path;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Text: a row of 4 bytes becomes an event, its place and two ids in an index (`the_worst_rows_there_are`). The constant: buffers of 256 KiB
/// for looking at a file and for reading it, and a record of at most 1 MiB that grows by doubling.
const TEXT: Allowance = Allowance { per_byte: 100, constant: 4 << 20, at_most: usize::MAX };
/// Lists: two bytes become an event, its place and two ids.
const LISTS: Allowance = Allowance { per_byte: 200, constant: 4 << 20, at_most: usize::MAX };
/// Packed text: the same of what it unpacks to; that is bounded by 64 MiB and 1,200 times the length, see `open.rs`.
const PACKED: Allowance = Allowance { per_byte: 1_200 * 100, constant: 16 << 20, at_most: usize::MAX };
/// Arrays as they unpack, and their rows as `f32`.
const NPZ: Allowance = Allowance { per_byte: 1_200 * 5, constant: 1 << 20, at_most: usize::MAX };
/// A number of two bytes becomes a value of JSON and a number, in lists that grow by doubling.
const SINGLE: Allowance = Allowance { per_byte: 256, constant: 1 << 20, at_most: usize::MAX };
/// Pages as they unpack, and their rows.
const PARQUET: Allowance = Allowance { per_byte: 1_200, constant: 64 << 20, at_most: usize::MAX };

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Reads a file of interactions as `prepare` does; a wrong row refuses it.
fn interactions(path: &Path) -> Result<(), String> {
    events(path.parent().unwrap(), Some(path))
}

/// Reads the training lists of a folder that has test lists too, `test` in a file of the same ending.
fn lists(path: &Path, test: &str) -> Result<(), String> {
    let dir = path.parent().unwrap();
    fs::write(dir.join("test").with_extension(path.extension().unwrap()), test).unwrap();
    events(dir, None)
}

fn events(dir: &Path, named: Option<&Path>) -> Result<(), String> {
    let reading = Reading::default();
    let found = detect::detect(dir, named, &reading);
    let source = found.and_then(|found| read::read(&found, &reading));
    let (source, _) = source.map_err(|error| with_causes(&error))?;
    source.problems.first().map_or(Ok(()), |problem| Err(with_causes(problem)))
}

fn vectors(path: &Path) -> Result<(), String> {
    features::read(&Asked::file(path)).map(drop).map_err(|error| with_causes(&error))
}

fn damaged(target: &str, name: &str, seed: u64, allowance: Allowance, parse: impl Fn(&Path) -> Result<(), String>) {
    guard::quiet();
    let (alone, dir) = (alone(), tempfile::tempdir().unwrap());
    let (path, corpus) = (dir.path().join(name), seeds(target));
    let read = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        parse(&path)
    };
    // Some seeds are for the other reader of the same format.
    assert!(corpus.iter().any(|good| read(good).is_ok()), "no seed of {target} is read as {name}");
    let mut mutator = Mutator::new(seed, corpus);
    let count = hostile::inputs(600);
    let Tally { accepted, refused } = hostile::check_all(name, &alone, count, allowance, || mutator.damaged(), read);
    assert!(accepted > 0 && refused > accepted / 10, "{name}: {accepted} accepted, {refused} refused");
}

#[test]
fn tables_of_text() {
    damaged("table", "a.csv", 1, TEXT, interactions);
}

#[test]
fn json_lines() {
    damaged("json_lines", "a.jsonl", 2, TEXT, interactions);
    damaged("json_lines", "text_feat.jsonl", 8, TEXT, vectors);
}

#[test]
fn published_lists() {
    damaged("lists", "train.txt", 11, LISTS, |path| lists(path, "0 9\n"));
    damaged("objects", "train.json", 12, LISTS, |path| lists(path, "{\"0\": [9]}"));
    damaged("impressions", "behaviors.tsv", 13, TEXT, interactions);
}

#[test]
fn packed_text() {
    damaged("packed", "a.csv.gz", 3, PACKED, interactions);
    damaged("packed", "a.csv.zst", 4, PACKED, interactions);
}

#[test]
fn npz() {
    damaged("npz", "text_feat.npz", 5, NPZ, vectors);
}

#[test]
fn a_vector_in_a_file_of_its_own() {
    let folder = |path: &Path| vectors(path.parent().unwrap());
    damaged("single", "a.json", 9, SINGLE, folder);
    damaged("single", "a.txt", 10, SINGLE, folder);
}

#[test]
fn parquet() {
    damaged("parquet", "a.parquet", 6, PARQUET, interactions);
    damaged("parquet", "text_feat.parquet", 7, PARQUET, vectors);
}

#[test]
fn names_in_an_archive_are_shown_on_one_line_and_below_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("text_feat.npz");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    archive.start_file("/etc/\n\0a.npy", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(b"no array").unwrap();
    archive.finish().unwrap();
    let said = vectors(&path).unwrap_err();
    assert!(!said.contains(char::is_control) && said.contains("text_feat.npz/etc/"), "{said:?}");
}

#[test]
fn the_worst_rows_there_are() {
    let (alone, dir) = (alone(), tempfile::tempdir().unwrap());
    let distinct: String = (0..100_000).map(|n| format!("{n},{n}\n")).collect();
    let objects: String = (0..30_000).map(|n| format!("{{\"user\":{n},\"item\":{n}}}\n")).collect();
    for (name, text) in [
        ("a.csv", format!("user,item\n{}", "a,b\n".repeat(250_000))),
        ("a.csv", format!("user,item\n{distinct}")),
        ("a.csv", format!("user,item\n{}", "a\n".repeat(250_000))),
        ("a.csv", format!("user,item\n\"{}", "x".repeat(3 << 20))),
        ("a.jsonl", objects),
        ("text_feat.jsonl", format!("{{\"item_id\":1,\"emb\":[{}1]}}\n", "1,".repeat(500_000))),
        (
            "text_feat.json",
            format!("{{{}\"x\":[1]}}", (0..50_000).map(|n| format!("\"{n}\":[1],")).collect::<String>()),
        ),
        ("a.jsonl", format!("{{\"user\":1,\"item\":1}}\n{{\"user\":{}", "[".repeat(500_000))),
        ("behaviors.tsv", format!("1\tu\t11/11/2019 9:05:58 AM\t\t{}", "a-1 ".repeat(250_000))),
    ] {
        hostile::check(name, &alone, text.as_bytes(), TEXT, |bytes| {
            fs::write(dir.path().join(name), bytes).unwrap();
            let path = dir.path().join(name);
            if name.starts_with("text_feat") { vectors(&path) } else { interactions(&path) }
        });
    }
}

#[test]
fn the_worst_lists_there_are() {
    let (alone, dir) = (alone(), tempfile::tempdir().unwrap());
    for (name, text, test) in [
        ("train.txt", format!("0{}\n", " 1".repeat(500_000)), "0 9\n"),
        ("train.txt", "7 \n8\n".repeat(100_000), "0 9\n"),
        ("train.json", format!("{{\"0\":[1{}]}}", ",1".repeat(500_000)), "{\"0\": [9]}"),
        ("train.json", format!("{{\"0\":{}", "[".repeat(500_000)), "{\"0\": [9]}"),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, &text).unwrap();
        hostile::check(name, &alone, text.as_bytes(), LISTS, |_| lists(&path, test));
        fs::remove_file(&path).unwrap();
        fs::remove_file(dir.path().join("test").with_extension(path.extension().unwrap())).unwrap();
    }
}

#[test]
fn what_unpacks_without_end_or_promises_terabytes() {
    let (alone, dir) = (alone(), tempfile::tempdir().unwrap());
    let small = Allowance { per_byte: 0, constant: 16 << 20, at_most: usize::MAX };
    let zst = zstd::encode_all(io::repeat(b'\n').take(300 << 20), 1).unwrap();
    assert!(zst.len() < 100_000, "it would not be a bomb");
    let path = dir.path().join("a.csv.zst");
    fs::write(&path, &zst).unwrap();
    assert!(!hostile::check("a.csv.zst", &alone, &zst, small, |_| interactions(&path)), "accepted");
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("features.npy", zip::write::SimpleFileOptions::default()).unwrap();
    let head = "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 4)}";
    let length = (head.len() as u16).to_le_bytes();
    archive.write_all(&[b"\x93NUMPY\x01\x00", &length[..], head.as_bytes(), &[0; 64]].concat()).unwrap();
    let bytes = archive.finish().unwrap().into_inner();
    let path = dir.path().join("text_feat.npz");
    fs::write(&path, &bytes).unwrap();
    assert!(!hostile::check("text_feat.npz", &alone, &bytes, small, |_| vectors(&path)), "accepted");
}
