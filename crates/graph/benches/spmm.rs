//! Sparse times dense at the shape of Amazon Sports (53,955 nodes, 436,818 entries, D 64), against `sprs`' own product.

use anchorrec_graph::spmm;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sprs::{CsMat, TriMat};
use std::hint::black_box;

fn bench(criterion: &mut Criterion) {
    let (nodes, entries, width) = (53_955, 436_818, 64);
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let mut triplets = TriMat::new((nodes, nodes));
    for _ in 0..entries {
        triplets.add_triplet(rng.random_range(0..nodes), rng.random_range(0..nodes), rng.random::<f32>());
    }
    let s: CsMat<f32> = triplets.to_csr();
    let x = Array2::from_shape_simple_fn((nodes, width), || rng.random::<f32>());

    let mut group = criterion.benchmark_group("spmm");
    group.throughput(Throughput::Elements((2 * s.nnz() * width) as u64));
    group.bench_function("ours", |b| b.iter(|| spmm(black_box(&s), black_box(&x))));
    group.bench_function("plain (sprs)", |b| b.iter(|| black_box(&s) * black_box(&x)));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
