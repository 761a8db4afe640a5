//! A table moved by an optimiser that uses up its gradient `G = S V` as it is made.
//!
//! An optimiser with two running averages reads and writes three tables, and waiting for that memory takes longer than the
//! product. So the two continue at the same time: while some rows of the gradient are multiplied out into a buffer that stays in
//! the cache, the rows made just before are used up, a few numbers between every few steps of the product, and the memory
//! for them is asked for in advance. The whole gradient never exists.
//!
//! Rows without gradient are moved with gradient zero: they owe the optimiser its momentum.

use super::FactoredGradient;
use crate::tile::{self, PANEL, Strided};
use crate::{Real, portable, prefetch::prefetch, tasks};
use ndarray::{Array2, Axis, Zip};
use pulp::{Arch, Simd, WithSimd};

/// Rows of the table moved by one task.
const TASK: usize = 384;
/// Parts of a product between which elements are moved.
const PARTS: usize = 8;
/// How far ahead of its use memory is asked for, in numbers.
const AHEAD: usize = 512;
/// Elements whose gradient the plain version multiplies out at once, as whole rows, but at least [`PLAIN_ROWS`].
const PLAIN_BLOCK: usize = 1 << 16;
/// A product of fewer rows spends its time packing.
const PLAIN_ROWS: usize = 64;

/// What an optimiser does to one element whose gradient is known.
pub trait ElementUpdate: Copy + Sync {
    /// Moves one element.
    fn apply<F: Real>(self, gradient: F, x: &mut F, first: &mut F, second: &mut F);

    /// Moves some elements at once, by the same operations in the same order, none of them fused.
    fn apply_f32s<S: Simd>(
        self,
        simd: S,
        gradient: S::f32s,
        x: &mut S::f32s,
        first: &mut S::f32s,
        second: &mut S::f32s,
    );
}

/// Moves `x` with its running averages `first` and `second`, all `[I, F]`.
///
/// # Panics
/// When the shapes do not fit, a table is not in standard layout, or the rows of the gradient do not ascend.
pub fn update<F: Real>(mut tables: [&mut Array2<F>; 3], gradient: &FactoredGradient<F>, rule: impl ElementUpdate) {
    let shapes = [&tables[0], &tables[1], &tables[2]].map(|table| table.dim());
    let (items, width) = shapes[0];
    assert!(shapes.iter().all(|&shape| shape == shapes[0]), "update: tables {shapes:?}");
    let (n, thin) = gradient.left.dim();
    let wanted = (gradient.rows().count(items), gradient.right.nrows(), gradient.right.ncols());
    assert_eq!((n, thin, width), wanted, "update: rows, D and F of the factors and of the table");
    gradient.rows().check(items);
    if items > 0 && width > 0 && !fused(&mut tables, gradient, rule) {
        plain(tables, gradient, rule);
    }
}

/// Multiplies out a block of rows at a time.
fn plain<F: Real>([x, first, second]: [&mut Array2<F>; 3], gradient: &FactoredGradient<F>, rule: impl ElementUpdate) {
    let width = x.ncols();
    let rows = (PLAIN_BLOCK / width).max(PLAIN_ROWS);
    let blocks = x
        .axis_chunks_iter_mut(Axis(0), rows)
        .zip(first.axis_chunks_iter_mut(Axis(0), rows))
        .zip(second.axis_chunks_iter_mut(Axis(0), rows));
    tasks::each(blocks.enumerate(), |(block, ((mut x, mut first), mut second))| {
        let mut g = Array2::zeros(x.dim());
        gradient.write_rows(block * rows..block * rows + x.nrows(), x.view(), g.view_mut());
        Zip::from(&mut x).and(&mut first).and(&mut second).and(&g).for_each(|x, first, second, &g| {
            rule.apply(g, x, first, second);
        });
    });
}

