//! Image and text in the frequency domain: each through its own filter, and both together through a third.
//!
//! `Y_v = X_v ψ_v`, `Y_t = X_t ψ_t`, `Y_f = X_t X_v ψ_f`: products of complex numbers, one for each frequency of each item, nothing conjugated; `X` the
//! [spectrum](super::spectrum) of `x` `[I, D]`, `y` the inverse of `Y`.
//!
//! Backward, with `Ĝ` the gradient of `Y` (`∂/∂Re + i ∂/∂Im`): `dψ_m = Σ_items conj(X_m) Ĝ_m` and `dX_m = conj(ψ_m) Ĝ_m`; of the fusion
//! `dψ_f = Σ_items conj(X_t X_v) Ĝ_f`, `dX_t += conj(X_v ψ_f) Ĝ_f`, `dX_v += conj(X_t ψ_f) Ĝ_f`.

use super::spectrum::Fourier;
use anchorrec_encoders::{Gradients, ParamId, Params, init};
use anchorrec_kernels::rows::sum_rows;
use anchorrec_kernels::{Real, fill_rows};
use ndarray::{Array1, Array2};
use rand::Rng;

/// The three filters and the transform.
#[derive(Clone, Debug)]
pub struct Filters<F> {
    /// `ψ_v, ψ_t, ψ_f`, `[K, 2]` each: real and imaginary parts.
    pub weights: [ParamId; 3],
    fourier: Fourier<F>,
}

/// What [`Filters::forward`] computed.
#[derive(Clone, Debug)]
pub struct Filtered<F> {
    /// `X_v, X_t`, `[I, 2K]`: real parts, then imaginary ones.
    pub spectra: [Array2<F>; 2],
    /// `y_v, y_t, y_f`, `[I, D]`.
    pub values: [Array2<F>; 3],
}

impl<F: Real> Filters<F> {
    /// Adds `<branch>.filter` for each branch, standard normal.
    pub fn new(params: &mut Params<F>, branches: [&str; 3], width: usize, rng: &mut impl Rng) -> Self {
        let fourier = Fourier::new(width);
        let weights = branches
            .map(|name| params.add(format!("{name}.filter"), init::standard_normal(fourier.frequencies(), 2, rng)));
        Filters { weights, fourier }
    }

    /// Filters `x_v` and `x_t` `[I, D]`.
    pub fn forward(&self, params: &Params<F>, projected: &[Array2<F>; 2]) -> Filtered<F> {
        let spectra = projected.each_ref().map(|x| self.fourier.transform(x));
        let [vision, text] = &spectra;
        let sources = [vision, text, &times(text, vision)];
        let mut branch = 0..3;
        let values = sources.map(|source| {
            let filter = self.filter(params, branch.next().expect("three"));
            self.fourier.inverse(&times(source, &filter))
        });
        Filtered { spectra, values }
    }

    /// Adds the gradients of the filters for those of `y_v, y_t, y_f`, and returns those of `x_v, x_t`.
    pub fn backward(
        &self,
        params: &Params<F>,
        gradients: &mut Gradients<F>,
        filtered: &Filtered<F>,
        d_values: &[Array2<F>; 3],
    ) -> [Array2<F>; 2] {
        let [vision, text] = &filtered.spectra;
        let [filter_v, filter_t, filter_f] = [0, 1, 2].map(|branch| self.filter(params, branch));
        let [g_v, g_t, g_f] = d_values.each_ref().map(|d| self.fourier.inverse_backward(d));
        for (id, source, g) in [
            (self.weights[0], vision, &g_v),
            (self.weights[1], text, &g_t),
            (self.weights[2], &times(text, vision), &g_f),
        ] {
            gradients.add(id, interleaved(&sum_rows(&conjugate_times(source, g))));
        }
        let d_vision = conjugate_times(&filter_v, &g_v) + conjugate_times(&times(text, &filter_f), &g_f);
        let d_text = conjugate_times(&filter_t, &g_t) + conjugate_times(&times(vision, &filter_f), &g_f);
        [d_vision, d_text].map(|d| self.fourier.transform_backward(&d))
    }

    /// A filter as a spectrum, `[1, 2K]`.
    fn filter(&self, params: &Params<F>, branch: usize) -> Array2<F> {
        let filter = &params[self.weights[branch]];
        let frequencies = filter.nrows();
        Array2::from_shape_fn((1, 2 * frequencies), |(_, j)| filter[[j % frequencies, j / frequencies]])
    }
}

/// `[2K]` as `[K, 2]`.
fn interleaved<F: Real>(spectrum: &Array1<F>) -> Array2<F> {
    let frequencies = spectrum.len() / 2;
    Array2::from_shape_fn((frequencies, 2), |(k, part)| spectrum[part * frequencies + k])
}

