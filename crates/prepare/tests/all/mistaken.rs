//! Interactions that look like something else at first sight: each is read as what it is, or refused with the way out, and never taken for the other.

use crate::doors::{folder, notes, read, read_as, rows};
use crate::features::longs;
use crate::own::{parquet, strings};
use anchorrec_formats::{ColumnNames, Positives, Reading};
use anchorrec_prepare::own::{Foreign, Options};
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use tempfile::TempDir;

#[track_caller]
fn refused(folder: &TempDir, options: &Options, wants: &[&str]) {
    let said = read_as(folder, options).err().unwrap();
    wants.iter().for_each(|want| assert!(said.contains(want), "{want}: {said}"));
}

fn reading(reading: Reading) -> Options {
    Options { reading, ..Options::default() }
}

/// A split that a column says.
fn by(column: &str) -> Options {
    reading(Reading {
        columns: ColumnNames { part: Some(column.into()), ..ColumnNames::default() },
        ..Reading::default()
    })
}

fn positive(column: &str, value: &str) -> Options {
    let equal = Some((column.to_owned(), value.to_owned()));
    reading(Reading { positives: Positives { equal, ..Positives::default() }, ..Reading::default() })
}

#[test]
fn rows_of_a_table_are_no_lists_of_a_user() {
    for (train, test, wants) in [
        (
            "0\t5\t4\t1700000000\n1\t5\t3\t1700000001\n0\t6\t5\t1700000002\n",
            "0\t7\t4\t1700000003\n",
            [
                "train.txt:3: expected one line for each user",
                "another line of user 0",
                "--columns user,item,rating,time --separator tab",
            ],
        ),
        // Each user once: times give them away.
        (
            "0 5 4 1700000000\n1 5 3 1700000001\n",
            "0 7 4 1700000003\n",
            [
                "train.txt:1: expected one line",
                "a time at the end of each line",
                "--columns user,item,rating,time --separator ' '",
            ],
        ),
        (
            "0 5 4\n0 6 3\n",
            "0 7 4\n",
            ["train.txt:2:", "another line of user 0", "--columns user,item,rating --separator ' '"],
        ),
        (
            "0 5 1700000000\n0 6 1700000001\n",
            "0 7 1700000002\n",
            ["train.txt:2:", "another line of user 0", "--columns user,item,time --separator ' '"],
        ),
        // The training part may be lists, and another one rows.
        (
            "0 5 4\n1 6 3 8 9\n",
            "0 7 4\n0 8 4\n",
            ["test.txt:2:", "another line of user 0", "--columns user,item,rating"],
        ),
    ] {
        let files = folder(&[("train.txt", train), ("test.txt", test)]);
        refused(&files, &Options::default(), &wants);
        if wants[0].starts_with("train") {
            // The way out is one.
            let (columns, separator) = wants[2].split_once(" --separator ").unwrap();
            let header = columns["--columns ".len()..].split(',').map(str::to_owned).collect();
            let separator = Some(if separator == "tab" { "\t" } else { " " }.to_owned());
            let options = reading(Reading { header: Some(header), separator, ..Reading::default() });
            let foreign = read_as(&files, &options).unwrap();
            assert_eq!(foreign.source.wrong, 0, "{:?}", foreign.source.problems);
            let got = rows(&foreign);
            assert!(got[0].starts_with("0 5 ") && got[0].ends_with("Train"), "{got:?}");
            assert!(got.last().unwrap().starts_with("0 7") && got.last().unwrap().ends_with("Test"), "{got:?}");
        }
    }
    // A user may have two lines where lines are lists of any length, and as many items as another.
    let lists = folder(&[("train.txt", "0 5 7\n1 5\n0 8 9\n"), ("test.txt", "0 4 6\n1 4 6\n")]);
    let foreign = read(&lists);
    assert_eq!(rows(&foreign).len(), 9);
    let said = notes(&foreign);
    assert!(
        said.contains("[columns-of-a-published-file] 2 files have no header: each line is a user and its items"),
        "{said}"
    );
}

