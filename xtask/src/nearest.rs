//! What the user probably meant.

use std::cmp::Reverse;

/// Finds the nearest of some words, if one is near: a slip of a finger or two, or a beginning.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |known: &&str| {
        let begins = word.len() >= 3 && known.starts_with(word);
        begins || strsim::damerau_levenshtein(word, known) <= known.chars().count().div_ceil(3)
    };
    let likeness = |known: &&str| Reverse((strsim::jaro_winkler(word, known) * 1e6) as u32);
    known.into_iter().filter(near).min_by_key(likeness)
}

/// `there is no <what> <word>`, with the nearest known one or all of them.
pub fn unknown<'a>(what: &str, word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(known) => format!("there is no {what} `{word}`; did you mean `{known}`?"),
        None => {
            let all: Vec<&str> = known.into_iter().collect();
            format!("there is no {what} `{word}`: expected one of {}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 5] = ["amazon-baby", "amazon-office", "amazon-sports", "amazon-video-games", "report"];

    #[test]
    fn slips_and_beginnings_find_their_word() {
        let table = [
            ("amazon-sport", Some("amazon-sports")),
            ("amazn-sports", Some("amazon-sports")),
            ("amazon_sports", Some("amazon-sports")),
            ("amazon-bayb", Some("amazon-baby")),
            ("amazon-video", Some("amazon-video-games")),
            ("raport", Some("report")),
            ("movielens", None),
            ("r", None),
            ("", None),
        ];
        for (word, want) in table {
            assert_eq!(nearest(word, WORDS), want, "{word}");
        }
    }

    #[test]
    fn the_sentence_names_one_or_all() {
        assert_eq!(unknown("task", "raport", WORDS), "there is no task `raport`; did you mean `report`?");
        assert!(
            unknown("task", "x", WORDS)
                .ends_with("expected one of amazon-baby, amazon-office, amazon-sports, amazon-video-games, report")
        );
    }
}
