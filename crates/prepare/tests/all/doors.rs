//! Interactions as people's tools and published data sets write them: each is read rightly, or refused in words that say what to do.
//! A case for each situation that failed once; the right value is solved by hand.

use anchorrec_data::{Dataset, Split, note::Kind};
use anchorrec_formats::{Positives, Reading};
use anchorrec_prepare::own::{self, Foreign, Options, Own, Plan, Prepared, write::prepare};
use anchorrec_prepare::split::Rule;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

pub(crate) fn read_as(folder: &TempDir, options: &Options) -> Result<Foreign, String> {
    match own::read(folder.path(), options) {
        Ok(Own::Foreign(foreign)) => Ok(*foreign),
        Ok(Own::Ready(_)) => panic!("a ready data set"),
        Err(error) => Err(error.to_string()),
    }
}

#[track_caller]
pub(crate) fn read(folder: &TempDir) -> Foreign {
    let foreign = read_as(folder, &Options::default()).unwrap();
    assert_eq!(foreign.source.wrong, 0, "{:?}", foreign.source.problems);
    foreign
}

/// User, item, time and the part, of every row.
pub(crate) fn rows(foreign: &Foreign) -> Vec<String> {
    let events = &foreign.source.events;
    let row = |(place, row): (usize, &anchorrec_prepare::Event)| {
        let (user, item) = (events.users.name(row.user), events.items.name(row.item));
        let time = row.time.map_or(String::new(), |time| format!(" {}", time.seconds()));
        let part = events.parts.get(place).map_or(String::new(), |part| format!(" {part:?}"));
        format!("{user} {item}{time}{part}")
    };
    events.rows.iter().enumerate().map(row).collect()
}

pub(crate) fn notes(foreign: &Foreign) -> String {
    foreign.source.notes().iter().map(|note| format!("[{}] {note}\n", note.code)).collect()
}

pub(crate) fn plan(out: &Path, split: Rule) -> Plan {
    Plan { out: out.to_owned(), name: "mine".into(), k: 0, split, keep_new_items: false, strict: false }
}

pub(crate) fn made(foreign: Foreign, plan: &Plan) -> Result<Prepared, String> {
    prepare(foreign, plan, &mut |_| ()).map_err(|error| error.to_string())
}

#[test]
fn labels_of_zero_are_no_positives() {
    let text = "user_id:token\titem_id:token\tlabel:float\nu1\ti1\t1.0\nu1\ti2\t0.0\nu2\ti2\t1\nu2\ti3\t0\n";
    let labels = folder(&[("a.inter", text)]);
    let foreign = read(&labels);
    assert_eq!(rows(&foreign), ["u1 i1", "u2 i2"]);
    assert!(notes(&foreign).contains("[not-positive] 2 rows are no positives and were left out: 2 labelled 0"));
    let all = Positives { all: true, ..Positives::default() };
    let options = Options { reading: Reading { positives: all, ..Reading::default() }, ..Options::default() };
    assert_eq!(read_as(&labels, &options).unwrap().source.events.rows.len(), 4);
    // What is no label is named with its line and the way out.
    let odd = folder(&[("a.csv", "user,item,is_click\nu,a,1\nu,b,maybe\n")]);
    let problem = read_as(&odd, &Options::default()).unwrap().source.problems[0].to_string();
    assert!(problem.contains("a.csv:3: expected a label of 0 or 1") && problem.contains("--positive"), "{problem}");
    // All zero: there is nothing to learn from.
    let none = folder(&[("a.csv", "user,item,like\nu,a,0\n")]);
    let message = read_as(&none, &Options::default()).err().unwrap();
    assert!(message.contains("1 that are no positives: 1 labelled 0"), "{message}");
}