#[test]
fn ids_of_ten_digits_are_no_items_of_amazon() {
    let of = |rows: &[[&str; 2]]| {
        let text: String = rows.iter().map(|[one, two]| format!("{one},{two},5.0,1700000000\n")).collect();
        folder(&[("a.csv", &text)])
    };
    for rows in [
        // Telephone numbers beside short ids, beside other ids, and beside items that begin as users of Amazon do.
        &[["0612345678", "42"], ["0612345679", "43"]][..],
        &[["0612345678", "AB"]],
        &[["0612345678", "A39HTATAQ9V7YF"]],
        // An item of Amazon beside what is no user of it.
        &[["B000000001", "bob"]],
        &[["bob", "B000000001"]],
        // A book beside a number, and one that is none.
        &[["0000013714", "42"]],
        &[["A39HTATAQ9V7YF", "0000013715"]],
    ] {
        refused(&of(rows), &Options::default(), &["a.csv", "--columns user,item"]);
    }
    let user = "A39HTATAQ9V7YF";
    // The year 2023, a number behind the user, books with a digit and with an X.
    let long = "AE2222222222222222222222222Q";
    for (user, item) in [
        (user, "0000013714"),
        (user, "043935806X"),
        (user, "B00ABCDEFG"),
        (long, "B00ABCDEFG"),
        (&*format!("{long}_1"), "B00ABCDEFG"),
    ] {
        let want = [format!("{user} {item} 1700000000")];
        assert_eq!(rows(&read(&of(&[[user, item]]))), want);
        assert_eq!(rows(&read(&of(&[[item, user]]))), want);
    }
}

#[test]
fn a_header_that_comes_again_is_no_row() {
    let table = "user_id,item_id,time\na,x,1700000000\n";
    let again = format!("{table}{table}b,y,1700000001\n\u{feff}{table}");
    let check = |foreign: &Foreign, name: &str| {
        let want = ["a x 1700000000", "a x 1700000000", "b y 1700000001", "a x 1700000000"];
        assert_eq!(rows(foreign), want);
        let (said, at) = (notes(foreign), format!("{name}:3"));
        assert!(said.contains("[repeated-header] 2 rows are the header again and were left out"), "{said}");
        assert!(said.contains(&at), "{said}");
    };
    check(&read(&folder(&[("a.csv", &again)])), "a.csv");
    // Members of one gzip file.
    let packed = folder(&[]);
    let mut file = Vec::new();
    for text in [table, again.split_at(table.len()).1] {
        let mut gz = GzEncoder::new(&mut file, flate2::Compression::fast());
        gz.write_all(text.as_bytes()).unwrap();
        gz.finish().unwrap();
    }
    fs::write(packed.path().join("a.csv.gz"), file).unwrap();
    check(&read(&packed), "a.csv.gz");
    // Typed names, names that are said, and a header that --columns passes over.
    let typed = "user_id:token\titem_id:token\na\tx\nuser_id:token\titem_id:token\nb\ty\n";
    for name in ["a.inter", "a.tsv"] {
        assert_eq!(rows(&read(&folder(&[(name, typed)]))), ["a x", "b y"], "{name}");
    }
    let header = Some(["user_id", "item_id", "when"].map(str::to_owned).to_vec());
    let named = folder(&[("a.csv", "user_id,item_id,z\na,x,1\nuser_id,item_id,z\nb,y,2\n")]);
    assert_eq!(rows(&read_as(&named, &reading(Reading { header, ..Reading::default() })).unwrap()), ["a x", "b y"]);
    // A row that is not the whole header is a row.
    assert_eq!(rows(&read(&folder(&[("a.csv", "user,item,x\nuser,item,1\n")]))), ["user item"]);
}

#[test]
fn a_folder_whose_names_say_a_split_in_part_asks() {
    let (train, test) = ("user,item\na,x\na,y\n", "user,item\na,z\n");
    let of = |names: &[&str]| {
        let files: Vec<(String, &str)> = names
            .iter()
            .map(|name| (format!("log/{name}"), if name.contains("test") { test } else { train }))
            .collect();
        folder(&files.iter().map(|(name, text)| (name.as_str(), *text)).collect::<Vec<_>>())
    };
    let options = |folder: &TempDir| Options { interactions: Some(folder.path().join("log")), ..Options::default() };
    for (names, wants) in [
        (&["train.csv", "test.csv", "extra.csv"][..], ["train.csv", "beside extra.csv"]),
        (&["test.csv", "clicks.csv"], ["test.csv, named as parts of a split", "beside clicks.csv"]),
        (&["a_train.csv", "b_test.csv"], ["a_train.csv, b_test.csv", "more than one split"]),
    ] {
        let files = of(names);
        refused(&files, &options(&files), &wants);
    }
    for (names, want) in [
        (&["train.csv", "test.csv"][..], ["a x Train", "a y Train", "a z Test"]),
        (&["toys_train.csv", "toys_test.csv", "toys.csv"], ["a x Train", "a y Train", "a z Test"]),
        (&["one.csv", "test1.csv"], ["a x", "a y", "a z"]),
    ] {
        let files = of(names);
        assert_eq!(rows(&read_as(&files, &options(&files)).unwrap()), want, "{names:?}");
    }
}

