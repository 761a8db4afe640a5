//! What a table does not say and a person should hear: times that are no dates, columns that look as if they were meant, files that do not agree,
//! trees of files without endings; and how wrong rows are counted.

use crate::doors::{folder, made, notes, plan, read, read_as, rows};
use crate::features::longs;
use crate::own::{parquet, parquet_packed, strings};
use anchorrec_formats::{ColumnNames, Layout, Positives, Reading};
use anchorrec_prepare::own::{Foreign, Options, describe};
use anchorrec_prepare::split::Rule;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use std::fs;
use tempfile::TempDir;

/// A table with a time in each row.
fn times(texts: &[&str]) -> TempDir {
    let rows: String = texts.iter().zip(0..).map(|(text, n): (_, usize)| format!("u{},i{n},{text}\n", n % 2)).collect();
    folder(&[("a.csv", &format!("user,item,time\n{rows}"))])
}

fn ordered() -> Options {
    Options { reading: Reading { order_is_time: true, ..Reading::default() }, ..Options::default() }
}

#[test]
fn numbers_that_are_days_or_years_are_never_seconds_without_a_word() {
    for (texts, unit) in [
        (["44927.5", "44927.25", "44928.0"], "days, as a spreadsheet counts them"),
        (["2015.5", "2014.0", "2016.25"], "years"),
        (["2456658.5", "2456658.25", "2456659.0"], "Julian days"),
    ] {
        let said = read_as(&times(&texts), &Options::default()).err().unwrap();
        assert!(said.contains("a.csv: expected points in time") && said.contains(unit), "{said}");
        assert!(said.contains("write them as dates like 2014-07-23T10:11:12"), "{said}");
    }
    for (texts, want) in [
        (["44927", "44928", "44930"], "44927 to 44930; they look like days"),
        (["2015", "2013", "2014"], "2013 to 2015; they look like years"),
        (["201501", "201412", "201502"], "201412 to 201502; they look like years and months"),
        (["106910", "106915", "0"], "which order rows and are no dates: 0 to 106915"),
    ] {
        let numbers = times(&texts);
        let foreign = read(&numbers);
        let said = notes(&foreign);
        assert!(said.contains("[times-of-own-clock] 3 times are numbers of a clock of their own"), "{said}");
        assert!(said.contains(want), "{texts:?}: {said}");
        // They order rows; where a day is asked for, there is none.
        let dates = Rule::Dates { valid: 1, test: 2 };
        let said = made(foreign, &plan(&numbers.path().join("ready"), dates)).unwrap_err();
        assert!(said.contains("expected times that are dates"), "{said}");
    }
    let said = notes(&read(&times(&["1700000000", "0", "-1"])));
    assert!(said.contains("[times-near-1970] 2 times lie before 1973 and the others after it"), "{said}");
    assert!(!notes(&read(&times(&["1700000000", "1700000001.5", "1700000002"]))).contains("times"));
}

#[test]
fn a_time_of_day_names_the_way_to_the_day() {
    // As DuckDB writes `ts::date` and `ts::time` to CSV; JSON lines too.
    let csv = "user,item,date,time\na,x,2024-01-01,00:00:04\nb,y,2024-01-02,23:00:03.5\n";
    let lines = "{\"user\":\"a\",\"item\":\"x\",\"date\":\"2024-01-01\",\"time\":\"00:00:04\"}\n";
    for (name, text) in [("a.csv", csv), ("a.jsonl", lines)] {
        let clocks = folder(&[(name, text)]);
        let foreign = read_as(&clocks, &Options::default()).unwrap();
        let said = foreign.source.problems[0].to_string();
        assert!(said.contains("a time of day without its day: name another column by --time-column"), "{said}");
        let columns = ColumnNames { time: Some("date".into()), ..ColumnNames::default() };
        let options = Options { reading: Reading { columns, ..Reading::default() }, ..Options::default() };
        assert_eq!(rows(&read_as(&clocks, &options).unwrap())[0], "a x 1704067200");
    }
}

