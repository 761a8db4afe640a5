//! Intervals over a few seeds.

use anchorrec_metrics::significance::t_quantile;

/// Returns half the width of the 95 % interval of a mean of `n` values with this sample standard deviation, by Student's t; none for fewer than two.
pub fn half_width(sd: Option<f64>, n: usize) -> Option<f64> {
    let sd = sd.filter(|_| n >= 2)?;
    Some(t_quantile(0.975, n - 1) * sd / (n as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_no_interval() {
        assert_eq!(half_width(None, 1), None);
        assert_eq!(half_width(Some(0.1), 1), None);
        // The printed table has 2.306 for eight degrees of freedom.
        let got = half_width(Some(0.3), 9).unwrap();
        assert!((got - 2.306 * 0.1).abs() < 1e-4, "{got}");
    }
}
