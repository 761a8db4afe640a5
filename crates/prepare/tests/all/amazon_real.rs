//! The published data sets rebuilt from raw files, where a machine has them: `ANCHORREC_DATA` is the folder that holds `amazon-sports` etc.
//!
//! The raw files are written from the ready ones, with rows that must fall strewn in: repeats, incomplete lines, users and items below the
//! core, metadata and images of other items. What comes out must be the published data set: its counts, its ids, its pairs, and the sizes of
//! the split that its publishers' rule gives.

use crate::workplace::{packed, python, record};
use anchorrec_data::manifest::Manifest;
use anchorrec_data::{Dataset, read_npy_f32};
use anchorrec_prepare::amazon::{Options, category_of, prepare};
use anchorrec_prepare::split::Rule;
use anchorrec_testkit::deep;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

struct Case {
    name: &'static str,
    /// Sports and Baby: those of the official files of the frameworks; Office and Games: those of the folder's own split by the same rule.
    splits: [usize; 3],
    /// Whether ids follow the rows sorted by item, as in the public file, or the rows as they stand.
    by_item: bool,
    images: bool,
}

const CASES: [Case; 4] = [
    Case { name: "amazon-sports", splits: [218_409, 37_899, 40_029], by_item: true, images: false },
    Case { name: "amazon-baby", splits: [118_551, 20_559, 21_682], by_item: true, images: true },
    Case { name: "amazon-office", splits: [40_877, 5_880, 6_501], by_item: true, images: false },
    Case { name: "amazon-video-games", splits: [173_772, 28_122, 29_886], by_item: false, images: true },
];

#[test]
fn the_published_data_sets_come_out_of_raw_files() {
    let Some(root) = std::env::var_os("ANCHORREC_DATA").map(PathBuf::from) else {
        println!("skipped: ANCHORREC_DATA not set");
        return;
    };
    if !deep("preparing the real data sets from raw files") {
        return;
    }
    for case in CASES {
        let from = root.join(case.name);
        if from.exists() { rebuild(&case, &from) } else { println!("skipped: no {}", from.display()) }
    }
}

