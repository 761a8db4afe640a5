//! The three products of a feature table at the published shape of Amazon Sports' images (18,357 x 4,096, D 64), against general
//! matrix products; for the update, against the gradient written out and then used up by Adam's arithmetic.

use anchorrec_kernels::rows::Rows;
use anchorrec_kernels::table::{ElementUpdate, FactoredGradient, times_transposed, transposed_times, update};
use anchorrec_kernels::{Real, product, product_into};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use ndarray::{Array2, Zip};
use pulp::Simd;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;

const ITEMS: usize = 18_357;
const WIDTH: usize = 4_096;
const D: usize = 64;

/// Adam without its bias corrections.
#[derive(Clone, Copy)]
struct Adam;

impl ElementUpdate for Adam {
    #[inline(always)]
    fn apply<F: Real>(self, g: F, x: &mut F, m: &mut F, v: &mut F) {
        *m = F::of(0.9) * *m + F::of(0.1) * g;
        *v = F::of(0.999) * *v + F::of(0.001) * g * g;
        *x -= F::of(0.001) * *m / (v.sqrt() + F::of(1e-8));
    }

    #[inline(always)]
    fn apply_f32s<S: Simd>(self, simd: S, g: S::f32s, x: &mut S::f32s, m: &mut S::f32s, v: &mut S::f32s) {
        let square = simd.mul_f32s(simd.mul_f32s(simd.splat_f32s(0.001), g), g);
        *m = simd.add_f32s(simd.mul_f32s(simd.splat_f32s(0.9), *m), simd.mul_f32s(simd.splat_f32s(0.1), g));
        *v = simd.add_f32s(simd.mul_f32s(simd.splat_f32s(0.999), *v), square);
        let root = simd.add_f32s(simd.sqrt_f32s(*v), simd.splat_f32s(1e-8));
        *x = simd.sub_f32s(*x, simd.div_f32s(simd.mul_f32s(simd.splat_f32s(0.001), *m), root));
    }
}

fn bench(criterion: &mut Criterion) {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let mut matrix = |rows, cols| Array2::from_shape_simple_fn((rows, cols), || rng.random::<f32>() - 0.5);
    let (mut x, v, s) = (matrix(ITEMS, WIDTH), matrix(D, WIDTH), matrix(ITEMS, D));

    let mut group = of_one_pass(criterion, "times_transposed");
    group.bench_function("ours", |b| b.iter(|| times_transposed(black_box(x.view()), Rows::All, v.view())));
    group.bench_function("plain", |b| b.iter(|| product(black_box(&x), &v.t())));
    group.finish();

    let mut group = of_one_pass(criterion, "transposed_times");
    group.bench_function("ours", |b| b.iter(|| transposed_times(s.view(), black_box(x.view()), Rows::All)));
    group.bench_function("plain", |b| b.iter(|| product(&s.t(), black_box(&x))));
    group.finish();

    let mut group = of_one_pass(criterion, "update");
    let gradient = FactoredGradient { rows: None, left: s, right: v, along_row: None };
    let [mut m, mut v] = [0; 2].map(|_| Array2::zeros(x.dim()));
    group.bench_function("ours", |b| b.iter(|| update([&mut x, &mut m, &mut v], &gradient, Adam)));
    let mut written_out = Array2::zeros(x.dim());
    group.bench_function("plain", |b| {
        b.iter(|| {
            product_into(written_out.view_mut(), &gradient.left, &gradient.right);
            Zip::from(&mut x)
                .and(&mut m)
                .and(&mut v)
                .and(&written_out)
                .par_for_each(|x, m, v, &g| Adam.apply(g, x, m, v));
        });
    });
    group.finish();
}

fn of_one_pass<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).throughput(Throughput::Elements((2 * ITEMS * WIDTH * D) as u64));
    group
}

criterion_group!(benches, bench);
criterion_main!(benches);