#[test]
fn a_ready_set_with_labels_of_zero_is_refused_and_read_as_a_table_as_the_error_says() {
    let text = "userID\titemID\tx_label\tlabel\nu\ta\t0\t1\nu\tb\t0\t0\nv\tb\t0\t1\nv\ta\t2\t1\n";
    let numbered = text
        .replace('u', "0")
        .replace('v', "1")
        .replace("0serID", "userID")
        .replace("\ta", "\t0")
        .replace("\tb", "\t1");
    let said = read_as(&folder(&[("mine.inter", &numbered)]), &Options::default()).err().unwrap();
    for part in ["mine.inter:3: ", "1 of 4 whose label is 0", "to .tsv", "`--positive label=1`"] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
    let renamed = folder(&[("mine.tsv", &numbered)]);
    let equal = Some(("label".to_owned(), "1".to_owned()));
    let reading = Reading { positives: Positives { equal, ..Positives::default() }, ..Reading::default() };
    let foreign = read_as(&renamed, &Options { reading, ..Options::default() }).unwrap();
    assert_eq!(rows(&foreign), ["0 0 Train", "1 1 Train", "1 0 Test"]);
    let ready = plan(&renamed.path().join("ready"), Rule::Given);
    let prepared = made(foreign, &ready).unwrap();
    assert_eq!(prepared.splits, [2, 0, 1]);
}

#[test]
fn ratings_and_values_choose_the_positives() {
    let ratings = folder(&[(
        "a.csv",
        "userId,movieId,rating,kind\n1,1,0.5,x\n1,2,5.0,y\n1,3,4,x\n2,1,,x\n2,2,4.5,y\n2,4,4.5,z\n",
    )]);
    let with = |positives| {
        let options = Options { reading: Reading { positives, ..Reading::default() }, ..Options::default() };
        read_as(&ratings, &options).unwrap()
    };
    let high = with(Positives { min_rating: Some(4.0), ..Positives::default() });
    assert_eq!(rows(&high), ["1 2", "1 3", "2 2", "2 4"]);
    assert_eq!((high.source.left_out.low, high.source.left_out.unrated), (1, 1));
    let y = with(Positives { equal: Some(("kind".into(), "y".into())), ..Positives::default() });
    assert_eq!(rows(&y), ["1 2", "2 2"]);
    let five = with(Positives { equal: Some(("rating".into(), "5".into())), ..Positives::default() });
    assert_eq!(rows(&five), ["1 2"], "5 and 5.0 are one number");
    let out = ratings.path().join("ready");
    let prepared = made(high, &plan(&out, Rule::None)).unwrap();
    let step = prepared.steps.iter().find(|step| step.name == "positives").unwrap();
    assert_eq!((step.dropped, &step.why[..]), (2, "1 rated too low, 1 not rated: no positives"));
}

#[test]
fn a_split_in_a_column_or_in_files_is_taken() {
    let words =
        "user_id,item_id,split\na,w,train\na,x,valid\na,y,test\nb,y,Training\nb,x,validation\nb,w,TEST\nb,v,dev\n";
    let numbers = "userID,itemID,x_label\n0,0,0\n0,1,1\n0,2,2.0\n";
    assert_eq!(
        rows(&read(&folder(&[("a.csv", words)]))),
        ["a w Train", "a x Valid", "a y Test", "b y Train", "b x Valid", "b w Test", "b v Valid"]
    );
    assert_eq!(rows(&read(&folder(&[("a.csv", numbers)]))), ["0 0 Train", "0 1 Valid", "0 2 Test"]);
    for (names, header) in [
        (["toys.test.csv", "toys.train.csv", "toys.valid.csv"], "user_id,item_id"),
        (["test.csv", "train.csv", "val.csv"], "user_id,item_id"),
        (["toys.test.inter", "toys.train.inter", "toys.valid.inter"], "user_id:token\titem_id:token"),
    ] {
        let row = |row: &str| format!("{header}\n{row}\n").replace(',', if header.contains(':') { "\t" } else { "," });
        let texts = [row("u,c"), row("u,a"), row("u,b")];
        let files: Vec<(&str, &str)> = names.iter().copied().zip(texts.iter().map(String::as_str)).collect();
        let files = folder(&files);
        let foreign = read(&files);
        assert_eq!(rows(&foreign), ["u a Train", "u b Valid", "u c Test"], "{names:?}");
        // More items, so that there is a negative, are not needed: what is written is what was said.
        assert!(foreign.source.at(2).contains("test"), "{}", foreign.source.at(2));
    }
    let bad = folder(&[("a.csv", "user,item,split\nu,a,train\nu,b,fold3\n")]);
    let problem = read_as(&bad, &Options::default()).unwrap().source.problems[0].to_string();
    assert!(problem.contains("a.csv:3: expected train, valid or test") && problem.contains("\"fold3\""), "{problem}");
}

