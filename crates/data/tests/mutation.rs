//! Thousands of damaged files: whatever the bytes, the answer is a value or one line of error, never a panic, and never much memory.
//!
//! A long run: `ANCHORREC_MUTATIONS=200000 cargo test --release -p anchorrec-data --test mutation -- --nocapture`.

use anchorrec_data::{DataError, Dataset, Manifest, read_npy_f32, write_npy_f16, write_npy_f32};
use anchorrec_testkit::allocation::{Alone, Counting, alone};
use anchorrec_testkit::hostile::{self, Allowance, Tally};
use anchorrec_testkit::mutation::Mutator;
use ndarray::Array2;
use std::fs;
use std::path::Path;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a folder's text files may take. Measured: at most 8.3, by an item mapping of ascending ids without names; the rows of all three formats
/// come near (`the_worst_rows_there_are`). A row of `.inter` has 6 bytes or more and becomes 12; a row of a mapping has 3 and becomes 8,
/// and 24 for each id; an object of `items.jsonl` has 13 and becomes 32 and 24; vectors that grow are there twice, half empty.
///
/// The constant: two files are read at once, each through a buffer of 64 KiB; the folder's other files are small.
const TEXT: Allowance = Allowance { per_byte: 9, constant: 160 << 10, at_most: usize::MAX };
/// A number of 2 bytes becomes 4, twice when the file is in Fortran's order, and is read through a buffer: measured, 4.8.
const NPY: Allowance = Allowance { per_byte: 5, constant: 16 << 10, at_most: usize::MAX };
/// The library that parses TOML collects every mistake before it reports one: `[{.}{.}...` was measured at 868, and texts that are right
/// stay below 110. Therefore texts beyond 16 KiB are not parsed, and none takes more than 14 MiB.
const MANIFEST: Allowance = Allowance { per_byte: 870, constant: 64 << 10, at_most: 14 << 20 };

const INTER: [&str; 3] = [
    "userID\titemID\tx_label\n0\t0\t0\n0\t1\t1\n1\t1\t0\n2\t2\t0\n2\t0\t2\n",
    "\u{feff}x_label\trating\titemID\tuserID\r\n0\t5.0\t0\t0\r\n0\t1\t1\t1\r\n2\t1\t2\t0\r\n0\t1\t2\t2",
    "userID\titemID\tx_label\n0\t0\t0\n1\t1\t0\n2\t2\t0\n3\t1\t0\n4\t0\t0\n5\t2\t0\n6\t1\t1\n7\t1\t2\n",
];

/// A folder that loads, apart from the features.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.inter"), INTER[0]).unwrap();
    fs::write(dir.path().join("i_id_mapping.csv"), "asin\titemID\nA\t0\nB\t1\nC\t2\n").unwrap();
    fs::write(dir.path().join("u_id_mapping.csv"), "userID,reviewer\n0,a\n1,b\n2,c\n").unwrap();
    fs::write(dir.path().join("items.jsonl"), "{\"itemID\":0,\"title\":\"T\"}\n{\"itemID\":2}\n").unwrap();
    // The pool of threads allocates when it is first used; that is not the reader's doing.
    Dataset::load(dir.path()).unwrap();
    dir
}

fn said<T>(outcome: Result<T, DataError>) -> Result<T, String> {
    outcome.map_err(|e| e.to_string())
}

fn load(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
    fs::write(dir.join(name), bytes).unwrap();
    said(Dataset::load(dir)).map(|data| {
        assert!(!data.interactions.train.is_empty());
        assert!(data.interactions.users <= 3000 && data.interactions.items <= 3000, "made up out of nothing");
    })
}

fn read_npy(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).unwrap();
    said(read_npy_f32(path)).map(|matrix| assert!(matrix.iter().all(|x| x.is_finite())))
}

fn read_manifest(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).unwrap();
    said(Manifest::load(path)).map(drop)
}

/// Asserts that both answers occur: else the files are not damaged, or not nearly right.
fn both_answers(tally: Tally) {
    assert!(tally.accepted * 100 > tally.refused && tally.refused > tally.accepted / 10, "{tally:?}");
}

fn text_file(alone: &Alone, name: &str, seed: u64, corpus: &[&str]) {
    let dir = folder();
    let mut mutator = Mutator::new(seed, corpus.iter().copied());
    let read = |bytes: &[u8]| load(dir.path(), name, bytes);
    both_answers(hostile::check_all(name, alone, hostile::inputs(1200), TEXT, || mutator.damaged(), read));
}

#[test]
fn interactions() {
    // No mapping: ids are limited by the number of rows alone.
    let (alone, dir) = (alone(), tempfile::tempdir().unwrap());
    fs::write(dir.path().join("a.inter"), INTER[0]).unwrap();
    Dataset::load(dir.path()).unwrap();
    let mut mutator = Mutator::new(1, INTER);
    let read = |bytes: &[u8]| load(dir.path(), "a.inter", bytes);
    both_answers(hostile::check_all("a.inter", &alone, hostile::inputs(1200), TEXT, || mutator.damaged(), read));
}

