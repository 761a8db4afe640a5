//! Files that commands read and write: ids with every character that a format gives a meaning, folders with files of others, a file that is read and written.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use anchorrec_data::Dataset;
use anchorrec_retrieval::judged::Lists;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

const USERS: [&str; 6] = ["Ann B", "a,b", "say \"no\"", " lead", "Ørsted;|", "'=1+1"];
const ITEMS: [&str; 8] = ["red, large", "\"", "#8", "tail ", "\\N", "{\"x\":1}", "ß\u{2028}x", "0"];

/// A run on a data set with such ids; its folder.
fn trained(users: &[&str], items: &[&str]) -> (Workplace, String) {
    let place = Workplace::new();
    let mut rows = "userID\titemID\tx_label\n".to_owned();
    for user in 0..users.len() {
        (0..4).for_each(|n| rows += &format!("{user}\t{}\t{}\n", (user + 2 * n) % 8, [0, 0, 1, 2][n]));
    }
    fs::create_dir_all(place.path("data")).unwrap();
    fs::write(place.path("data/mine.inter"), rows).unwrap();
    for (file, column, names) in [("u_id_mapping.csv", "userID", users), ("i_id_mapping.csv", "itemID", items)] {
        let rows: String = names.iter().enumerate().map(|(number, name)| format!("{name}\t{number}\n")).collect();
        fs::write(place.path("data").join(file), format!("name\t{column}\n{rows}")).unwrap();
    }
    let output = place.run(&["--data", "data", "--model", "lightgcn", "--epochs", "2"]);
    read_report(&output, place.0.path());
    let report =
        text(&output.stdout).lines().find_map(|line| line.strip_prefix("report: ").map(str::to_owned)).unwrap();
    (place, Path::new(&report).parent().unwrap().display().to_string())
}

fn call(place: &Workplace, command: &str, args: &[&str]) -> Output {
    place.anchorrec(command).args(args).output().unwrap()
}

