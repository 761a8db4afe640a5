//! Every broken file has its error: path and place, what was expected, what was found, in one line.

use anchorrec_data::{Dataset, Findings, Modality, Pair, findings::ZeroRows, write_npy_f32};
use ndarray::Array2;
use std::{fs, path::Path};

/// Five users, four items, all of them trained; features of four rows.
const GOOD: &str = "userID\titemID\tx_label\n0\t0\t0\n0\t1\t1\n1\t1\t0\n2\t2\t0\n3\t3\t0\n4\t0\t0\n4\t2\t2\n";

/// A good folder.
fn good() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a.inter", GOOD);
    for modality in Modality::ALL {
        let features = Array2::from_shape_fn((4, 3), |(i, j)| (1 + i + j) as f32);
        write_npy_f32(&dir.path().join(modality.file_name()), features.view()).unwrap();
    }
    put(dir.path(), "i_id_mapping.csv", "asin\titemID\nA\t0\nB\t1\nC\t2\nD\t3\n");
    put(dir.path(), "u_id_mapping.csv", "userID,reviewer\n0,a\n1,b\n2,c\n4,e\n3,d\n");
    put(dir.path(), "items.jsonl", "{\"itemID\":0,\"title\":\"T\",\"brand\":\"B\"}\n{\"itemID\":2}\n");
    dir
}

fn put(dir: &Path, name: &str, content: impl AsRef<[u8]>) {
    fs::write(dir.join(name), content).unwrap();
}

/// The one-line message of a folder that must not load.
fn refusal(dir: &Path, what: &str) -> String {
    let message = match Dataset::load(dir) {
        Ok(_) => panic!("{what}: loaded"),
        Err(e) => e.to_string(),
    };
    assert!(message.contains(dir.to_str().unwrap()), "{what}: no path in {message}");
    assert!(!message.contains('\n') && message.len() < 600, "{what}: {message}");
    message
}

/// Replaces one file of the good folder and expects all of `want` in the refusal.
fn check(file: &str, content: impl AsRef<[u8]>, what: &str, want: &[&str]) {
    let dir = good();
    put(dir.path(), file, content);
    let message = refusal(dir.path(), what);
    assert!(message.contains(file), "{what}: {message}");
    for want in want {
        assert!(message.contains(want), "{what}: no {want:?} in {message}");
    }
}

/// A `.npy` file with this header text and so many bytes of data.
fn npy(text: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(data);
    bytes
}

fn header(descr: &str, shape: &str) -> String {
    format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n")
}

#[test]
fn the_good_folder_loads() {
    let dir = good();
    let data = Dataset::load(dir.path()).unwrap();
    let pair = |(user, item)| Pair { user, item };
    assert_eq!((data.name.as_str(), data.interactions.users, data.interactions.items), ("a", 5, 4));
    assert_eq!(data.interactions.train, [(0, 0), (1, 1), (2, 2), (3, 3), (4, 0)].map(pair));
    assert_eq!((&data.interactions.valid[..], &data.interactions.test[..]), (&[pair((0, 1))][..], &[pair((4, 2))][..]));
    assert_eq!(data.user_ids.unwrap(), ["a", "b", "c", "d", "e"]);
    assert_eq!(data.item_ids.unwrap()[3].as_deref(), Some("D"));
    assert_eq!(data.titles.unwrap(), [Some("T".to_owned()), None, None, None]);
    assert_eq!(data.features.text.as_ref().unwrap()[[3, 2]], 6.0);
    assert_eq!(data.findings, Findings { items_without_title: 3, ..Default::default() });
    let names: Vec<_> = data.inputs.iter().map(|input| input.path.file_name().unwrap().to_str().unwrap()).collect();
    let want = [
        "a.inter",
        "mm_feat.npy",
        "text_feat.npy",
        "image_feat.npy",
        "i_id_mapping.csv",
        "u_id_mapping.csv",
        "items.jsonl",
    ];
    assert_eq!(names, want);
    assert!(data.inputs.iter().all(|i| i.sha256.len() == 64 && i.bytes == fs::metadata(&i.path).unwrap().len()));
    assert!(!data.synthetic);
}

