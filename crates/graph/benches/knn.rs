//! Exact item kNN by bounds, against every cosine in blocks on and above the diagonal, and against the plain version (the whole `I x I` matrix, full sort).
//! A quarter of the items of Amazon Sports, so that the plain version fits.

use anchorrec_graph::knn::{nearest_by_cosine, nearest_by_cosine_with};
use anchorrec_kernels::{product, rows};
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;

const NEIGHBOURS: usize = 10;

fn plain(features: &Array2<f32>) -> Vec<Vec<usize>> {
    let unit = rows::normalised(features);
    let cosines = product(&unit, &unit.t());
    let best = |row: ndarray::ArrayView1<f32>| {
        let mut order: Vec<usize> = (0..row.len()).collect();
        order.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
        order.truncate(NEIGHBOURS);
        order
    };
    cosines.rows().into_iter().map(best).collect()
}

fn bench(criterion: &mut Criterion) {
    for width in [384, 4096] {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let features = Array2::from_shape_simple_fn((4_589, width), || rng.random::<f32>());
        let mut group = criterion.benchmark_group(format!("knn of 4,589 x {width}"));
        group.sample_size(10);
        group.bench_function("ours", |b| b.iter(|| nearest_by_cosine(black_box(&features), NEIGHBOURS)));
        let every_cosine = || nearest_by_cosine_with(black_box(&features), NEIGHBOURS, |_, _| ());
        group.bench_function("every cosine", |b| b.iter(every_cosine));
        group.bench_function("plain", |b| b.iter(|| plain(black_box(&features))));
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
