//! Twins have the promised size, shape and signal, and go through files unchanged.

use anchorrec_data::shelf::Provided;
use anchorrec_data::{Dataset, Interactions, Modality, Split, TwinSpec, generate, shelf, split::held_out, twin};
use ndarray::{Array2, Axis};
use std::{fs, time::Instant};

fn small() -> TwinSpec {
    TwinSpec {
        mm_width: Some(64),
        text_width: Some(48),
        vision_width: Some(96),
        ..TwinSpec::new("small", 600, 300, 5000)
    }
}

/// Pairs per user and per item, ascending.
fn degrees(data: &Interactions) -> (Vec<usize>, Vec<usize>) {
    let (mut users, mut items) = (vec![0; data.users], vec![0; data.items]);
    for pair in [Split::Train, Split::Valid, Split::Test].iter().flat_map(|&split| data.pairs(split)) {
        users[pair.user as usize] += 1;
        items[pair.item as usize] += 1;
    }
    users.sort();
    items.sort();
    (users, items)
}

#[test]
fn counts_degrees_and_splits_are_as_promised() {
    let spec = small();
    let data = generate(&spec, 5).interactions;
    let (users, items) = degrees(&data);
    assert_eq!((users.len(), items.len(), users.iter().sum::<usize>()), (600, 300, 5000));
    assert_eq!(users[0], 5, "the least of a 5-core");
    assert!(users[599] > 40 && users[300] < 8, "a heavy tail: median {}, largest {}", users[300], users[599]);
    assert!(items[0] >= 5, "every item has a few: {}", items[0]);
    assert!(items[299] > 4 * 5000 / 300, "popular items: {}", items[299]);
    let lists = [Split::Train, Split::Valid, Split::Test].map(|split| data.by_user(split));
    for user in 0..600 {
        let counts = [0, 1, 2].map(|s: usize| lists[s].of(user).len());
        let (valid, test) = held_out(counts.iter().sum());
        assert_eq!([counts[1], counts[2]], [valid, test], "user {user}");
        let mut all = lists.each_ref().map(|list| list.of(user)).concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), counts.iter().sum::<usize>(), "user {user} has no item twice");
    }
}

/// Share of items whose nearest other item by cosine is of the same topic.
fn same_topic(features: &Array2<f32>, topics: &[u32]) -> f64 {
    let mut centred = features - &features.mean_axis(Axis(0)).unwrap();
    for mut row in centred.rows_mut() {
        let length = row.dot(&row).sqrt();
        row.mapv_inplace(|x| x / length);
    }
    let mut cosine = centred.dot(&centred.t());
    cosine.diag_mut().fill(-2.0);
    let nearest = |i: usize| {
        let row = cosine.row(i);
        (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap()
    };
    (0..topics.len()).filter(|&i| topics[i] == topics[nearest(i)]).count() as f64 / topics.len() as f64
}

#[test]
fn features_and_interactions_tell_of_the_same_topics() {
    let twin = generate(&small(), 5);
    let n = twin.topics.len() as f64;
    let mut sizes = vec![0.0; twin.spec.topics];
    twin.topics.iter().for_each(|&t| sizes[t as usize] += 1.0);
    let chance: f64 = sizes.iter().map(|s| (s / n) * (s / n)).sum();
    assert!(chance < 0.25, "topics are not all alike: {chance}");
    for (modality, times) in [(Modality::Text, 3.0), (Modality::Mm, 3.0), (Modality::Vision, 2.0)] {
        let features = twin.features(modality).unwrap().mapv(f32::from);
        let share = same_topic(&features, &twin.topics);
        assert!(share > times * chance, "{modality}: {share} of nearest items share the topic, by chance {chance}");
    }
    assert!(twin.vision.unwrap().iter().all(|x| f32::from(*x) >= 0.0), "rectified");
    // Two items of one user share a topic far more often than two items of anyone.
    let lists = twin.interactions.by_user(Split::Train);
    let (mut same, mut all) = (0.0, 0.0);
    for user in 0..600 {
        for two in lists.of(user).windows(2) {
            all += 1.0;
            same += if twin.topics[two[0] as usize] == twin.topics[two[1] as usize] { 1.0 } else { 0.0 };
        }
    }
    assert!(same / all > 2.0 * chance, "{} of neighbours in a list share the topic, by chance {chance}", same / all);
}

#[test]
fn written_and_loaded_it_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let twin = generate(&small(), 5);
    twin.write(dir.path()).unwrap();
    let data = Dataset::load(dir.path()).unwrap();
    assert_eq!((data.name.as_str(), data.synthetic), ("small", true));
    assert_eq!(data.interactions, twin.interactions);
    for modality in Modality::ALL {
        let want = twin.features(modality).unwrap().mapv(f32::from);
        assert_eq!(data.features.of(modality).unwrap(), want, "{modality}");
    }
    assert_eq!(data.item_ids.unwrap()[17].as_deref(), Some("TWIN0000017"));
    assert!(data.titles.unwrap()[17].as_deref().unwrap().ends_with(" 17"));
    let findings = data.findings;
    assert_eq!((findings.users_without_train, findings.items_without_external_id), (0, 0));
    assert_eq!((findings.items_without_title, findings.absent.len()), (0, 0));
    // A smaller twin replaces it, with other files and another name.
    let other = TwinSpec { name: "other".to_owned(), vision_width: None, ..small().scaled(0.5) };
    generate(&other, 6).write(dir.path()).unwrap();
    let data = Dataset::load(dir.path()).unwrap();
    assert_eq!((data.name.as_str(), data.features.vision.as_ref()), ("other", None));
}

