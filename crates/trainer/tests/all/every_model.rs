//! What a run of every model of the list keeps: the same bits for any number of threads and any interruption, and words for its terms.

use anchorrec_data::{Dataset, TwinSpec, generate};
use anchorrec_files::disk::FileSystem;
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use anchorrec_records::report::RunRecord;
use anchorrec_trainer::numerics;
use anchorrec_trainer::{Job, Observer, Outcome, RunConfig, RunEvent, RunFolder, RunOptions};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks a run to stop after so many steps of a sitting.
struct StopAfter<'a> {
    steps: usize,
    stop: &'a AtomicBool,
}

impl Observer for StopAfter<'_> {
    fn event(&mut self, event: RunEvent<'_>) {
        if let RunEvent::Step { .. } = event {
            self.steps = self.steps.saturating_sub(1);
            self.stop.store(self.steps == 0, Ordering::Relaxed);
        }
    }
}

struct StepPlace {
    data: tempfile::TempDir,
}

impl StepPlace {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let spec = TwinSpec {
            mm_width: Some(6),
            text_width: Some(5),
            vision_width: Some(7),
            ..TwinSpec::new("small", 60, 40, 500)
        };
        generate(&spec, 1).write(data.path()).unwrap();
        StepPlace { data }
    }

    /// Runs a model on so many threads, stopped after every `sitting` steps.
    fn run(&self, model: &'static dyn Model, threads: usize, sitting: usize, out: &Path) -> (RunRecord, usize) {
        let mut config = RunConfig::defaults(MODELS);
        config.model = model;
        (config.train.epochs, config.train.batch_size) = (3, 80);
        let config = config.check().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut sittings = 0;
        loop {
            let folder = RunFolder::open(out, Box::new(FileSystem)).unwrap();
            let job = Job::new(config.clone(), Dataset::load(self.data.path()).unwrap());
            let options = RunOptions { resume: sittings > 0, ..RunOptions::default() };
            let stop = AtomicBool::new(false);
            let mut observer = StopAfter { steps: sitting, stop: &stop };
            sittings += 1;
            match pool.install(|| job.run(&folder, options, &stop, &mut observer)).unwrap() {
                Outcome::Done(mut records) => return (records.remove(0), sittings),
                Outcome::Stopped => {}
            }
        }
    }
}

#[test]
fn threads_and_interruptions_change_no_bit() {
    let place = StepPlace::new();
    for model in MODELS.iter() {
        let out = tempfile::tempdir().unwrap();
        let run =
            |threads, sitting| place.run(model, threads, sitting, &out.path().join(format!("{threads}-{sitting}")));
        let (whole, sittings) = run(1, usize::MAX);
        assert_eq!(sittings, 1, "{model}");
        // Three epochs of a few steps each: seven steps end within an epoch.
        let (interrupted, sittings) = run(3, 7);
        assert!(sittings > 1, "{model}: nothing was interrupted");
        assert_eq!(interrupted.checkpoint_sha256, whole.checkpoint_sha256, "{model}");
        let numbers = |run: &RunRecord| {
            run.curve.iter().map(|e| (e.loss, e.terms.clone(), e.valid.clone(), e.test.clone())).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&interrupted), numbers(&whole), "{model}");
        assert_eq!(interrupted.about, whole.about, "{model}");
        let terms = whole.curve.iter().flat_map(|epoch| epoch.terms.keys());
        assert!(terms.into_iter().all(|term| whole.about.contains_key(term)), "{model}: terms without words");
    }
}

/// The command's tests compute the bits where they can be compared; that they were recorded is asked for everywhere.
#[test]
fn the_portable_bits_of_every_model_are_recorded() {
    let missing: Vec<&str> =
        MODELS.iter().map(|model| model.name()).filter(|name| numerics::recorded(name, "portable").is_none()).collect();
    assert!(
        missing.is_empty(),
        "no portable line in crates/trainer/src/numerics.txt: {}; `cargo test -p anchorrec-cli --test all recorded_bits` prints them",
        missing.join(", ")
    );
    for line in numerics::RECORDED.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(' ').next().unwrap_or_default();
        assert!(MODELS.find(name).is_some(), "numerics.txt: there is no model `{name}`");
    }
}
