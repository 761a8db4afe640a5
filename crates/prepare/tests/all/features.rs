//! Item features as people's tools write them: each is read rightly, or refused in words that say what to do. A case for each situation that
//! failed once, and its whole kind beside it; the right value is solved by hand.

use crate::own::{Fill, parquet, strings};
use anchorrec_data::{Modality, write_npy_f32};
use anchorrec_formats::features::Asked;
use anchorrec_prepare::own::describe::describe;
use anchorrec_prepare::own::{self, Foreign, Options, Own, Plan, Prepared, write::prepare};
use anchorrec_prepare::split::Rule;
use flate2::{Compression, write::GzEncoder};
use half::f16;
use ndarray::{Array2, arr2};
use parquet::basic::{BrotliLevel, Compression as Packed, GzipLevel, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use tempfile::TempDir;

/// Three items of three users, and files beside.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let clicks = ("clicks.csv", "user_id,item_id\nu,a\nu,b\nv,b\nv,c\nw,c\nw,a\n");
    let clicks = (!files.iter().any(|(name, _)| name.ends_with(".inter") || *name == "clicks.csv")).then_some(&clicks);
    for (name, text) in files.iter().chain(clicks) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn read_as(folder: &TempDir, options: &Options) -> Result<Foreign, String> {
    match own::read(folder.path(), options) {
        Ok(Own::Foreign(foreign)) => Ok(*foreign),
        Ok(Own::Ready(_)) => panic!("a ready data set"),
        Err(error) => Err(error.to_string()),
    }
}

#[track_caller]
fn read(folder: &TempDir) -> Foreign {
    read_as(folder, &Options::default()).unwrap()
}

#[track_caller]
fn refused(folder: &TempDir, parts: &[&str]) {
    let said = read_as(folder, &Options::default()).map(|foreign| foreign.features).unwrap_err();
    assert!(!said.contains('\n'), "{said}");
    parts.iter().for_each(|part| assert!(said.contains(part), "`{part}` is not in: {said}"));
}

/// An option `--text FILE:COLUMN`.
fn text(folder: &TempDir, what: &str) -> Options {
    let asked = Asked::parse(folder.path().join(what).to_str().unwrap());
    Options { features: vec![(Modality::Text, asked)], ..Options::default() }
}

fn notes(foreign: &Foreign) -> String {
    foreign.notes.iter().map(|note| format!("[{}] {note}\n", note.code)).collect()
}

/// The numbers of the only features, by item.
#[track_caller]
fn rows(foreign: &Foreign) -> Vec<(&str, Vec<f32>)> {
    let [features] = &foreign.features[..] else { panic!("{:?}", foreign.features) };
    features.ids.iter().map(String::as_str).zip(features.rows.rows().into_iter().map(|row| row.to_vec())).collect()
}

fn want() -> Vec<(&'static str, Vec<f32>)> {
    vec![("a", vec![1.0, 2.0]), ("b", vec![3.0, 4.5]), ("c", vec![5.0, -6.0])]
}

fn made(foreign: Foreign, folder: &TempDir) -> Result<Prepared, String> {
    let (out, split) = (folder.path().join("ready"), Rule::None);
    let plan = Plan { out, name: "mine".into(), k: 0, split, keep_new_items: false, strict: false };
    prepare(foreign, &plan, &mut |_| ()).map_err(|error| error.to_string())
}

fn doubles(numbers: &'static [f64]) -> Fill {
    Box::new(|column| {
        let ColumnWriter::DoubleColumnWriter(writer) = column else { panic!() };
        writer.write_batch(numbers, None, None).unwrap();
    })
}

fn singles(numbers: &'static [f32], definitions: Option<&'static [i16]>, repetitions: Option<&'static [i16]>) -> Fill {
    Box::new(move |column| {
        let ColumnWriter::FloatColumnWriter(writer) = column else { panic!() };
        writer.write_batch(numbers, definitions, repetitions).unwrap();
    })
}

fn ints(numbers: &'static [i32], definitions: Option<&'static [i16]>, repetitions: Option<&'static [i16]>) -> Fill {
    Box::new(move |column| {
        let ColumnWriter::Int32ColumnWriter(writer) = column else { panic!() };
        writer.write_batch(numbers, definitions, repetitions).unwrap();
    })
}

pub(crate) fn longs(numbers: &'static [i64]) -> Fill {
    Box::new(|column| {
        let ColumnWriter::Int64ColumnWriter(writer) = column else { panic!() };
        writer.write_batch(numbers, None, None).unwrap();
    })
}

fn fixed(values: Vec<Vec<u8>>, lists: bool) -> Fill {
    Box::new(move |column| {
        let ColumnWriter::FixedLenByteArrayColumnWriter(writer) = column else { panic!() };
        let values: Vec<FixedLenByteArray> =
            values.iter().map(|bytes| FixedLenByteArray::from(bytes.clone())).collect();
        let levels: Vec<i16> = (0..values.len()).map(|place| (place % 2) as i16).collect();
        let ones = vec![1; values.len()];
        let (definitions, repetitions) = if lists { (Some(&ones[..]), Some(&levels[..])) } else { (None, None) };
        writer.write_batch(&values, definitions, repetitions).unwrap();
    })
}

const IDS: &str = "required binary item_id (UTF8);";
const ABC: &[&str] = &["a", "b", "c"];
/// Three lists of two.
const TWOS: (Option<&[i16]>, Option<&[i16]>) = (Some(&[1; 6]), Some(&[0, 1, 0, 1, 0, 1]));
const LIST: &str = "required group emb (LIST) { repeated group list { required float element; } }";

fn table(folder: &TempDir, name: &str, columns: &str, fills: Vec<Fill>) {
    parquet(&folder.path().join(name), &format!("message m {{ {columns} }}"), fills);
}

#[test]
fn features_that_match_no_item_are_refused_with_the_reason() {
    // The ids of the features lost their leading zeros.
    let clicks = "user_id,item_id\nu1,02\nu1,03\nu1,04\nu2,01\nu2,03\nu2,04\nu3,01\nu3,02\nu3,04\n";
    let zeros = folder(&[("clicks.csv", clicks), ("text_feat.ids.txt", "1\n2\n3\n4\n")]);
    write_npy_f32(&zeros.path().join("text_feat.npy"), Array2::<f32>::eye(4).view()).unwrap();
    let about = describe(&Own::Foreign(Box::new(read(&zeros))));
    assert_eq!(about.wrong, 1);
    let options = Options { allow_missing: true, ..Options::default() };
    let stops = made(read_as(&zeros, &options).unwrap(), &zeros).unwrap_err();
    for said in [&about.problems[0], &stops] {
        for part in [
            "text_feat.npy",
            "0 of 4 items (0.0 %)",
            "item \"02\" has none",
            "row \"1\" is of no item",
            "leading zeros",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    assert!(!zeros.path().join("ready").exists());
    // Fewer than half: asked.
    let few = folder(&[("text_feat.csv", "item_id,e0,e1\na,1,2\n")]);
    assert!(made(read(&few), &few).unwrap_err().contains("--allow-missing"));
    let made = made(read_as(&few, &options).unwrap(), &few).unwrap();
    let said: Vec<String> = made.notes.iter().map(ToString::to_string).collect();
    let want = "2 items have no text features and get the mean of the others; 1 of 3 items (33.3 %) have their own, missing_text.csv has all (b, c)";
    assert!(said.iter().any(|note| note == want), "{said:?}");
}

#[test]
fn whole_numbers_in_floating_point_match_and_are_said() {
    let clicks = "user_id,item_id\nu,31\nu,32\nv,32\nv,145\n";
    let numbers =
        folder(&[("clicks.csv", clicks), ("text_feat.csv", "item_id,e0,e1\n31.0,1,2\n32.0,3,4.5\n1.45e+02,5,-6\n")]);
    let about = describe(&Own::Foreign(Box::new(read(&numbers))));
    assert_eq!((about.wrong, about.features[0].missing), (0, 0));
    let said: String = about.notes.iter().map(ToString::to_string).collect();
    assert!(said.contains("3 ids of") && said.contains("(31.0 and 31, 32.0 and 32, 1.45e+02 and 145)"), "{said}");
    // In Parquet the type says that it is a number.
    let typed = folder(&[("clicks.csv", clicks)]);
    let columns = format!("required double item_id; {LIST}");
    let fills = vec![doubles(&[31.0, 32.0, 145.0]), singles(&[1.0, 2.0, 3.0, 4.5, 5.0, -6.0], TWOS.0, TWOS.1)];
    table(&typed, "text_feat.parquet", &columns, fills);
    let foreign = read(&typed);
    assert_eq!(foreign.features[0].ids, ["31", "32", "145"]);
    assert!(notes(&foreign).contains("[ids-of-floating-point]"), "{}", notes(&foreign));
    for bad in [&[31.5, 32.0, 145.0], &[9_007_199_254_740_993.0, 32.0, 145.0]] {
        let fills = vec![doubles(bad), singles(&[1.0, 2.0, 3.0, 4.5, 5.0, -6.0], TWOS.0, TWOS.1)];
        table(&typed, "text_feat.parquet", &columns, fills);
        refused(&typed, &["text_feat.parquet", "item_id", "row 0 of row group 0", "as text"]);
    }
}

#[test]
fn lists_of_every_kind_of_number_are_vectors() {
    let numbers = [1.0f32, 2.0, 3.0, 4.5, 5.0, -6.0];
    let halves = || fixed(numbers.map(|x| f16::from_f32(x).to_le_bytes().to_vec()).to_vec(), true);
    let decimals = || fixed(numbers.map(|x| ((x * 10.0) as i16).to_be_bytes().to_vec()).to_vec(), true);
    let of = |element: &str| {
        format!("{IDS} required group emb (LIST) {{ repeated group list {{ required {element} element; }} }}")
    };
    let inner = |element: &str| format!("{IDS} required group emb (LIST) {{ repeated {element} array; }}");
    let wide: Fill = Box::new(|column| {
        let ColumnWriter::DoubleColumnWriter(writer) = column else { panic!() };
        writer.write_batch(&[1.0, 2.0, 3.0, 4.5, 5.0, -6.0], TWOS.0, TWOS.1).unwrap();
    });
    let cases: Vec<(String, Fill)> = vec![
        (inner("float"), singles(&[1.0, 2.0, 3.0, 4.5, 5.0, -6.0], TWOS.0, TWOS.1)),
        (of("double"), wide),
        (of("fixed_len_byte_array(2)").replace("element;", "element (FLOAT16);"), halves()),
        (of("fixed_len_byte_array(2)").replace("element;", "element (DECIMAL(4,1));"), decimals()),
        (of("int32").replace("element;", "element (DECIMAL(4,1));"), ints(&[10, 20, 30, 45, 50, -60], TWOS.0, TWOS.1)),
    ];
    for (columns, fill) in cases {
        let lists = folder(&[]);
        // A price beside it is no vector (and was taken for one where the vector's type was not known).
        let columns = format!("{columns} required double price;");
        table(&lists, "text_feat.parquet", &columns, vec![strings(ABC), fill, doubles(&[0.5, 1.5, 2.5])]);
        let foreign = read(&lists);
        assert_eq!(rows(&foreign), want(), "{columns}");
        assert!(notes(&foreign).contains("is not read (price)"), "{}", notes(&foreign));
    }
    // Lists in lists, in the order of the numbers.
    let nested = folder(&[]);
    let columns = format!(
        "{IDS} required group emb (LIST) {{ repeated group list {{ required group element (LIST) {{ repeated group list {{ required float element; }} }} }} }}"
    );
    let fill = singles(&[1.0, 2.0, 3.0, 4.5, 5.0, -6.0], Some(&[2; 6]), Some(&[0, 1, 0, 1, 0, 1]));
    table(&nested, "text_feat.parquet", &columns, vec![strings(ABC), fill]);
    assert_eq!(rows(&read(&nested)), want());
}

#[test]
fn what_is_no_vector_is_named_with_its_type_and_never_taken_for_another_column() {
    let bytes = folder(&[]);
    let columns = format!("{IDS} required binary emb; required double price;");
    let blobs: Fill = Box::new(|column| {
        let ColumnWriter::ByteArrayColumnWriter(writer) = column else { panic!() };
        writer.write_batch(&[1, 2, 3].map(|_| ByteArray::from(vec![0xff, 0xfe])), None, None).unwrap();
    });
    table(&bytes, "text_feat.parquet", &columns, vec![strings(ABC), blobs, doubles(&[0.5, 1.5, 2.5])]);
    refused(&bytes, &["text_feat.parquet", "emb (bytes)", "price (DOUBLE)", "--text", "text_feat.parquet:price"]);
    // Lists as text, as fastparquet writes them.
    let json = folder(&[]);
    let columns = format!("{IDS} required binary emb (JSON); required double price;");
    let fills = vec![strings(ABC), strings(&["[1.0, 2.0]", "[3.0, 4.5]", "[5.0, -6.0]"]), doubles(&[0.5, 1.5, 2.5])];
    table(&json, "text_feat.parquet", &columns, fills);
    assert_eq!(rows(&read(&json)), want());
}

#[test]
fn sparks_vectors_are_read_dense_and_sparse_row_by_row() {
    let list = |name: &str, kind: &str| {
        format!("optional group {name} (LIST) {{ repeated group list {{ required {kind} element; }} }}")
    };
    let head = format!(
        "required group features {{ required int32 type (INT_8); optional int32 size; {} {} }}",
        list("indices", "int32"),
        list("values", "double")
    );
    // a: sparse, 4 wide, 7 in place 2; b: dense; c: sparse without a value.
    let values: Fill = Box::new(|column| {
        let ColumnWriter::DoubleColumnWriter(writer) = column else { panic!() };
        writer.write_batch(&[7.0, 1.0, 2.0, 3.0, 4.5], Some(&[2, 2, 2, 2, 2, 1]), Some(&[0, 0, 1, 1, 1, 0])).unwrap();
    });
    let fills = vec![
        strings(ABC),
        ints(&[0, 1, 0], None, None),
        ints(&[4, 4], Some(&[1, 0, 1]), None),
        ints(&[2], Some(&[2, 0, 1]), Some(&[0, 0, 0])),
        values,
    ];
    let spark = folder(&[]);
    table(&spark, "text_feat.parquet", &format!("{IDS} {head}"), fills);
    let want = [("a", vec![0.0, 0.0, 7.0, 0.0]), ("b", vec![1.0, 2.0, 3.0, 4.5]), ("c", vec![0.0; 4])];
    assert_eq!(rows(&read(&spark)), want);
    // Without a size the largest index says it, and that is said.
    let columns =
        format!("{IDS} required group features {{ {} {} }}", list("indices", "int32"), list("values", "float"));
    let levels: (Option<&[i16]>, Option<&[i16]>) = (Some(&[2, 2, 2]), Some(&[0, 0, 0]));
    let bare = folder(&[]);
    let fills = vec![strings(ABC), ints(&[0, 1, 2], levels.0, levels.1), singles(&[1.0, 1.0, 1.0], levels.0, levels.1)];
    table(&bare, "text_feat.parquet", &columns, fills);
    let foreign = read(&bare);
    assert_eq!(foreign.features[0].rows, Array2::<f32>::eye(3));
    assert!(notes(&foreign).contains("[width-of-sparse-vectors] 3 numbers"), "{}", notes(&foreign));
    // One index twice in a row: which of the two numbers is meant?
    let fills = vec![
        strings(&["a", "b"]),
        ints(&[0, 2, 2], Some(&[2, 2, 2]), Some(&[0, 0, 1])),
        singles(&[1.0, 2.0, 3.0], Some(&[2, 2, 2]), Some(&[0, 0, 1])),
    ];
    table(&bare, "text_feat.parquet", &columns, fills);
    refused(&bare, &["text_feat.parquet: row 1", "each once", "the index 2 twice for item \"b\""]);
    // What would fill the memory, and an index below zero.
    for (bad, said) in [(2_000_000, "2000001"), (-1, "indices")] {
        let fill: Fill = Box::new(move |column| {
            let ColumnWriter::Int32ColumnWriter(writer) = column else { panic!() };
            writer.write_batch(&[0, bad, 2], Some(&[2, 2, 2]), Some(&[0, 0, 0])).unwrap();
        });
        table(
            &bare,
            "text_feat.parquet",
            &columns,
            vec![strings(ABC), fill, singles(&[1.0, 1.0, 1.0], levels.0, levels.1)],
        );
        refused(&bare, &["text_feat.parquet", "features", said]);
    }
}

#[test]
fn wide_columns_are_taken_whole_and_asked_for_where_they_are_mixed() {
    let wide = folder(&[]);
    let columns = format!("{IDS} required double e0; required int64 e1; required float e2;");
    let fills =
        || vec![strings(ABC), doubles(&[1.0, 3.0, 5.0]), longs(&[0, 1, 2]), singles(&[2.0, 4.5, -6.0], None, None)];
    table(&wide, "text_feat.parquet", &columns, fills());
    let foreign = read(&wide);
    assert_eq!(rows(&foreign), [("a", vec![1.0, 0.0, 2.0]), ("b", vec![3.0, 1.0, 4.5]), ("c", vec![5.0, 2.0, -6.0])]);
    assert!(notes(&foreign).contains("[wide-columns] 3 columns of"), "{}", notes(&foreign));
    assert!(notes(&foreign).contains("(e0, e1, e2)"), "{}", notes(&foreign));
    // With a price beside them, the columns must be named.
    let mixed = columns.replace("required int64 e1", "required int64 price");
    table(&wide, "text_feat.parquet", &mixed, fills());
    refused(&wide, &["text_feat.parquet:e*", "price (INT64)", "--text"]);
    for (asked, want) in [
        ("text_feat.parquet:e*", vec![1.0, 2.0]),
        ("text_feat.parquet:e2,e0", vec![2.0, 1.0]),
        ("text_feat.parquet:price", vec![0.0]),
        ("text_feat.parquet:*", vec![1.0, 0.0, 2.0]),
    ] {
        let foreign = read_as(&wide, &text(&wide, asked)).unwrap();
        assert_eq!(rows(&foreign)[0], ("a", want), "{asked}");
    }
    let said = read_as(&wide, &text(&wide, "text_feat.parquet:f*")).err().unwrap();
    assert!(said.contains("\"f*\"") && said.contains("e0 (DOUBLE)"), "{said}");
}

#[test]
fn rows_without_a_vector_are_left_out_and_broken_ones_are_named_together() {
    let lists = folder(&[]);
    let columns = format!("{IDS} optional group emb (LIST) {{ repeated group list {{ optional float element; }} }}");
    // a: null, b: a vector, c: an empty list, d: a vector.
    let fills = vec![
        strings(&["a", "b", "c", "d"]),
        singles(&[3.0, 4.5, 1.0, 1.0], Some(&[0, 3, 3, 1, 3, 3]), Some(&[0, 0, 1, 0, 0, 1])),
    ];
    table(&lists, "text_feat.parquet", &columns, fills);
    let foreign = read(&lists);
    assert_eq!(rows(&foreign), [("b", vec![3.0, 4.5]), ("d", vec![1.0, 1.0])]);
    let said = notes(&foreign);
    assert!(said.contains("[no-vector] 2 rows of"), "{said}");
    assert!(
        said.contains("row 0: no vector (null) for item \"a\", row 2: no vector (an empty list) for item \"c\""),
        "{said}"
    );
    // A null within a vector.
    let fills = vec![strings(ABC), singles(&[1.0, 3.0, 4.5, 5.0, 6.0], Some(&[3, 2, 3, 3, 3, 3]), TWOS.1)];
    table(&lists, "text_feat.parquet", &columns, fills);
    refused(&lists, &["text_feat.parquet: row 0", "NaN or null in place 1 of the column \"emb\" for item \"a\""]);
    // Of another width: the first row is not the measure of the others.
    let fills = vec![
        strings(&["a", "b", "c", "d"]),
        singles(&[1.0, 3.0, 4.5, 5.0, 6.0, 7.0], Some(&[3; 6]), Some(&[0, 0, 1, 0, 1, 0])),
    ];
    table(&lists, "text_feat.parquet", &columns, fills);
    refused(
        &lists,
        &[
            "row 0: expected 2 numbers in the column \"emb\" as in most rows, found 1 for item \"a\"",
            "2 such rows (row 3: 1 for item \"d\")",
        ],
    );
    // Nothing in any of several columns is no vector, nothing in one of them is a fault.
    let csv = folder(&[("text_feat.csv", "item_id,e0,e1\na,,NaN\nb,3,4.5\n")]);
    let foreign = read(&csv);
    assert_eq!(rows(&foreign), [("b", vec![3.0, 4.5])]);
    assert!(
        notes(&foreign).contains("line 2: no vector (nothing in every column) for item \"a\""),
        "{}",
        notes(&foreign)
    );
    let csv = folder(&[("text_feat.csv", "item_id,e0,e1\na,1,\nb,3,4.5\nc,,2\n")]);
    refused(
        &csv,
        &[
            "text_feat.csv:2",
            "column \"e1\"",
            "2 such rows (line 4: NaN or null in place 0 of the column \"e0\" for item \"c\")",
        ],
    );
    let csv = folder(&[("text_feat.csv", "item_id,e0,e1\na,1,2\nb,x,4.5\nc,5,-6\nd,y,1\ne,7,8\n")]);
    refused(&csv, &["text_feat.csv:3: expected numbers, found \"x\" in the column \"e0\"", "2 such rows (line 5"]);
    let torn = folder(&[("text_feat.csv", "item_id,e0,e1\na,1\nb,3,4.5\nc,5,-6\n")]);
    refused(&torn, &["text_feat.csv:2: expected 3 fields", "found 2"]);
}

#[test]
fn ids_come_out_as_the_person_wrote_them() {
    let uuid = (0u8..16).collect::<Vec<u8>>();
    let list = || singles(&[1.0, 2.0], Some(&[1, 1]), Some(&[0, 1]));
    let cases: Vec<(&str, Fill, &str)> = vec![
        (
            "required fixed_len_byte_array(16) item_id (UUID)",
            fixed(vec![uuid], false),
            "00010203-0405-0607-0809-0a0b0c0d0e0f",
        ),
        ("required int64 item_id (UINT_64)", longs(&[-1]), "18446744073709551615"),
        ("required int32 item_id (UINT_8)", ints(&[200], None, None), "200"),
        ("required binary item_id (ENUM)", strings(&["007"]), "007"),
        ("required fixed_len_byte_array(4) item_id", fixed(vec![b"ab\0\0".to_vec()], false), "ab"),
        ("required double item_id", doubles(&[31.0]), "31"),
        ("required float item_id", singles(&[31.0], None, None), "31"),
        ("required int32 item_id (DECIMAL(4,1))", ints(&[310], None, None), "31"),
    ];
    for (column, fill, want) in cases {
        let ids = folder(&[]);
        table(&ids, "text_feat.parquet", &format!("{column}; {LIST}"), vec![fill, list()]);
        assert_eq!(rows(&read(&ids)), [(want, vec![1.0, 2.0])], "{column}");
    }
}

#[test]
fn every_packing_of_parquet_is_read() {
    let packings = [
        Packed::UNCOMPRESSED,
        Packed::SNAPPY,
        Packed::GZIP(GzipLevel::default()),
        Packed::ZSTD(ZstdLevel::default()),
        Packed::LZ4_RAW,
        Packed::LZ4,
        Packed::BROTLI(BrotliLevel::default()),
    ];
    for packing in packings {
        let packed = folder(&[]);
        let fills = vec![strings(ABC), singles(&[1.0, 2.0, 3.0, 4.5, 5.0, -6.0], TWOS.0, TWOS.1)];
        let path = packed.path().join("text_feat.parquet");
        crate::own::parquet_packed(&path, &format!("message m {{ {IDS} {LIST} }}"), fills, packing);
        assert_eq!(rows(&read(&packed)), want(), "{packing}");
    }
}

#[test]
fn tables_of_text_are_read_in_every_dress() {
    for (name, text) in [
        ("text_feat.csv", "item_id,e0,e1\na,1,2\nb,3,4.5\nc,5,-6\n"),
        ("text_feat.tsv", "e0\titem\te1\n1\ta\t2\n3\tb\t4.5\n5\tc\t-6\n"),
        ("text_feat.csv", "item_id;emb\na;[1, 2]\nb;[3, 4.5]\nc;[5, -6]\n"),
        ("text_feat.csv", ",item_id,emb\n0,a,\"[1.0, 2.0]\"\n1,b,\"[3.0, 4.5]\"\n2,c,\"[5.0, -6.0]\"\n"),
        // numpy's way, over two lines.
        ("text_feat.csv", "item_id,emb\na,\"[ 1.\n  2. ]\"\nb,[3. 4.5]\nc,[ 5. -6.]\n"),
        // A data frame without names.
        ("text_feat.csv", ",0,1\na,1,2\nb,3,4.5\nc,5,-6\n"),
        ("text_feat.csv", "a,1,2\nb,3,4.5\nc,5,-6\n"),
        ("text_feat.csv", "sku,0,1\na,1,2\nb,3,4.5\nc,5,-6\n"),
    ] {
        let foreign = read(&folder(&[(name, text)]));
        assert_eq!(rows(&foreign), want(), "{text}");
    }
    // By name: what word2vec writes, with and without its first line.
    for text_of in ["3 2\na 1 2\nb 3 4.5\nc 5 -6\n", "a 1 2\nb 3 4.5\nc 5 -6\n"] {
        let vectors = folder(&[("vectors.txt", text_of)]);
        assert_eq!(rows(&read_as(&vectors, &text(&vectors, "vectors.txt")).unwrap()), want(), "{text_of}");
    }
    // Numbers alone, with their ids beside.
    let beside = folder(&[("text_feat.csv", "1,2\n3,4.5\n5,-6\n"), ("text_feat.ids.txt", "a\nb\nc\n")]);
    assert_eq!(rows(&read(&beside)), want());
    let packed = folder(&[]);
    let mut gz = GzEncoder::new(File::create(packed.path().join("text_feat.csv.gz")).unwrap(), Compression::fast());
    gz.write_all(b"item_id,e0,e1\na,1,2\nb,3,4.5\nc,5,-6\n").unwrap();
    gz.finish().unwrap();
    assert_eq!(rows(&read(&packed)), want());
    // What numpy cut short is no vector.
    refused(
        &folder(&[("text_feat.csv", "item_id,emb\na,[1. ... 2.]\nb,[3. ... 4.]\n")]),
        &["text_feat.csv:2", "left numbers out"],
    );
}

#[test]
fn a_first_row_that_counts_from_0_is_no_header() {
    // A data frame's header: its name of the ids is no item, and the rows below are no whole numbers.
    let frame = folder(&[("text_feat.csv", "code,0,1\na,1,2\nb,3,4.5\nc,5,-6\n")]);
    let foreign = read(&frame);
    assert_eq!(rows(&foreign), want());
    assert!(notes(&foreign).contains("[numbers-as-header] 1 first line of"), "{}", notes(&foreign));
    // Whole numbers that count up from the first row on, and a first row that is an item of the data.
    for (text, said) in [
        ("a,0,1\nb,1,2\nc,2,3\n", "above rows of whole numbers: write item_id in its place"),
        ("code,0,1\na,1,2\nb,2,3\nc,3,4\n", "either a header or a row"),
        ("a,0,1\nb,3,4.5\nc,5,-6\n", "the item \"a\" of the data: write a header (item_id, 0, 1, ...) above it"),
    ] {
        refused(&folder(&[("text_feat.csv", text)]), &["text_feat.csv", said]);
        let parts = folder(&[("text_feat/0.csv", text), ("text_feat/1.csv", text)]);
        refused(&parts, &[said]);
    }
    // What the error says to write is read.
    let named = "item_id,0,1\na,0,1\nb,1,2\nc,2,3\n";
    assert_eq!(rows(&read(&folder(&[("text_feat.csv", named)])))[0], ("a", vec![0.0, 1.0]));
    // Other numbers than those are a row.
    let bare = folder(&[("text_feat.csv", "a,1,2\nb,2,3\nc,3,4\n")]);
    assert_eq!(rows(&read(&bare))[0], ("a", vec![1.0, 2.0]));
}

#[test]
fn lists_that_are_no_vectors_name_the_texts_beside_them() {
    let lines =
        "{\"item_id\":\"a\",\"title\":\"Hat\",\"tags\":[1,2]}\n{\"item_id\":\"b\",\"title\":\"Pin\",\"tags\":[3]}\n";
    let csv = "item_id,title,tags\na,Hat,[1 2]\nb,Pin,[3]\n";
    for (name, text) in [("items_text.jsonl", lines), ("items_text.csv", csv)] {
        let path = format!("{name}:title");
        let ragged = folder(&[(name, text)]);
        refused(&ragged, &["in the column \"tags\"", "all vectors need one width (--text ", &path]);
        assert_eq!(read_as(&ragged, &self::text(&ragged, &path)).unwrap().texts.unwrap().texts, ["Hat", "Pin"]);
    }
    let ragged = folder(&[]);
    let columns = format!("{IDS} required binary title (UTF8); {}", LIST.replace("emb", "tags"));
    let lists = singles(&[1.0, 2.0, 3.0, 4.0], Some(&[1; 4]), Some(&[0, 1, 0, 0]));
    table(&ragged, "items_text.parquet", &columns, vec![strings(ABC), strings(&["Hat", "Pin", "Cap"]), lists]);
    refused(&ragged, &["in the column \"tags\"", "items_text.parquet:title takes the texts instead"]);
}

#[test]
fn numbers_beyond_single_precision_are_called_so() {
    let said = "a number beyond 32-bit range";
    let wide = folder(&[]);
    table(
        &wide,
        "text_feat.parquet",
        &format!("{IDS} required double e0; required double e1;"),
        vec![strings(ABC), doubles(&[1.0, 1e300, 2.0]), doubles(&[1.0, 1.0, 1.0])],
    );
    refused(&wide, &["text_feat.parquet", said]);
    refused(&folder(&[("text_feat.csv", "item_id,e0,e1\na,1,1e300\nb,1,2\n")]), &["text_feat.csv:2", said]);
    refused(&folder(&[("text_feat.jsonl", "{\"item_id\":\"a\",\"emb\":[1,1e300]}\n")]), &["text_feat.jsonl", said]);
    let array = folder(&[("text_feat.ids.txt", "a\n")]);
    fs::write(array.path().join("text_feat.npy"), npy("<f8", "1, 1", &1e300f64.to_le_bytes())).unwrap();
    refused(&array, &["text_feat.npy", said, "item \"a\""]);
}

#[test]
fn what_lies_beside_interactions_and_is_not_read_is_named() {
    let inter = ("mini.inter", "user_id:token\titem_id:token\nu\ta\nu\tb\nv\tb\n");
    let users = ("mini.user", "user_id:token\tage:float\nu\t3\n");
    let graph = ("mini.kg", "head_id:token\trelation_id:token\ttail_id:token\na\tr\tb\n");
    let said = notes(&read(&folder(&[inter, users, graph])));
    assert!(said.contains("[tables-not-read] 2 tables") && said.contains("(mini.kg, mini.user)"), "{said}");
    let lists = folder(&[
        ("clicks.csv", ""),
        ("train.txt", "0 0 1\n1 1\n"),
        ("test.txt", "0 2\n"),
        ("user_list.txt", "org_id remap_id\nu 0\nv 1\n"),
        ("item_list.txt", "org_id remap_id\na 0\nb 1\nc 2\n"),
    ]);
    fs::remove_file(lists.path().join("clicks.csv")).unwrap();
    let said = notes(&read(&lists));
    assert!(said.contains("[tables-not-read] 2 tables") && said.contains("(item_list.txt, user_list.txt)"), "{said}");
}

#[test]
fn lines_of_json_hold_vectors_and_texts() {
    let clicks = ("clicks.csv", "user,item\nu,a\nu,b\nv,b\nv,c\n");
    let lines =
        "{\"item_id\":\"a\",\"emb\":[1,2]}\n{\"item_id\":\"b\",\"emb\":[3,4.5]}\n{\"item_id\":\"c\",\"emb\":[5,-6]}\n";
    let list = lines.trim().replace('\n', ",");
    for (name, text) in [
        ("text_feat.jsonl", lines.to_owned()),
        ("text_feat.ndjson", lines.to_owned()),
        ("text_feat.json", format!("[{list}]")),
        ("text_feat.json", "{\"a\":[1,2],\"b\":[3,4.5],\"c\":[5,-6]}".to_owned()),
    ] {
        let place = folder(&[clicks, (name, &text)]);
        assert_eq!(rows(&read(&place)), want(), "{name}: {text}");
    }
    // Amazon 2023's metadata: titles go to the encoder.
    let meta = "{\"parent_asin\":\"a\",\"title\":\"A hat\",\"images\":[]}\n{\"parent_asin\":\"b\",\"title\":\"B\",\"price\":null}\n";
    let place = folder(&[clicks, ("meta_Toys.jsonl", meta)]);
    let foreign = read_as(&place, &text(&place, "meta_Toys.jsonl:title")).unwrap();
    assert_eq!(foreign.texts.unwrap().texts, ["A hat", "B"]);
}

#[test]
fn vectors_of_recboles_items_are_read() {
    let inter = ("mini.inter", "user_id:token\titem_id:token\nu\ta\nu\tb\nv\tb\nv\tc\nw\ta\nw\tc\n");
    let item = "item_id:token\ttitle:token_seq\titem_emb:float_seq\na\tOne\t1 2\nb\tTwo\t3 4.5\nc\tThree\t5 -6\n";
    let recbole = folder(&[inter, ("mini.item", item)]);
    let foreign = read(&recbole);
    assert_eq!(foreign.features[0].modality, Modality::Text);
    assert_eq!(rows(&foreign), want());
    assert!(notes(&foreign).contains("is taken as text features (--image") && notes(&foreign).contains("(item_emb)"));
    assert_eq!(foreign.titles["a"], "One");
    // What an option takes is not taken for text as well.
    let asked = Asked::parse(recbole.path().join("mini.item:item_emb").to_str().unwrap());
    let options = Options { features: vec![(Modality::Vision, asked)], ..Options::default() };
    let foreign = read_as(&recbole, &options).unwrap();
    assert_eq!((foreign.features.len(), foreign.features[0].modality), (1, Modality::Vision));
    assert_eq!(notes(&foreign), "");
    // By the name of the column, and where two could be meant, by option.
    let named = folder(&[inter, ("mini.item", &item.replace("item_emb", "image_emb"))]);
    assert_eq!(read(&named).features[0].modality, Modality::Vision);
    let two = item
        .replace("title:token_seq", "a_emb:float_seq")
        .replace("One", "1")
        .replace("Two", "2")
        .replace("Three", "3");
    let two = folder(&[inter, ("mini.item", &two)]);
    let foreign = read(&two);
    assert!(foreign.features.is_empty());
    assert!(
        notes(&foreign).contains("2 columns of") && notes(&foreign).contains("(a_emb, item_emb)"),
        "{}",
        notes(&foreign)
    );
    assert_eq!(rows(&read_as(&two, &text(&two, "mini.item:item_emb")).unwrap()), want());
}

#[test]
fn a_folder_holds_parts_of_a_table_or_a_file_for_each_item() {
    let numbers = [[1.0f32, 2.0], [3.0, 4.5], [5.0, -6.0]];
    let parts = folder(&[
        ("text_feat.parquet/_SUCCESS", ""),
        ("text_feat.parquet/m=1/part-1.csv", "item_id,e0,e1\nb,3,4.5\nc,5,-6\n"),
    ]);
    fs::create_dir_all(parts.path().join("text_feat.parquet/m=0")).unwrap();
    fs::write(parts.path().join("text_feat.parquet/m=0/part-0.csv"), "item_id,e0,e1\na,1,2\n").unwrap();
    let foreign = read(&parts);
    assert_eq!(rows(&foreign), want());
    for said in ["[files-are-one-table] 2 files", "[partitions-not-read]", "(m)"] {
        assert!(notes(&foreign).contains(said), "{}", notes(&foreign));
    }
    let pieces = folder(&[
        ("text-0-of-2.csv", "item_id,e0,e1\na,1,2\n"),
        ("text-1-of-2.csv", "item_id,e0,e1\nb,3,4.5\nc,5,-6\n"),
    ]);
    assert_eq!(rows(&read(&pieces)), want());
    let each = folder(&[("image_vectors/readme.md", "")]);
    for (id, row) in ABC.iter().zip(&numbers) {
        write_npy_f32(&each.path().join(format!("image_vectors/{id}.npy")), arr2(&[*row]).view()).unwrap();
    }
    let foreign = read(&each);
    assert_eq!((foreign.features[0].modality, rows(&foreign)), (Modality::Vision, want()));
    assert!(notes(&foreign).contains("[files-of-folder-not-read] 1 file of"), "{}", notes(&foreign));
    write_npy_f32(&each.path().join("image_vectors/d.npy"), arr2(&numbers).view()).unwrap();
    refused(&each, &["image_vectors", "one vector in each file", "[3, 2] in d.npy"]);
}

#[test]
fn the_columns_of_parts_are_found_by_their_names() {
    let named = |folder: &TempDir, what: &str| read_as(folder, &text(folder, what));
    // Columns in another order, and the ids elsewhere.
    let first = ("text_feat.csv/part-0.csv", "item_id,e0,e1\na,1,2\n");
    let turned = folder(&[first, ("text_feat.csv/part-1.csv", "e1,item_id,e0\n4.5,b,3\n-6,c,5\n")]);
    assert_eq!(rows(&read(&turned)), want());
    for asked in ["text_feat.csv:e*", "text_feat.csv:e0,e1"] {
        assert_eq!(rows(&named(&turned, asked).unwrap()), want(), "{asked}");
    }
    let lines = folder(&[
        ("text_feat/part-0.jsonl", "{\"item_id\":\"a\",\"e0\":1,\"e1\":2}\n"),
        ("text_feat/part-1.jsonl", "{\"e1\":4.5,\"e0\":3,\"item_id\":\"b\"}\n{\"item_id\":\"c\",\"e1\":-6,\"e0\":5}\n"),
    ]);
    assert_eq!(rows(&read(&lines)), want());
    let beside = folder(&[
        ("text-0.csv", "x,y\n1,2\n"),
        ("text-0.ids.txt", "a\n"),
        ("text-1.csv", "y,x\n4.5,3\n-6,5\n"),
        ("text-1.ids.txt", "b\nc\n"),
    ]);
    assert_eq!(rows(&read(&beside)), want());
    let parquet = |columns: [&str; 2], fills: [Vec<Fill>; 2]| {
        let parts = folder(&[("text_feat.parquet/_SUCCESS", "")]);
        for (part, (columns, fills)) in columns.into_iter().zip(fills).enumerate() {
            table(&parts, &format!("text_feat.parquet/part-{part}.parquet"), columns, fills);
        }
        parts
    };
    let wide = |names: [&str; 2]| format!("{IDS} required double {}; required double {};", names[0], names[1]);
    let numbers = || {
        [
            vec![strings(&["a"]), doubles(&[1.0]), doubles(&[2.0])],
            vec![strings(&["b", "c"]), doubles(&[4.5, -6.0]), doubles(&[3.0, 5.0])],
        ]
    };
    let turned = parquet([&wide(["e0", "e1"]), &wide(["e1", "e0"])], numbers());
    assert_eq!(rows(&read(&turned)), want());
    assert_eq!(rows(&named(&turned, "text_feat.parquet:e*").unwrap()), want());
    let structure = |names: [&str; 2]| {
        format!("{IDS} required group emb {{ required double {}; required double {}; }}", names[0], names[1])
    };
    let turned = parquet([&structure(["x", "y"]), &structure(["y", "x"])], numbers());
    assert_eq!(rows(&read(&turned)), want());
    // Other names are other numbers: both files are named.
    let other = parquet([&structure(["x", "y"]), &structure(["y", "z"])], numbers());
    refused(&other, &["part-1.parquet: expected the fields x, y", "part-0.parquet", "found the fields y, z"]);
    let other = parquet([&wide(["e0", "e1"]), &wide(["e0", "e2"])], numbers());
    let said = ["part-1.parquet: expected the columns of numbers e0, e1", "part-0.parquet", "without e1"];
    refused(&other, &said);
    let by_star = named(&other, "text_feat.parquet:e*").err().unwrap();
    said.iter().for_each(|part| assert!(by_star.contains(part), "{by_star}"));
    for part in [
        "item_id,e0,e2\nb,3,4.5\n",
        "item_id,e0\nb,3\n",
        "item_id,e0,e1,e2\nb,3,4.5,1\n",
        "item_id,emb\nb,[3 4.5]\n",
        "item_id,title\nb,Hat\n",
        "product_id,e0,e1\nb,3,4.5\n",
        "b,3,4.5\n",
    ] {
        let parts = folder(&[first, ("text_feat.csv/part-1.csv", part)]);
        refused(&parts, &["part-1.csv: expected the columns of numbers e0, e1", "part-0.csv"]);
    }
    // Parts without a header have places alone.
    let bare = [("text_feat/0.csv", "a,1,2\n"), ("text_feat/1.csv", "b,3,4.5\nc,5,-6\n")];
    assert_eq!(rows(&read(&folder(&bare))), want());
    let wider = [bare[0], ("text_feat/1.csv", "b,3,4.5,1\n")];
    refused(&folder(&wider), &["1.csv: expected the columns of numbers", "0.csv"]);
    let lists = ("text_feat.csv/part-0.csv", "item_id,emb\na,[1 2]\n");
    let parts = folder(&[lists, ("text_feat.csv/part-1.csv", "item_id,emb2\nb,[3 4.5]\nc,[5 -6]\n")]);
    refused(&parts, &["part-1.csv: expected the column of vectors emb", "part-0.csv", "without emb"]);
    // The first part has answered what a part by itself would ask.
    let parts = folder(&[lists, ("text_feat.csv/part-1.csv", "old,item_id,emb\n[0 0],b,[3 4.5]\n[0 0],c,[5 -6]\n")]);
    let foreign = read(&parts);
    assert_eq!(rows(&foreign), want());
    assert!(notes(&foreign).contains("is not read (old)"), "{}", notes(&foreign));
}

#[test]
fn a_folder_with_a_file_for_each_item_is_read_in_every_format() {
    let lists = [("a", "1 2"), ("b", "3 4.5"), ("c", "5 -6")];
    type Write = fn(&str) -> String;
    fn commas(text: &str) -> String {
        text.replace(' ', ",")
    }
    let ways: [(&str, Write); 6] = [
        ("txt", str::to_owned),
        ("txt", |text| text.replace(' ', "\n")),
        ("csv", commas),
        ("json", |text| format!("[{}]", commas(text))),
        ("json", |text| format!("{{\"model\": \"clip\", \"embedding\": [{}]}}", commas(text))),
        ("dat", |text| format!("{text}\n")),
    ];
    for (ending, write) in ways {
        let each = folder(&[]);
        fs::create_dir(each.path().join("image_feat")).unwrap();
        for (id, numbers) in lists {
            fs::write(each.path().join(format!("image_feat/{id}.{ending}")), write(numbers)).unwrap();
        }
        let foreign = read(&each);
        assert_eq!((foreign.features[0].modality, rows(&foreign)), (Modality::Vision, want()), "{ending}");
        assert!(notes(&foreign).contains("[file-for-each-item] 3 files of"), "{}", notes(&foreign));
        // One that is none is named, and one that cannot be read stops.
        fs::write(each.path().join(format!("image_feat/d.{ending}")), "x").unwrap();
        let said = read_as(&each, &Options::default()).err().unwrap();
        assert!(said.contains("image_feat") && said.contains(&format!("d.{ending}")), "{said}");
    }
    let arrays = folder(&[("visual_embeddings/notes.md", "")]);
    for (id, numbers) in ABC.iter().zip([[1.0f32, 2.0], [3.0, 4.5], [5.0, -6.0]]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        let path = arrays.path().join(format!("visual_embeddings/{id}.npz"));
        npz(&path, zip::CompressionMethod::Stored, &[("arr_0", npy("<f4", "2,", &bytes))]);
    }
    assert_eq!(rows(&read(&arrays)), want());
    // What lies among them and is of another ending is said.
    fs::write(arrays.path().join("visual_embeddings/readme.txt"), "by CLIP").unwrap();
    let foreign = read(&arrays);
    assert_eq!(rows(&foreign), want());
    assert!(
        notes(&foreign).contains("2 files of") && notes(&foreign).contains("(notes.md, readme.txt)"),
        "{}",
        notes(&foreign)
    );
    let table = folder(&[
        ("text_feat/part-0.tsv", "item_id\te0\te1\na\t1\t2\nb\t3\t4.5\nc\t5\t-6\n"),
        ("text_feat/readme.txt", "1 2"),
    ]);
    assert_eq!(rows(&read(&table)), want());
    // Rows of a table whose ids are numbers stay rows of a table.
    let clicks = ("clicks.csv", "user_id,item_id\nu,7\nu,8\nv,8\nv,7\n");
    let parts = folder(&[clicks, ("text_feat/7.csv", "7,1,2\n"), ("text_feat/8.csv", "8,3,4.5\n")]);
    assert_eq!(rows(&read(&parts)), [("7", vec![1.0, 2.0]), ("8", vec![3.0, 4.5])]);
}

#[test]
fn whatever_has_a_name_of_features_and_is_not_read_is_named() {
    let unread = folder(&[
        ("images/a.jpg", ""),
        ("images/b.jpg", ""),
        ("text/a.txt", "A good hat."),
        ("audio_feat/a.txt", "1 2"),
        ("embeddings/readme.md", ""),
        ("image_feat.bin", ""),
        ("text_feat.npy.gz", ""),
        ("visual_features.zip", ""),
        ("ItemVectors", ""),
        ("raw/a.txt", "1 2"),
        ("README_text.md", ""),
        ("context.txt", "1 2"),
    ]);
    fs::create_dir(unread.path().join("video")).unwrap();
    let foreign = read(&unread);
    let said = notes(&foreign);
    assert!(foreign.features.is_empty());
    for want in [
        "[folder-without-features] 4 folders have names of features and hold none that can be read (embeddings: 1 .md, images: 2 .jpg, text: 1 .txt, \
         video: no file)",
        "[feature-files-not-read] 1 file looks like features and is not read: name it by --text, --image or --mm (audio_feat)",
        "[file-without-features] 1 file has a name of features and holds none that can be read (ItemVectors)",
        "(image_feat.bin)",
        "save them by unpacking it (text_feat.npy.gz, visual_features.zip)",
    ] {
        assert!(said.contains(want), "`{want}` is not in {said}");
    }
    assert!(!["raw", "README", "context"].iter().any(|name| said.contains(name)), "{said}");
    // Text of numbers with such a name is read.
    let text = folder(&[("image_feat.txt", "a 1 2\nb 3 4.5\nc 5 -6\n")]);
    assert_eq!(rows(&read(&text)), want());
    let text = folder(&[("image_feat.txt", "1 2\n3 4.5\n5 -6\n"), ("image_feat.ids.txt", "a\nb\nc\n")]);
    assert_eq!(rows(&read(&text)), want());
}

/// An array as numpy writes it.
fn npy(descr: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}\n");
    [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes(), bytes].concat()
}

fn npz(path: &Path, method: zip::CompressionMethod, arrays: &[(&str, Vec<u8>)]) {
    let mut archive = zip::ZipWriter::new(File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in arrays {
        archive.start_file(format!("{name}.npy"), options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

#[test]
fn archives_of_arrays_are_read_with_their_ids() {
    let halves: Vec<u8> =
        [1.0f32, 2.0, 3.0, 4.5, 5.0, -6.0].iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect();
    let matrix = npy("<f2", "3, 2", &halves);
    let ids = npy("|S1", "3,", b"abc");
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        let archive = folder(&[]);
        npz(&archive.path().join("text_feat.npz"), method, &[("item_id", ids.clone()), ("embedding", matrix.clone())]);
        assert_eq!(rows(&read(&archive)), want(), "{method:?}");
    }
    let two = folder(&[]);
    let path = two.path().join("text_feat.npz");
    let zeros = npy("<f2", "3, 2", &[0; 12]);
    npz(&path, zip::CompressionMethod::Deflated, &[("a", zeros), ("b", matrix.clone()), ("ids", ids)]);
    refused(&two, &["text_feat.npz:a", "text_feat.npz:b", "--text"]);
    assert_eq!(rows(&read_as(&two, &text(&two, "text_feat.npz:b")).unwrap()), want());
    // Objects are never unpickled.
    npz(&path, zip::CompressionMethod::Stored, &[("a", npy("|O", "1,", &[0; 8]))]);
    refused(&two, &["text_feat.npz", "pickled"]);
    // Ids beside it, and an archive that is cut off.
    npz(&path, zip::CompressionMethod::Stored, &[("arr_0", matrix)]);
    refused(&two, &["text_feat.ids.txt"]);
    fs::write(two.path().join("text_feat.ids.txt"), "a\nb\nc").unwrap();
    assert_eq!(rows(&read(&two)), want());
    let whole = fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        assert!(read_as(&two, &Options::default()).is_err(), "{cut} bytes");
    }
    // Whatever comes out of a damaged one, it comes out.
    for place in 0..whole.len() {
        for flip in [0xff, 0x01] {
            let mut bytes = whole.clone();
            bytes[place] ^= flip;
            fs::write(&path, bytes).unwrap();
            let _ = read_as(&two, &Options::default()).map_err(|said| assert!(!said.contains('\n'), "{said}"));
        }
    }
    // A promise that its length cannot keep.
    npz(&path, zip::CompressionMethod::Deflated, &[("a", npy("<f4", "9000000, 2", &vec![0; 72_000_000]))]);
    assert!(fs::metadata(&path).unwrap().len() < 200_000, "deflated by a thousand");
    assert!(read_as(&two, &Options::default()).unwrap_err().contains("ids"), "what deflating can reach is read");
}

#[test]
fn ids_beside_a_matrix_are_of_several_kinds_and_none_is_passed_over() {
    let with = |name: &str, ids: &[u8]| {
        let beside = folder(&[]);
        write_npy_f32(&beside.path().join("text_feat.npy"), arr2(&[[1.0, 2.0], [3.0, 4.5], [5.0, -6.0]]).view())
            .unwrap();
        fs::write(beside.path().join(name), ids).unwrap();
        beside
    };
    for (name, ids) in [
        ("text_feat.ids.txt", &b"a\nb\nc\n"[..]),
        ("text_feat.ids.csv", b"row,item_id\n0,a\n1,b\n2,c\n"),
        ("text_feat.ids.json", b"[\"a\", \"b\", \"c\"]"),
        ("text_feat.ids.npy", &npy("|S1", "3,", b"abc")),
    ] {
        assert_eq!(rows(&read(&with(name, ids))), want(), "{name}");
    }
    // An empty line is a row without an id, which a reader that skips it moves all others by.
    refused(&with("text_feat.ids.txt", b"a\n\nb\nc\n"), &["text_feat.ids.txt:2: expected an item id, found nothing"]);
    refused(&with("text_feat.ids.txt", b"a\n\n\nc\n"), &["text_feat.ids.txt:2", "2 such rows (line 3"]);
    refused(
        &with("text_feat.ids.csv", b"item_id\na\n\nb\nc\n"),
        &["text_feat.ids.csv", "1 empty lines, the first is line 3"],
    );
    let trailing = read(&with("text_feat.ids.txt", b"a\nb\nc\n\n\n"));
    assert!(notes(&trailing).contains("[empty-lines-of-ids] 2 empty lines at the end"), "{}", notes(&trailing));
    refused(&with("text_feat.ids.txt", b"item_id\na\nb\nc\n"), &["3 ids", "4 ids (is the first line a header?)"]);
    refused(&with("text_feat.ids.json", b"[\"a\", 1.5, \"c\"]"), &["text_feat.ids.json", "1.5"]);
}

#[test]
fn rows_of_zeros_are_counted_and_nothing_else_is_refused() {
    let with = |rows: &str| folder(&[("text_feat.csv", rows)]);
    let some = with("item_id,e0,e1\na,0,0\nb,3,4.5\nc,0,-0.0\n");
    let about = describe(&Own::Foreign(Box::new(read(&some))));
    let said: Vec<String> = about.notes.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|note| note.starts_with("2 rows of") && note.ends_with("(a, c)")), "{said:?}");
    let all = with("item_id,e0,e1\na,0,0\nb,0,0\nc,0,0\n");
    let about = describe(&Own::Foreign(Box::new(read(&all))));
    assert!(about.problems[0].contains("nothing but zeros in the rows of all 3 items"), "{:?}", about.problems);
    assert!(made(read(&all), &all).unwrap_err().contains("nothing but zeros"));
}

#[test]
fn what_looks_like_features_and_is_not_read_is_named_with_the_way() {
    let unread = folder(&[
        ("text_feat.pt", ""),
        ("items.csv", "item_id,e0,e1\na,1,2\n"),
        ("prices.csv", "item_id,price\na,1\n"),
    ]);
    write_npy_f32(&unread.path().join("emb.npy"), arr2(&[[1.0f32]]).view()).unwrap();
    let foreign = read(&unread);
    let said = notes(&foreign);
    assert!(foreign.features.is_empty());
    assert!(said.contains("[feature-files-not-read] 2 files") && said.contains("(emb.npy, items.csv)"), "{said}");
    assert!(said.contains("save it by numpy.save") && said.contains("(text_feat.pt)"), "{said}");
    // A table that is none of features is named as one.
    assert!(said.contains("[tables-not-read] 1 table beside the interactions is not read (prices.csv)"), "{said}");
    // Texts are no features, and no reason to stop.
    let titles = folder(&[("item_title.csv", "item_id,title\na,One\nb,Two\n")]);
    assert!(notes(&read(&titles)).contains("item_title.csv:title"), "{}", notes(&read(&titles)));
    let typed = folder(&[]);
    table(
        &typed,
        "item_title.parquet",
        &format!("{IDS} required binary title (UTF8);"),
        vec![strings(ABC), strings(&["One", "Two", "Three"])],
    );
    assert!(notes(&read(&typed)).contains("item_title.parquet:title"), "{}", notes(&read(&typed)));
    // Two files for one kind are asked.
    refused(
        &folder(&[("text_a.csv", "item_id,e0,e1\na,1,2\n"), ("text_b.tsv", "item_id\te0\te1\na\t1\t2\n")]),
        &["--text", "text_a.csv", "text_b.tsv"],
    );
    // What its name contradicts is said.
    let anchor = folder(&[("text_feat.csv", "item_id,e0,e1\na,1,2\nb,3,4\nc,5,6\n")]);
    let asked = Asked::file(&anchor.path().join("text_feat.csv"));
    let options = Options { features: vec![(Modality::Mm, asked)], ..Options::default() };
    let said = notes(&read_as(&anchor, &options).unwrap());
    assert!(
        said.contains("is taken as the fused features, the anchor, as --mm says, and its name says text"),
        "{said}"
    );
    assert!(said.contains("[features-alike]"), "{said}");
}

#[test]
fn a_column_of_texts_waits_for_the_encoder_or_goes_through_it() {
    let titles = folder(&[("items.csv", "item_id,title,price\na,One,1\nb,\"Two, too\",2\nc,,3\nx,None of ours,4\n")]);
    let options = text(&titles, "items.csv:title");
    let foreign = read_as(&titles, &options).unwrap();
    assert!(notes(&foreign).contains("[no-text] 1 row of") && notes(&foreign).contains("(c)"), "{}", notes(&foreign));
    let waits = made(foreign, &titles).unwrap();
    let said: Vec<String> = waits.notes.iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|note| note.starts_with("2 of 3 items have a text in the column \"title\"")
            && note.contains("--text-model")),
        "{said:?}"
    );
    let texts = fs::read_to_string(titles.path().join("ready/items_text.jsonl")).unwrap();
    assert!(texts.contains("One") && texts.contains("Two, too") && texts.lines().count() == 3, "{texts}");
    // An encoder of ours: the length of a text.
    let mut foreign = read_as(&titles, &options).unwrap();
    let encode = |texts: &[&str]| -> Result<Array2<f32>, Box<dyn std::error::Error>> {
        assert_eq!(texts, ["One", "Two, too"], "texts of items that nobody has are not encoded");
        Ok(Array2::from_shape_fn((texts.len(), 1), |(row, _)| texts[row].len() as f32))
    };
    foreign.encode_texts(encode).unwrap();
    assert_eq!(rows(&foreign), [("a", vec![3.0]), ("b", vec![8.0])]);
    let made = made(foreign, &titles).unwrap();
    assert!(made.features.iter().any(|made| made.modality == Modality::Text && made.missing == 1));
    // Images are not read from texts.
    let asked = Asked::parse(titles.path().join("items.csv:title").to_str().unwrap());
    let image = Options { features: vec![(Modality::Vision, asked)], ..Options::default() };
    assert!(read_as(&titles, &image).unwrap_err().contains("--text takes"));
}

#[test]
fn the_column_of_items_that_was_named_is_looked_for_in_features_too() {
    let clicks = ("clicks.csv", "user_id,article_nr\nu,a\nu,b\nv,b\nv,c\n");
    let named = folder(&[clicks, ("text_feat.csv", "article_nr,e0,e1\na,1,2\nb,3,4.5\nc,5,-6\n")]);
    let mut options = Options::default();
    options.reading.columns.item = Some("article_nr".to_owned());
    assert_eq!(rows(&read_as(&named, &options).unwrap()), want());
    // A feature file may have its own name for it.
    let other = folder(&[clicks, ("text_feat.csv", "item_id,e0,e1\na,1,2\nb,3,4.5\nc,5,-6\n")]);
    assert_eq!(rows(&read_as(&other, &options).unwrap()), want());
}
