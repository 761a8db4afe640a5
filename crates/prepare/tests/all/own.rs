//! Foreign layouts as they come: the same rows give the same set, and what is wrong is named with its place.

use anchorrec_data::{Dataset, Modality};
use anchorrec_formats::{Layout, Note, guard};
use anchorrec_prepare::own::{self, Foreign, Options, Own, Plan, Prepared, write::prepare};
use anchorrec_prepare::split::Rule;
use half::f16;
use parquet::basic::Compression;
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
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

const ROWS: [(&str, &str, i64); 5] =
    [("u1", "a", 30), ("u2", "a", 10), ("u1", "b", 20), ("u1", "c", 10), ("u1", "a", 5)];

pub(crate) type Fill = Box<dyn FnMut(&mut ColumnWriter)>;

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
pub(crate) fn parquet(path: &Path, schema: &str, columns: Vec<Fill>) {
    parquet_packed(path, schema, columns, Compression::UNCOMPRESSED);
}

pub(crate) fn parquet_packed(path: &Path, schema: &str, mut columns: Vec<Fill>, packing: Compression) {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_compression(packing).build());
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

pub(crate) fn strings(texts: &'static [&'static str]) -> Fill {
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

/// Prepares a folder, keeping all rows.
fn made(folder: &Path, out: &Path, split: Rule) -> Result<Prepared, String> {
    let plan = Plan { out: out.to_owned(), name: "mine".into(), k: 0, split, keep_new_items: false, strict: false };
    let foreign = Foreign { allow_missing: true, ..foreign(folder) };
    prepare(foreign, &plan, &mut |step| println!("{step}")).map_err(|error| error.to_string())
}

fn said(notes: &[Note]) -> String {
    notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn every_layout_gives_the_same_rows() {
    let csv = folder(&[("a.csv", &lines("userID,rating,itemID,timestamp", |u, i, t| format!("{u},5,{i},{t}")))]);
    let tsv = folder(&[("a.tsv", &lines("user\titem\ttime", |u, i, t| format!("{u}\t{i}\t{t}.5")))]);
    let dates = lines("user,item,stars,date", |u, i, t| format!("{u},{i},5.0,1970-01-01T01:00:{t:02}.9+01:00"));
    let dates = folder(&[("a.csv", &dates)]);
    let typed = "user_id:token\titem_id:token\trating:float\ttimestamp:float";
    let typed = lines(typed, |u, i, t| format!("{u}\t{i}\t5\t{t}"));
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
        Box::new(|column| {
            let ColumnWriter::DoubleColumnWriter(writer) = column else { panic!() };
            writer.write_batch(&[5.0; 5], None, None).unwrap();
        }),
    ];
    let schema = "message m { required binary user_id (UTF8); required binary item_id (UTF8);
        required int64 timestamp (TIMESTAMP_MILLIS); required double rating; }";
    parquet(&table.path().join("a.parquet"), schema, columns);
    let cases = [
        (&csv, Layout::Table, Some(5.0)),
        (&tsv, Layout::Table, None),
        (&dates, Layout::Table, Some(5.0)),
        (&recbole, Layout::RecBole, Some(5.0)),
        (&table, Layout::Parquet, Some(5.0)),
    ];
    for (folder, layout, rating) in cases {
        let got = foreign(folder.path());
        assert_eq!(got.source.layout, layout);
        assert_eq!(rows(&got), want(), "{layout:?}");
        assert!(got.source.events.rows.iter().all(|row| row.rating == rating), "{layout:?}");
        let notes: Vec<String> = got.source.notes().into_iter().map(|note| note.code).collect();
        assert!(got.source.problems.is_empty() && notes.iter().all(|code| code == "times-of-own-clock"), "{notes:?}");
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
    fails_with(
        folder(&[("a.inter", "who:token\titem_id:token\n")]).path(),
        &["a.inter (without", "--user-column NAME"],
    );
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
    // What a panic prints, it prints by the hook, which can tell that it has nothing to print. The hook is the program's: whoever reads files
    // leaves it in its place, so it hears of every panic. Only those of this thread count, because other tests may fail meanwhile.
    let counts = Arc::new([const { AtomicUsize::new(0) }; 2]);
    let (before, this) = (std::panic::take_hook(), std::thread::current().id());
    let heard = counts.clone();
    std::panic::set_hook(Box::new(move |panic| match std::thread::current().id() == this {
        true => _ = heard[usize::from(guard::is_guarded())].fetch_add(1, Ordering::Relaxed),
        false => before(panic),
    }));
    let mut panics = 0;
    // Every byte changed in two ways, and every length: whatever comes out, it comes out.
    for place in 0..good.len() {
        for flip in [0xff, 0x01] {
            let mut bytes = good.clone();
            bytes[place] ^= flip;
            fs::write(&path, bytes).unwrap();
            if let Err(error) = own::read(folder.path(), &Options::default()) {
                let message = error.to_string();
                assert!(!message.contains('\n'), "{message}");
                panics += usize::from(message.contains("a damaged one"));
            }
        }
        fs::write(&path, &good[..place]).unwrap();
        assert!(own::read(folder.path(), &Options::default()).is_err());
    }
    assert!(panics > 0, "the library asserts nothing any more: then this test, and the guard, can go");
    let [printed, guarded] = counts.each_ref().map(|count| count.load(Ordering::Relaxed));
    assert_eq!(printed, 0);
    assert!(guarded >= panics, "the program's hook heard of {guarded} of {panics} panics: who has replaced it?");
}

#[test]
fn a_ready_folder_keeps_names_features_titles_and_the_earliest_of_repeats() {
    let typed = lines("user_id:token\titem_id:token\ttimestamp:float", |u, i, t| format!("{u}\t{i}\t{t}"));
    let typed = typed + "u1\td\t1\nu2\te\t11\n";
    let folder = folder(&[("a.inter", &typed), ("a.item", "item_id:token\ttitle:token_seq\nb\tSecond\n")]);
    anchorrec_data::write_npy_f32(&folder.path().join("text.npy"), ndarray::arr2(&[[4.0f32], [2.0]]).view()).unwrap();
    fs::write(folder.path().join("text.ids.txt"), "c\na\n").unwrap();
    let out = folder.path().join("ready");
    let made = made(folder.path(), &out, Rule::UserTime).unwrap();
    let dropped: Vec<(&str, u64)> = made.steps.iter().map(|step| (&step.name[..], step.dropped)).collect();
    assert_eq!(dropped, [("rows", 0), ("repeats", 1), ("ids", 0), ("split", 0)]);
    assert_eq!((made.size.interactions, made.splits), (6, [4, 1, 1]));
    let missing = fs::read_to_string(out.join("missing_text.csv")).unwrap();
    assert_eq!(missing, "itemID\titem_id\tfilled_with\n1\tb\tmean\n3\td\tmean\n4\te\tmean\n");
    assert!(said(&made.notes).contains("3 items have no text features") && said(&made.notes).contains("(b, d, e)"));
    let dataset = Dataset::load(&out).unwrap();
    let names = |list: &[Option<String>]| list.iter().map(|name| name.clone().unwrap_or_default()).collect::<Vec<_>>();
    // In the order of the rows that stay: (u2, a), (u1, b), (u1, c), (u1, a), (u1, d), (u2, e).
    assert_eq!(dataset.user_ids.as_deref().unwrap(), ["u2", "u1"]);
    assert_eq!(names(dataset.item_ids.as_deref().unwrap()), ["a", "b", "c", "d", "e"]);
    assert_eq!(names(dataset.titles.as_deref().unwrap()), ["", "Second", "", "", ""]);
    assert_eq!(dataset.features.text.clone().unwrap(), ndarray::arr2(&[[2.0f32], [3.0], [4.0], [3.0], [3.0]]));
    // u1 took d first, then a (at 5), then c, then b.
    let pair = |pair: &anchorrec_data::Pair| (pair.user, pair.item);
    assert_eq!(dataset.interactions.valid.iter().map(pair).collect::<Vec<_>>(), [(1, 2)]);
    assert_eq!(dataset.interactions.test.iter().map(pair).collect::<Vec<_>>(), [(1, 1)]);
}

#[test]
fn ratings_and_times_are_kept_where_every_row_has_one() {
    let table = |ratings: [&str; 4]| {
        let rows = ratings.iter().enumerate().map(|(n, rating)| format!("u{},i{n},{rating},2014-07-2{n}\n", n / 3));
        folder(&[("a.csv", &rows.fold("user,item,rating,date\n".to_owned(), |text, row| text + &row))])
    };
    let inter = |folder: &TempDir| fs::read_to_string(folder.path().join("ready/mine.inter")).unwrap();
    let all = table(["5", "3.5", "0.1", "-2e0"]);
    made(all.path(), &all.path().join("ready"), Rule::UserTime).unwrap();
    // 2014-07-20 is 16,271 days after 1970-01-01; of three rows the last is test, the one before it validation.
    let day = |n: i64| (16_271 + n) * 86_400;
    let rows = [(0, 0, "5.0", 0), (0, 1, "3.5", 1), (0, 2, "0.1", 2), (1, 3, "-2.0", 0)];
    let rows = rows
        .iter()
        .zip(0..)
        .map(|((user, item, rating, split), n)| format!("{user}\t{item}\t{rating}\t{}\t{split}\n", day(n)));
    let want = "userID\titemID\trating\ttimestamp\tx_label\n".to_owned() + &rows.collect::<String>();
    assert_eq!(inter(&all), want);
    assert_eq!(Dataset::load(&all.path().join("ready")).unwrap().interactions.train.len(), 2);
    let some = table(["5", "", "good", "1"]);
    let notes = made(some.path(), &some.path().join("ready"), Rule::UserTime).unwrap().notes;
    assert!(inter(&some).starts_with("userID\titemID\ttimestamp\tx_label\n"));
    assert!(said(&notes).contains("2 ratings are missing") && said(&notes).contains("a.csv:3"), "{notes:?}");
}

#[test]
fn a_column_of_two_ways_of_writing_times_is_named_with_its_line() {
    let folder = folder(&[("a.csv", "user,item,time\nu,a,1406073600\nu,b,2014-07-23\nu,c,1406073600000\n")]);
    let source = foreign(folder.path()).source;
    let problems: Vec<String> = source.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 2);
    assert!(problems[0].contains("a.csv:3: expected seconds, as on line 2, found a day"), "{problems:?}");
    assert!(problems[1].contains("a.csv:4: expected seconds, as on line 2, found milliseconds"), "{problems:?}");
}

