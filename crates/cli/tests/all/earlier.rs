//! A run that takes something from a finished run: a refit on all rows, a warm start on the data of tomorrow.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::process::Output;

const QUICK: [&str; 6] = ["--dataset", "small", "--epochs", "3", "--set", "train.batch_size=256"];

/// The folder of the run that a command printed.
fn run_of(output: &Output) -> String {
    let path = text(&output.stdout).lines().find_map(|line| line.strip_prefix("report: ").map(str::to_owned));
    let path = path.unwrap_or_else(|| panic!("{}{}", text(&output.stdout), text(&output.stderr)));
    Path::new(&path).parent().unwrap().display().to_string()
}

/// Users of a folder with the external ids of their items in some splits.
fn taken(folder: &Path, splits: &[&str]) -> HashMap<String, BTreeSet<String>> {
    let rows = fs::read_to_string(folder.join("small.inter")).unwrap();
    let head: Vec<&str> = rows.lines().next().unwrap().split('\t').collect();
    let place = |name: &str| head.iter().position(|column| *column == name).unwrap();
    let (user, item, label) = (place("userID"), place("itemID"), place("x_label"));
    let mapping = fs::read_to_string(folder.join("i_id_mapping.csv")).unwrap();
    let names: HashMap<&str, &str> =
        mapping.lines().skip(1).map(|line| line.split_once('\t').unwrap()).map(|(name, id)| (id, name)).collect();
    let mut taken: HashMap<String, BTreeSet<String>> = HashMap::new();
    for line in rows.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        if splits.contains(&fields[label]) {
            taken.entry(fields[user].to_owned()).or_default().insert(names[fields[item]].to_owned());
        }
    }
    taken
}

