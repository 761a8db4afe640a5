//! Records as a run of three seeds and a comparison of eight variants would leave them, made up: plausible to look at, none of them measured.

use anchorrec_data::{Findings, Provenance};
use anchorrec_records::analysis::*;
use anchorrec_records::comparison::{Comparison, PairedTests, VariantRecord, VariantTraining};
use anchorrec_records::fusion::FusedRun;
use anchorrec_records::report::*;
use anchorrec_records::{ClosedFormRecord, FusionRecord, RecordedSettings};
use anchorrec_testkit::random;
use ndarray::Array2;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The seeds.
pub const SEEDS: [u64; 3] = [999, 777, 555];
const EPOCHS: usize = 40;
const MAPPED: usize = 300;

/// A title that nobody should obey.
pub const HOSTILE: &str = "</title><script>alert('owned')</script> \"Deluxe\" & Co";

/// Writes a run's `report.json` and the analysis of each seed.
pub fn write_run(folder: &Path, source: Provenance) {
    fs::create_dir_all(folder).unwrap();
    write(&folder.join("report.json"), &report(&SEEDS, source));
    for seed in SEEDS {
        write(&folder.join(format!("seed-{seed}.analysis.json")), &analysis(seed));
    }
}

/// Writes a `comparison.json`, and the run of its reference below it.
pub fn write_comparison(folder: &Path, source: Provenance) {
    write_run(&folder.join("published"), source);
    write(&folder.join("comparison.json"), &comparison());
}

fn write(path: &Path, record: &impl serde::Serialize) {
    fs::write(path, serde_json::to_string_pretty(record).unwrap()).unwrap();
}

fn metrics(recall20: f64) -> Metrics {
    let at = [(5, 0.42), (10, 0.66), (20, 1.0), (50, 1.62)];
    let recall = at.map(|(k, share)| (format!("recall@{k}"), share * recall20));
    let ndcg = at.map(|(k, share)| (format!("ndcg@{k}"), (0.31 + 0.13 * share) * recall20));
    recall.into_iter().chain(ndcg).collect()
}

/// What a model says of its terms; of some it says nothing.
pub const ABOUT: [(&str, &str); 2] =
    [("bpr", "ranking, as this model has it"), ("reg", "norms of <nothing> in particular")];

/// A method without training.
fn closed_form(method: &str, title: &str, tried: usize) -> ClosedFormRecord {
    ClosedFormRecord {
        method: method.to_owned(),
        title: title.to_owned(),
        setting: "k 100, shrinkage <10>".to_owned(),
        tried,
        valid: metrics(0.031),
        test: metrics(0.03),
        seconds: 0.2,
        search_seconds: 0.25 * tried as f64,
        bytes: 3 << 20,
        ..ClosedFormRecord::default()
    }
}

/// A fusion of three seeds, whose test Recall@20 is .041, .042 and .043.
fn fusion() -> FusionRecord {
    let run = |(n, &seed): (usize, &u64)| {
        let (valid, test) = (metrics(0.05), metrics(0.041 + 0.001 * n as f64));
        FusedRun { seed, weights_sha256: String::new(), gamma: 0.6, tried: 8, valid, test, seconds: 2.0 }
    };
    FusionRecord {
        kernel: closed_form("l3ae", "L3AE", 112),
        neighbours: None,
        runs: SEEDS.iter().enumerate().map(run).collect(),
    }
}

