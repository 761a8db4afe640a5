//! The distance of two geometries, forward and backward in `f32`, beside the formula with `Δ` stored.

use anchorrec_kernels::product;
use anchorrec_losses::gram_distance;
use anchorrec_testkit::random;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use std::hint::black_box;

/// Rows of a batch.
const N: usize = 2048;
/// Embedding width.
const D: usize = 64;

fn bench(c: &mut Criterion) {
    let mut group = c.benchmark_group("gram_distance");
    group.sample_size(20);
    for width in [256, 4096] {
        let mut rng = random::generator(width as u64);
        let [h, s] = [D, width].map(|cols| random::matrix(N, cols, &mut rng).mapv(|x| x as f32));
        group.bench_function(BenchmarkId::new("tiles", width), |b| {
            b.iter(|| black_box(gram_distance(h.view(), s.view())).backward(1.0))
        });
        group.bench_function(BenchmarkId::new("plain", width), |b| b.iter(|| plain(&h, &s)));
    }
    group.finish();
}

fn plain(h: &Array2<f32>, s: &Array2<f32>) -> (f32, Array2<f32>) {
    let delta = product(h, &h.t()) - product(s, &s.t());
    let distance = (&delta * &delta).sum().sqrt();
    (distance, product(&delta, h) * (2.0 / distance))
}

criterion_group!(benches, bench);
criterion_main!(benches);
