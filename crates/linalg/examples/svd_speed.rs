//! Seconds that the decompositions take on one thread and on two, and whether the bits are the same:
//! `cargo run --release -p anchorrec-linalg --example svd_speed [largest number of rows]`.

use anchorrec_linalg::{jacobi, product, tridiagonal};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Instant;

fn random(rows: usize, columns: usize) -> Array2<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    Array2::from_shape_simple_fn((rows, columns), || rng.random::<f64>() - 0.5)
}

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
    let largest: usize = std::env::args().nth(1).map_or(1024, |rows| rows.parse().expect("a number of rows"));
    println!("{:<40} {:>9}     {:>9}", "", "1 thread", "2 threads");
    let tall = random(18_357, 256);
    both("singular values 18357 x 256", || tridiagonal::eigenvalues(product(tall.t(), tall.view())));
    for rows in [256, 1024].into_iter().filter(|&rows| rows <= largest).rev() {
        let x = random(rows + 100, rows);
        let gram = product(x.t(), x.view());
        both(&format!("eigenvalues {rows}"), || tridiagonal::eigenvalues(gram.clone()));
        both(&format!("eigenvectors {rows}"), || jacobi::eigen(gram.clone()));
    }
}
