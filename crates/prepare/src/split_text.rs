//! Rules of a split as people write them: `random`, `user-time`, `dates:2023-01-01,2023-06-01`, shares as `0.8,0.1,0.1`.

use crate::split::{Order, Rule, Shares};
use anchorrec_formats::times;

/// A rule as it was asked for.
#[derive(Clone, Debug)]
pub enum Split {
    /// A tenth each of every user's interactions.
    Random,
    /// The last fifth of every user's.
    UserTime,
    /// The last fifth of all.
    GlobalTime,
    /// The last but one and the last of every user.
    LeaveOneOut,
    /// Splits at two dates.
    Dates {
        /// The second from which on rows are validation.
        valid: i64,
        /// The second from which on rows are test.
        test: i64,
    },
    /// What the data say themselves.
    Given,
    /// What this column says.
    Column(String),
    /// All rows for training.
    None,
}

/// Reads a rule.
///
/// # Errors
/// When it is none: what was expected.
pub fn split(text: &str) -> Result<Split, String> {
    let day =
        |text: &str| times::day_start(text).ok_or_else(|| format!("expected a date like 2023-01-31, found {text:?}"));
    Ok(match text {
        "random" => Split::Random,
        "user-time" => Split::UserTime,
        "global-time" => Split::GlobalTime,
        "leave-one-out" => Split::LeaveOneOut,
        "given" => Split::Given,
        "none" => Split::None,
        other if other.starts_with("column:") && other.len() > "column:".len() => {
            Split::Column(other["column:".len()..].to_owned())
        }
        other => {
            let dates = other.strip_prefix("dates:").and_then(|dates| dates.split_once(','));
            let (valid, test) = dates.ok_or(
                "expected random, user-time, global-time, leave-one-out, dates:FROM,FROM, given, column:NAME or none"
                    .to_owned(),
            )?;
            let (valid, test) = (day(valid.trim())?, day(test.trim())?);
            if valid > test {
                return Err("expected validation to begin before test".to_owned());
            }
            Split::Dates { valid, test }
        }
    })
}

/// Reads the shares of training, validation and test, decimal, to millionths, which sum to a whole without rounding.
///
/// # Errors
/// When they are none: what was expected.
pub fn shares(text: &str) -> Result<Shares, String> {
    let expected = || format!("expected three shares that sum to 1, like 0.7,0.1,0.2, found {text:?}");
    let millionths = |share: &str| {
        let (whole, part) = share.split_once('.').unwrap_or((share, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let fits = part.len() <= 6 && digits(whole) && digits(part) && matches!(whole, "" | "0" | "1");
        fits.then(|| format!("{whole}{part:0<6}").parse::<u32>().ok()).flatten().ok_or_else(expected)
    };
    let all = text.split(',').map(|share| millionths(share.trim())).collect::<Result<Vec<u32>, String>>()?;
    match all[..] {
        [train, valid, test]
            if train > 0 && train.checked_add(valid).and_then(|n| n.checked_add(test)) == Some(1_000_000) =>
        {
            Ok(Shares { valid, test })
        }
        _ => Err(expected()),
    }
}

/// Returns the rule of a preparation: the one that was asked for, else what the data say if `given`, else a random one.
///
/// # Errors
/// When shares were given for a rule that has none.
pub fn rule(split: Option<&Split>, share: Option<Shares>, seed: u64, given: bool) -> Result<Rule, String> {
    let split = split.cloned().unwrap_or(if given && share.is_none() { Split::Given } else { Split::Random });
    let order = match split {
        Split::Random => Order::Random { seed },
        Split::UserTime => Order::UserTime,
        Split::GlobalTime => Order::GlobalTime,
        _ if share.is_some() => {
            return Err("--share is for --split random, user-time and global-time".to_owned());
        }
        Split::LeaveOneOut => return Ok(Rule::LeaveOneOut),
        Split::Dates { valid, test } => return Ok(Rule::Dates { valid, test }),
        Split::Given | Split::Column(_) => return Ok(Rule::Given),
        Split::None => return Ok(Rule::None),
    };
    Ok(match (share, order) {
        (Some(shares), order) => Rule::Shares { order, shares },
        (None, Order::Random { seed }) => Rule::Random { seed },
        (None, Order::UserTime) => Rule::UserTime,
        (None, Order::GlobalTime) => Rule::GlobalTime,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_a_whole_without_rounding() {
        assert_eq!(shares("0.7,0.1,0.2"), Ok(Shares { valid: 100_000, test: 200_000 }));
        assert_eq!(shares("1,0,0"), Ok(Shares { valid: 0, test: 0 }));
        assert_eq!(shares(" .5, 0.25 ,0.250"), Ok(Shares { valid: 250_000, test: 250_000 }));
        for bad in [
            "80,10,10",
            "0.8,0.1,0.1000001",
            "0.8,0.2",
            "0.8;0.1;0.1",
            "nan,0,1",
            "1e0,0,0",
            "0.7,0.1",
            "0.7,0.1,0.1",
            "0,0.5,0.5",
            "0.7,0.1,-0.2",
            "7,1,2",
            "0.3333333,0.3,0.3",
            "",
        ] {
            assert!(shares(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rules_are_read_and_dates_are_days() {
        assert!(matches!(split("dates:1970-01-02,1970-01-03"), Ok(Split::Dates { valid: 86_400, test: 172_800 })));
        assert!(matches!(split("column:my: fold"), Ok(Split::Column(name)) if name == "my: fold"));
        for bad in ["column:", "dates:1970-01-03,1970-01-02", "dates:soon,later", "dates:1970-01-01", "Random", ""] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }
}