#[test]
fn line_ends_byte_order_mark_and_order_of_columns_do_not_matter() {
    let dir = good();
    let want = Dataset::load(dir.path()).unwrap().interactions;
    let spellings = [
        GOOD.replace('\n', "\r\n"),
        format!("\u{feff}{GOOD}"),
        GOOD.trim_end().to_owned(),
        GOOD.lines()
            .map(|line| {
                let f: Vec<&str> = line.split('\t').collect();
                format!("{}\tany\t{}\t{}\n", f[2], f[0], f[1])
            })
            .collect(),
    ];
    for text in spellings {
        put(dir.path(), "a.inter", &text);
        assert_eq!(Dataset::load(dir.path()).unwrap().interactions, want, "{text:?}");
    }
}

#[test]
fn broken_interactions() {
    let h = "userID\titemID\tx_label\n";
    let row = |row: &str| format!("{GOOD}{row}\n");
    let table: Vec<(&str, String, &[&str])> = vec![
        ("empty file", "".into(), &["expected a header", "empty file"]),
        ("header only", h.into(), &["expected rows after the header, found none"]),
        ("no training row", format!("{h}0\t0\t1\n1\t1\t2\n"), &["x_label 0 (train), found 2 rows and none"]),
        ("ragged row, short", row("3\t2"), &[":9: ", "expected 3 fields", "found 2"]),
        ("ragged row, long", row("3\t2\t0\t5"), &[":9: ", "expected 3 fields", "found 4"]),
        ("blank line", row(""), &[":9: ", "expected 3 fields", "found 1"]),
        ("commas", GOOD.replace('\t', ","), &[":1: ", "column userID", "\"userID,itemID,x_label\"", "tabs"]),
        (
            "RecBole",
            "user_id:token\titem_id:token\na\tb\n".to_owned(),
            &[":1: ", "column userID", "`anchorrec prepare`"],
        ),
        ("no label column", GOOD.replace("x_label", "label"), &[":1: ", "column x_label"]),
        ("column twice", GOOD.replace("x_label", "itemID"), &[":1: ", "one column itemID, found two"]),
        ("not a number", row("x\t2\t0"), &[":9: ", "userID", "found \"x\""]),
        ("negative", row("0\t-1\t0"), &[":9: ", "itemID", "found \"-1\""]),
        (
            "largest u32",
            row("4294967295\t0\t0"),
            &[":9: ", "user id 4294967295", "u_id_mapping.csv has 5 rows", "0 to 4"],
        ),
        ("2^32", row("4294967296\t0\t0"), &[":9: ", "0 to 4294967295, found \"4294967296\""]),
        ("2^64", row("0\t18446744073709551616\t0"), &[":9: ", "itemID", "\"18446744073709551616\""]),
        ("item beyond features", row("0\t17\t0"), &[":9: ", "item id 17 but mm_feat.npy has 4 rows", "0 to 3"]),
        ("label 3", row("0\t2\t3"), &[":9: ", "0 (train), 1 (valid) or 2 (test)", "found \"3\""]),
        ("label 0.0", row("0\t2\t0.0"), &[":9: ", "x_label", "found \"0.0\""]),
        ("same pair twice", row("0\t1\t0"), &[":9: ", "user 0 and item 1 are already on line 3"]),
        ("two repeats, the first is named", row("4\t2\t0\n0\t0\t0"), &[":9: ", "user 4 and item 2", "line 8"]),
        ("hostile field", row("\u{1b}[2J\t0\t0"), &[":9: ", "\\u{1b}[2J"]),
    ];
    for (what, text, want) in table {
        check("a.inter", text, what, want);
    }
    check("a.inter", [GOOD.as_bytes(), b"0\t\xff\t0\n"].concat(), "invalid UTF-8", &[":9: ", "UTF-8", "position 3"]);
    check(
        "a.inter",
        [GOOD.as_bytes(), &vec![b'7'; 2 << 20]].concat(),
        "endless line",
        &[":9: ", "at most 1048576 bytes"],
    );
}

