//! The arithmetic of Adam (Kingma & Ba, ICLR 2015, arXiv 1412.6980) on one parameter and its two moments.
//!
//! `m <- β₁ m + (1-β₁) g`, `v <- β₂ v + (1-β₂) g²`, `θ <- θ - (η / (1-β₁ᵗ)) · m / (√v / √(1-β₂ᵗ) + ε)`.
//!
//! The loops are compiled here, once for each type of number, and not again in every crate that trains: [`AdamRule::dense`] and
//! [`AdamRule::table`] ask which of the two types they were given and call the one that stands ready.

use crate::Real;
use crate::table::{ElementUpdate, FactoredGradient, update};
use crate::tasks;
use ndarray::{Array2, Axis};
use pulp::{Arch, Simd, WithSimd};
use std::any::Any;

/// Rows of a dense parameter that one task updates.
const DENSE_ROWS: usize = 512;

/// The constants of one update: what it needs beside a gradient, a parameter and its moments.
#[derive(Clone, Copy, Debug)]
pub struct AdamRule {
    /// Decay of the first moment, `β₁`.
    pub beta1: f64,
    /// Decay of the second moment, `β₂`.
    pub beta2: f64,
    /// The learning rate with the correction of the first moment, `η / (1-β₁ᵗ)`.
    pub step_size: f64,
    /// The correction of the second moment, `1 / √(1-β₂ᵗ)`.
    pub root_scale: f64,
    /// What is added to the root of the second moment, `ε`.
    pub epsilon: f64,
}

impl AdamRule {
    /// Moves a parameter and its two moments, `[θ, m, v]`, by a gradient of the same shape.
    ///
    /// # Panics
    /// When a matrix is not row-major.
    pub fn dense<F: Real>(self, tables: [&mut Array2<F>; 3], gradient: &Array2<F>) {
        let (tables, gradient): ([&mut dyn Any; 3], &dyn Any) = (tables.map(|table| table as _), gradient);
        match gradient.downcast_ref() {
            Some(gradient) => dense_f32(self, typed(tables), gradient),
            None => dense_f64(self, typed(tables), gradient.downcast_ref().expect(TWO_TYPES)),
        }
    }

    /// Moves a parameter and its two moments, `[θ, m, v]`, by a gradient in factors, which is used up as it is multiplied out.
    ///
    /// # Panics
    /// As [`update`].
    pub fn table<F: Real>(self, tables: [&mut Array2<F>; 3], gradient: &FactoredGradient<F>) {
        let (tables, gradient): ([&mut dyn Any; 3], &dyn Any) = (tables.map(|table| table as _), gradient);
        match gradient.downcast_ref() {
            Some(gradient) => table_f32(self, typed(tables), gradient),
            None => table_f64(self, typed(tables), gradient.downcast_ref().expect(TWO_TYPES)),
        }
    }
}

const TWO_TYPES: &str = "`Real` is sealed: f32 and f64";

fn typed<F: Real>(tables: [&mut dyn Any; 3]) -> [&mut Array2<F>; 3] {
    tables.map(|table| table.downcast_mut().expect(TWO_TYPES))
}

#[inline(never)]
fn dense_f32(rule: AdamRule, tables: [&mut Array2<f32>; 3], gradient: &Array2<f32>) {
    dense(rule, tables, gradient);
}

#[inline(never)]
fn dense_f64(rule: AdamRule, tables: [&mut Array2<f64>; 3], gradient: &Array2<f64>) {
    dense(rule, tables, gradient);
}

#[inline(never)]
fn table_f32(rule: AdamRule, tables: [&mut Array2<f32>; 3], gradient: &FactoredGradient<f32>) {
    update(tables, gradient, rule);
}

#[inline(never)]
fn table_f64(rule: AdamRule, tables: [&mut Array2<f64>; 3], gradient: &FactoredGradient<f64>) {
    update(tables, gradient, rule);
}

impl ElementUpdate for AdamRule {
    #[inline(always)]
    fn apply<F: Real>(self, g: F, x: &mut F, m: &mut F, v: &mut F) {
        *m = F::of(self.beta1) * *m + F::of(1.0 - self.beta1) * g;
        *v = F::of(self.beta2) * *v + F::of(1.0 - self.beta2) * g * g;
        *x -= F::of(self.step_size) * *m / (v.sqrt() * F::of(self.root_scale) + F::of(self.epsilon));
    }

    #[inline(always)]
    fn apply_f32s<S: Simd>(self, simd: S, g: S::f32s, x: &mut S::f32s, m: &mut S::f32s, v: &mut S::f32s) {
        // No closures: they would be compiled without the instructions that `simd` stands for.
        *m = simd.mul_f32s(simd.splat_f32s(self.beta1 as f32), *m);
        *m = simd.add_f32s(*m, simd.mul_f32s(simd.splat_f32s((1.0 - self.beta1) as f32), g));
        let square = simd.mul_f32s(simd.mul_f32s(simd.splat_f32s((1.0 - self.beta2) as f32), g), g);
        *v = simd.add_f32s(simd.mul_f32s(simd.splat_f32s(self.beta2 as f32), *v), square);
        let root = simd.mul_f32s(simd.sqrt_f32s(*v), simd.splat_f32s(self.root_scale as f32));
        let root = simd.add_f32s(root, simd.splat_f32s(self.epsilon as f32));
        let step = simd.mul_f32s(simd.splat_f32s(self.step_size as f32), *m);
        *x = simd.sub_f32s(*x, simd.div_f32s(step, root));
    }
}

fn dense<F: Real>(rule: AdamRule, [x, first, second]: [&mut Array2<F>; 3], d: &Array2<F>) {
    let blocks = x
        .axis_chunks_iter_mut(Axis(0), DENSE_ROWS)
        .zip(first.axis_chunks_iter_mut(Axis(0), DENSE_ROWS))
        .zip(second.axis_chunks_iter_mut(Axis(0), DENSE_ROWS))
        .zip(d.axis_chunks_iter(Axis(0), DENSE_ROWS));
    tasks::each(blocks, |(((mut x, mut m), mut v), d)| {
        let whole = "whole rows of a row-major matrix";
        let (x, m) = (x.as_slice_mut().expect(whole), m.as_slice_mut().expect(whole));
        let (v, d) = (v.as_slice_mut().expect(whole), d.to_slice().expect(whole));
        Arch::new().dispatch(Dense { x, m, v, d, rule });
    });
}

/// Some elements with their gradients.
struct Dense<'a, F> {
    x: &'a mut [F],
    m: &'a mut [F],
    v: &'a mut [F],
    d: &'a [F],
    rule: AdamRule,
}

impl<F: Real> WithSimd for Dense<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (((x, m), v), &g) in self.x.iter_mut().zip(self.m).zip(self.v).zip(self.d) {
            self.rule.apply(g, x, m, v);
        }
    }
}
