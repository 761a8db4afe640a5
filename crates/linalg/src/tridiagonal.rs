//! Eigenvalues of a symmetric matrix: by reflections to three diagonals, then by QR steps with a shift (Golub and Van Loan, *Matrix
//! Computations*, 4th ed., 8.3).
//!
//! QR steps have never been seen not to converge, but nothing proves it. Should they not within 40 for each eigenvalue, the eigenvalues are
//! found by bisection (Barth, Martin and Wilkinson, Numerische Mathematik 1967), which cannot fail and is slower.

use crate::scale::power_of_two;
use ndarray::{Array1, Array2, s};

/// QR steps for each eigenvalue; two or three are usual.
const STEPS: usize = 40;

/// All eigenvalues of a symmetric matrix, in no order.
///
/// # Panics
/// When the matrix is not square or holds a number that is not finite.
///
/// ```
/// use anchorrec_linalg::tridiagonal::eigenvalues;
/// let mut values = eigenvalues(ndarray::array![[2.0, 1.0], [1.0, 2.0]]);
/// values.sort_by(f64::total_cmp);
/// assert!((values[0] - 1.0).abs() < 1e-15 && (values[1] - 3.0).abs() < 1e-15);
/// ```
pub fn eigenvalues(mut a: Array2<f64>) -> Vec<f64> {
    assert_eq!(a.nrows(), a.ncols(), "eigenvalues: a matrix {:?} is not symmetric", a.dim());
    assert!(a.iter().all(|x| x.is_finite()), "eigenvalues of finite numbers");
    let scale = power_of_two(a.iter().fold(0.0, |largest, x| x.abs().max(largest)));
    if scale != 1.0 {
        a *= scale;
    }
    let (diagonal, beside) = tridiagonal(&mut a);
    let steps = STEPS * diagonal.len();
    let mut values = by_qr(diagonal.clone(), beside.clone(), steps).unwrap_or_else(|| by_bisection(&diagonal, &beside));
    if scale != 1.0 {
        values.iter_mut().for_each(|value| *value /= scale);
    }
    values
}

/// The eigenvalues of a matrix with three diagonals by at most so many QR steps; `None` when these do not do.
fn by_qr(mut diagonal: Vec<f64>, mut beside: Vec<f64>, steps: usize) -> Option<Vec<f64>> {
    let mut end = diagonal.len();
    for step in 0..=steps {
        while end > 1 && beside[end - 2].abs() <= f64::EPSILON * (diagonal[end - 2].abs() + diagonal[end - 1].abs()) {
            end -= 1;
        }
        if end <= 1 {
            return Some(diagonal);
        }
        if step == steps {
            break;
        }
        let mut start = end - 1;
        while start > 0 && beside[start - 1].abs() > f64::EPSILON * (diagonal[start - 1].abs() + diagonal[start].abs())
        {
            start -= 1;
        }
        qr_step(&mut diagonal[start..end], &mut beside[start..end - 1]);
    }
    None
}

/// Finds the eigenvalues by halving intervals: how many are below `x` is the number of negative pivots of `T - x I`.
fn by_bisection(diagonal: &[f64], beside: &[f64]) -> Vec<f64> {
    let n = diagonal.len();
    let radius = |i: usize| {
        let above = if i > 0 { beside[i - 1].abs() } else { 0.0 };
        above + beside.get(i).map_or(0.0, |e| e.abs())
    };
    // Gershgorin: no eigenvalue lies outside.
    let low = (0..n).map(|i| diagonal[i] - radius(i)).fold(f64::INFINITY, f64::min);
    let high = (0..n).map(|i| diagonal[i] + radius(i)).fold(f64::NEG_INFINITY, f64::max);
    let close = f64::EPSILON * low.abs().max(high.abs());
    let below = |x: f64| {
        let (mut count, mut pivot) = (0, 1.0);
        for i in 0..n {
            let square = if i > 0 { beside[i - 1] * beside[i - 1] } else { 0.0 };
            // A pivot of zero stands for one that is as small as rounding.
            let divisor = if pivot == 0.0 { close.max(f64::MIN_POSITIVE) } else { pivot };
            pivot = diagonal[i] - x - square / divisor;
            count += usize::from(pivot < 0.0);
        }
        count
    };
    let value = |k: usize| {
        let (mut low, mut high) = (low - close, high + close);
        while high - low > close {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if below(middle) > k { high = middle } else { low = middle }
        }
        low + (high - low) / 2.0
    };
    (0..n).map(value).collect()
}

