//! From raw files to a folder that loads: a small made-up category.

use crate::workplace::{packed, python, record};
use anchorrec_data::manifest::Counts;
use anchorrec_data::{Dataset, write_npy_f32};
use anchorrec_files::with_causes;
use anchorrec_prepare::amazon::{Options, Preparation, prepare};
use anchorrec_prepare::split::Rule;
use anchorrec_prepare::steps::Size;
use ndarray::Array2;
use std::fs;
use std::io::Write;
use std::path::Path;

/// 6 users, 7 items, all pairs; one more user and one more item that fall; a repeated row.
fn raw(dir: &Path) {
    let mut ratings = String::new();
    for item in 0..7 {
        for user in 0..6 {
            ratings += &format!("u{user},ITEM00000{item},5.0,{}\n", 100 * user + item);
        }
        if item < 5 {
            ratings += &format!("late,ITEM00000{item},1.0,9000\n");
        }
    }
    ratings += "u0,ITEM000000,5.0,0\nu0,ITEM000000,4.0,77\nu0,RARE000000,5.0,1\n,RARE000000,5.0,1\n";
    fs::write(dir.join("ratings_Toys_and_Games.csv"), ratings).unwrap();
    let mut meta = packed(&dir.join("meta_Toys_and_Games.json.gz"));
    writeln!(meta, "{{'asin': 'ITEM000003', 'title': {}, 'categories': [['Toys', 'Cars']]}}", python("Kid's \"é\""))
        .unwrap();
    writeln!(meta, "{{'asin': 'OTHER00000'}}").unwrap();
    drop(meta);
    let mut images = packed(&dir.join("image_features_Toys_and_Games.b.gz"));
    for item in (0..7).filter(|&item| item != 4).rev() {
        record(&mut images, &format!("ITEM00000{item}"), &[item as f32, 1.0]);
    }
}

fn options(dir: &Path) -> Options {
    Options {
        name: "toys".to_owned(),
        category: "Toys_and_Games".to_owned(),
        raw: dir.to_owned(),
        out: dir.join("ready"),
        split: Rule::Random { seed: 999 },
        k: 5,
        counts: Some(Counts { users: 7, items: 7, interactions: 47 }),
        text: None,
        mm: None,
        metadata: true,
        images: true,
    }
}

fn run(options: &Options) -> Result<Preparation, String> {
    prepare(options, None, &mut |step| println!("{step}")).map_err(|e| e.to_string())
}

#[test]
fn a_category_from_raw_files_to_a_data_set() {
    let dir = tempfile::tempdir().unwrap();
    raw(dir.path());
    let report = run(&options(dir.path())).unwrap();
    let steps: Vec<(&str, u64)> = report.steps.iter().map(|step| (&step.name[..], step.dropped)).collect();
    let want = [
        ("ratings", 1),
        ("repeats", 2),
        ("5-core, round 1", 1),
        ("ids", 0),
        ("split", 0),
        ("metadata", 1),
        ("images", 0),
    ];
    assert_eq!(steps, want);
    assert_eq!(report.size, Size { users: 7, items: 7, interactions: 47 });
    assert_eq!(report.as_published, Some(true));
    let ready = dir.path().join("ready");
    let data = Dataset::load(&ready).unwrap();
    let d = &data.interactions;
    assert_eq!([d.users, d.items, d.train.len(), d.valid.len(), d.test.len()], [7, 7, 33, 7, 7]);
    assert_eq!(report.splits, [33, 7, 7]);
    assert_eq!(data.user_ids.unwrap(), ["u0", "u1", "u2", "u3", "u4", "u5", "late"]);
    assert_eq!(data.titles.unwrap()[3].as_deref(), Some("Kid's \"é\""));
    let vision = data.features.vision.clone().unwrap();
    assert_eq!(vision.dim(), (7, 4096));
    // Item 4 has the mean of the others.
    let want = [0.0, 1.0, 2.0, 3.0, 17.0 / 6.0, 5.0, 6.0];
    assert_eq!(vision.column(0).to_vec(), want);
    assert_eq!(
        fs::read_to_string(ready.join("missing_image.csv")).unwrap(),
        "itemID\tasin\tfilled_with\n4\tITEM000004\tmean\n"
    );
    // Two columns of numbers, at rows of length 1: at most two directions.
    assert!(data.features.mm.as_ref().unwrap().ncols() <= 2);
    let texts = fs::read_to_string(ready.join("items_text.jsonl")).unwrap();
    let texts: Vec<&str> = texts.lines().collect();
    assert_eq!(texts.len(), 7);
    assert_eq!(texts[3], "{\"itemID\":3,\"text\":\"Kid's \\\"é\\\"   Toys Cars  \"}");
    assert!(data.features.text.is_none());
    let images = report.steps.iter().find(|step| step.name == "images").unwrap();
    assert!(images.why.contains("1 items without a record have the mean: ITEM000004 (missing_image.csv has all)"));
    let inter = fs::read_to_string(ready.join("toys.inter")).unwrap();
    // The rating and the time of the earliest row of a pair that came again at another time with another rating.
    let row = inter.lines().nth(1).unwrap();
    assert!(
        inter.starts_with("userID\titemID\trating\ttimestamp\tx_label\n") && row.starts_with("0\t0\t5.0\t0\t"),
        "{row}"
    );
    assert!(
        report.notes.iter().any(|note| note.contains("--text"))
            && report.notes.iter().any(|note| note.contains("PCA of images alone"))
    );
    // What became one is a note like any other, there and for training.
    let merged = |text: &str| text.contains("the user and the item of another one");
    assert!(report.notes.iter().any(|note| merged(note)), "{:?}", report.notes);
    let noted = fs::read_to_string(ready.join("notes.json")).unwrap();
    assert!(noted.contains("repeated-pairs") && merged(&noted), "{noted}");
    // Once more, with features that are given, in place of the first; all else is the same to the last byte.
    let inter = fs::read(ready.join("toys.inter")).unwrap();
    let given = dir.path().join("given.npy");
    let features = Array2::from_shape_fn((7, 3), |(item, column)| (item * column) as f32);
    write_npy_f32(&given, features.view()).unwrap();
    let again = Options { text: Some(given.clone()), mm: Some(given), ..options(dir.path()) };
    let report = run(&again).unwrap();
    assert_eq!(report.widths.iter().map(|(_, width)| *width).collect::<Vec<_>>(), [4096, 3, 3]);
    let data = Dataset::load(&ready).unwrap();
    assert_eq!((data.features.text.as_ref(), data.features.mm.as_ref()), (Some(&features), Some(&features)));
    assert_eq!(fs::read(ready.join("toys.inter")).unwrap(), inter);
}

