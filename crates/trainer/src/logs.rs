//! A run's curve for other programs while it grows: TensorBoard event files and JSON lines, one folder for each seed.
//!
//! | file | what |
//! |---|---|
//! | `events.out.tfevents.anchorrec` | TFRecord frames of `Event` messages: the epoch is the step, its numbers are scalars |
//! | `epochs.jsonl` | [`EpochRecord`]s, one JSON object a line |
//!
//! Both are appended to after each epoch and flushed. A run that continues from a checkpoint trains the epochs after it again. Before it does, the files
//! are cut back to the epochs of the checkpoint, so no step occurs twice and none goes back: of the events, the longest beginning that tells the
//! same numbers as the run's own curve stays, with its times; what is missing of the curve is written again, with the time of writing. So an event
//! file that a kill cut within a record, or that is of another run, is put right too.
//!
//! Being appended to, an event file is not written whole or not at all: a reader that comes in the middle of a write finds an unfinished last
//! record, as it does with TensorFlow's own, and waits for the rest.

mod event;
mod frame;

use crate::observer::{Observer, RunEvent};
use crate::run_folder::{RunFolder, line};
use anchorrec_files::atomic::write_atomic;
use anchorrec_files::disk::{Disk, DiskFile};
use anchorrec_records::report::{EpochRecord, RunRecord};
use event::Event;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use thiserror::Error;

/// The name of an event file. TensorBoard recognises what contains `tfevents`.
pub const EVENTS: &str = "events.out.tfevents.anchorrec";

/// The name of the JSON lines.
pub const LINES: &str = "epochs.jsonl";

/// A log that could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
#[error("{path}: cannot write the log; the run itself is not concerned")]
pub struct LogError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

/// Logs of the runs of a job.
pub struct Logs<'a> {
    folder: PathBuf,
    disk: &'a dyn Disk,
    now: fn() -> f64,
    seed: u64,
    files: Option<Files>,
    failed: Option<LogError>,
}

/// The files of the seed that is trained.
struct Files {
    events: PathBuf,
    lines: PathBuf,
    append_events: Box<dyn DiskFile>,
    append_lines: Box<dyn DiskFile>,
}

impl<'a> Logs<'a> {
    /// Logs into `folder/seed-<s>`; nothing is written before the first run begins.
    pub fn new(folder: PathBuf, disk: &'a dyn Disk) -> Self {
        Self::with_clock(folder, disk, seconds_since_1970)
    }

    fn with_clock(folder: PathBuf, disk: &'a dyn Disk, now: fn() -> f64) -> Self {
        Logs { folder, disk, now, seed: 0, files: None, failed: None }
    }

    /// Logs a run into `dir`, below which it has the place that its folder has below `out`.
    pub fn of_run(dir: &Path, run: &RunFolder, out: &Path, disk: &'a dyn Disk) -> Self {
        Self::new(dir.join(run.path().strip_prefix(out).unwrap_or(run.path())), disk)
    }

    /// Writes the logs of runs that were trained before.
    pub fn write_finished(&mut self, runs: &[RunRecord]) {
        for run in runs {
            self.begin(run.seed, &run.curve);
        }
    }

    /// Ends; what could not be written is said here, since no training is lost by it.
    ///
    /// # Errors
    /// With the first file that could not be written. Nothing was logged after it.
    pub fn finish(self) -> Result<(), LogError> {
        self.failed.map_or(Ok(()), Err)
    }

    /// Returns the folder of a seed.
    pub fn of(&self, seed: u64) -> PathBuf {
        self.folder.join(format!("seed-{seed}"))
    }

