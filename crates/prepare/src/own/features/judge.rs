//! What is said of features that fit, and when they cannot be right.

use super::ids;
use super::items::{Coverage, ItemFeatures};
use anchorrec_data::note::{Kind, either};
use anchorrec_files::grouped;
use anchorrec_formats::{FormatError, Note, file_error};

/// The largest number whose square is one of single precision.
const LARGEST: f32 = 1.8e19;

/// Judges how features fit the items of a set. `known` says whether an item had an interaction before any was dropped; `listed`: whether the
/// items without features are in a file of the ready folder.
///
/// # Errors
/// When no item has a row; when fewer than half have, and that is not allowed; when every row that an item has is zero, or the same.
pub fn judge(
    of_items: &ItemFeatures,
    items: &[&str],
    known: &dyn Fn(&str) -> bool,
    allow_missing: bool,
    listed: bool,
) -> Result<(Coverage, Vec<Note>), FormatError> {
    let (modality, path) = (of_items.modality, of_items.path.as_path());
    let coverage = of_items.coverage(items.iter().copied());
    let without: Vec<&str> =
        (0..items.len()).filter(|&item| coverage.row[item].is_none()).map(|item| items[item]).collect();
    // Rows of items that a k-core dropped: its step counts them.
    let unknown: Vec<&str> =
        coverage.unknown.iter().map(|&row| of_items.ids[row].as_str()).filter(|id| !known(id)).collect();
    let matched = items.len() - without.len();
    let share = format!(
        "{} of {} items ({:.1} %)",
        grouped(matched),
        grouped(items.len()),
        100.0 * matched as f64 / items.len().max(1) as f64
    );
    if matched == 0 || (2 * matched < items.len() && !allow_missing) {
        let expected = match matched {
            0 => "a row for the items of the data",
            _ => "a row for at least half of the items (--allow-missing accepts fewer)",
        };
        let row = unknown.first().map_or(String::new(), |row| format!(" and row {row:?} is of no item"));
        let reason = ids::reason(&without, &unknown).map_or(String::new(), |reason| format!("; {reason}"));
        let item = without.first().map_or(String::new(), |item| format!(": item {item:?} has none"));
        return Err(file_error(path, expected, format!("one for {share}{item}{row}{reason}")));
    }
    let mut rows = coverage.row.iter().flatten().map(|&row| of_items.rows.row(row));
    let first = rows.next();
    if matched > 1 && rows.all(|row| Some(row) == first) && first.is_some_and(|row| row.iter().any(|&x| x != 0.0)) {
        let found = format!("the same numbers in the rows of all {} items", grouped(matched));
        return Err(file_error(path, "numbers in which items differ", found));
    }
    let mut zeros = (0..items.len())
        .filter(|&item| coverage.row[item].is_some_and(|row| of_items.rows.row(row).iter().all(|&x| x == 0.0)));
    if zeros.clone().count() == matched {
        let found = format!("nothing but zeros in the rows of all {} items", grouped(matched));
        return Err(file_error(path, "numbers in which items differ", found));
    }
    let mut notes = Vec::new();
    if !coverage.rewritten.is_empty() {
        let text =
            format!("ids of {} and of the interactions are one whole number in two ways of writing", path.display());
        let pair =
            |&item: &usize| format!("{} and {}", coverage.row[item].map_or("", |row| &of_items.ids[row]), items[item]);
        notes.push(
            Note::new(Kind::Guessed, "ids-in-two-ways", coverage.rewritten.len(), text)
                .with(coverage.rewritten.iter().map(pair)),
        );
    }
    if !without.is_empty() {
        let (have, get) = if without.len() == 1 { ("item has", "gets") } else { ("items have", "get") };
        let list = if listed { format!(", {} has all", modality.missing_file()) } else { String::new() };
        let text =
            format!("{have} no {modality} features and {get} the mean of the others; {share} have their own{list}");
        notes.push(Note::new(Kind::Filled, "features-filled", without.len(), text).with(&without));
    }
    if let Some((count, difference)) = ids::difference(&without, &unknown) {
        let text = either(count, "id without a row of its own in", "ids without a row of their own in");
        let text = format!("{text} {} {difference}", path.display());
        notes.push(Note::new(Kind::Odd, "ids-nearly-match", count, text));
    }
    if !unknown.is_empty() {
        let words = either(unknown.len(), "row of {} is of an item", "rows of {} are of items");
        let text = words.replace("{}", &path.display().to_string())
            + " without an interaction, left out; --keep-new-items keeps such items as candidates";
        notes.push(Note::new(Kind::Dropped, "features-of-unknown-items", unknown.len(), text).with(&unknown));
    }
    let large =
        |item: &usize| coverage.row[*item].is_some_and(|row| of_items.rows.row(row).iter().any(|&x| x.abs() > LARGEST));
    let large: Vec<usize> = (0..items.len()).filter(large).collect();
    if !large.is_empty() {
        let text = either(
            large.len(),
            "row of {} has a number whose square is beyond single precision",
            "rows of {} have numbers whose squares are beyond single precision",
        );
        let text = text.replace("{}", &path.display().to_string());
        let names = large.iter().map(|&item| items[item]);
        notes.push(Note::new(Kind::Odd, "large-features", large.len(), text).with(names));
    }
    // The ready folder says this of its own files.
    if !listed && zeros.clone().next().is_some() {
        let words = either(
            zeros.clone().count(),
            "row of {} is all zero: its item is similar to nothing but itself",
            "rows of {} are all zero: those items are similar to nothing but themselves",
        );
        let text = words.replace("{}", &path.display().to_string());
        let count = zeros.clone().count();
        notes.push(Note::new(Kind::Odd, "zero-features", count, text).with(zeros.by_ref().map(|item| items[item])));
    }
    Ok((coverage, notes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_data::Modality;
    use ndarray::Array2;
    use std::path::PathBuf;

    fn judged(ids: &[&str], items: &[&str], allow: bool) -> Result<String, String> {
        let rows = Array2::from_shape_fn((ids.len(), 2), |(row, column)| match ids[row] {
            "zero" => 0.0,
            "same" | "again" => 0.5,
            "large" => -1e20,
            _ => (row + column + 1) as f32,
        });
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        let features = ItemFeatures { modality: Modality::Text, path: PathBuf::from("f"), ids, rows };
        let known = |id: &str| id == "dropped";
        let notes = judge(&features, items, &known, allow, false).map_err(|error| error.to_string())?.1;
        Ok(notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }

    #[test]
    fn features_that_fit_no_item_or_few_are_refused_with_the_reason() {
        let said = judged(&["1", "2"], &["01", "02"], true).unwrap_err();
        assert!(
            said.contains("found one for 0 of 2 items (0.0 %): item \"01\" has none and row \"1\" is of no item"),
            "{said}"
        );
        assert!(said.contains("2 would match but for leading zeros"), "{said}");
        let few = (&["a", "x"][..], &["a", "b", "c"][..]);
        assert!(judged(few.0, few.1, false).unwrap_err().contains("--allow-missing"));
        let said = judged(few.0, few.1, true).unwrap();
        assert!(
            said.contains("2 items have no text features and get the mean of the others; 1 of 3 items (33.3 %)"),
            "{said}"
        );
        assert!(said.contains("1 row of f is of an item without an interaction, left out; --keep-new-items keeps such items as candidates (x)"), "{said}");
    }

    #[test]
    fn rows_of_zeros_are_counted_and_nothing_else_is_refused() {
        assert!(judged(&["zero"], &["zero"], false).unwrap_err().contains("nothing but zeros in the rows of all 1"));
        assert!(judged(&["zero", "a"], &["zero", "a"], false).unwrap().starts_with("1 row of f is all zero"));
        assert_eq!(judged(&["a", "dropped"], &["a"], false).unwrap(), "");
        let said = judged(&["same", "again"], &["same", "again"], false).unwrap_err();
        assert!(said.contains("the same numbers in the rows of all 2 items"), "{said}");
        assert_eq!(judged(&["same", "a"], &["same", "a"], false).unwrap(), "");
        let said = judged(&["large", "a"], &["large", "a"], false).unwrap();
        assert_eq!(said, "1 row of f has a number whose square is beyond single precision (large)");
        assert!(judged(&["3.0"], &["3"], false).unwrap().contains("in two ways of writing (3.0 and 3)"));
    }

    #[test]
    fn ids_that_nearly_match_beside_others_are_said() {
        let said = judged(&["a", "b", "C", "x"], &["a", "b", "c"], false).unwrap();
        let want = "1 id without a row of its own in f would match but for upper and lower case: \"c\" and \"C\"";
        assert!(said.contains(want), "{said}");
        assert!(!judged(&["a", "b", "x"], &["a", "b", "c"], false).unwrap().contains("would match"));
    }
}
