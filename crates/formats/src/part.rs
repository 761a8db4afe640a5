//! Training, validation, test: where the data say it themselves.

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
