//! The t distribution, for intervals over a few seeds.
//!
//! For a whole number `ν` of degrees of freedom the distribution function is a finite sum (Abramowitz and Stegun, 26.7.3 and 26.7.4).
//! With `θ = atan(t / √ν)`, the probability within `±t` is
//!
//! - odd `ν`: `2/π (θ + sin θ (cos θ + 2/3 cos³ θ + ... ))`, terms up to `cos^(ν-2)`;
//! - even `ν`: `sin θ (1 + 1/2 cos² θ + 1·3/(2·4) cos⁴ θ + ...)`, terms up to `cos^(ν-2)`.

use std::f64::consts::PI;

/// The probability within `±t`.
fn within(t: f64, freedom: usize) -> f64 {
    let theta = (t / (freedom as f64).sqrt()).atan();
    let (sin, cos) = theta.sin_cos();
    let odd = freedom % 2 == 1;
    let (mut term, mut sum) = if odd { (cos, 0.0) } else { (1.0, 0.0) };
    // Powers of the cosine from 1 (odd) or 0 (even) up to ν - 2, in steps of 2.
    let mut power = usize::from(odd);
    while power + 2 <= freedom {
        sum += term;
        term *= cos * cos * (power + 1) as f64 / (power + 2) as f64;
        power += 2;
    }
    if odd { 2.0 / PI * (theta + sin * sum) } else { sin * sum }
}

/// The `t` with 95 % within `±t`.
///
/// # Panics
/// Without a degree of freedom.
pub fn t95(freedom: usize) -> f64 {
    assert!(freedom > 0, "a t distribution of {freedom} degrees of freedom");
    let (mut low, mut high) = (1.0, 13.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if within(middle, freedom) < 0.95 { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// Half the width of the 95 % interval of a mean of `n` values with this sample standard deviation; none for fewer than two.
pub fn half_width(sd: Option<f64>, n: usize) -> Option<f64> {
    let sd = sd.filter(|_| n >= 2)?;
    Some(t95(n - 1) * sd / (n as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        for (freedom, want) in [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (9, 2.262), (30, 2.042)] {
            assert!((t95(freedom) - want).abs() < 5.1e-4, "{freedom}: {} for {want}", t95(freedom));
        }
    }

    #[test]
    fn one_value_has_no_interval() {
        assert_eq!(half_width(None, 1), None);
        assert_eq!(half_width(Some(0.1), 1), None);
        let got = half_width(Some(0.3), 9).unwrap();
        assert!((got - 2.306 * 0.1).abs() < 1e-4, "{got}");
    }
}
