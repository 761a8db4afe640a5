//! t
use anchorrec_kernels::Packed;
use ndarray::*;
use rayon::prelude::*;
use std::time::Instant;
fn t(name: &str, gf: f64, mut f: impl FnMut()) {
    let mut v: Vec<f64> = (0..9)
        .map(|_| {
            let s = Instant::now();
            f();
            s.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    v.sort_by(f64::total_cmp);
    println!("{name:40} {:.2} ms {:.0} GF/s", v[4], gf / v[4] * 1e3);
}
fn main() {
    let threads: usize = std::env::args().nth(1).map_or(2, |a| a.parse().unwrap());
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().unwrap();
    let n = 1760;
    let w = 4096;
    let s = Array2::from_shape_fn((n, w), |(i, j)| ((i * 7 + j * 13) % 101) as f32 * 0.01);
    let p = Packed::new(s.t());
    for (m, c) in [(64, 64), (128, 128), (256, 256), (128, 512)] {
        let mut out = Array2::zeros((m, c));
        let gf = 2.0 * m as f64 * c as f64 * w as f64 / 1e9;
        t(&format!("product {m} x {c}, one thread"), gf, || p.product_into(s.slice(s![..m, ..]), 0..c, out.view_mut()));
        t(&format!("transposed {m} x {c}, one thread"), gf, || {
            p.add_transposed_product(&p, 0..m, 512..512 + c, out.view_mut())
        });
    }
    for tile in [128, 256] {
        let k = n / tile;
        let pairs: Vec<(usize, usize)> = (0..k).flat_map(|i| (i..k).map(move |j| (i, j))).collect();
        let gf = pairs.len() as f64 * 2.0 * (tile * tile) as f64 * w as f64 / 1e9;
        t(&format!("all pairs of {tile}, product"), gf, || {
            pairs.par_iter().for_each(|&(i, j)| {
                let mut out = Array2::zeros((tile, tile));
                p.product_into(s.slice(s![i * tile..(i + 1) * tile, ..]), j * tile..(j + 1) * tile, out.view_mut());
            })
        });
        t(&format!("all pairs of {tile}, transposed"), gf, || {
            pairs.par_iter().for_each(|&(i, j)| {
                let mut out = Array2::zeros((tile, tile));
                p.add_transposed_product(&p, i * tile..(i + 1) * tile, j * tile..(j + 1) * tile, out.view_mut());
            })
        });
    }
}
