//! LightGCN's lists: `train.txt`, `test.txt` (and perhaps `valid.txt`), a user and its items a line, separated by blanks. MicroLens's
//! `_pairs.tsv` is one, with a tab behind the user.
//!
//! A user without items has a line of its own, perhaps with a blank behind it; it is counted and left out.

use crate::error::FormatError;
use crate::open;
use crate::source::{Row, Source};
use anchorrec_files::Excerpt;
use std::path::Path;

/// Bytes of the longest line: a user of a hundred thousand items.
const LONGEST: usize = 4 << 20;

/// Whether a line is a user and items: whole numbers and nothing else.
pub(crate) fn fits(line: &str) -> bool {
    let mut fields = line.split_whitespace().peekable();
    fields.peek().is_some() && fields.all(|field| field.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a line is a user, a tab and items between blanks, as MicroLens's `_pairs.tsv` has them.
pub(crate) fn fits_pairs(line: &str) -> bool {
    line.split_once('\t').is_some_and(|(user, items)| !items.contains('\t') && fits(user) && fits(items))
}

/// Reads the lists of a file.
pub(crate) fn read(path: &Path, source: &mut Source) -> Result<(), FormatError> {
    let mut lines = anchorrec_files::lines::Lines::new(open::text(path)?, LONGEST);
    while let Some((line, text)) = lines.next().map_err(|error| FormatError::lines(path, error))? {
        if text.trim().is_empty() {
            continue;
        }
        if !fits(text) {
            source.set_aside(line, "a user and its items as whole numbers".to_owned(), Excerpt::of(text).to_string());
            continue;
        }
        let mut fields = text.split_whitespace();
        let user = fields.next().unwrap_or_default();
        let mut any = false;
        for item in fields {
            any = true;
            source.add(Row { number: line, user, item, ..Row::default() });
        }
        if !any {
            source.empty_user(user);
        }
    }
    Ok(())
}