#[test]
fn a_given_split_comes_out_as_it_went_in() {
    let text = "user,item,split\nu,a,train\nv,b,train\nu,c,valid\nu,d,test\nv,a,test\nu,a,test\n";
    let given = folder(&[("a.csv", text)]);
    let out = given.path().join("ready");
    // The last row repeats a training pair: it goes, and its part with it.
    let prepared = made(read(&given), &plan(&out, Rule::Given)).unwrap();
    assert_eq!(prepared.splits, [2, 1, 2]);
    let dataset = Dataset::load(&out).unwrap();
    let names = |split| -> Vec<String> {
        let pairs = dataset.interactions.pairs(split).iter();
        pairs.map(|pair| dataset.user_name(pair.user) + &dataset.item_name(pair.item)).collect()
    };
    assert_eq!([Split::Train, Split::Valid, Split::Test].map(names), [vec!["ua", "vb"], vec!["uc"], vec!["ud", "va"]]);
    // Split anew although the data say it: that is said.
    let anew = made(read(&given), &plan(&given.path().join("anew"), Rule::None)).unwrap();
    let codes: Vec<&str> = anew.notes.iter().map(|note| &note.code[..]).collect();
    assert!(
        codes.contains(&"split-not-taken") && codes.contains(&"no-validation") && codes.contains(&"no-test"),
        "{codes:?}"
    );
    let listed = fs::read_to_string(given.path().join("anew/notes.json")).unwrap();
    assert!(listed.contains("\"code\": \"split-not-taken\"") && listed.contains("\"kind\": \"ignored\""), "{listed}");
    let strict = Plan { strict: true, ..plan(&given.path().join("strict"), Rule::None) };
    assert!(made(read(&given), &strict).unwrap_err().contains("which was not taken"));
    assert!(!strict.out.exists());
}

#[test]
fn a_quote_in_a_tsv_is_a_letter_unless_it_closes_in_its_field() {
    let text = "user_id\ttitle\titem_id\nu1\tA\ti1\nu2\t\"B\ti2\nu3\tC\ti3\nu4\tD\"\ti4\nu5\t\"E \"\"x\"\"\"\ti5\n";
    let foreign = read(&folder(&[("a.tsv", text)]));
    assert_eq!(rows(&foreign), ["u1 i1", "u2 i2", "u3 i3", "u4 i4", "u5 i5"]);
    let said = notes(&foreign);
    assert!(said.contains("[quotes-are-letters] 1 field begins with") && said.contains("a.tsv:3"), "{said}");
    assert!(said.contains("[columns-not-read] 1 column is not read (title)"), "{said}");
    // Elsewhere a quote may run over lines: if it was meant as a letter, rows are lost, so that is said.
    let text = "user_id,title,item_id\nu1,A,i1\nu2,\"B,i2\nu3,\"C,i3\nu4,D,i4\n";
    let foreign = read(&folder(&[("a.csv", text)]));
    let said = notes(&foreign);
    assert!(said.contains("[fields-over-lines] 1 row has a field") && said.contains("a.csv:3"), "{said}");
}

#[test]
fn times_in_digits_are_dates_and_small_milliseconds_are_milliseconds() {
    let digits = "user,item,time\nu,a,20230517142530\nu,b,20230518142530\n";
    // `date -u -d "2023-05-17 14:25:30" +%s` of GNU coreutils.
    assert_eq!(rows(&read(&folder(&[("a.csv", digits)]))), ["u a 1684333530", "u b 1684419930"]);
    let small = "user,item,time\nu,a,1700000000000\nu,b,-3600000\nv,a,1700000100000\n";
    assert_eq!(rows(&read(&folder(&[("a.csv", small)]))), ["u a 1700000000", "u b -3600", "v a 1700000100"]);
}