#[test]
fn the_order_of_rows_is_the_time_of_none_or_of_all() {
    let with = "user,item,time\na,x,1700000000\nb,y,1700000001\n";
    let some = folder(&[("w_1.csv", with), ("w_2.csv", "user,item\na,y\n")]);
    let said = read_as(&some, &ordered()).err().unwrap();
    assert!(said.contains("w_1.csv: expected no column of times") && said.contains("none in"), "{said}");
    let all = read_as(&folder(&[("a.csv", with)]), &ordered()).unwrap();
    assert_eq!(rows(&all), ["a x 1700000000", "b y 1700000001"]);
    assert!(notes(&all).contains("[order-not-taken] rows have times of their own"), "{}", notes(&all));
    // A row without its time is wrong either way.
    let gap = read_as(&folder(&[("a.csv", &format!("{with}c,z,\n"))]), &ordered()).unwrap();
    assert!(gap.source.problems[0].to_string().ends_with("a.csv:4: expected a time in the column time, found nothing"));
    // An order is no date.
    let plain = folder(&[("a.csv", "user,item\na,x\na,y\na,z\n")]);
    let dates = Rule::Dates { valid: 1, test: 2 };
    let said = made(read_as(&plain, &ordered()).unwrap(), &plan(&plain.path().join("ready"), dates)).unwrap_err();
    assert!(said.contains("expected times that are dates"), "{said}");
}

#[test]
fn labels_in_some_files_only_are_no_labels() {
    let some = folder(&[("w_1.csv", "user,item,label\na,x,1\nb,y,0\n"), ("w_2.csv", "user,item\na,y\n")]);
    let said = read_as(&some, &Options::default()).err().unwrap();
    assert!(said.contains("w_2.csv: expected a column of labels as in") && said.contains("--positive all"), "{said}");
    let positives = Positives { all: true, ..Positives::default() };
    let options = Options { reading: Reading { positives, ..Reading::default() }, ..Options::default() };
    assert_eq!(rows(&read_as(&some, &options).unwrap()), ["a x", "b y", "a y"]);
    let rated = folder(&[("w_1.csv", "user,item,rating\na,x,1\n"), ("w_2.csv", "user,item\na,y\n")]);
    assert!(notes(&read(&rated)).contains("[ratings-of-some-files]"));
}

#[test]
fn a_column_that_looks_like_a_split_a_label_or_an_event_is_named_with_the_option() {
    let text = "user,item,set,target,event\na,x,train,1,view\na,y,test,0,cart\nb,y,train,1,view\n";
    let row = |set: &str, target: u8, event: &str| {
        format!("{{\"user\":\"a\",\"item\":\"x\",\"set\":\"{set}\",\"target\":{target},\"event\":\"{event}\"}}\n")
    };
    let lines = [row("train", 1, "view"), row("test", 0, "cart")].concat();
    let table = folder(&[]);
    let schema = "message m { required binary user (UTF8); required binary item (UTF8); required binary set (UTF8); required int64 target;
        required binary event (UTF8); required group tags (LIST) { repeated group list { required int64 element; } } }";
    let lists: crate::own::Fill = Box::new(|column| {
        let parquet::column::writer::ColumnWriter::Int64ColumnWriter(writer) = column else { panic!() };
        writer.write_batch(&[1, 2], Some(&[1, 1]), Some(&[0, 0])).unwrap();
    });
    let columns = vec![
        strings(&["a", "a"]),
        strings(&["x", "y"]),
        strings(&["train", "test"]),
        longs(&[1, 0]),
        strings(&["view", "cart"]),
        lists,
    ];
    parquet(&table.path().join("a.parquet"), schema, columns);
    for place in [&folder(&[("a.csv", text)]), &folder(&[("a.jsonl", &lines)]), &table] {
        let foreign = read(place);
        let said = notes(&foreign);
        let want = [
            "[split-column-not-read] the column set looks like a split and is not read: --split column:set takes it (train, test)",
            "[label-column-not-read] the column target looks like a label and is not read, so every row counts: --positive target=1",
            "[events-of-several-kinds] the column event says what kind of event a row is, and rows of every kind count: --positive event=cart",
        ];
        want.iter().for_each(|want| assert!(said.contains(want), "{:?}: {said}", foreign.source.layout));
        // Nothing is said of a column that is taken.
        let columns = ColumnNames { part: Some("set".into()), ..ColumnNames::default() };
        let positives = Positives { equal: Some(("target".into(), "1".into())), ..Positives::default() };
        let options = Options { reading: Reading { columns, positives, ..Reading::default() }, ..Options::default() };
        let foreign = read_as(place, &options).unwrap();
        assert!(!notes(&foreign).contains("looks like") && rows(&foreign)[0] == "a x Train", "{}", notes(&foreign));
    }
    // Cross-validation, titles and colours are none of these.
    let others = folder(&[("a.csv", "user,item,fold,title,color\na,x,0,Test,red\na,y,1,Train,blue\nb,x,2,Mine,red\n")]);
    assert!(!notes(&read(&others)).contains("looks like"), "{}", notes(&read(&others)));
}

