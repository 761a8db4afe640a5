//! A new run in the place of the old one.

use crate::client::{Connection, get};
use crate::shop::{Opened, Shop, served, until};
use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn runs_are_swapped_under_load_without_a_failed_request_and_no_answer_is_of_two_runs() {
    let seed = Arc::new(AtomicU64::new(0));
    let load = {
        let seed = seed.clone();
        move |folder: &_| Ok(served(folder, seed.fetch_add(1, Relaxed) % 2))
    };
    let shop = Shop::with(Opened::default(), load);
    // What each of the two runs answers.
    let lists =
        || (0..20).map(|user| get(shop.address, &format!("/recommend?user=u{user}")).text()).collect::<Vec<_>>();
    let mut want = HashMap::new();
    for _ in 0..2 {
        let name = get(shop.address, "/run").header("anchorrec-run").unwrap();
        want.insert(name.split_once('-').unwrap().1.to_owned(), lists());
        assert!(shop.handle().reload());
    }
    assert_eq!(want.len(), 2);
    let (is_over, swaps) = (AtomicBool::new(false), 12);
    let seen = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|client| {
                let (want, is_over, address) = (&want, &is_over, shop.address);
                scope.spawn(move || {
                    let (mut connection, mut seen) = (Connection::open(address), HashMap::<String, usize>::new());
                    for n in client.. {
                        if is_over.load(Relaxed) {
                            break;
                        }
                        let answer = connection.get(&format!("/recommend?user=u{}", n % 20));
                        let run = answer.header("anchorrec-run").unwrap();
                        assert_eq!(answer.status, 200);
                        assert_eq!(answer.text(), want[run.split_once('-').unwrap().1][n % 20], "{run}");
                        *seen.entry(run).or_default() += 1;
                    }
                    seen
                })
            })
            .collect();
        for _ in 0..swaps {
            std::thread::sleep(Duration::from_millis(20));
            assert!(shop.handle().reload());
        }
        is_over.store(true, Relaxed);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect::<HashMap<_, _>>()
    });
    assert!(seen.len() > swaps / 2, "answers of {} runs only", seen.len());
    let text = get(shop.address, "/metrics").text();
    assert!(text.contains(&format!("anchorrec_reloads_total{{result=\"swapped\"}} {}", swaps + 2)), "{text}");
}

#[test]
fn a_damaged_run_leaves_the_old_one_in_its_place() {
    let is_damaged = Arc::new(AtomicBool::new(false));
    let load = {
        let is_damaged = is_damaged.clone();
        move |folder: &_| match is_damaged.load(Relaxed) {
            true => Err("seed-1.best.safetensors: these weights are not those of the report".into()),
            false => Ok(served(folder, 1)),
        }
    };
    let shop = Shop::with(Opened::default(), load);
    let before = get(shop.address, "/recommend?user=u1");
    is_damaged.store(true, Relaxed);
    assert!(!shop.handle().reload());
    let after = get(shop.address, "/recommend?user=u1");
    assert_eq!((before.text(), before.header("anchorrec-run")), (after.text(), after.header("anchorrec-run")));
    assert!(shop.said().contains("the new run cannot be served, run 1-"), "{}", shop.said());
    assert!(shop.said().contains("these weights are not those of the report"), "{}", shop.said());
    assert!(get(shop.address, "/metrics").text().contains("anchorrec_reloads_total{result=\"kept\"} 1"));
    assert_eq!(get(shop.address, "/readyz").status, 200);
}

#[test]
fn a_watched_run_is_loaded_when_its_report_changes_and_a_broken_state_is_tried_once() {
    let run = tempfile::tempdir().unwrap();
    let report = run.path().join("report.json");
    fs::write(&report, "1").unwrap();
    let tried = Arc::new(AtomicU64::new(0));
    let load = {
        let (report, tried) = (report.clone(), tried.clone());
        move |folder: &_| {
            tried.fetch_add(1, Relaxed);
            let seed = fs::read_to_string(&report)?.parse()?;
            Ok(served(folder, seed))
        }
    };
    let watch = Some(run.path().to_owned());
    let shop = Shop::with(Opened { watch, ..Opened::default() }, load);
    let name = || get(shop.address, "/run").header("anchorrec-run").unwrap();
    assert!(name().starts_with("1-1"));
    fs::write(&report, "broken").unwrap();
    until(|| shop.said().contains("run 1-10000000 stays"));
    std::thread::sleep(Duration::from_millis(3500));
    assert_eq!(tried.load(Relaxed), 2, "a state that cannot be loaded is tried once");
    fs::write(run.path().join("new"), "2").unwrap();
    fs::rename(run.path().join("new"), &report).unwrap();
    until(|| name().starts_with("2-2"));
}

#[test]
fn a_watched_run_that_is_copied_report_first_is_loaded_when_all_of_it_is_there() {
    let run = tempfile::tempdir().unwrap();
    let (report, weights) = (run.path().join("report.json"), run.path().join("seed-1.best.safetensors"));
    fs::write(&report, "1").unwrap();
    fs::write(&weights, "whole").unwrap();
    let load = {
        let (report, weights) = (report.clone(), weights.clone());
        move |folder: &_| match fs::read_to_string(&weights)? == "whole" {
            true => Ok(served(folder, fs::read_to_string(&report)?.parse()?)),
            false => Err("these weights are not those of the report".into()),
        }
    };
    let shop = Shop::with(Opened { watch: Some(run.path().to_owned()), ..Opened::default() }, load);
    fs::write(&report, "2").unwrap();
    // While it is being written, it is not tried.
    for n in 1..10 {
        fs::write(&weights, "wh".repeat(n)).unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(shop.said(), "");
    until(|| shop.said().contains("stays (SIGHUP tries again)"));
    fs::write(&weights, "whole").unwrap();
    until(|| get(shop.address, "/run").header("anchorrec-run").unwrap().starts_with("2-2"));
}

#[test]
fn however_often_a_reload_is_asked_for_one_runs_and_one_more_follows() {
    let loaded = Arc::new(AtomicU64::new(0));
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let load = {
        let loaded = loaded.clone();
        move |folder: &_| {
            if loaded.fetch_add(1, Relaxed) > 0 {
                let _ = wait.lock().unwrap().recv_timeout(Duration::from_secs(20));
            }
            Ok(served(folder, 1))
        }
    };
    let shop = Shop::with(Opened::default(), load);
    shop.handle().ask_to_reload();
    until(|| loaded.load(Relaxed) == 2);
    (0..1000).for_each(|_| shop.handle().ask_to_reload());
    // Other work finds its threads.
    assert_eq!(get(shop.address, "/items?search=pot").status, 200);
    go.send(()).unwrap();
    until(|| loaded.load(Relaxed) == 3);
    drop(go);
    until(|| get(shop.address, "/run").header("anchorrec-run").unwrap().starts_with("3-"));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(loaded.load(Relaxed), 3);
}
