//! No command writes over what it reads: not over a file that it was given, nor over one of a run, a data set or a folder that it was given.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A data set of one's own with a run, lists, and files of ids; all with a name that a list can be written to.
struct Study {
    place: Workplace,
    run: String,
}

impl Study {
    fn new() -> Self {
        let place = Workplace::new();
        fs::create_dir(place.path("mine")).unwrap();
        let rows: String = (0..160).map(|n| format!("u{},i{},{}\n", n % 9, (n * 7) % 23, 1_700_000_000 + n)).collect();
        fs::write(place.path("mine/clicks.csv"), format!("user,item,time\n{rows}")).unwrap();
        let vectors: String = (0..23).map(|n| format!("i{n},{},{}\n", n % 5, n % 3)).collect();
        fs::write(place.path("mine/text_feat.csv"), format!("item,emb_0,emb_1\n{vectors}")).unwrap();
        let study = Study { place, run: String::new() };
        study.succeeds("prepare", &["mine", "--out", "ready"]);
        let trained =
            study.place.anchorrec("train").args(["--data", "ready", "--model", "lightgcn", "--epochs", "1"]).output();
        let trained = trained.unwrap();
        read_report(&trained, study.place.0.path());
        let said = text(&trained.stdout);
        let report = said.lines().find_map(|line| line.strip_prefix("report: ")).unwrap();
        let run = report.strip_suffix("/report.json").unwrap().to_owned();
        let study = Study { run, ..study };
        study.succeeds("recommend", &[&study.run, "--out", "top.csv"]);
        fs::write(study.place.path("ids.csv"), "i1\ni2\ni3\n").unwrap();
        fs::write(study.place.path("people.csv"), "u1\nu2\n").unwrap();
        fs::write(study.place.path("new.csv"), "user,item\nsomebody,i1\n").unwrap();
        fs::create_dir(study.place.path("arrivals")).unwrap();
        fs::write(study.place.path("arrivals/text_feat.csv"), "item,emb_0,emb_1\nnew1,1,2\n").unwrap();
        fs::write(study.place.path("settings.toml"), "[train]\nepochs = 1\n").unwrap();
        study
    }

    #[track_caller]
    fn succeeds(&self, command: &str, args: &[&str]) {
        let output = self.place.anchorrec(command).args(args).output().unwrap();
        assert!(output.status.success(), "{command} {args:?}: {}", text(&output.stderr));
    }

    /// Every file here with what is in it.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let (mut files, mut folders) = (BTreeMap::new(), vec![self.place.0.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => drop(files.insert(path.clone(), fs::read(path).unwrap())),
                }
            }
        }
        files
    }

    fn names_in(&self, folder: &str) -> Vec<String> {
        let names = fs::read_dir(self.place.path(folder)).unwrap();
        names.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy())).collect()
    }
}

