//! The exponential of one number, in a form that vectorises inside of a loop over many.
//!
//! `exp(x) = 2ⁿ · exp(r)` with `n = round(x / ln 2)` and `r = x - n ln 2`, `|r| ≤ ln 2 / 2`; `exp(r)` by its Taylor
//! polynomial of degree 7, whose first missing term is below `r⁸/8! < 6e-9`, a tenth of an `f32` step. `ln 2` is
//! taken in two parts so that `n · ln2_high` is exact (Cody and Waite).
//!
//! Only additions, multiplications and bit operations are used, none of them fused, so the result has the same
//! bits on every machine and the loop vectorises. The library's `expf` does neither.

/// The argument below which the result would leave the normal numbers: 0 there.
const LOWEST: f32 = -87.0;
/// The argument above which the result would overflow: infinity there.
const HIGHEST: f32 = 88.72;

const LN2_HIGH: f32 = 0.693_359_4; // 9 significant bits: n * LN2_HIGH is exact for |n| < 2^15
const LN2_LOW: f32 = -2.121_944_4e-4;
/// Adding and subtracting 1.5 * 2²³ rounds to the nearest integer.
const ROUND: f32 = 12_582_912.0;

/// `exp(x)`: relative error below `2.5e-7`; exactly 0 below -87, infinite above 88.72, NaN stays NaN.
#[inline(always)]
pub(crate) fn exp_f32(x: f32) -> f32 {
    let clamped = x.clamp(LOWEST, HIGHEST);
    let shifted = clamped * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (clamped - n * LN2_HIGH) - n * LN2_LOW;
    let mut p = 1.0 / 5040.0;
    for c in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = p * r + c;
    }
    // 2ⁿ in two factors: n reaches 128, one more than an exponent can hold. The rounded sum holds n in its lowest bits; a conversion would look at each
    // lane by itself, because of NaN.
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    let half = n >> 1;
    let value = p * power_of_two(half) * power_of_two(n - half);
    let value = if x < LOWEST { 0.0 } else { value };
    if x > HIGHEST { f32::INFINITY } else { value }
}

#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_exponential_in_f64() {
        let mut worst = 0.0f64;
        for i in -86_999..88_719 {
            let x = i as f32 * 1e-3 + 3e-5;
            let exact = f64::from(x).exp();
            worst = worst.max((f64::from(exp_f32(x)) - exact).abs() / exact);
        }
        assert!(worst < 2.5e-7, "{worst:e}");
    }

    #[test]
    fn the_edges_are_zero_one_infinity_and_nan() {
        let v = [f32::NEG_INFINITY, -100.0, 0.0, 89.0, f32::INFINITY, f32::NAN].map(exp_f32);
        assert_eq!(v[..5], [0.0, 0.0, 1.0, f32::INFINITY, f32::INFINITY]);
        assert!(v[5].is_nan());
    }
}