#[test]
fn trees_of_files_without_endings_are_found() {
    let rows_of = |time: i64| format!("user,item,time\na,x,{time}\nb,y,{}\n", time + 1);
    let (one, two) = (rows_of(1_700_000_000), rows_of(1_700_086_400));
    let want = ["a x 1700000000", "b y 1700000001", "a x 1700086400", "b y 1700086401"].map(str::to_owned);
    for base in ["", "clicks/", "clicks.csv/"] {
        let tree = folder(&[
            (&format!("{base}dt=2023-11-14/000000_0"), &one),
            (&format!("{base}dt=2023-11-15/part-00000"), &two),
            (&format!("{base}_SUCCESS"), ""),
        ]);
        let foreign = read(&tree);
        assert_eq!(rows(&foreign), want, "{base}");
        let said = notes(&foreign);
        assert!(said.contains("[partitions-not-read] 1 column stands in the names of folders alone"), "{said}");
    }
    // Parquet is known by how it begins: Hive's and Spark's parts, and a file of any name.
    for (names, part) in [
        (["dt=1/000000_0", "dt=2/000000_0"], 1),
        (["clicks/part-00000", "clicks/part-00001.c000"], 0),
        (["events", "events2"], 0),
    ] {
        let tree = folder(&[]);
        for (name, time) in names.iter().zip([1_700_000_000, 1_700_086_400]) {
            let path = tree.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let schema = "message m { required binary user (UTF8); required binary item (UTF8); required int64 time; }";
            let numbers: &'static [i64] = Box::leak(Box::new([time, time + 1]));
            parquet(&path, schema, vec![strings(&["a", "b"]), strings(&["x", "y"]), longs(numbers)]);
        }
        let foreign = read(&tree);
        assert_eq!((foreign.source.layout, &rows(&foreign)[..]), (Layout::Parquet, &want[..]), "{names:?}");
        assert_eq!(notes(&foreign).matches("[partitions-not-read]").count(), part, "{}", notes(&foreign));
    }
    // What is there and does not fit is named.
    let other = folder(&[("notes/readme.csv", "a,b\n1,2\n"), ("label=1/part-0.csv", "user,item\na,x\n")]);
    let said = read_as(&other, &Options::default()).err().unwrap();
    assert!(said.contains("a folder label=") && said.contains("notes ("), "{said}");
    // A folder of the data set's own may have features beside its table.
    let inner = folder(&[("mine/clicks.csv", "user,item\na,x\n")]);
    let said = read_as(&inner, &Options::default()).err().unwrap();
    assert!(said.contains("mine (a folder with a table: the data folder, or the one of --interactions?)"), "{said}");
}

#[test]
fn every_packing_of_parquet_is_read_of_interactions_too() {
    for packing in [
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::BROTLI(BrotliLevel::default()),
    ] {
        let table = folder(&[]);
        let schema = "message m { required binary user (UTF8); required binary item (UTF8); required int64 time; }";
        let columns = vec![strings(&["a", "b"]), strings(&["x", "y"]), longs(&[1_700_000_000, 1_700_000_001])];
        parquet_packed(&table.path().join("a.parquet"), schema, columns, packing);
        assert_eq!(rows(&read(&table)), ["a x 1700000000", "b y 1700000001"], "{packing:?}");
    }
}

#[test]
fn wrong_rows_are_the_first_few_of_each_kind_and_a_count_of_each() {
    let mut text = "user,item,time\na,x,1700000000\n".to_owned();
    (0..1007).for_each(|n| text += &format!("a,i{n},soon\n"));
    text += ",x,1700000000\na,x\n";
    let foreign: Foreign = read_as(&folder(&[("a.csv", &text)]), &Options::default()).unwrap();
    let lines = foreign.source.problem_lines();
    assert_eq!((foreign.source.wrong, lines.len()), (1009, 5 + 1 + 1 + 1), "{lines:?}");
    assert!(lines[4].contains("a.csv:7: expected a time") && lines[5].contains("a.csv:1010: expected a user id"));
    assert!(lines[6].ends_with("a.csv:1011: expected 3 fields as in the header, found 2"), "{lines:?}");
    assert!(
        lines[7].starts_with("1,002 more such rows: expected a time in the column time: a number of seconds"),
        "{lines:?}"
    );
    let about = describe::describe(&anchorrec_prepare::own::Own::Foreign(Box::new(foreign)));
    assert_eq!((about.wrong, &about.problems[..8]), (1009 + about.problems.len() - 8, &lines[..]));
}
