//! One table of interactions is written in many ways that people use. Each gives the same rows, or an error that names the option that helps.

use crate::doors::{folder, made, notes, plan, read, read_as, rows};
use crate::features::longs;
use crate::own::{parquet, strings};
use anchorrec_formats::{ColumnNames, Layout, Positives, Reading};
use anchorrec_prepare::own::{Options, Own, describe};
use anchorrec_prepare::split::Rule;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Options that name the columns of a file without a header.
fn columns(names: &str) -> Options {
    let header = Some(names.split(',').map(str::to_owned).collect());
    Options { reading: Reading { header, ..Reading::default() }, ..Options::default() }
}

fn bytes(files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = folder(&[]);
    files.iter().for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
    folder
}

#[test]
fn a_header_is_no_row_where_columns_are_named() {
    let table = "userId,movieId,rating,timestamp\n1,2,5.0,1378252800\n3,4,5.0,1378252801\n";
    for names in ["user,item,rating,time", "who,what,rating,time", "userId,movieId,rating,timestamp"] {
        let mut options = columns(names);
        if names.starts_with("who") {
            options.reading.columns =
                ColumnNames { user: Some("who".into()), item: Some("what".into()), ..ColumnNames::default() };
        }
        let foreign = read_as(&folder(&[("a.csv", table)]), &options).unwrap();
        assert_eq!(rows(&foreign), ["1 2 1378252800", "3 4 1378252801"], "{names}");
        assert_eq!(foreign.source.wrong, 0);
        let said = notes(&foreign);
        assert!(said.contains("[header-passed-over] 1 file has a header, which is no row"), "{said}");
        assert!(foreign.source.notes().iter().any(|note| note.code == "header-passed-over" && note.is_strict()));
    }
    // Pieces with and without one, and rows that only resemble one.
    let pieces = folder(&[("w_1.csv", "user,item\n1,2\n"), ("w_2.csv", "3,4\n"), ("w_3.csv", "userid,itemid\n5,6\n")]);
    let foreign = read_as(&pieces, &columns("user,item")).unwrap();
    assert_eq!(rows(&foreign), ["1 2", "3 4", "5 6"]);
    assert!(notes(&foreign).contains("[header-passed-over] 2 files have"), "{}", notes(&foreign));
    let plain = read_as(&folder(&[("a.csv", "ann,tea,\nbob,item,5\n")]), &columns("user,item,rating")).unwrap();
    assert_eq!((rows(&plain).len(), notes(&plain).contains("header")), (2, false));
    for (text, names, want) in [
        (table, "item,user,rating,time", "column 1 \"userId\", found \"item\" (without --columns the header is read)"),
        ("wer,was,wie\na,b,5\nc,b,4\n", "user,item,rating", "a.csv:1: expected a row of data: with --columns"),
        (table, "user,item,time", "its first line has 4 fields, and --columns names 3 (user,item,time)"),
        ("1 2 3\n", "user,item,time", "1 field (--separator says what stands between fields)"),
        (
            table,
            "a,b,c,d",
            "a column of users (userid, user, uid and so on, or another name by --user-column NAME) in --columns",
        ),
    ] {
        let said = read_as(&folder(&[("a.csv", text)]), &columns(names)).err().unwrap();
        assert!(said.contains(want), "{names}: {said}");
    }
    // A row of another length is named as what it breaks.
    let short = read_as(&folder(&[("a.csv", "1,2,5\n3,4\n")]), &columns("user,item,rating")).unwrap();
    assert!(short.source.problems[0].to_string().ends_with(":2: expected 3 fields as in --columns, found 2"));
    // Files that name their columns themselves; lists that have none.
    for (name, text) in [("a.jsonl", "{\"user\":1,\"item\":2}\n"), ("a.json", "[{\"user\":1,\"item\":2}]")] {
        let said = read_as(&folder(&[(name, text)]), &columns("user,item")).err().unwrap();
        assert!(said.contains("leave out --columns and say other names by --user-column"), "{said}");
    }
    let lists = folder(&[("train.txt", "0 5 7\n"), ("test.txt", "0 8\n")]);
    let columns = ColumnNames { user: Some("u".into()), ..ColumnNames::default() };
    let options = Options { reading: Reading { columns, ..Reading::default() }, ..Options::default() };
    let said = read_as(&lists, &options).err().unwrap();
    assert!(said.contains("expected a file with columns, as --user-column asks for, found LightGCN lists"), "{said}");
}

