//! What the latent factors of items look like as features.
//!
//! `X = (Z ⊙ v) Q + ν N / √F`: `v` says how strongly a modality sees each factor, the rows of `Q` (`[factors, F]`) are
//! orthonormal, so that every factor has the strength `v` says in feature space too, and `N` is normal noise; noise of a
//! row has length about `ν`. Image features are `relu` of that (as after a CNN's last rectifier); the others have rows
//! of length 1 (as sentence embeddings have).
//!
//! Rows are made in blocks of [`ROWS`], each from its own generator: threads change nothing. Sums run in a fixed
//! order without fused operations, so they are the same on every machine. Numbers are kept as `f16`, as they are stored.

use super::{
    key::Part,
    world::{FACTORS, PRIVATE, TOPIC, World},
};
use crate::Modality;
use anchorrec_linalg::gram_schmidt;
use half::{f16, slice::HalfFloatSliceExt};
use ndarray::{Array1, Array2};
use rand::RngExt;
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// Rows made at once from one generator: part of the definition of a twin.
const ROWS: usize = 256;

/// How a modality sees the world.
struct View {
    /// Strength of the topic factors.
    topic: f64,
    /// Which private factors it sees, and how strongly.
    private: (std::ops::Range<usize>, f64),
    /// Length of the noise.
    noise: f64,
    rectified: bool,
    part: Part,
}

/// Text is clear about topics and blind to the last private factors; images the other way round; both together see all.
fn view(modality: Modality) -> View {
    match modality {
        Modality::Text => View { topic: 1.0, private: (0..10, 0.8), noise: 0.7, rectified: false, part: Part::Text },
        Modality::Vision => View { topic: 0.6, private: (6..16, 0.8), noise: 0.9, rectified: true, part: Part::Vision },
        Modality::Mm => View { topic: 0.9, private: (0..16, 0.7), noise: 0.7, rectified: false, part: Part::Mm },
    }
}

/// Features of all items, `[items, width]`.
pub(crate) fn features(world: &World, modality: Modality, width: usize, seed: u64) -> Array2<f16> {
    let view = view(modality);
    let seen: [f64; FACTORS] = std::array::from_fn(|d| match d.checked_sub(TOPIC) {
        None => view.topic,
        Some(private) if view.private.0.contains(&private) => view.private.1,
        Some(_) => 0.0,
    });
    let loadings = loadings(width, modality as u64, seed);
    let mut features = Array2::from_elem((world.factors.len(), width), f16::ZERO);
    let numbers = features.as_slice_mut().expect("new arrays are contiguous");
    let blocks = numbers.par_chunks_mut(ROWS * width).zip(world.factors.par_chunks(ROWS)).enumerate();
    blocks.for_each(|(block, (numbers, factors))| {
        let mut rng = view.part.rng(seed, block as u64);
        let mut row = vec![0.0f32; width];
        let noise = (view.noise / (width as f64).sqrt()) as f32;
        for (numbers, factors) in numbers.chunks_mut(width).zip(factors) {
            row.iter_mut().for_each(|x| *x = noise * rng.sample::<f32, _>(StandardNormal));
            for (d, loading) in loadings.iter().enumerate() {
                let strength = (factors[d] * seen[d]) as f32;
                row.iter_mut().zip(loading).for_each(|(x, &q)| *x += strength * q);
            }
            finish(&mut row, view.rectified);
            numbers.convert_from_f32_slice(&row);
        }
    });
    features
}

fn finish(row: &mut [f32], rectified: bool) {
    if rectified {
        // Numbers of size about 1: f16 has few digits left near 1/√4096.
        let scale = (row.len() as f32).sqrt();
        row.iter_mut().for_each(|x| *x = (*x * scale).max(0.0));
    } else {
        let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        row.iter_mut().for_each(|x| *x /= length);
    }
}

/// `Q`, a row per factor: orthonormal rows, or orthonormal columns where there are fewer of those.
fn loadings(width: usize, modality: u64, seed: u64) -> Vec<Vec<f32>> {
    let mut rng = Part::Loadings.rng(seed, modality);
    let (vectors, dim) = (FACTORS.min(width), FACTORS.max(width));
    let random = (0..vectors).map(|_| Array1::from_shape_simple_fn(dim, || rng.sample::<f64, _>(StandardNormal)));
    // Random vectors are never dependent; one that was left out would show as a shape that does not fit below.
    let q = gram_schmidt(random, dim, 1e-9);
    assert_eq!(q.dim(), (dim, vectors), "random vectors are independent");
    let at = |factor: usize, column: usize| if width >= FACTORS { q[[column, factor]] } else { q[[factor, column]] };
    (0..TOPIC + PRIVATE).map(|factor| (0..width).map(|column| at(factor, column) as f32).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loadings_are_orthonormal() {
        for width in [5, FACTORS, 100] {
            let q = loadings(width, 1, 7);
            let transposed: Vec<Vec<f32>> = (0..width).map(|c| q.iter().map(|row| row[c]).collect()).collect();
            let short = if width >= FACTORS { &q } else { &transposed };
            for (i, a) in short.iter().enumerate() {
                for (j, b) in short.iter().enumerate() {
                    let product: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
                    let want = if i == j { 1.0 } else { 0.0 };
                    // Entries are rounded to f32: 24 bits, a hundred of them summed.
                    assert!((product - want).abs() < 1e-5, "width {width}: {i}, {j}: {product}");
                }
            }
        }
    }
}
