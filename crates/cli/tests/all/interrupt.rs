//! Runs that are killed, interrupted, resumed, refused.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use anchorrec_testkit::deep;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Two seeds, a checkpoint after every step.
const LONG: [&str; 12] = [
    "--dataset",
    "small",
    "--epochs",
    "12",
    "--seeds",
    "5,6",
    "--set",
    "train.batch_size=128",
    "--checkpoint-every",
    "0",
    "--threads",
    "2",
];

/// Everything that must be the same: not times, not memory, not the command.
fn result(report: &Value) -> Value {
    let mut runs = report["runs"].clone();
    for run in runs.as_array_mut().unwrap() {
        for key in ["seconds", "train_seconds", "evaluate_seconds", "peak_rss_bytes"] {
            run[key] = Value::Null;
        }
        run["curve"].as_array_mut().unwrap().iter_mut().for_each(|epoch| epoch["seconds"] = Value::Null);
    }
    serde_json::json!({ "runs": runs, "summary": report["summary"], "config": report["config"] })
}

/// How many kills: what the variable says; else eight, and 500 in the deep check.
fn kills() -> usize {
    let said = std::env::var("ANCHORREC_KILLS").ok().and_then(|count| count.parse().ok());
    said.unwrap_or_else(|| if deep("500 kills of a run instead of 8") { 500 } else { 8 })
}

#[test]
fn a_run_that_is_killed_anywhere_ends_as_if_it_had_not_been() {
    let place = Workplace::new();
    let started = Instant::now();
    let undisturbed = result(&place.report(&LONG));
    let whole = started.elapsed();
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let (mut killed, mut resumed_at) = (0, Vec::new());
    let kills = kills();
    for model_run in 0.. {
        if killed >= kills {
            break;
        }
        let out = format!("killed-{model_run}");
        let args = [&LONG[..], &["--resume", "--out", &out]].concat();
        loop {
            let mut child = place.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            // A tenth of the run or so: several kills for each, at every kind of moment.
            std::thread::sleep(whole.mul_f64(rng.random_range(0.0..0.4)));
            if killed < kills && child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                let said = text(&child.wait_with_output().unwrap().stderr);
                resumed_at.extend(said.lines().find(|line| line.contains("goes on after")).map(str::to_owned));
                killed += 1;
                continue;
            }
            let report = read_report(&child.wait_with_output().unwrap(), place.0.path());
            assert_eq!(result(&report)["summary"], undisturbed["summary"], "run {model_run}, after {killed} kills");
            let hashes = |result: &Value| {
                let runs = result["runs"].as_array().unwrap().clone();
                runs.into_iter().map(|run| (run["checkpoint_sha256"].clone(), run["curve"].clone())).collect::<Vec<_>>()
            };
            assert_eq!(hashes(&result(&report)), hashes(&undisturbed), "run {model_run}, after {killed} kills");
            break;
        }
    }
    resumed_at.sort();
    resumed_at.dedup();
    assert!(resumed_at.len() * 4 > kills, "kills met only {} different moments", resumed_at.len());
    eprintln!("{killed} kills, resumed at {} different moments", resumed_at.len());
}

/// Waits until the child's standard error holds `what`.
fn wait_for(child: &mut Child, what: &str) -> String {
    let (mut said, mut byte) = (Vec::new(), [0]);
    let stderr = child.stderr.as_mut().unwrap();
    while !text(&said).contains(what) {
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "ended before `{what}`: {}", text(&said));
        said.push(byte[0]);
    }
    text(&said)
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

