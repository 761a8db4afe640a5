//! MIND's `behaviors.tsv`: an impression a line, without a header.
//!
//! ```text
//! 1   U13740   11/11/2019 9:05:58 AM   N55189 N42782 N34694   N55689-1 N35729-0
//! id  user     time                    history                what was shown: clicked (1) or not (0)
//! ```
//!
//! What was clicked is a row, at the time of the impression; what was shown and not clicked is left out, as everywhere where a label is 0. The
//! history has no times of its own and is not read, with a note. `news.tsv` beside it holds the titles. The first release had three columns
//! and `#TAB#` instead of tabs: it is not known for MIND.

use crate::error::{FormatError, io_error};
use crate::open;
use crate::source::{Row, Source, Written};
use crate::times;
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_files::Excerpt;
use anchorrec_files::lines::Lines;
use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::path::Path;

/// Bytes of the longest line: a history of some ten thousand items.
const LONGEST: usize = 4 << 20;
/// The fields of a line.
const FIELDS: usize = 5;

/// Whether a line is an impression.
pub(crate) fn fits(line: &str) -> bool {
    let fields: Vec<&str> = line.trim_end_matches(['\r', '\n']).split('\t').collect();
    fields.len() == FIELDS && times::american(fields[2]).is_some()
}

/// Whether a file begins with an impression.
pub(crate) fn begins(path: &Path) -> Result<bool, FormatError> {
    let mut first = Vec::new();
    let read = open::text(path)?.take(LONGEST as u64).read_until(b'\n', &mut first);
    read.map_err(io_error(path, "read"))?;
    Ok(fits(&String::from_utf8_lossy(&first)))
}

/// Reads the clicks of a file.
pub(crate) fn read(path: &Path, source: &mut Source) -> Result<(), FormatError> {
    let mut lines = Lines::new(open::text(path)?, LONGEST);
    let (mut history, mut unjudged) = (0, 0);
    while let Some((line, text)) = lines.next().map_err(|error| FormatError::lines(path, error))? {
        if text.is_empty() {
            continue;
        }
        let mut fields = [""; FIELDS];
        let mut found = 0;
        for field in text.split('\t') {
            if let Some(place) = fields.get_mut(found) {
                *place = field;
            }
            found += 1;
        }
        if found != FIELDS {
            source.set_aside(
                line,
                format!("{FIELDS} fields: impression, user, time, history, items"),
                found.to_string(),
            );
            continue;
        }
        let [_, user, time, before, shown] = fields;
        let Some(seconds) = times::american(time) else {
            let expected = "a time like 11/13/2019 8:36:57 AM".to_owned();
            source.set_aside(line, expected, Excerpt::of(time).to_string());
            continue;
        };
        history += before.split_ascii_whitespace().count();
        for item in shown.split_ascii_whitespace() {
            let (item, label) = match item.rsplit_once('-') {
                Some((item, label)) if label == "0" || label == "1" => (item, label),
                // The test set says what was shown and not what was clicked.
                _ => {
                    unjudged += 1;
                    continue;
                }
            };
            let (time, label) = (Some(Written::Seconds(seconds, 0)), Some(label));
            source.add(Row { number: line, user, item, time, label, ..Row::default() });
        }
    }
    if history > 0 {
        let text = either(
            history,
            "click of a history is not read: it has no time",
            "clicks of histories are not read: they have no times",
        );
        source.note(Note::new(Kind::Ignored, "history-not-read", history, text));
    }
    if unjudged > 0 {
        let text = either(
            unjudged,
            "item was shown and not judged (no -0 or -1): left out",
            "items were shown and not judged (no -0 or -1): left out",
        );
        source.note(Note::new(Kind::Dropped, "impressions-not-judged", unjudged, text));
    }
    Ok(())
}

/// Titles by item, of `news.tsv` beside the impressions; none without the file.
pub(crate) fn titles(behaviors: &Path) -> Result<HashMap<String, String>, FormatError> {
    let path = behaviors.with_file_name("news.tsv");
    let mut titles = HashMap::new();
    if !path.is_file() {
        return Ok(titles);
    }
    let mut lines = Lines::new(open::text(&path)?, LONGEST);
    while let Some((_, text)) = lines.next().map_err(|error| FormatError::lines(&path, error))? {
        let mut fields = text.split('\t');
        if let (Some(item), Some(title)) = (fields.next(), fields.nth(2)) {
            titles.insert(item.to_owned(), title.to_owned());
        }
    }
    Ok(titles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_impression_is_known_by_its_fields() {
        assert!(fits("1\tU13740\t11/11/2019 9:05:58 AM\tN55189 N42782\tN55689-1 N35729-0\r\n"));
        assert!(fits("1\tU13740\t11/11/2019 9:05:58 AM\t\tN55689"));
        for other in ["", "N1\tnews\tsoccer\tA title\tAn abstract", "1\tU\t2019-11-11 09:05:58\t\tN1-1", "U1\t#TAB#"] {
            assert!(!fits(other), "{other}");
        }
    }
}