#[test]
fn what_a_command_reads_is_never_written_over() {
    let study = Study::new();
    let (run, moved) = (study.run.as_str(), "ready");
    let (of_run, of_data) = (study.names_in(run), study.names_in(moved));
    assert!(of_run.len() > 4 && of_data.len() > 5, "{of_run:?}, {of_data:?}");
    let both = || of_run.iter().chain(&of_data).cloned().collect::<Vec<String>>();
    // What is not there yet and would be read by the next command.
    let new =
        ["ready/other.inter", "ready/image_feat.npy", "ready/missing_text.csv", "ready/SYNTHETIC"].map(str::to_owned);
    let given = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let with_data =
        |args: &[&str]| [&[run], args].concat().iter().map(|arg| (*arg).to_owned()).collect::<Vec<String>>();
    let words = |args: &[&str]| args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<String>>();
    let report = format!("{run}/report.json");
    let cases: Vec<(&str, Vec<String>, &str, Vec<String>)> = vec![
        ("report", words(&[run, "--table", "csv"]), "--out", both()),
        ("report", words(&[&report]), "--out", both()),
        (
            "evaluate",
            words(&["top.csv", "--data", moved]),
            "--json",
            [of_data.clone(), new.to_vec(), given(&["top.csv"])].concat(),
        ),
        (
            "evaluate",
            words(&["top.csv", "--data", moved]),
            "--qrels",
            [of_data.clone(), new.to_vec(), given(&["top.csv"])].concat(),
        ),
        ("check-data", words(&["mine"]), "--json", study.names_in("mine")),
        ("check-data", words(&[moved]), "--json", of_data.clone()),
        ("recommend", with_data(&["--allow", "ids.csv"]), "--out", [both(), given(&["ids.csv"])].concat()),
        (
            "recommend",
            with_data(&["--deny", "ids.csv", "--users", "people.csv", "--data", moved]),
            "--out",
            given(&["ids.csv", "people.csv", "ready/u_id_mapping.csv"]),
        ),
        ("recommend", with_data(&["--new-users", "new.csv"]), "--out", given(&["new.csv"])),
        ("recommend", with_data(&["--new-items", "arrivals"]), "--out", study.names_in("arrivals")),
        ("export", words(&[run]), "--out", given(&[run, moved])),
        ("export", with_data(&["--new-items", "arrivals"]), "--out", given(&["arrivals"])),
        ("prepare", words(&["mine"]), "--out", given(&["mine"])),
        ("prepare", words(&["mine", "--text", "ready/text_feat.npy"]), "--out", given(&["ready"])),
        (
            "train",
            words(&["--data", moved, "--model", "lightgcn", "--epochs", "1", "--config", "settings.toml"]),
            "--recommendations",
            given(&["ready/u_id_mapping.csv", "ready/missing_text.csv", &format!("{run}/seed-999.epochs.jsonl")]),
        ),
        ("train", words(&["--refit", run]), "--recommendations", given(&[&format!("{run}/seed-999.epochs.jsonl")])),
    ];
    let before = study.files();
    let mut tried = 0;
    for (command, args, option, targets) in cases {
        for target in targets {
            // Under its own name, and through a link.
            let link = study.place.path(&format!(
                "link-{tried}.{}",
                Path::new(&target).extension().unwrap_or("csv".as_ref()).to_string_lossy()
            ));
            let mut outs = vec![target.clone(), study.place.path(&target).display().to_string()];
            #[cfg(unix)]
            if study.place.path(&target).is_file() {
                std::os::unix::fs::symlink(study.place.path(&target), &link).unwrap();
                outs.push(link.display().to_string());
            }
            for out in outs {
                let output = study.place.anchorrec(command).args(&args).args([option, &out]).output().unwrap();
                // Where lists have another ending, that is the error.
                assert_fails_with(&output, &["expected "]);
                let said = text(&output.stderr);
                assert!(
                    said.contains("expected another") || said.contains("expected a file name that ends in"),
                    "{command} {args:?} {option} {out}: {said}"
                );
                tried += 1;
            }
            let _ = fs::remove_file(link);
            let after = study.files();
            let changed: Vec<&PathBuf> =
                before.iter().filter(|(path, bytes)| after.get(*path) != Some(bytes)).map(|(path, _)| path).collect();
            assert!(changed.is_empty(), "{command} {args:?} {option} {target}: {changed:?}");
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn other_files_beside_them_are_written_again_and_again() {
    let study = Study::new();
    let run = study.run.as_str();
    for _ in 0..2 {
        study.succeeds("report", &[run]);
        study.succeeds("report", &[run, "--table", "csv", "--out", &format!("{run}/table.csv")]);
        study.succeeds("recommend", &[run, "--out", &format!("{run}/top.csv")]);
        study.succeeds("recommend", &[run, "--out", "ready/top.csv"]);
        study.succeeds(
            "evaluate",
            &["top.csv", "--data", "ready", "--json", "ready/judged.json", "--qrels", "truth.qrels"],
        );
        study.succeeds("check-data", &["mine", "--json", "mine.json"]);
        // A name that only begins like one of the run's, and a folder in which the data set's folder is.
        study.succeeds("recommend", &[run, "--out", &format!("{run}/seed-lists.csv")]);
        study.succeeds("export", &[run, "--out", "."]);
    }
}

#[test]
fn a_run_or_data_set_that_a_command_does_not_read_is_not_written_over_either() {
    let study = Study::new();
    let run = study.run.as_str();
    study.succeeds("recommend", &[run, "--out", "top.csv"]);
    let other = study.place.path("other");
    fs::create_dir(&other).unwrap();
    for name in ["u_id_mapping.csv", "prepared.json"] {
        fs::copy(study.place.path("ready").join(name), other.join(name)).unwrap();
    }
    let before = study.files();
    let judged = ["top.csv", "--data", "ready", "--json"];
    for name in ["report.json", "identity.json", "seed-999.json"] {
        let output = study.place.anchorrec("evaluate").args(judged).arg(format!("{run}/{name}")).output().unwrap();
        assert_fails_with(&output, &["expected another file than those of a run or a data set"]);
    }
    let output = study.place.anchorrec("recommend").args([run, "--out", "other/u_id_mapping.csv"]).output().unwrap();
    assert_fails_with(&output, &["expected another file than those of a run or a data set"]);
    assert_eq!(study.files(), before);
    study.succeeds("evaluate", &[&judged[..], &[&format!("{run}/judged.json")]].concat());
}

#[test]
fn a_run_file_that_cannot_hold_the_ids_is_refused_before_training() {
    let place = Workplace::new();
    fs::create_dir(place.path("data")).unwrap();
    let rows: String = (0..42).filter(|n| n % 5 > 1).map(|n| format!("{}\t{}\t0\n", n / 7, n % 7)).collect();
    fs::write(place.path("data/shop.inter"), format!("userID\titemID\tx_label\n{rows}")).unwrap();
    let named = |what: &str| (0..7).map(|n| format!("{what} {n}\t{n}\n")).collect::<String>();
    let calls: [(&str, &str, &str); 2] =
        [("item", "i_id_mapping.csv", "itemID"), ("user", "u_id_mapping.csv", "userID")];
    for (what, file, column) in calls {
        let rows = named(what)
            .lines()
            .take(if what == "user" { 6 } else { 7 })
            .map(|line| format!("{line}\n"))
            .collect::<String>();
        fs::write(place.path("data").join(file), format!("{what}_id\t{column}\n{rows}")).unwrap();
        let args = ["--data", "data", "--model", "lightgcn", "--epochs", "1"];
        let refused = place.run(&[&args[..], &["--recommendations", "top.run"]].concat());
        assert_fails_with(&refused, &["--recommendations", "top.run", &format!("the id \"{what} ")]);
        assert!(!place.path("top.run").exists() && !text(&refused.stderr).contains("seed 999"), "{what}");
        place.run(&[&args[..], &["--recommendations", "top.csv"]].concat());
        assert!(place.path("top.csv").exists(), "{what}");
        fs::remove_file(place.path("top.csv")).unwrap();
        fs::remove_file(place.path("data").join(file)).unwrap();
    }
}
