//! Which products of 8-bit rows reach their limits: compared where they are summed, in registers, so that nothing but the few that do is
//! written. By AVX-512 VNNI.
//!
//! Row `i` and key `j` have the integer `d` and the product `s_i p`, `p = s_j d`. It *reaches* when `p >= min(a_i - m_i e_j, m_i b_j - c_i)`: the
//! limit of the row, made lower by the key's share of the error, or the limit of the key, made lower by the row's share.
//!
//! Where a list is settled, products are computed as [`Packed`](crate::packed::Packed) computes them: each sum one chain of fused multiply-adds in the order
//! of the columns, [`CHAINS`] of them side by side.

use crate::dot8::{PANEL, is_fast};
use crate::rounded::KEYS;

/// Rows of a tile.
pub(crate) const GROUP: usize = 8;
/// Chains side by side.
pub(crate) const CHAINS: usize = 16;

/// Rows against which keys are multiplied.
#[derive(Default)]
pub(crate) struct Rows {
    /// The codes, unsigned (128 added): `[n / 8, width / 4, 8, 4]`.
    pub codes: Vec<u8>,
    /// `a`, `m` and `c` of each row.
    pub limits: Vec<[f32; 3]>,
}

/// [`KEYS`] keys.
pub(crate) struct Keys<'a> {
    /// The number of the first.
    pub first: usize,
    pub panels: &'a [i8],
    pub bases: &'a [i32],
    pub scales: &'a [f32],
    /// `e` of each key.
    pub errors: &'a [f32],
    /// `b` of each key.
    pub limits: &'a [f32],
}

/// Pairs that reach: the row, the key and `p`.
#[derive(Default)]
pub(crate) struct Reaching {
    rows: Vec<u32>,
    keys: Vec<u32>,
    products: Vec<f32>,
    count: usize,
}

impl Reaching {
    /// Returns the pairs.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize, f32)> {
        let keys = self.rows.iter().zip(&self.keys).zip(&self.products);
        keys.take(self.count).map(|((&row, &key), &product)| (row as usize, key as usize, product))
    }
}

impl Rows {
    /// Takes rows from whole panels of signed codes; their limits are zero.
    pub fn of_panels(panels: &[i8], width: usize) -> Rows {
        let mut codes = vec![0; panels.len()];
        for (panel, codes) in panels.chunks(PANEL * width).zip(codes.chunks_mut(PANEL * width)) {
            // A line has four columns of all keys: a half of them goes to each of two groups.
            let (one, two) = codes.split_at_mut(GROUP * width);
            for ((line, one), two) in
                panel.chunks(4 * PANEL).zip(one.chunks_mut(4 * GROUP)).zip(two.chunks_mut(4 * GROUP))
            {
                let halves = line.split_at(4 * GROUP);
                one.iter_mut().zip(halves.0).for_each(|(to, &code)| *to = code as u8 ^ 128);
                two.iter_mut().zip(halves.1).for_each(|(to, &code)| *to = code as u8 ^ 128);
            }
        }
        Rows { codes, limits: vec![[0.0; 3]; panels.len() / width] }
    }