#[test]
fn an_encoder_is_given_the_texts_by_item_and_makes_their_features() {
    let dir = tempfile::tempdir().unwrap();
    raw(dir.path());
    let options = options(dir.path());
    let mut refuse = |_: &[&str]| Err("no more electricity".into());
    let error = prepare(&options, Some(&mut refuse), &mut |_| {}).unwrap_err();
    assert_eq!(with_causes(&error), "the texts of the items cannot be encoded: no more electricity");
    assert!(!options.out.exists());

    let lengths =
        |texts: &[&str]| Array2::from_shape_fn((texts.len(), 2), |(item, n)| [texts[item].len(), item][n] as f32);
    let report = prepare(&options, Some(&mut |texts| Ok(lengths(texts))), &mut |_| {}).unwrap();
    let texts = anchorrec_data::item_texts(&options.out.join("items_text.jsonl")).unwrap();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert_eq!(texts[3], "Kid's \"é\"   Toys Cars  ");
    assert_eq!(Dataset::load(&options.out).unwrap().features.text, Some(lengths(&texts)));
    assert!(report.notes.iter().any(|note| note.contains("PCA of text and images")), "{:?}", report.notes);
}

#[test]
fn late_users_leave_a_split_by_the_time_of_all() {
    let dir = tempfile::tempdir().unwrap();
    raw(dir.path());
    let report = run(&Options { split: Rule::GlobalTime, ..options(dir.path()) }).unwrap();
    // 47 rows: 37 train, 5 validation, 5 test; the five of `late` are the last.
    assert_eq!(report.splits, [37, 5, 0]);
    let data = Dataset::load(&dir.path().join("ready")).unwrap();
    assert_eq!((data.interactions.users, data.interactions.test.len()), (7, 0));
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_left() {
    let dir = tempfile::tempdir().unwrap();
    raw(dir.path());
    let good = options(dir.path());
    let given = dir.path().join("given.npy");
    write_npy_f32(&given, Array2::zeros((6, 3)).view()).unwrap();
    let table = [
        (
            Options { k: 8, counts: None, ..good.clone() },
            "expected users and items with at least 8 interactions each, found none",
        ),
        (
            Options { counts: Some(Counts { users: 8, items: 7, interactions: 47 }), ..good.clone() },
            "expected 8 users, 7 items, 47 interactions after the core, found 7, 7, 47",
        ),
        (
            Options { text: Some(given.clone()), ..good.clone() },
            "expected 7 rows, one for each item in the order of i_id_mapping.csv, found 6",
        ),
        (
            Options { mm: Some(given), ..good.clone() },
            "expected 7 rows, one for each item in the order of i_id_mapping.csv, found 6",
        ),
        (
            Options { category: "Baby".to_owned(), ..good.clone() },
            "ratings_Baby.csv: expected the ratings (user,item,rating,timestamp) here or as ratings_Baby.csv.gz, found neither",
        ),
    ];
    for (options, want) in table {
        let message = run(&options).unwrap_err();
        assert!(message.contains(want) && !message.contains('\n'), "{message}");
        assert!(!good.out.exists());
    }
    fs::remove_file(dir.path().join("image_features_Toys_and_Games.b.gz")).unwrap();
    let message = run(&good).unwrap_err();
    assert!(
        message.contains("image_features_Toys_and_Games.b: expected the image features")
            && message.contains("--no-images"),
        "{message}"
    );
    run(&Options { images: false, ..good.clone() }).unwrap();
    let left = fs::read_dir(dir.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
    assert_eq!(left.count(), 0, "no partial folder");
}
