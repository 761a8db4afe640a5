//! The micro-kernel under the products of wide tables: a few rows of `A` times a panel of [`PANEL`] columns of `B`.
//!
//! `C_rj = Σ_p A_rp B_pj` with the sums in registers: per step `p` one row of the panel is loaded and each of the rows'
//! numbers is multiplied into all of it. Every element is one chain of fused multiply-adds in the order of `p`, whatever the
//! width of the processor's vectors, so the bits are the same on every machine that has them, and do not depend on how rows
//! are grouped.

use pulp::Simd;

/// Columns of a panel. A packed panel holds its rows one after another, `[k, PANEL]`.
pub(crate) const PANEL: usize = 32;

/// A few rows of `A`, wherever they lie.
pub(crate) trait RowsOfA<const ROWS: usize>: Copy {
    /// Whether every row has at least `k` numbers.
    fn have(self, k: usize) -> bool;

    /// The number `A_rp`.
    ///
    /// # Safety
    /// `r < ROWS` and `p < k` for a `k` that the rows [`have`](Self::have).
    #[allow(unsafe_code)]
    unsafe fn at(self, r: usize, p: usize) -> f32;
}

/// Rows a fixed distance apart.
#[derive(Clone, Copy)]
pub(crate) struct Strided<'a> {
    /// Where the numbers are, from the first row and column on.
    pub values: &'a [f32],
    /// From one row to the next.
    pub row: usize,
    /// From one column to the next.
    pub column: usize,
}

impl Strided<'_> {
    /// Returns these rows without the first `n`.
    #[inline(always)]
    pub fn skip_rows(self, n: usize) -> Self {
        Strided { values: &self.values[n * self.row..], ..self }
    }
}

#[allow(unsafe_code)]
impl<const ROWS: usize> RowsOfA<ROWS> for Strided<'_> {
    #[inline(always)]
    fn have(self, k: usize) -> bool {
        k == 0 || (ROWS - 1) * self.row + (k - 1) * self.column < self.values.len()
    }

    #[inline(always)]
    unsafe fn at(self, r: usize, p: usize) -> f32 {
        // SAFETY: `have(k)` compared the largest such index with the length.
        unsafe { *self.values.get_unchecked(r * self.row + p * self.column) }
    }
}

/// Columns of a packed panel as rows, from the first number on.
#[derive(Clone, Copy)]
pub(crate) struct PanelRows<'a> {
    /// The rest of the panel.
    pub panel: &'a [f32],
}

#[allow(unsafe_code)]
impl<const ROWS: usize> RowsOfA<ROWS> for PanelRows<'_> {
    #[inline(always)]
    fn have(self, k: usize) -> bool {
        k == 0 || (k - 1) * PANEL + ROWS <= self.panel.len()
    }

    #[inline(always)]
    unsafe fn at(self, r: usize, p: usize) -> f32 {
        // SAFETY: `have(k)` compared the largest such index with the length.
        unsafe { *self.panel.get_unchecked(p * PANEL + r) }
    }
}

#[allow(unsafe_code)]
impl<const ROWS: usize> RowsOfA<ROWS> for [&[f32]; ROWS] {
    #[inline(always)]
    fn have(self, k: usize) -> bool {
        self.iter().all(|row| row.len() >= k)
    }

    #[inline(always)]
    unsafe fn at(self, r: usize, p: usize) -> f32 {
        // SAFETY: `have(k)` compared the length of every row with `k`.
        unsafe { *self[r].get_unchecked(p) }
    }
}

/// `acc_rv += Σ_p A_rp B_p` for `p < k`; `b` is a packed panel, its columns taken from `offset` on, `VECS` vectors of them.
#[inline(always)]
pub(crate) fn multiply<S: Simd, const ROWS: usize, const VECS: usize>(
    simd: S,
    k: usize,
    a: impl RowsOfA<ROWS>,
    b: &[f32],
    offset: usize,
    acc: &mut [[S::f32s; VECS]; ROWS],
) {
    assert!(a.have(k), "a tile inside A");
    assert!(offset + VECS * S::F32_LANES <= PANEL && k * PANEL <= b.len(), "a tile inside its panel");
    #[allow(unsafe_code)]
    // SAFETY: `a` has `k` columns; the furthest read of `b` ends at (k-1) PANEL + offset + VECS lanes <= k PANEL. Both were
    // checked above. A vector of `pulp` is as many `f32` side by side and may be read unaligned from a slice of them.
    unsafe {
        let b = b.as_ptr().add(offset);
        for p in 0..k {
            let mut row = [simd.splat_f32s(0.0); VECS];
            for v in 0..VECS {
                row[v] = b.add(p * PANEL + v * S::F32_LANES).cast::<S::f32s>().read_unaligned();
            }
            for r in 0..ROWS {
                let x = simd.splat_f32s(a.at(r, p));
                for v in 0..VECS {
                    acc[r][v] = simd.mul_add_f32s(x, row[v], acc[r][v]);
                }
            }
        }
    }
}

/// Registers full of zeros.
#[inline(always)]
pub(crate) fn zeros<S: Simd, const ROWS: usize, const VECS: usize>(simd: S) -> [[S::f32s; VECS]; ROWS] {
    [[simd.splat_f32s(0.0); VECS]; ROWS]
}

/// Reads a tile of `c`: `ROWS` rows `stride` apart, from column `column` on.
#[inline(always)]
pub(crate) fn load<S: Simd, const ROWS: usize, const VECS: usize>(
    c: &[f32],
    stride: usize,
    column: usize,
) -> [[S::f32s; VECS]; ROWS] {
    let vector = |r: usize, v: usize| S::as_simd_f32s(&c[r * stride + column..][..VECS * S::F32_LANES]).0[v];
    // Loops, not `array::from_fn`: that one is a call for each row.
    let mut tile = [[vector(0, 0); VECS]; ROWS];
    for r in 0..ROWS {
        for v in 0..VECS {
            tile[r][v] = vector(r, v);
        }
    }
    tile
}

/// Writes a tile of `c`: `ROWS` rows `stride` apart, from column `column` on.
#[inline(always)]
pub(crate) fn store<S: Simd, const ROWS: usize, const VECS: usize>(
    acc: &[[S::f32s; VECS]; ROWS],
    c: &mut [f32],
    stride: usize,
    column: usize,
) {
    for r in 0..ROWS {
        let row = &mut c[r * stride + column..][..VECS * S::F32_LANES];
        S::as_mut_simd_f32s(row).0.copy_from_slice(&acc[r]);
    }
}
