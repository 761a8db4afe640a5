//! A twin in memory.

use super::spec::TwinSpec;
use crate::{Interactions, Modality};
use half::f16;
use ndarray::Array2;

/// A synthetic twin in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Twin {
    /// The size and shape that were asked for.
    pub spec: TwinSpec,
    /// The seed that the twin was drawn from.
    pub seed: u64,
    /// The interactions, split at random for each user.
    pub interactions: Interactions,
    /// The planted topic of each item.
    pub topics: Vec<u32>,
    /// Fused features, `[items, width]`.
    pub mm: Option<Array2<f16>>,
    /// Text features, `[items, width]`.
    pub text: Option<Array2<f16>>,
    /// Image features, `[items, width]`, not negative.
    pub vision: Option<Array2<f16>>,
}

impl Twin {
    /// Returns the features of one kind, `[items, width]`.
    pub fn features(&self, modality: Modality) -> Option<&Array2<f16>> {
        match modality {
            Modality::Mm => self.mm.as_ref(),
            Modality::Text => self.text.as_ref(),
            Modality::Vision => self.vision.as_ref(),
        }
    }
}
