//! One's own data, from foreign files to recommendations in its own names.

use anchorrec_data::write_npy_f32;
use ndarray::Array2;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn anchorrec(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anchorrec"));
    command.args(args).current_dir(folder).env_remove("ANCHORREC_DATA").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// 30 users with 8 of 25 items each, features for all items but one and for one that nobody has.
fn csv_folder(folder: &Path) {
    fs::create_dir(folder.join("mine")).unwrap();
    let mut table = "user,item,timestamp\r\n".to_owned();
    for user in 0..30 {
        for n in 0..8 {
            let item = (user * 3 + n * n + n) % 25;
            table += &format!("\"Ann, {user}\",i-{item:02},{}\r\n", 1_400_000_000 + user * 100 + n);
        }
    }
    fs::write(folder.join("mine/clicks.csv"), table).unwrap();
    let features = Array2::from_shape_fn((25, 6), |(row, column)| ((row * 7 + column * 3) % 11) as f32 - 5.0);
    for kind in ["text", "mm"] {
        write_npy_f32(&folder.join(format!("mine/{kind}_feat.npy")), features.view()).unwrap();
        let ids: String = (1..26).map(|item| format!("i-{item:02}\n")).collect();
        fs::write(folder.join(format!("mine/{kind}_feat.ids.txt")), ids).unwrap();
    }
}

#[test]
fn a_csv_and_an_embedding_file_are_checked_prepared_and_trained_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    csv_folder(folder);
    let checked = succeeds(&anchorrec(folder, &["check-data", "mine", "--json", "about.json"]));
    for part in ["table of text", "i-00", "i-25", "vision", "absent", "parameters", "an estimate"] {
        assert!(checked.contains(part), "{part}: {checked}");
    }
    let about: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("about.json")).unwrap()).unwrap();
    let table = fs::read_to_string(folder.join("mine/clicks.csv")).unwrap();
    let mut pairs: Vec<&str> = table.lines().skip(1).map(|line| line.rsplit_once(',').unwrap().0).collect();
    pairs.sort_unstable();
    pairs.dedup();
    assert_eq!(
        (about["users"].as_u64(), about["items"].as_u64(), about["rows"].as_u64()),
        (Some(30), Some(25), Some(240))
    );
    assert_eq!(about["pairs"], pairs.len());
    assert_eq!(about["repeats"], 240 - pairs.len());
    assert_eq!(about["features"][0]["first_missing"][0], "i-00");
    assert_eq!(about["features"][0]["first_unknown"][0], "i-25");

    for split in ["random", "user-time", "global-time"] {
        succeeds(&anchorrec(folder, &["prepare", "mine", "--out", &format!("made/{split}"), "--split", split]));
    }
    let again = succeeds(&anchorrec(folder, &["prepare", "mine", "--out", "made/random"]));
    assert!(again.contains("repeats") && again.contains("missing_text.csv has all (i-00)"), "{again}");
    fs::create_dir(folder.join("other")).unwrap();
    fs::write(folder.join("other/thesis.tex"), "mine").unwrap();
    for (out, found) in [("mine", "expected another folder than those that are read"), ("other", "found the file")] {
        let others = anchorrec(folder, &["prepare", "mine", "--out", out]);
        assert!(text(&others.stderr).contains(found), "{}", text(&others.stderr));
    }
    assert_eq!(fs::read_dir(folder.join("made")).unwrap().count(), 3, "no temporary folder stays");
    let ready = succeeds(&anchorrec(folder, &["check-data", "made/random"]));
    assert!(ready.contains("ready data set"), "{ready}");

    // No training row of a user may be recommended to it.
    let train = ["train", "--data", "made/user-time", "--epochs", "1", "--recommendations", "best.csv", "--top", "5"];
    let trained = succeeds(&anchorrec(folder, &train));
    assert!(trained.contains("recommendations: best.csv"), "{trained}");
    let best = fs::read_to_string(folder.join("best.csv")).unwrap();
    let rows: Vec<&str> = best.lines().collect();
    assert_eq!(rows[0], "user,rank,item,title,score");
    assert_eq!(rows.len(), 1 + 30 * 5);
    assert!(rows[1].starts_with("\"Ann, 0\",1,i-"), "{}", rows[1]);
    // Of each user the last pairs are held out: its first row is training.
    let first: Vec<String> = (0..30).map(|user| format!("\"Ann, {user}\",i-{:02}", user * 3 % 25)).collect();
    for row in &rows[1..] {
        let mut words = row.rsplitn(5, ',');
        let (item, user) = (words.nth(2).unwrap(), words.last().unwrap());
        assert!(!first.contains(&format!("{user},{item}")), "{row}");
    }
}