/// One run: curves that rise and fall as such curves do.
pub fn run(seed: u64) -> RunRecord {
    let noise = random::matrix(EPOCHS, 10, &mut random::generator(seed));
    let terms = [
        ("bpr", 0.69, 0.21),
        ("ui", 0.19, 0.05),
        ("reg", 0.02, 3.4),
        ("align_id", 7.4, 5.1),
        ("align_inputs", 7.5, 5.3),
        ("amp_mm", 0.98, 0.61),
        ("amp_text", 0.97, 0.58),
        ("amp_vision", 0.9, 0.31),
        ("smooth", 0.001, 0.9),
    ];
    let curve: Vec<EpochRecord> = (0..EPOCHS)
        .map(|e| {
            let left = (-(e as f64) / 9.0).exp();
            let recall = 0.1045 * (1.0 - 0.72 * left) - 0.00012 * (e as f64 - 28.0).max(0.0) + 0.0004 * noise[[e, 9]];
            EpochRecord {
                epoch: e + 1,
                learning_rate: 0.001 * 0.96f64.powf(e as f64 / 50.0),
                loss: 0.31 + 0.52 * left + 0.002 * noise[[e, 8]],
                terms: terms
                    .iter()
                    .enumerate()
                    .map(|(k, (name, from, to))| {
                        ((*name).to_owned(), (to + (from - to) * left) * (1.0 + 0.01 * noise[[e, k]]))
                    })
                    .collect(),
                valid: Some(metrics(recall)),
                test: Some(metrics(recall + 0.0021 + 0.0004 * noise[[e, 7]])),
                seconds: 22.0,
            }
        })
        .collect();
    let recall = |epoch: &EpochRecord| epoch.valid.as_ref().unwrap()["recall@20"];
    let best = curve.iter().max_by(|a, b| recall(a).total_cmp(&recall(b))).unwrap();
    RunRecord {
        seed,
        parameters: 100_459_328,
        best_epoch: best.epoch,
        epochs_run: EPOCHS,
        stopped_early: true,
        valid: best.valid.clone().unwrap(),
        test: best.test.clone().unwrap(),
        seconds: 882.0,
        train_seconds: 802.0,
        evaluate_seconds: 80.0,
        peak_rss_bytes: Some(1_750_000_000),
        checkpoint: format!("seed-{seed}.best.safetensors"),
        checkpoint_sha256: format!("{seed:064x}"),
        about: ABOUT.map(|(name, about)| (name.to_owned(), about.to_owned())).into(),
        curve,
    }
}

/// The report of a job with these seeds.
pub fn report(seeds: &[u64], source: Provenance) -> Report {
    let runs: Vec<RunRecord> = seeds.iter().map(|&seed| run(seed)).collect();
    Report {
        version: "0.1.0".to_owned(),
        command: ["anchorrec", "train", "--dataset", "amazon-sports", "--set", "anchorrec.targets=shared"]
            .map(str::to_owned)
            .to_vec(),
        model: "anchorrec".to_owned(),
        title: "AnchorRec".to_owned(),
        data: DataRecord {
            name: "amazon-sports".to_owned(),
            dir: "datasets/amazon-sports/ready".to_owned(),
            source,
            users: 35_598,
            items: 18_357,
            train: 218_409,
            valid: 37_899,
            test: 40_029,
            widths: [("mm", 768), ("text", 384), ("vision", 4096)].map(|(name, width)| (name.to_owned(), width)).into(),
            absent: Vec::new(),
            findings: Findings::default(),
            notes: Vec::new(),
        },
        inputs: vec![InputRecord {
            path: "datasets/amazon-sports/ready/sports.inter".to_owned(),
            bytes: 7_834_210,
            sha256: format!("{:064x}", 77),
        }],
        config: settings(seeds),
        threads: 2,
        portable: false,
        settings_from: "defaults".to_owned(),
        arithmetic: "avx512-01234567".to_owned(),
        numerics: "revision 1".to_owned(),
        phases: vec![PhaseRecord { name: "load".to_owned(), seconds: 1.2, peak_rss_bytes: Some(900_000_000) }],
        summary: Summary::new(&runs),
        runs,
        reference: vec![
            anchorrec_data::manifest::Reference {
                model: "FREEDOM".to_owned(),
                recall20: 0.1089,
                ndcg20: Some(0.0481),
                split: "published".to_owned(),
                features: "published".to_owned(),
                note: "selected by test".to_owned(),
            },
            anchorrec_data::manifest::Reference {
                model: "LightGCN".to_owned(),
                recall20: 0.0864,
                ndcg20: None,
                split: "published".to_owned(),
                features: "none".to_owned(),
                note: String::new(),
            },
        ],
        closed_forms: vec![closed_form("popularity", "popularity", 1), closed_form("item-knn", "item kNN", 12)],
        fusion: Some(fusion()),
        refit: None,
        warm_start: None,
        notices: vec!["mm_feat.npy is derived: rebuilt from text and vision".to_owned()],
    }
}

