//! Smoothness over an item graph as large as that of Sports, forward and backward in `f32`, beside the formula edge by
//! edge.

use anchorrec_losses::EdgeSmoothness;
use anchorrec_testkit::random;
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use sprs::{CsMat, TriMat};
use std::hint::black_box;

const ITEMS: usize = 18_357;
const NEIGHBOURS: usize = 10;
/// Embedding width.
const D: usize = 64;

fn bench(c: &mut Criterion) {
    let mut rng = random::generator(0);
    let h = random::matrix(ITEMS, D, &mut rng).mapv(|x| x as f32);
    let mut entries = TriMat::new((ITEMS, ITEMS));
    for (edge, &j) in random::indices(ITEMS * NEIGHBOURS, ITEMS, &mut rng).iter().enumerate() {
        entries.add_triplet(edge / NEIGHBOURS, j as usize, 0.1);
    }
    let s: CsMat<f32> = entries.to_csr();
    let edges = EdgeSmoothness::new(&s);

    let mut group = c.benchmark_group("smoothness");
    group.bench_function("rows", |b| b.iter(|| black_box(edges.forward(h.view())).backward(1.0)));
    group.bench_function("plain", |b| b.iter(|| plain(&s, &h)));
    group.finish();
}

fn plain(s: &CsMat<f32>, h: &Array2<f32>) -> (f32, Array2<f32>) {
    let (mut value, mut gradient) = (0.0, Array2::zeros(h.dim()));
    for (&w, (i, j)) in s {
        let difference = &h.row(i) - &h.row(j);
        value += w * difference.dot(&difference);
        gradient.row_mut(i).scaled_add(2.0 * w, &difference);
        gradient.row_mut(j).scaled_add(-2.0 * w, &difference);
    }
    (value / s.nnz() as f32, gradient / s.nnz() as f32)
}

criterion_group!(benches, bench);
criterion_main!(benches);
