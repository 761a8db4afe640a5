//! Vectors in the order and the shape that a store wants.

use crate::error::RetrievalError;
use anchorrec_recommender::Embeddings;
use half::f16;
use ndarray::{Array2, ArrayView2, Axis, concatenate};

/// What the vectors are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Stores that rank by the dot product: vectors as they are.
    Plain,
    /// Stores that rank by cosine or L2 alone: one more number.
    Lifted,
}

/// Vectors in the order in which they are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// The product's number of each row.
    pub index: Vec<u32>,
    /// The vectors, `[rows, D]`.
    pub vectors: Array2<f32>,
}

/// Users and items of a model as a store takes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Vectors {
    /// The users, in the order of their numbers.
    pub users: Rows,
    /// The items, in the order that suits a store.
    pub items: Rows,
    /// What the vectors are made for.
    pub shape: Shape,
    /// The largest length `M` of an item's vector, before a number is added.
    pub largest: f64,
}

impl Vectors {
    /// Orders and, where it is asked for, lifts the vectors of `items`, leaving out those of `never`, and of `users`.
    ///
    /// ```
    /// use anchorrec_recommender::Embeddings;
    /// use anchorrec_retrieval::export::{Shape, Vectors};
    /// use ndarray::array;
    ///
    /// let embeddings = Embeddings { users: array![[1.0, 2.0]], items: array![[3.0, 4.0], [0.0, 3.0]] };
    /// let lifted = Vectors::new(&embeddings, &[0], &[], Shape::Lifted);
    /// // Both items have the length 5 now, and the scores are 11 and 6 as before.
    /// assert_eq!(lifted.items.vectors, array![[3.0, 4.0, 0.0], [0.0, 3.0, 4.0]]);
    /// assert_eq!(lifted.items.vectors.dot(&lifted.users.vectors.row(0)), array![11.0, 6.0]);
    /// ```
    pub fn new(embeddings: &Embeddings<f32>, users: &[u32], never: &[u32], shape: Shape) -> Self {
        let lengths = lengths(embeddings.items.view());
        let largest = lengths.iter().copied().fold(0.0, f64::max);
        let mut order: Vec<u32> =
            (0..embeddings.items.nrows() as u32).filter(|item| never.binary_search(item).is_err()).collect();
        order.sort_by(|&a, &b| {
            let rising = lengths[a as usize].total_cmp(&lengths[b as usize]);
            if shape == Shape::Plain { rising } else { rising.reverse() }.then(a.cmp(&b))
        });
        let select = |table: &Array2<f32>, index: &[u32]| {
            table.select(Axis(0), &index.iter().map(|&row| row as usize).collect::<Vec<_>>())
        };
        let (mut item_rows, mut user_rows) = (select(&embeddings.items, &order), select(&embeddings.users, users));
        if shape == Shape::Lifted {
            let more = |item: &u32| (largest.powi(2) - lengths[*item as usize].powi(2)).max(0.0).sqrt() as f32;
            let added: Vec<f32> = order.iter().map(more).collect();
            item_rows = with_column(item_rows, added);
            user_rows = with_column(user_rows, vec![0.0; users.len()]);
        }
        Vectors {
            users: Rows { index: users.to_vec(), vectors: user_rows },
            items: Rows { index: order, vectors: item_rows },
            shape,
            largest,
        }
    }

    /// Rounds every number to 16 bits.
    ///
    /// # Errors
    /// When a number is larger than 16 bits hold, or none; then the vectors are as they were.
    pub fn halve(&mut self) -> Result<(), RetrievalError> {
        let is_held = |x: &f32| f16::from_f32(*x).is_finite();
        let all = || self.users.vectors.iter().chain(&self.items.vectors);
        let count = all().filter(|x| !is_held(x)).count();
        if count > 0 {
            let largest = all().filter(|x| !is_held(x)).fold(0.0, |largest: f32, x| largest.max(x.abs()));
            return Err(RetrievalError::TooLarge { count, largest });
        }
        for rows in [&mut self.users, &mut self.items] {
            rows.vectors.mapv_inplace(|x| f16::from_f32(x).to_f32());
        }
        Ok(())
    }
}

/// Computes the length of each row, in double precision.
pub(super) fn lengths(rows: ArrayView2<f32>) -> Vec<f64> {
    rows.rows().into_iter().map(|row| row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()).collect()
}

fn with_column(rows: Array2<f32>, column: Vec<f32>) -> Array2<f32> {
    let column = Array2::from_shape_vec((rows.nrows(), 1), column).expect("a number for each row");
    concatenate(Axis(1), &[rows.view(), column.view()]).expect("as many rows").as_standard_layout().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn what_sixteen_bits_do_not_hold_is_an_error_and_changes_nothing() {
        let fits = Embeddings { users: array![[1.0, -65_504.0]], items: array![[65_519.0, 1e-9]] };
        let mut vectors = Vectors::new(&fits, &[0], &[], Shape::Plain);
        vectors.halve().unwrap();
        assert_eq!(
            (&vectors.users.vectors, &vectors.items.vectors),
            (&array![[1.0, -65_504.0]], &array![[65_504.0, 0.0]])
        );
        for (number, shown) in [(65_520.0, "6.6e4"), (-1e12, "1.0e12"), (f32::INFINITY, "inf"), (f32::NAN, "0.0e0")] {
            for of_user in [true, false] {
                let (one, other) = if of_user { (number, 0.5) } else { (0.5, number) };
                let large = Embeddings { users: array![[1.0, one]], items: array![[other, 2.0]] };
                // A length that is no number has no place in an order; only the rounding is tried here.
                let mut vectors = Vectors::new(&large, &[0], &[], Shape::Plain);
                let refused = vectors.halve().unwrap_err().to_string();
                assert!(refused.starts_with("16 bits hold") && refused.contains("1 number"), "{refused}");
                assert!(number.is_nan() || refused.contains(shown), "{refused}");
                let kept = if of_user { vectors.users.vectors[[0, 1]] } else { vectors.items.vectors[[0, 0]] };
                assert!(kept == number || number.is_nan());
            }
        }
    }
}
