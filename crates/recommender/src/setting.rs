//! Checks of a model's settings: a value that cannot work is an error before the run, not a NaN in its third epoch.

use thiserror::Error;

/// A setting with a value that cannot work.
///
/// ```
/// use anchorrec_recommender::setting::positive;
///
/// let error = positive("anchorrec.temperature", 0.0).unwrap_err();
/// assert_eq!(error.to_string(), "setting `anchorrec.temperature` = 0: expected a number above 0");
/// ```
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
#[error("setting `{key}` = {found}: expected {expected}")]
pub struct SettingError {
    /// Path of the setting in the configuration.
    pub key: String,
    /// What was expected.
    pub expected: &'static str,
    /// The value, as a person would write it.
    pub found: String,
}

impl SettingError {
    /// Makes an error about the setting `key`; `found` is its value.
    ///
    /// ```
    /// use anchorrec_recommender::SettingError;
    ///
    /// let error = SettingError::new("model.layers", "an even number", 3);
    /// assert_eq!(error.to_string(), "setting `model.layers` = 3: expected an even number");
    /// ```
    pub fn new(key: impl Into<String>, expected: &'static str, found: impl ToString) -> Self {
        SettingError { key: key.into(), expected, found: found.to_string() }
    }
}

/// Checks for a finite number above 0.
///
/// # Errors
/// When it is none.
///
/// ```
/// use anchorrec_recommender::setting::positive;
/// assert!(positive("lr", 0.001).is_ok() && positive("lr", f64::NAN).is_err());
/// ```
pub fn positive(key: &str, value: f64) -> Result<(), SettingError> {
    check(key, value, "a number above 0", value.is_finite() && value > 0.0)
}

/// Checks for a finite number, 0 or above.
///
/// # Errors
/// When it is none.
///
/// ```
/// use anchorrec_recommender::setting::not_negative;
/// assert!(not_negative("reg", 0.0).is_ok() && not_negative("reg", -0.1).is_err());
/// ```
pub fn not_negative(key: &str, value: f64) -> Result<(), SettingError> {
    check(key, value, "a number, 0 or above", value.is_finite() && value >= 0.0)
}

/// Checks for a count of at least 1.
///
/// # Errors
/// When it is 0.
///
/// ```
/// use anchorrec_recommender::setting::at_least_one;
/// assert!(at_least_one("layers", 2).is_ok() && at_least_one("layers", 0).is_err());
/// ```
pub fn at_least_one(key: &str, value: usize) -> Result<(), SettingError> {
    check(key, value, "a whole number, 1 or above", value >= 1)
}

/// Checks for a number within `[low, high)`; `expected` says so in words.
///
/// # Errors
/// When it lies outside.
///
/// ```
/// use anchorrec_recommender::setting::within;
///
/// let dropout = |rate| within("dropout", rate, 0.0, 1.0, "a number from 0 to below 1");
/// assert!(dropout(0.0).is_ok() && dropout(1.0).is_err());
/// ```
pub fn within(key: &str, value: f64, low: f64, high: f64, expected: &'static str) -> Result<(), SettingError> {
    check(key, value, expected, (low..high).contains(&value))
}

fn check(key: &str, value: impl ToString, expected: &'static str, fits: bool) -> Result<(), SettingError> {
    if fits { Ok(()) } else { Err(SettingError::new(key, expected, value)) }
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
