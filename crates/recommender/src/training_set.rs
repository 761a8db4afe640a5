//! What a model is built from: training pairs and item features, borrowed.

use ndarray::Array2;

/// Training pairs and the features that a model may see.
#[derive(Clone, Copy, Debug)]
pub struct TrainingSet<'a, F> {
    /// The number of users, `U`.
    pub users: usize,
    /// The number of items, `I`.
    pub items: usize,
    /// `(user, item)` of the training split, each once.
    pub pairs: &'a [(u32, u32)],
    /// The raw features of items.
    pub features: FeatureTables<'a, F>,
}

/// Raw features of items, `[I, F_m]` each; a data set may lack any of them.
#[derive(Clone, Copy, Debug)]
pub struct FeatureTables<'a, F> {
    /// Features of image and text fused.
    pub mm: Option<&'a Array2<F>>,
    /// Text features.
    pub text: Option<&'a Array2<F>>,
    /// Image features.
    pub vision: Option<&'a Array2<F>>,
}

/// Which features there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// Whether there are features of image and text fused.
    pub mm: bool,
    /// Whether there are text features.
    pub text: bool,
    /// Whether there are image features.
    pub vision: bool,
}

impl<F> FeatureTables<'_, F> {
    /// Returns which features there are.
    ///
    /// ```
    /// use anchorrec_recommender::{FeatureTables, Present};
    ///
    /// let text = ndarray::array![[0.5, 1.0]];
    /// let tables = FeatureTables { mm: None, text: Some(&text), vision: None };
    /// assert_eq!(tables.present(), Present { mm: false, text: true, vision: false });
    /// ```
    pub fn present(&self) -> Present {
        Present { mm: self.mm.is_some(), text: self.text.is_some(), vision: self.vision.is_some() }
    }
}
