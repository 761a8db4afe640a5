//! Checks of a model's settings: a value that cannot work is an error before the run, not a NaN in its third epoch.

use thiserror::Error;

/// A setting with a value that cannot work.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("setting `{key}` = {found}: expected {expected}")]
pub struct SettingError {
    /// Path of the setting in the configuration.
    pub key: String,
    /// What was expected.
    pub expected: &'static str,
    /// The value, as a person would write it.
    pub found: String,
}

/// A finite number above 0.
pub fn positive(key: &str, value: f64) -> Result<(), SettingError> {
    check(key, value, "a number above 0", value.is_finite() && value > 0.0)
}

/// A finite number, 0 or above.
pub fn not_negative(key: &str, value: f64) -> Result<(), SettingError> {
    check(key, value, "a number, 0 or above", value.is_finite() && value >= 0.0)
}

/// A count of at least 1.
pub fn at_least_one(key: &str, value: usize) -> Result<(), SettingError> {
    check(key, value, "a whole number, 1 or above", value >= 1)
}

/// A number within `[low, high)`; `expected` says so in words.
pub fn within(key: &str, value: f64, low: f64, high: f64, expected: &'static str) -> Result<(), SettingError> {
    check(key, value, expected, (low..high).contains(&value))
}

fn check(key: &str, value: impl ToString, expected: &'static str, fits: bool) -> Result<(), SettingError> {
    if fits { Ok(()) } else { Err(SettingError { key: key.to_owned(), expected, found: value.to_string() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_key_value_and_expectation() {
        let error = positive("anchorrec.temperature", 0.0).unwrap_err();
        assert_eq!(error.to_string(), "setting `anchorrec.temperature` = 0: expected a number above 0");
        for bad in [f64::NAN, f64::INFINITY, -1.0] {
            assert!(positive("k", bad).is_err() && not_negative("k", bad).is_err(), "{bad}");
        }
        assert!(not_negative("k", 0.0).is_ok() && at_least_one("k", 0).is_err());
    }
}
