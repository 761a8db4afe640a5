//! A data set in memory, with what is known about it.

use crate::args::DataOptions;
use crate::progress::Progress;
use crate::source::{self, Source};
use anchorrec_data::{Dataset, Input, Manifest, Modality, Provenance, provenance_of};
use anchorrec_trainer::job::phase;

use anchorrec_records::report::{DataRecord, InputRecord, PhaseRecord};
use anchorrec_trainer::{Event, Observer};
use anyhow::Result;
use std::collections::BTreeMap;

/// A data set in memory.
pub struct Loaded {
    /// The data.
    pub dataset: Dataset,
    /// The manifest that knows it.
    pub manifest: Option<Manifest>,
    /// Where its numbers come from.
    pub source: Provenance,
    /// What a reader must know before trusting the numbers.
    pub notices: Vec<String>,
    /// What loading took.
    pub phases: Vec<PhaseRecord>,
}

/// Finds and loads it, and tells what is unusual about it.
pub fn load(options: &DataOptions, progress: &mut Progress) -> Result<Loaded> {
    let Source { dir, mut manifest, mut notices } = source::find(options)?;
    let mut phases = Vec::new();
    let dataset = phase("load", &mut phases, progress, || Dataset::load(&dir))?;
    if manifest.is_none()
        && let Some(known) = source::recognise(&options.datasets, &dataset.inputs)
    {
        notices.push(format!(
            "recognised as {} by its bytes; its tuned settings need --dataset {}",
            known.name, known.name
        ));
        manifest = Some(known);
    }
    notices.extend(dataset.notes());
    let (source, provenance) = provenance(&dataset, manifest.as_ref());
    notices.extend(provenance);
    if let Some(counts) = manifest.as_ref().map(|m| m.counts).filter(|_| source != Provenance::Synthetic) {
        let record = &dataset.interactions;
        let dropped = dataset.findings.dropped_valid + dataset.findings.dropped_test;
        let interactions = record.train.len() + record.valid.len() + record.test.len() + dropped;
        if (record.users, record.items, interactions) != (counts.users, counts.items, counts.interactions) {
            notices.push(format!(
                "{} users, {} items, {interactions} interactions: the manifest expects {}, {}, {}",
                record.users, record.items, counts.users, counts.items, counts.interactions
            ));
        }
    }
    for notice in &notices {
        progress.event(Event::Notice(notice));
    }
    Ok(Loaded { dataset, manifest, source, notices, phases })
}

impl Loaded {
    /// The data as a report tells it.
    pub fn record(&self) -> DataRecord {
        data_record(&self.dataset, self.source)
    }

    /// Its files as a report tells them.
    pub fn inputs(&self) -> Vec<InputRecord> {
        let record = |input: &Input| InputRecord {
            path: input.path.display().to_string(),
            bytes: input.bytes,
            sha256: input.sha256.clone(),
        };
        self.dataset.inputs.iter().map(record).collect()
    }
}

/// What the data is, and what a reader should know about it.
fn provenance(dataset: &Dataset, manifest: Option<&Manifest>) -> (Provenance, Vec<String>) {
    let (source, notes) = match manifest {
        Some(manifest) => provenance_of(manifest, &dataset.inputs),
        None => (Provenance::Real, Vec::new()),
    };
    match (dataset.synthetic, source) {
        (true, _) => (Provenance::Synthetic, vec!["the folder is marked as synthetic".to_owned()]),
        // Nobody says that it is derived or made up; the notes say which files no manifest knows.
        (false, Provenance::Unknown) => (Provenance::Real, notes),
        (false, source) => (source, notes),
    }
}

fn data_record(dataset: &Dataset, source: Provenance) -> DataRecord {
    let interactions = &dataset.interactions;
    let widths = Modality::ALL
        .into_iter()
        .filter_map(|modality| Some((modality.to_string(), dataset.features.of(modality)?.ncols())))
        .collect::<BTreeMap<_, _>>();
    DataRecord {
        name: dataset.name.clone(),
        dir: dataset.dir.display().to_string(),
        source,
        users: interactions.users,
        items: interactions.items,
        train: interactions.train.len(),
        valid: interactions.valid.len(),
        test: interactions.test.len(),
        widths,
        absent: dataset.findings.absent.iter().map(ToString::to_string).collect(),
        findings: dataset.findings.clone(),
    }
}