/// A marked snapshot of what a spec and a seed give: who took what, which no rounding of a processor reaches.
#[test]
fn the_recorded_twin_changes_with_its_revision_only() {
    let dir = tempfile::tempdir().unwrap();
    generate(&small(), 5).write(dir.path()).unwrap();
    let data = Dataset::load(dir.path()).unwrap();
    let found = (twin::REVISION, data.inputs[0].sha256.as_str());
    assert_eq!(found, (1, "5f1924b111eb7d5af00e51486f2b0072a99701dff2bbd4cbf82f25947c3a74f4"), "raise twin::REVISION");
}

#[test]
fn a_twin_is_made_once_and_then_found() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("synthetic/scale-1");
    let names = || {
        let parent = fs::read_dir(dir.path().join("synthetic")).unwrap();
        let mut names: Vec<_> = parent.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let provide = |spec: &TwinSpec, seed| shelf::provide(spec, seed, &place).unwrap();
    assert_eq!([provide(&small(), 5), provide(&small(), 5)], [Provided::Made, Provided::Found]);
    let same = |spec: &TwinSpec, seed| Dataset::load(&place).unwrap().interactions == generate(spec, seed).interactions;
    assert!(same(&small(), 5));
    // Another spec, another seed, a stamp that says nothing: it is made. A changed file, a lost file, a file too many: it is made again, and the
    // file is named.
    let other = TwinSpec { topics: small().topics + 1, ..small() };
    assert!(provide(&other, 5) == Provided::Made && same(&other, 5));
    assert!(provide(&other, 6) == Provided::Made && same(&other, 6));
    let (features, inter, stamp) = (place.join("text_feat.npy"), place.join("small.inter"), place.join(".twin.json"));
    let again = |name: &str| Provided::Again(vec![name.to_owned()]);
    let damages: [(&dyn Fn(), Provided); 4] = [
        (
            &|| {
                let mut bytes = fs::read(&features).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                fs::write(&features, bytes).unwrap();
            },
            again("text_feat.npy"),
        ),
        (&|| fs::remove_file(&inter).unwrap(), again("small.inter")),
        (&|| fs::write(place.join("u_id_mapping.csv"), "").unwrap(), again("u_id_mapping.csv")),
        (&|| fs::write(&stamp, "{}").unwrap(), Provided::Made),
    ];
    for (damage, expected) in damages {
        damage();
        assert_eq!(provide(&other, 6), expected);
        assert!(same(&other, 6) && provide(&other, 6) == Provided::Found);
    }
    // A crash between the two renames of a replacement: the twin gets its name back.
    fs::rename(&place, dir.path().join("synthetic/.scale-1.old-12345")).unwrap();
    assert_eq!(provide(&other, 6), Provided::Found);
    // What a crash leaves half made, replaced and not yet removed, or half replaced by an earlier version.
    fs::create_dir(dir.path().join("synthetic/.scale-1.old-12345")).unwrap();
    fs::create_dir(dir.path().join("synthetic/.scale-1.partial")).unwrap();
    fs::rename(&place, dir.path().join("synthetic/.scale-1.old")).unwrap();
    fs::create_dir(&place).unwrap();
    assert!(provide(&other, 6) == Provided::Made && same(&other, 6));
    assert_eq!(names(), [".scale-1.lock", "scale-1"]);
    // Somebody's data in its place is refused.
    fs::remove_file(place.join("SYNTHETIC")).unwrap();
    fs::remove_file(&stamp).unwrap();
    assert!(shelf::provide(&other, 6, &place).unwrap_err().to_string().contains("SYNTHETIC"));
    assert!(inter.is_file());
}

