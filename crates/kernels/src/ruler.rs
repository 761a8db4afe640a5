//! What the arithmetic units of a processor can do: loops whose numbers never leave the registers.
//!
//! A product is measured against these and not against another product: no memory, no packing, no sums to store; nothing but multiplying and
//! adding, in as many independent chains as keep every unit busy. One loop for each instruction set that the processor has.

use std::hint::black_box;

/// Independent chains of sums: two units that take four or five cycles each are busy, and 16 registers hold them all.
const CHAINS: usize = 12;

/// A loop in registers.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    /// The instruction set's name, for people.
    pub set: &'static str,
    /// Additions and multiplications of one turn.
    pub operations: usize,
    turns: fn(usize),
}

impl Loop {
    /// Runs so many turns on the calling thread.
    pub fn run(&self, turns: usize) {
        (self.turns)(turns);
    }
}

/// Returns the loops of `f32` multiplications and additions that this processor can run; the plain one is the first.
pub fn of_floats() -> Vec<Loop> {
    let mut loops = vec![Loop { set: "plain", operations: 2 * CHAINS * 16, turns: plain_floats }];
    #[cfg(target_arch = "x86_64")]
    x86::add_floats(&mut loops);
    loops
}

/// Returns the loops of products of 8-bit integers, added up in 32 bits, that this processor can run; the plain one is the first.
pub fn of_integers() -> Vec<Loop> {
    let mut loops = vec![Loop { set: "plain", operations: 2 * 64, turns: plain_integers }];
    #[cfg(target_arch = "x86_64")]
    x86::add_integers(&mut loops);
    loops
}

/// Each product and each sum is rounded, as in portable products.
fn plain_floats(turns: usize) {
    let (a, b) = black_box(([1.0f32; 16], [0.5f32; 16]));
    // Unknown to the compiler, which would make one chain of equal ones.
    let mut sums = black_box([[0.0f32; 16]; CHAINS]);
    for _ in 0..turns {
        for sum in &mut sums {
            (0..16).for_each(|lane| sum[lane] = sum[lane] * a[lane] + b[lane]);
        }
    }
    black_box(sums);
}

/// The loop that a compiler makes of a product of two rows of bytes.
fn plain_integers(turns: usize) {
    let (mut a, b) = black_box(([3i8; 64], [5i8; 64]));
    let mut sum = 0i32;
    for _ in 0..turns {
        a = black_box(a);
        sum = sum.wrapping_add(a.iter().zip(&b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum());
    }
    black_box(sum);
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod x86 {
    use crate::ruler::{CHAINS, Loop};
    use std::arch::x86_64::*;
    use std::hint::black_box;

    /// A loop of one instruction on [`CHAINS`] registers, for processors with these features.
    macro_rules! registers {
        ($name:ident, $features:literal, $zero:expr, $one:expr, $step:expr) => {
            fn $name(turns: usize) {
                #[target_feature(enable = $features)]
                fn turn(turns: usize) {
                    let (a, b) = black_box(($one, $one));
                    let mut sums = black_box([$zero; CHAINS]);
                    for _ in 0..turns {
                        for sum in &mut sums {
                            *sum = $step(*sum, a, b);
                        }
                    }
                    black_box(sums);
                }
                // SAFETY: the loop stands in a list only after `is_x86_feature_detected!` found what it needs; it touches no memory but its own.
                unsafe { turn(turns) }
            }
        };
    }
    registers!(fma_256, "avx2,fma", _mm256_setzero_ps(), _mm256_set1_ps(0.5), |sum, a, b| _mm256_fmadd_ps(a, b, sum));
    registers!(fma_512, "avx512f", _mm512_setzero_ps(), _mm512_set1_ps(0.5), |sum, a, b| _mm512_fmadd_ps(a, b, sum));
    registers!(maddubs, "avx2", _mm256_setzero_si256(), _mm256_set1_epi8(1), |sum, a, b| _mm256_add_epi32(
        sum,
        _mm256_madd_epi16(_mm256_maddubs_epi16(a, sum), b)
    ));
    registers!(dot_256, "avx,avxvnni", _mm256_setzero_si256(), _mm256_set1_epi8(1), |sum, a, b| {
        _mm256_dpbusd_avx_epi32(sum, a, b)
    });
    registers!(dot_512, "avx512f,avx512vnni", _mm512_setzero_si512(), _mm512_set1_epi8(1), |sum, a, b| {
        _mm512_dpbusd_epi32(sum, a, b)
    });

    pub fn add_floats(loops: &mut Vec<Loop>) {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            loops.push(Loop { set: "AVX2 and FMA", operations: 2 * 8 * CHAINS, turns: fma_256 });
        }
        if is_x86_feature_detected!("avx512f") {
            loops.push(Loop { set: "AVX-512", operations: 2 * 16 * CHAINS, turns: fma_512 });
        }
    }

    pub fn add_integers(loops: &mut Vec<Loop>) {
        if is_x86_feature_detected!("avx2") {
            loops.push(Loop { set: "AVX2 (maddubs)", operations: 2 * 32 * CHAINS, turns: maddubs });
        }
        if is_x86_feature_detected!("avxvnni") {
            loops.push(Loop { set: "AVX-VNNI", operations: 2 * 32 * CHAINS, turns: dot_256 });
        }
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            loops.push(Loop { set: "AVX-512 VNNI", operations: 2 * 64 * CHAINS, turns: dot_512 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_loop_runs_and_the_plain_one_is_everywhere() {
        for loops in [of_floats(), of_integers()] {
            assert_eq!(loops[0].set, "plain");
            for of_set in loops {
                of_set.run(100);
                assert!(of_set.operations > 0, "{}", of_set.set);
            }
        }
    }
}
