//! InfoNCE of a batch, forward and backward in `f32`, beside the formula with every matrix stored.

use anchorrec_kernels::{product, rows::normalised};
use anchorrec_losses::info_nce;
use anchorrec_testkit::random;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::{Array1, Array2, Axis};
use std::hint::black_box;

/// Embedding width.
const D: usize = 64;
const TEMPERATURE: f32 = 0.2;

fn bench(c: &mut Criterion) {
    let mut group = c.benchmark_group("info_nce");
    for n in [1763, 2048] {
        let mut rng = random::generator(n as u64);
        let [a, other] = [(); 2].map(|()| random::matrix(n, D, &mut rng).mapv(|x| x as f32));
        let weights = Array1::ones(n);
        group.bench_function(BenchmarkId::new("forward", n), |b| {
            b.iter(|| info_nce(a.view(), other.view(), TEMPERATURE, weights.view()))
        });
        group.bench_function(BenchmarkId::new("forward_backward", n), |b| {
            b.iter(|| black_box(info_nce(a.view(), other.view(), TEMPERATURE, weights.view())).backward(1.0))
        });
        group.bench_function(BenchmarkId::new("forward_backward_keys", n), |b| {
            b.iter(|| black_box(info_nce(a.view(), other.view(), TEMPERATURE, weights.view())).backward_keys(1.0))
        });
        group.bench_function(BenchmarkId::new("plain_forward_backward", n), |b| b.iter(|| plain(&a, &other)));
    }
    group.finish();
}

/// Loss and gradients of the unit rows: logits, softmax and its difference from the identity, each a matrix.
fn plain(a: &Array2<f32>, c: &Array2<f32>) -> (f32, Array2<f32>, Array2<f32>) {
    let (a, c, n) = (normalised(a), normalised(c), a.nrows() as f32);
    let logits = product(&a, &c.t()) / TEMPERATURE;
    let largest = logits.map_axis(Axis(1), |row| row.fold(f32::NEG_INFINITY, |m, &l| m.max(l))).insert_axis(Axis(1));
    let exponentials = (&logits - &largest).exp();
    let sums = exponentials.sum_axis(Axis(1)).insert_axis(Axis(1));
    let value = (sums.ln() + largest).mean().expect("rows") - logits.diag().mean().expect("rows");
    let d_logits = (exponentials / sums - Array2::<f32>::eye(a.nrows())) / (n * TEMPERATURE);
    (value, product(&d_logits, &c), product(&d_logits.t(), &a))
}

criterion_group!(benches, bench);
criterion_main!(benches);
