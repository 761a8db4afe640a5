//! Foreign layouts as they come: the same rows give the same set, and what is wrong is named with its place.

use anchorrec_data::{Dataset, Modality};
use anchorrec_prepare::own::{self, Foreign, Layout, Options, Own, Plan, SplitRule, write::prepare};
use half::f16;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use safetensors::tensor::{Dtype, TensorView};
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const ROWS: [(&str, &str, i64); 5] =
    [("u1", "a", 30), ("u2", "a", 10), ("u1", "b", 20), ("u1", "c", 10), ("u1", "a", 5)];

type Fill = Box<dyn FnMut(&mut ColumnWriter)>;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
    folder
}

#[track_caller]
fn foreign(folder: &Path) -> Foreign {
    match own::read(folder, &Options::default()) {
        Ok(Own::Foreign(foreign)) => *foreign,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn fails_with(folder: &Path, parts: &[&str]) {
    let message = own::read(folder, &Options::default()).unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    parts.iter().for_each(|part| assert!(message.contains(part), "`{part}` is not in: {message}"));
}

fn rows(foreign: &Foreign) -> Vec<(String, String, i64)> {
    let events = &foreign.source.events;
    let name = |row: &anchorrec_prepare::Event| {
        let (user, item) = (events.users.name(row.user), events.items.name(row.item));
        (user.to_owned(), item.to_owned(), row.time.map_or(0, |time| time.seconds()))
    };
    events.rows.iter().map(name).collect()
}

fn want() -> Vec<(String, String, i64)> {
    ROWS.iter().map(|&(user, item, time)| (user.to_owned(), item.to_owned(), time)).collect()
}

fn lines(header: &str, row: impl Fn(&str, &str, i64) -> String) -> String {
    ROWS.iter().fold(header.to_owned() + "\n", |text, &(user, item, time)| text + &row(user, item, time) + "\n")
}

/// A Parquet file of one row group: each function fills one column.
fn parquet(path: &Path, schema: &str, mut columns: Vec<Fill>) {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for fill in &mut columns {
        let mut column = group.next_column().unwrap().unwrap();
        fill(column.untyped());
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

fn strings(texts: &'static [&'static str]) -> Fill {
    Box::new(|column| {
        let ColumnWriter::ByteArrayColumnWriter(writer) = column else { panic!() };
        let values: Vec<ByteArray> = texts.iter().map(|text| ByteArray::from(*text)).collect();
        writer.write_batch(&values, None, None).unwrap();
    })
}

/// Lists of two.
fn lists(numbers: &'static [f32]) -> Fill {
    Box::new(|column| {
        let ColumnWriter::FloatColumnWriter(writer) = column else { panic!() };
        let levels: Vec<i16> = (0..numbers.len()).map(|place| (place % 2) as i16).collect();
        writer.write_batch(numbers, Some(&vec![1; numbers.len()]), Some(&levels)).unwrap();
    })
}

const FEATURES: &str = "message m { required binary item (UTF8);
    required group embedding (LIST) { repeated group list { required float element; } } }";

#[test]
fn every_layout_gives_the_same_rows() {
    let csv = folder(&[("a.csv", &lines("userID,rating,itemID,timestamp", |u, i, t| format!("{u},5,{i},{t}")))]);
    let tsv = folder(&[("a.tsv", &lines("user\titem\ttime", |u, i, t| format!("{u}\t{i}\t{t}.5")))]);
    let typed = "user_id:token\titem_id:token\trating:float\ttimestamp:float";
    let typed = lines(typed, |u, i, t| format!("{u}\t{i}\t1\t{t}"));
    let items = "item_id:token\ttitle:token_seq\na\tThe \"first\nb\tSecond\n";
    let recbole = folder(&[("a.inter", &typed), ("a.item", items), ("a.user", "user_id:token\nu1\n")]);
    let table = folder(&[]);
    let columns: Vec<Fill> = vec![
        strings(&["u1", "u2", "u1", "u1", "u1"]),
        strings(&["a", "a", "b", "c", "a"]),
        Box::new(|column| {
            let ColumnWriter::Int64ColumnWriter(writer) = column else { panic!() };
            writer.write_batch(&ROWS.map(|row| row.2 * 1000), None, None).unwrap();
        }),
    ];
    let schema = "message m { required binary user_id (UTF8); required binary item_id (UTF8);
        required int64 timestamp (TIMESTAMP_MILLIS); }";
    parquet(&table.path().join("a.parquet"), schema, columns);
    for (folder, layout) in
        [(&csv, Layout::Table), (&tsv, Layout::Table), (&recbole, Layout::RecBole), (&table, Layout::Parquet)]
    {
        let got = foreign(folder.path());
        assert_eq!(got.source.layout, layout);
        assert_eq!(rows(&got), want(), "{layout:?}");
        assert!(got.source.problems.is_empty());
    }
    assert_eq!(foreign(recbole.path()).titles["a"], "The \"first");
}

#[test]
fn whole_numbers_are_ids_and_null_is_not() {
    let folder = folder(&[]);
    let users: Fill = Box::new(|column| {
        let ColumnWriter::Int64ColumnWriter(writer) = column else { panic!() };
        writer.write_batch(&[7, -8], Some(&[1, 0, 1]), None).unwrap();
    });
    let schema = "message m { optional int64 user; required binary item (UTF8); }";
    parquet(&folder.path().join("a.parquet"), schema, vec![users, strings(&["x", "y", "z"])]);
    let got = foreign(folder.path());
    assert_eq!(rows(&got).iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["7", "-8"]);
    assert_eq!(got.source.wrong, 1);
    let problem = got.source.problems[0].to_string();
    assert!(problem.contains("a.parquet: row 1: expected a user id, found nothing"), "{problem}");
}

#[test]
fn features_come_from_every_kind_of_file() {
    let folder = folder(&[("a.csv", &lines("user,item,time", |u, i, t| format!("{u},{i},{t}")))]);
    let path = |name: &str| folder.path().join(name);
    let numbers = [[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]];
    anchorrec_data::write_npy_f32(&path("text_feat.npy"), ndarray::arr2(&numbers).view()).unwrap();
    fs::write(path("text_feat.ids.csv"), "row,item_id\n0,a\n1,\"b\"\n2,c\n").unwrap();
    let bytes: Vec<u8> = numbers.iter().flatten().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F16, vec![3, 2], &bytes).unwrap();
    let ids = HashMap::from([("ids".to_owned(), r#"["a", "b", "c"]"#.to_owned())]);
    fs::write(path("mm.safetensors"), safetensors::serialize([("features", view)], Some(ids)).unwrap()).unwrap();
    let columns = vec![strings(&["a", "b", "c"]), lists(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])];
    parquet(&path("image.parquet"), FEATURES, columns);
    let got = foreign(folder.path());
    assert_eq!(got.features.iter().map(|f| f.modality).collect::<Vec<_>>(), Modality::ALL);
    for features in &got.features {
        assert_eq!(features.ids, ["a", "b", "c"], "{}", features.modality);
        assert_eq!(features.rows, ndarray::arr2(&numbers), "{}", features.modality);
    }
}

#[test]
fn what_does_not_fit_is_said() {
    fails_with(folder(&[]).path(), &["expected one <name>.inter", "found no such file"]);
    fails_with(folder(&[("a.csv", "x,y\n1,2\n")]).path(), &["a.csv", "users", "x, y"]);
    let two = [("a.csv", "user,item\n1,2\n"), ("b.csv", "user,item\n1,2\n")];
    fails_with(folder(&two).path(), &["a.csv, b.csv", "--interactions"]);
    fails_with(folder(&[("a.csv", "user,item\n")]).path(), &["a.csv", "expected rows"]);
    fails_with(folder(&[("a.inter", "")]).path(), &["a.inter", "empty"]);
    fails_with(folder(&[("a.inter", "user:token\titem_id:token\n")]).path(), &["user_id:token"]);
    fails_with(folder(&[("a.csv", "user,item\n1,\"2\n3,4\n")]).path(), &["a.csv:2", "quote"]);
    fails_with(folder(&[("a.parquet", "PAR1 no, not really PAR1")]).path(), &["a.parquet", "Parquet"]);

    let npy = folder(&[("a.csv", "user,item\n1,2\n")]);
    anchorrec_data::write_npy_f32(&npy.path().join("text.npy"), ndarray::arr2(&[[1.0f32], [2.0]]).view()).unwrap();
    fails_with(npy.path(), &["text.npy", "text.ids.txt", "text.ids.csv"]);
    fs::write(npy.path().join("text.ids.txt"), "2\n").unwrap();
    fails_with(npy.path(), &["expected 2 ids", "found 1"]);
    fs::write(npy.path().join("text.ids.txt"), "2\n2\n").unwrap();
    fails_with(npy.path(), &["text.npy: row 1", "row 0"]);
    fs::write(npy.path().join("text.ids.txt"), "2\n\u{7}\n").unwrap();
    fails_with(npy.path(), &["text.ids.txt:2", "control"]);
}

#[test]
fn hostile_tensors_are_refused_before_anything_is_allocated() {
    let shape = r#"{"features":{"dtype":"F32","shape":[4294967295,4294967295],"data_offsets":[0,8]}}"#;
    for (length, header) in [(u64::MAX, ""), (1 << 40, "{}"), (2, "{}"), (shape.len() as u64, shape)] {
        let folder = folder(&[("a.csv", "user,item\n1,2\n")]);
        let bytes = [&length.to_le_bytes()[..], header.as_bytes(), &[0; 8]].concat();
        fs::write(folder.path().join("mm.safetensors"), bytes).unwrap();
        fails_with(folder.path(), &["mm.safetensors"]);
    }
}

#[test]
fn damaged_parquet_files_never_panic() {
    let folder = folder(&[("a.csv", "user,item\n1,a\n")]);
    let path = folder.path().join("text.parquet");
    parquet(&path, FEATURES, vec![strings(&["a", "b"]), lists(&[1.0, 2.0, 3.0, 4.0])]);
    let good = fs::read(&path).unwrap();
    // Every byte changed in two ways, and every length: whatever comes out, it comes out.
    for place in 0..good.len() {
        for flip in [0xff, 0x01] {
            let mut bytes = good.clone();
            bytes[place] ^= flip;
            fs::write(&path, bytes).unwrap();
            let _ = own::read(folder.path(), &Options::default());
        }
        fs::write(&path, &good[..place]).unwrap();
        assert!(own::read(folder.path(), &Options::default()).is_err());
    }
}

#[test]
fn a_ready_folder_keeps_names_features_titles_and_the_earliest_of_repeats() {
    let typed = lines("user_id:token\titem_id:token\ttimestamp:float", |u, i, t| format!("{u}\t{i}\t{t}"));
    let typed = typed + "u1\td\t1\nu2\te\t11\n";
    let folder = folder(&[("a.inter", &typed), ("a.item", "item_id:token\ttitle:token_seq\nb\tSecond\n")]);
    anchorrec_data::write_npy_f32(&folder.path().join("text.npy"), ndarray::arr2(&[[4.0f32], [2.0]]).view()).unwrap();
    fs::write(folder.path().join("text.ids.txt"), "c\na\n").unwrap();
    let out = folder.path().join("ready");
    let plan = Plan { out: out.clone(), name: "mine".into(), k_core: 0, split: SplitRule::UserTime, seed: 1 };
    let made = prepare(&foreign(folder.path()), &plan).unwrap();
    assert_eq!((made.rows, made.repeats, made.pairs), (7, 1, [4, 1, 1]));
    let dataset = Dataset::load(&out).unwrap();
    let names = |list: &[Option<String>]| list.iter().map(|name| name.clone().unwrap_or_default()).collect::<Vec<_>>();
    // In the order of the rows that stay: (u2, a), (u1, b), (u1, c), (u1, a), (u1, d), (u2, e).
    assert_eq!(dataset.user_ids.as_deref().unwrap(), ["u2", "u1"]);
    assert_eq!(names(dataset.item_ids.as_deref().unwrap()), ["a", "b", "c", "d", "e"]);
    assert_eq!(names(dataset.titles.as_deref().unwrap()), ["", "Second", "", "", ""]);
    assert_eq!(dataset.features.text.unwrap(), ndarray::arr2(&[[2.0f32], [3.0], [4.0], [3.0], [3.0]]));
    // u1 took d first, then a (at 5), then c, then b.
    let pair = |pair: &anchorrec_data::Pair| (pair.user, pair.item);
    assert_eq!(dataset.interactions.valid.iter().map(pair).collect::<Vec<_>>(), [(1, 2)]);
    assert_eq!(dataset.interactions.test.iter().map(pair).collect::<Vec<_>>(), [(1, 1)]);
}