    fn begin(&mut self, seed: u64, curve: &[EpochRecord]) {
        if self.failed.is_some() {
            return;
        }
        self.seed = seed;
        let folder = self.of(seed);
        let (events, lines) = (folder.join(EVENTS), folder.join(LINES));
        let open = || -> Result<Files, LogError> {
            let at = |path: &Path| {
                let path = path.to_owned();
                move |source| LogError { path, source }
            };
            fs::create_dir_all(&folder).map_err(at(&folder))?;
            cut_back(self.disk, &events, curve, (self.now)()).map_err(at(&events))?;
            let text: String = curve.iter().map(line).collect();
            write_atomic(self.disk, &lines, |file| file.write_all(text.as_bytes())).map_err(at(&lines))?;
            let append_events = self.disk.append(&events).map_err(at(&events))?;
            let append_lines = self.disk.append(&lines).map_err(at(&lines))?;
            Ok(Files { events: events.clone(), lines: lines.clone(), append_events, append_lines })
        };
        match open() {
            Ok(files) => self.files = Some(files),
            Err(error) => self.failed = Some(error),
        }
    }

    fn epoch(&mut self, epoch: &EpochRecord) {
        let Some(files) = &mut self.files else { return };
        let record = frame::framed(&Event::of(epoch, (self.now)()).encoded());
        let text = line(epoch);
        // Each in one write, so that a reader sees whole records.
        let write = |file: &mut Box<dyn DiskFile>, path: &Path, bytes: &[u8]| {
            let written = file.write_all(bytes).and_then(|()| file.flush());
            written.map_err(|source| LogError { path: path.to_owned(), source })
        };
        let written = write(&mut files.append_events, &files.events, &record)
            .and_then(|()| write(&mut files.append_lines, &files.lines, text.as_bytes()));
        if let Err(error) = written {
            (self.failed, self.files) = (Some(error), None);
        }
    }
}

impl Observer for Logs<'_> {
    fn event(&mut self, event: RunEvent<'_>) {
        match event {
            RunEvent::RunStarted { seed, curve, .. } => self.begin(seed, curve),
            RunEvent::Epoch(epoch) => self.epoch(epoch),
            _ => {}
        }
    }
}

/// Makes an event file tell a curve and nothing else: keeps what it tells already, cuts the rest off, adds what is missing.
///
/// The file is cut where it lies and not replaced, so that a TensorBoard that has it open continues: the epochs that are trained again give the same
/// numbers, so their records have the same lengths and are at the same places.
fn cut_back(disk: &dyn Disk, path: &Path, curve: &[EpochRecord], now: f64) -> io::Result<()> {
    let (kept, epochs) = match File::open(path) {
        Ok(file) => told(file, curve)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => (0, 0),
        Err(error) => return Err(error),
    };
    if kept == 0 {
        return write_atomic(disk, path, |file| {
            file.write_all(&frame::framed(&Event::version(now).encoded()))?;
            curve.iter().try_for_each(|epoch| file.write_all(&frame::framed(&Event::of(epoch, now).encoded())))
        });
    }
    let mut file = File::options().write(true).open(path)?;
    file.set_len(kept)?;
    file.seek(io::SeekFrom::End(0))?;
    for epoch in &curve[epochs..] {
        file.write_all(&frame::framed(&Event::of(epoch, now).encoded()))?;
    }
    file.sync_all()
}

/// How many bytes of an event file tell the beginning of a curve, and how many epochs those are.
fn told(file: impl Read, curve: &[EpochRecord]) -> io::Result<(u64, usize)> {
    let mut frames = frame::Frames::new(io::BufReader::new(file));
    let version = frames.next().transpose()?.and_then(|payload| Event::decoded(&payload));
    if !version.is_some_and(|event| event.is_version()) {
        return Ok((0, 0));
    }
    let (mut kept, mut epochs) = (frames.bytes(), 0);
    for epoch in curve {
        let Some(payload) = frames.next().transpose()? else { break };
        let same = |event: &Event| event.tells_the_same(&Event::of(epoch, 0.0));
        if !Event::decoded(&payload).as_ref().is_some_and(same) {
            break;
        }
        (kept, epochs) = (frames.bytes(), epochs + 1);
    }
    Ok((kept, epochs))
}