#[test]
fn ids_are_limited_by_the_rows_when_nothing_else_is_known() {
    let h = "userID\titemID\tx_label\n";
    let table = [
        ("4294967295\t0\t0\n", ":2: user id 4294967295 but the file has 1 data rows"),
        ("0\t0\t0\n0\t4294967295\t0\n", ":3: item id 4294967295 but the file has 2 data rows"),
        ("0\t0\t0\n2\t1\t0\n", ":3: user id 2 but the file has 2 data rows"),
    ];
    for (rows, want) in table {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "a.inter", format!("{h}{rows}"));
        let message = refusal(dir.path(), rows);
        assert!(message.contains(want), "{message}");
    }
    // The mapping's rows count before those of the interactions, and leave room for ids without any.
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "a.inter", format!("{h}0\t5\t0\n"));
    put(dir.path(), "i_id_mapping.csv", "itemID\tasin\n0\ta\n1\tb\n2\tc\n3\td\n4\te\n5\tf\n6\tg\n");
    let data = Dataset::load(dir.path()).unwrap();
    assert_eq!((data.interactions.items, data.findings.items_without_train), (7, 6));
    assert_eq!(data.findings.absent, Modality::ALL);
    // Titles of items that are nowhere else.
    fs::remove_file(dir.path().join("i_id_mapping.csv")).unwrap();
    put(dir.path(), "a.inter", format!("{h}0\t0\t0\n"));
    put(dir.path(), "items.jsonl", "{\"itemID\":1}");
    let message = refusal(dir.path(), "title of an unknown item");
    assert!(message.contains("items.jsonl:1: item id 1 but the largest one in a.inter is 0"), "{message}");
}

#[test]
fn users_and_items_without_training_are_counted_not_refused() {
    let dir = good();
    // User 3 has a validation and two test rows only, item 3 is in no training row.
    put(dir.path(), "a.inter", GOOD.replace("3\t3\t0\n", "3\t3\t1\n3\t0\t2\n3\t1\t2\n"));
    let data = Dataset::load(dir.path()).unwrap();
    let findings = &data.findings;
    let counts =
        [findings.users_without_train, findings.dropped_valid, findings.dropped_test, findings.items_without_train];
    assert_eq!(counts, [1, 1, 2, 1]);
    assert!(data.interactions.valid.iter().chain(&data.interactions.test).all(|pair| pair.user != 3));
    assert_eq!((data.interactions.users, data.interactions.items), (5, 4), "ids keep their meaning");
}

