//! Full ranking of the catalogue of Amazon Sports (18,357 items, 64 wide, the best 50) for 2,048 users, beside all scores stored and sorted.

use anchorrec_recommender::Embeddings;
use anchorrec_testkit::random;
use anchorrec_trainer::ranking::rank;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rayon::prelude::*;
use std::hint::black_box;

const USERS: usize = 2_048;
const ITEMS: usize = 18_357;
const D: usize = 64;
const K: usize = 50;

fn bench(criterion: &mut Criterion) {
    let rng = &mut random::generator(1);
    let mut table = |rows| random::matrix(rows, D, rng).mapv(|x| x as f32);
    let embeddings = Embeddings { users: table(USERS), items: table(ITEMS) };
    let users: Vec<u32> = (0..USERS as u32).collect();
    let masked: Vec<u32> = (0..ITEMS as u32).step_by(2_000).collect();
    let mut group = criterion.benchmark_group("ranking");
    group.sample_size(10).throughput(Throughput::Elements(USERS as u64));
    group.bench_function("ours", |b| b.iter(|| rank(black_box(&embeddings), &users, K, |_| &masked)));
    group.bench_function("plain", |b| b.iter(|| plain(black_box(&embeddings), &masked)));
    group.finish();
}

fn plain(embeddings: &Embeddings<f32>, masked: &[u32]) -> Vec<Vec<u32>> {
    let mut scores = anchorrec_kernels::product(&embeddings.users, &embeddings.items.t());
    scores
        .outer_iter_mut()
        .into_par_iter()
        .map(|mut scores| {
            masked.iter().for_each(|&item| scores[item as usize] = f32::NEG_INFINITY);
            let mut order: Vec<u32> = (0..ITEMS as u32).collect();
            order.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]).then(a.cmp(&b)));
            order.truncate(K);
            order
        })
        .collect()
}

criterion_group!(benches, bench);
criterion_main!(benches);