#[test]
fn one_of_many_makes_the_twin_that_all_ask_for() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("scale-1");
    // A lock of a file is one of an opened file: threads stand for processes.
    let made = std::thread::scope(|scope| {
        let ask = || {
            let made = shelf::provide(&small(), 5, &place).unwrap();
            assert_eq!(Dataset::load(&place).unwrap().interactions, generate(&small(), 5).interactions);
            made
        };
        let all: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
        all.into_iter().map(|one| one.join().unwrap()).filter(|made| *made == Provided::Made).count()
    });
    assert_eq!(made, 1);
}

#[test]
fn real_data_are_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("real.inter"), "mine").unwrap();
    let message = generate(&small(), 5).write(dir.path()).unwrap_err().to_string();
    assert!(message.contains("SYNTHETIC") && message.contains(dir.path().to_str().unwrap()), "{message}");
    assert_eq!(fs::read(dir.path().join("real.inter")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn spec_and_seed_decide_not_threads() {
    let on = |threads: usize, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| generate(&small(), seed))
    };
    let twin = on(1, 5);
    assert_eq!(twin, on(3, 5));
    let other = on(1, 6);
    assert!(twin.interactions != other.interactions && twin.text != other.text);
}

#[test]
fn every_scale_can_be_made() {
    for scale in [0.001, 0.01, 0.1, 1.0] {
        let spec = TwinSpec { mm_width: None, vision_width: None, text_width: Some(5), ..small().scaled(scale) };
        let (users, _) = degrees(&generate(&spec, 1).interactions);
        assert_eq!((users.len(), users.iter().sum()), (spec.users, spec.interactions), "scale {scale}");
    }
}

#[test]
#[should_panic(expected = "40 interactions of 10 users: 50 (5 each)")]
fn too_few_interactions_are_the_callers_mistake() {
    generate(&TwinSpec::new("x", 10, 100, 40), 1);
}

/// `cargo test --release -p anchorrec-data -- --ignored --nocapture`
#[test]
#[ignore = "seconds and 400 MB: full published size"]
fn the_twin_of_sports() {
    let spec = TwinSpec::new("sports-twin", 35_598, 18_357, 296_337);
    let dir = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let twin = generate(&spec, 1);
    println!("generated in {:.1} s", start.elapsed().as_secs_f64());
    let (users, items) = degrees(&twin.interactions);
    for (name, d) in [("users", &users), ("items", &items)] {
        let at = |share: f64| d[((d.len() - 1) as f64 * share) as usize];
        println!("{name}: least {}, median {}, 90 % {}, 99 % {}, most {}", d[0], at(0.5), at(0.9), at(0.99), at(1.0));
    }
    let start = Instant::now();
    twin.write(dir.path()).unwrap();
    println!("written in {:.1} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let data = Dataset::load(dir.path()).unwrap();
    println!("loaded in {:.2} s", start.elapsed().as_secs_f64());
    assert_eq!(data.interactions, twin.interactions);
}