fn settings(seeds: &[u64]) -> RecordedSettings {
    let config = serde_json::json!({
        "model": "anchorrec",
        "train": { "epochs": 100, "patience": 20, "batch_size": 2048, "seeds": seeds },
        "protocol": { "at": [5, 10, 20, 50] },
        "features": { "modalities": "all", "content": "own" },
        "anchorrec": { "temperature": 0.25, "targets": "shared" },
    });
    RecordedSettings::of(&config)
}

const SPACES: [(&str, usize, f64, f64); 10] = [
    ("final", 64, 31.4, 0.06),
    ("id", 64, 47.9, 0.03),
    ("mm", 64, 22.7, 0.09),
    ("text", 64, 18.1, 0.11),
    ("vision", 64, 9.6, 0.19),
    ("p_id", 64, 12.0, 0.14),
    ("p_mm", 64, 14.2, 0.13),
    ("raw_mm", 768, 96.0, 0.02),
    ("raw_text", 384, 88.5, 0.018),
    ("raw_vision", 4096, 0.0, 0.012),
];

/// The analysis of a seed.
pub fn analysis(seed: u64) -> Analysis {
    let rng = &mut random::generator(seed + 1);
    let wobble = random::matrix(1, 100, rng);
    let spaces = SPACES
        .iter()
        .map(|&(name, width, rank, fall)| SpaceRecord {
            name: name.to_owned(),
            width,
            effective_rank: (rank > 0.0).then_some(rank * (1.0 + 0.02 * wobble[[0, width % 50]])),
            singular_values: (0..width.min(256)).map(|k| (-fall * (k as f64).powf(0.9)).exp().max(1e-4)).collect(),
            uniformity: (!name.starts_with("raw")).then_some(-3.9 + 4.0 * fall),
        })
        .collect();
    let mut pairs = Vec::new();
    for (i, a) in SPACES.iter().enumerate() {
        for (j, b) in SPACES[..i].iter().enumerate() {
            let kin = a.0.trim_start_matches("raw_").trim_start_matches("p_")
                == b.0.trim_start_matches("raw_").trim_start_matches("p_");
            let overlap = match (b.0, a.0) {
                ("final", "id") => 0.57,
                ("final", "mm") => 0.48,
                ("final", "raw_mm") => 0.31,
                _ if kin => 0.64,
                _ => 0.06 + 0.02 * ((3 * i + 5 * j) % 13) as f64,
            };
            let overlap: f64 = overlap + 0.01 * wobble[[0, 50 + i + j]];
            let raw = a.0.starts_with("raw") && b.0.starts_with("raw");
            let spread = (a.1 == 64 && b.1 == 64).then_some(0.5 + 0.5 * (1.0 - overlap));
            pairs.push(PairRecord {
                a: b.0.to_owned(),
                b: a.0.to_owned(),
                overlap,
                cka: (!raw).then_some((overlap * 1.3).min(0.97)),
                spread,
            });
        }
    }
    Analysis {
        seed,
        weights_sha256: format!("{seed:064x}"),
        k: 20,
        spaces,
        pairs,
        nearest: (1..=3)
            .map(|rank| NearestRecord {
                rank,
                text: Some(0.70 - 0.04 * rank as f64),
                vision: Some(0.45 - 0.02 * rank as f64),
                two_hop: 196.0 + 9.0 * rank as f64,
            })
            .collect(),
        alignment: 0.74,
        user_uniformity: -3.1,
        catalogue: CatalogueRecord { coverage: 0.83, gini: 0.71, popularity_lift: 0.92 },
        user_groups: [(1, 4, 14_200, 0.098), (4, 6, 9_800, 0.105), (6, 11, 7_300, 0.112), (11, 297, 4_298, 0.119)]
            .map(|(from, to, users, recall)| UserGroupRecord { from, to, users, test: metrics(recall) })
            .to_vec(),
        item_groups: [(1, 6, 10_100, 410), (6, 13, 9_950, 760), (13, 37, 10_012, 1_190), (37, 931, 9_967, 2_210)]
            .map(|(from, to, positives, hits)| ItemGroupRecord { from, to, positives, hits })
            .to_vec(),
        map: map(seed),
        examples: (0..5).map(example).collect(),
    }
}