#[track_caller]
fn succeeds(place: &Workplace, command: &str, args: &[&str]) -> (String, String) {
    let output = call(place, command, args);
    assert!(output.status.success(), "{command} {args:?}: {}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn every_format_gives_back_ids_whatever_stands_in_them() {
    let (place, run) = trained(&USERS, &ITEMS);
    let dataset = Dataset::load(&place.path("data")).unwrap();
    for out in ["lists.csv", "lists.jsonl", "lists.parquet"] {
        succeeds(&place, "recommend", &[&run, "--out", out, "--top", "3"]);
        if out.ends_with("jsonl") {
            let lines = fs::read_to_string(place.path(out)).unwrap();
            let lines = lines.split('\n').filter(|line| !line.is_empty());
            let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
            assert!(lines.iter().map(|line| line["user"].as_str().unwrap()).eq(USERS), "{lines:?}");
        } else {
            assert_eq!(Lists::read(&place.path(out), &dataset).unwrap().users.len(), USERS.len(), "{out}");
        }
    }
    assert_same_lists(&place, &run, 8);
    // Fields of a TREC file are separated by spaces: an id with one is refused, and nothing is left behind.
    let refused = call(&place, "recommend", &[&run, "--out", "lists.run"]);
    assert_fails_with(&refused, &["lists.run", "\"Ann B\" cannot stand in a TREC file", "write CSV"]);
    let refused = call(&place, "evaluate", &["lists.csv", "--data", "data", "--qrels", "test.qrels"]);
    assert_fails_with(&refused, &["test.qrels", "cannot stand in a TREC file"]);
    for name in ["lists.run", "lists.run.partial", "test.qrels", "test.qrels.partial"] {
        assert!(!place.path(name).exists(), "{name}");
    }
    // Named on the command line, in a file of ids, and in a table.
    let (said, _) = succeeds(&place, "recommend", &[&run, "--user", "a,b", "--user", " lead", "--top", "1"]);
    assert!(said.lines().skip(1).all(|row| row.starts_with("\"a,b\",1,") || row.starts_with(" lead,1,")), "{said}");
    fs::write(place.path("users.txt"), "say \"no\"\r\nAnn B\r\n").unwrap();
    let (said, _) = succeeds(&place, "recommend", &[&run, "--users", "users.txt", "--top", "1"]);
    assert!(said.contains("\"say \"\"no\"\"\",1,") && said.contains("Ann B,1,"), "{said}");
    fs::write(place.path("new.csv"), "user,item\n\"Bo, or so\",\"red, large\"\n").unwrap();
    let (said, _) = succeeds(&place, "recommend", &[&run, "--new-users", "new.csv", "--top", "1"]);
    assert!(said.lines().nth(1).unwrap().starts_with("\"Bo, or so\",1,"), "{said}");
    let (said, _) = succeeds(&place, "similar", &[&run, "--item", "tail ", "--top", "1"]);
    assert!(said.lines().nth(1).unwrap().starts_with("tail ,1,"), "{said}");
    // An export in every format; ids in the order of the rows.
    succeeds(&place, "export", &[&run, "--out", "vectors", "--format", "npy,safetensors,parquet,copy,jsonl"]);
    let ids = fs::read_to_string(place.path("vectors/users.ids.txt")).unwrap();
    assert!(ids.split_terminator('\n').eq(USERS), "{ids}");
    let copy = fs::read_to_string(place.path("vectors/items.copy")).unwrap();
    assert!(copy.lines().any(|line| line.starts_with("\\\\N\t[")), "the text of a null is escaped: {copy}");
}

/// Holds the lists of a run to be the same whatever format they are written in, read back and checked; spaces keep ids out of TREC files.
fn assert_same_lists(place: &Workplace, run: &str, top: usize) {
    let dataset = Dataset::load(&place.path("data")).unwrap();
    let top = top.to_string();
    for exclude in ["none", "train", "all"] {
        let of = |out: &str| {
            succeeds(place, "recommend", &[run, "--out", out, "--top", &top, "--exclude", exclude]);
            let (said, _) = succeeds(place, "export", &[run, "--check", out, "--exclude", exclude]);
            for line in ["came back         1.0000", "other items       0", "another order       0", "shorter       0"]
            {
                assert!(said.contains(line), "{out}, {exclude}: {line}: {said}");
            }
            assert!(
                said.contains("another first     0\n") && said.contains("without a list         0\n"),
                "{out}: {said}"
            );
            Lists::read(&place.path(out), &dataset).unwrap()
        };
        let csv = of("same.csv");
        assert_eq!(csv, of("same.parquet"));
    }
}

/// Ids that are the same number and not the same id, those that stand for nothing elsewhere, and leading zeros.
#[test]
fn ids_that_look_like_numbers_stay_apart_in_every_format() {
    let users = ["1", "1.0", "2", "abc", "2.0", "01"];
    let items = ["5", "5.0", "05", "NaN", "null", "1e3", "1000", "-0"];
    let (place, run) = trained(&users, &items);
    assert_same_lists(&place, &run, 8);
    assert_same_lists(&place, &run, 2);
    // A file in which all users look like whole numbers, and none of them is `1`.
    let dataset = Dataset::load(&place.path("data")).unwrap();
    for out in ["two.csv", "two.parquet"] {
        succeeds(&place, "recommend", &[&run, "--user", "1.0", "--user", "2", "--out", out]);
        assert_eq!(Lists::read(&place.path(out), &dataset).unwrap().users, [1, 2], "{out}");
    }
    let (said, _) = succeeds(&place, "recommend", &[&run, "--user", "1.0", "--top", "1"]);
    assert!(said.lines().nth(1).unwrap().starts_with("1.0,1,"), "{said}");
}

/// What a file is worth is its own matter: which users are in the others changes no mean, by anybody's definition.
#[test]
fn a_file_is_judged_alike_alone_and_beside_others() {
    let place = Workplace::new();
    let mut rows = "userID\titemID\tx_label\n".to_owned();
    for user in 0..12 {
        (0..3).for_each(|n| rows += &format!("{user}\t{}\t0\n", (user + n) % 10));
        // The last four have nothing that could be hit.
        (3..5).filter(|_| user < 8).for_each(|n| rows += &format!("{user}\t{}\t2\n", (user + n) % 10));
    }
    fs::create_dir_all(place.path("data")).unwrap();
    fs::write(place.path("data/mine.inter"), rows).unwrap();
    let write = |name: &str, users: &[usize], shift: usize| {
        let lists = users.iter().flat_map(|user| (1..5).map(move |rank| (user, rank)));
        let rows: String =
            lists.map(|(user, rank)| format!("{user},{},{rank}\n", (user + rank + shift + user % 3) % 10)).collect();
        fs::write(place.path(name), format!("user,item,rank\n{rows}")).unwrap();
    };
    write("all.csv", &(0..12).collect::<Vec<_>>(), 2);
    write("positive.csv", &(0..8).collect::<Vec<_>>(), 1);
    write("some.csv", &[0, 2, 3, 4, 7, 9], 2);
    write("idle.csv", &[8, 11], 0);
    let files = ["all.csv", "positive.csv", "some.csv", "idle.csv"];
    let section = |said: &str, file: &str| {
        let start = said.find(&format!("\n{file}, the same lists")).unwrap() + 1;
        said[start..].split("\n\n").next().unwrap().trim_end().to_owned()
    };
    let judged = |files: &[&str], args: &[&str]| {
        succeeds(&place, "evaluate", &[files, &["--data", "data", "--at", "4"], args].concat())
    };
    let (together, _) = judged(&files, &["--definition", "all"]);
    for file in files {
        let (alone, _) = judged(&[file], &["--definition", "all"]);
        assert_eq!(section(&together, file), section(&alone, file), "{file}");
    }
    // Skipped users are forgotten by some definitions: what is compared then is said, in numbers.
    let (_, said) = judged(&["all.csv", "some.csv", "idle.csv"], &["--definition", "lenskit"]);
    for part in [
        "note: some.csv: recall@4 is compared over the 5 of 8 users with a positive whom LensKit 2026.4.0 has in both means",
        "note: idle.csv: ndcg@4 is compared over the 0 of 8 users",
        "note: idle.csv: ndcg@4 is not compared: a test needs two users",
        "note: some.csv: 3 users with a positive have no list: some definitions",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (_, said) = judged(&["all.csv", "some.csv"], &[]);
    assert!(said.contains("note: some.csv: 3 users with a positive have no list and find nothing"), "{said}");
    assert!(!said.contains("is compared over"), "{said}");
}

#[test]
fn an_export_touches_no_file_of_anybody_else() {
    let (place, run) = trained(&USERS, &ITEMS);
    fs::create_dir_all(place.path("site")).unwrap();
    for (name, content) in [("manifest.json", "{\"name\": \"my page\"}"), ("items.parquet", "mine")] {
        fs::write(place.path("site").join(name), content).unwrap();
        let refused = call(&place, "export", &[&run, "--out", "site"]);
        assert_fails_with(&refused, &["--out", name, "no export wrote", "choose another folder"]);
        assert_eq!(fs::read_to_string(place.path("site").join(name)).unwrap(), content);
        assert_eq!(fs::read_dir(place.path("site")).unwrap().count(), 1);
        fs::remove_file(place.path("site").join(name)).unwrap();
    }
    // What is in nobody's way stays; an earlier export is replaced, and what it had more is gone.
    fs::write(place.path("site/notes.txt"), "mine").unwrap();
    succeeds(&place, "export", &[&run, "--out", "site", "--format", "npy,jsonl,parquet"]);
    let (_, said) = succeeds(&place, "export", &[&run, "--out", "site", "--format", "npy"]);
    assert!(said.contains("removed, of the earlier export: history.parquet, items.jsonl, items.parquet"), "{said}");
    let mut names: Vec<String> = fs::read_dir(place.path("site"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let ours =
        ["history.csv", "items.ids.txt", "items.npy", "manifest.json", "notes.txt", "users.ids.txt", "users.npy"];
    assert_eq!(names, ours);
    fs::write(place.path("file"), "mine").unwrap();
    assert_fails_with(&call(&place, "export", &[&run, "--out", "file"]), &["--out", "file"]);
    assert_eq!(fs::read_to_string(place.path("file")).unwrap(), "mine");
}

#[test]
fn a_file_that_is_read_is_not_written_over() {
    let (place, run) = trained(&USERS, &ITEMS);
    let new = "user,item\nBo,0\n";
    fs::write(place.path("new.csv"), new).unwrap();
    let refused = call(&place, "recommend", &[&run, "--new-users", "new.csv", "--out", "./new.csv"]);
    assert_fails_with(&refused, &["--out ./new.csv: expected another file than those that are read"]);
    assert_eq!(fs::read_to_string(place.path("new.csv")).unwrap(), new);
    succeeds(&place, "recommend", &[&run, "--out", "lists.csv"]);
    let lists = fs::read_to_string(place.path("lists.csv")).unwrap();
    for option in ["--json", "--qrels"] {
        let refused = call(&place, "evaluate", &["lists.csv", "--data", "data", option, "lists.csv"]);
        assert_fails_with(&refused, &[option, "another file than those that are read"]);
        let refused = call(&place, "evaluate", &["lists.csv", "--data", "data", option, "no/such/file"]);
        assert_fails_with(&refused, &[option, "expected a file in a folder that is there"]);
    }
    let both = ["lists.csv", "--data", "data", "--json", "x", "--qrels", "x"];
    assert_fails_with(&call(&place, "evaluate", &both), &["--qrels: expected another file"]);
    assert_eq!(fs::read_to_string(place.path("lists.csv")).unwrap(), lists);
}

#[test]
fn what_is_open_or_said_twice_is_told() {
    let (place, run) =
        trained(&["u0", "u1", "u2", "u3", "u4", "u5"], &["i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7"]);
    // A list of what is sold out may be empty; one of what is allowed may not.
    fs::write(place.path("none.txt"), "").unwrap();
    let (all, said) = succeeds(&place, "recommend", &[&run, "--deny", "none.txt"]);
    assert!(said.contains("note: none.txt: no id, nothing is denied"), "{said}");
    assert_eq!(all, succeeds(&place, "recommend", &[&run]).0);
    assert_fails_with(&call(&place, "recommend", &[&run, "--allow", "none.txt"]), &["none.txt: expected ids"]);
    // A new user with the id of a known one.
    fs::write(place.path("new.csv"), "user,item\nu1,i0\nBo,i0\n").unwrap();
    let (_, said) = succeeds(&place, "recommend", &[&run, "--new-users", "new.csv"]);
    assert!(
        said.contains("1 user is known to the data set, whose list is made of the rows of this file alone"),
        "{said}"
    );
    // More items than there are: lists of all that are left.
    let (_, said) = succeeds(&place, "recommend", &[&run, "--top", "1000000000"]);
    assert!(said.contains("6 users have fewer than 1000000000 items left"), "{said}");
    assert_fails_with(&call(&place, "recommend", &[&run, "--top", "0"]), &["--top"]);
    // Ranks and scores that say different things.
    fs::write(place.path("two.csv"), "user,item,rank,score\nu0,i1,1,0.2\nu0,i3,2,0.9\n").unwrap();
    let (_, said) = succeeds(&place, "evaluate", &["two.csv", "--data", "data"]);
    assert!(said.contains("1 item has a higher score than the one before it in its list: the rank decides"), "{said}");
    fs::write(place.path("two.run"), "u0 Q0 i1 1 0.5 x\nu0 Q0 i3 2 0.9 x\nu1 Q0 i4 1 1 x\nu1 Q0 i5 2 1 x\n").unwrap();
    let (_, said) = succeeds(&place, "evaluate", &["two.run", "--data", "data"]);
    for part in [
        "1 item has a better rank than the one before",
        "1 item has the score of the one before it in its list: the rank decides here",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_run_that_is_still_trained_is_called_so() {
    let (place, run) = trained(&USERS, &ITEMS);
    fs::remove_file(place.path(&run).join("report.json")).unwrap();
    for (command, args) in [
        ("recommend", vec![run.as_str()]),
        ("similar", vec![run.as_str(), "--item", "0"]),
        ("export", vec![run.as_str(), "--out", "vectors"]),
        ("train", vec!["--refit", run.as_str()]),
        ("train", vec!["--data", "data", "--warm-start", run.as_str()]),
    ] {
        assert_fails_with(&call(&place, command, &args), &["this run is not finished", "--resume"]);
    }
    assert!(!place.path("vectors").exists());
}
