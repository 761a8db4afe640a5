//! Products of a wide table `X` `[I, F]` with thin factors of width `D`.
//!
//! A feature table has hundreds or thousands of columns and meets matrices of 64. Three products carry nearly all the
//! arithmetic of a training step:
//!
//! | function | product | shapes |
//! |---|---|---|
//! | [`times_transposed`] | `X[rows] Vᵀ` | `[n, F] [F, D]` |
//! | [`transposed_times`] | `Sᵀ X[rows]` | `[D, n] [n, F]` |
//! | [`update`] | `S V` ([`FactoredGradient`]), used up by an optimiser as it is made | `[n, D] [D, F]` |
//!
//! General matrix products copy ("pack") both factors into an order of their own, which pays off when each number is then
//! used thousands of times; here it is used 64 times. So the thin factor is packed once, and the table is read where it
//! lies, one pass over it for each product, asked for ahead of its use.
//!
//! The fast kernels are for `f32`, a width `F` that is a multiple of 32 and a `D` that is one of [`GRAIN`]; everything else takes
//! [`product`](fn@crate::product), which says the same.

mod fast;
mod gradient;
mod times_transposed;
mod transposed_times;
mod update;

pub use fast::{GRAIN, row_by_row};
pub use gradient::FactoredGradient;
pub use times_transposed::times_transposed;
pub use transposed_times::{continue_transposed_times, transposed_times};
pub use update::{ElementUpdate, update};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Rows;
    use ndarray::Array2;

    #[test]
    #[should_panic(expected = "row Some(4) of a table of 4")]
    fn a_row_that_is_not_there_is_named() {
        let x = Array2::<f32>::zeros((4, 32));
        times_transposed(x.view(), Rows::Some(&[0, 4]), x.view());
    }

    #[test]
    #[should_panic(expected = "ascend")]
    fn repeated_rows_are_refused() {
        let x = Array2::<f32>::zeros((4, 32));
        times_transposed(x.view(), Rows::Some(&[1, 1]), x.view());
    }
}
