//! Where data and settings come from: found, made, recognised, and always said.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use serde_json::Value;
use std::fs;
use std::process::{Output, Stdio};

const QUICK: [&str; 6] = ["--dataset", "small", "--epochs", "2", "--set", "train.batch_size=256"];

/// A copy of the twin without its mark: to the program it is somebody's data.
fn own_data(place: &Workplace, to: &str) {
    fs::create_dir_all(place.path(to)).unwrap();
    for entry in fs::read_dir(place.twin()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name != "SYNTHETIC" && name != ".twin.json" {
            fs::copy(&path, place.path(to).join(name)).unwrap();
        }
    }
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn processes_that_ask_for_the_same_twin_at_once_all_get_it() {
    let place = Workplace::new();
    let start = |n: usize| {
        let out = format!("out-{n}");
        let mut command = place.command(&["--dataset", "small", "--epochs", "1", "--model", "lightgcn", "--out", &out]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let all: Vec<_> = (0..6).map(start).collect();
    let outputs: Vec<Output> = all.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let inputs: Vec<Value> =
        outputs.iter().map(|output| read_report(output, place.0.path())["inputs"].clone()).collect();
    assert!(inputs.iter().all(|one| *one == inputs[0]));
    let made = outputs.iter().filter(|output| text(&output.stderr).contains("the twin was made")).count();
    assert_eq!(made, 1);
}

#[test]
fn a_twin_that_was_changed_by_hand_is_made_again_and_the_file_is_named() {
    let place = Workplace::new();
    let before = place.report(&QUICK);
    fs::write(place.twin().join("text_feat.npy"), "mine").unwrap();
    let again = place.run(&QUICK);
    let said = text(&again.stderr);
    assert!(said.contains("made again") && said.contains("text_feat.npy") && said.contains("--data"), "{said}");
    assert_eq!(read_report(&again, place.0.path())["inputs"], before["inputs"]);
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn a_file_that_stands_for_two_is_told() {
    let place = Workplace::new();
    place.report(&QUICK);
    own_data(&place, "mine");
    let args = ["--data", "mine", "--mm", "mine/text_feat.npy", "--epochs", "1", "--model", "lightgcn"];
    let report = place.report(&args);
    let notices = report["notices"].as_array().unwrap();
    let told = notices.iter().any(|notice| notice.as_str().unwrap().contains("have the same bytes"));
    assert!(told, "{notices:?}");
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn data_that_no_manifest_knows_is_never_called_real() {
    let place = Workplace::new();
    place.report(&QUICK);
    own_data(&place, "mine");
    let train = |args: &[&str]| place.run(&[&["--epochs", "1", "--model", "lightgcn"], args].concat());
    let table = |output: &Output| {
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let nameless = table(&train(&["--data", "mine"]));
    assert!(
        nameless.contains("(data of unknown origin)") && nameless.contains("no manifest knows this data"),
        "{nameless}"
    );

    // The manifest learns all files: the interactions are real, the features derived.
    let manifest = place.path("datasets/small/manifest.toml");
    let mut known = fs::read_to_string(&manifest).unwrap();
    for entry in fs::read_dir(place.path("mine")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let (provenance, note) = if name.ends_with(".npy") { ("derived", "rebuilt") } else { ("real", "") };
        let sha256 = anchorrec_files::fingerprint::sha256(&path).unwrap();
        known += &format!(
            "[[file]]\nname = \"{name}\"\nsha256 = \"{sha256}\"\nprovenance = \"{provenance}\"\nnote = \"{note}\"\n"
        );
    }
    fs::write(&manifest, known).unwrap();
    let recognised = table(&train(&["--data", "mine"]));
    assert!(recognised.contains("(real interactions, some features derived)"), "{recognised}");

    // One byte of any of them changes, by name or by bytes.
    for name in ["small.inter", "text_feat.npy", "items.jsonl"] {
        let path = place.path("mine").join(name);
        let good = fs::read(&path).unwrap();
        let mut bytes = good.clone();
        match name {
            "small.inter" => {
                let mut lines: Vec<&str> = std::str::from_utf8(&good).unwrap().lines().collect();
                lines.swap(1, 2);
                bytes = (lines.join("\n") + "\n").into_bytes();
            }
            "items.jsonl" => bytes = text(&good).replacen(" 17\"", " 18\"", 1).into_bytes(),
            _ => *bytes.last_mut().unwrap() ^= 1,
        }
        assert_ne!(bytes, good, "{name}");
        fs::write(&path, bytes).unwrap();
        for options in [&["--data", "mine"][..], &["--data", "mine", "--dataset", "small"]] {
            let table = table(&train(options));
            assert!(table.contains("(data of unknown origin)"), "{name}: {table}");
            assert!(
                table.contains(&format!("{name}: of unknown origin, differs from the manifest of small")),
                "{table}"
            );
        }
        fs::write(&path, good).unwrap();
    }
}

#[test]
#[cfg_attr(not(feature = "baselines"), ignore = "trains one of the baselines")]
fn every_run_says_where_its_settings_come_from_and_the_verbs_agree() {
    let place = Workplace::new();
    place.report(&QUICK);
    own_data(&place, "mine");
    fs::write(place.path("mine.toml"), "train.batch_size = 128\n").unwrap();
    let run = |verb: &str, args: &[&str]| place.anchorrec(verb).args(["--epochs", "1"]).args(args).output().unwrap();
    let said = |output: &Output| {
        assert!(output.status.success(), "{}", text(&output.stderr));
        let said = text(&output.stderr);
        said.lines().filter_map(|line| line.strip_prefix("settings: ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let tuned = "defaults, then tuned for lightgcn in the manifest of small (lightgcn.layers=3)";
    let lightgcn = &["--model", "lightgcn"];
    let options = ["--config", "mine.toml", "--set", "lightgcn.reg=0.5", "--seeds", "4,5"];
    for (args, want) in [
        (&["--dataset", "small"][..], format!("{tuned}, then --epochs 1")),
        (&["--data", "mine", "--dataset", "small"], format!("{tuned}, then --epochs 1")),
        (&["--data", "mine"], "defaults (no manifest knows this data), then --epochs 1".to_owned()),
    ] {
        let output = run("train", &[lightgcn, args].concat());
        assert_eq!(said(&output), std::slice::from_ref(&want));
        assert_eq!(read_report(&output, place.0.path())["settings_from"], want);
        assert!(text(&output.stdout).contains(&format!("settings: {want}\n")));
    }
    let all = run("train", &[lightgcn, &["--dataset", "small"][..], &options].concat());
    let rest = "mine.toml, then --set lightgcn.reg=0.5, then --epochs 1, then --seeds 4,5";
    assert_eq!(said(&all), [format!("{tuned}, then {rest}")]);
    let other_model = run("train", &["--dataset", "small"]);
    assert_eq!(
        said(&other_model),
        ["defaults (the manifest of small has no tuned settings for anchorrec), then --epochs 1"]
    );

    // By its bytes the data set is known too, if it has the interactions; and every verb trains it with the same settings.
    let manifest = place.path("datasets/small/manifest.toml");
    let plain = fs::read_to_string(&manifest).unwrap();
    let knows = |name: &str| {
        let sha256 = anchorrec_files::fingerprint::sha256(&place.path("mine").join(name)).unwrap();
        let file = format!("[[file]]\nname = \"{name}\"\nsha256 = \"{sha256}\"\nprovenance = \"real\"\n");
        fs::write(&manifest, format!("{plain}{file}")).unwrap();
    };
    knows("small.inter");
    let ablate = ["--only", "lightgcn", "--out", "compared"];
    for args in [&["--data", "mine"][..], &["--data", "mine", "--dataset", "small"]] {
        assert_eq!(said(&run("train", &[lightgcn, args].concat())), [format!("{tuned}, then --epochs 1")]);
        let variants = said(&run("ablate", &[&ablate[..], args].concat()));
        assert_eq!(variants[1..], [format!("{tuned}, then --epochs 1")], "the method, then LightGCN");
    }
    knows("text_feat.npy");
    let others = said(&run("train", &[&lightgcn[..], &["--data", "mine", "--out", "others"]].concat()));
    assert_eq!(others, ["defaults (the interactions are not those of small), then --epochs 1"]);
}

#[test]
fn a_data_set_is_found_under_the_names_of_other_tools() {
    let place = Workplace::new();
    place.report(&QUICK);
    let manifest = place.path("datasets/small/manifest.toml");
    let plain = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, plain.replace("title =", "aliases = [\"tiny\", \"teeny\"]\ntitle =")).unwrap();
    // As MMRec and AlignRec lay them out.
    own_data(&place, "mmrec/teeny");
    fs::create_dir_all(place.path("mmrec/teeny_beit3")).unwrap();
    fs::rename(place.path("mmrec/teeny/mm_feat.npy"), place.path("mmrec/teeny_beit3/image_feat.npy")).unwrap();
    fs::rename(place.path("mmrec/teeny/small.inter"), place.path("mmrec/teeny/teeny.inter")).unwrap();
    let with = |args: &[&str]| {
        place.command(&[&QUICK[2..], args].concat()).env("ANCHORREC_DATA", place.path("mmrec")).output().unwrap()
    };
    let hash = |report: &Value| {
        let inputs = report["inputs"].as_array().unwrap();
        let mm = inputs.iter().find(|input| input["path"].as_str().unwrap().ends_with("teeny_beit3/image_feat.npy"));
        mm.map(|input| input["sha256"].clone())
    };
    let mut seen = Vec::new();
    for name in ["small", "tiny", "teeny"] {
        let output = with(&["--dataset", name]);
        let report = read_report(&output, place.0.path());
        assert!(report["data"]["dir"].as_str().unwrap().ends_with("mmrec/teeny"), "{name}");
        // The file is teeny.inter there: the runs are those of `small` all the same.
        assert_eq!(report["data"]["name"], "small", "{name}");
        assert!(text(&output.stdout).contains("report: runs/small/anchorrec/"), "{}", text(&output.stdout));
        assert_eq!((&report["data"]["source"], &report["data"]["absent"]), (&"unknown".into(), &serde_json::json!([])));
        assert!(text(&output.stdout).contains("teeny_beit3/image_feat.npy: taken as the fused features"));
        seen.push((report["runs"][0]["checkpoint_sha256"].clone(), hash(&report)));
    }
    assert!(seen[0].1.is_some() && seen.iter().all(|one| *one == seen[0]));

    // A folder that is named exactly is taken as it is; --mm names the anchor.
    let teeny = place.path("mmrec/teeny").display().to_string();
    let bare = with(&["--data", &teeny]);
    assert_eq!(read_report(&bare, place.0.path())["data"]["absent"], serde_json::json!(["mm"]));
    assert!(text(&bare.stderr).contains("--mm takes them as the anchor"), "{}", text(&bare.stderr));
    let named = with(&["--data", &teeny, "--mm", "mmrec/teeny_beit3/image_feat.npy"]);
    let named = read_report(&named, place.0.path());
    assert_eq!((named["runs"][0]["checkpoint_sha256"].clone(), hash(&named)), seen[0]);
    assert_fails_with(&with(&["--data", &teeny, "--mm", "nowhere.npy"]), &["nowhere.npy"]);
    let text_feat = format!("{teeny}/text_feat.npy");
    let swapped = read_report(&with(&["--data", &teeny, "--mm", &text_feat]), place.0.path());
    assert_ne!(swapped["runs"][0]["checkpoint_sha256"], named["runs"][0]["checkpoint_sha256"]);
}

#[test]
fn a_twin_never_stands_in_for_data_that_was_to_be_found() {
    let place = Workplace::new();
    place.report(&QUICK);
    own_data(&place, "mmrec/sports");
    let with = |args: &[&str]| {
        place.command(&[&QUICK[2..], args].concat()).env("ANCHORREC_DATA", place.path("mmrec")).output().unwrap()
    };
    let missing = with(&["--dataset", "small"]);
    assert_fails_with(&missing, &["ANCHORREC_DATA", "no folder small in it, which has sports", "--data", "--scale 1"]);
    assert!(text(&missing.stdout).is_empty());
    assert!(
        read_report(&with(&["--dataset", "small", "--scale", "1"]), place.0.path())["data"]["source"] == "synthetic"
    );
    let empty = place.command(&QUICK).env("ANCHORREC_DATA", "").output().unwrap();
    assert_eq!(read_report(&empty, place.0.path())["data"]["source"], "synthetic");
}

#[test]
fn outside_the_repository_a_name_is_answered_with_what_can_be_had() {
    let place = Workplace::new();
    place.report(&QUICK);
    own_data(&place, "mmrec/sports");
    fs::create_dir(place.path("elsewhere")).unwrap();
    let in_elsewhere = |args: &[&str], base: Option<&str>| {
        let mut command = place.command(args);
        command.current_dir(place.path("elsewhere"));
        if let Some(base) = base {
            command.env("ANCHORREC_DATA", place.path(base));
        }
        command.output().unwrap()
    };
    assert_fails_with(&in_elsewhere(&QUICK, None), &["no data set `small`", "--datasets", "ANCHORREC_DATA", "--data"]);
    assert_fails_with(&in_elsewhere(&QUICK, Some("mmrec")), &["no data set `small`", "which has sports"]);
    // What is there can be trained without a manifest.
    let sports = in_elsewhere(&["--dataset", "sports", "--epochs", "1"], Some("mmrec"));
    assert!(sports.status.success(), "{}", text(&sports.stderr));
    assert!(text(&sports.stdout).contains("no manifest knows this data"), "{}", text(&sports.stdout));
    assert_fails_with(&place.run(&["--dataset", "datasets/small"]), &["expected the name of a data set", "--data"]);
}