#[test]
fn broken_features() {
    let data = [0u8; 4 * 3 * 4];
    let f4 = header("'<f4'", "(4, 3)");
    let total = 10 + f4.len() + data.len();
    let huge = header("'<f8'", "(1099511627776, 1099511627776)");
    let most = header("'<f8'", "(18446744073709551615, 18446744073709551615)");
    let mut endless = b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec();
    endless.extend(f4.as_bytes());
    let mut long = b"\x93NUMPY\x02\x00".to_vec();
    long.extend((100_000u32).to_le_bytes());
    long.resize(long.len() + 100_000, b' ');
    let (want, less, more) =
        (format!("expected {total} bytes (4 x 3"), format!("found {}", total - 1), format!("found {}", total + 1));
    let short: [&str; 3] = [&want, &less, "cut short"];
    let behind: [&str; 3] = [&want, &more, "longer than its header"];
    let table: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("empty", vec![], &["\\x93NUMPY", "found \"\""]),
        ("text", b"1.0,2.0\n3.0,4.0\n".to_vec(), &["\\x93NUMPY", "found \"1.0,2.0\\n\""]),
        ("magic only", b"\x93NUMPY".to_vec(), &["\\x93NUMPY"]),
        ("version 9", b"\x93NUMPY\x09\x00\x00\x00".to_vec(), &["1.0, 2.0 or 3.0, found 9.0"]),
        ("cut in the length", b"\x93NUMPY\x01\x00\x40".to_vec(), &["header"]),
        ("cut in the header", npy(&f4, &[])[..40].to_vec(), &["header: expected at most 30 bytes"]),
        ("header_len 0xffffffff", endless, &["header", "promise of 4294967295"]),
        ("header of 100,000 spaces", long, &["header: expected at most 65536", "promise of 100000"]),
        ("cut short", npy(&f4, &data[1..]), &short),
        ("bytes behind", npy(&f4, &[0; 49]), &behind),
        ("terabytes", npy(&huge, &data), &["1099511627776 x 1099511627776", "cut short"]),
        ("product beyond 2^128", npy(&most, &data), &["18446744073709551615", "cut short"]),
        ("one dimension", npy(&header("'<f4'", "(12,)"), &data), &["(items, width)", "found (12)"]),
        ("three dimensions", npy(&header("'<f4'", "(4, 3, 1)"), &data), &["found (4, 3, 1)"]),
        ("no rows", npy(&header("'<f4'", "(0, 3)"), &[]), &["found (0, 3)"]),
        ("integers", npy(&header("'<i4'", "(4, 3)"), &data), &["f16, f32 or f64", "dtype \"<i4\""]),
        ("complex", npy(&header("'<c8'", "(4, 3)"), &[0; 96]), &["dtype \"<c8\""]),
        ("booleans", npy(&header("'|b1'", "(4, 3)"), &[0; 12]), &["dtype \"|b1\""]),
        ("structured", npy(&header("[('x', '<f4')]", "(4, 3)"), &data), &["dtype", "('x', '<f4')"]),
        ("pickle", npy(&header("'|O'", "(4, 3)"), b"\x80\x04cos\nsystem"), &["pickled objects are never read"]),
        ("wrong rows", npy(&header("'<f4'", "(3, 4)"), &data), &["mm_feat.npy has 4 rows but", "text_feat.npy has 3"]),
    ];
    for (what, bytes, want) in table {
        check("text_feat.npy", bytes, what, want);
    }
}

#[test]
fn numbers_that_are_not_finite_and_rows_of_zeros() {
    let dir = good();
    let path = dir.path().join("image_feat.npy");
    let mut features = Array2::from_elem((4, 3), 1.0f32);
    features[[1, 2]] = f32::NAN;
    features[[3, 0]] = f32::NEG_INFINITY;
    write_npy_f32(&path, features.view()).unwrap();
    let message = refusal(dir.path(), "NaN");
    assert!(
        message.contains("image_feat.npy: ") && message.contains("in 2 of 4 rows, first in row 1, 3:"),
        "{message}"
    );
    // A double that no f32 can hold.
    let numbers: Vec<u8> = [1e300f64; 12].iter().flat_map(|x| x.to_le_bytes()).collect();
    check(
        "image_feat.npy",
        npy(&header("'<f8'", "(4, 3)"), &numbers),
        "1e300",
        &["NaN, infinity or numbers beyond 32-bit range in 4 of 4 rows"],
    );

    features.fill(1.0);
    features.row_mut(2).fill(0.0);
    write_npy_f32(&path, features.view()).unwrap();
    let findings = Dataset::load(dir.path()).unwrap().findings;
    assert_eq!(findings.zero_rows, ZeroRows { vision: 1, ..Default::default() });
}

