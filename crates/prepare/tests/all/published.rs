//! Published layouts and JSON lines, from files made as their publishers make them; the right rows are solved by hand.

use anchorrec_formats::{Layout, Reading};
use anchorrec_prepare::own::{self, Foreign, Options, Own, Plan, write::prepare};
use anchorrec_prepare::split::Rule;
use parquet::column::writer::ColumnWriter;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match name.rsplit_once('.').unwrap().1 {
            "gz" => {
                let mut gz = flate2::write::GzEncoder::new(File::create(path).unwrap(), flate2::Compression::fast());
                gz.write_all(text.as_bytes()).unwrap();
                gz.finish().unwrap();
            }
            _ => fs::write(path, text).unwrap(),
        }
    }
    folder
}

fn read_with(folder: &TempDir, options: &Options) -> Result<Foreign, String> {
    match own::read(folder.path(), options) {
        Ok(Own::Foreign(foreign)) => Ok(*foreign),
        Ok(Own::Ready(_)) => panic!("a ready data set"),
        Err(error) => Err(error.to_string()),
    }
}

#[track_caller]
fn read(folder: &TempDir) -> Foreign {
    let foreign = read_with(folder, &Options::default()).unwrap();
    assert_eq!(foreign.source.wrong, 0, "{:?}", foreign.source.problems);
    foreign
}

/// User, item, time and part of every row.
fn rows(foreign: &Foreign) -> Vec<String> {
    let events = &foreign.source.events;
    let row = |(place, row): (usize, &anchorrec_prepare::Event)| {
        let (user, item) = (events.users.name(row.user), events.items.name(row.item));
        let time = row.time.map_or(String::new(), |time| format!(" {}", time.seconds()));
        let part = events.parts.get(place).map_or(String::new(), |part| format!(" {part:?}"));
        format!("{user} {item}{time}{part}")
    };
    events.rows.iter().enumerate().map(row).collect()
}

fn notes(foreign: &Foreign) -> String {
    foreign.source.notes().iter().map(|note| format!("[{}] {note}\n", note.code)).collect()
}

/// Amazon's reviews of 2014: strict JSON, a review a line.
const REVIEWS: &str = concat!(
    r#"{"reviewerID": "A1", "asin": "B1", "reviewerName": "Ann \"A\"", "helpful": [2, 3], "overall": 5.0, "unixReviewTime": 1400000000}"#,
    "\n",
    r#"{"reviewerID": "A2", "asin": "B1", "helpful": [0, 0], "reviewText": "{not} [a] \u00e9", "overall": 1.0, "unixReviewTime": 1400000500, "x": {"y": [1]}}"#,
    "\r\n\n",
    r#"{"asin": "B2", "unixReviewTime": 1400000100, "reviewerID": "A1", "overall": 4.0}"#,
);

#[test]
fn json_lines_are_read_plain_and_packed_whatever_their_order_of_keys() {
    for name in ["reviews_Toys_5.json", "reviews_Toys_5.json.gz", "mine.jsonl", "mine.ndjson.gz"] {
        let foreign = read(&folder(&[(name, REVIEWS)]));
        assert_eq!(foreign.source.layout, Layout::JsonLines, "{name}");
        assert_eq!(rows(&foreign), ["A1 B1 1400000000", "A2 B1 1400000500", "A1 B2 1400000100"], "{name}");
        assert_eq!(foreign.source.events.rows[2].rating, Some(4.0));
        let said = notes(&foreign);
        assert!(said.contains("4 columns are not read (reviewerName, helpful, reviewText, x)"), "{said}");
    }
    // Amazon 2023: the parent is the item; milliseconds.
    let text = r#"{"rating": 5.0, "title": "t", "images": [], "asin": "B1", "parent_asin": "B9", "user_id": "U1", "timestamp": 1588687728923, "verified_purchase": true}"#;
    assert_eq!(rows(&read(&folder(&[("Toys.jsonl", text)]))), ["U1 B9 1588687728"]);
    // Numbers stay as they were written; a split in files of LATTICE's names is no LATTICE.
    let row = |item: &str| format!("{{\"user_id\": 18446744073709551615, \"item_id\": {item}}}\n");
    let split = folder(&[("train.json", &row("7")), ("val.json", &row("-3")), ("test.json", &row("\"007\""))]);
    let big = "18446744073709551615";
    assert_eq!(rows(&read(&split)), [format!("{big} 7 Train"), format!("{big} -3 Valid"), format!("{big} 007 Test")]);
}