/// `a b` of complex numbers; a table of one row is the same for all rows of the other.
fn times<F: Real>(a: &Array2<F>, b: &Array2<F>) -> Array2<F> {
    pointwise(a, b, |(a, a_i), (b, b_i)| (a * b - a_i * b_i, a * b_i + a_i * b))
}

/// `conj(a) b`, likewise.
fn conjugate_times<F: Real>(a: &Array2<F>, b: &Array2<F>) -> Array2<F> {
    pointwise(a, b, |(a, a_i), (b, b_i)| (a * b + a_i * b_i, a * b_i - a_i * b))
}

fn pointwise<F: Real>(a: &Array2<F>, b: &Array2<F>, f: impl Fn((F, F), (F, F)) -> (F, F) + Sync + Send) -> Array2<F> {
    let frequencies = a.ncols() / 2;
    fill_rows(a.nrows().max(b.nrows()), a.ncols(), |first, mut rows| {
        for (n, mut row) in rows.rows_mut().into_iter().enumerate() {
            let [a, b] = [a, b].map(|x| x.row(if x.nrows() == 1 { 0 } else { first + n }));
            for k in 0..frequencies {
                let part = k + frequencies;
                (row[k], row[part]) = f((a[k], a[part]), (b[k], b[part]));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, assert_gradient, random};
    use ndarray::array;

    #[test]
    fn complex_products_solved_by_hand() {
        // (1 + 2i)(3 - i) = 5 + 5i, (1 - 2i)(3 - i) = 1 - 7i; the second row is twice as long.
        let (a, b) = (array![[1.0, 2.0], [2.0, 4.0]], array![[3.0, -1.0]]);
        assert_eq!(times(&a, &b), array![[5.0, 5.0], [10.0, 10.0]]);
        assert_eq!(times(&b, &a), times(&a, &b));
        assert_eq!(conjugate_times(&a, &b), array![[1.0, -7.0], [2.0, -14.0]]);
    }

    /// A product of spectra is a convolution of rows.
    #[test]
    fn filters_are_circular_convolutions() {
        for width in [1, 5, 6] {
            let rng = &mut random::generator(width as u64);
            let mut params = Params::<f64>::new();
            let filters = Filters::new(&mut params, ["v", "t", "f"], width, rng);
            let x = [random::matrix(3, width, rng), random::matrix(3, width, rng)];
            let values = filters.forward(&params, &x).values;
            // The kernel of a filter: what it makes of one impulse, whose spectrum is D^-½ everywhere.
            let root = (width as f64).sqrt();
            let kernel = |branch: usize| filters.fourier.inverse(&filters.filter(&params, branch)) / root;
            let convolved = |a: &Array2<f64>, b: &Array2<f64>| {
                Array2::from_shape_fn(a.dim(), |(i, n)| {
                    let row = if b.nrows() == 1 { 0 } else { i };
                    (0..width).map(|j| a[[i, j]] * b[[row, (n + width - j) % width]]).sum::<f64>()
                })
            };
            let [vision, text] = &x;
            assert_close("vision", values[0].view(), convolved(vision, &kernel(0)).view(), 1e-12);
            assert_close("text", values[1].view(), convolved(text, &kernel(1)).view(), 1e-12);
            let both = convolved(text, vision) / root;
            assert_close("fusion", values[2].view(), convolved(&both, &kernel(2)).view(), 1e-12);
        }
    }

    #[test]
    fn gradients_agree_with_differences() {
        for width in [1, 4, 5] {
            let rng = &mut random::generator(width as u64);
            let mut params = Params::<f64>::new();
            let filters = Filters::new(&mut params, ["v", "t", "f"], width, rng);
            let x = [random::matrix(3, width, rng), random::matrix(3, width, rng)];
            let upstream = [0, 1, 2].map(|_| random::matrix(3, width, rng));
            let loss = |params: &Params<f64>, x: &[Array2<f64>; 2]| {
                let values = filters.forward(params, x).values;
                values.iter().zip(&upstream).map(|(y, g)| (y * g).sum()).sum::<f64>()
            };
            let mut gradients = Gradients::zero(&params);
            let filtered = filters.forward(&params, &x);
            let d_x = filters.backward(&params, &mut gradients, &filtered, &upstream);
            for id in filters.weights {
                let d = gradients.to_dense(id, &params);
                assert_gradient("a filter", d.view(), params[id].view(), |value| {
                    let mut moved = params.clone();
                    moved[id] = value.to_owned();
                    loss(&moved, &x)
                });
                let ends: &[usize] = if width % 2 == 0 { &[0, width / 2] } else { &[0] };
                assert!(ends.iter().all(|&k| d[[k, 1]] == 0.0), "imaginary parts without effect: {d}");
            }
            for m in 0..2 {
                assert_gradient("x", d_x[m].view(), x[m].view(), |value| {
                    let mut moved = x.clone();
                    moved[m] = value.to_owned();
                    loss(&params, &moved)
                });
            }
        }
    }
}
