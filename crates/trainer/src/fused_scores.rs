//! `z(model) + γ z(closed form)`, row by row; [`anchorrec_closed_forms::fusion`] has the formula.

use anchorrec_closed_forms::FoldIn;
use anchorrec_closed_forms::fusion::fuse;
use anchorrec_kernels::Packed;
use ndarray::{ArrayView1, Axis};

/// Scores of a model and a closed form together, for any user with a vector and a history.
pub(crate) struct FusedScores<'a> {
    /// The items' vectors: with them the model's own scores come out bit for bit, those that it is ranked by alone.
    keys: &'a Packed<f32>,
    closed_form: &'a dyn FoldIn,
    gamma: f64,
}

impl<'a> FusedScores<'a> {
    pub fn new(keys: &'a Packed<f32>, closed_form: &'a dyn FoldIn, gamma: f64) -> Self {
        assert_eq!(keys.columns(), closed_form.items(), "fusion: the items of the model and of the closed form");
        FusedScores { keys, closed_form, gamma }
    }

    /// Writes the score of each item for a user with the vector `vector` and the items `taken`, ascending.
    pub fn scores_into(&self, vector: ArrayView1<f32>, taken: &[u32], scores: &mut [f64]) {
        let model = self.keys.product(vector.insert_axis(Axis(0)));
        scores.iter_mut().zip(&model).for_each(|(score, &model)| *score = f64::from(model));
        let mut other = vec![0.0; scores.len()];
        self.closed_form.scores_into(taken, &mut other);
        fuse(scores, &mut other, self.gamma);
    }
}
