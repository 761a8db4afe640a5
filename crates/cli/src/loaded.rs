//! A data set in memory, with what is known about it.

use crate::args::DataOptions;
use crate::progress::Progress;
use crate::settings::Tuned;
use crate::source::{self, DataFolder, Recognised};
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
    /// Why the manifest's tuned settings are not used, where they are not.
    untuned: Option<String>,
    /// Where its numbers come from.
    pub source: Provenance,
    /// What a reader must know before trusting the numbers.
    pub notices: Vec<String>,
    /// What loading took.
    pub phases: Vec<PhaseRecord>,
}

/// Finds and loads a data set, and tells what is unusual about it.
pub fn load(options: &DataOptions, progress: &mut Progress) -> Result<Loaded> {
    let DataFolder { dir, mut manifest, elsewhere, mut notices } = source::find(options)?;
    let mut phases = Vec::new();
    let dataset = phase("load", &mut phases, progress, || Dataset::load_with(&dir, &elsewhere))?;
    let mut untuned = None;
    if manifest.is_none() {
        match source::recognise(&options.datasets, &dataset.inputs) {
            Some((known, Recognised::Interactions)) => {
                notices.push(format!("recognised as {} by the bytes of its interactions", known.name));
                manifest = Some(known);
            }
            Some((known, Recognised::Other(name))) => {
                notices
                    .push(format!("recognised as {} by the bytes of {name}, but with other interactions", known.name));
                untuned = Some(format!("the interactions are not those of {}", known.name));
                manifest = Some(known);
            }
            None => untuned = Some("no manifest knows this data".to_owned()),
        }
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
    Ok(Loaded { dataset, manifest, untuned, source, notices, phases })
}

impl Loaded {
    /// The tuned settings of the data set: of the one that was named, else of the one whose interactions these are.
    pub fn tuned(&self) -> Tuned<'_> {
        match (&self.untuned, &self.manifest) {
            (Some(why), _) => Tuned::None(why),
            (None, Some(Manifest { name, settings, twin, .. })) => {
                let twin = self.dataset.synthetic.then_some(&twin.settings);
                Tuned::Of { dataset: name, settings, twin }
            }
            (None, None) => Tuned::None("no manifest knows this data"),
        }
    }

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
    match manifest {
        _ if dataset.synthetic => (Provenance::Synthetic, vec!["the folder is marked as synthetic".to_owned()]),
        Some(manifest) => provenance_of(manifest, &dataset.inputs),
        None => (Provenance::Unknown, vec!["no manifest knows this data: its origin is unknown".to_owned()]),
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
