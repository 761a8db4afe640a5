//! Products of 8-bit rows, added up exactly in 32 bits: the micro-kernel under [`bounded`](mod@crate::bounded), by AVX-512 VNNI.
//!
//! Keys are in panels of [`PANEL`]: for each four columns the bytes of all keys side by side. Queries are unsigned (128 added); what that adds to a
//! product depends on the key alone and is in its base.

/// Keys of a panel.
pub(crate) const PANEL: usize = 16;
/// Queries of a tile.
const ROWS: usize = 8;

/// Returns whether this processor has the instructions.
pub(crate) fn is_fast() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vnni")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("popcnt")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// Writes `scale_j (base_j + Σ_p query_p key_jp)` for every query and key: `out` is `[queries, keys]`, `queries` `[_, width]`.
///
/// # Panics
/// When the lengths do not fit, the width is no multiple of 4, or the instructions are missing.
pub(crate) fn products(queries: &[u8], width: usize, panels: &[i8], bases: &[i32], scales: &[f32], out: &mut [f32]) {
    let (rows, keys) = (queries.len() / width, bases.len());
    assert!(
        width.is_multiple_of(4)
            && keys.is_multiple_of(PANEL)
            && queries.len() == rows * width
            && panels.len() == keys * width,
        "8-bit products: whole panels"
    );
    assert!(scales.len() == keys && out.len() == rows * keys && is_fast(), "8-bit products: a place for each");
    #[cfg(target_arch = "x86_64")]
    {
        let (mut queries, mut out) = (queries, out);
        while !queries.is_empty() {
            // The largest tile that has a query for each row: each reads the keys once.
            let rows = match queries.len() / width {
                ROWS.. => ROWS,
                4.. => 4,
                2.. => 2,
                _ => 1,
            };
            let (here, later) = queries.split_at(rows * width);
            let (place, places) = out.split_at_mut(rows * keys);
            (queries, out) = (later, places);
            #[allow(unsafe_code)]
            // SAFETY: `is_fast` found the instructions; the lengths were compared above, and a piece has as many queries as rows of `place`.
            unsafe {
                match rows {
                    ROWS => x86::rows::<ROWS>(here, width, panels, bases, scales, place),
                    4 => x86::rows::<4>(here, width, panels, bases, scales, place),
                    2 => x86::rows::<2>(here, width, panels, bases, scales, place),
                    _ => x86::rows::<1>(here, width, panels, bases, scales, place),
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod x86 {
    use crate::dot8::PANEL;
    use std::arch::x86_64::*;

    /// # Safety
    /// AVX-512 VNNI; `queries` `[ROWS, width]`, `panels` `[keys, width]`, `out` `[ROWS, keys]`, `scales` and `bases` `[keys]`; the width a multiple
    /// of 4 and the keys of [`PANEL`].
    #[target_feature(enable = "avx512f,avx512vnni")]
    pub unsafe fn rows<const ROWS: usize>(
        queries: &[u8],
        width: usize,
        panels: &[i8],
        bases: &[i32],
        scales: &[f32],
        out: &mut [f32],
    ) {
        let keys = bases.len();
        let mut first = 0;
        // SAFETY: as the caller promises, each range of keys ends at `keys`.
        unsafe {
            while first + 2 * PANEL <= keys {
                tile::<ROWS, 2>(queries, width, panels, bases, scales, out, first);
                first += 2 * PANEL;
            }
            if first < keys {
                tile::<ROWS, 1>(queries, width, panels, bases, scales, out, first);
            }
        }
    }

    /// # Safety
    /// As [`rows`], and `PANELS` panels from key `first` on.
    #[target_feature(enable = "avx512f,avx512vnni")]
    unsafe fn tile<const ROWS: usize, const PANELS: usize>(
        queries: &[u8],
        width: usize,
        panels: &[i8],
        bases: &[i32],
        scales: &[f32],
        out: &mut [f32],
        first: usize,
    ) {
        let keys = bases.len();
        // SAFETY: keys `first .. first + PANELS * PANEL` and columns `p .. p + 4` of `width` are inside of every slice, as the caller promises;
        // all reads and writes may be unaligned.
        unsafe {
            let bases: [__m512i; PANELS] =
                std::array::from_fn(|n| _mm512_loadu_si512(bases.as_ptr().add(first + n * PANEL).cast()));
            let mut sums = [bases; ROWS];
            let panels = panels.as_ptr().add(first * width);
            let queries = queries.as_ptr();
            for p in (0..width).step_by(4) {
                let mut key = [_mm512_setzero_si512(); PANELS];
                for n in 0..PANELS {
                    key[n] = _mm512_loadu_si512(panels.add(n * PANEL * width + p * PANEL).cast());
                }
                for r in 0..ROWS {
                    let query = _mm512_set1_epi32(queries.add(r * width + p).cast::<i32>().read_unaligned());
                    for n in 0..PANELS {
                        sums[r][n] = _mm512_dpbusd_epi32(sums[r][n], query, key[n]);
                    }
                }
            }
            for n in 0..PANELS {
                let at = first + n * PANEL;
                let scale = _mm512_loadu_ps(scales.as_ptr().add(at));
                for r in 0..ROWS {
                    let product = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[r][n]), scale);
                    _mm512_storeu_ps(out.as_mut_ptr().add(r * keys + at), product);
                }
            }
        }
    }
}
