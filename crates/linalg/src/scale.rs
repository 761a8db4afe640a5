//! Keeping squares representable: numbers near the ends of `f64` are scaled by a power of two first, which rounds nothing.

/// Returns what numbers with the largest magnitude `largest` are multiplied by so that sums of their squares neither overflow nor vanish: 1, unless
/// `largest` is beyond `10^±120`.
///
/// ```
/// use anchorrec_linalg::scale::power_of_two;
/// assert_eq!(power_of_two(7.0), 1.0);
/// assert_eq!(power_of_two(0.0), 1.0);
/// assert_eq!(power_of_two(1e300) * 2f64.powi(997), 1.0);
/// ```
pub fn power_of_two(largest: f64) -> f64 {
    if largest == 0.0 || (1e-120..=1e120).contains(&largest) {
        return 1.0;
    }
    // At most 2^1022, for numbers that have no more than a few digits left themselves.
    2f64.powi((-largest.log2()).floor().min(1022.0) as i32)
}