fn rebuild(case: &Case, from: &Path) {
    let dir = tempfile::tempdir().unwrap();
    let category = category_of(case.name).unwrap();
    let want = Dataset::load(from).unwrap();
    let items = want.interactions.items;
    let asins: Vec<String> = match &want.item_ids {
        Some(ids) => ids
            .iter()
            .enumerate()
            .map(|(item, id)| id.clone().unwrap_or(format!("UNKNOWN{item:05}")[2..].to_owned()))
            .collect(),
        None => panic!("{}: no item mapping", case.name),
    };
    assert!(asins.iter().all(|asin| asin.len() == 10) && asins.iter().collect::<HashSet<_>>().len() == items);
    let mut rows = rows(&from.join(format!("{}.inter", case.name)));
    if case.by_item {
        rows.sort_by_key(|row| (row.1, row.0));
    }
    let strewn = write_ratings(&dir.path().join(format!("ratings_{category}.csv.gz")), &rows, &asins);
    write_metadata(&dir.path().join(format!("meta_{category}.json.gz")), &from.join("items.jsonl"), &asins);
    let missing = if case.images {
        let missing = missing(&from.join("missing_image.csv"));
        write_images(&dir.path().join(format!("image_features_{category}.b")), &want, &asins, &missing);
        missing
    } else {
        Vec::new()
    };
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets").join(case.name).join("manifest.toml");
    let options = Options {
        name: case.name.to_owned(),
        category: category.to_owned(),
        raw: dir.path().to_owned(),
        out: dir.path().join("ready"),
        split: Rule::Random { seed: 999 },
        k: 5,
        counts: Some(Manifest::load(&manifest).unwrap().counts),
        text: Some(from.join("text_feat.npy")),
        mm: if case.images { None } else { Some(from.join("mm_feat.npy")) },
        metadata: true,
        images: case.images,
    };
    println!("{}", case.name);
    let start = std::time::Instant::now();
    let report = prepare(&options, None, &mut |step| println!("{step}")).unwrap();
    println!("  {:.1?}; {:?}", start.elapsed(), report.notes);
    assert_eq!(report.splits, case.splits, "{}", case.name);
    let dropped = |name: &str| {
        report.steps.iter().filter(|step| step.name.starts_with(name)).map(|step| step.dropped).sum::<u64>()
    };
    assert_eq!([dropped("ratings"), dropped("repeats"), dropped("5-core")], strewn);
    assert!(report.steps.iter().any(|step| step.name == "5-core, round 2"), "noise that falls at once tests little");

    let got = Dataset::load(&options.out).unwrap();
    assert_eq!(got.item_ids, Some(asins.into_iter().map(Some).collect()), "ids of items");
    let users: Vec<String> = (0..want.interactions.users).map(user).collect();
    assert_eq!(got.user_ids, Some(users), "ids of users");
    let pairs = |data: &Dataset| -> HashSet<(u32, u32)> {
        let d = &data.interactions;
        [&d.train, &d.valid, &d.test].into_iter().flatten().map(|pair| (pair.user, pair.item)).collect()
    };
    assert_eq!(pairs(&got), pairs(&want));
    assert_eq!(got.titles, want.titles);
    assert_eq!(got.features.text, want.features.text);
    if case.images {
        check_images(&options.out, &want, &missing);
    }
    // By time: as many rows, and of nobody a row of validation or test at or before a row of the part before it: times are days, and rows of a
    // day stay together.
    let out = dir.path().join("by-time");
    let by_time = Options {
        split: Rule::UserTime,
        out: out.clone(),
        metadata: false,
        images: false,
        text: None,
        mm: None,
        ..options
    };
    let sizes = prepare(&by_time, None, &mut |_| {}).unwrap().splits;
    assert_eq!(sizes.iter().sum::<usize>(), case.splits.iter().sum::<usize>());
    assert!(sizes[0] > case.splits[0] / 2 && sizes[1] > 0 && sizes[2] > 0, "{sizes:?}");
    let mut last: HashMap<u32, [i64; 3]> = HashMap::new();
    let mut first: HashMap<u32, [i64; 3]> = HashMap::new();
    let text = fs::read_to_string(out.join(format!("{}.inter", case.name))).unwrap();
    assert_eq!(text.lines().next(), Some("userID\titemID\trating\ttimestamp\tx_label"));
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let number = |place: usize| fields[place].parse::<i64>().unwrap();
        let (user, time, label) = (number(0) as u32, number(3), number(4) as usize);
        let last = &mut last.entry(user).or_insert([i64::MIN; 3])[label];
        *last = time.max(*last);
        let first = &mut first.entry(user).or_insert([i64::MAX; 3])[label];
        *first = time.min(*first);
    }
    for (user, last) in last {
        let first = first[&user];
        assert!(last[0] < first[1] && last[0] < first[2] && last[1] < first[2], "user {user}");
        assert!(last[0] > i64::MIN, "user {user} has nothing to train on");
    }
}

fn user(number: usize) -> String {
    format!("A{number:012}")
}

/// User, item, time; the place of the row where the file has no times.
fn rows(path: &Path) -> Vec<(u32, u32, i64)> {
    let text = fs::read_to_string(path).unwrap();
    let timed = text.lines().next().unwrap().split('\t').position(|column| column == "timestamp");
    let row = |(place, line): (usize, &str)| {
        let fields: Vec<&str> = line.split('\t').collect();
        let time = timed.map_or(place as i64, |at| fields[at].parse().unwrap());
        (fields[0].parse().unwrap(), fields[1].parse().unwrap(), time)
    };
    text.lines().skip(1).enumerate().map(row).collect()
}