#[test]
fn published_files_without_a_header_are_known_and_users_are_never_items() {
    let cases = [
        ("u.data", "1\t2\t5\t881250949\n1\t3\t3\t881250950\n", ["1 2 881250949", "1 3 881250950"]),
        ("ratings.dat", "1::2::5::978300760\n1::3::3::978300761\n", ["1 2 978300760", "1 3 978300761"]),
        (
            "ratings_Toys.csv",
            "A1B2C3D4E5F6G7,0000013714,5.0,1378252800\nA1B2C3D4E5F6G7,0001042335,4.0,1378252801\n",
            ["A1B2C3D4E5F6G7 0000013714 1378252800", "A1B2C3D4E5F6G7 0001042335 1378252801"],
        ),
        (
            "Toys_2018.csv",
            "0000013714,A1B2C3D4E5F6G7,5.0,1378252800\n0001042335,A1B2C3D4E5F6G7,4.0,1378252801\n",
            ["A1B2C3D4E5F6G7 0000013714 1378252800", "A1B2C3D4E5F6G7 0001042335 1378252801"],
        ),
    ];
    for (name, text, want) in cases {
        let foreign = read(&folder(&[(name, text)]));
        assert_eq!(rows(&foreign), want, "{name}");
        assert!(notes(&foreign).contains("[columns-of-a-published-file]"), "{name}");
    }
    // Whole numbers on both sides: nobody can tell users from items, so nobody does.
    let unknown = folder(&[("plays.csv", "1,2,5.0,1378252800\n3,4,5.0,1378252800\n")]);
    let message = read_as(&unknown, &Options::default()).err().unwrap();
    assert!(message.contains("plays.csv") && message.contains("--columns user,item"), "{message}");
    let header = Some(["item", "user", "x", "time"].map(str::to_owned).to_vec());
    let options = Options { reading: Reading { header, ..Reading::default() }, ..Options::default() };
    assert_eq!(rows(&read_as(&unknown, &options).unwrap()), ["2 1 1378252800", "4 3 1378252800"]);
}

