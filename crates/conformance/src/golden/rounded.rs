//! Weights that Adam moves by rounding alone.
//!
//! A gradient that is zero in exact arithmetic arrives as the rounding of the sums that cancelled, `|g| <= r`
//! ([`Rounding`](anchorrec_testkit::Rounding)). Adam divides by a root of second moments and by nothing that knows of `r`: the means of gradients within `r` stay within `r`, so a step
//! moves such a weight by at most `lr · r / (0 + ε)`, which at `ε = 1e-8` is far more than the relative error of a golden value. Both programs stay
//! within that of the weight's first value; where exactly is undetermined.

use super::translation::Translation;
use anchorrec_testkit::golden::{self, Case};
use ndarray::{Array2, Zip};
use serde_json::Value;

/// A weight matrix, and what of it nothing but rounding has moved.
struct Table {
    theirs: String,
    first: Array2<f64>,
    /// No gradient was more than rounding.
    rounding: Array2<bool>,
    /// Some gradient was not zero.
    touched: Array2<bool>,
}

/// The weights of a case that nothing but rounding has moved so far.
pub(super) struct Rounded<'a> {
    case: &'a Case,
    epsilon: f64,
    tables: Vec<Table>,
    /// The farthest that such a weight can be from its first value.
    farthest: f64,
}

impl<'a> Rounded<'a> {
    pub(super) fn new(translation: &Translation, case: &'a Case, epsilon: f64) -> Self {
        let table = |(theirs, _): (&str, &str)| {
            let first = golden::matrix(&case.file["params"][theirs]);
            let (rounding, touched) = (Array2::from_elem(first.dim(), true), Array2::from_elem(first.dim(), false));
            Table { theirs: theirs.to_owned(), first, rounding, touched }
        };
        let tables = translation.parameters(case).into_iter().map(table).collect();
        Rounded { case, epsilon, tables, farthest: 0.0 }
    }

    /// Hears of a step with the gradients `grads`. Where the file has none, any weight may move.
    pub(super) fn step(&mut self, grads: Option<&Value>, rate: f64) {
        let rounding = grads.map_or(0.0, |grads| self.case.rounding(grads).allowed());
        self.farthest += rate * rounding / self.epsilon;
        for table in &mut self.tables {
            match grads.map(|grads| &grads[&table.theirs]) {
                None => table.rounding.fill(false),
                // A weight without a gradient stays.
                Some(Value::Null) => {}
                Some(values) => Zip::from(&mut table.rounding)
                    .and(&mut table.touched)
                    .and(&golden::matrix(values))
                    .for_each(|only, touched, gradient| {
                        *only &= gradient.abs() <= rounding;
                        *touched |= *gradient != 0.0;
                    }),
            }
        }
    }

    /// Returns `got` with the values of `want` where nothing but rounding has moved a weight.
    ///
    /// # Panics
    /// When such a weight, of either, is farther from its first value than rounding can move it.
    pub(super) fn settled(&self, name: &str, theirs: &str, got: &Array2<f64>, want: &Array2<f64>) -> Array2<f64> {
        let table = self.tables.iter().find(|table| table.theirs == theirs).expect(theirs);
        let mut settled = got.clone();
        for (place, _) in table.rounding.indexed_iter().filter(|&(place, only)| *only && table.touched[place]) {
            for value in [got[place], want[place]] {
                let moved = (value - table.first[place]).abs();
                // The difference itself is rounded once.
                let most = self.farthest + f64::EPSILON * table.first[place].abs();
                assert!(moved <= most, "{name} at {place:?}: moved by {moved:e} without a gradient, at most {most:e}");
            }
            settled[place] = want[place];
        }
        settled
    }
}