/// The fused kernel, if it can take these tables; whether it did.
fn fused<F: Real>(
    [x, first, second]: &mut [&mut Array2<F>; 3],
    gradient: &FactoredGradient<F>,
    rule: impl ElementUpdate,
) -> bool {
    let (width, thin) = (x.ncols(), gradient.right.nrows());
    if gradient.along_row.is_some() || !width.is_multiple_of(PANEL) || thin == 0 || portable::is_chosen() {
        return false;
    }
    let (Some(x), Some(first), Some(second), Some(left), Some(right)) =
        (f32s_mut(x), f32s_mut(first), f32s_mut(second), f32s(&gradient.left), f32s(&gradient.right))
    else {
        return false;
    };
    let packed = pack(right, width);
    let chunk = TASK * width;
    let blocks = x.chunks_mut(chunk).zip(first.chunks_mut(chunk)).zip(second.chunks_mut(chunk));
    tasks::each(blocks.enumerate(), |(task, ((x, first), second))| {
        let rows = task * TASK..task * TASK + x.len() / width;
        let with = gradient.rows().between(&rows);
        let left = &left[with.start * thin..with.end * thin];
        let places = with.map(|n| gradient.rows().at(n) - rows.start).collect();
        let buffer = &mut Vec::new();
        Arch::new().dispatch(Task { x, first, second, width, places, left, thin, packed: &packed, buffer, rule });
    });
    true
}

fn f32s<F: Real>(table: &Array2<F>) -> Option<&[f32]> {
    F::as_f32s(table.as_slice()?)
}

fn f32s_mut<F: Real>(table: &mut Array2<F>) -> Option<&mut [f32]> {
    F::as_f32s_mut(table.as_slice_mut()?)
}

/// The panels `[D, PANEL]` of `right`.
fn pack(right: &[f32], width: usize) -> Vec<f32> {
    let thin = right.len() / width;
    let mut packed = vec![0.0; right.len()];
    tasks::each(packed.chunks_mut(thin * PANEL).enumerate(), |(panel, packed)| {
        for (packed, row) in packed.chunks_mut(PANEL).zip(right.chunks(width)) {
            packed.copy_from_slice(&row[panel * PANEL..][..PANEL]);
        }
    });
    packed
}

/// Some rows of the table.
struct Task<'a, U> {
    x: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    width: usize,
    /// The rows that have a gradient, counted from the first of these.
    places: Vec<usize>,
    /// The factors of the rows.
    left: &'a [f32],
    thin: usize,
    packed: &'a [f32],
    /// Two groups of rows of the gradient: one being made, one being used up.
    buffer: &'a mut Vec<f32>,
    rule: U,
}

impl<U: ElementUpdate> WithSimd for Task<'_, U> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::F32_LANES == 16 { self.run::<S, 12, 2>(simd) } else { self.run::<S, 4, 2>(simd) }
    }
}

impl<U: ElementUpdate> Task<'_, U> {
    #[inline(always)]
    fn run<S: Simd, const ROWS: usize, const VECS: usize>(self, simd: S) {
        let Task { x, first, second, width, places, left, thin, packed, buffer, rule } = self;
        let group = ROWS * width;
        buffer.resize(2 * group, 0.0);
        let (mut making, mut made) = buffer.split_at_mut(group);
        let mut padded = vec![0.0; ROWS * thin];
        let (mut here, mut ahead) = (Cursor::default(), Cursor::default());
        ahead.advance(AHEAD, width);
        let mut move_one = MoveOne { x, first, second, width, places: &places, rule };
        for g in 0..places.len().div_ceil(ROWS) {
            let rows = &left[g * ROWS * thin..places.len().min((g + 1) * ROWS) * thin];
            padded[..rows.len()].copy_from_slice(rows);
            for (panel, b) in packed.chunks(thin * PANEL).enumerate() {
                for offset in (0..PANEL).step_by(VECS * S::F32_LANES) {
                    let mut acc = tile::zeros::<S, ROWS, VECS>(simd);
                    for part in 0..PARTS {
                        let (from, to) = (part * thin / PARTS, (part + 1) * thin / PARTS);
                        let a = Strided { values: &padded[from..], row: thin, column: 1 };
                        tile::multiply(simd, to - from, a, &b[from * PANEL..], offset, &mut acc);
                        if g > 0 {
                            for _ in 0..ROWS * VECS / PARTS {
                                move_one.run(simd, made, here, ahead, ROWS);
                                here.advance(S::F32_LANES, width);
                                ahead.advance(S::F32_LANES, width);
                            }
                        }
                    }
                    tile::store::<S, ROWS, VECS>(&acc, making, width, panel * PANEL + offset);
                }
            }
            std::mem::swap(&mut making, &mut made);
        }
        while here.row < places.len() {
            move_one.run(simd, made, here, ahead, ROWS);
            here.advance(S::F32_LANES, width);
            ahead.advance(S::F32_LANES, width);
        }
        move_one.rows_without_gradient(simd);
    }
}

