//! Numbers as a person reads them: one minus sign, one way to round each kind.

/// Writes a number with so many digits after the point and a true minus sign; a rounded zero has no sign.
pub fn fixed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().any(|b| b.is_ascii_digit() && b != b'0') => format!("−{rest}"),
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// Writes a metric: four digits, as published tables show it.
pub fn metric(value: f64) -> String {
    fixed(value, 4)
}

/// Writes a difference of metrics with its sign.
pub fn difference(value: f64) -> String {
    let text = metric(value);
    if value > 0.0 && !text.bytes().all(|b| matches!(b, b'0' | b'.')) { format!("+{text}") } else { text }
}

/// Writes a share as a percentage, whole where that says enough. The space does not break.
pub fn percent(share: f64) -> String {
    let percentage = 100.0 * share;
    let digits = usize::from(percentage != 0.0 && percentage.abs() < 9.95);
    format!("{}\u{a0}%", fixed(percentage, digits))
}

/// Writes a small number to one digit that counts: 0.006, 0.03, 2.
pub fn significant(value: f64) -> String {
    if value <= 0.0 || value >= 1.0 {
        return fixed(value, 0);
    }
    fixed(value, (-value.log10()).ceil() as usize)
}

/// Writes a p-value.
pub fn probability(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { fixed(p, 3) }
}

/// Counts in words: `one seed`, `3 seeds`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("one {one}") } else { format!("{count} {many}") }
}

/// Joins words: `a`, `a and b`, `a, b and c`.
pub fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (got, want) in [
            (fixed(-0.00004, 4), "0.0000"),
            (fixed(-1.25, 1), "−1.2"),
            (difference(0.00123), "+0.0012"),
            (difference(0.00001), "0.0000"),
            (difference(-0.5), "−0.5000"),
            (percent(0.314), "31\u{a0}%"),
            (percent(0.0), "0\u{a0}%"),
            (percent(0.0042), "0.4\u{a0}%"),
            (percent(0.0996), "10\u{a0}%"),
            (probability(0.0004), "< 0.001"),
            (probability(0.0412), "0.041"),
            (significant(0.0061), "0.006"),
            (significant(0.35), "0.3"),
            (significant(2.4), "2"),
            (counted(1, "seed", "seeds"), "one seed"),
            (listed(&["a".into(), "b".into(), "c".into()]), "a, b and c"),
        ] {
            assert_eq!(got, want);
        }
    }
}