#[test]
fn json_lines_that_are_wrong_are_named_with_their_line() {
    let good = r#"{"user_id": "u", "item_id": "i", "rating": 5, "time": 10}"#;
    let wrong = [
        (
            r#"{"user_id": "u", "item_id": ["i"], "time": 10}"#,
            "a.jsonl:2: expected an id as a text or a number in \"item_id\", found a list or an object",
        ),
        (r#"{"user_id": null, "item_id": "i", "time": 10}"#, "a.jsonl:2: expected a user id, found nothing"),
        (r#"{"item_id": "i", "time": 10}"#, "a.jsonl:2: expected a user id, found nothing"),
        (r#"{"user_id": "u", "item_id": "i"}"#, "a.jsonl:2: expected a time in the column time, found null"),
        (
            r#"{"user_id": "u", "item_id": 1e300, "time": 1}"#,
            "a.jsonl:2: expected an id as a text, or as a whole number of 64 bits",
        ),
        (r#"{"user_id": "u", "item_id": "i", "time": 10"#, "a.jsonl:2: expected an object of columns, found"),
        (r#"{"user_id": "u", "user_id": "v", "item_id": "i"}"#, "a.jsonl:2: expected an object of columns, found"),
        ("[1, 2]", "a.jsonl:2: expected an object of columns, found"),
    ];
    for (line, want) in wrong {
        let text = format!("{good}\n{line}\n{good}\n");
        let foreign = read_with(&folder(&[("a.jsonl", &text)]), &Options::default()).unwrap();
        assert_eq!((foreign.source.wrong, foreign.source.events.rows.len()), (1, 2), "{line}");
        let said = foreign.source.problems[0].to_string();
        assert!(said.contains(want) && !said.contains('\n'), "{line}: {said}");
    }
    // A rating that is missing is none.
    let text = format!("{good}\n{{\"user_id\": \"v\", \"item_id\": \"i\", \"time\": 11}}\n");
    let said = notes(&read(&folder(&[("a.jsonl", &text)])));
    assert!(said.contains("[ratings-missing] 1 rating is missing"), "{said}");
    for (name, text, want) in [
        ("a.json", "7\n", "its first line is no object of columns"),
        ("a.jsonl", "{\"user_id\": 1, \"thing\": 2}\n", "without a column of items"),
        ("a.jsonl", "", "an object of columns on every line"),
    ] {
        let said = read_with(&folder(&[(name, text)]), &Options::default()).err().unwrap();
        assert!(said.contains(want), "{name}: {said}");
    }
}

const BEHAVIORS: &str = "1\tU13740\t11/11/2019 9:05:58 AM\tN55189 N42782\tN55689-1 N35729-0\n\
    2\tU91836\t11/12/2019 6:11:30 PM\t\tN20678-0 N39317-1 N55689-1\n\
    3\tU13740\t11/13/2019 12:00:00 AM\tN55189\tN35729-0\n";
const NEWS: &str = "N55689\tsports\tfootball\tCharles Rogers, \"former\" player\tAbstract\thttps://x\t[]\t[]\n";

#[test]
fn mind_is_read_click_by_click() {
    // `date -u -d "2019-11-11 09:05:58" +%s` of GNU coreutils.
    let want = ["U13740 N55689 1573463158", "U91836 N39317 1573582290", "U91836 N55689 1573582290"];
    let one = folder(&[("behaviors.tsv", BEHAVIORS), ("news.tsv", NEWS), ("entity_embedding.vec", "Q1\t0.1\n")]);
    let foreign = read(&one);
    assert_eq!((foreign.source.layout, &rows(&foreign)[..]), (Layout::Mind, &want.map(str::to_owned)[..]));
    assert_eq!(foreign.source.left_out.labelled, 3);
    assert_eq!(foreign.titles["N55689"], "Charles Rogers, \"former\" player");
    let said = notes(&foreign);
    assert!(said.contains("[history-not-read] 3 clicks of histories are not read"), "{said}");
    assert!(said.contains("[not-positive] 3 rows are no positives and were left out: 3 labelled 0"), "{said}");
    // The published folders are a split.
    let both = folder(&[
        ("MINDsmall_train/behaviors.tsv", BEHAVIORS),
        ("MINDsmall_train/news.tsv", NEWS),
        ("MINDsmall_dev/behaviors.tsv", "1\tU1\t11/14/2019 1:00:00 PM\tN1\tN2-1\n"),
    ]);
    let foreign = read(&both);
    assert_eq!(rows(&foreign)[..3], want.map(|row| row.to_owned() + " Train"));
    assert_eq!(rows(&foreign)[3], "U1 N2 1573736400 Valid");
    // The test set does not say what was clicked; a line that is none is named.
    let bad = format!("{BEHAVIORS}4\tU2\t14/11/2019 1:00:00 PM\t\tN1-1\n5\tU2\t11/14/2019 1:00:00 PM\t\tN1\nU\n");
    let foreign = read_with(&folder(&[("behaviors.tsv", &bad)]), &Options::default()).unwrap();
    let said: Vec<String> = foreign.source.problems.iter().map(ToString::to_string).collect();
    assert!(
        said[0].contains("behaviors.tsv:4: expected a time like 11/13/2019") && said[1].contains(":6: expected 5"),
        "{said:?}"
    );
    assert!(notes(&foreign).contains("[impressions-not-judged] 1 item was shown and not judged"));
}

type Values<'a> = (&'a str, &'a [i64]);

/// A Parquet file of whole numbers; `like` is a truth.
fn numbers(path: &Path, columns: &[Values]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let kind = |name: &str| if name == "like" { "boolean" } else { "int64" };
    let fields: String = columns.iter().map(|(name, _)| format!("required {} {name}; ", kind(name))).collect();
    let schema = Arc::new(parse_message_type(&format!("message m {{ {fields} }}")).unwrap());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (_, values) in columns {
        let mut column = group.next_column().unwrap().unwrap();
        match column.untyped() {
            ColumnWriter::Int64ColumnWriter(writer) => writer.write_batch(values, None, None).unwrap(),
            ColumnWriter::BoolColumnWriter(writer) => {
                let truths: Vec<bool> = values.iter().map(|&value| value == 1).collect();
                writer.write_batch(&truths, None, None).unwrap()
            }
            _ => panic!(),
        };
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn vk_lsvd_is_read_week_by_week_and_its_order_is_its_time() {
    let place = tempfile::tempdir().unwrap();
    let week = |path: &str, users: &[i64], items: &[i64], likes: &[i64]| {
        let spent = vec![7; users.len()];
        let columns: [Values; 4] = [("user_id", users), ("item_id", items), ("timespent", &spent), ("like", likes)];
        numbers(&place.path().join(path), &columns);
    };
    week("train/week_00.parquet", &[5, 6, 5], &[1, 2, 3], &[1, 1, 0]);
    week("train/week_01.parquet", &[5, 6], &[4, 1], &[1, 1]);
    week("validation/week_25.parquet", &[5], &[2], &[1]);
    week("test/week_26.parquet", &[6], &[4], &[1]);
    let foreign = read(&place);
    assert_eq!(rows(&foreign), ["5 1 Train", "6 2 Train", "5 4 Train", "6 1 Train", "5 2 Valid", "6 4 Test"]);
    let said = notes(&foreign);
    assert!(said.contains("1 column is not read (timespent)") && said.contains("1 labelled 0"), "{said}");
    // All weeks as one table in order; without a column of times the order of rows is one when that is said.
    let options = |order_is_time| Options {
        interactions: Some(place.path().join("train")),
        reading: Reading { order_is_time, ..Reading::default() },
        ..Options::default()
    };
    let plan = Plan {
        out: place.path().join("ready"),
        name: "mine".into(),
        k: 0,
        split: Rule::UserTime,
        keep_new_items: false,
        strict: false,
    };
    let refused = prepare(read_with(&place, &options(false)).unwrap(), &plan, &mut |_| ()).unwrap_err().to_string();
    assert!(refused.contains("a column of times") && refused.contains("--rows-in-time-order"), "{refused}");
    let ordered = read_with(&place, &options(true)).unwrap();
    assert_eq!(rows(&ordered), ["5 1 0", "6 2 1", "5 4 2", "6 1 3"]);
    prepare(ordered, &plan, &mut |_| ()).unwrap();
}

#[test]
fn microlens_hm_and_yambda_are_read_by_their_own_names() {
    let table = "user,item,timestamp\n1,2,1583378629552\n1,3,1583378629999\n2,2,1583378700000\n";
    let lists = "1\t2 3\n2\t2\n";
    let both = [("MicroLens-100k_pairs.csv", table), ("MicroLens-100k_pairs.tsv", lists)];
    let foreign = read(&folder(&both));
    assert_eq!(rows(&foreign), ["1 2 1583378629", "1 3 1583378629", "2 2 1583378700"]);
    assert!(notes(&foreign).contains("[lists-not-read]") && notes(&foreign).contains("_pairs.tsv"));
    assert_eq!(rows(&read(&folder(&both[1..]))), ["1 2", "1 3", "2 2"]);
    // H&M: leading zeros are a part of the id. The names of its files say nothing about a split.
    let transactions = "t_dat,customer_id,article_id,price,sales_channel_id\n2018-09-20,000058a1,0663713001,0.05,2\n";
    let articles = "article_id,product_code,prod_name\n0663713001,0663713,Atlanta Push Body\n";
    let foreign = read(&folder(&[("transactions_train.csv", transactions), ("articles.csv", articles)]));
    // `date -u -d 2018-09-20 +%s` of GNU coreutils.
    assert_eq!(rows(&foreign), ["000058a1 0663713001 1537401600"]);
    // Yambda: seconds of a clock of its own.
    let place = tempfile::tempdir().unwrap();
    let columns: [Values; 4] =
        [("uid", &[100, 200]), ("timestamp", &[106_910, 106_915]), ("item_id", &[9, 8]), ("is_organic", &[1, 0])];
    numbers(&place.path().join("likes.parquet"), &columns);
    assert_eq!(rows(&read(&place)), ["100 9 106910", "200 8 106915"]);
    numbers(&place.path().join("dislikes.parquet"), &columns);
    let said = read_with(&place, &Options::default()).err().unwrap();
    assert!(said.contains("--interactions") && said.contains("dislikes.parquet, likes.parquet"), "{said}");
}

#[test]
fn users_and_items_are_never_swapped() {
    // Ten capitals and digits on both sides: nobody can know which is which.
    let vague = "AAAAAAAAA1,B000000001,5.0,1400000000\nAAAAAAAAA2,B000000002,4.0,1400000001\n";
    let said = read_with(&folder(&[("ratings_Toys.csv", vague)]), &Options::default()).err().unwrap();
    assert!(said.contains("--columns"), "{said}");
    // One line that does not fit stops it, also behind the others.
    let of = |rows: &[[&str; 2]]| -> String {
        rows.iter().map(|[first, second]| format!("{first},{second},5.0,1400000000\n")).collect()
    };
    let [user, item] = ["A39HTATAQ9V7YF", "B000000001"];
    assert_eq!(rows(&read(&folder(&[("a.csv", &of(&[[user, item]]))]))), [format!("{user} {item} 1400000000")]);
    assert_eq!(rows(&read(&folder(&[("a.csv", &of(&[[item, user]]))]))), [format!("{user} {item} 1400000000")]);
    let mixed = of(&[[user, item], [item, user]]);
    assert!(read_with(&folder(&[("a.csv", &mixed)]), &Options::default()).is_err());
}
