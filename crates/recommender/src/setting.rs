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

/// The most columns that an embedding may have: any number above is a slip, and would ask for more memory than there is.
pub const WIDEST: usize = 65_536;

/// The most layers that a model may have: propagation averages everything long before, and a step would not come to its end.
pub const DEEPEST: usize = 1_000;

/// Checks for a finite number above 0 that is also one in single precision, in which models are trained.
///
/// # Errors
/// When it is none.
///
/// ```
/// use anchorrec_recommender::setting::positive;
/// assert!(positive("lr", 0.001).is_ok() && positive("lr", f64::NAN).is_err());
/// assert!(positive("lr", 1e-300).is_err() && positive("lr", 1e300).is_err());
/// ```
pub fn positive(key: &str, value: f64) -> Result<(), SettingError> {
    check(key, value, "a number above 0", value.is_finite() && value > 0.0)?;
    check(key, value, "a number from 1e-37 to 1e37", (1e-37..=1e37).contains(&value))
}

/// Checks for a finite number, 0 or above, that is also one in single precision, in which models are trained.
///
/// # Errors
/// When it is none.
///
/// ```
/// use anchorrec_recommender::setting::not_negative;
/// assert!(not_negative("reg", 0.0).is_ok() && not_negative("reg", -0.1).is_err() && not_negative("reg", 1e300).is_err());
/// ```
pub fn not_negative(key: &str, value: f64) -> Result<(), SettingError> {
    check(key, value, "a number, 0 or above", value.is_finite() && value >= 0.0)?;
    check(key, value, "a number of at most 1e37", value <= 1e37)
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

/// Checks for a number of columns, from 1 to [`WIDEST`].
///
/// # Errors
/// When it is outside the range.
///
/// ```
/// use anchorrec_recommender::setting::width;
/// assert!(width("embedding_dim", 64).is_ok() && width("embedding_dim", 0).is_err() && width("embedding_dim", 1 << 40).is_err());
/// ```
pub fn width(key: &str, value: usize) -> Result<(), SettingError> {
    at_least_one(key, value)?;
    check(key, value, "a whole number from 1 to 65536", value <= WIDEST)
}

/// Checks for a number of layers, from 0 to [`DEEPEST`].
///
/// # Errors
/// When it is outside the range.
///
/// ```
/// use anchorrec_recommender::setting::layers;
/// assert!(layers("layers", 0).is_ok() && layers("layers", 1 << 40).is_err());
/// ```
pub fn layers(key: &str, value: usize) -> Result<(), SettingError> {
    check(key, value, "a whole number from 0 to 1000", value <= DEEPEST)
}

/// Checks for a share that leaves something: from 0 to below 1.
///
/// # Errors
/// When it is outside the range.
///
/// ```
/// use anchorrec_recommender::setting::share;
/// assert!(share("dropout", 0.0).is_ok() && share("dropout", 1.0).is_err());
/// ```
pub fn share(key: &str, value: f64) -> Result<(), SettingError> {
    within(key, value, 0.0, 1.0, "a share from 0 to below 1")
}

/// Checks for a number within `[low, high)`; `expected` says so in words.
///
/// # Errors
/// When it is outside the range.
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

    #[test]
    fn the_largest_numbers_are_those_of_the_message() {
        type Check = fn(&str, usize) -> Result<(), SettingError>;
        for (check, largest) in [(width as Check, WIDEST), (layers, DEEPEST)] {
            assert!(check("k", largest).is_ok());
            let expected = check("k", largest + 1).unwrap_err().expected;
            assert!(expected.ends_with(&format!(" to {largest}")), "{expected}");
        }
    }
}
