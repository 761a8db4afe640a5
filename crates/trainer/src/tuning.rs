//! A search for settings of a model on validation, as [`search`](crate::search) describes it, carried out: trials trained several at once, a trace that the same search
//! goes on from.

mod asked;
mod rung;

pub use asked::{TuneError, Tuning};

use crate::error::TrainError;
use crate::identity::Identity;
use crate::layered::configuration;
use crate::loaded::Loaded;
use crate::search::{About, Search, SearchRange, Strategy, points, rungs};
use anchorrec_files::atomic::write_json;
use anchorrec_files::disk::FileSystem;
use anchorrec_files::folder_of;
use asked::FROM_DEFAULTS;
use rung::Rung;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

impl Tuning {
    /// Returns the file of the search's trace.
    pub fn trace(&self, loaded: &Loaded) -> PathBuf {
        self.out.join(&loaded.dataset.name).join(format!("tuning-{}.json", self.model))
    }

    /// Searches. Every trial that reached a rung is in the trace, so the same search goes on after an interruption. `say` is told what is reached.
    /// Returns nothing where `stop` ended it.
    ///
    /// # Errors
    /// When there is nothing to choose by, the trace is another search's, settings are not right, or a file cannot be written.
    pub fn search(
        &self,
        loaded: &Loaded,
        stop: &AtomicBool,
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<Option<Search>, TuneError> {
        if loaded.dataset.interactions.valid.is_empty() {
            return Err(TuneError::NoValidation { dir: loaded.dataset.dir.clone() });
        }
        let sources = configuration(self.models, Some(self.model), &self.said, FROM_DEFAULTS, &[])?.sources;
        say(&format!("settings of every trial: {sources}, then those of its point"));
        let trace = self.trace(loaded);
        let ranges = self.all_ranges()?;
        // A value that cannot work is told now, not after hours.
        points(&ranges, self.budget, self.search_seed)
            .iter()
            .try_for_each(|point| rung::config(self, point).map(drop))?;
        let mut search = begin(&trace, self.about(loaded)?, &ranges)?;
        for (place, epochs) in search.about.rungs.clone().into_iter().enumerate() {
            let (alive, count) = (search.alive(place), search.about.rungs.len());
            say(&format!("rung {} of {count}: {} trials up to epoch {epochs}", place + 1, alive.len()));
            let rung = Rung { tuning: self, loaded, place, epochs, stop, say };
            let done = rung.train(&mut search, &alive, |search| save(&trace, search))?;
            if !done || stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            // Also those that an interrupted search left.
            rung.forget_beaten(&search)?;
        }
        search.finish();
        save(&trace, &search)?;
        Ok(Some(search))
    }

    fn about(&self, loaded: &Loaded) -> Result<About, TuneError> {
        let seeds = self.said.seeds.clone().unwrap_or_default();
        if seeds.len() > 1 {
            return Err(TuneError::Seeds { seeds });
        }
        let config = rung::config(self, &[])?;
        let Identity { version, numerics, arithmetic, .. } = Identity::new(&config, &loaded.dataset.inputs);
        Ok(About {
            version,
            numerics,
            arithmetic,
            dataset: loaded.dataset.name.clone(),
            inputs: loaded.dataset.inputs.iter().map(|input| input.sha256.clone()).collect(),
            model: self.model.name().to_owned(),
            fixed: self.said.assignments()?,
            budget: self.budget,
            seed: self.search_seed,
            train_seed: config.train.seeds[0],
            rungs: rungs(self.strategy, config.train.epochs),
            ranges: self.ranges.iter().map(ToString::to_string).collect(),
            keeps_rising: self.strategy == Strategy::Rising,
        })
    }

    /// The model's own ranges, then those that were named.
    fn all_ranges(&self) -> Result<Vec<SearchRange>, TuneError> {
        let mut all: Vec<SearchRange> = self.model.card().ranges.iter().map(SearchRange::from).collect();
        let said = self.said.assignments()?;
        let is_set = |path: &str| said.iter().any(|said| said.split_once('=').is_some_and(|(of, _)| of.trim() == path));
        for range in &self.ranges {
            if is_set(&range.path) || all.iter().any(|known| known.path == range.path) {
                return Err(TuneError::TwoRanges { path: range.path.clone() });
            }
            all.push(range.clone());
        }
        Ok(all)
    }
}

/// The search in `trace`, if that is the same; a new one where there is none.
fn begin(trace: &Path, about: About, ranges: &[SearchRange]) -> Result<Search, TuneError> {
    let text = match std::fs::read_to_string(trace) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Search::new(about, ranges)),
        Err(source) => return Err(TuneError::Read { path: trace.to_owned(), source }),
    };
    let search: Search =
        serde_json::from_str(&text).map_err(|source| TuneError::NoTrace { path: trace.to_owned(), source })?;
    match search.about == about {
        true => Ok(search),
        false => Err(TuneError::OtherTrace { path: trace.to_owned() }),
    }
}

fn save(trace: &Path, search: &Search) -> Result<(), TrainError> {
    let written = || {
        std::fs::create_dir_all(folder_of(trace))?;
        write_json(&FileSystem, trace, search)
    };
    written().map_err(|source| TrainError::File { path: trace.to_owned(), action: "write the trace", source })
}
