//! Ids that are whole numbers and became fractions: a column of floating point writes 31 as `31.0`, numpy's `savetxt` as `3.1e+01`.

use crate::events::{Event, Names};
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_files::few::SHOWN;

/// Doubles hold every whole number below this.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Returns the whole number that an id is, as people write it: `31` of `31`, `31.0` and `3.1e+01`. With leading zeros it is a name.
pub fn whole(id: &str) -> Option<String> {
    let digits = id.strip_prefix('-').unwrap_or(id);
    if !digits.starts_with(|c: char| c.is_ascii_digit())
        || (digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0."))
    {
        return None;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(id.to_owned());
    }
    let number: f64 = id.parse().ok()?;
    (number.fract() == 0.0 && number.abs() < EXACT).then(|| number.to_string())
}

/// Whether an id is a whole number as a column of floating point writes it: with a point, perhaps with an exponent.
pub(crate) fn is_fraction(id: &str) -> bool {
    id.contains('.') && id.starts_with(|c: char| c.is_ascii_digit() || c == '-') && whole(id).is_some()
}

/// Reads names that became fractions as the whole numbers that they are, where every name is a whole number, and numbers the rows again; what
/// was done, or nothing.
///
/// Where one name is a text, has leading zeros, or is a fraction that is none, `12.0` may be a name as well, and all stay as they are.
pub(crate) fn fold(
    names: &mut Names,
    rows: &mut [Event],
    of: fn(&mut Event) -> &mut u32,
    what: [&str; 2],
) -> Vec<Note> {
    let all = || (0..names.len() as u32).map(|number| names.name(number));
    let folds = |name: &str| is_fraction(name) || whole(name).is_some_and(|whole| whole == name);
    if !all().all(folds) {
        return Vec::new();
    }
    let fractions: Vec<&str> = all().filter(|name| is_fraction(name)).collect();
    let Some(first) = fractions.first() else { return Vec::new() };
    let text = format!(
        "{} written as a fraction by a column of floating point: {first} is read as {}",
        either(fractions.len(), what[0], what[1]),
        whole(first).unwrap_or_default()
    );
    let mut notes = vec![Note::new(Kind::Guessed, "ids-of-floating-point", fractions.len(), text).with(&fractions)];
    let mut folded = Names::default();
    let number: Vec<u32> = all().map(|name| folded.number(&whole(name).unwrap_or_default())).collect();
    let merged = names.len() - folded.len();
    if merged > 0 {
        let both = |name: &&str| names.find(&whole(name).unwrap_or_default()).is_some();
        let pairs = fractions.iter().filter(|name| both(name)).take(SHOWN);
        let pairs = pairs.map(|name| format!("{name} and {}", whole(name).unwrap_or_default()));
        let text = either(merged, what[0], what[1]).to_owned() + " written in two ways, which are one id";
        notes.push(Note::new(Kind::Merged, "ids-in-two-ways", merged, text).with(pairs));
    }
    for row in rows {
        let of_row = of(row);
        *of_row = number[*of_row as usize];
    }
    *names = folded;
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_has_one_way_of_writing() {
        assert_eq!(["0", "0.0", "-7.0", "1e3"].map(|id| whole(id).unwrap()), ["0", "0", "-7", "1000"]);
        assert_eq!(["", "031", "1.5", "x", "9e300", "inf", "9007199254740993.0"].map(whole), [const { None }; 7]);
        assert!(["12.0", "-3.0", "1.450000000000000000e+02"].into_iter().all(is_fraction));
        assert!(!["12", "1e3", "12.5", "a.0", ".0", "007.0"].into_iter().any(is_fraction));
    }

    /// The names of rows of a user each, after folding, and what is said.
    fn folded(users: &[&str]) -> (Vec<String>, String) {
        let mut names = Names::default();
        let row = |name: &&str| Event { user: names.number(name), item: 0, time: None, rating: None };
        let mut rows: Vec<Event> = users.iter().map(row).collect();
        let notes = fold(&mut names, &mut rows, |row| &mut row.user, ["user id is", "user ids are"]);
        let said = notes.iter().map(|note| format!("[{}] {note}", note.code)).collect::<Vec<_>>().join("; ");
        (rows.iter().map(|row| names.name(row.user).to_owned()).collect(), said)
    }

    #[test]
    fn fractions_are_whole_numbers_where_everything_says_so() {
        let (names, said) = folded(&["12.0", "7", "12", "7.0", "3.0"]);
        assert_eq!(names, ["12", "7", "12", "7", "3"]);
        assert!(said.contains("[ids-of-floating-point] 3 user ids are written as a fraction"), "{said}");
        assert!(said.contains("12.0 is read as 12 (12.0, 7.0, 3.0)"), "{said}");
        assert!(
            said.contains(
                "[ids-in-two-ways] 2 user ids are written in two ways, which are one id (12.0 and 12, 7.0 and 7)"
            ),
            "{said}"
        );
        let (names, said) = folded(&["1.450000000000000000e+02", "3.000000000000000000e+00"]);
        assert_eq!((names.join(" "), said.contains("two ways")), ("145 3".to_owned(), false));
        for other in ["12.1", "a", "007", "9007199254740993.0", "1e3"] {
            let users = ["12.0", "12", other];
            assert_eq!(folded(&users), (users.map(str::to_owned).to_vec(), String::new()), "{other}");
        }
        assert_eq!(folded(&["1", "2"]).1, "");
    }
}
