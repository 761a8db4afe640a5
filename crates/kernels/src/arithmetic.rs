//! Which arithmetic this process computes with: two processes with the same name give the same bits.
//!
//! A product's last digits depend on the width of the processor's vectors (how many sums run side by side) and on where long sums are cut, which
//! the `gemm` crate decides by the instruction set and by the sizes of the caches. The name therefore holds the instruction set and a **probe**:
//! eight hexadecimal digits made of the bits of products long enough to be cut. Portable products are plain loops
//! everywhere; their name is `portable`.

use crate::{Packed, portable, product};
use ndarray::Array2;
use pulp::{Arch, Simd, WithSimd};
use std::sync::OnceLock;

/// Returns the arithmetic's name: `portable`, or an instruction set and a probe, such as `avx512-9f3c02ab`.
///
/// Chosen once for a process: call [`portable::choose`] before, not after.
pub fn name() -> &'static str {
    static NATIVE: OnceLock<String> = OnceLock::new();
    if portable::is_chosen() { "portable" } else { NATIVE.get_or_init(|| format!("{}-{:08x}", family(), probe())) }
}

/// The instruction set that the kernels are dispatched to.
fn family() -> &'static str {
    struct Lanes;
    impl WithSimd for Lanes {
        type Output = usize;

        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F32_LANES
        }
    }
    match Arch::new().dispatch(Lanes) {
        16 => "avx512",
        8 => "avx2",
        4 if cfg!(target_arch = "aarch64") => "neon",
        4 => "simd128",
        _ => "scalar",
    }
}

/// FNV-1a over the bits of products of all the kinds in use: sums of 2,100 and of 700 numbers, a transposed operand, a packed one.
fn probe() -> u32 {
    // Numbers in [-1, 1) without a pattern: the high bits of a Weyl sequence.
    let numbers = |rows: usize, cols: usize, shift: u32| {
        Array2::from_shape_fn((rows, cols), |(r, c)| {
            let n = ((r * cols + c) as u32 + shift).wrapping_mul(2_654_435_769);
            (n >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
    };
    let (long, thin) = (numbers(80, 2100, 0), numbers(2100, 72, 7));
    let (square, wide) = (numbers(70, 700, 3), numbers(700, 512, 5));
    let results = [
        product(&long, &thin),
        product(&thin.t(), &long.t()),
        product(&square, &wide),
        Packed::new(wide.view()).product(square.view()),
    ];
    results.iter().flatten().fold(0x811c_9dc5, |hash, x| {
        x.to_bits().to_le_bytes().iter().fold(hash, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_one_and_does_not_depend_on_threads() {
        let on = |threads: usize| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(probe);
        assert_eq!(on(1), on(3));
        assert_eq!(name(), name());
        let (family, digits) = name().split_once('-').expect("no test of this program chooses portable");
        assert!(["avx512", "avx2", "neon", "simd128", "scalar"].contains(&family));
        assert_eq!(digits.len(), 8);
    }
}