    /// Takes rows of unsigned codes; they are filled up to whole groups with rows that no key reaches. All limits are of that kind.
    pub fn of_queries<'a>(queries: impl ExactSizeIterator<Item = &'a [u8]>, width: usize) -> Rows {
        let rows = queries.len().next_multiple_of(GROUP);
        let mut codes = vec![0; rows * width];
        for (n, query) in queries.enumerate() {
            let group = &mut codes[n / GROUP * GROUP * width..][..GROUP * width];
            let places = group.chunks_mut(4 * GROUP).map(|line| &mut line[n % GROUP * 4..][..4]);
            places.zip(query.chunks(4)).for_each(|(place, four)| place.copy_from_slice(four));
        }
        Rows { codes, limits: vec![[f32::INFINITY, 0.0, 0.0]; rows] }
    }

    /// Returns whether a product with a key of this error reaches the limit of the row.
    pub fn reaches(&self, row: usize, error: f32, product: f32) -> bool {
        let [a, m, _] = self.limits[row];
        product >= a - m * error
    }

    /// Multiplies all rows with the keys, and keeps who reaches.
    ///
    /// # Panics
    /// When the lengths do not fit, or the instructions are missing.
    pub fn sift(&self, width: usize, keys: &Keys, reaching: &mut Reaching) {
        self.compare::<true>(width, keys, reaching);
    }

    /// Multiplies all rows with the keys, and keeps who reaches the limit of the row; those of the keys are not looked at.
    ///
    /// # Panics
    /// As [`sift`](Self::sift).
    pub fn sift_by_rows(&self, width: usize, keys: &Keys, reaching: &mut Reaching) {
        self.compare::<false>(width, keys, reaching);
    }

    fn compare<const BOTH: bool>(&self, width: usize, keys: &Keys, reaching: &mut Reaching) {
        let rows = self.limits.len();
        assert!(rows.is_multiple_of(GROUP) && self.codes.len() == rows * width, "sieve: whole groups of rows");
        let lists = [keys.scales, keys.errors, keys.limits];
        assert!(
            width.is_multiple_of(4)
                && keys.panels.len() == KEYS * width
                && keys.bases.len() == KEYS
                && lists.iter().all(|list| list.len() == KEYS)
                && is_fast(),
            "sieve: {KEYS} keys, and the instructions"
        );
        // A vector is written whole, of which the first numbers count.
        let room = rows * KEYS + PANEL;
        reaching.count = 0;
        if reaching.rows.len() < room {
            reaching.rows.resize(room, 0);
            reaching.keys.resize(room, 0);
            reaching.products.resize(room, 0.0);
        }
        #[cfg(target_arch = "x86_64")]
        for group in (0..rows).step_by(GROUP) {
            #[allow(unsafe_code)]
            // SAFETY: `is_fast` found the instructions; the lengths were compared above; a group adds at most `GROUP * KEYS` pairs, for which there
            // is room.
            unsafe {
                x86::tile::<BOTH>(self, group, width, keys, reaching)
            };
        }
    }
}