#[test]
fn broken_names() {
    let table: Vec<(&str, &str, &str, &[&str])> = vec![
        ("i_id_mapping.csv", "empty", "", &["expected a header"]),
        ("i_id_mapping.csv", "header only", "asin\titemID\n", &["expected rows"]),
        ("i_id_mapping.csv", "one column", "itemID\n0\n", &[":1: ", "expected 2 fields", "found 1"]),
        ("i_id_mapping.csv", "no id column", "asin\tid\nA\t0\n", &[":1: ", "column itemID"]),
        ("i_id_mapping.csv", "both", "itemID\titemID\n0\t0\n", &[":1: ", "one column itemID"]),
        ("i_id_mapping.csv", "ragged", "asin\titemID\nA\t0\tx\n", &[":2: ", "expected 2 fields", "found 3"]),
        ("i_id_mapping.csv", "not an id", "asin\titemID\n0\tA\n", &[":2: ", "itemID", "found \"A\""]),
        ("i_id_mapping.csv", "twice", "asin\titemID\nA\t0\nB\t1\nC\t0\n", &[":4: ", "itemID 0 is already on line 2"]),
        ("i_id_mapping.csv", "beyond", "asin\titemID\nA\t4\n", &[":2: ", "item id 4 but mm_feat.npy has 4 rows"]),
        ("u_id_mapping.csv", "gap", "userID\tid\n0\ta\n2\tb\n", &[":3: ", "user id 2 but the file has 2 data rows"]),
        (
            "items.jsonl",
            "not JSON",
            "{\"itemID\":0}\n{\"itemID\":1,,}\n",
            &[":2: ", "expected a JSON object", "column 13"],
        ),
        ("items.jsonl", "no id", "{\"title\":\"x\"}\n", &[":1: ", "missing field `itemID`"]),
        ("items.jsonl", "negative", "{\"itemID\":-1}\n", &[":1: ", "-1"]),
        ("items.jsonl", "a list", "[0]\n", &[":1: ", "found: \"[0]\""]),
        ("items.jsonl", "title of numbers", "{\"itemID\":0,\"title\":5}\n", &[":1: ", "expected a string"]),
        ("items.jsonl", "blank line", "{\"itemID\":0}\n\n{\"itemID\":1}\n", &[":2: "]),
        ("items.jsonl", "twice", "{\"itemID\":0}\n{\"itemID\":0}\n", &[":2: ", "itemID 0 is already on line 1"]),
        ("items.jsonl", "beyond", "{\"itemID\":9}\n", &[":1: ", "item id 9 but mm_feat.npy has 4 rows"]),
    ];
    for (file, what, text, want) in table {
        check(file, text, what, want);
    }
    let deep = format!("{{\"itemID\":0,\"x\":{}", "[".repeat(500_000));
    check("items.jsonl", deep, "deep JSON", &[":1: ", "EOF while parsing a list"]);
    check("items.jsonl", b"{\"itemID\":0,\"x\":\"\xff\"}", "invalid UTF-8", &[":1: ", "position 18"]);
    check("u_id_mapping.csv", vec![b'x'; 2 << 20], "endless line", &[":1: ", "at most 1048576"]);
    // Fewer rows than features is no error: some items have no name.
    let dir = good();
    put(dir.path(), "i_id_mapping.csv", "asin\titemID\nA\t0\nD\t3\n");
    let data = Dataset::load(dir.path()).unwrap();
    assert_eq!(data.item_ids.unwrap(), [Some("A".to_owned()), None, None, Some("D".to_owned())]);
    assert_eq!(data.findings.items_without_external_id, 2);
}

#[test]
fn folders_that_are_not_data_sets() {
    let dir = good();
    put(dir.path(), "b.inter", GOOD);
    let message = refusal(dir.path(), "two");
    assert!(message.contains("expected one file named <name>.inter, found a.inter, b.inter"), "{message}");
    fs::remove_file(dir.path().join("a.inter")).unwrap();
    fs::remove_file(dir.path().join("b.inter")).unwrap();
    assert!(refusal(dir.path(), "none").contains("expected one file named <name>.inter, found none"));
    fs::create_dir(dir.path().join("c.inter")).unwrap();
    assert!(refusal(dir.path(), "a folder").contains("c.inter: expected a regular file"));
    assert!(refusal(&dir.path().join("nowhere"), "nowhere").contains("cannot list"));
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_an_absent_file() {
    let dir = good();
    fs::remove_file(dir.path().join("mm_feat.npy")).unwrap();
    std::os::unix::fs::symlink("moved_away.npy", dir.path().join("mm_feat.npy")).unwrap();
    assert!(refusal(dir.path(), "link").contains("mm_feat.npy: cannot read"));
}

#[test]
fn the_name_of_a_data_set_leads_nowhere() {
    for file in ["...inter", "..inter"] {
        let dir = good();
        fs::rename(dir.path().join("a.inter"), dir.path().join(file)).unwrap();
        let message = refusal(dir.path(), file);
        assert!(message.contains("only dots"), "{message}");
    }
}
