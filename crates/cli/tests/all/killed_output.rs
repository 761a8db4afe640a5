//! Lists and vectors whose writing is killed at any moment: each file is the old one, the new one, or not there.

use crate::workplace::{Workplace, read_report, text};
use anchorrec_files::fingerprint::sha256;
use anchorrec_testkit::deep;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A trained run of a data set that is large enough to be caught while it is written.
fn trained() -> (Workplace, String) {
    let place = Workplace::new();
    let manifest = place.path("datasets/small/manifest.toml");
    let larger = fs::read_to_string(&manifest).unwrap();
    let larger = larger.replace("users = 120", "users = 2000").replace("items = 60", "items = 300");
    fs::write(manifest, larger.replace("interactions = 1200", "interactions = 10000")).unwrap();
    let args = ["--dataset", "small", "--epochs", "1", "--model", "lightgcn", "--set", "train.batch_size=4096"];
    let output = place.run(&args);
    read_report(&output, place.0.path());
    let run = text(&output.stdout).lines().find_map(|line| line.strip_prefix("report: ").map(str::to_owned)).unwrap();
    (place, Path::new(&run).parent().unwrap().display().to_string())
}

/// Bytes of every file of a folder by its name, without those that are being written and the one that says so.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let whole = entries.filter(|path| !is_litter(path));
    whole.map(|path| (name(&path), fs::read(&path).unwrap())).collect()
}

/// What only a kill leaves behind.
fn is_litter(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "partial" || ending == "unfinished")
}

/// Kills a command at many moments, from its start to the time that it took unharmed, and looks at what each kill left. The first finds everything as it was,
/// however busy the machine is.
fn killed(place: &Workplace, command: &str, args: &[&str], mut left: impl FnMut()) -> usize {
    let started = Instant::now();
    let output = place.anchorrec(command).args(args).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let whole = started.elapsed();
    let moments = if deep("60 kills while lists and vectors are written instead of 12") { 60 } else { 12 };
    let mut killed = 0;
    for moment in 0..moments {
        let mut child =
            place.anchorrec(command).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(f64::from(moment) / f64::from(moments - 1)).max(Duration::from_millis(1)));
        killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        left();
    }
    killed
}

#[test]
fn lists_and_vectors_are_whole_or_not_there_wherever_their_writing_is_killed() {
    let (place, run) = trained();
    for out in ["lists.csv", "lists.jsonl", "lists.run", "lists.parquet"] {
        let path = place.path(out);
        let args = [run.as_str(), "--top", "50", "--out", out];
        assert!(place.anchorrec("recommend").args(args).output().unwrap().status.success());
        let new = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let mut seen = [0, 0];
        let killed = killed(&place, "recommend", &args, || {
            // What was there before is there as it was, or replaced as a whole.
            match fs::read(&path) {
                Ok(bytes) if bytes == b"old" => seen[0] += 1,
                Ok(bytes) => {
                    assert!(bytes == new, "{out}: {} of {} bytes", bytes.len(), new.len());
                    seen[1] += 1;
                }
                Err(error) => panic!("{out}: {error}"),
            }
            fs::write(&path, "old").unwrap();
        });
        assert!(killed > 0 && seen[0] > 0, "{out}: {killed} kills, {seen:?}");
    }

    // Another export is in the folder already: vectors of another shape.
    let folder = place.path("vectors");
    let formats = ["--format", "npy,safetensors,jsonl,copy,parquet", "--out", "vectors"];
    let shaped = |shape: &'static str| [&[run.as_str(), "--for", shape][..], &formats].concat();
    let export = |args: &[&str]| assert!(place.anchorrec("export").args(args).output().unwrap().status.success());
    export(&shaped("dot"));
    let before = files(&folder);
    export(&shaped("l2"));
    let after = files(&folder);
    assert!(before.keys().eq(after.keys()) && before["items.npy"] != after["items.npy"]);
    let (mut finished, mut partly) = (0, 0);
    let killed = killed(&place, "export", &shaped("l2"), || {
        let now = files(&folder);
        for (name, bytes) in &now {
            assert!([&before[name], &after[name]].contains(&bytes), "{name}: neither the old file nor the new");
        }
        match now.get("manifest.json") {
            // A manifest stands beside the files that it names and no others.
            Some(manifest) => {
                let manifest: Value = serde_json::from_slice(manifest).unwrap();
                for (name, hash) in manifest["files"].as_object().unwrap() {
                    assert_eq!(sha256(&folder.join(name)).unwrap(), hash.as_str().unwrap(), "{name}");
                }
                finished += 1;
            }
            None => partly += 1,
        }
        now.keys().for_each(|name| fs::remove_file(folder.join(name)).unwrap());
        before.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
    });
    assert!(killed > 0 && finished > 0, "{killed} kills, {finished} with a manifest, {partly} without");
    // What a kill left behind is written over, and nothing of it stays.
    export(&shaped("l2"));
    assert!(files(&folder) == after);
    let left = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(left.filter(|path| is_litter(path)).count(), 0);
}