#[test]
fn item_mapping() {
    let corpus = [
        "asin\titemID\nA\t0\nB\t1\nC\t2\n",
        "itemID,asin\n2,long name\n0,\n1,B\n",
        "itemID\tn\r\n0\t\r\n1\tü\r\n2\t2\r\n",
    ];
    text_file(&alone(), "i_id_mapping.csv", 2, &corpus);
}

#[test]
fn user_mapping() {
    text_file(&alone(), "u_id_mapping.csv", 3, &["userID,reviewer\n0,a\n1,b\n2,c\n", "id\tuserID\na\t2\nb\t1\nc\t0"]);
}

#[test]
fn items() {
    let corpus = [
        "{\"itemID\":0,\"title\":\"T\"}\n{\"itemID\":2}\n",
        "{\"title\":\"\\u00e9\\ud83d\\ude00\\n\",\"itemID\":1,\"more\":[{\"a\":[1e5,null]},true]}\r\n{\"itemID\":0,\"title\":null}",
    ];
    text_file(&alone(), "items.jsonl", 4, &corpus);
}

/// Files of every number, byte order, order of axes and version.
fn npy_corpus(path: &Path) -> Vec<Vec<u8>> {
    let matrix = Array2::from_shape_fn((5, 3), |(i, j)| (i * 3 + j) as f32);
    write_npy_f32(path, matrix.view()).unwrap();
    let mut corpus = vec![fs::read(path).unwrap()];
    write_npy_f16(path, matrix.mapv(half::f16::from_f32).view()).unwrap();
    corpus.push(fs::read(path).unwrap());
    for (version, descr, bytes) in [(1, ">f2", 2), (2, ">f4", 4), (3, "<f8", 8), (1, ">f8", 8)] {
        for order in ["False", "True"] {
            let text = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': (2L, 3), }}");
            corpus.push(npy(version, &text, &vec![0; 6 * bytes]));
        }
    }
    corpus
}

fn npy(version: u8, text: &str, data: &[u8]) -> Vec<u8> {
    let mut file = b"\x93NUMPY".to_vec();
    file.extend([version, 0]);
    match version {
        1 => file.extend((text.len() as u16).to_le_bytes()),
        _ => file.extend((text.len() as u32).to_le_bytes()),
    }
    file.extend(text.as_bytes());
    file.extend(data);
    file
}

#[test]
fn features() {
    let (alone, dir) = (alone(), tempfile::tempdir().unwrap());
    let path = dir.path().join("x.npy");
    let corpus = npy_corpus(&path);
    for good in &corpus {
        read_npy(&path, good).unwrap();
    }
    let mut mutator = Mutator::new(5, corpus);
    let read = |bytes: &[u8]| read_npy(&path, bytes);
    both_answers(hostile::check_all("x.npy", &alone, hostile::inputs(1500), NPY, || mutator.damaged(), read));
}

#[test]
fn manifest() {
    let (alone, dir) = (alone(), tempfile::tempdir().unwrap());
    let path = dir.path().join("manifest.toml");
    let documented =
        include_str!("../src/manifest.rs").lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let example: Vec<&str> = documented.skip_while(|l| *l != "```toml").skip(1).take_while(|l| *l != "```").collect();
    let short = "name = \"a\"\ntitle = '''A\nB'''\ncounts = { users = 3, items = 0x2, interactions = 5 }\n\
                 settings.a.b = [1, 2.5, 1979-05-27T07:32:00Z, \"\\u00e9\", { c = true }]\n";
    let corpus = [example.join("\n"), short.to_owned()];
    for good in &corpus {
        read_manifest(&path, good.as_bytes()).unwrap();
    }
    let mut mutator = Mutator::new(6, corpus);
    let read = |bytes: &[u8]| read_manifest(&path, bytes);
    both_answers(hostile::check_all(
        "manifest.toml",
        &alone,
        hostile::inputs(2000),
        MANIFEST,
        || mutator.damaged(),
        read,
    ));
}

#[test]
fn npy_headers_that_promise_terabytes() {
    let (alone, dir) = (alone(), tempfile::tempdir().unwrap());
    let path = dir.path().join("x.npy");
    let of = |shape: &str| npy(1, &format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}"), &[0; 64]);
    let mut files: Vec<Vec<u8>> = [
        "(1099511627776, 1)",
        "(1048576, 1048576)",
        "(18446744073709551615, 18446744073709551615)",
        "(4611686018427387904, 4)",
        "(4611686018427387905, 4)",
        "(16, 1152921504606846977)",
    ]
    .map(of)
    .into();
    // The length of the header itself: 4 GiB.
    files.push([&b"\x93NUMPY\x02\x00\xff\xff\xff\xff"[..], &[b' '; 70_000]].concat());
    for file in files {
        assert!(!hostile::check("terabytes", &alone, &file, NPY, |bytes| read_npy(&path, bytes)), "accepted");
    }
}

