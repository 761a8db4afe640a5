//! What a reader must know before trusting a number.

use crate::number::{counted, listed};
use crate::read::Run;
use anchorrec_data::Provenance;
use anchorrec_records::RecordedSettings;

/// Writes one sentence for each reason to be careful.
pub fn sentences(run: &Run) -> Vec<String> {
    let report = &run.report;
    let mut out = Vec::new();
    match report.data.source {
        Provenance::Synthetic => out.push(
            "The data is synthetic: made up by a program. No number here can be compared with a paper or with any real data set.".to_owned(),
        ),
        Provenance::Derived => out.push(
            "The interactions are real, but some features were rebuilt from others, so the numbers are not those of the published features."
                .to_owned(),
        ),
        Provenance::Unknown => out.push(
            "No manifest knows all of these files, so nothing is known here about where the data comes from or whether it was changed.".to_owned(),
        ),
        Provenance::Real => {}
    }
    out.extend(features(&report.config).into_iter().map(str::to_owned));
    if !report.data.absent.is_empty() {
        let what = listed(&report.data.absent);
        let parts =
            if report.data.absent.len() == 1 { "its terms and its part" } else { "their terms and their parts" };
        out.push(format!("The data has no {what} features: {parts} of the model are absent."));
    }
    match report.runs.len() {
        0 => out.push("The report holds no finished run.".to_owned()),
        1 => out.push("There is one seed: how much the numbers change from seed to seed is not known.".to_owned()),
        2..=4 => out.push(format!(
            "The intervals rest on {}; they cover what changes from seed to seed, on one split of one data set.",
            counted(report.runs.len(), "seed", "seeds")
        )),
        _ => {}
    }
    if run.analyses.is_empty() && !report.runs.is_empty() {
        out.push("Nothing can be said about the model's spaces: there is no analysis of its weights.".to_owned());
    } else if run.analyses.len() < report.runs.len() {
        out.push(format!(
            "What is said about spaces rests on {} of {} seeds, those that were analysed.",
            run.analyses.len(),
            report.runs.len()
        ));
    }
    out.extend(run.notes.iter().cloned());
    out
}

/// What is unusual about the features that the model was given.
fn features(config: &RecordedSettings) -> Vec<&'static str> {
    let content = match config.text("features.content") {
        Some("shuffled") => Some(
            "This is a control: every item carries the features of another item, so content tells the model nothing true.",
        ),
        Some("random") => Some("This is a control: all features are random numbers."),
        _ => None,
    };
    let kept = match config.text("features.modalities") {
        Some("text") => Some("The model was given the text features alone; they are its anchor as well."),
        Some("vision") => Some("The model was given the image features alone; they are its anchor as well."),
        _ => None,
    };
    content.into_iter().chain(kept).collect()
}
