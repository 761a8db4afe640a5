//! Seconds that a Cholesky factor and an inverse take on one thread and on two, and whether the bits are the same:
//! `cargo run --release -p anchorrec-closed-forms --example solve_speed [rows]`.

use anchorrec_closed_forms::Cholesky;
use anchorrec_kernels::product;
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Instant;

/// Runs `f` on one thread and on two; prints how long both took.
fn both<T: PartialEq + Send>(name: &str, f: impl Fn() -> T + Sync) {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let start = Instant::now();
        (pool.install(&f), start.elapsed().as_secs_f64())
    };
    let ((one, alone), (two, together)) = (run(1), run(2));
    let same = if one == two { "same bits" } else { "OTHER BITS" };
    println!("{name:<40} {alone:>9.3} s   {together:>9.3} s   {same}");
}

fn main() {
    let rows: usize = std::env::args().nth(1).map_or(1024, |rows| rows.parse().expect("a number of rows"));
    println!("{:<40} {:>9}     {:>9}", "", "1 thread", "2 threads");
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let x: Array2<f64> = Array2::from_shape_simple_fn((rows + 100, rows), || rng.random::<f64>() - 0.5);
    let gram = product(&x.t(), &x);
    let factor = || Cholesky::new(gram.clone()).expect("a Gram matrix of more rows than columns");
    both(&format!("Cholesky {rows}"), || factor().solve(Array2::ones((rows, 1))));
    both(&format!("Cholesky and inverse {rows}"), || factor().inverse());
}
