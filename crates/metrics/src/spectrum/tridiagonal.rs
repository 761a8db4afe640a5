//! Eigenvalues of a symmetric matrix: by reflections to three diagonals, then by QR steps with a shift (Golub and Van Loan, *Matrix
//! Computations*, 4th ed., 8.3).

use ndarray::Array2;

/// Returns the eigenvalues of a symmetric matrix, in no order.
pub fn eigenvalues(mut a: Array2<f64>) -> Vec<f64> {
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
    use ndarray::array;

    #[test]
    fn solved_by_hand() {
        // The path of three nodes: eigenvalues -√2, 0, √2.
        let mut path = eigenvalues(array![[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]);
        path.sort_by(f64::total_cmp);
        for (got, want) in path.iter().zip([-(2f64.sqrt()), 0.0, 2f64.sqrt()]) {
            assert!((got - want).abs() < 1e-15, "{got} for {want}");
        }
    }
}
