//! Whether two models differ, told from their users: paired tests on per-user differences `d_u`, and a correction for asking often.
//!
//! | test | statistic | source |
//! |---|---|---|
//! | paired t | `t = d̄ / (s / √n)`, `s² = Σ (d_u - d̄)² / (n - 1)`, Student's t with `n - 1` degrees | Student 1908 |
//! | Wilcoxon signed-rank | `W = Σ_{d_u > 0} rank(|d_u|)` over the `d_u ≠ 0`, mean ranks for ties; `z = (W - m(m+1)/4) / √v`, `v = m(m+1)(2m+1)/24 - Σ_ties (t³ - t)/48`, normal | Wilcoxon 1945 |
//! | Holm | ascending `p_(i)`: `max_{j<=i} min(1, (n - j + 1) p_(j))` | Holm 1979 |
//!
//! **Ties.** A difference is of averages over seeds, and an average is a sum in some order: the same recalls under other seeds may differ in the last
//! bit. Rounding must not decide ranks, so two magnitudes that are apart by at most `1e-12` of the largest are the same, and a difference that is
//! not larger than that is 0. Metrics that truly differ are apart by much more: one hit of one user.
//!
//! All are two-sided. The normal form of Wilcoxon's test is meant for some tens of differences or more; users come in thousands. Most users
//! of a sparse data set have the same recall under both models: they count in the t test and drop out of Wilcoxon's.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// The result of a paired t test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedT {
    /// The mean difference `d̄`.
    pub mean: f64,
    /// The statistic `t`; 0 where there is no difference at all.
    pub t: f64,
    /// Two-sided p; 1 where there is no difference at all.
    pub p: f64,
    /// The 95 % confidence interval of the mean.
    pub interval: (f64, f64),
}

/// Tests whether the mean of paired differences `d_u` is 0, by Student's t.
///
/// # Panics
/// For fewer than two differences.
///
/// ```
/// use anchorrec_metrics::significance::paired_t;
///
/// // Mean 2, standard error 1. With one degree of freedom t is Cauchy's: p = 1 - 2 atan(2)/π.
/// let test = paired_t(&[1.0, 3.0]);
/// assert_eq!((test.mean, test.t), (2.0, 2.0));
/// assert!((test.p - (1.0 - 2.0 * 2f64.atan() / std::f64::consts::PI)).abs() < 1e-10);
/// ```
pub fn paired_t(differences: &[f64]) -> PairedT {
    let n = differences.len();
    assert!(n >= 2, "a paired t test of {n} differences");
    let mean = differences.iter().sum::<f64>() / n as f64;
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1) as f64;
    let error = (variance / n as f64).sqrt();
    if error == 0.0 {
        let p = if mean == 0.0 { 1.0 } else { 0.0 };
        let t = if mean == 0.0 { 0.0 } else { f64::INFINITY.copysign(mean) };
        return PairedT { mean, t, p, interval: (mean, mean) };
    }
    let t = mean / error;
    let half = t_quantile(0.975, n - 1) * error;
    PairedT { mean, t, p: 2.0 * student(n - 1).sf(t.abs()), interval: (mean - half, mean + half) }
}

/// Returns the `p` quantile of Student's t: half the width of a confidence interval in standard errors.
///
/// # Panics
/// When there is no degree of freedom or `p` is not within `(0, 1)`.
///
/// ```
/// use anchorrec_metrics::significance::t_quantile;
/// // With one degree of freedom the 3/4 quantile is tan(π/4).
/// assert!((t_quantile(0.75, 1) - 1.0).abs() < 1e-9);
/// ```
pub fn t_quantile(p: f64, degrees: usize) -> f64 {
    assert!(p > 0.0 && p < 1.0, "the {p} quantile");
    student(degrees).inverse_cdf(p)
}

fn student(degrees: usize) -> StudentsT {
    assert!(degrees > 0, "Student's t without a degree of freedom");
    StudentsT::new(0.0, 1.0, degrees as f64).expect("a positive scale and degrees of freedom")
}

/// The result of a Wilcoxon signed-rank test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignedRank {
    /// The number of differences that are not 0.
    pub different: usize,
    /// The statistic `W`: the ranks of the positive differences, summed.
    pub statistic: f64,
    /// The standardised statistic `z`; 0 where there is no difference at all.
    pub z: f64,
    /// Two-sided p; 1 where there is no difference at all.
    pub p: f64,
}

/// What two magnitudes may be apart, as a share of the largest, and still be the same: thousands of roundings, and far less than any true difference.
const SAME: f64 = 1e-12;

