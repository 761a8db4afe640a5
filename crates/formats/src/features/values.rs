//! A vector written as text: `[0.1, 0.2]`, `0.1 0.2`, numpy's `[0.1 0.2]`, PostgreSQL's `{0.1,0.2}`.

/// Appends the numbers of a text; what cannot be one of them is returned.
pub(super) fn numbers(text: &str, out: &mut Vec<f32>) -> Result<(), String> {
    for word in text.split(is_sign).filter(|word| !word.is_empty()) {
        // numpy leaves out the middle of what it prints.
        if word == "..." {
            return Err(word.to_owned());
        }
        let number = match word {
            "null" | "None" | "NULL" => f32::NAN,
            _ => word.parse().map_err(|_| word.to_owned())?,
        };
        out.push(number);
    }
    Ok(())
}

/// What stands between numbers.
fn is_sign(c: char) -> bool {
    c.is_whitespace() || ",;[](){}|".contains(c)
}

/// Whether a text is a list of numbers: in brackets, or at least two without. Nobody writes a number as `0706016001`: such lists hold ids.
pub(super) fn is_vector(text: &str) -> bool {
    let mut out = Vec::new();
    let text = text.trim();
    if text.split(is_sign).any(is_id) {
        return false;
    }
    let listed = text.starts_with(['[', '{', '(']);
    // A list that was cut short is a list, whose fault is told when it is read.
    match numbers(text, &mut out) {
        Ok(()) => out.len() > 1 || listed && out.len() == 1,
        Err(word) => listed && word == "...",
    }
}

/// Whether a word of digits begins with a zero that a number would not have.
fn is_id(word: &str) -> bool {
    word.len() > 1 && word.starts_with('0') && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A cell of a table: a number, or none where nothing stands.
pub(super) fn number(text: &str) -> Option<Option<f32>> {
    let text = text.trim();
    if is_absent(text) {
        return Some(None);
    }
    text.parse().ok().map(Some)
}

/// What tools write where there is nothing.
pub(super) fn is_absent(text: &str) -> bool {
    let words = ["", "nan", "null", "none", "na", "n/a", "<na>", "\\N"];
    words.iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_vector() {
        for text in ["[0.5, -2]", "0.5 -2", "[ 0.5\n -2.]", "{0.5,-2e0}", "(0.5;-2)", "[[0.5],[-2]]"] {
            let mut out = Vec::new();
            numbers(text, &mut out).unwrap();
            assert_eq!(out, [0.5, -2.0], "{text}");
            assert!(is_vector(text), "{text}");
        }
        assert_eq!(numbers("[0.5, x]", &mut Vec::new()), Err("x".to_owned()));
        assert_eq!(numbers("[0.1 ... 0.2]", &mut Vec::new()), Err("...".to_owned()));
        for text in ["", "0.5", "1984", "A tale of 2 cities", "[]", "[a]", "0706016001 0706016002", "[00, 01]"] {
            assert!(!is_vector(text), "{text}");
        }
        assert!(is_vector("0 0.5 -0.25 1e-05 00.5"));
        assert!(is_vector("[7]") && is_vector("[0.1 ... 0.2]"));
        assert_eq!([number("1.5"), number(" NaN"), number("x")], [Some(Some(1.5)), Some(None), None]);
    }
}