fn seconds_since_1970() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |elapsed| elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_files::disk::FileSystem;
    use anchorrec_records::Metrics;

    fn curve(epochs: usize) -> Vec<EpochRecord> {
        (1..=epochs)
            .map(|epoch| EpochRecord {
                epoch,
                learning_rate: 0.001,
                loss: 1.0 / epoch as f64,
                terms: [("bpr".to_owned(), 0.5)].into(),
                valid: (epoch % 2 == 0).then(|| Metrics::from([("recall@20".to_owned(), 0.01 * epoch as f64)])),
                test: None,
                seconds: 1.5,
            })
            .collect()
    }

    fn started<'a>(curve: &'a [EpochRecord]) -> RunEvent<'a> {
        RunEvent::RunStarted { seed: 7, parameters: 1, epochs: 9, steps: 1, patience: None, made: 0, curve }
    }

    /// The epochs of an event file, their times, and whether every record of it is whole.
    fn events(folder: &Path) -> (Vec<(i64, f64)>, bool) {
        let bytes = fs::read(folder.join("seed-7").join(EVENTS)).unwrap();
        let mut frames = frame::Frames::new(&bytes[..]);
        let events: Vec<Event> = frames.by_ref().map(|payload| Event::decoded(&payload.unwrap()).unwrap()).collect();
        assert!(events[0].is_version());
        let whole = frames.bytes() == bytes.len() as u64;
        (events[1..].iter().map(|event| (event.step, event.wall_time)).collect(), whole)
    }

    fn lines(folder: &Path) -> Vec<usize> {
        let text = fs::read_to_string(folder.join("seed-7").join(LINES)).unwrap();
        text.lines().map(|line| serde_json::from_str::<EpochRecord>(line).unwrap().epoch).collect()
    }

    #[test]
    fn an_interrupted_run_leaves_no_step_twice_and_none_that_goes_back() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        let whole = curve(5);
        let sitting = |now: fn() -> f64, before: usize, trained: &[EpochRecord]| {
            let mut logs = Logs::with_clock(folder.to_owned(), &FileSystem, now);
            logs.event(started(&whole[..before]));
            trained.iter().for_each(|epoch| logs.event(RunEvent::Epoch(epoch)));
            logs.finish().unwrap();
        };
        sitting(|| 100.0, 0, &whole[..4]);
        assert_eq!(events(folder), ([1, 2, 3, 4].map(|step| (step, 100.0)).to_vec(), true));
        // A kill in the middle of a record, and a checkpoint of two epochs before.
        let path = folder.join("seed-7").join(EVENTS);
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(file.metadata().unwrap().len() - 5).unwrap();
        assert!(!events(folder).1);
        sitting(|| 200.0, 2, &whole[2..]);
        assert_eq!(events(folder), (vec![(1, 100.0), (2, 100.0), (3, 200.0), (4, 200.0), (5, 200.0)], true));
        assert_eq!(lines(folder), [1, 2, 3, 4, 5]);
        // A log that begins with the third sitting has the epochs before it.
        fs::remove_file(&path).unwrap();
        sitting(|| 300.0, 4, &whole[4..]);
        assert_eq!(events(folder), ([1, 2, 3, 4, 5].map(|step| (step, 300.0)).to_vec(), true));
        // Another run has other numbers, and a run that begins again has none.
        let mut other = curve(3);
        other[1].loss = 7.0;
        let mut logs = Logs::with_clock(folder.to_owned(), &FileSystem, || 400.0);
        logs.event(started(&other));
        logs.finish().unwrap();
        assert_eq!(events(folder).0, [(1, 300.0), (2, 400.0), (3, 400.0)]);
        sitting(|| 500.0, 0, &[]);
        assert_eq!((events(folder), lines(folder)), ((vec![], true), vec![]));
    }

    #[test]
    fn a_log_that_cannot_be_written_is_said_at_the_end() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "").unwrap();
        let mut logs = Logs::new(file.clone(), &FileSystem);
        logs.event(started(&[]));
        logs.event(RunEvent::Epoch(&curve(1)[0]));
        let error = logs.finish().unwrap_err();
        assert!(error.to_string().contains("cannot write the log"), "{error}");
    }
}