/// Messages call a folder's files by their names in it, and people type what they read.
#[test]
fn files_of_the_folder_can_be_named_as_they_are_called_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    csv_folder(folder);
    fs::copy(folder.join("mine/clicks.csv"), folder.join("mine/views.csv")).unwrap();
    fs::write(folder.join("mine/vectors.csv"), "item,w,v\ni-01,1,2\ni-02,3,4\n").unwrap();
    let asked = anchorrec(folder, &["check-data", "mine"]);
    assert!(text(&asked.stderr).contains("(choose one with --interactions"), "{}", text(&asked.stderr));
    let checked = |args: &[&str]| succeeds(&anchorrec(folder, &[&["check-data", "mine"], args].concat()));
    let named = ["--interactions", "views.csv", "--image", "vectors.csv:w,v", "--allow-missing"];
    let inside = checked(&named);
    assert!(inside.contains("mine/views.csv") && inside.contains("mine/vectors.csv"), "{inside}");
    let whole = ["--interactions", "mine/views.csv", "--image", "mine/vectors.csv:w,v", "--allow-missing"];
    assert_eq!(inside, checked(&whole));
    // What stands in the current folder is meant first.
    fs::write(folder.join("views.csv"), "user,item\nBo,i-03\nBo,i-04\nCy,i-04\n").unwrap();
    let here = checked(&["--interactions", "views.csv", "--allow-missing"]);
    assert!(!here.contains("mine/views.csv"), "{here}");
    let neither = anchorrec(folder, &["check-data", "mine", "--interactions", "gone.csv"]);
    assert!(text(&neither.stderr).contains("gone.csv: cannot read"), "{}", text(&neither.stderr));
}

#[test]
fn check_data_and_train_count_the_same_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    csv_folder(folder);
    succeeds(&anchorrec(folder, &["prepare", "mine", "--out", "ready"]));
    succeeds(&anchorrec(folder, &["check-data", "ready", "--json", "about.json"]));
    let about: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("about.json")).unwrap()).unwrap();
    let output = anchorrec(folder, &["train", "--data", "ready", "--epochs", "1", "--model", "anchorrec"]);
    succeeds(&output);
    let digits: String =
        text(&output.stderr).split(" parameters").next().unwrap().rsplit(' ').next().unwrap().replace(',', "");
    assert_eq!(about["cost"]["parameters"].to_string(), digits);
}

#[test]
fn wrong_rows_are_named_with_their_lines_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("mine")).unwrap();
    let table = "user_id\titem_id\ttime\na\tx\t1\n\tx\t2\na\tx\t3\nb\ty\tsoon\nc\n";
    fs::write(folder.join("mine/a.tsv"), table).unwrap();
    for command in [&["check-data", "mine"][..], &["prepare", "mine", "--out", "made"]] {
        let output = anchorrec(folder, command);
        assert_eq!(output.status.code(), Some(1));
        let errors = text(&output.stderr);
        for line in ["a.tsv:3: expected a user id", "a.tsv:5: expected a time", "a.tsv:6: expected 3 fields"] {
            assert!(errors.contains(line), "{line}: {errors}");
        }
        assert_eq!(errors.lines().count(), 3, "{errors}");
    }
    assert!(!folder.join("made").exists());
    let output = anchorrec(folder, &["check-data", "mine", "--item-column", "thing"]);
    assert!(text(&output.stderr).contains("\"thing\""), "{}", text(&output.stderr));
    let output = anchorrec(folder, &["check-data", "."]);
    assert!(text(&output.stderr).contains("expected one <name>.inter, or one .csv"), "{}", text(&output.stderr));
}

#[test]
fn features_that_fit_nobody_stop_every_command_and_few_of_them_on_request_only() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("mine")).unwrap();
    let rows: String = (0..9).map(|n| format!("u{},0{}\n", n / 3, n % 3 + n / 3)).collect();
    fs::write(folder.join("mine/clicks.csv"), format!("user_id,item_id\n{rows}")).unwrap();
    fs::write(folder.join("mine/text_feat.csv"), "item_id,e0,e1,price\n0,1,2,9\n1,3,4,9\n2,5,6,9\n").unwrap();
    let commands = [&["check-data", "mine"][..], &["prepare", "mine", "--out", "made"]];
    // The columns must be named, and then fit.
    for command in commands {
        let output = anchorrec(folder, command);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("text_feat.csv:e*, found the columns"), "{}", text(&output.stderr));
        let named = anchorrec(folder, &[command, &["--text", "mine/text_feat.csv:e*", "--allow-missing"]].concat());
        assert_eq!(named.status.code(), Some(1));
        let errors = text(&named.stderr);
        assert!(errors.contains("0 of 5 items") && errors.contains("leading zeros"), "{errors}");
    }
    assert!(!folder.join("made").exists());
    fs::write(folder.join("mine/text_feat.csv"), "item_id,e0,e1,price\n00,1,2,9\n01,3,4,9\nx,5,6,9\n").unwrap();
    let named = ["prepare", "mine", "--out", "made", "--text", "mine/text_feat.csv:e0,e1"];
    let few = anchorrec(folder, &named);
    assert!(text(&few.stderr).contains("--allow-missing"), "{}", text(&few.stderr));
    let made = succeeds(&anchorrec(folder, &[&named[..], &["--allow-missing"]].concat()));
    for note in [
        "3 items have no text features and get the mean",
        "is not read (price)",
        "without an interaction, left out; --keep-new-items keeps such items as candidates (x)",
    ] {
        assert!(made.contains(note), "{note}: {made}");
    }
    let strict = anchorrec(folder, &[&named[..], &["--allow-missing", "--strict"]].concat());
    assert!(!strict.status.success() && text(&strict.stderr).contains("price"), "{}", text(&strict.stderr));
    // In training, an anchor of another name is said.
    let mm = ["train", "--data", "made", "--mm", "made/text_feat.npy", "--epochs", "1", "--model", "lightgcn"];
    let trained = anchorrec(folder, &mm);
    let said = text(&trained.stdout) + &text(&trained.stderr);
    assert!(
        said.contains("is taken as the fused features, the anchor, as --mm says, and its name says text"),
        "{said}"
    );
}
