//! Counts as people read them.

use std::fmt::Display;

/// Writes a whole number with its digits in threes.
///
/// ```
/// use anchorrec_files::grouped;
/// assert_eq!(grouped(100_459_328), "100,459,328");
/// ```
pub fn grouped(count: impl Display) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes a number with what it counts: `1 row`, `1,002 rows`.
///
/// ```
/// use anchorrec_files::counted;
/// assert_eq!([counted(1, "row", "rows"), counted(1_002, "row", "rows")], ["1 row", "1,002 rows"]);
/// ```
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_are_grouped_by_three() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (100_459_328, "100,459,328")] {
            assert_eq!(grouped(number), text);
        }
    }
}