/// A copy of the twin with ids: its users and items under other numbers, without the first users and with new ones.
fn tomorrow(place: &Workplace, name: &str, gone: usize) {
    let (from, to) = (place.twin(), place.path(name));
    fs::create_dir_all(&to).unwrap();
    let rows = fs::read_to_string(from.join("small.inter")).unwrap();
    let mut lines = rows.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let column = head.iter().position(|column| *column == "userID").unwrap();
    let mut ids: Vec<usize> = Vec::new();
    let mut kept = vec![head.join("\t")];
    for line in lines {
        let mut fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
        let user: usize = fields[column].parse().unwrap();
        // Who is gone comes back as somebody else.
        let number = ids.iter().position(|known| *known == user).unwrap_or_else(|| {
            ids.push(user);
            ids.len() - 1
        });
        fields[column] = number.to_string();
        kept.push(fields.join("\t"));
    }
    fs::write(to.join("small.inter"), kept.join("\n") + "\n").unwrap();
    let call = |user: &usize| if *user < gone { format!("new{user}") } else { format!("u{user}") };
    let users: Vec<String> = ids.iter().enumerate().map(|(number, user)| format!("{}\t{number}", call(user))).collect();
    fs::write(to.join("u_id_mapping.csv"), format!("user\tuserID\n{}\n", users.join("\n"))).unwrap();
    for file in ["mm_feat.npy", "text_feat.npy", "image_feat.npy"] {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
}

/// A refit cannot choose among its seeds, so it takes the one that validation preferred where there was one, and says so.
#[test]
fn a_refit_of_several_seeds_recommends_by_the_one_that_validation_preferred() {
    let place = Workplace::new();
    let trained = place.run(&[&QUICK[..], &["--model", "lightgcn", "--seeds", "1,2,3,4"]].concat());
    let (source, report) = (run_of(&trained), read_report(&trained, place.0.path()));
    let valid: Vec<(u64, f64)> = report["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (run["seed"].as_u64().unwrap(), run["valid"]["recall@20"].as_f64().unwrap()))
        .collect();
    let better = |of: &[(u64, f64)]| {
        of.iter().copied().reduce(|best, other| if other.1 > best.1 { other } else { best }).unwrap().0
    };
    // All of them, and pairs of which the second is the better one.
    let pairs = (0..4).flat_map(|a| (a + 1..4).map(move |b| [a, b])).filter(|[a, b]| valid[*a].1 < valid[*b].1);
    let mut chosen: Vec<Vec<(u64, f64)>> = pairs.map(|pair| pair.map(|place| valid[place]).to_vec()).take(2).collect();
    assert!(!chosen.is_empty(), "{valid:?}");
    chosen.push(valid.clone());
    for seeds in chosen {
        let named: Vec<String> = seeds.iter().map(|seed| seed.0.to_string()).collect();
        let refit = place.run(&["--refit", &source, "--seeds", &named.join(","), "--restart"]);
        let (folder, record) = (run_of(&refit), read_report(&refit, place.0.path()));
        let best = better(&seeds);
        assert_eq!(record["refit"]["best_seed"], best);
        for command in
            [&["recommend", &folder, "--top", "1", "--user", "u1"][..], &["export", &folder, "--out", "vectors"]]
        {
            let output = place.anchorrec(command[0]).args(&command[1..]).output().unwrap();
            let said = text(&output.stderr);
            assert!(said.contains(&format!(", seed {best}, epoch ")), "{command:?}: {said}");
            let why = format!(
                "note: of the {} seeds, {best} has the best validation Recall@20 in the run that this refit repeats, {source}",
                seeds.len()
            );
            assert!(said.contains(&why), "{why}: {said}");
        }
        let asked = place.anchorrec("recommend").args([&folder, "--top", "1", "--seed", &named[0]]).output().unwrap();
        assert!(!text(&asked.stderr).contains("best validation"), "{}", text(&asked.stderr));
        // One of an earlier version does not know it: the first seed is taken, and said.
        let path = place.path(&folder).join("report.json");
        let mut old = record.clone();
        old["refit"].as_object_mut().unwrap().remove("best_seed").unwrap();
        fs::write(&path, old.to_string()).unwrap();
        let said = text(&place.anchorrec("recommend").args([&folder, "--top", "1"]).output().unwrap().stderr);
        assert!(said.contains(&format!("note: seed {} is the first of {}", named[0], seeds.len())), "{said}");
    }
}

/// The rows that a refit is said to be trained on add up, also where users have rows in validation and test alone.
#[test]
fn the_rows_of_a_refit_add_up() {
    let place = Workplace::new();
    fs::create_dir(place.path("data")).unwrap();
    let row = |n: usize| format!("{}\t{}\t{}\n", n % 12, (n * 5) % 31, [0, 0, 0, 1, 2][n % 5]);
    let late = "12\t1\t1\n12\t2\t2\n13\t3\t2\n";
    for (late, count) in [("", 0), (late, 3)] {
        let rows: String = (0..250).map(row).collect();
        fs::write(place.path("data/shop.inter"), format!("userID\titemID\tx_label\n{rows}{late}")).unwrap();
        let trained = place.run(&["--data", "data", "--model", "lightgcn", "--epochs", "1"]);
        let refit = place.run(&["--refit", &run_of(&trained)]);
        let said = text(&refit.stderr);
        let note = said.lines().find(|line| line.starts_with("note: refit: trained on all ")).unwrap();
        let (all, parts) = note.split_once(" rows (").unwrap();
        let parts = parts.split(')').next().unwrap();
        let number = |text: &str| text.split_whitespace().find_map(|word| word.parse::<usize>().ok()).unwrap();
        let sum: usize =
            parts.split(", ").filter(|part| part.starts_with(|c: char| c.is_ascii_digit())).map(number).sum();
        assert_eq!(sum, all.rsplit(' ').next().unwrap().parse::<usize>().unwrap(), "{note}");
        assert_eq!(parts.contains("3 of users without a training row"), count == 3, "{note}");
    }
}

#[test]
fn a_refit_trains_on_all_rows_for_the_epochs_that_validation_chose() {
    let place = Workplace::new();
    let trained = place.run(&[&QUICK[..], &["--model", "lightgcn", "--seeds", "5,6"]].concat());
    let (source, report) = (run_of(&trained), read_report(&trained, place.0.path()));
    let refit = place.run(&["--refit", &source]);
    let record = read_report(&refit, place.0.path());
    assert_ne!(run_of(&refit), source);
    // Nothing was missing by which to choose an epoch: they were chosen before.
    let said = text(&refit.stderr);
    assert!(!said.contains("no epoch could be chosen") && !said.contains("no validation to stop by"), "{said}");
    assert_eq!(said.matches("as many as validation chose in the run that it repeats").count(), 4, "{said}");
    let rows = |report: &Value, split: &str| report["data"][split].as_u64().unwrap();
    let all = ["train", "valid", "test"].map(|split| rows(&report, split)).iter().sum::<u64>();
    assert_eq!(["train", "valid", "test"].map(|split| rows(&record, split)), [all, 0, 0]);
    for (run, was) in record["runs"].as_array().unwrap().iter().zip(report["runs"].as_array().unwrap()) {
        assert_eq!((&run["seed"], &run["epochs_run"]), (&was["seed"], &was["best_epoch"]));
        assert_eq!((&run["valid"], &run["test"]), (&Value::Null, &Value::Null));
        assert_eq!(run["stopped_early"], false);
    }
    assert_eq!(record["summary"]["test"], Value::Null);
    assert!(record["closed_forms"].is_null() && record["reference"].as_array().unwrap().is_empty());
    let table = text(&refit.stdout);
    assert!(table.contains("nothing is left to evaluate it by") && table.contains("test Recall@20 of 0."), "{table}");

    // It is found again, one of its seeds alone too, and recommends nothing that a user has in any split.
    assert!(text(&place.run(&["--refit", &source]).stderr).contains("this run is finished"));
    let again = place.run(&["--refit", &source, "--seeds", "6"]);
    assert!(text(&again.stderr).contains("seed 6 was trained to its end before"), "{}", text(&again.stderr));
    let both = place.run(&["--refit", &source]);
    let folder = run_of(&both);
    let recommended = |run: &str| {
        let output = place.anchorrec("recommend").args([run, "--top", "20"]).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let lists = text(&output.stdout);
        let rows: Vec<(String, String)> = lists
            .lines()
            .skip(1)
            .map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>())
            .map(|fields| (fields[0].clone(), fields[2].clone()))
            .collect();
        rows
    };
    let everything = taken(&place.twin(), &["0", "1", "2"]);
    let owned = |rows: &[(String, String)]| rows.iter().filter(|(user, item)| everything[user].contains(item)).count();
    assert_eq!(owned(&recommended(&folder)), 0);
    assert!(owned(&recommended(&source)) > 0, "the run itself leaves out training rows alone");

    // A page and a table of it do not pretend.
    let page = place.anchorrec("report").arg(&folder).output().unwrap();
    assert!(page.status.success(), "{}", text(&page.stderr));
    let html = fs::read_to_string(place.path(&folder).join("report.html")).unwrap();
    assert!(html.contains("was refitted on all rows of small"));
    let table = place.anchorrec("report").args([&source, &folder, "--table", "markdown"]).output().unwrap();
    let rows = text(&table.stdout);
    assert!(rows.contains("| - | - | - | - |") && rows.contains("| popularity |"), "{rows}{}", text(&table.stderr));
}

#[test]
fn a_refit_can_be_interrupted_and_refuses_what_it_cannot_stand_on() {
    let place = Workplace::new();
    let args = [&QUICK[..], &["--model", "bprmf", "--seeds", "5"]].concat();
    let source = run_of(&place.run(&args));
    assert_fails_with(
        &place.run(&["--refit", "runs/none"]),
        &["--refit runs/none", "expected the folder of a finished run"],
    );
    assert_fails_with(&place.run(&["--refit", &source, "--seeds", "7"]), &["seed 7 is not among those", "5"]);
    for option in [["--epochs", "7"], ["--model", "lightgcn"], ["--set", "train.decay=1.0"]] {
        let output = place.run(&[&["--refit", source.as_str()][..], &option].concat());
        assert_eq!(output.status.code(), Some(2), "{option:?}: {}", text(&output.stderr));
    }
    let refit = run_of(&place.run(&["--refit", &source]));
    assert_fails_with(&place.run(&["--refit", &refit]), &["this run is a refit itself"]);

    // Other data under the same name, then damaged weights.
    tomorrow(&place, "other", 0);
    assert_fails_with(
        &place.run(&["--refit", &source, "--data", "other"]),
        &["this is not the data set", "u_id_mapping.csv"],
    );
    let weights = place.path(&source).join("seed-5.best.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&weights, bytes).unwrap();
    assert_fails_with(&place.run(&["--refit", &source]), &["these weights are not those of the report"]);
    fs::remove_file(place.path(&source).join("report.json")).unwrap();
    assert_fails_with(&place.run(&["--refit", &source]), &["this run is not finished"]);
}

#[test]
fn a_fused_run_keeps_its_gamma_in_the_refit() {
    let place = Workplace::new();
    let trained = place.run(&[&QUICK[..], &["--model", "lightgcn", "--fuse"]].concat());
    let (source, report) = (run_of(&trained), read_report(&trained, place.0.path()));
    let refit = read_report(&place.run(&["--refit", &source]), place.0.path());
    let fused = |report: &Value| report["fusion"]["runs"][0].clone();
    assert_eq!(fused(&refit)["gamma"], fused(&report)["gamma"]);
    assert_eq!(refit["fusion"]["kernel"]["setting"], report["fusion"]["kernel"]["setting"]);
    assert_eq!(fused(&refit)["weights_sha256"], refit["runs"][0]["checkpoint_sha256"]);
    assert_eq!((&fused(&refit)["valid"], &refit["fusion"]["kernel"]["test"]), (&Value::Null, &Value::Null));
    let notices = refit["notices"].to_string();
    assert!(notices.contains("the fusion is kept as validation chose it there"), "{notices}");
}

#[test]
fn a_warm_start_matches_ids_and_says_how_many() {
    let place = Workplace::new();
    place.run(&[&QUICK[..], &["--model", "lightgcn"]].concat());
    tomorrow(&place, "yesterday", 0);
    tomorrow(&place, "today", 7);
    let set = ["--set", "train.batch_size=256", "--set", "lightgcn.layers=2", "--epochs", "3", "--model", "lightgcn"];
    let source = run_of(&place.run(&[&["--data", "yesterday"], &set[..]].concat()));
    let warm = place.run(&["--data", "today", "--warm-start", &source]);
    let report = read_report(&warm, place.0.path());
    let said = text(&warm.stderr);
    let users = report["data"]["users"].as_u64().unwrap();
    let record = &report["warm_start"];
    let count = |what: &str| record["users"][what].as_u64().unwrap();
    assert_eq!([count("kept"), count("new"), count("gone")], [users - 7, 7, 7]);
    assert!(said.contains(&format!("warm start: of the users {} kept (such as u", users - 7)), "{said}");
    assert!(said.contains("7 new (such as new") && said.contains("7 gone (such as u"), "{said}");
    // Items have no ids on either side.
    assert!(said.contains("items have no external ids on either side, so their numbers were taken for ids"), "{said}");
    assert_eq!(record["weights"]["kept"].as_array().unwrap().len(), 2);
    assert_eq!((record["seen_valid"].as_u64(), record["seen_test"].as_u64()), (Some(0), Some(0)));
    // The settings are those of the run, and options stand over them.
    assert_eq!((&report["config"]["lightgcn"]["layers"], &report["config"]["train"]["epochs"]), (&2.into(), &3.into()));
    assert!(said.contains(&format!("settings: those of {source}")), "{said}");
    let more = place.run(&["--data", "today", "--warm-start", &source, "--epochs", "4"]);
    assert_eq!(read_report(&more, place.0.path())["runs"][0]["epochs_run"], 4);
    let cold = place.run(&[&["--data", "today"], &set[..]].concat());
    assert_ne!(run_of(&cold), run_of(&warm));
    assert_ne!(
        read_report(&cold, place.0.path())["runs"][0]["checkpoint_sha256"],
        report["runs"][0]["checkpoint_sha256"]
    );

    // It can be refitted, and tomorrow's run can start from the refit: its rows of validation were trained on, which is said.
    let refit = place.run(&["--refit", &run_of(&warm)]);
    assert_eq!(read_report(&refit, place.0.path())["warm_start"]["users"]["new"], 7);
    let next = place.run(&["--data", "today", "--warm-start", &run_of(&refit)]);
    let said = text(&next.stderr);
    assert!(said.contains("validation rows are among the rows that the earlier run was trained on"), "{said}");
    assert_fails_with(
        &place.run(&["--data", "today", "--warm-start", &run_of(&refit), "--strict"]),
        &["--strict", "validation rows are among the rows"],
    );
}

#[test]
fn a_warm_start_that_cannot_be_is_refused_in_words() {
    let place = Workplace::new();
    let args = [&QUICK[..], &["--model", "bprmf"]].concat();
    let source = run_of(&place.run(&args));
    tomorrow(&place, "today", 3);
    let start = |args: &[&str]| place.run(&[&["--data", "today", "--warm-start", source.as_str()], args].concat());
    assert_fails_with(
        &start(&[]),
        &["users have external ids in", "today", "expected u_id_mapping.csv in both folders"],
    );
    tomorrow(&place, "yesterday", 0);
    let source = run_of(&place.run(&["--data", "yesterday", "--epochs", "1", "--model", "bprmf"]));
    let start = |args: &[&str]| place.run(&[&["--data", "today", "--warm-start", source.as_str()], args].concat());
    assert_fails_with(&start(&["--model", "lightgcn"]), &["trained bprmf, this one trains lightgcn"]);
    assert_fails_with(&start(&["--set", "bprmf.embedding_dim=8"]), &["rows of 64 numbers", "8 in this one"]);
    assert_fails_with(&start(&["--warm-start-seed", "4"]), &["there is no run of seed 4"]);
    // Yesterday's folder was overwritten by today's.
    fs::rename(place.path("yesterday"), place.path("kept")).unwrap();
    assert_fails_with(&start(&[]), &["no longer there", "--warm-start-data"]);
    assert_fails_with(&start(&["--warm-start-data", "today"]), &["this is not the data set"]);
    assert!(start(&["--warm-start-data", "kept"]).status.success());
}

#[test]
fn a_log_folder_holds_the_curve_of_each_seed_also_of_a_finished_run() {
    let place = Workplace::new();
    let args = [&QUICK[..], &["--model", "lightgcn", "--seeds", "5,6", "--log-dir", "logs"]].concat();
    let trained = place.run(&args);
    let report = read_report(&trained, place.0.path());
    let folders: Vec<String> =
        text(&trained.stdout).lines().filter_map(|line| line.strip_prefix("log: ").map(str::to_owned)).collect();
    assert_eq!(folders.len(), 2);
    let lines = |folder: &str| fs::read_to_string(place.path(folder).join("epochs.jsonl")).unwrap();
    for (folder, run) in folders.iter().zip(report["runs"].as_array().unwrap()) {
        assert!(folder.starts_with("logs/small/lightgcn/") && folder.ends_with(&format!("seed-{}", run["seed"])));
        let read: Vec<Value> = lines(folder).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(&Value::Array(read), &run["curve"]);
        let events = fs::read(place.path(folder).join("events.out.tfevents.anchorrec")).unwrap();
        assert!(
            events
                .windows(22)
                .any(|bytes| bytes == b"validation/recall@20\x15".as_slice()
                    || bytes.starts_with(b"validation/recall@20"))
        );
    }
    let first = lines(&folders[0]);
    fs::remove_dir_all(place.path("logs")).unwrap();
    assert!(place.run(&args).status.success());
    assert_eq!(lines(&folders[0]), first);
    // A place where nothing can be written costs no training.
    let args =
        [&QUICK[..], &["--model", "lightgcn", "--seeds", "7", "--log-dir", "datasets/small/manifest.toml"]].concat();
    let refused = place.run(&args);
    assert_fails_with(&refused, &["cannot write the log; the run itself is not concerned"]);
    assert!(text(&refused.stdout).contains("report: "));
}
