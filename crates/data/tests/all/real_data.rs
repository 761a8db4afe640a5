//! The published data sets, where a machine has them: `ANCHORREC_DATA` is the folder that holds `amazon-sports` etc.

use anchorrec_data::{Dataset, Sampler};
use anchorrec_testkit::deep;
use std::{path::PathBuf, time::Instant};

#[test]
fn published_counts() {
    let Some(root) = std::env::var_os("ANCHORREC_DATA").map(PathBuf::from) else {
        println!("skipped: ANCHORREC_DATA not set");
        return;
    };
    if !deep("loading the real data sets") {
        return;
    }
    // users, items, train, valid, test, items without a training row
    let table = [
        ("amazon-sports", [35_598, 18_357, 218_409, 40_029, 37_899, 13]),
        ("amazon-office", [4_905, 2_420, 40_877, 5_880, 6_501, 1]),
        ("amazon-video-games", [24_303, 10_672, 173_772, 28_122, 29_886, 0]),
    ];
    for (name, want) in table {
        let dir = root.join(name);
        if !dir.exists() {
            println!("skipped: no {}", dir.display());
            continue;
        }
        let start = Instant::now();
        let data = Dataset::load(&dir).unwrap();
        let load = start.elapsed();
        let d = &data.interactions;
        let got = [d.users, d.items, d.train.len(), d.valid.len(), d.test.len(), data.findings.items_without_train];
        assert_eq!((data.name.as_str(), got), (name, want));
        assert!(!data.synthetic);
        let start = Instant::now();
        let sampler = Sampler::new(d, 999).unwrap();
        let order = sampler.epoch(0);
        let triples: usize = (0..sampler.batches(2048)).map(|b| order.batch(b, 2048).users.len()).sum();
        assert_eq!(triples, d.train.len());
        println!("{name}: loaded in {load:.0?}, one epoch of triples in {:.0?}", start.elapsed());
        data.notes().iter().for_each(|note| println!("  {note}"));
    }
}
