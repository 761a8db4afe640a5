//! What this machine can do: memory bandwidth by a triad, arithmetic by loops in registers ([`anchorrec_kernels::ruler`]), and what our own
//! product makes of it.
//!
//! All take the best of several runs: they are limits, and whatever else the machine does can only lower them.

use crate::limit::Speed;
use crate::sample::{Sample, repeated, seconds};
use anchorrec_kernels::ruler::{self, Loop};
use anchorrec_kernels::{Packed, product};
use anchorrec_trainer::processor;
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
/// Seconds that a loop in registers runs for.
const LOOP: f64 = 0.05;

/// The machine as the report shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor as it calls itself.
    pub processor: String,
    /// Logical processors.
    pub cores: usize,
    /// Threads that compute.
    pub threads: usize,
    /// Whether the processor has AVX-512.
    pub avx512: bool,
    /// GB/s of the triad; the best run is the bandwidth.
    pub bandwidth: Sample,
    /// GF/s of `f32` in registers, for each instruction set.
    pub floats: Vec<Units>,
    /// Billions of operations a second on 8-bit integers in registers, for each instruction set.
    pub integers: Vec<Units>,
    /// GF/s of our own product.
    pub gemm: Sample,
}

/// What the arithmetic units do in a second, in billions of operations.
#[derive(Clone, Debug, Serialize)]
pub struct Units {
    /// The instruction set.
    pub set: &'static str,
    /// Billions of operations a second on one thread.
    pub one: Sample,
    /// Billions of operations a second on all threads.
    pub all: Sample,
}

impl Machine {
    /// Measures the machine; with a `scale` below 1 quickly and roughly.
    pub fn measure(scale: f64) -> Result<Self> {
        let measured = |loops: Vec<Loop>| loops.iter().map(|of_set| units(of_set, scale)).collect::<Result<Vec<_>>>();
        Ok(Machine {
            processor: processor::name(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            threads: rayon::current_num_threads(),
            avx512: avx512(),
            bandwidth: bandwidth(if scale < 1.0 { TRIAD >> 3 } else { TRIAD })?,
            floats: measured(ruler::of_floats())?,
            integers: measured(ruler::of_integers())?,
            gemm: gemm(if scale < 1.0 { PRODUCT / 4 } else { PRODUCT })?,
        })
    }

    /// Measures again and keeps the better of both: a neighbour on the machine may have been busy the first time.
    pub fn measure_again(&mut self, scale: f64) -> Result<()> {
        let again = Machine::measure(scale)?;
        better(&mut self.bandwidth, again.bandwidth);
        better(&mut self.gemm, again.gemm);
        for (units, again) in [(&mut self.floats, again.floats), (&mut self.integers, again.integers)] {
            for (units, again) in units.iter_mut().zip(again) {
                better(&mut units.one, again.one);
                better(&mut units.all, again.all);
            }
        }
        Ok(())
    }

    /// Returns the speed that limits are computed with.
    pub fn speed(&self) -> Speed {
        Speed { bandwidth: self.bandwidth.max * 1e9, peak: fastest(&self.floats).max * 1e9 }
    }
}

/// Returns what the fastest instruction set does on all threads.
pub fn fastest(units: &[Units]) -> Sample {
    units.iter().map(|units| units.all).max_by(|a, b| a.max.total_cmp(&b.max)).expect("plain loops are everywhere")
}

fn better(kept: &mut Sample, again: Sample) {
    if again.max > kept.max {
        *kept = again;
    }
}

/// Operations a second of a loop in registers.
fn units(of_set: &Loop, scale: f64) -> Result<Units> {
    const TRIAL: usize = 100_000;
    let trial = repeated(3, Duration::ZERO, || seconds(|| of_set.run(TRIAL)));
    let shortest = trial.iter().copied().fold(f64::INFINITY, f64::min);
    let turns = (TRIAL as f64 * LOOP * scale.min(1.0) / shortest).ceil() as usize;
    let on = |threads: usize| {
        let taken = repeated(5, Duration::ZERO, || {
            seconds(|| (0..threads).into_par_iter().with_max_len(1).for_each(|_| of_set.run(turns)))
        });
        Ok::<_, anyhow::Error>(Sample::of(of_set.set, &taken)?.rate((threads * turns * of_set.operations) as f64 / 1e9))
    };
    Ok(Units { set: of_set.set, one: on(1)?, all: on(rayon::current_num_threads())? })
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