#[test]
fn parquet_times_are_dates_texts_and_timestamps_of_every_unit() {
    let seconds = 1_406_073_600;
    let whole = move |factor: i64| -> Fill {
        Box::new(move |column| {
            let ColumnWriter::Int64ColumnWriter(writer) = column else { panic!() };
            writer.write_batch(&[seconds * factor], None, None).unwrap();
        })
    };
    let day: Fill = Box::new(|column| {
        let ColumnWriter::Int32ColumnWriter(writer) = column else { panic!() };
        writer.write_batch(&[16_274], None, None).unwrap();
    });
    let cases: Vec<(&str, Fill)> = vec![
        ("int64 time (TIMESTAMP(NANOS,true))", whole(1_000_000_000)),
        ("int64 time (TIMESTAMP(MICROS,false))", whole(1_000_000)),
        ("int64 time (TIMESTAMP_MILLIS)", whole(1000)),
        ("int64 time", whole(1)),
        ("int64 time", whole(1000)),
        ("int32 time (DATE)", day),
        ("binary time (UTF8)", strings(&["2014-07-23T02:00:00+02:00"])),
    ];
    for (kind, fill) in cases {
        let folder = folder(&[]);
        let schema =
            format!("message m {{ required binary user (UTF8); required binary item (UTF8); required {kind}; }}");
        parquet(&folder.path().join("a.parquet"), &schema, vec![strings(&["u"]), strings(&["i"]), fill]);
        let got = foreign(folder.path());
        assert_eq!(rows(&got), [("u".to_owned(), "i".to_owned(), seconds)], "{kind}: {:?}", got.source.problems);
    }
}

