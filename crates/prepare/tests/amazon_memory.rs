//! The bound on memory that `anchorrec_prepare::amazon` states, held by the operating system's count. Alone in its file: the count is of the
//! whole process.

#[allow(dead_code, reason = "each file of tests uses a part of it")]
mod workplace;

use anchorrec_data::write_npy_f32;
use anchorrec_prepare::amazon::{Options, prepare};
use anchorrec_prepare::split::Rule;
use ndarray::Array2;
use std::fs;
use std::io::Write;
use workplace::{packed, record};

const ROWS: usize = 300_000;
const LINES: usize = 60_000;
const RECORDS: usize = 24_000;

fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[test]
fn memory_does_not_grow_with_the_raw_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    // A core of 40 users and 40 items; every other user has two rows, each of an item of 8.
    let mut raw_bytes = 0u64;
    let mut ratings = packed(&path("ratings_Big.csv.gz"));
    let mut row = |user: String, item: String| {
        let line = format!("{user},{item},5.0,1400000000\n");
        raw_bytes += line.len() as u64;
        ratings.write_all(line.as_bytes()).unwrap();
    };
    for pair in 0..1600 {
        row(format!("CORE{:010}", pair % 40), format!("KEPT{:06}", pair / 40));
    }
    (1600..ROWS).for_each(|n| row(format!("U{:013}", n / 2), format!("I{:09}", n / 8 + n % 2)));
    drop(ratings);
    let mut meta = packed(&path("meta_Big.json.gz"));
    let description = "many words ".repeat(100);
    for n in 0..LINES {
        let asin = if n % 3000 == 0 { format!("KEPT{:06}", n / 3000) } else { format!("M{n:09}") };
        let line = format!("{{'asin': '{asin}', 'title': 'x', 'description': '{description}'}}\n");
        raw_bytes += line.len() as u64;
        meta.write_all(line.as_bytes()).unwrap();
    }
    drop(meta);
    let mut images = packed(&path("image_features_Big.b.gz"));
    for n in 0..RECORDS {
        let asin = if n % 1000 == 0 { format!("KEPT{:06}", n / 1000) } else { format!("M{n:09}") };
        record(&mut images, &asin, &[n as f32]);
        raw_bytes += 16_394;
    }
    drop(images);
    let mm = path("mm.npy");
    write_npy_f32(&mm, Array2::ones((40, 4)).view()).unwrap();
    let options = Options {
        name: "big".to_owned(),
        category: "Big".to_owned(),
        raw: dir.path().to_owned(),
        out: path("ready"),
        split: Rule::Random { seed: 1 },
        k: 5,
        counts: None,
        text: None,
        // The memory of the anchor does not depend on the raw files.
        mm: Some(mm),
        metadata: true,
        images: true,
    };
    // A new peak at what is in use now.
    if fs::write("/proc/self/clear_refs", "5").is_err() {
        println!("skipped: the system does not reset the peak of memory");
        return;
    }
    let Some(before) = peak() else {
        println!("skipped: the system does not tell the peak of memory");
        return;
    };
    let report = prepare(&options, None, &mut |step| println!("{step}")).unwrap();
    let used = peak().unwrap() - before;
    assert_eq!((report.size.users, report.size.items, report.size.interactions), (40, 40, 1600));
    let names = (ROWS / 2 + ROWS / 8) as u64;
    let rows = 56 * ROWS as u64 + names * 114;
    let features = 4 * 40 * (4096 + 2 * 4);
    let bound = rows.max(features) + (64 << 20);
    println!("raw {} MiB, bound {} MiB, used {} MiB", raw_bytes >> 20, bound >> 20, used >> 20);
    assert!(used <= bound, "{used} bytes used, {bound} allowed");
    assert!(raw_bytes > 3 * bound, "the raw files are too small to test anything");
    // The features alone, without the rows before them: far below one of the files.
    assert!(used < raw_bytes / 3);
}