/// Tests whether paired differences `d_u` are symmetric about 0, by Wilcoxon's signed ranks; zeros are left out. What counts as zero and as
/// a tie is at the top of the module.
///
/// # Panics
/// When a difference is not finite.
///
/// ```
/// use anchorrec_metrics::significance::wilcoxon_signed_rank;
///
/// // The sizes 1, 2, 3 have the ranks 1, 2, 3; the positive ones add up to 1 + 3.
/// let test = wilcoxon_signed_rank(&[0.1, -0.2, 0.3, 0.0]);
/// assert_eq!((test.different, test.statistic), (3, 1.0 + 3.0));
/// ```
pub fn wilcoxon_signed_rank(differences: &[f64]) -> SignedRank {
    assert!(differences.iter().all(|d| d.is_finite()), "differences that are finite numbers");
    let same = SAME * differences.iter().fold(0.0f64, |largest, d| largest.max(d.abs()));
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|d| d.abs() > same).collect();
    sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let (mut statistic, mut tied, mut before) = (0.0, 0.0, 0);
    for group in sorted.chunk_by(|a, b| b.abs() - a.abs() <= same) {
        let t = group.len() as f64;
        // Ranks before + 1 ..= before + t.
        let rank = before as f64 + (t + 1.0) / 2.0;
        statistic += rank * group.iter().filter(|&&d| d > 0.0).count() as f64;
        tied += t * t * t - t;
        before += group.len();
    }
    let m = sorted.len() as f64;
    let variance = m * (m + 1.0) * (2.0 * m + 1.0) / 24.0 - tied / 48.0;
    let z = if variance > 0.0 { (statistic - m * (m + 1.0) / 4.0) / variance.sqrt() } else { 0.0 };
    SignedRank { different: sorted.len(), statistic, z, p: 2.0 * Normal::standard().sf(z.abs()) }
}

/// Corrects p-values for their number by Holm's method, in the order given.
///
/// ```
/// use anchorrec_metrics::significance::holm;
/// assert_eq!(holm(&[0.5, 0.01, 0.03]), [0.5, 3.0 * 0.01, 2.0 * 0.03]);
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let (mut corrected, mut highest) = (vec![0.0; p.len()], 0.0f64);
    for (before, place) in order.into_iter().enumerate() {
        highest = highest.max((p[place] * (p.len() - before) as f64).min(1.0));
        corrected[place] = highest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::assert_close_scalar;

    #[test]
    fn students_sleep() {
        // The ten differences of Student's paper: mean 1.58, t 4.0621, 9 degrees of freedom, p 0.002833 (published in every textbook).
        let d = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];
        let test = paired_t(&d);
        assert_close_scalar("mean", test.mean, 1.58, 1e-12);
        assert_close_scalar("t", test.t, 4.0621, 1e-5);
        assert_close_scalar("p", test.p, 0.002833, 1e-3);
        // 1.58 ± 2.262157 · 1.229995 / √10.
        assert_close_scalar("low", test.interval.0, 1.58 - 2.262157 * 1.229995 / 10f64.sqrt(), 1e-5);
    }

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        for (degrees, want) in [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (9, 2.262), (30, 2.042)] {
            // The table has three digits.
            assert!((t_quantile(0.975, degrees) - want).abs() < 5.1e-4, "{degrees} degrees of freedom");
        }
    }

    #[test]
    fn ranks_solved_by_hand() {
        // |d| 1, 1, 2, 3, 3, 3 (and a 0 that drops out): ranks 1.5, 1.5, 3, 5, 5, 5; positive: 1.5 + 5 + 5.
        let test = wilcoxon_signed_rank(&[1.0, -1.0, -2.0, 3.0, -3.0, 3.0, 0.0]);
        assert_eq!((test.different, test.statistic), (6, 11.5));
        let variance: f64 = 6.0 * 7.0 * 13.0 / 24.0 - (6.0 + 24.0) / 48.0;
        assert_close_scalar("z", test.z, (11.5 - 10.5) / variance.sqrt(), 1e-14);
        // One standard deviation below its mean: the two tails of the normal beyond 1 hold 0.3173105.
        let z = wilcoxon_signed_rank(&[-1.0]).z;
        assert_close_scalar("one", z, -1.0, 1e-14);
        assert_close_scalar("p", wilcoxon_signed_rank(&[-1.0]).p, 0.3173105, 1e-6);
    }

    /// Averages of the same numbers in every order of seeds: the bits differ, the ranks must not.
    #[test]
    fn the_order_of_seeds_decides_no_rank() {
        let orders =
            [[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.2, 0.3, 0.1]].map(|seeds: [f64; 3]| seeds.iter().sum::<f64>() / 3.0);
        assert!(orders[0] != orders[1], "these sums differ in their last bit");
        for (up, down) in [(orders[0], orders[1]), (orders[1], orders[0]), (orders[2], orders[0])] {
            let test = wilcoxon_signed_rank(&[up, -down, 0.9]);
            // |d| 0.2, 0.2, 0.9: ranks 1.5, 1.5, 3; positive: 1.5 + 3.
            assert_eq!((test.different, test.statistic), (3, 4.5));
        }
        // Two models with the same recalls, averaged in two orders: no difference at all beside one that is real.
        let test = wilcoxon_signed_rank(&[orders[0] - orders[1], orders[1] - orders[0], -0.5]);
        assert_eq!((test.different, test.statistic), (1, 0.0));
        // A hit of one user of a hundred thousand is a difference.
        assert_eq!(wilcoxon_signed_rank(&[1e-5, -2e-5, 1.0]).different, 3);
    }

    #[test]
    fn no_difference_is_no_evidence() {
        assert_eq!((paired_t(&[0.0; 4]).p, wilcoxon_signed_rank(&[0.0; 4]).p), (1.0, 1.0));
        assert_eq!(paired_t(&[0.5; 4]).p, 0.0);
    }

    #[test]
    fn corrected_values_never_fall() {
        // 0.04 · 1 would be below what the one before it got.
        assert_eq!(holm(&[0.04, 0.03]), [2.0 * 0.03, 2.0 * 0.03]);
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }
}