/// Writes rows and noise; how many lines are incomplete, repeated, outside of the core.
fn write_ratings(path: &Path, rows: &[(u32, u32, i64)], asins: &[String]) -> [u64; 3] {
    let mut out = packed(path);
    let [mut incomplete, mut repeated, mut outside] = [0; 3];
    for (place, &(who, item, time)) in rows.iter().enumerate() {
        let (who, asin) = (user(who as usize), &asins[item as usize]);
        writeln!(out, "{who},{asin},{}.0,{time}", 1 + place % 5).unwrap();
        if place % 97 == 0 {
            writeln!(out, "{who},{asin},1.0,{time}\n{who},{asin},1.0,{}", time + 1).unwrap();
            repeated += 2;
        }
        if place % 101 == 0 {
            writeln!(out, "{who},,1.0,{time}\n{who},{asin},,{time}").unwrap();
            incomplete += 2;
        }
        if place % 103 == 0 {
            // Four rows of known items and one of an item that four such users share: it falls first, and then the user.
            let group = place / 103;
            for n in 0..4 {
                let other = &asins[(7919 * group + n) % asins.len()];
                writeln!(out, "NOISE{group},{other},5.0,{time}").unwrap();
            }
            writeln!(out, "NOISE{group},N{:09},5.0,{time}", group / 4).unwrap();
            outside += 5;
        }
        if place % 107 == 0 {
            writeln!(out, "{who},R{place:09},5.0,{time}").unwrap();
            outside += 1;
        }
    }
    [incomplete, repeated, outside]
}

fn write_metadata(path: &Path, items: &Path, asins: &[String]) {
    let mut out = packed(path);
    for line in fs::read_to_string(items).unwrap().lines() {
        let item: serde_json::Value = serde_json::from_str(line).unwrap();
        let id = item["itemID"].as_u64().unwrap() as usize;
        let mut entries = vec![format!("'asin': {}", python(&asins[id]))];
        for key in ["title", "brand", "description"] {
            if let Some(text) = item[key].as_str() {
                entries.push(format!("'{key}': {}", python(text)));
            }
        }
        if let Some(path) = item["categories"].as_array() {
            let path: Vec<String> = path.iter().map(|element| python(element.as_str().unwrap())).collect();
            entries.push(format!("'categories': [[{}], ['Not', 'this']]", path.join(", ")));
        }
        entries.push("'price': 6.99, 'related': {'also_bought': ['X', 'Y']}".to_owned());
        writeln!(out, "{{{}}}\n{{'asin': 'Z{id:09}', 'title': 'other'}}", entries.join(", ")).unwrap();
    }
}

fn missing(path: &Path) -> Vec<u32> {
    fs::read_to_string(path)
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| line.split('\t').next().unwrap().parse().unwrap())
        .collect()
}

fn write_images(path: &Path, want: &Dataset, asins: &[String], missing: &[u32]) {
    let mut out = std::io::BufWriter::new(fs::File::create(path).unwrap());
    let features = want.features.vision.as_ref().unwrap();
    for (item, row) in features.rows().into_iter().enumerate().rev() {
        if !missing.contains(&(item as u32)) {
            record(&mut out, &asins[item], row.as_slice().unwrap());
        }
    }
    record(&mut out, "ZZZZZZZZZZ", &[1.0]);
}

fn check_images(out: &Path, want: &Dataset, missing: &[u32]) {
    let want = want.features.vision.as_ref().unwrap();
    let got = read_npy_f32(&out.join("image_feat.npy")).unwrap();
    assert_eq!(got.dim(), (want.nrows(), 4096));
    let lines: Vec<u32> = self::missing(&out.join("missing_image.csv"));
    assert_eq!(lines, missing);
    let mut mean = vec![0.0f64; want.ncols()];
    let present: Vec<usize> = (0..want.nrows()).filter(|&item| !missing.contains(&(item as u32))).collect();
    for &item in &present {
        assert_eq!(got.row(item).to_vec()[..want.ncols()], want.row(item).to_vec());
        mean.iter_mut().zip(want.row(item)).for_each(|(sum, &x)| *sum += f64::from(x) / present.len() as f64);
    }
    for &item in missing {
        mean.iter().zip(got.row(item as usize)).for_each(|(mean, &x)| assert!((mean - f64::from(x)).abs() < 1e-6));
    }
    let mm = read_npy_f32(&out.join("mm_feat.npy")).unwrap();
    assert!(mm.nrows() == want.nrows() && mm.ncols() <= 768 && mm.ncols() >= want.ncols(), "{:?}", mm.dim());
}