fn finish(mut child: Child) -> Output {
    let deadline = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "the process does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

fn spawn(place: &Workplace, args: &[&str]) -> Child {
    place.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_step_writes_a_checkpoint_and_says_how_to_go_on() {
    let place = Workplace::new();
    // No checkpoint but the one that the signal asks for.
    let args = [&LONG[..8], &["--checkpoint-every", "1000", "--set", "train.learning_rate=0.002"]].concat();
    let undisturbed = result(&place.report(&[&args[..], &["--out", "undisturbed"]].concat()));
    for name in ["-INT", "-TERM"] {
        let out = format!("stopped{name}");
        let here = [&args[..], &["--out", &out]].concat();
        let mut child = spawn(&place, &here);
        wait_for(&mut child, "epoch    2/12");
        signal(&child, name);
        let output = finish(child);
        assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
        let said = text(&output.stderr);
        let command = said.lines().find(|line| line.ends_with("--resume")).expect("the command that resumes");
        assert!(command.contains(&format!("--set train.learning_rate=0.002 --out {out} --resume")), "{command}");

        let refused = place.run(&here);
        assert_fails_with(&refused, &["interrupted run", "--resume", "--restart"]);
        let words: Vec<&str> = command.split_whitespace().skip(2).collect();
        let resumed = place.run(&words);
        assert!(text(&resumed.stderr).contains("goes on after epoch"), "{}", text(&resumed.stderr));
        let report = read_report(&resumed, place.0.path());
        let same =
            |report: &Value| report["runs"].as_array().unwrap().iter().map(|r| r["curve"].clone()).collect::<Vec<_>>();
        assert_eq!(same(&result(&report)), same(&undisturbed));
    }
}

/// FREEDOM draws a graph for every epoch, BM3 and LGMRec draw in every step: they draw the same when they are resumed in the middle. LATTICE learns a graph at the
/// beginning of an epoch and keeps it: it finds the same graph again, though the weights have moved.
#[cfg(unix)]
#[test]
fn what_a_model_draws_does_not_depend_on_an_interruption() {
    let place = Workplace::new();
    for model in ["freedom", "bm3", "lattice", "lgmrec"] {
        let args = [&LONG[..], &["--model", model]].concat();
        let undisturbed = result(&place.report(&[&args[..], &["--out", "undisturbed"]].concat()));
        let mut child = spawn(&place, &args);
        wait_for(&mut child, "epoch    2/12");
        signal(&child, "-INT");
        assert_eq!(finish(child).status.code(), Some(130));
        let resumed = result(&place.report(&[&args[..], &["--resume"]].concat()));
        assert_eq!(resumed["summary"], undisturbed["summary"], "{model}");
        let hashes = |result: &Value| {
            result["runs"].as_array().unwrap().iter().map(|run| run["checkpoint_sha256"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(hashes(&resumed), hashes(&undisturbed), "{model}");
    }
}

/// A run that never ends by itself, and writes no checkpoint but one that a signal asks for.
#[cfg(unix)]
const ENDLESS: [&str; 8] = [
    "--dataset",
    "small",
    "--epochs",
    "1000000",
    "--set",
    "train.evaluate_every=1000000",
    "--checkpoint-every",
    "1000",
];

/// `timeout` signals the process, then its group with the process in it; schedulers do alike.
#[cfg(unix)]
#[test]
fn a_second_signal_within_a_second_is_the_same_request() {
    let place = Workplace::new();
    for second in ["-INT", "-TERM"] {
        let mut child = spawn(&place, &[&ENDLESS[..], &["--out", &format!("stopped{second}")]].concat());
        wait_for(&mut child, "up to 1000000 epochs");
        // Both are waiting when the process goes on.
        signal(&child, "-STOP");
        signal(&child, "-TERM");
        signal(&child, second);
        signal(&child, "-CONT");
        let output = finish(child);
        assert_eq!(output.status.code(), Some(130));
        assert!(text(&output.stderr).contains("interrupted; nothing is lost"), "{}", text(&output.stderr));
    }
}

#[cfg(unix)]
#[test]
fn a_later_second_signal_ends_the_process_at_once() {
    let place = Workplace::new();
    let mut child = spawn(&place, &ENDLESS);
    wait_for(&mut child, "up to 1000000 epochs");
    // The checkpoint's times are written last; into a pipe that nobody reads they never are.
    let folder = fs::read_dir(place.path("runs/small/anchorrec")).unwrap().next().unwrap().unwrap().path();
    let pipe = folder.join("seed-999.times.json.partial");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    signal(&child, "-INT");
    std::thread::sleep(Duration::from_millis(1500));
    assert!(child.try_wait().unwrap().is_none(), "the first signal waits for the checkpoint");
    signal(&child, "-TERM");
    let output = finish(child);
    assert_eq!(output.status.code(), Some(130));
    assert!(!text(&output.stderr).contains("interrupted"), "nothing more is done: {}", text(&output.stderr));
}

/// The lines of the curve that is written as a run goes.
fn epochs(folder: &Path, seed: u64) -> Vec<Value> {
    let lines = fs::read_to_string(folder.join(format!("seed-{seed}.epochs.jsonl"))).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_its_curve_and_a_resumed_one_repeats_no_epoch() {
    let place = Workplace::new();
    // No checkpoint but those that signals ask for: what follows the last one is trained again after a kill.
    let args = [&LONG[..8], &["--checkpoint-every", "1000"]].concat();
    let folder = || {
        let mut folders = fs::read_dir(place.path("runs/small/anchorrec")).unwrap();
        folders.next().unwrap().unwrap().path()
    };
    let mut child = spawn(&place, &args);
    let said = wait_for(&mut child, "epoch    2/12");
    assert!(said.contains("stops after 20 evaluations without a better validation recall@20"), "{said}");
    assert!(said.contains("an epoch takes about") && said.contains("to go"), "{said}");
    signal(&child, "-INT");
    assert_eq!(finish(child).status.code(), Some(130));
    let at_signal = epochs(&folder(), 5);
    assert!(at_signal.len() >= 2 && at_signal[1]["valid"]["recall@20"].is_number(), "{at_signal:?}");

    let resume = [&args[..], &["--resume"]].concat();
    let mut child = spawn(&place, &resume);
    wait_for(&mut child, &format!("epoch {:>4}/12", at_signal.len() + 2));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(epochs(&folder(), 5).len() >= at_signal.len() + 2);
    // As a crash of the machine may leave it.
    let torn = folder().join("seed-5.epochs.jsonl");
    let text = fs::read_to_string(&torn).unwrap();
    fs::write(&torn, &text[..text.len() - 20]).unwrap();

    let report = place.report(&resume);
    for (run, seed) in [(0, 5), (1, 6)] {
        let mut curve = report["runs"][run]["curve"].as_array().unwrap().clone();
        let mut lines = epochs(&folder(), seed);
        let numbers: Vec<u64> = lines.iter().map(|line| line["epoch"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=12).collect::<Vec<u64>>());
        lines.iter_mut().chain(&mut curve).for_each(|epoch| epoch["seconds"] = Value::Null);
        assert_eq!(lines, curve);
    }
}

/// Everything that a run leaves behind and that does not measure time.
fn bits(report: &Value) -> Value {
    let mut result = result(report);
    result["runs"].as_array_mut().unwrap().iter_mut().for_each(|run| run["checkpoint"] = Value::Null);
    result
}

#[cfg(unix)]
#[test]
fn more_epochs_go_on_from_the_end_of_a_shorter_run() {
    for (case, model, settings) in [
        ("judged in every epoch", "anchorrec", &[][..]),
        ("draws in every epoch", "freedom", &[]),
        ("learns in every epoch", "lattice", &[]),
        // The last of 5 epochs is judged because it is the last: of 12 it would not be.
        ("judged now and then", "lightgcn", &["--set", "train.evaluate_every=3"]),
        ("out of patience", "lightgcn", &["--patience", "1", "--set", "train.learning_rate=0.3"]),
    ] {
        let place = Workplace::new();
        let args = |epochs: &'static str| {
            let base = ["--dataset", "small", "--set", "train.batch_size=64", "--model", model, "--epochs", epochs];
            [&base[..], settings].concat()
        };
        let whole = bits(&place.report(&[&args("12")[..], &["--out", "whole"]].concat()));
        let trained = |output: &Output| text(&output.stderr).lines().filter(|line| line.starts_with("epoch ")).count();
        let short = place.run(&args("5"));
        let ended = trained(&short);
        for resume in [&["--resume"][..], &[]] {
            let longer = place.run(&[&args("12")[..], resume, &["--out", "runs"]].concat());
            assert_eq!(bits(&read_report(&longer, place.0.path())), whole, "{case}");
            match case {
                "out of patience" => assert_eq!((ended < 5, trained(&longer)), (true, 0), "{}", text(&longer.stderr)),
                // Its last epoch is judged again, as the longer run would.
                _ if !text(&longer.stderr).contains("begins at the beginning") => {
                    assert_eq!(trained(&longer), 8, "{case}: {}", text(&longer.stderr));
                    assert!(text(&longer.stderr).contains("of the run with 5 epochs"), "{}", text(&longer.stderr));
                }
                _ => assert_eq!(trained(&longer), 12, "{case}: {}", text(&longer.stderr)),
            }
            let folder = longer_folder(&place, &longer);
            assert_eq!(epochs(&folder, 999).len(), whole["runs"][0]["epochs_run"].as_u64().unwrap() as usize, "{case}");
            fs::remove_dir_all(folder).unwrap();
        }
    }
}

fn longer_folder(place: &Workplace, output: &Output) -> PathBuf {
    place
        .path(read_report(output, place.0.path())["runs"][0]["checkpoint"].as_str().unwrap())
        .parent()
        .unwrap()
        .to_owned()
}

#[cfg(unix)]
#[test]
fn more_epochs_go_on_from_where_a_shorter_run_was_interrupted() {
    let place = Workplace::new();
    // Checkpoints by the clock: one after every step would be minutes of waiting for the disk.
    let longer = [&LONG[..2], &["--epochs", "20"], &LONG[4..8]].concat();
    let whole = bits(&place.report(&[&longer[..], &["--out", "whole"]].concat()));
    interrupted(&place);
    let output = place.run(&[&longer[..], &["--resume"]].concat());
    assert!(text(&output.stderr).contains("of the run with 12 epochs"), "{}", text(&output.stderr));
    assert_eq!(bits(&read_report(&output, place.0.path())), whole);
    // Another setting makes another run.
    let other = place.run(&[&longer[..], &["--set", "train.learning_rate=0.002"]].concat());
    assert!(!text(&other.stderr).contains("goes on"), "{}", text(&other.stderr));
}

#[test]
fn a_finished_run_is_not_trained_again_by_resume() {
    let place = Workplace::new();
    let first = place.report(&LONG);
    let again = place.run(&[&LONG[..], &["--resume"]].concat());
    assert!(text(&again.stderr).contains("this run is finished"), "{}", text(&again.stderr));
    assert_eq!(read_report(&again, place.0.path())["runs"], first["runs"]);
}

/// Interrupts a run and gives its folder.
#[cfg(unix)]
fn interrupted(place: &Workplace) -> PathBuf {
    let mut child = spawn(place, &LONG);
    wait_for(&mut child, "epoch    2/12");
    signal(&child, "-INT");
    assert_eq!(finish(child).status.code(), Some(130));
    let folders = fs::read_dir(place.path("runs/small/anchorrec")).unwrap().map(|entry| entry.unwrap().path());
    folders.max_by_key(|folder| fs::metadata(folder.join(".lock")).unwrap().modified().unwrap()).unwrap()
}

#[cfg(unix)]
#[test]
fn another_job_is_not_resumed_and_the_difference_is_named() {
    let place = Workplace::new();
    interrupted(&place);
    let other = place.run(&[&LONG[..], &["--resume", "--set", "anchorrec.temperature=0.3"]].concat());
    assert_fails_with(&other, &["nothing to resume", "anchorrec.temperature is 0.3, was 0.2"]);

    let features = place.twin().join("text_feat.npy");
    let mut bytes = fs::read(&features).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&features, &bytes).unwrap();
    let twin = place.twin().display().to_string();
    let args = [&["--data", &twin], &LONG[2..], &["--resume"]].concat();
    assert_fails_with(&place.run(&args), &["nothing to resume", "the file text_feat.npy is sha256", "was sha256"]);
}

#[cfg(unix)]
#[test]
fn a_run_is_not_resumed_with_another_arithmetic() {
    let place = Workplace::new();
    let portable = [&LONG[..], &["--portable"]].concat();
    let mut child = spawn(&place, &portable);
    wait_for(&mut child, "epoch    2/12");
    signal(&child, "-INT");
    assert_eq!(finish(child).status.code(), Some(130));
    let without = place.run(&[&LONG[..], &["--resume"]].concat());
    assert_fails_with(&without, &["nothing to resume", "arithmetic is ", "was portable"]);

    // As if the processor had changed.
    let folder = interrupted(&place);
    let kept = fs::read_to_string(folder.join("identity.json")).unwrap();
    let identity: Value = serde_json::from_str(&kept).unwrap();
    let arithmetic = identity["arithmetic"].as_str().unwrap();
    fs::write(folder.join("identity.json"), kept.replace(arithmetic, "avx1-01234567")).unwrap();
    let elsewhere = place.run(&[&LONG[..], &["--resume"]].concat());
    assert_fails_with(&elsewhere, &[&format!("arithmetic is {arithmetic}, was avx1-01234567"), "--restart"]);
    place.report(&[&portable[..], &["--resume"]].concat());
}

#[cfg(unix)]
#[test]
fn a_damaged_checkpoint_is_passed_over_for_the_one_before() {
    let place = Workplace::new();
    let undisturbed = result(&place.report(&[&LONG[..], &["--out", "undisturbed"]].concat()));
    let folder = interrupted(&place);
    let mut checkpoints: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    checkpoints.retain(|path| path.to_string_lossy().contains(".step-"));
    checkpoints.sort();
    assert_eq!(checkpoints.len(), 2, "the last two are kept");
    let damage = |path: &PathBuf| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 16;
        fs::write(path, bytes).unwrap();
    };
    damage(&checkpoints[1]);
    let resumed = place.run(&[&LONG[..], &["--resume"]].concat());
    assert!(text(&resumed.stderr).contains("its checksum does not fit its content"), "{}", text(&resumed.stderr));
    let report = read_report(&resumed, place.0.path());
    assert_eq!(result(&report)["summary"], undisturbed["summary"]);

    let place = Workplace::new();
    let folder = interrupted(&place);
    for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.to_string_lossy().contains(".step-") {
            damage(&path);
        }
    }
    assert_fails_with(
        &place.run(&[&LONG[..], &["--resume"]].concat()),
        &["nothing to resume from", "checksum", "--restart"],
    );
    assert!(place.run(&[&LONG[..], &["--restart"]].concat()).status.success());
}

#[cfg(unix)]
#[test]
fn two_runs_at_once_and_a_lock_that_does_not_outlive_its_process() {
    let place = Workplace::new();
    let mut first = spawn(&place, &LONG);
    wait_for(&mut first, "epoch    1/12");
    signal(&first, "-STOP");
    assert_fails_with(&place.run(&[&LONG[..], &["--resume"]].concat()), &["another process is working in this folder"]);
    first.kill().unwrap();
    first.wait().unwrap();
    place.report(&[&LONG[..], &["--resume"]].concat());
}

#[test]
fn numbers_that_go_wrong_end_the_run_with_their_name() {
    let place = Workplace::new();
    for model in ["anchorrec", "alignrec", "freedom", "lightgcn"] {
        let output = place.run(&[&LONG[..], &["--model", model, "--set", "train.learning_rate=1e30"]].concat());
        assert_fails_with(&output, &["epoch 1, batch", "is", "first bad parameter: ", "checkpoint"]);
    }
}
