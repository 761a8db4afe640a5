//! Dense products at the shapes of a training step, against the plain loops where those end in reasonable time.

use anchorrec_kernels::{product, product::product_plain};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;

fn bench(criterion: &mut Criterion) {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let mut matrix = |rows, cols| Array2::from_shape_simple_fn((rows, cols), || rng.random::<f32>());
    let shapes = [
        ("forward of a feature table", 18_357, 4_096, 64),
        ("weight gradient", 64, 18_357, 4_096),
        ("logits of a batch", 2_048, 64, 2_048),
    ];
    for (name, m, k, n) in shapes {
        let (a, b) = (matrix(m, k), matrix(k, n));
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10).throughput(Throughput::Elements((2 * m * k * n) as u64));
        group.bench_function("ours", |bencher| bencher.iter(|| product(black_box(&a), black_box(&b))));
        if m * k * n < 1 << 29 {
            group.bench_function("plain", |bencher| {
                bencher.iter(|| product_plain(black_box(a.view()), black_box(b.view())));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