#[test]
fn a_missing_anchor_is_made_of_what_there_is_and_said() {
    let rows = lines("user,item,time", |u, i, t| format!("{u},{i},{t}"));
    let numbers = ndarray::arr2(&[[1.0f32, 0.0, 2.0], [3.0, 1.0, 4.0], [5.0, 6.0, 1.0]]);
    let with = |kinds: &[&str]| {
        let folder = folder(&[("a.csv", &rows)]);
        for kind in kinds {
            let path = folder.path().join(format!("{kind}.npy"));
            anchorrec_data::write_npy_f32(&path, (&numbers * kind.len() as f32).view()).unwrap();
            fs::write(path.with_extension("ids.txt"), "a\nb\nc\n").unwrap();
        }
        let out = folder.path().join("ready");
        let made = made(folder.path(), &out, Rule::Random { seed: 1 }).unwrap();
        (Dataset::load(&out).unwrap().features.mm.clone(), said(&made.notes), folder)
    };
    let (mm, notes, _) = with(&["text", "image"]);
    // By the definition: rows of length 1, joined, at their distances from one another. A PCA that keeps all variance keeps those.
    let unit = |row: usize| {
        let row = numbers.row(row).mapv(f64::from);
        let length = row.dot(&row).sqrt();
        row / length
    };
    let mm = mm.unwrap();
    assert_eq!(mm.dim(), (3, 2));
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
        let want = 2.0 * (unit(i) - unit(j)).mapv(|x| x * x).sum();
        let got = (&mm.row(i) - &mm.row(j)).mapv(|x| f64::from(x) * f64::from(x)).sum();
        assert!((got - want).abs() < 1e-5, "{got} {want}");
    }
    assert!(notes.contains("PCA of text and images") && notes.contains("100.0 %"), "{notes}");
    let (mm, notes, _) = with(&["text"]);
    assert!(mm.is_some() && notes.contains("PCA of text alone"), "{notes}");
    let (mm, notes, _) = with(&["mm", "text"]);
    assert!(mm.unwrap() == &numbers * 2.0 && !notes.contains("PCA"), "{notes}");
    let (mm, notes, _) = with(&[]);
    assert!(mm.is_none() && notes.contains("there is no mm_feat.npy"), "{notes}");
}