#[test]
fn ones_are_the_part_that_their_column_is_called_by() {
    for (column, values, want) in [
        ("is_test", ["0", "1"], ["Train", "Test"]),
        ("isTest", ["False", "True"], ["Train", "Test"]),
        ("test", ["0.0", "1.0"], ["Train", "Test"]),
        ("is_valid", ["0", "1"], ["Train", "Valid"]),
        ("val", ["0", "1"], ["Train", "Valid"]),
        ("fold", ["0", "2"], ["Train", "Test"]),
        ("fold", ["train", "test"], ["Train", "Test"]),
        ("is_test", ["train", "valid"], ["Train", "Valid"]),
    ] {
        let text = format!("user,item,{column}\na,x,{}\na,y,{}\n", values[0], values[1]);
        let foreign = read_as(&folder(&[("a.csv", &text)]), &by(column)).unwrap();
        assert_eq!(rows(&foreign), [format!("a x {}", want[0]), format!("a y {}", want[1])], "{column} {values:?}");
        let is_said =
            notes(&foreign).contains(&format!("[ones-are-a-part] the column {column} is read by its name: 1 is "));
        assert_eq!(is_said, column != "fold", "{column}");
    }
    for column in ["fold", "is_train", "latest", "not_test"] {
        let text = format!("user,item,{column}\na,x,0\na,y,1\n");
        let wants = ["a.csv: expected train, valid and test in the column", "0 and 1 without a 2", "write the words"];
        refused(&folder(&[("a.csv", &text)]), &by(column), &wants);
    }
    // RecBole's own column, and a third number.
    let text = "user,item,x_label\na,x,0\na,y,1\n";
    assert_eq!(rows(&read(&folder(&[("a.csv", text)]))), ["a x Train", "a y Valid"]);
    let text = "user,item,fold\na,x,0\na,y,1\na,z,2\n";
    assert_eq!(rows(&read_as(&folder(&[("a.csv", text)]), &by("fold")).unwrap())[1], "a y Valid");
    let two = read_as(&folder(&[("a.csv", "user,item,is_test\na,x,0\na,y,2\n")]), &by("is_test")).unwrap();
    assert!(two.source.problems[0].to_string().contains("a.csv:3: expected train, valid or test, or 0 or 1"));
}

#[test]
fn files_are_in_the_order_of_their_numbers() {
    let text = |n: u32| format!("user,item\nu,i{n}\n");
    let (nine, ten) = (text(9), text(10));
    let names = ["week_9.csv", "week_10.csv", "week_009.csv"];
    for (first, second, inside) in [(0, 1, false), (0, 1, true), (2, 1, false)] {
        let place = |name: &str| if inside { format!("log/{name}") } else { name.to_owned() };
        let files = folder(&[(&place(names[first]), &nine), (&place(names[second]), &ten)]);
        let interactions = inside.then(|| files.path().join("log"));
        let ordered = Reading { order_is_time: true, ..Reading::default() };
        let foreign = read_as(&files, &Options { interactions, ..reading(ordered) }).unwrap();
        assert_eq!(rows(&foreign), ["u i9 0", "u i10 1"]);
    }
    // Folders by numbers, too.
    let tree = folder(&[("log/day=9/a.csv", &nine), ("log/day=10/a.csv", &ten)]);
    let options = Options { interactions: Some(tree.path().join("log")), ..Options::default() };
    assert_eq!(rows(&read_as(&tree, &options).unwrap()), ["u i9", "u i10"]);
}

