//! How many directions a space really uses.
//!
//! With `σ_1 >= σ_2 >= ...` the singular values of an item space `X` `[I, D]` and `p_k = σ_k² / Σ σ²`:
//! `effective rank = exp(-Σ p_k ln p_k)` (Roy and Vetterli, EUSIPCO 2007, there with `p_k ∝ σ_k`): `D` when all directions carry the same, 1 when one
//! carries all.
//!
//! The squares are the eigenvalues of `XᵀX` `[D, D]`, computed in `f64`: by reflections to three diagonals, then by QR steps with a shift
//! (Golub and Van Loan, *Matrix Computations*, 4th ed., 8.3). A singular value below some `1e-8` of the largest is noise.

use anchorrec_kernels::{Real, product};
use ndarray::{Array2, ArrayBase, Data, Ix2};

/// Singular values, largest first, `[D]`.
///
/// # Panics
/// When a number is not finite.
pub fn singular_values<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Vec<f64> {
    assert!(x.iter().all(|v| v.is_finite()), "singular values of finite numbers");
    let x = x.mapv(Real::as_f64);
    let gram = if x.nrows() < x.ncols() { product(&x, &x.t()) } else { product(&x.t(), &x) };
    let mut values: Vec<f64> = eigenvalues(gram).into_iter().map(|v| v.max(0.0).sqrt()).collect();
    values.resize(x.ncols(), 0.0);
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// `exp(-Σ p ln p)` with `p = σ² / Σ σ²`; 0 when all are zero.
///
/// ```
/// use anchorrec_metrics::spectrum::effective_rank;
/// assert!((effective_rank(&[2.0, 2.0, 2.0, 0.0]) - 3.0).abs() < 1e-14);
/// assert_eq!(effective_rank(&[5.0, 0.0]), 1.0);
/// ```
pub fn effective_rank(singular_values: &[f64]) -> f64 {
    let sum: f64 = singular_values.iter().map(|s| s * s).sum();
    if sum == 0.0 {
        return 0.0;
    }
    let entropy: f64 = singular_values.iter().map(|s| s * s / sum).filter(|&p| p > 0.0).map(|p| -p * p.ln()).sum();
    entropy.exp()
}

/// Of a symmetric matrix, in no order.
fn eigenvalues(mut a: Array2<f64>) -> Vec<f64> {
    let (mut diagonal, mut beside) = tridiagonal(&mut a);
    let n = diagonal.len();
    let mut end = n;
    // Each pass makes the last of the remaining off-diagonal numbers small; some two or three passes for each eigenvalue.
    for _ in 0..40 * n {
        while end > 1 && beside[end - 2].abs() <= f64::EPSILON * (diagonal[end - 2].abs() + diagonal[end - 1].abs()) {
            end -= 1;
        }
        if end <= 1 {
            break;
        }
        let mut start = end - 1;
        while start > 0 && beside[start - 1].abs() > f64::EPSILON * (diagonal[start - 1].abs() + diagonal[start].abs())
        {
            start -= 1;
        }
        qr_step(&mut diagonal[start..end], &mut beside[start..end - 1]);
    }
    diagonal
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
        let mut rest = a.slice_mut(ndarray::s![k + 1.., k + 1..]);
        let v = ndarray::Array1::from(v);
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
    use anchorrec_testkit::{assert_close_scalar, random};
    use ndarray::array;

    #[test]
    fn solved_by_hand() {
        // XᵀX = [[25, 20], [20, 25]]: eigenvalues 45 and 5.
        let values = singular_values(&array![[3.0, 0.0], [4.0, 5.0]]);
        assert_close_scalar("first", values[0], 45f64.sqrt(), 1e-14);
        assert_close_scalar("second", values[1], 5f64.sqrt(), 1e-14);
        assert_eq!(singular_values(&array![[0.0f32, 0.0]]), [0.0, 0.0]);
        // The path of three nodes: eigenvalues -√2, 0, √2.
        let mut path = eigenvalues(array![[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]);
        path.sort_by(f64::total_cmp);
        for (got, want) in path.iter().zip([-(2f64.sqrt()), 0.0, 2f64.sqrt()]) {
            assert!((got - want).abs() < 1e-15, "{got} for {want}");
        }
    }

    #[test]
    fn planted_values_come_back() {
        // Rotations of a diagonal matrix: the values stay. The frame comes from reflections of random vectors.
        let (n, rng) = (40, &mut random::generator(1));
        let planted: Vec<f64> = (0..n).map(|k| 3.0 * 0.7f64.powi(k)).collect();
        let mut x = Array2::from_diag(&ndarray::Array1::from(planted.clone()));
        for _ in 0..3 {
            let v = random::matrix(n as usize, 1, rng);
            let square = v.iter().map(|x| x * x).sum::<f64>();
            let reflection = Array2::eye(n as usize) - v.dot(&v.t()) * (2.0 / square);
            x = reflection.dot(&x).dot(&reflection.t());
        }
        for (got, want) in singular_values(&x).iter().zip(&planted) {
            assert!((got - want).abs() < 1e-7 * 3.0, "{got} for {want}");
        }
        let wide = random::matrix(5, 12, rng);
        let (of_wide, of_tall) = (singular_values(&wide), singular_values(&wide.t()));
        assert_eq!((of_wide.len(), of_tall.len()), (12, 5));
        for (a, b) in of_wide.iter().zip(&of_tall) {
            assert_close_scalar("wide and tall", *a, *b, 1e-12);
        }
        let squares: f64 = of_tall.iter().map(|s| s * s).sum();
        assert_close_scalar("norm", squares, wide.iter().map(|x| x * x).sum(), 1e-13);
    }
}
