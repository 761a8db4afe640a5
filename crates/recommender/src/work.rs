//! What a training step must at least move and compute, and the times that a model is held to.
//!
//! A bench compares a measured time with `max(bytes / bandwidth, operations / peak)` of each part of the [`Work`], one part after the other. Bytes
//! are those of each input and output once; operations are additions and multiplications of the cheapest form that is known.

use serde::{Deserialize, Serialize};

/// Bytes of an `f32`.
pub const F32: f64 = 4.0;
/// Bytes of a weight and its two moments, read and written once.
pub const ADAM_BYTES: f64 = 6.0 * F32;
/// Bytes of an entry of a sparse matrix: its column and its weight.
pub const ENTRY_BYTES: f64 = size_of::<usize>() as f64 + F32;

/// What must be moved and what must be computed: a lower bound of any implementation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Bytes through memory.
    pub bytes: f64,
    /// Additions and multiplications.
    pub operations: f64,
}

impl Work {
    /// Makes work that only computes.
    ///
    /// ```
    /// // The dense product of 10 x 20 with 20 x 30: a multiplication and an addition for each pair.
    /// let product = anchorrec_recommender::Work::computed(2.0 * 10.0 * 20.0 * 30.0);
    /// assert_eq!((product.bytes, product.operations), (0.0, 12_000.0));
    /// ```
    pub fn computed(operations: f64) -> Self {
        Work { bytes: 0.0, operations }
    }

    /// Makes work that only moves bytes through memory.
    ///
    /// ```
    /// use anchorrec_recommender::work::{ADAM_BYTES, Work};
    ///
    /// // Adam on 100 weights: the weight and two moments, read and written.
    /// assert_eq!(Work::moved(100.0 * ADAM_BYTES).bytes, 100.0 * 2.0 * 3.0 * 4.0);
    /// ```
    pub fn moved(bytes: f64) -> Self {
        Work { bytes, operations: 0.0 }
    }
}

/// The size of a data set and of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Size<'a> {
    /// The number of users, `U`.
    pub users: usize,
    /// The number of items, `I`.
    pub items: usize,
    /// Training pairs.
    pub pairs: usize,
    /// The widths `F_m` of the modalities that are there: fused, text, vision.
    pub widths: &'a [usize],
    /// The number of triples of a batch, `B`.
    pub batch: usize,
}

impl Size<'_> {
    /// Returns the work of the mean over the layers of the user-item graph, of embeddings of `dim` columns: in each layer every pair once in both directions.
    ///
    /// ```
    /// use anchorrec_recommender::Size;
    ///
    /// let size = Size { users: 3, items: 2, pairs: 4, widths: &[], batch: 1 };
    /// assert_eq!(size.layer_mean(8, 2).operations, 2.0 * (4.0 * 2.0) * (8.0 * 2.0));
    /// ```
    pub fn layer_mean(&self, dim: usize, layers: usize) -> Work {
        let dense = 3.0 * F32 * self.embedding_numbers(dim);
        Work {
            bytes: layers as f64 * (2.0 * ENTRY_BYTES * self.pairs as f64 + dense),
            operations: layers as f64 * 2.0 * 2.0 * (self.pairs * dim) as f64,
        }
    }

    /// Returns how many numbers the embeddings of users and items have at `dim` columns.
    ///
    /// ```
    /// let size = anchorrec_recommender::Size { users: 3, items: 2, pairs: 4, widths: &[], batch: 1 };
    /// assert_eq!(size.embedding_numbers(8), (3.0 + 2.0) * 8.0);
    /// ```
    pub fn embedding_numbers(&self, dim: usize) -> f64 {
        ((self.users + self.items) * dim) as f64
    }

    /// Returns how many numbers the feature tables have together.
    ///
    /// ```
    /// let size = anchorrec_recommender::Size { users: 3, items: 2, pairs: 4, widths: &[384, 4096], batch: 1 };
    /// assert_eq!(size.feature_numbers(), 2.0 * (384.0 + 4096.0));
    /// ```
    pub fn feature_numbers(&self) -> f64 {
        (self.items * self.widths.iter().sum::<usize>()) as f64
    }

    /// Returns how many numbers the tables of text and vision have together: the last two of all, which the fused features stand before.
    ///
    /// ```
    /// let size = anchorrec_recommender::Size { users: 3, items: 2, pairs: 4, widths: &[768, 384, 4096], batch: 1 };
    /// assert_eq!(size.text_and_vision_numbers(), 2.0 * (384.0 + 4096.0));
    /// ```
    pub fn text_and_vision_numbers(&self) -> f64 {
        let widths = &self.widths[self.widths.len().saturating_sub(2)..];
        (self.items * widths.iter().sum::<usize>()) as f64
    }

    /// Returns how many numbers the table of the fused features has; 0 where only text and vision are there.
    ///
    /// ```
    /// let size = anchorrec_recommender::Size { users: 3, items: 2, pairs: 4, widths: &[768, 384, 4096], batch: 1 };
    /// assert_eq!(size.fused_numbers(), 2.0 * 768.0);
    /// ```
    pub fn fused_numbers(&self) -> f64 {
        self.feature_numbers() - self.text_and_vision_numbers()
    }

    /// Returns the width of the widest feature table; 0 where there is none.
    ///
    /// ```
    /// let size = anchorrec_recommender::Size { users: 3, items: 2, pairs: 4, widths: &[384, 4096], batch: 1 };
    /// assert_eq!(size.widest(), 4096);
    /// ```
    pub fn widest(&self) -> usize {
        self.widths.iter().copied().max().unwrap_or(0)
    }
}

/// A time on the shape of Amazon Sports that a bench measures for a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// The name of the figure, which scripts rely on: `<model>_step`, `<model>_epoch`.
    pub figure: &'static str,
    /// What is timed.
    pub of: Timed,
    /// Settings over the tuned ones, as `path=value`.
    pub settings: &'static [&'static str],
    /// The seconds that it must not exceed, on the reference machine.
    pub goal: Option<f64>,
    /// What is measured, in few words.
    pub what: &'static str,
    /// What the limit counts, in few words.
    pub limit: &'static str,
}

/// What a [`Timing`] times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timed {
    /// One training step.
    Step,
    /// All steps of an epoch and one validation.
    Epoch,
}
