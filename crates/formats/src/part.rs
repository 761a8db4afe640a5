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

    /// Finds the part that a file's stem ends with, and what stands before it: `toys.train` is the training part of `toys`.
    pub fn of_stem(stem: &str) -> Option<(&str, Part)> {
        let start = stem.rfind(['.', '_', '-']).map_or(0, |at| at + 1);
        let word = &stem[start..];
        // A number at the end of a name is a number.
        let part = Part::read(word).filter(|_| !word.starts_with(|c: char| c.is_ascii_digit()))?;
        Some((stem[..start].trim_end_matches(['.', '_', '-']), part))
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
        assert_eq!([Part::of_stem("contest"), Part::of_stem("part_2")], [None, None]);
    }
}