#[test]
fn features_of_every_kind_and_file_by_item_id() {
    let numbers = ndarray::arr2(&[[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    for kind in ["mm", "text", "image"] {
        for ending in ["npy", "safetensors", "parquet"] {
            let folder = folder(&[("a.csv", &lines("user,item,time", |u, i, t| format!("{u},{i},{t}")))]);
            let path = folder.path().join(format!("{kind}_feat.{ending}"));
            match ending {
                "npy" => anchorrec_data::write_npy_f32(&path, numbers.view()).unwrap(),
                "safetensors" => {
                    let view = TensorView::new(Dtype::F32, vec![3, 2], &bytes).unwrap();
                    fs::write(&path, safetensors::serialize([("x", view)], None).unwrap()).unwrap();
                }
                _ => {
                    let columns = vec![strings(&["c", "other", "a"]), lists(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])];
                    parquet(&path, FEATURES, columns);
                }
            }
            if ending != "parquet" {
                fs::write(path.with_extension("ids.txt"), "c\nother\na\n").unwrap();
            }
            let out = folder.path().join("ready");
            let made = made(folder.path(), &out, Rule::Random { seed: 1 }).unwrap();
            let dataset = Dataset::load(&out).unwrap();
            let modality = made.features.iter().find(|made| made.missing == 1).unwrap().modality;
            let matrix = dataset.features.of(modality).unwrap();
            // Items in the order of rows without the later (u1, a): a is the second user's first ... a, b, c.
            assert_eq!(matrix, ndarray::arr2(&[[5.0f32, 6.0], [3.0, 4.0], [1.0, 2.0]]), "{kind}.{ending}");
            let list = format!("missing_{kind}.csv");
            assert_eq!(fs::read_to_string(out.join(list)).unwrap(), "itemID\titem_id\tfilled_with\n1\tb\tmean\n");
            assert!(said(&made.notes).contains("have their own, missing_"));
        }
    }
}

#[test]
fn a_number_that_is_not_finite_is_named_with_its_item() {
    let folder = folder(&[("a.csv", "user,item\n1,2\n")]);
    let path = folder.path().join("text.npy");
    anchorrec_data::write_npy_f32(&path, ndarray::arr2(&[[1.0f32], [f32::NAN]]).view()).unwrap();
    fs::write(path.with_extension("ids.txt"), "2\nhat\n").unwrap();
    fails_with(folder.path(), &["text.npy: row 1", "\"hat\""]);
}

#[test]
fn what_cannot_be_trained_on_is_not_made_and_says_whose_fault_it_is() {
    // Both have everything: there is no negative.
    let rows = "user,item\nAnn,a\nAnn,b\nBob,a\nBob,b\n";
    let folder = folder(&[("a.csv", rows)]);
    let out = folder.path().join("ready");
    let message = made(folder.path(), &out, Rule::Random { seed: 1 }).unwrap_err();
    assert!(message.starts_with("every user with a training row has all 2 items"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left");
}

#[test]
fn parquet_ids_ratings_and_times_of_other_writers() {
    use parquet::data_type::{FixedLenByteArray, Int96};
    let fixed = |bytes: &'static [u8]| -> Fill {
        Box::new(move |column| {
            let ColumnWriter::FixedLenByteArrayColumnWriter(writer) = column else { panic!() };
            writer.write_batch(&[FixedLenByteArray::from(bytes.to_vec())], None, None).unwrap();
        })
    };
    let whole = |number: i32| -> Fill {
        Box::new(move |column| {
            let ColumnWriter::Int32ColumnWriter(writer) = column else { panic!() };
            writer.write_batch(&[number], None, None).unwrap();
        })
    };
    let read = |columns: &str, fills: Vec<Fill>| {
        let folder = folder(&[]);
        let schema = format!("message m {{ {columns} }}");
        parquet(&folder.path().join("a.parquet"), &schema, fills);
        own::read(folder.path(), &Options::default()).map_err(|error| error.to_string())
    };
    let one = |columns: &str, fills: Vec<Fill>| match read(columns, fills).unwrap() {
        Own::Foreign(foreign) => *foreign,
        Own::Ready(_) => panic!(),
    };
    // 4.5 as DECIMAL(2, 1): the whole number 45 and where its point is.
    let columns = "required binary user (UTF8); required binary item (UTF8); required int32 rating (DECIMAL(2,1));";
    let got = one(columns, vec![strings(&["u"]), strings(&["i"]), whole(45)]);
    assert_eq!(got.source.events.rows[0].rating, Some(4.5));
    // Ids: a UUID as people write it; a whole number of no decimal places, and one of a place that is zero; text filled up with zeros.
    let uuid: &[u8] = &[0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0x00];
    let columns = "required fixed_len_byte_array(16) user (UUID); required int32 item (DECIMAL(3,1));";
    let got = one(columns, vec![fixed(uuid), whole(310)]);
    assert_eq!(rows(&got), [("123e4567-e89b-12d3-a456-426614174000".to_owned(), "31".to_owned(), 0)]);
    let columns = "required fixed_len_byte_array(4) user; required fixed_len_byte_array(2) item (DECIMAL(4,0));";
    let got = one(columns, vec![fixed(b"ab\0\0"), fixed(&[0xff, 0xfe])]);
    assert_eq!(rows(&got), [("ab".to_owned(), "-2".to_owned(), 0)]);
    // Spark's timestamps: nanoseconds of the day, and the Julian day; 2014-07-23 is 16,274 days after 1970-01-01.
    let spark: Fill = Box::new(|column| {
        let ColumnWriter::Int96ColumnWriter(writer) = column else { panic!() };
        let mut time = Int96::new();
        let nanoseconds = 36_672_999_999_999u64;
        time.set_data(nanoseconds as u32, (nanoseconds >> 32) as u32, 2_440_588 + 16_274);
        writer.write_batch(&[time], None, None).unwrap();
    });
    let columns = "required binary user (UTF8); required binary item (UTF8); required int96 time;";
    let got = one(columns, vec![strings(&["u"]), strings(&["i"]), spark]);
    assert_eq!(rows(&got)[0].2, 1_406_073_600 + 36_672);
    // A time of day is no point in time.
    let clock: Fill = Box::new(|column| {
        let ColumnWriter::Int64ColumnWriter(writer) = column else { panic!() };
        writer.write_batch(&[4], None, None).unwrap();
    });
    let columns = "required binary user (UTF8); required binary item (UTF8); required int64 time (TIME(MICROS,true));";
    let message = read(columns, vec![strings(&["u"]), strings(&["i"]), clock]).unwrap_err();
    assert!(
        message.contains("times of day (TIME), which have no day") && message.contains("--time-column"),
        "{message}"
    );
    // A rating that is true or false is one or zero.
    let truth: Fill = Box::new(|column| {
        let ColumnWriter::BoolColumnWriter(writer) = column else { panic!() };
        writer.write_batch(&[true], None, None).unwrap();
    });
    let columns = "required binary user (UTF8); required binary item (UTF8); required boolean rating;";
    let got = one(columns, vec![strings(&["u"]), strings(&["i"]), truth]);
    assert_eq!(got.source.events.rows[0].rating, Some(1.0));
}
