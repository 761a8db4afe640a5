//! What the numbers show, in sentences that are made of them.
//!
//! A sentence says no more than its numbers do: two shares closer than [`ALIKE`] are called about the same, a claim about a direction that the seeds do
//! not agree on is not made, and a difference between variants counts only where it survives its correction.
//!
//! | module | about |
//! |---|---|
//! | [`caution`] | what to know before reading on: made-up data, one seed, controls |
//! | [`accuracy`] | the result, how sure it is, how training ended |
//! | [`spaces`] | what the final space follows, how its positions spread |
//! | [`service`] | who is served, and with what |
//! | [`variants`] | variants against the reference |

pub mod accuracy;
pub mod caution;
pub mod service;
pub mod spaces;
pub mod variants;

use crate::read::Run;
use crate::spaces::Spaces;

/// Level of significance, after correction.
pub const LEVEL: f64 = 0.05;

/// Shares that are closer than this are called about the same.
pub const ALIKE: f64 = 0.02;

/// Sentences under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// What they are about.
    pub heading: &'static str,
    /// The sentences.
    pub sentences: Vec<String>,
}

/// About a run.
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

/// The first letter large.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
