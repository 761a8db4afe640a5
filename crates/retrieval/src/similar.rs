//! Items similar to an item: the largest cosines in one of the spaces that a model places items in.
//!
//! The length of an item's vector says how often it is bought, not what it is like: by the dot product an item is its own nearest neighbour in
//! fewer than half of the cases. So rows are scaled to length 1 first.

use crate::error::RetrievalError;
use crate::retriever::List;
use anchorrec_data::{Features, Modality};
use anchorrec_kernels::rows::{gather, normalised};
use anchorrec_recommender::{ItemSpace, Recommender};
use anchorrec_trainer::ranking::Ranker;
use ndarray::Array2;

/// Returns the positions of all items in a space by its name: one of the model's, or `raw_text`, `raw_vision`, `raw_mm`, the features as they are.
///
/// # Errors
/// When there is no such space.
pub fn space(model: &dyn Recommender<f32>, features: &Features, name: &str) -> Result<Array2<f32>, RetrievalError> {
    let mut spaces: Vec<(String, Array2<f32>)> =
        model.item_spaces().into_iter().map(|ItemSpace { name, positions }| (name.to_owned(), positions)).collect();
    for modality in Modality::ALL {
        spaces.extend(features.of(modality).map(|rows| (format!("raw_{modality}"), rows.clone())));
    }
    match spaces.iter().position(|(known, _)| known == name) {
        Some(place) => Ok(spaces.swap_remove(place).1),
        None => Err(RetrievalError::NoSpace {
            name: name.to_owned(),
            known: spaces.into_iter().map(|space| space.0).collect(),
        }),
    }
}

/// Returns the kind of features behind a space by its name, where they are behind it alone: `text` and `raw_text` are of texts, `final` is of none.
///
/// ```
/// use anchorrec_data::Modality;
/// use anchorrec_retrieval::similar::modality_of;
/// assert_eq!((modality_of("raw_text"), modality_of("final")), (Some(Modality::Text), None));
/// ```
pub fn modality_of(space: &str) -> Option<Modality> {
    let kind = space.trim_start_matches("raw_");
    Modality::ALL.into_iter().find(|modality| modality.to_string() == kind)
}

/// The items of a space, ready to be compared: scaled to length 1 and packed once.
pub struct SimilarItems {
    units: Array2<f32>,
    ranker: Ranker<f32>,
}

impl SimilarItems {
    /// Prepares `positions` `[I, D]`. The items of `never`, ascending, are in no list.
    pub fn new(positions: &Array2<f32>, never: &[u32]) -> Self {
        let units = normalised(positions);
        let ranker = Ranker::new(units.view(), never);
        SimilarItems { units, ranker }
    }

    /// Returns the `top` items most similar to each of `wanted` by cosine, the item itself left out. An item without a direction (a row of zeros) is
    /// similar to nothing: its list is empty.
    ///
    /// # Panics
    /// When an item is not there.
    pub fn lists(&self, wanted: &[u32], top: usize) -> Vec<List> {
        let own: Vec<[u32; 1]> = wanted.iter().map(|&item| [item]).collect();
        let places: Vec<usize> = (0..wanted.len()).collect();
        let rows = |places: &[usize]| {
            let items: Vec<u32> = places.iter().map(|&place| wanted[place]).collect();
            gather(&self.units, &items)
        };
        let mut lists = self.ranker.best(&places, top, rows, |place| &own[place]);
        for (list, &item) in lists.iter_mut().zip(wanted) {
            if self.units.row(item as usize).iter().all(|&x| x == 0.0) {
                list.clear();
            }
        }
        lists
    }
}

/// Returns the `top` items most similar to each of `wanted` by cosine, the item itself and those of `never`, ascending, left out: for one question;
/// a caller who asks often keeps [`SimilarItems`].
///
/// # Panics
/// When an item is not in `positions`, `[I, D]`.
///
/// ```
/// use anchorrec_retrieval::similar::similar;
/// use ndarray::array;
///
/// // Item 2 points the same way as item 0 and is much longer.
/// let lists = similar(&array![[1.0, 0.0], [0.6, 0.8], [9.0, 0.0]], &[0], 2, &[]);
/// assert_eq!(lists, [vec![(2, 1.0), (1, 0.6)]]);
/// ```
pub fn similar(positions: &Array2<f32>, wanted: &[u32], top: usize, never: &[u32]) -> Vec<List> {
    SimilarItems::new(positions, never).lists(wanted, top)
}