/// A place in the rows that have a gradient.
#[derive(Clone, Copy, Default)]
struct Cursor {
    row: usize,
    column: usize,
}

impl Cursor {
    #[inline(always)]
    fn advance(&mut self, by: usize, width: usize) {
        self.column += by;
        while self.column >= width {
            self.column -= width;
            self.row += 1;
        }
    }
}

/// The tables, and what is done to their elements.
struct MoveOne<'a, U> {
    x: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    width: usize,
    places: &'a [usize],
    rule: U,
}

impl<U: ElementUpdate> MoveOne<'_, U> {
    /// Moves a vector of elements at `here`, whose row of the gradient is one of the `group` rows of `made`; asks for those
    /// at `ahead`.
    #[inline(always)]
    fn run<S: Simd>(&mut self, simd: S, made: &[f32], here: Cursor, ahead: Cursor, group: usize) {
        if let Some(&row) = self.places.get(ahead.row) {
            let place = row * self.width + ahead.column;
            prefetch(&self.x[place..place + 1]);
            prefetch(&self.first[place..place + 1]);
            prefetch(&self.second[place..place + 1]);
        }
        let gradient = &made[here.row % group * self.width + here.column..][..S::F32_LANES];
        let gradient = S::as_simd_f32s(gradient).0[0];
        self.vector(simd, self.places[here.row] * self.width + here.column, gradient);
    }

    #[inline(always)]
    fn vector<S: Simd>(&mut self, simd: S, place: usize, gradient: S::f32s) {
        let range = place..place + S::F32_LANES;
        let x = &mut S::as_mut_simd_f32s(&mut self.x[range.clone()]).0[0];
        let first = &mut S::as_mut_simd_f32s(&mut self.first[range.clone()]).0[0];
        let second = &mut S::as_mut_simd_f32s(&mut self.second[range]).0[0];
        self.rule.apply_f32s(simd, gradient, x, first, second);
    }

    #[inline(always)]
    fn rows_without_gradient<S: Simd>(&mut self, simd: S) {
        let zero = simd.splat_f32s(0.0);
        let mut with = self.places.iter().peekable();
        for row in 0..self.x.len() / self.width {
            if with.next_if_eq(&&row).is_some() {
                continue;
            }
            for column in (0..self.width).step_by(S::F32_LANES) {
                self.vector(simd, row * self.width + column, zero);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    /// Momentum and a running sum of squares: enough to see every operand.
    #[derive(Clone, Copy)]
    struct Rule;

    impl ElementUpdate for Rule {
        fn apply<F: Real>(self, gradient: F, x: &mut F, first: &mut F, second: &mut F) {
            *first = *first * F::of(0.5) + gradient;
            *second += gradient * gradient;
            *x -= *first / (*second + F::one());
        }

        #[inline(always)]
        fn apply_f32s<S: Simd>(self, simd: S, g: S::f32s, x: &mut S::f32s, first: &mut S::f32s, second: &mut S::f32s) {
            *first = simd.add_f32s(simd.mul_f32s(*first, simd.splat_f32s(0.5)), g);
            *second = simd.add_f32s(*second, simd.mul_f32s(g, g));
            *x = simd.sub_f32s(*x, simd.div_f32s(*first, simd.add_f32s(*second, simd.splat_f32s(1.0))));
        }
    }

    /// Small whole numbers: products are exact in any order.
    fn numbered(rows: usize, cols: usize, salt: usize) -> Array2<f32> {
        Array2::from_shape_fn((rows, cols), |(i, j)| ((i * 31 + j * 17 + salt) % 13) as f32 - 6.0)
    }

    #[test]
    fn moves_every_element_as_the_gradient_written_out_does() {
        for (items, width, thin) in [(1, 32, 32), (13, 64, 64), (1000, 96, 64), (30, 4096, 8), (40, 50, 64)] {
            let some: Vec<u32> = (0..items as u32).filter(|r| r % 3 != 1).collect();
            for rows in [None, Some(some), Some(Vec::new())] {
                let n = rows.as_ref().map_or(items, Vec::len);
                let right = numbered(thin, width, 1);
                let gradient = FactoredGradient { rows, left: numbered(n, thin, 0), right, along_row: None };
                let tables = [2, 3, 4].map(|salt| numbered(items, width, salt).mapv(f32::abs));

                let mut written_out = Array2::zeros((items, width));
                gradient.write_rows(0..items, tables[0].view(), written_out.view_mut());
                let [mut x, mut first, mut second] = tables.clone();
                Zip::from(&mut x).and(&mut first).and(&mut second).and(&written_out).for_each(
                    |x, first, second, &g| {
                        Rule.apply(g, x, first, second);
                    },
                );

                let [mut a, mut b, mut c] = tables;
                update([&mut a, &mut b, &mut c], &gradient, Rule);
                assert!(a == x && b == first && c == second, "{items} x {width} x {thin}, {n} rows");
            }
        }
    }

    #[test]
    fn a_row_has_the_same_bits_in_any_part_of_the_table() {
        let (items, width, thin) = (900, 96, 48);
        let wave = |rows: usize, columns: usize, step: f32| {
            Array2::from_shape_fn((rows, columns), |(i, j)| ((i * columns + j) as f32 * step).sin())
        };
        let some: Vec<u32> = (0..items as u32).filter(|r| r % 3 != 1).collect();
        for rows in [None, Some(some)] {
            let n = rows.as_ref().map_or(items, Vec::len);
            let (left, right) = (wave(n, thin, 0.37), wave(thin, width, 0.71));
            let gradient = FactoredGradient { rows, left, right, along_row: None };
            let tables = [0.11, 0.13, 0.17].map(|step| wave(items, width, step).mapv(f32::abs));
            let [mut x, mut first, mut second] = tables.clone();
            update([&mut x, &mut first, &mut second], &gradient, Rule);
            for range in [0..1, 1..14, 14..500, 500..900, 899..900] {
                let places = gradient.rows().between(&range);
                let own = |rows: &Vec<u32>| rows[places.clone()].iter().map(|row| row - range.start as u32).collect();
                let part = FactoredGradient {
                    rows: gradient.rows.as_ref().map(own),
                    left: gradient.left.slice(ndarray::s![places.clone(), ..]).to_owned(),
                    right: gradient.right.clone(),
                    along_row: None,
                };
                let of = |table: &Array2<f32>| table.slice(ndarray::s![range.clone(), ..]).to_owned();
                let [mut a, mut b, mut c] = tables.each_ref().map(of);
                update([&mut a, &mut b, &mut c], &part, Rule);
                assert!(
                    a == of(&x) && b == of(&first) && c == of(&second),
                    "rows {range:?} of {items}, {n} with a gradient"
                );
            }
        }
    }

    #[test]
    fn a_gradient_along_the_rows_is_added() {
        let gradient = FactoredGradient {
            rows: Some(vec![1]),
            left: Array2::ones((1, 1)),
            right: Array2::ones((1, 32)),
            along_row: Some((Array1::from_elem(1, 2.0f32), Array1::from_elem(1, 3.0))),
        };
        let [mut x, mut first, mut second] = [1.0, 0.0, 0.0].map(|v| Array2::from_elem((2, 32), v));
        update([&mut x, &mut first, &mut second], &gradient, Rule);
        assert_eq!((first[[0, 0]], first[[1, 0]]), (0.0, 1.0 + 2.0 + 3.0));
    }

    #[test]
    #[should_panic(expected = "rows, D and F")]
    fn factors_that_do_not_fit_are_named() {
        let left = Array2::<f32>::zeros((2, 3));
        let gradient = FactoredGradient { rows: None, left, right: Array2::zeros((3, 5)), along_row: None };
        let [mut x, mut first, mut second] = [0; 3].map(|_| Array2::zeros((2, 4)));
        update([&mut x, &mut first, &mut second], &gradient, Rule);
    }
}