/// The diagonal and the numbers beside it of a matrix with three diagonals and the same eigenvalues, by Householder reflections.
fn tridiagonal(a: &mut Array2<f64>) -> (Vec<f64>, Vec<f64>) {
    let n = a.nrows();
    let mut beside = Vec::with_capacity(n.saturating_sub(1));
    for k in 0..n.saturating_sub(1) {
        let mut v: Vec<f64> = (k + 1..n).map(|i| a[[i, k]]).collect();
        let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        let reflected = if v[0] > 0.0 { -norm } else { norm };
        beside.push(reflected);
        v[0] -= reflected;
        let square: f64 = v.iter().map(|x| x * x).sum();
        if square == 0.0 {
            continue;
        }
        // A <- H A H with H = I - 2 v vᵀ / vᵀv: with p = A v · 2/vᵀv and w = p - (pᵀv / vᵀv) v it is A - v wᵀ - w vᵀ.
        let mut rest = a.slice_mut(s![k + 1.., k + 1..]);
        let v = Array1::from(v);
        let p = rest.dot(&v) * (2.0 / square);
        let w = &p - &(&v * (p.dot(&v) / square));
        for (i, mut row) in rest.rows_mut().into_iter().enumerate() {
            let (v_i, w_i) = (v[i], w[i]);
            row.iter_mut().zip(&w).zip(&v).for_each(|((a, &w), &v)| *a -= v_i * w + w_i * v);
        }
    }
    (a.diag().to_vec(), beside)
}

/// One QR step with Wilkinson's shift, by a rotation for each pair of neighbours that chases the number outside of the three
/// diagonals down.
fn qr_step(d: &mut [f64], e: &mut [f64]) {
    let n = d.len();
    let half = (d[n - 2] - d[n - 1]) / 2.0;
    let last = e[n - 2];
    let shift = d[n - 1] - last * last / (half + half.hypot(last).copysign(half));
    let (mut x, mut z) = (d[0] - shift, e[0]);
    for k in 0..n - 1 {
        let r = x.hypot(z);
        let (c, s) = if r == 0.0 { (1.0, 0.0) } else { (x / r, z / r) };
        if k > 0 {
            e[k - 1] = r;
        }
        let (a, b, m) = (d[k], d[k + 1], e[k]);
        d[k] = c * c * a + 2.0 * c * s * m + s * s * b;
        d[k + 1] = s * s * a - 2.0 * c * s * m + c * c * b;
        e[k] = c * s * (b - a) + (c * c - s * s) * m;
        if k + 2 < n {
            x = e[k];
            z = s * e[k + 1];
            e[k + 1] *= c;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::random;
    use ndarray::array;

    fn sorted(mut values: Vec<f64>) -> Vec<f64> {
        values.sort_by(f64::total_cmp);
        values
    }

    #[test]
    fn solved_by_hand() {
        // The path of three nodes: eigenvalues -√2, 0, √2.
        let path = sorted(eigenvalues(array![[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]));
        for (got, want) in path.iter().zip([-(2f64.sqrt()), 0.0, 2f64.sqrt()]) {
            assert!((got - want).abs() < 1e-15, "{got} for {want}");
        }
        assert_eq!(eigenvalues(Array2::zeros((0, 0))), [0.0; 0]);
        assert_eq!(eigenvalues(array![[-4.0]]), [-4.0]);
    }

    /// Steps that do not do are noticed, and the method that takes over finds the same: multiple values, zeros and both signs among them.
    #[test]
    fn bisection_finds_what_qr_steps_find() {
        let mut matrices: Vec<Array2<f64>> = (2..20)
            .map(|n| {
                let x = random::matrix(n, n, &mut random::generator(n as u64));
                &x + &x.t()
            })
            .collect();
        matrices.extend([Array2::eye(5), Array2::zeros((3, 3)), Array2::from_elem((6, 6), 2.0)]);
        for mut a in matrices {
            let (diagonal, beside) = tridiagonal(&mut a);
            let n = diagonal.len();
            if beside.iter().any(|&e| e.abs() > 1e-10) {
                assert_eq!(by_qr(diagonal.clone(), beside.clone(), 0), None, "no step is too few");
            }
            let by_qr = sorted(by_qr(diagonal.clone(), beside.clone(), STEPS * n).expect("steps enough"));
            let largest = by_qr.iter().fold(0.0f64, |m, v| m.max(v.abs()));
            for (a, b) in sorted(by_bisection(&diagonal, &beside)).iter().zip(&by_qr) {
                // Both are right to some roundings of the largest, one for each row.
                assert!((a - b).abs() <= 10.0 * n as f64 * f64::EPSILON * largest, "{a} by bisection, {b} by QR steps");
            }
        }
    }

    #[test]
    fn numbers_at_the_ends_of_f64_have_eigenvalues() {
        for unit in [1e300, 1e-300] {
            let values = sorted(eigenvalues(array![[2.0 * unit, unit], [unit, 2.0 * unit]]));
            assert!((values[0] / unit - 1.0).abs() < 1e-14 && (values[1] / unit - 3.0).abs() < 1e-14, "{values:?}");
        }
    }

    #[test]
    #[should_panic(expected = "eigenvalues of finite numbers")]
    fn what_is_not_finite_is_refused() {
        eigenvalues(array![[f64::INFINITY]]);
    }
}
