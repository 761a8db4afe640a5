//! The Fourier transform of real rows and its inverse, both unitary, as products with fixed matrices.
//!
//! For a row `x` of `D` numbers and the `K = ⌊D/2⌋ + 1` frequencies that say all of it:
//!
//! `X_k = D^-½ Σ_n x_n e^{-2πikn/D}`, `x_n = D^-½ Σ_k c_k Re(X_k e^{2πikn/D})`, `c_k = 1` for `k = 0` and `k = D/2`, else 2.
//!
//! A spectrum is a table `[n, 2K]`: the real parts, then the imaginary ones. With `B` `[D, 2K]`, `B_nk = D^-½ cos(2πkn/D)` in its first half and
//! `-D^-½ sin(2πkn/D)` in its second, the transform is `X = x B` and the inverse `x = X (B c)ᵀ`; so the backward pass of the one is a product with `Bᵀ`, that
//! of the other one with `B c`. Gradients of a spectrum are `∂/∂Re` and `∂/∂Im` side by side.
//!
//! At `D = 64` a product with `B` costs a thousandth of the one that makes `x`; a fast transform would save nothing that could be seen. The sines of
//! the frequencies 0 and `D/2` are exactly 0, not `1e-16`: an optimiser that divides by a gradient's own size would see the difference.

use anchorrec_kernels::{Real, product};
use ndarray::Array2;
use std::f64::consts::TAU;

/// Plans the transform of rows of one width.
#[derive(Clone, Debug)]
pub struct Fourier<F> {
    /// The matrix of the transform, `B`, `[D, 2K]`.
    forward: Array2<F>,
    /// The matrix of the inverse, `B c`, `[D, 2K]`.
    weighted: Array2<F>,
}

impl<F: Real> Fourier<F> {
    /// Plans the transform of rows of `width` numbers, `D`.
    ///
    /// # Panics
    /// When the width is 0.
    pub fn new(width: usize) -> Self {
        assert!(width > 0, "a transform of rows without numbers");
        let frequencies = frequencies(width);
        let scale = (width as f64).sqrt().recip();
        let basis = |weight: fn(usize, usize) -> f64| {
            Array2::from_shape_fn((width, 2 * frequencies), |(n, column)| {
                let k = column % frequencies;
                let (cosine, sine) = circle(k * n % width, width);
                F::of(weight(k, width) * scale * if column < frequencies { cosine } else { -sine })
            })
        };
        Fourier { forward: basis(|_, _| 1.0), weighted: basis(times) }
    }

    /// Returns the number of frequencies, `K`.
    pub fn frequencies(&self) -> usize {
        self.forward.ncols() / 2
    }

    /// Transforms rows `[n, D]` to spectra `[n, 2K]`.
    ///
    /// # Panics
    /// When the rows have another width.
    pub fn transform(&self, x: &Array2<F>) -> Array2<F> {
        product(x, &self.forward)
    }

    /// Backward pass of [`transform`](Self::transform): from the gradient of the spectra to that of the rows.
    pub fn transform_backward(&self, d_spectrum: &Array2<F>) -> Array2<F> {
        product(d_spectrum, &self.forward.t())
    }

    /// Transforms spectra `[n, 2K]` back to rows `[n, D]`; the imaginary parts of the frequencies 0 and `D/2` are not looked at.
    ///
    /// # Panics
    /// When the spectra are of rows of another width.
    pub fn inverse(&self, spectrum: &Array2<F>) -> Array2<F> {
        product(spectrum, &self.weighted.t())
    }

    /// Backward pass of [`inverse`](Self::inverse): from the gradient of the rows to that of the spectra.
    pub fn inverse_backward(&self, d_x: &Array2<F>) -> Array2<F> {
        product(d_x, &self.weighted)
    }
}

/// Returns how many frequencies say all of a real row of `width` numbers.
pub fn frequencies(width: usize) -> usize {
    width / 2 + 1
}

/// `c_k`: a frequency between the lowest and the highest stands for itself and its mirror image.
fn times(k: usize, width: usize) -> f64 {
    if k == 0 || 2 * k == width { 1.0 } else { 2.0 }
}

/// Cosine and sine of `part / whole` of a turn; exact at its quarters.
fn circle(part: usize, whole: usize) -> (f64, f64) {
    match 4 * part {
        0 => (1.0, 0.0),
        quarters if quarters == whole => (0.0, 1.0),
        quarters if quarters == 2 * whole => (-1.0, 0.0),
        quarters if quarters == 3 * whole => (0.0, -1.0),
        _ => {
            let (sine, cosine) = (TAU * part as f64 / whole as f64).sin_cos();
            (cosine, sine)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, random};
    use ndarray::array;

    const WIDTHS: [usize; 8] = [1, 2, 3, 4, 6, 7, 12, 64];

    #[test]
    fn a_row_solved_by_hand() {
        // 1 + cos(πn) for n = 0..4, over √4: frequencies 0 and 2.
        let spectrum = Fourier::<f64>::new(4).transform(&array![[2.0, 0.0, 2.0, 0.0]]);
        assert_eq!(spectrum, array![[2.0, 0.0, 2.0, 0.0, 0.0, 0.0]]);
        // sin(πn/2): frequency 1, -i/2 · √4.
        let spectrum = Fourier::<f64>::new(4).transform(&array![[0.0, 1.0, 0.0, -1.0]]);
        assert_eq!(spectrum, array![[0.0, 0.0, 0.0, 0.0, -1.0, 0.0]]);
    }

    #[test]
    fn the_inverse_gives_the_rows_back_and_lengths_stay() {
        for width in WIDTHS {
            let (fourier, x) = (Fourier::new(width), random::matrix(5, width, &mut random::generator(width as u64)));
            let spectrum = fourier.transform(&x);
            assert_close("inverse", fourier.inverse(&spectrum).view(), x.view(), 1e-12);
            let squares = |(j, &s): (usize, &f64)| times(j % fourier.frequencies(), width) * s * s;
            for (x, spectrum) in x.rows().into_iter().zip(spectrum.rows()) {
                assert!((x.dot(&x) - spectrum.iter().enumerate().map(squares).sum::<f64>()).abs() < 1e-12, "{width}");
            }
        }
    }

    #[test]
    fn backward_passes_are_the_transposes() {
        for width in WIDTHS {
            let (fourier, rng) = (Fourier::<f64>::new(width), &mut random::generator(width as u64));
            let (x, spectrum) = (random::matrix(5, width, rng), random::matrix(5, 2 * fourier.frequencies(), rng));
            let inner = |a: &Array2<f64>, b: &Array2<f64>| (a * b).sum();
            let forward = inner(&fourier.transform(&x), &spectrum);
            assert!((forward - inner(&x, &fourier.transform_backward(&spectrum))).abs() < 1e-12, "{width}");
            let inverse = inner(&fourier.inverse(&spectrum), &x);
            assert!((inverse - inner(&spectrum, &fourier.inverse_backward(&x))).abs() < 1e-12, "{width}");
        }
    }

    #[test]
    fn the_lowest_and_the_highest_frequency_have_no_imaginary_part_at_all() {
        for width in [2, 4, 6, 10, 64] {
            let (fourier, x) = (Fourier::new(width), random::matrix(5, width, &mut random::generator(1)));
            let last = fourier.frequencies() - 1;
            for spectrum in [fourier.transform(&x), fourier.inverse_backward(&x)] {
                assert!(spectrum.column(last + 1).iter().all(|&im| im == 0.0), "{width}");
                assert!(spectrum.column(2 * last + 1).iter().all(|&im| im == 0.0), "{width}");
            }
        }
    }
}
