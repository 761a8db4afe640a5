//! Whether two orders of the same few things agree: Kendall's rank correlation with its exact test.
//!
//! `τ = (C - D) / (n(n-1)/2)` over all pairs of things, `C` of which are in the same order by both numbers and `D` in opposite ones
//! (Kendall, Biometrika 1938). Under chance every order is as likely, and `D` is the number of inversions of a permutation: its distribution
//! is the product of uniform ones on `0..m`, `m` = 1 to `n`. So `p` is exact for any `n`, which matters where things are few.

/// Kendall's rank correlation of two numbers of each thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kendall {
    /// `τ`, from -1 (opposite orders) to 1 (the same order).
    pub tau: f64,
    /// The exact two-sided p.
    pub p: f64,
}

/// Tests whether two numbers order the same things alike. Returns nothing for fewer than three things, and where two things tie by either
/// number or a number is NaN: the exact distribution is that of orders without ties.
///
/// ```
/// use anchorrec_metrics::kendall::kendall;
///
/// let agree = kendall(&[(0.1, 3.0), (0.2, 4.0), (0.3, 5.0), (0.4, 6.0), (0.5, 7.0)]).unwrap();
/// assert_eq!(agree.tau, 1.0);
/// // Two of the 5! orders are as extreme.
/// assert!((agree.p - 2.0 / 120.0).abs() < 1e-15);
/// ```
pub fn kendall(points: &[(f64, f64)]) -> Option<Kendall> {
    let n = points.len();
    let signs = (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
    let signs = signs.map(|(i, j)| (points[i].0 - points[j].0) * (points[i].1 - points[j].1));
    let (mut concordant, mut discordant) = (0usize, 0usize);
    for sign in signs {
        if sign > 0.0 {
            concordant += 1;
        } else if sign < 0.0 {
            discordant += 1;
        } else {
            return None;
        }
    }
    if n < 3 {
        return None;
    }
    let tail: f64 = inversions(n)[..=concordant.min(discordant)].iter().sum();
    let tau = (concordant as f64 - discordant as f64) / (concordant + discordant) as f64;
    Some(Kendall { tau, p: (2.0 * tail).min(1.0) })
}

/// The probability of each number of inversions in a permutation of `n`.
fn inversions(n: usize) -> Vec<f64> {
    (1..=n).fold(vec![1.0], |before, m| {
        let mut after = vec![0.0; before.len() + m - 1];
        for (k, share) in before.iter().enumerate() {
            after[k..k + m].iter_mut().for_each(|place| *place += share / m as f64);
        }
        after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All orders of `0..n`.
    fn orders(n: usize) -> Vec<Vec<usize>> {
        if n == 0 {
            return vec![Vec::new()];
        }
        let shorter = orders(n - 1);
        let longer =
            |order: &Vec<usize>| (0..n).map(|at| [&order[..at], &[n - 1], &order[at..]].concat()).collect::<Vec<_>>();
        shorter.iter().flat_map(longer).collect()
    }

    #[test]
    fn p_is_the_share_of_all_orders_that_are_as_extreme() {
        let points = |order: &[usize]| order.iter().enumerate().map(|(i, &j)| (i as f64, j as f64)).collect::<Vec<_>>();
        let all: Vec<f64> = orders(6).iter().map(|order| kendall(&points(order)).unwrap().tau).collect();
        for order in [[0, 1, 2, 3, 4, 5], [1, 0, 2, 3, 5, 4], [5, 3, 4, 2, 0, 1], [2, 5, 0, 4, 1, 3]] {
            let found = kendall(&points(&order)).unwrap();
            let extreme = all.iter().filter(|tau| tau.abs() >= found.tau.abs() - 1e-12).count();
            assert!((found.p - extreme as f64 / 720.0).abs() < 1e-12, "{order:?}: {found:?}");
        }
    }

    #[test]
    fn ties_and_too_few_things_have_no_test() {
        assert_eq!(kendall(&[(1.0, 1.0), (2.0, 2.0)]), None);
        assert_eq!(kendall(&[(1.0, 1.0), (2.0, 2.0), (2.0, 3.0)]), None);
        assert_eq!(kendall(&[(1.0, 1.0), (2.0, f64::NAN), (3.0, 3.0)]), None);
    }
}