#[test]
fn lists_of_lightgcn_and_lattice_are_read_with_their_split() {
    // A user without items has a line with a blank behind it, as in the published amazon-book.
    let lists = folder(&[("train.txt", "0 5 7\n1 5\n2 \n3 7\n"), ("test.txt", "0 8\n1 7\n")]);
    let foreign = read(&lists);
    assert_eq!(rows(&foreign), ["0 5 Train", "0 7 Train", "1 5 Train", "3 7 Train", "0 8 Test", "1 7 Test"]);
    assert!(notes(&foreign).contains("[users-without-items] 1 user has no item and was left out (2)"));
    // Empty in both files is one user; empty in one of them is nothing to say.
    let lists = folder(&[("train.txt", "0 5 7\n1 5\n2 \n7 \n"), ("test.txt", "0 8\n1 \n2 7\n7 \n")]);
    assert!(notes(&read(&lists)).contains("[users-without-items] 1 user has no item and was left out (7)"));
    let objects = folder(&[
        ("train.json", r#"{"0": [5, 7], "1": [5]}"#),
        ("val.json", r#"{"0": [8], "1": []}"#),
        ("test.json", r#"{"1": [9]}"#),
    ]);
    assert_eq!(rows(&read(&objects)), ["0 5 Train", "0 7 Train", "1 5 Train", "0 8 Valid", "1 9 Test"]);
    assert!(!notes(&read(&objects)).contains("users-without-items"));
    // LATTICE's own folder has its lists in one below.
    let above = folder(&[("5-core/train.json", r#"{"0": [5]}"#), ("5-core/test.json", r#"{"0": [7]}"#)]);
    let message = read_as(&above, &Options::default()).err().unwrap();
    assert!(message.contains("5-core (a folder with lists of users: give it as the data folder)"), "{message}");
    let broken = folder(&[("train.json", r#"{"0": 5}"#), ("test.json", "{}")]);
    let message = read_as(&broken, &Options::default()).err().unwrap();
    assert!(message.contains("train.json") && message.contains("lists of items"), "{message}");
    let odd = folder(&[("train.txt", "0 5\n1 x\n"), ("test.txt", "0 8\n")]);
    let problem = read_as(&odd, &Options::default()).unwrap().source.problems[0].to_string();
    assert!(problem.contains("train.txt:2: expected a user and its items"), "{problem}");
}

#[test]
fn pieces_of_one_table_are_read_in_order_and_said() {
    let weeks = folder(&[("week_2.csv", "user,item\nu,b\n"), ("week_1.csv", "user,item\nu,a\n")]);
    let foreign = read(&weeks);
    assert_eq!(rows(&foreign), ["u a", "u b"]);
    assert!(notes(&foreign).contains("[files-are-one-table] 2 files"), "{}", notes(&foreign));
    assert!(foreign.source.at(1).ends_with("week_2.csv:2"), "{}", foreign.source.at(1));
    // As Spark writes: a folder with the name of a file, and a mark of success.
    let spark = folder(&[
        ("clicks.csv/part-0.csv", "user,item\nu,a\n"),
        ("clicks.csv/_SUCCESS", ""),
        ("clicks.csv/part-1.csv", "user,item\nv,a\n"),
    ]);
    let foreign = read(&spark);
    assert_eq!(rows(&foreign), ["u a", "v a"]);
    assert!(notes(&foreign).contains("[folder-is-one-table]"));
    // Two tables of different names are two tables.
    let two = folder(&[("clicks.csv", "user,item\nu,a\n"), ("views.csv", "user,item\nu,b\n")]);
    let message = read_as(&two, &Options::default()).err().unwrap();
    assert!(message.contains("--interactions") && message.contains("clicks.csv, views.csv"), "{message}");
}

#[test]
fn new_items_stay_candidates_where_they_are_asked_for() {
    let new = folder(&[("a.csv", "user,item\nu,a\nu,b\nv,b\nv,c\n"), ("text.ids.txt", "new\na\nb\nc\n")]);
    anchorrec_data::write_npy_f32(&new.path().join("text.npy"), ndarray::arr2(&[[9.0f32], [1.0], [2.0], [3.0]]).view())
        .unwrap();
    let kept = Plan { keep_new_items: true, ..plan(&new.path().join("kept"), Rule::None) };
    let prepared = made(read(&new), &kept).unwrap();
    assert!(
        prepared.notes.iter().any(|note| note.code == "new-items" && note.examples == ["new"]),
        "{:?}",
        prepared.notes
    );
    let dataset = Dataset::load(&kept.out).unwrap();
    assert_eq!((dataset.interactions.items, dataset.item_name(3).as_str()), (4, "new"));
    assert_eq!(dataset.features.text.clone().unwrap(), ndarray::arr2(&[[1.0f32], [2.0], [3.0], [9.0]]));
    let left = plan(&new.path().join("left"), Rule::None);
    made(read(&new), &left).unwrap();
    assert_eq!(Dataset::load(&left.out).unwrap().interactions.items, 3);
}

#[test]
fn new_items_count_among_those_that_need_features() {
    let write = |new: &TempDir, name: &str, rows: usize| {
        let matrix = ndarray::Array2::from_shape_fn((rows, 2), |(row, column)| (row * row + column + 1) as f32);
        anchorrec_data::write_npy_f32(&new.path().join(name), matrix.view()).unwrap();
    };
    // Texts of every item and of four new ones; images of the three items alone.
    let of = |texts: &[&str]| {
        let (texts, count) = (texts.join("\n"), texts.len());
        let files =
            [("a.csv", "user,item\nu,a\nu,b\nv,b\nv,c\n"), ("text.ids.txt", &texts), ("image.ids.txt", "a\nb\nc\n")];
        let new = folder(&files);
        write(&new, "text.npy", count);
        write(&new, "image.npy", 3);
        new
    };
    let kept = |new: &TempDir| Plan { keep_new_items: true, ..plan(&new.path().join("kept"), Rule::None) };
    let two = of(&["a", "b", "c", "d", "e"]);
    let prepared = made(read(&two), &kept(&two)).unwrap();
    let filled: Vec<_> = prepared.notes.iter().filter(|note| note.code == "features-filled").collect();
    let [filled] = filled[..] else { panic!("{:?}", prepared.notes) };
    assert_eq!(
        (filled.kind, filled.count, &filled.examples[..]),
        (Kind::Filled, 2, &["d".to_owned(), "e".to_owned()][..])
    );
    assert!(filled.text.contains("vision") && filled.text.contains("3 of 5 items (60.0 %)"), "{filled}");
    // More than half without an image: refused, unless that is allowed.
    let many = of(&["a", "b", "c", "d", "e", "f", "g"]);
    let said = made(read(&many), &kept(&many)).unwrap_err().to_string();
    assert!(said.contains("image.npy") && said.contains("3 of 7 items") && said.contains("--allow-missing"), "{said}");
    let options = Options { allow_missing: true, ..Options::default() };
    let prepared = made(read_as(&many, &options).unwrap(), &kept(&many)).unwrap();
    assert!(
        prepared.notes.iter().any(|note| note.code == "features-filled" && note.count == 4),
        "{:?}",
        prepared.notes
    );
}

#[test]
fn an_id_beside_a_name_is_the_id() {
    let both = folder(&[("a.csv", "user_id,user,item_id\n1,Ann,x\n2,Bob,x\n3,Ann,z\n")]);
    let foreign = read(&both);
    assert_eq!(rows(&foreign), ["1 x", "2 x", "3 z"]);
    assert!(notes(&foreign).contains("[columns-not-read] 1 column is not read (user)"));
}

#[test]
fn the_headers_of_published_tables_are_known() {
    let cases = [
        ("ratings.csv", "userId,movieId,rating,timestamp\n1,296,5.0,1147880044\n", ["1 296 1147880044"]),
        ("Toys.csv", "user_id,parent_asin,rating,timestamp\nAE2,B01,5.0,1588687728923\n", ["AE2 B01 1588687728"]),
        ("MicroLens-50k_pairs.csv", "user,item,timestamp\n36121,9580,1662984066647\n", ["36121 9580 1662984066"]),
        ("likes.csv", "uid,timestamp,item_id,is_organic\n100,39420,8326270,1\n", ["100 8326270 39420"]),
    ];
    for (name, text, want) in cases {
        // MovieLens has its tags beside its ratings, with the same columns of users and items.
        let tags = ("tags.csv", "userId,movieId,tag,timestamp\n3,260,classic,1439472355\n");
        let files = if name == "ratings.csv" { vec![(name, text), tags] } else { vec![(name, text)] };
        assert_eq!(rows(&read(&folder(&files))), want, "{name}");
    }
    let hm =
        folder(&[("transactions_train.csv", "t_dat,customer_id,article_id,price\n2018-09-20,00ab,0663713001,0.05\n")]);
    let mut reading = Reading::default();
    reading.columns.item = Some("article_id".into());
    reading.columns.time = Some("t_dat".into());
    let foreign = read_as(&hm, &Options { reading, ..Options::default() }).unwrap();
    // `date -u -d 2018-09-20 +%s` of GNU coreutils; the leading zero stays.
    assert_eq!(rows(&foreign), ["00ab 0663713001 1537401600"]);
}

#[test]
fn a_border_among_rows_of_one_time_moves_back_and_the_step_says_so() {
    // Eleven rows: the borders at 8 and 9 lie within the four of the last day, which begins at 7.
    let times = [1, 2, 3, 4, 5, 6, 9, 9, 9, 9];
    let rows: String = times.iter().enumerate().map(|(item, time)| format!("u,i{item},{time}\n")).collect();
    let rows = rows + "v,i0,0\n";
    let visits = folder(&[("visits.csv", &format!("user,item,time\n{rows}"))]);
    let made = made(read(&visits), &plan(&visits.path().join("ready"), Rule::GlobalTime)).unwrap();
    let step = made.steps.iter().find(|step| step.name == "split").unwrap();
    assert!(step.why.contains("7 training, 0 validation, 4 test; borders moved over 3 rows so that"), "{}", step.why);
}

#[test]
fn rows_of_one_time_alone_leave_nothing_to_train_on() {
    let rows: String = (0..12).map(|n| format!("u{},i{n},2024-05-05\n", n % 3)).collect();
    let visits = folder(&[("visits.csv", &format!("user,item,time\n{rows}"))]);
    let out = visits.path().join("ready");
    let refused = made(read(&visits), &plan(&out, Rule::GlobalTime)).unwrap_err().to_string();
    assert!(refused.contains("rows of one time stay on one side") && refused.contains("--split"), "{refused}");
    assert!(!out.exists());
    // Each user apart keeps its rows for training.
    let made = made(read(&visits), &plan(&out, Rule::UserTime)).unwrap();
    let step = made.steps.iter().find(|step| step.name == "split").unwrap();
    // Of four rows of a user the borders are at the second and the third: two and one rows before the end.
    assert!(step.why.contains("12 training, 0 validation, 0 test; borders moved over 9 rows"), "{}", step.why);
}

/// Beside the file that was named, or that is known, there is more of the same kind: it is no file of features.
#[test]
fn other_tables_of_interactions_are_said_to_be_such() {
    let unread =
        |foreign: &Foreign| foreign.notes.iter().map(|note| format!("[{}] {note}\n", note.code)).collect::<String>();
    let rows = "1\t2\t5\t881250949\n1\t3\t3\t881250950\n";
    let folder_of = |others: &[(&str, &str)]| folder(&[&[("u.data", rows)], others].concat());
    let toys = folder_of(&[("ratings_Toys.csv", "A1B2C3D4E5F6G7,0000013714,5.0,1378252800\n")]);
    let options = Options { interactions: Some(toys.path().join("u.data")), ..Options::default() };
    let said = unread(&read_as(&toys, &options).unwrap());
    assert!(said.contains("[interactions-not-read] 1 other table of interactions is not read"), "{said}");
    assert!(said.contains("ratings_Toys.csv") && !said.contains("looks like features"), "{said}");
    let movielens = folder_of(&[
        ("u.item", "2|Toy Story (1995)|01-Jan-1995||x|0|1\n3|GoldenEye (1995)|01-Jan-1995||x|1|0\n"),
        ("u.user", "1|24|M|technician|85711\n"),
        ("u1.base", rows),
        ("u1.test", rows),
    ]);
    let said = unread(&read(&movielens));
    assert!(said.contains("[tables-not-read] 4 tables beside the interactions are not read"), "{said}");
    assert!(["u.item", "u.user", "u1.base", "u1.test"].iter().all(|name| said.contains(name)), "{said}");
}

/// What stands in the names of folders alone is not in the files: where it says which rows count, nothing may be read without it.
#[test]
fn columns_in_the_names_of_folders_are_not_lost_silently() {
    let rows = "user_id,item_id\na,x\nb,y\n";
    for key in ["label", "is_click", "split", "user_id"] {
        let (zero, one) = (format!("clicks.csv/{key}=0/part-0.csv"), format!("clicks.csv/{key}=1/part-0.csv"));
        let folders = folder(&[(&zero, rows), (&one, rows)]);
        let message = read_as(&folders, &Options::default()).err().unwrap();
        assert!(message.contains(&format!("a folder {key}=...")), "{message}");
    }
    let months = folder(&[("clicks.csv/month=1/part-0.csv", rows), ("clicks.csv/month=2/part-0.csv", rows)]);
    let foreign = read(&months);
    assert_eq!(foreign.source.events.rows.len(), 4);
    assert!(
        notes(&foreign).contains("[partitions-not-read] 1 column stands in the names of folders"),
        "{}",
        notes(&foreign)
    );
}

#[test]
fn times_of_some_files_only_are_said_and_not_split_by() {
    let some =
        folder(&[("w_1.csv", "user,item,time\na,x,1700000000\nb,y,1700000001\n"), ("w_2.csv", "user,item\na,y\n")]);
    let foreign = read(&some);
    assert!(notes(&foreign).contains("[times-of-some-files] 1 row stands"), "{}", notes(&foreign));
    let message = made(foreign, &plan(&some.path().join("ready"), Rule::LeaveOneOut)).err().unwrap();
    assert!(
        message.contains("expected a time in every file or in none") && message.contains("1 row without"),
        "{message}"
    );
}

#[test]
fn the_last_rows_are_those_of_the_file_only_where_that_is_said() {
    let plain = folder(&[("a.csv", "user,item\nu,a\nu,b\nu,c\nv,d\n")]);
    let made = |folder: &TempDir, rule| made(read(folder), &plan(&folder.path().join("ready"), rule));
    let prepared = made(&plain, Rule::LeaveOneOut).unwrap();
    assert_eq!(prepared.splits, [2, 1, 1]);
    let said: String = prepared.notes.iter().map(|note| format!("[{}] {note}\n", note.code)).collect();
    assert!(
        said.contains("[order-is-time] 4 rows have no times: the last of a user are the last in the order"),
        "{said}"
    );
    let timed =
        folder(&[("a.csv", "user,item,time\nu,a,1700000009\nu,b,1700000001\nu,c,1700000002\nv,a,1700000001\n")]);
    let prepared = made(&timed, Rule::LeaveOneOut).unwrap();
    assert!(!prepared.notes.iter().any(|note| note.code == "order-is-time"));
    let inter = fs::read_to_string(timed.path().join("ready/mine.inter")).unwrap();
    assert!(inter.contains("1700000009\t2\n") && inter.contains("1700000002\t1\n"), "{inter}");
}

#[test]
fn a_rating_that_is_asked_for_must_be_there_and_labels_say_their_column() {
    let unrated = folder(&[("a.csv", "user,item,score\nu,a,5\n")]);
    let positives = Positives { min_rating: Some(4.0), ..Positives::default() };
    let options = Options { reading: Reading { positives, ..Reading::default() }, ..Options::default() };
    let said = read_as(&unrated, &options).err().unwrap();
    assert!(said.contains("a column of ratings for --min-rating") && said.contains("--rating-column NAME"), "{said}");
    // Of several columns of labels one is taken: which, is said.
    let two = folder(&[("a.csv", "user,item,is_like,is_click\nu,a,1,0\nu,b,0,1\nv,b,1,1\n")]);
    let foreign = read(&two);
    assert_eq!(rows(&foreign), ["u b", "v b"]);
    let said = notes(&foreign);
    assert!(
        said.contains("1 labelled 0 in the column is_click (--positive all") && said.contains("not read (is_like)"),
        "{said}"
    );
}

#[test]
fn ratings_of_zero_are_said() {
    let rated = folder(&[("a.csv", "user,item,rating\na,x,1\na,y,0\nb,y,1\n")]);
    let foreign = read(&rated);
    assert_eq!(rows(&foreign).len(), 3);
    assert!(notes(&foreign).contains("[rated-zero] 1 row is rated 0 or less"), "{}", notes(&foreign));
}

#[test]
fn labels_are_truths_too_and_digits_that_are_dates_are_no_times() {
    let truths = folder(&[("a.csv", "user,item,is_clicked\na,x,True\na,y,False\nb,y,True\n")]);
    assert_eq!(rows(&read(&truths)), ["a x", "b y"]);
    for digits in ["20240131", "2024013110", "202401311011"] {
        let dates = folder(&[("a.csv", &format!("user,item,time\na,x,{digits}\n"))]);
        let foreign = read_as(&dates, &Options::default()).unwrap();
        assert!(foreign.source.problems[0].to_string().contains("which could be either"), "{digits}");
    }
    // Milliseconds and seconds of the same lengths.
    let times = folder(&[("a.csv", "user,item,time\na,x,978300760000\n")]);
    assert_eq!(rows(&read(&times)), ["a x 978300760"]);
}
