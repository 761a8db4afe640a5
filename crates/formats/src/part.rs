//! Training, validation, test: where the data say it themselves.

use crate::columns::{PART, plain};

/// What zeros and ones in a column of parts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ones {
    /// 0, 1, 2 are training, validation and test, as in the column `x_label`.
    #[default]
    Numbered,
    /// 0, 1, 2 as in `x_label` where there is a 2; without one, whether 1 is validation or test is for the person to say.
    Unsure,
    /// 1 is this part and 0 is training, because the column is called by the part: `is_test`.
    Of(Part),
}

impl Ones {
    /// What they are in a column of this name.
    pub(crate) fn of(column: &str) -> Ones {
        if PART.contains(&&*plain(column)) {
            return Ones::Numbered;
        }
        // `isTest`, `is_test` and `is test` are the same two words.
        let mut text = String::new();
        let mut before = ' ';
        for c in column.chars() {
            if c.is_uppercase() && before.is_lowercase() || !c.is_alphanumeric() {
                text.push(' ');
            }
            text.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
            before = c;
        }
        let has = |words: &[&str]| text.split_whitespace().any(|word| words.contains(&word));
        let test = has(&["test", "testing", "testset", "istest", "intest"]);
        let valid = has(&["valid", "validation", "val", "validset", "isvalid", "isval", "dev", "isdev"]);
        match (test, valid) {
            _ if has(&["not", "no", "non", "train", "training"]) => Ones::Unsure,
            (true, false) => Ones::Of(Part::Test),
            (false, true) => Ones::Of(Part::Valid),
            _ => Ones::Unsure,
        }
    }

    /// Reads a cell.
    pub(crate) fn read(self, text: &str) -> Option<Part> {
        let Ones::Of(part) = self else { return Part::read(text) };
        match text.to_ascii_lowercase().as_str() {
            "1" | "1.0" | "true" => Some(part),
            "0" | "0.0" | "false" => Some(Part::Train),
            // A number that is neither has a meaning that nobody knows.
            text => Part::read(text).filter(|_| !text.starts_with(|c: char| c.is_ascii_digit())),
        }
    }
}

/// The part of a data set that a row belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Learned from.
    Train,
    /// Chooses the epoch.
    Valid,
    /// Judged by.
    Test,
}

impl Part {
    /// Reads what a person writes: `train`, `valid`, `validation`, `val`, `dev`, `test`, or 0, 1, 2.
    pub fn read(text: &str) -> Option<Part> {
        let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if is(&["train", "training", "0", "0.0"]) {
            Some(Part::Train)
        } else if is(&["valid", "validation", "val", "dev", "1", "1.0"]) {
            Some(Part::Valid)
        } else if is(&["test", "testing", "2", "2.0"]) {
            Some(Part::Test)
        } else {
            None
        }
    }

    /// Finds the part that a file's stem ends or else begins with, and the rest of the stem: `toys.train` and `train_toys` are the training part of
    /// `toys`.
    pub fn of_stem(stem: &str) -> Option<(&str, Part)> {
        const SIGNS: [char; 4] = ['.', '_', '-', ' '];
        // A number at the end of a name is a number.
        let word = |word: &str| Part::read(word).filter(|_| !word.starts_with(|c: char| c.is_ascii_digit()));
        // `trainset`, as some call the whole.
        let part = |text: &str| {
            word(text).or_else(|| {
                word(text.get(..text.len().checked_sub(3)?)?).filter(|_| text.to_lowercase().ends_with("set"))
            })
        };
        let last = stem.rfind(SIGNS).map_or(0, |at| at + 1);
        if let Some(part) = part(&stem[last..]) {
            return Some((stem[..last].trim_end_matches(SIGNS), part));
        }
        let first = stem.find(SIGNS)?;
        Some((stem[first..].trim_start_matches(SIGNS), part(&stem[..first])?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_are_what_the_column_is_called() {
        for (name, ones) in [
            ("x_label", Ones::Numbered),
            ("Split", Ones::Numbered),
            ("is_test", Ones::Of(Part::Test)),
            ("isTest", Ones::Of(Part::Test)),
            ("TEST", Ones::Of(Part::Test)),
            ("in_val", Ones::Of(Part::Valid)),
            ("validation", Ones::Of(Part::Valid)),
            ("latest", Ones::Unsure),
            ("interval", Ones::Unsure),
            ("not_test", Ones::Unsure),
            ("is_train", Ones::Unsure),
            ("test_or_valid", Ones::Unsure),
            ("fold", Ones::Unsure),
        ] {
            assert_eq!(Ones::of(name), ones, "{name}");
        }
        let test = Ones::Of(Part::Test);
        assert_eq!(["1", "True", "0", "test", "valid"].map(|text| test.read(text)).map(|part| part.unwrap()), {
            [Part::Test, Part::Test, Part::Train, Part::Test, Part::Valid]
        });
        assert_eq!([test.read("2"), test.read("")], [None; 2]);
    }

    #[test]
    fn parts_are_known_in_every_dress() {
        for (text, part) in [
            ("Train", Part::Train),
            ("0", Part::Train),
            ("val", Part::Valid),
            ("VALIDATION", Part::Valid),
            ("2", Part::Test),
        ] {
            assert_eq!(Part::read(text), Some(part), "{text}");
        }
        assert_eq!([Part::read("A"), Part::read(""), Part::read("3")], [None; 3]);
        assert_eq!(Part::of_stem("toys.train"), Some(("toys", Part::Train)));
        assert_eq!(Part::of_stem("test"), Some(("", Part::Test)));
        assert_eq!(Part::of_stem("x_Dev"), Some(("x", Part::Valid)));
        assert_eq!(Part::of_stem("train_toys.v2"), Some(("toys.v2", Part::Train)));
        assert_eq!(Part::of_stem("val-toys"), Some(("toys", Part::Valid)));
        assert_eq!(Part::of_stem("trainset"), Some(("", Part::Train)));
        assert_eq!(Part::of_stem("toys_testSet"), Some(("toys", Part::Test)));
        for other in ["contest", "part_2", "2_part", "trains_a", "set", "é", "testé", "a_0", "0_a"] {
            assert_eq!(Part::of_stem(other), None, "{other}");
        }
    }
}