#[test]
fn the_worst_rows_there_are() {
    let alone = alone();
    let shortest = |head: &str, row: &str| format!("{head}{}", row.repeat(300_000));
    let distinct = |head: &str, row: &dyn Fn(usize) -> String| {
        let mut text = head.to_owned();
        (0..300_000).for_each(|n| text += &row(n));
        text
    };
    let inter = "userID\titemID\tx_label\n";
    let files = [
        ("a.inter", shortest(inter, "0\t0\t0\n")),
        ("a.inter", shortest("", "\n")),
        ("i_id_mapping.csv", shortest("itemID,x\n", "0,\n")),
        ("i_id_mapping.csv", distinct("itemID,x\n", &|n| format!("{n},\n"))),
        ("u_id_mapping.csv", shortest("userID\tx\n", "0\t\n")),
        ("u_id_mapping.csv", distinct("userID,x\n", &|n| format!("{n},\n"))),
        ("items.jsonl", shortest("", "{\"itemID\":0}\n")),
        ("items.jsonl", shortest("", "{\"itemID\":0,\"title\":\"\"}\n")),
        // One line of a gigabyte is the same to the reader, which stops at 1 MiB.
        ("a.inter", "userID\titemID\tx_label".repeat(200_000)),
        ("i_id_mapping.csv", "itemID,".repeat(140_000)),
        ("items.jsonl", format!("{{\"itemID\":0,\"title\":\"{}\"}}", "x".repeat(4 << 20))),
        ("items.jsonl", format!("{{\"itemID\":0,\"x\":{}", "[".repeat(1_000_000))),
        ("items.jsonl", format!("{{\"itemID\":0,\"x\":{}", "{\"a\":".repeat(200_000))),
    ];
    for (name, text) in files {
        let dir = folder();
        let what = format!("{name} of {:?}...", &text[..40.min(text.len())]);
        hostile::check(&what, &alone, text.as_bytes(), TEXT, |bytes| {
            fs::write(dir.path().join(name), bytes).unwrap();
            said(Dataset::load(dir.path())).map(drop)
        });
    }
    // Many rows, none of them finite.
    let dir = tempfile::tempdir().unwrap();
    for order in ["False", "True"] {
        let text = format!("{{'descr': '<f2', 'fortran_order': {order}, 'shape': (300000, 1)}}");
        hostile::check("NaN", &alone, &npy(1, &text, &[0xff; 600_000]), NPY, |bytes| {
            read_npy(&dir.path().join("x"), bytes)
        });
        let text = format!("{{'descr': '<f2', 'fortran_order': {order}, 'shape': (1500, 200)}}");
        assert!(hostile::check("f2", &alone, &npy(1, &text, &[0; 600_000]), NPY, |bytes| read_npy(
            &dir.path().join("x"),
            bytes
        )));
    }
    let text = format!("{{'descr': '<f2', 'fortran_order': True, 'shape': ({}", "1,".repeat(30_000));
    hostile::check("dimensions", &alone, &npy(1, &format!("{text})}}"), &[0; 2]), NPY, |b| {
        read_npy(&dir.path().join("x"), b)
    });
}

#[test]
fn toml_that_is_deep_or_long() {
    let (alone, dir) = (alone(), tempfile::tempdir().unwrap());
    let path = dir.path().join("manifest.toml");
    let head = "name = \"a\"\ntitle = \"A\"\ncounts = { users = 3, items = 2, interactions = 5 }\n";
    let deep = |open: &str, n: usize| format!("{head}[settings]\na = {}", open.repeat(n));
    let files = [
        deep("[", 16_000),
        deep("{a=", 5_400),
        format!("{head}settings{} = 1\n", ".a".repeat(8_000)),
        format!("{head}[settings{}]\n", ".a".repeat(8_000)),
        format!("{head}[settings]\n{}", (0..2_000).map(|n| format!("k{n}=1\n")).collect::<String>()),
        format!("{head}[settings]\na=[{}]", "1,".repeat(8_000)),
        format!("{head}[settings]\na=[{}]", "[],".repeat(5_400)),
        format!("{head}[settings]\na=[{}]", "{},".repeat(5_400)),
        format!("{head}{}", "[[settings.a]]\n".repeat(1_080)),
        format!("{head}{}", "=\n".repeat(8_000)),
        format!("{head}[settings]\na = [{}", "{.}".repeat(5_400)),
        // Longer than is read.
        deep("[", 1_000_000),
        format!("{head}# {}", "x".repeat(3 << 20)),
    ];
    for text in files {
        let what = format!("manifest with {:?}...", text[head.len()..].chars().take(30).collect::<String>());
        hostile::check(&what, &alone, text.as_bytes(), MANIFEST, |bytes| read_manifest(&path, bytes));
    }
}