#[test]
fn labels_beside_another_choice_are_named() {
    let table = folder(&[("a.csv", "user,item,event,label\na,x,buy,1\na,y,view,1\nb,y,buy,0\n")]);
    let lines = folder(&[(
        "a.jsonl",
        "{\"user\":\"a\",\"item\":\"x\",\"event\":\"buy\",\"label\":1}\n{\"user\":\"b\",\"item\":\"y\",\"event\":\"buy\",\"label\":0}\n",
    )]);
    for files in [&table, &lines] {
        let foreign = read_as(files, &positive("event", "buy")).unwrap();
        assert_eq!(rows(&foreign), ["a x", "b y"]);
        let said = notes(&foreign);
        assert!(said.contains("[columns-not-read] 1 column is not read (label)"), "{said}");
        assert!(said.contains("[label-column-not-read] the column label looks like a label and is not read"), "{said}");
        assert!(said.contains("--positive label=1"), "{said}");
    }
    // The label itself as the choice is read.
    let foreign = read_as(&table, &positive("label", "1")).unwrap();
    assert!(!notes(&foreign).contains("label-column-not-read") && rows(&foreign) == ["a x", "a y"]);
}

#[test]
fn seconds_of_a_film_are_no_times_beside_dates() {
    let text = "user,item,time,timestamp\na,x,35,1700000000\na,y,90,1700000100\n";
    let both = folder(&[("a.csv", text)]);
    let wants =
        ["a.csv: expected one column of times", "--time-column timestamp", "time and timestamp", "too small for dates"];
    refused(&both, &Options::default(), &wants);
    let said = |column: &str| ColumnNames { time: Some(column.into()), ..ColumnNames::default() };
    for (column, want) in [("timestamp", "a x 1700000000"), ("time", "a x 35")] {
        let options = reading(Reading { columns: said(column), ..Reading::default() });
        assert_eq!(rows(&read_as(&both, &options).unwrap())[0], want);
    }
    // Two columns of dates: the likelier name is taken, and the other one named.
    let dates = read(&folder(&[("a.csv", "user,item,date,time\na,x,2024-01-01,1700000000\n")]));
    assert_eq!(rows(&dates), ["a x 1700000000"]);
    assert!(notes(&dates).contains("1 column is not read (date)"));
}

#[test]
fn truths_are_no_ids_and_are_chosen_by_their_words() {
    let line = |user: &str, item: &str| format!("{{\"user\":{user},\"item\":{item},\"b\":true}}\n");
    let text = [line("\"a\"", "1"), line("true", "2"), line("\"c\"", "false")].concat();
    let foreign = read_as(&folder(&[("a.jsonl", &text)]), &Options::default()).unwrap();
    let said: Vec<String> = foreign.source.problems.iter().map(ToString::to_string).collect();
    assert!(said[0].contains("a.jsonl:2: expected an id as a text or a number in \"user\", found true"), "{said:?}");
    assert!(said[1].contains("a.jsonl:3: expected an id as a text or a number in \"item\", found false"), "{said:?}");
    // A truth is 1 in JSON and Parquet, True in pandas' CSV.
    let lines = folder(&[("a.jsonl", &[line("1", "2"), line("3", "4").replace("true", "false")].concat())]);
    let words = folder(&[("a.csv", "user,item,b\n1,2,True\n3,4,False\n")]);
    for files in [&lines, &words] {
        for value in ["true", "1", "True"] {
            assert_eq!(rows(&read_as(files, &positive("b", value)).unwrap()), ["1 2"], "{value}");
        }
        assert_eq!(rows(&read_as(files, &positive("b", "false")).unwrap()), ["3 4"]);
    }
    let events = folder(&[("a.csv", "user,item,event\n1,2,view\n3,4,cart\n")]);
    refused(
        &events,
        &positive("event", "buy"),
        &["the column event holds \"view\", \"cart\", and --positive asks for buy"],
    );
}

#[test]
fn bytes_that_are_not_what_their_name_says_are_named() {
    let text = b"user,item\na,x\n";
    let mut gz = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text).unwrap();
    let gz = gz.finish().unwrap();
    for (name, bytes, wants) in [
        ("p.csv", &gz[..], ["p.csv", "text, found the bytes of gzip: call the file p.csv.gz"]),
        ("p.csv.zst", &gz, ["p.csv.zst", "what .zst says, found the bytes of gzip: call the file p.csv.gz"]),
        ("p.csv", b"PAR1\x15\x04PAR1", ["p.csv", "text, found the bytes of Parquet: call the file p.parquet"]),
        ("p.csv.gz", text, ["p.csv.gz", "what .gz says, found bytes that are not packed so: call the file p.csv if"]),
        ("p.jsonl", b"\x28\xb5\x2f\xfd", ["p.jsonl", "text, found the bytes of zstd: call the file p.jsonl.zst"]),
    ] {
        let place = folder(&[]);
        fs::write(place.path().join(name), bytes).unwrap();
        refused(&place, &Options::default(), &wants);
    }
}