/// Items of twelve kinds: content says which, IDs say something else, the final space is between the two.
fn map(seed: u64) -> MapRecord {
    let rng = &mut random::generator(seed + 2);
    let centres = random::matrix(12, 64, rng);
    let (shift, own) = (random::matrix(4, 64, rng), random::matrix(4 * MAPPED, 64, rng));
    let ids = random::matrix(12, 64, rng);
    let noisy = |base: &Array2<f64>, mix: usize, k: usize, amount: f64| -> Vec<f64> {
        let group = if k == 0 { mix % 12 } else { (mix * 7 / 5) % 12 };
        (0..64).map(|d| base[[group, d]] + amount * own[[k * MAPPED + mix, d]]).collect()
    };
    let space = |name: &str, row: &dyn Fn(usize) -> Vec<f64>| MapSpace {
        name: name.to_owned(),
        positions: (0..MAPPED).map(|item| row(item).into_iter().map(|x| x as f32).collect()).collect(),
    };
    let mm = |item: usize| noisy(&centres, item, 0, 0.55);
    let id = |item: usize| noisy(&ids, item, 1, 0.8);
    let moved = |row: Vec<f64>, k: usize, by: f64| {
        row.iter().enumerate().map(|(d, x)| x + by * shift[[k, d]]).collect::<Vec<f64>>()
    };
    MapRecord {
        items: (0..MAPPED).map(|item| name(item as u32)).collect(),
        spaces: vec![
            space("final", &|item| mm(item).iter().zip(id(item)).map(|(a, b)| 0.5 * a + 0.8 * b).collect()),
            space("id", &id),
            space("mm", &|item| moved(mm(item), 0, 0.5)),
            space("text", &|item| moved(noisy(&centres, item, 2, 0.7), 1, 0.8)),
            space("vision", &|item| moved(noisy(&centres, item, 3, 0.9), 2, 1.1)),
        ],
    }
}

fn name(item: u32) -> ItemName {
    let kinds = [
        "Trail running shoe",
        "Yoga mat, extra thick",
        "Carbon bicycle pump with pressure gauge and two adapters",
        "Camping stove",
        "Fishing line 300 m",
        "Golf glove",
    ];
    let makers = ["Northfell", "Osprey & Sons", "Kestrel", "Ørsted", "Blue Harbour"];
    let title = match item {
        3 => Some(HOSTILE.to_owned()),
        item if item % 17 == 5 => None,
        item => Some(format!("{} {} {}", makers[item as usize % 5], kinds[item as usize % 6], item)),
    };
    ItemName { item, id: format!("B00{item:06}X"), title }
}

fn example(k: u32) -> ExampleRecord {
    let list = |name_of: &str, step: u32, from: f64| ExampleSpace {
        name: name_of.to_owned(),
        neighbours: (1..=6).map(|n| (name(k * 31 + n * step), from - 0.03 * f64::from(n))).collect(),
    };
    ExampleRecord {
        of: name(k * 13),
        degree: [3, 12, 57, 211, 1][k as usize],
        spaces: vec![list("final", 6, 0.91), list("id", 5, 0.83), list("raw_mm", 3, 0.78)],
    }
}

