//! A disk that fails: at every operation once, from every operation on, and when it is full. Whatever happens, the newest checkpoint
//! under its name can be read, the message says what failed, and the run resumes to the same end.

use anchorrec_data::{Dataset, TwinSpec, generate};
use anchorrec_files::disk::{Disk, DiskFile, FileSystem};
use anchorrec_files::with_causes;
use anchorrec_models::MODELS;
use anchorrec_records::report::RunRecord;
use anchorrec_trainer::{CheckedConfig, Job, Outcome, RunConfig, RunFolder, RunOptions, TrainError, checkpoint};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// When the disk fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Never,
    /// At operation `n`, from 0; the operations after it work again.
    Once(usize),
    /// At operation `n` and ever after.
    From(usize),
    /// Once so many bytes were written; only writing fails.
    Full(usize),
}

#[derive(Debug)]
struct Counts {
    fault: Fault,
    operations: usize,
    bytes: usize,
    failed: Option<&'static str>,
}

/// The file system, which fails when told to.
#[derive(Clone, Debug)]
struct FaultyDisk(Arc<Mutex<Counts>>);

impl FaultyDisk {
    fn new(fault: Fault) -> Self {
        FaultyDisk(Arc::new(Mutex::new(Counts { fault, operations: 0, bytes: 0, failed: None })))
    }

    fn operations(&self) -> usize {
        self.0.lock().unwrap().operations
    }

    fn failed(&self) -> Option<&'static str> {
        self.0.lock().unwrap().failed
    }

    fn pass(&self, name: &'static str, bytes: usize) -> io::Result<()> {
        let mut counts = self.0.lock().unwrap();
        let n = counts.operations;
        counts.operations += 1;
        counts.bytes += bytes;
        let fails = match counts.fault {
            Fault::Never => false,
            Fault::Once(at) => n == at,
            Fault::From(at) => n >= at,
            Fault::Full(most) => bytes > 0 && counts.bytes > most,
        };
        if !fails {
            return Ok(());
        }
        counts.failed.get_or_insert(name);
        Err(io::Error::new(io::ErrorKind::StorageFull, format!("{name} fails")))
    }
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.pass("create", 0)?;
        Ok(Box::new(FaultyFile { disk: self.clone(), file: FileSystem.create(path)? }))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.pass("append", 0)?;
        Ok(Box::new(FaultyFile { disk: self.clone(), file: FileSystem.append(path)? }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.pass("rename", 0)?;
        FileSystem.rename(from, to)
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        // Only counted: no test here takes the power away, and a real disk makes two hundred runs wait.
        self.pass("sync_folder", 0)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.pass("remove", 0)?;
        FileSystem.remove(path)
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    file: Box<dyn DiskFile>,
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.disk.pass("write", bytes.len()) {
            // A part of it arrives, as on a real disk.
            let _ = self.file.write(&bytes[..bytes.len() / 2]);
            return Err(error);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl DiskFile for FaultyFile {
    fn sync(&mut self) -> io::Result<()> {
        self.disk.pass("fsync", 0)
    }
}

struct Place {
    data: tempfile::TempDir,
    config: CheckedConfig,
}

impl Place {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        generate(&TwinSpec::new("small", 60, 40, 500), 1).write(data.path()).unwrap();
        let mut config = RunConfig::defaults(MODELS);
        config.model = MODELS.find("lightgcn").unwrap();
        (config.train.epochs, config.train.batch_size) = (3, 80);
        Place { data, config: config.check().unwrap() }
    }

    fn run(&self, out: &Path, disk: FaultyDisk, resume: bool) -> Result<RunRecord, TrainError> {
        let folder = RunFolder::open(out, Box::new(disk))?;
        let job = Job::new(self.config.clone(), Dataset::load(self.data.path()).unwrap());
        let options = RunOptions { resume, checkpoint_every: Duration::ZERO, ..RunOptions::default() };
        match job.run(&folder, options, &AtomicBool::new(false), &mut ())? {
            Outcome::Done(mut records) => Ok(records.remove(0)),
            Outcome::Stopped => unreachable!("nobody asked it to"),
        }
    }

    /// Runs into the fault, looks at what is left, resumes. Whether the fault was met.
    fn fail_and_resume(&self, fault: Fault, want: &RunRecord) -> bool {
        let out = tempfile::tempdir().unwrap();
        let disk = FaultyDisk::new(fault);
        let ended = self.run(out.path(), disk.clone(), false);
        let Some(failed) = disk.failed() else {
            assert_eq!(ended.unwrap().checkpoint_sha256, want.checkpoint_sha256);
            return false;
        };
        // A leftover that cannot be removed while another error is reported is not one more.
        if let Err(error) = ended {
            let message = with_causes(&error);
            assert!(
                message.contains(&format!("{failed} fails")) && message.contains("cannot "),
                "{fault:?}: {message}"
            );
        }
        let folder = RunFolder::open(out.path(), Box::new(FaultyDisk::new(Fault::Never))).unwrap();
        for saved in folder.checkpoints(want.seed) {
            checkpoint::about(&saved.path)
                .unwrap_or_else(|error| panic!("{fault:?}: {} {error}", saved.path.display()));
        }
        let partial = |name: &str| std::fs::read_dir(out.path()).unwrap().any(|f| f.unwrap().path().ends_with(name));
        assert!(!partial(".partial"), "{fault:?}: opening takes away what was left half written");
        drop(folder);
        let resumed = self.run(out.path(), FaultyDisk::new(Fault::Never), true).unwrap();
        assert_eq!(resumed.checkpoint_sha256, want.checkpoint_sha256, "{fault:?}");
        assert_eq!((resumed.best_epoch, &resumed.test), (want.best_epoch, &want.test), "{fault:?}");
        true
    }
}

#[test]
fn every_operation_may_fail() {
    let place = Place::new();
    let out = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::new(Fault::Never);
    let want = place.run(out.path(), disk.clone(), false).unwrap();
    let operations = disk.operations();
    assert!(operations > 60, "{operations} operations");
    for n in 0..operations {
        assert!(place.fail_and_resume(Fault::Once(n), &want), "operation {n} of {operations} was not reached");
        assert!(place.fail_and_resume(Fault::From(n), &want), "operation {n} of {operations} was not reached");
    }
    assert!(!place.fail_and_resume(Fault::Once(operations), &want));
    eprintln!("{operations} operations, each failed once and from then on");
}

#[test]
fn a_full_disk_loses_nothing() {
    let place = Place::new();
    let out = tempfile::tempdir().unwrap();
    let want = place.run(out.path(), FaultyDisk::new(Fault::Never), false).unwrap();
    for bytes in (0..60).map(|n| n * 5_000) {
        place.fail_and_resume(Fault::Full(bytes), &want);
    }
}