#[test]
fn what_is_no_item_in_a_list_is_said_in_words() {
    for (item, want) in
        [("7.5", "7.5"), ("true", "true"), ("null", "null"), ("[1]", "a list"), ("{\"a\":1}", "an object")]
    {
        let train = format!("{{\"0\": [5, {item}]}}");
        let lists = folder(&[("train.json", &train), ("test.json", "{\"0\": [6]}")]);
        let want = format!("found {want} among the items of user \"0\", which are whole numbers or texts");
        refused(&lists, &Options::default(), &["train.json", &want]);
    }
}

#[test]
fn times_near_1970_are_of_the_unit_of_the_others() {
    let text =
        "user,item,time\na,x,150000000\na,y,1700000000000\nb,x,-172800000\nb,y,1700000001000\nb,z,1700000002000\n";
    let foreign = read(&folder(&[("a.csv", text)]));
    assert_eq!(rows(&foreign)[..3], ["a x 150000", "a y 1700000000", "b x -172800"]);
    let said = notes(&foreign);
    assert!(said.contains("[times-near-1970] 2 times lie before 1973 and the others after it"), "{said}");
    assert!(said.contains("-172800000 to 150000000"), "{said}");
}

#[test]
fn times_that_differ_below_a_second_are_counted() {
    let of = |times: &[&str]| {
        let rows: String = times.iter().zip(0..).map(|(time, n): (_, u32)| format!("u,i{n},{time}\n")).collect();
        folder(&[("a.csv", &format!("user,item,time\n{rows}"))])
    };
    for times in [
        ["1700000000900", "1700000000100", "1700000000100", "1700000001100"],
        ["1700000000900000", "1700000000100000", "1700000000100000", "1700000001100000"],
        ["1700000000.9", "1700000000.1", "1700000000.1", "1700000001.1"],
        ["2023-11-14T22:13:20.9", "2023-11-14T22:13:20.1", "2023-11-14T22:13:20.1", "2023-11-14T22:13:21.1"],
    ] {
        let said = notes(&read(&of(&times)));
        assert!(
            said.contains("[times-below-a-second] 1 row differs from the row before it by less than a second"),
            "{said}"
        );
    }
    for times in [["1700000000", "1700000000"], ["1700000000100", "1700000001100"], ["2023-11-14", "2023-11-14"]] {
        assert!(!notes(&read(&of(&times))).contains("below-a-second"), "{times:?}");
    }
    // Points in time that Parquet holds as such.
    let place = folder(&[]);
    let schema = "message m { required binary user (UTF8); required binary item (UTF8); required int64 time (TIMESTAMP_MILLIS); }";
    let times = longs(&[1_700_000_000_900, 1_700_000_000_100, 1_700_000_001_100]);
    parquet(&place.path().join("a.parquet"), schema, vec![strings(&["u", "u", "u"]), strings(&["a", "b", "c"]), times]);
    assert!(notes(&read(&place)).contains("[times-below-a-second] 1 row differs"));
}

#[test]
fn what_is_wrong_with_a_cell_names_its_column() {
    let text = "user,item,when,fold,like\na,x,soon,train,1\na,y,,train,1\na,z,10:11,train,1\nb,x,7,never,1\nb,y,7,train,maybe\n";
    let columns = ColumnNames { time: Some("when".into()), part: Some("fold".into()), ..ColumnNames::default() };
    let options = reading(Reading { columns, ..Reading::default() });
    let foreign = read_as(&folder(&[("a.csv", text)]), &options).unwrap();
    let said: Vec<String> = foreign.source.problems.iter().map(ToString::to_string).collect();
    for (line, want) in [
        "2: expected a time in the column when: a number of seconds",
        "3: expected a time in the column when, found nothing",
        "4: expected a point in time in the column when, found \"10:11\"",
        "5: expected train, valid or test, or 0, 1 or 2 in the column fold (--split",
        "6: expected a label of 0 or 1 in the column like (--positive",
    ]
    .iter()
    .enumerate()
    {
        assert!(said[line].contains(&format!("a.csv:{want}")), "{said:?}");
    }
}
