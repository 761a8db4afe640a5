//! What this machine can do: memory bandwidth by a triad, arithmetic by a large product.
//!
//! Both take the best of several runs: they are limits, and whatever else the machine does can only lower them.

use crate::limit::Speed;
use crate::sample::{Sample, repeated, seconds};
use anchorrec_kernels::{Packed, product};
use anyhow::Result;
use ndarray::Array2;
use rayon::prelude::*;
use serde::Serialize;
use std::hint::black_box;
use std::time::Duration;

/// Numbers of each array of the triad: three arrays of 256 MiB are far beyond any cache.
const TRIAD: usize = 1 << 26;
/// Numbers that a thread takes at once.
const CHUNK: usize = 1 << 16;
/// Rows and columns of the product.
const PRODUCT: usize = 3072;
/// Rows and columns of the tiles that it is cut into.
const TILE: usize = 128;

/// The machine as the report shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Logical processors.
    pub cores: usize,
    /// Threads that compute.
    pub threads: usize,
    /// Whether the processor has AVX-512.
    pub avx512: bool,
    /// GB/s of the triad; the best run is the bandwidth.
    pub bandwidth: Sample,
    /// GF/s of the product; the best run is the peak.
    pub gemm: Sample,
}

impl Machine {
    /// Measures it; `scale` below 1 makes a quick look of it.
    pub fn measure(scale: f64) -> Result<Self> {
        Ok(Machine {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            threads: rayon::current_num_threads(),
            avx512: avx512(),
            bandwidth: bandwidth(if scale < 1.0 { TRIAD >> 3 } else { TRIAD })?,
            gemm: gemm(if scale < 1.0 { PRODUCT / 4 } else { PRODUCT })?,
        })
    }

    /// Measures again and keeps the better of both: a neighbour on the machine may have been busy the first time.
    pub fn measure_again(&mut self, scale: f64) -> Result<()> {
        let again = Machine::measure(scale)?;
        if again.bandwidth.max > self.bandwidth.max {
            self.bandwidth = again.bandwidth;
        }
        if again.gemm.max > self.gemm.max {
            self.gemm = again.gemm;
        }
        Ok(())
    }

    /// Returns the speed that limits are computed with.
    pub fn speed(&self) -> Speed {
        Speed { bandwidth: self.bandwidth.max * 1e9, peak: self.gemm.max * 1e9 }
    }
}

/// GB/s of `a = b + s c`, three arrays counted. That the processor may read `a` before it writes it is not.
fn bandwidth(numbers: usize) -> Result<Sample> {
    let filled = |value: f32| -> Vec<f32> { (0..numbers).into_par_iter().map(|_| value).collect() };
    let (mut a, b, c) = (filled(0.0), filled(1.0), filled(2.0));
    let taken = repeated(8, Duration::ZERO, || {
        seconds(|| {
            a.par_chunks_mut(CHUNK).zip(b.par_chunks(CHUNK)).zip(c.par_chunks(CHUNK)).for_each(|((a, b), c)| {
                for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                    *a = b + 3.0 * c;
                }
            });
        })
    });
    Ok(Sample::of("triad", &taken)?.rate(12.0 * numbers as f64 / 1e9))
}

/// GF/s of a square product, by the faster of two kernels.
fn gemm(rows: usize) -> Result<Sample> {
    let a = Array2::from_shape_fn((rows, rows), |(i, j)| ((i * 7 + j * 3) % 16) as f32 / 16.0);
    let general = repeated(5, Duration::ZERO, || seconds(|| product(&a, &a)));
    let packed = Packed::new(a.view());
    let blocks: Vec<usize> = (0..rows).step_by(TILE).collect();
    let tiles: Vec<(usize, usize)> = blocks.iter().flat_map(|&i| blocks.iter().map(move |&j| (i, j))).collect();
    let in_tiles = repeated(5, Duration::ZERO, || {
        seconds(|| {
            tiles.par_iter().for_each(|&(i, j)| {
                let mut tile = Array2::zeros((TILE, TILE));
                packed.add_transposed_product(&packed, i..i + TILE, j..j + TILE, tile.view_mut());
                black_box(tile);
            });
        })
    });
    let of = |name, taken| Ok::<_, anyhow::Error>(Sample::of(name, taken)?.rate(2.0 * (rows as f64).powi(3) / 1e9));
    let (general, in_tiles) = (of("product", &general)?, of("tiles", &in_tiles)?);
    Ok(if in_tiles.max > general.max { in_tiles } else { general })
}

fn avx512() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("avx512f")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}
