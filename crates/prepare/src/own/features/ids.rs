//! Ids that are one number written in two ways, and why ids do not match.

use anchorrec_formats::whole::whole;
use std::collections::HashMap;

/// Rows by the whole number that their id is; a number that several have is none's.
pub(super) fn by_number<'a>(ids: impl Iterator<Item = (&'a str, usize)>) -> HashMap<String, usize> {
    let mut by_number: HashMap<String, Option<usize>> = HashMap::new();
    for (id, row) in ids {
        if let Some(number) = whole(id) {
            by_number.entry(number).and_modify(|known| *known = None).or_insert(Some(row));
        }
    }
    by_number.into_iter().filter_map(|(number, row)| Some((number, row?))).collect()
}

/// A difference between ids, and what is left of an id without it.
type Difference = (&'static str, fn(&str) -> Option<String>);

/// In the order in which they are tried.
const DIFFERENCES: [Difference; 6] = [
    ("leading zeros", |id| {
        let digits = id.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| id.trim_start_matches('0').to_owned())
    }),
    ("upper and lower case", |id| Some(id.to_lowercase())),
    ("blanks or quotation marks", |id| {
        Some(id.chars().filter(|c| !c.is_whitespace() && !['"', '\''].contains(c)).collect())
    }),
    ("hyphens", |id| Some(id.replace(['-', '_'], "").to_lowercase())),
    ("an ending such as .jpg", |id| {
        let (stem, ending) = id.rsplit_once('.').unwrap_or((id, ""));
        let is_ending = ending.len() <= 4 && ending.starts_with(|c: char| c.is_ascii_alphabetic());
        Some(if is_ending { stem } else { id }.to_owned())
    }),
    ("what stands before the number", |id| {
        let digits = id.trim_start_matches(|c: char| !c.is_ascii_digit());
        let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        whole.then(|| digits.trim_start_matches('0').to_owned())
    }),
];

/// In what most of those differ that match but for one difference: how many they are, and in words, with an example of either side.
pub(super) fn difference(items: &[&str], rows: &[&str]) -> Option<(usize, String)> {
    let tried = DIFFERENCES.iter().filter_map(|(what, strip)| {
        let by_rest: HashMap<String, &str> = rows.iter().filter_map(|row| Some((strip(row)?, *row))).collect();
        let mut pairs = items.iter().filter_map(|item| Some((*item, *by_rest.get(&strip(item)?)?)));
        let (item, row) = pairs.next()?;
        Some((1 + pairs.count(), what, item, row))
    });
    // Of equals the first.
    let best = tried.fold(None, |best: Option<(usize, _, _, _)>, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    });
    best.map(|(count, what, item, row)| (count, format!("would match but for {what}: {item:?} and {row:?}")))
}

/// Why none or few match: in words, with an example of either side.
pub(super) fn reason(items: &[&str], rows: &[&str]) -> Option<String> {
    if let Some((count, difference)) = difference(items, rows) {
        return Some(format!("{count} {difference}"));
    }
    let mut numbers: Vec<usize> = rows.iter().filter_map(|row| row.parse().ok()).collect();
    numbers.sort_unstable();
    let counted =
        rows.len() > 1 && numbers.len() == rows.len() && numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    let from_start = counted && numbers.first().is_some_and(|&first| first <= 1);
    from_start
        .then(|| "its ids count from 0 or 1: numbers of rows, or codes of categories, in place of ids?".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_ids_do_not_match() {
        for (items, rows, want) in [
            (["02", "03"], ["2", "3"], "leading zeros: \"02\" and \"2\""),
            (["A1", "B2"], ["a1", "b2"], "upper and lower case"),
            (["a b", "c"], ["ab", "x"], "blanks"),
            (["6f-1a", "x"], ["6F1A", "y"], "hyphens"),
            (["a", "b"], ["a.jpg", "b.png"], "an ending"),
            (["item_12", "item_7"], ["12", "7"], "before the number"),
            (["x", "y"], ["0", "1"], "count from 0"),
        ] {
            let said = reason(&items, &rows).unwrap();
            assert!(said.contains(want), "{items:?} {rows:?}: {said}");
        }
        assert_eq!(reason(&["x"], &["y"]), None);
    }
}