/// Eight variants, the first the reference.
pub fn comparison() -> Comparison {
    let rows = [
        ("published", "The published objective.", "", 0.1066, 0.31, 0.57, 1.0, None),
        (
            "no alignment",
            "Neither alignment term.",
            "anchorrec.weights.align=0",
            0.1051,
            0.33,
            0.55,
            0.0004,
            Some(0.71),
        ),
        (
            "no anchor decoder",
            "ρ = 0: the final item embedding is the plain sum.",
            "anchorrec.rho=0",
            0.1065,
            0.30,
            0.57,
            0.61,
            Some(0.94),
        ),
        (
            "no AMP",
            "Similarities of the features are not kept.",
            "anchorrec.weights.amp=0",
            0.1022,
            0.19,
            0.68,
            0.00001,
            Some(0.55),
        ),
        (
            "frozen targets",
            "cos(F) stays what it was.",
            "anchorrec.targets=frozen",
            0.1068,
            0.34,
            0.54,
            0.34,
            Some(0.82),
        ),
        (
            "direct alignment",
            "Each modality is aligned with the IDs, without a projection.",
            "anchorrec.alignment=direct",
            0.1038,
            0.24,
            0.66,
            0.00002,
            Some(0.63),
        ),
        (
            "text only",
            "Text alone, as the anchor too.",
            "features.modalities=text",
            0.1059,
            0.22,
            0.58,
            0.048,
            Some(0.69),
        ),
        (
            "shuffled features",
            "Every item carries another item's features.",
            "features.content=shuffled",
            0.0871,
            0.02,
            0.77,
            0.0,
            Some(0.33),
        ),
    ];
    let mean = |mean: f64, sd: f64| MeanSd { mean, sd: Some(sd) };
    Comparison {
        dataset: "amazon-sports".to_owned(),
        reference: "published".to_owned(),
        seeds: SEEDS.to_vec(),
        comparisons: 14,
        diverged: Vec::new(),
        variants: rows
            .iter()
            .map(|&(name, about, settings, recall, content, ids, p, shared)| {
                let over = |metrics: Metrics| -> BTreeMap<String, MeanSd> {
                    metrics.into_iter().map(|(name, value)| (name, mean(value, 0.0006))).collect()
                };
                let tests = |scale: f64| {
                    let difference = scale * (recall - 0.1066);
                    PairedTests {
                        users: 35_598,
                        mean: difference,
                        interval: (difference - 0.0007, difference + 0.0007),
                        t_p: p / 14.0,
                        t_p_corrected: p,
                        wilcoxon_p: p / 10.0,
                        wilcoxon_p_corrected: if name == "text only" { 0.083 } else { p },
                    }
                };
                VariantRecord {
                    name: name.to_owned(),
                    about: about.to_owned(),
                    settings: if settings.is_empty() { Vec::new() } else { vec![settings.to_owned()] },
                    folder: name.replace(' ', "-"),
                    training: Some(VariantTraining { epochs: EPOCHS, best_at_end: 0 }),
                    parameters: 100_459_328,
                    valid: over(metrics(recall - 0.002)),
                    test: over(metrics(recall)),
                    collapse: [
                        ("overlap final-raw_mm", content, 0.004),
                        ("overlap final-id", ids, 0.006),
                        ("spread id-mm", 0.61 + 0.3 * (0.3 - content), 0.01),
                        ("effective rank final", 31.4 - 20.0 * (ids - 0.57), 0.5),
                    ]
                    .map(|(name, value, sd)| (name.to_owned(), mean(value, sd)))
                    .into(),
                    against: if shared.is_some() {
                        [("recall@20".to_owned(), tests(1.0)), ("ndcg@20".to_owned(), tests(0.44))].into()
                    } else {
                        BTreeMap::new()
                    },
                    shared_recommendations: shared,
                }
            })
            .collect(),
    }
}