/// Returns the products of `query` with [`CHAINS`] rows, each a chain of fused multiply-adds in the order of the columns.
///
/// # Panics
/// When a row is not as wide, or the instructions are missing.
pub(crate) fn chains(query: &[f32], rows: [&[f32]; CHAINS]) -> [f32; CHAINS] {
    assert!(rows.iter().all(|row| row.len() == query.len()) && is_fast(), "chains: rows as wide as the query");
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code)]
    // SAFETY: `is_fast` found the instructions; all rows are as long as the query.
    unsafe {
        x86::chains(query, rows)
    }
    #[cfg(not(target_arch = "x86_64"))]
    unreachable!("refused above")
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod x86 {
    use crate::dot8::PANEL;
    use crate::sieve::{CHAINS, GROUP, Keys, Reaching, Rows};
    use std::arch::x86_64::*;

    /// # Safety
    /// AVX-512 VNNI; `rows` has the codes and limits of a whole group from row `group` on; `keys` as long as [`KEYS`](crate::rounded::KEYS) demands; room for
    /// all pairs of the tile and a vector more in `reaching`; the width a multiple of 4.
    #[target_feature(enable = "avx512f,avx512vnni,popcnt")]
    pub unsafe fn tile<const BOTH: bool>(
        rows: &Rows,
        group: usize,
        width: usize,
        keys: &Keys,
        reaching: &mut Reaching,
    ) {
        // SAFETY: all addresses are inside of the slices, as the caller promises: columns `p .. p + 4` of `width`, two panels of keys, a group of
        // rows; all reads and writes may be unaligned.
        unsafe {
            let bases = [0, PANEL].map(|n| _mm512_loadu_si512(keys.bases.as_ptr().add(n).cast()));
            let mut sums = [bases; GROUP];
            let panels = keys.panels.as_ptr();
            let codes = rows.codes.as_ptr().add(group * width);
            for p in (0..width).step_by(4) {
                let one = _mm512_loadu_si512(panels.add(p * PANEL).cast());
                let two = _mm512_loadu_si512(panels.add((width + p) * PANEL).cast());
                for r in 0..GROUP {
                    let code = _mm512_set1_epi32(codes.add(p * GROUP + r * 4).cast::<i32>().read_unaligned());
                    sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], code, one);
                    sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], code, two);
                }
            }
            let load = |list: &[f32]| [0, PANEL].map(|n| _mm512_loadu_ps(list.as_ptr().add(n)));
            let (scales, errors, limits) = (load(keys.scales), load(keys.errors), load(keys.limits));
            let lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            for r in 0..GROUP {
                let [a, m, c] = rows.limits.get_unchecked(group + r).map(|x| _mm512_set1_ps(x));
                let (mut products, mut masks) = ([_mm512_setzero_ps(); 2], [0u16; 2]);
                for n in 0..2 {
                    products[n] = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[r][n]), scales[n]);
                    let of_row = _mm512_fnmadd_ps(m, errors[n], a);
                    let least = if BOTH { _mm512_min_ps(_mm512_fmsub_ps(m, limits[n], c), of_row) } else { of_row };
                    masks[n] = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(products[n], least);
                }
                if masks[0] | masks[1] != 0 {
                    for n in 0..2 {
                        let count = reaching.count;
                        let first = _mm512_set1_epi32((keys.first + n * PANEL) as i32);
                        let numbers = _mm512_maskz_compress_epi32(masks[n], _mm512_add_epi32(first, lanes));
                        _mm512_storeu_si512(reaching.keys.as_mut_ptr().add(count).cast(), numbers);
                        let row = _mm512_set1_epi32((group + r) as i32);
                        _mm512_storeu_si512(reaching.rows.as_mut_ptr().add(count).cast(), row);
                        let some = _mm512_maskz_compress_ps(masks[n], products[n]);
                        _mm512_storeu_ps(reaching.products.as_mut_ptr().add(count), some);
                        reaching.count = count + masks[n].count_ones() as usize;
                    }
                }
            }
        }
    }

    /// # Safety
    /// AVX-512; rows as long as the query.
    #[target_feature(enable = "avx512f")]
    pub unsafe fn chains(query: &[f32], rows: [&[f32]; CHAINS]) -> [f32; CHAINS] {
        let whole = query.len() / 16 * 16;
        let mut sums = _mm512_setzero_ps();
        // SAFETY: columns `p .. p + 16` of `whole` are inside of every row, as the caller promises.
        unsafe {
            for p in (0..whole).step_by(16) {
                let mut lines = [_mm512_setzero_ps(); 16];
                for r in 0..16 {
                    lines[r] = _mm512_loadu_ps(rows[r].as_ptr().add(p));
                }
                let columns = transposed(lines);
                for (n, column) in columns.into_iter().enumerate() {
                    sums = _mm512_fmadd_ps(_mm512_set1_ps(*query.get_unchecked(p + n)), column, sums);
                }
            }
            let mut out = [0.0f32; CHAINS];
            _mm512_storeu_ps(out.as_mut_ptr(), sums);
            for (out, row) in out.iter_mut().zip(rows) {
                for (&q, &x) in query[whole..].iter().zip(&row[whole..]) {
                    *out = q.mul_add(x, *out);
                }
            }
            out
        }
    }

    /// Sixteen vectors of sixteen, rows for columns.
    #[target_feature(enable = "avx512f")]
    fn transposed(x: [__m512; 16]) -> [__m512; 16] {
        let mut pairs = [_mm512_setzero_ps(); 16];
        for n in 0..8 {
            pairs[2 * n] = _mm512_unpacklo_ps(x[2 * n], x[2 * n + 1]);
            pairs[2 * n + 1] = _mm512_unpackhi_ps(x[2 * n], x[2 * n + 1]);
        }
        // Row `4 n + c` holds column `c` of each quarter, of four rows.
        let mut fours = [_mm512_setzero_ps(); 16];
        for n in 0..4 {
            for half in 0..2 {
                let (low, high) = (_mm512_castps_pd(pairs[4 * n + half]), _mm512_castps_pd(pairs[4 * n + 2 + half]));
                fours[4 * n + 2 * half] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
                fours[4 * n + 2 * half + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
            }
        }
        let mut columns = [_mm512_setzero_ps(); 16];
        for c in 0..4 {
            let [a, b, e, f] = [0, 4, 8, 12].map(|n| fours[n + c]);
            let (even, odd) = (_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
            let (even_later, odd_later) = (_mm512_shuffle_f32x4::<0x88>(e, f), _mm512_shuffle_f32x4::<0xdd>(e, f));
            columns[c] = _mm512_shuffle_f32x4::<0x88>(even, even_later);
            columns[8 + c] = _mm512_shuffle_f32x4::<0xdd>(even, even_later);
            columns[4 + c] = _mm512_shuffle_f32x4::<0x88>(odd, odd_later);
            columns[12 + c] = _mm512_shuffle_f32x4::<0xdd>(odd, odd_later);
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn who_reaches_is_who_reaches_by_the_formula() {
        if !is_fast() {
            return println!("skipped: no fast products of 8-bit numbers here");
        }
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut reaching = Reaching::default();
        for width in [4, 20, 64] {
            let mut codes = |n: usize| -> Vec<i8> { (0..n * width).map(|_| rng.random_range(-127..=127)).collect() };
            let (row_panels, panels) = (codes(2 * PANEL), codes(KEYS));
            let code = |panels: &[i8], n: usize, p: usize| {
                i32::from(panels[n / PANEL * PANEL * width + p / 4 * 4 * PANEL + n % PANEL * 4 + p % 4])
            };
            let sum = |key: usize| (0..width).map(|p| code(&panels, key, p)).sum::<i32>();
            let bases: Vec<i32> = (0..KEYS).map(|key| -128 * sum(key)).collect();
            let mut numbers =
                |n: usize, from: f32, to: f32| -> Vec<f32> { (0..n).map(|_| rng.random_range(from..to)).collect() };
            let (scales, errors) = (numbers(KEYS, 1e-5, 2e-5), numbers(KEYS, 0.0, 0.5));
            let mut limits = numbers(KEYS, 0.0, 4.0);
            (limits[3], limits[20]) = (f32::INFINITY, f32::NEG_INFINITY);
            let mut rows = Rows::of_panels(&row_panels, width);
            for limit in &mut rows.limits {
                *limit = [numbers(1, 0.0, 2.0)[0], numbers(1, 0.5, 2.0)[0], numbers(1, 0.0, 0.5)[0]];
            }
            rows.limits[5][0] = f32::INFINITY;
            rows.limits[19][0] = f32::NEG_INFINITY;
            let keys =
                Keys { first: 320, panels: &panels, bases: &bases, scales: &scales, errors: &errors, limits: &limits };
            rows.sift(width, &keys, &mut reaching);
            let mut want = Vec::new();
            for (row, &[a, m, c]) in rows.limits.iter().enumerate() {
                for key in 0..KEYS {
                    let sum: i32 = (0..width).map(|p| code(&row_panels, row, p) * code(&panels, key, p)).sum();
                    let product = sum as f32 * scales[key];
                    let (of_row, of_key) = ((-m).mul_add(errors[key], a), m.mul_add(limits[key], -c));
                    if product >= of_row.min(of_key) {
                        want.push((row, 320 + key, product));
                    }
                }
            }
            assert!(want.len() > 2 * KEYS && want.len() < 20 * KEYS, "{} reach", want.len());
            assert_eq!(reaching.pairs().collect::<Vec<_>>(), want, "{width} wide");
        }
    }
}