#[test]
fn rows_of_one_pair_are_noted_and_strict_about() {
    let twice = "user,item,time\nu,a,1700000005\nu,b,1700000001\nv,b,1700000002\nu,a,1700000003\nv,c,1700000009\n";
    let one = folder(&[("a.csv", twice)]);
    let told = |folder: &TempDir| {
        let about = describe::describe(&Own::Foreign(Box::new(read(folder))));
        about.notes.iter().map(|note| format!("[{}] {note}\n", note.code)).collect::<String>()
    };
    let want = "[repeated-pairs] 1 row has the user and the item of another one: the earliest of them stays (user u and item a)";
    assert!(told(&one).contains(want), "{}", told(&one));
    let out = one.path().join("ready");
    let prepared = made(read(&one), &plan(&out, Rule::None)).unwrap();
    assert!(
        prepared
            .notes
            .iter()
            .any(|note| note.to_string() + "\n" == want["[repeated-pairs] ".len()..].to_owned() + "\n")
    );
    let listed = fs::read_to_string(out.join("notes.json")).unwrap();
    assert!(listed.contains("\"code\": \"repeated-pairs\"") && listed.contains("\"kind\": \"merged\""), "{listed}");
    let strict = anchorrec_prepare::own::Plan { strict: true, ..plan(&one.path().join("strict"), Rule::None) };
    assert!(made(read(&one), &strict).unwrap_err().contains("has the user and the item of another one"));
    // In two parts of a split: three files, a column, LightGCN's lists, LATTICE's.
    let want = "[pairs-across-split] 1 row has the user and the item of one in another part of the split: the earliest stays, in its part (user u and item a)";
    let splits = [
        folder(&[("train.csv", "user,item\nu,a\nv,b\nw,c\n"), ("test.csv", "user,item\nu,a\nu,b\n")]),
        folder(&[("a.csv", "user,item,split\nu,a,train\nv,b,train\nw,c,train\nu,a,test\nu,b,test\n")]),
        folder(&[
            (
                "train.jsonl",
                "{\"user\":\"u\",\"item\":\"a\"}\n{\"user\":\"v\",\"item\":\"b\"}\n{\"user\":\"w\",\"item\":\"c\"}\n",
            ),
            ("test.csv", "user,item\nu,a\nu,b\n"),
        ]),
    ];
    for (at, split) in splits.iter().enumerate() {
        assert!(told(split).contains(want), "{at}: {}", told(split));
        let prepared = made(read(split), &plan(&split.path().join("ready"), Rule::Given)).unwrap();
        assert_eq!(prepared.splits, [3, 0, 1], "{at}");
        assert!(prepared.notes.iter().any(|note| note.code == "pairs-across-split"), "{at}");
    }
    for lists in [
        folder(&[("train.txt", "0 5 7\n1 5\n"), ("test.txt", "0 5 8\n")]),
        folder(&[("train.json", r#"{"0": [5, 7], "1": [5]}"#), ("test.json", r#"{"0": [5, 8]}"#)]),
    ] {
        assert!(told(&lists).contains("[pairs-across-split] 1 row"), "{}", told(&lists));
    }
    assert!(!told(&folder(&[("a.csv", "user,item\nu,a\nu,b\n")])).contains("has the user"));
}

#[test]
fn whole_numbers_that_became_fractions_are_one_id_in_all_files() {
    let floats = "user_id,item_id\n12.0,7.0\n3.0,8.0\n";
    let want = ["12 7 Train", "3 8 Train", "12 8 Test", "3 7 Test"];
    let whole = "user_id,item_id\n12,8\n3,7\n";
    for files in [
        [("train.csv", floats), ("test.csv", whole)],
        [("train.csv", floats), ("test.csv", "user_id,item_id\n12.0,8.0\n3.0,7.0\n")],
        [("train.csv", "user_id,item_id\n12,7\n3,8\n"), ("test.csv", "user_id,item_id\n1.2e+01,8\n3,7.0\n")],
        [
            ("train.csv", floats),
            ("test.jsonl", "{\"user_id\":12,\"item_id\":8}\n{\"user_id\":3.0,\"item_id\":\"7\"}\n"),
        ],
    ] {
        let foreign = read(&folder(&files));
        assert_eq!(rows(&foreign), want, "{files:?}");
        let said = notes(&foreign);
        assert!(
            said.contains("[ids-of-floating-point]")
                && said.contains(" written as a fraction by a column of floating point"),
            "{said}"
        );
        assert!(!said.contains("are two ids"), "{said}");
    }
    let foreign = read(&folder(&[("train.csv", floats), ("test.csv", whole)]));
    assert!(
        notes(&foreign).contains(
            "[ids-in-two-ways] 2 user ids are written in two ways, which are one id (12.0 and 12, 3.0 and 3)"
        )
    );
    assert_eq!((foreign.source.events.users.len(), foreign.source.events.items.len()), (2, 2));
    // Whole numbers of Parquet beside text.
    let mixed = folder(&[("train.csv", floats)]);
    let schema = "message m { required int64 user_id; required int64 item_id; }";
    parquet(&mixed.path().join("test.parquet"), schema, vec![longs(&[12, 3]), longs(&[8, 7])]);
    assert_eq!(rows(&read(&mixed)), want);
    // Where any id says that it may be a name, all stay as they are, and that is said.
    for other in ["a1", "007", "7.5"] {
        let text = format!("user_id,item_id\n12,8\n{other},7\n");
        let foreign = read(&folder(&[("train.csv", "user_id,item_id\n12.0,7\n"), ("test.csv", &text)]));
        assert_eq!(rows(&foreign)[..2], ["12.0 7 Train", "12 8 Test"], "{other}");
        assert!(
            notes(&foreign).contains("(12.0 and 12 are two ids), the first is \"12.0\" at "),
            "{}",
            notes(&foreign)
        );
    }
}

#[test]
fn splits_of_several_formats_and_names_are_one_split() {
    let [train, test] = ["user,item\nu,a\nv,b\n", "user,item\nu,b\n"];
    let want = ["u a Train", "v b Train", "u b Test"];
    for names in [
        ["train.csv", "test.csv.gz"],
        ["train_toys.csv", "test_toys.csv"],
        ["toys_train.csv", "toys_test.csv"],
        ["toys-Train.csv", "toys-Test.csv"],
        ["trainset.csv", "testset.csv"],
        ["train-00000-of-00001.csv", "test-00000-of-00001.csv"],
    ] {
        let files: Vec<(&str, Vec<u8>)> = names
            .iter()
            .zip([train, test])
            .map(|(name, text)| (*name, if name.ends_with("gz") { packed(text) } else { text.into() }))
            .collect();
        assert_eq!(rows(&read(&bytes(&files))), want, "{names:?}");
    }
    // Times and places of each format, in both orders.
    let mixed = folder(&[("train.csv", "user,item,time\nu,a,1700000000000\nv,b,1700000001000\n")]);
    let schema = "message m { required binary user (UTF8); required binary item (UTF8); required int64 time; }";
    parquet(
        &mixed.path().join("test.parquet"),
        schema,
        vec![strings(&["u", "u"]), strings(&["b", "a"]), longs(&[1_700_000_002_000, 1_700_000_003_000])],
    );
    fs::write(mixed.path().join("valid.jsonl"), "{\"user\":\"v\",\"item\":\"a\",\"time\":1700000001500}\n").unwrap();
    let foreign = read(&mixed);
    assert_eq!(
        rows(&foreign),
        [
            "u a 1700000000 Train",
            "v b 1700000001 Train",
            "v a 1700000001 Valid",
            "u b 1700000002 Test",
            "u a 1700000003 Test"
        ]
    );
    assert!(foreign.source.at(1).ends_with("train.csv:3") && foreign.source.at(4).ends_with("test.parquet: row 1"));
    // The whole beside its split is not read, and that is said.
    let whole = folder(&[
        ("a.inter", "user_id:token\titem_id:token\nu\ta\n"),
        ("a.train.inter", "user_id:token\titem_id:token\nu\ta\nv\tb\n"),
        ("a.test.inter", "user_id:token\titem_id:token\nu\tb\n"),
    ]);
    let foreign = read(&whole);
    assert_eq!(rows(&foreign), want);
    let said = notes(&foreign);
    assert!(
        said.contains(
            "[whole-beside-its-split] a.inter is not read beside its split a.train.inter, a.test.inter (--interactions"
        ),
        "{said}"
    );
    // A part that cannot be read leaves no set without it.
    let lame = folder(&[("train.csv", train), ("test.csv", "user,thing\nu,b\n")]);
    let said = read_as(&lame, &Options::default()).err().unwrap();
    assert!(
        said.contains("expected test.csv to be a table like train.csv (--interactions")
            && said.contains("a column of items"),
        "{said}"
    );
    let lame = folder(&[("w_1.csv", train), ("w_2.csv", "u,b\n")]);
    let said = read_as(&lame, &Options::default()).err().unwrap();
    assert!(said.contains("expected w_2.csv to be a table like w_1.csv"), "{said}");
    // Several splits are asked for, with the way.
    let two = folder(&[("a_train.csv", train), ("a_test.csv", test), ("b_train.csv", train), ("b_test.csv", test)]);
    let said = read_as(&two, &Options::default()).err().unwrap();
    assert!(said.contains("the parts of one split in a folder of their own are read as that split"), "{said}");
}

fn packed(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    gz.finish().unwrap()
}

#[test]
fn text_of_other_machines_is_text() {
    let table = "user,item,title\nann,t1,Tee für Zwei\nbob,t2,日本\n";
    let utf16 =
        |order: fn(u16) -> [u8; 2]| -> Vec<u8> { format!("\u{feff}{table}").encode_utf16().flat_map(order).collect() };
    for (name, bytes_) in [
        ("a.csv", utf16(u16::to_le_bytes)),
        ("a.csv", utf16(u16::to_be_bytes)),
        ("a.csv", table.replace('\n', "\r").into_bytes()),
        ("a.csv", format!("\u{feff}{}", table.replace('\n', "\r\n")).into_bytes()),
        ("a.tsv", utf16(u16::to_le_bytes).iter().map(|&b| if b == b',' { b'\t' } else { b }).collect()),
    ] {
        let foreign = read(&bytes(&[(name, bytes_)]));
        assert_eq!(rows(&foreign), ["ann t1", "bob t2"]);
        assert!(foreign.source.at(1).ends_with(":3"));
    }
    // Latin-1 cannot be told from its sisters: the command that makes UTF-8 of it is named, with the line.
    let latin = b"user,item\nann,caf\xe9\n".to_vec();
    let said = read_as(&bytes(&[("a.csv", latin)]), &Options::default()).err().unwrap();
    assert!(said.contains("a.csv:2: expected UTF-8 (iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW"), "{said}");
}

#[test]
fn a_list_of_objects_is_a_table() {
    let want = ["u a 1700000000", "v b 1700000001"];
    let one =
        r#"[{"user":"u","item":"a","time":1700000000,"tags":["]",{}]},{"item":"b","time":1700000001,"user":"v"}]"#;
    let pretty = "[\n  {\n    \"user\": \"u\",\n    \"item\": \"a\",\n    \"time\": 1700000000\n  },\n  {\n    \"user\": \"v\",\n    \"item\": \"b\",\n    \"time\": 1700000001\n  }\n]\n";
    for (name, text) in [("a.json", one), ("a.json", pretty), ("reviews.jsonl", one)] {
        let foreign = read(&folder(&[(name, text)]));
        assert_eq!((foreign.source.layout, &rows(&foreign)[..]), (Layout::JsonList, &want.map(str::to_owned)[..]));
        assert!(foreign.source.at(1).ends_with(if text == pretty { ":7" } else { ":1" }));
    }
    // The names of LATTICE's files.
    let row = |item: &str| format!("[{{\"user\": 1, \"item\": \"{item}\"}}]");
    let split = folder(&[("train.json", &row("a")), ("test.json", &row("b"))]);
    assert_eq!(rows(&read(&split)), ["1 a Train", "1 b Test"]);
    for (text, want) in [
        (r#"[{"user":"u","item":"a"},{"user":"v","item":"b"}"#, "expected a ] at the end of the list of objects"),
        (r#"["u", "a"]"#, "expected a list of objects of columns"),
        (r#"[{"user":"u","thing":"a"}]"#, "without a column of items"),
        (r#"{"user":{"0":"u","1":"v"},"item":{"0":"a","1":"b"}}"#, "orient=\"records\", lines=True"),
    ] {
        let said = read_as(&folder(&[("a.json", text)]), &Options::default()).err().unwrap();
        assert!(said.contains(want), "{text}: {said}");
    }
    let odd = folder(&[("a.json", r#"[{"user":"u","item":"a"},7,{"user":"v","item":["b"]}]"#)]);
    let foreign = read_as(&odd, &Options::default()).unwrap();
    let said = foreign.source.problem_lines();
    assert!(
        said.len() == 2 && said[0].contains("an object of columns") && said[1].contains("an id as a text"),
        "{said:?}"
    );
}

#[test]
fn headers_of_other_tools_are_known_or_say_how_they_are_named() {
    for (name, text) in [
        ("typed.csv", "user_id:token,item_id:token,timestamp:float\nu,a,1700000000\n"),
        ("typed.tsv", "user_id:token\titem_id:token\ttimestamp:float\nu\ta\t1700000000\n"),
        ("typed.inter", "uid:token\tiid:token\ttime:float\nu\ta\t1700000000\n"),
        ("user_artists.dat", "userID\tartistID\tplayed_at\nu\ta\t1700000000\n"),
        ("clicks.data", "visitorid,itemid,created_at\nu,a,2023-11-14T22:13:20Z\n"),
        ("BX-Book-Ratings.csv", "\"User-ID\";\"ISBN\";\"event_time\"\n\"u\";\"a\";\"1700000000\"\n"),
        ("kuairand.csv", "user_id,video_id,date,hourmin,time_ms\nu,a,20231114,2213,1700000000000\n"),
    ] {
        assert_eq!(rows(&read(&folder(&[(name, text)]))), ["u a 1700000000"], "{name}");
    }
    let said = notes(&read(&folder(&[("a.csv", ",user,item\n0,u,a\n")])));
    assert!(said.contains("[columns-not-read] 1 column is not read (column 1, without a name)"), "{said}");
    for (text, want) in [
        (
            "who,item\n1,2\n",
            "a column of users (userid, user, uid and so on, or another name by --user-column NAME); its first line",
        ),
        ("user,what\n1,2\n", "or another name by --item-column NAME)"),
        (",what\n1,2\n", "\"column 1, without a name, what\""),
        ("1,2,3\n4,5,6\n", "a file without a header needs --columns user,item,..."),
    ] {
        let said = read_as(&folder(&[("a.csv", text)]), &Options::default()).err().unwrap();
        assert!(said.contains(want), "{text}: {said}");
    }
    for (name, want) in [
        ("clicks.csv.bz2", "unpack it"),
        ("clicks.xlsx", "save it as CSV"),
        ("clicks.feather", "write it as Parquet or CSV"),
    ] {
        let said = read_as(&folder(&[(name, "x")]), &Options::default()).err().unwrap();
        assert!(said.contains(&format!("{name} (")) && said.contains(want), "{said}");
    }
    // An option that names a column twice, or one that is not there.
    let twice = folder(&[("a.csv", "id,id,item\n1,2,3\n")]);
    let columns = ColumnNames { user: Some("id".into()), ..ColumnNames::default() };
    let options = Options { reading: Reading { columns, ..Reading::default() }, ..Options::default() };
    assert!(read_as(&twice, &options).err().unwrap().contains("one column named \"id\" instead of 2"));
    let positives = Positives { equal: Some(("kind".into(), "buy".into())), ..Positives::default() };
    let options = Options { reading: Reading { positives, ..Reading::default() }, ..Options::default() };
    let said = read_as(&folder(&[("a.csv", "user,item\n1,2\n")]), &options).err().unwrap();
    assert!(said.contains("the column \"kind\" of --positive"), "{said}");
}

#[test]
fn tables_beside_the_interactions_are_named_and_new_items_name_their_option() {
    let beside = folder(&[
        ("ratings.dat", "1::2::5::978300760\n1::3::3::978300761\n2::2::3::978300761\n"),
        ("users.dat", "1::F::1::10::48067\n"),
        ("movies.dat", "2::Toy Story (1995)::Animation\n"),
        ("README.txt", "user item\n"),
        ("text.csv", "item_id,e0,e1\n2,1,2\n3,4,5\n9,1,1\n"),
    ]);
    let foreign = read(&beside);
    let said: String = foreign.notes.iter().map(|note| format!("[{}] {note}\n", note.code)).collect();
    assert!(
        said.contains("[tables-not-read] 2 tables beside the interactions are not read (movies.dat, users.dat)"),
        "{said}"
    );
    let prepared = made(foreign, &plan(&beside.path().join("ready"), Rule::None)).unwrap();
    let said: Vec<String> = prepared.notes.iter().map(ToString::to_string).collect();
    let dropped = said.iter().find(|note| note.contains("without an interaction, left out"));
    assert!(dropped.is_some_and(|note| note.contains("--keep-new-items")), "{said:?}");
    assert!(Path::new(&beside.path().join("ready")).is_dir());
}
