//! What the numbers show, in sentences that are made of them.
//!
//! A sentence says no more than its numbers do: two shares closer than [`ALIKE`] are called about the same, a claim about a direction that the seeds do
//! not agree on is not made, and a difference between variants counts only where it survives its correction.
//!
//! | module | about |
//! |---|---|
//! | [`verdict`] | the result in one sentence |
//! | [`training`] | whether training was long enough to say anything |
//! | [`caution`] | what to know before reading on: made-up data, one seed, controls |
//! | [`accuracy`] | the baselines beside the result, how training ended |
//! | [`spaces`] | what the final space follows, how its positions spread |
//! | [`service`] | who is served, and with what |
//! | [`variants`] | variants against the reference |

pub mod accuracy;
pub mod caution;
pub mod paragraph;
pub mod service;
pub mod spaces;
pub mod training;
pub mod variants;
pub mod verdict;

pub use paragraph::{ALIKE, LEVEL, Paragraph};

use crate::read::Run;
use crate::spaces::Spaces;

/// Says what the numbers of a run show.
pub fn of_run(run: &Run) -> Vec<Paragraph> {
    let mut paragraphs = vec![
        Paragraph { heading: "Before you read on", sentences: caution::sentences(run) },
        Paragraph { heading: "Accuracy", sentences: accuracy::sentences(&run.report) },
    ];
    if let Some(spaces) = Spaces::of(run) {
        paragraphs.push(Paragraph { heading: "What the spaces keep", sentences: spaces::sentences(&spaces) });
        paragraphs.push(Paragraph { heading: "Who is served", sentences: service::sentences(&spaces) });
    }
    paragraphs.retain(|paragraph| !paragraph.sentences.is_empty());
    paragraphs
}
