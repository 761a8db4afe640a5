//! Tiles of a large result from factors packed once, beside a general product for every tile: the cosines of 2,048 items with
//! themselves, 768 wide.

use anchorrec_kernels::{Packed, product_serial_into};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array2, s};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::hint::black_box;

const ITEMS: usize = 2_048;
const WIDTH: usize = 768;
const TILE: usize = 128;

fn bench(criterion: &mut Criterion) {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let x = Array2::from_shape_simple_fn((ITEMS, WIDTH), || rng.random::<f32>());
    let blocks: Vec<usize> = (0..ITEMS).step_by(TILE).collect();
    let tiles: Vec<(usize, usize)> = blocks.iter().flat_map(|&i| blocks.iter().map(move |&j| (i, j))).collect();
    let mut group = criterion.benchmark_group("tiles of all pairs");
    group.sample_size(20).throughput(Throughput::Elements((2 * ITEMS * ITEMS * WIDTH) as u64));
    group.bench_function("ours", |b| {
        b.iter(|| {
            let packed = Packed::new(black_box(&x).t());
            tiles.par_iter().for_each(|&(i, j)| {
                let mut tile = Array2::zeros((TILE, TILE));
                packed.add_transposed_product(&packed, i..i + TILE, j..j + TILE, tile.view_mut());
                black_box(tile);
            });
        });
    });
    group.bench_function("plain", |b| {
        b.iter(|| {
            tiles.par_iter().for_each(|&(i, j)| {
                let mut tile = Array2::zeros((TILE, TILE));
                let rows = |from: usize| black_box(&x).slice(s![from..from + TILE, ..]);
                product_serial_into(tile.view_mut(), &rows(i), &rows(j).t());
                black_box(tile);
            });
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
