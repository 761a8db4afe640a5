//! Which features a model sees: the data set's own, or those of a control.
//!
//! A control says what content is worth: with one permutation of the items applied to every modality the geometry of the
//! features stays and only the link to the items is cut; random features have not even that.

use anchorrec_data::keyed_rng::{Purpose, keyed_rng};
use anchorrec_data::{Features, Modality};
use ndarray::{Array2, Axis};
use rand::seq::SliceRandom;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which features a model sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeatureSettings {
    /// Which modalities are there.
    pub modalities: Kept,
    /// The contents of the feature rows.
    pub content: RowContent,
}

/// Which modalities a model is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// All that the data set has.
    #[default]
    All,
    /// Text alone; it is the anchor as well.
    Text,
    /// Vision alone; it is the anchor as well.
    Vision,
}

/// The contents of an item's feature row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowContent {
    /// The item's own features.
    #[default]
    Own,
    /// The features of another item, the same one in every modality.
    Shuffled,
    /// Independent standard normal numbers.
    Random,
}

impl FeatureSettings {
    /// Returns the features that a model sees of `features`. The draws are the same for every seed of a job: its graphs are made once.
    pub fn apply(self, features: &Arc<Features>) -> Arc<Features> {
        if self == FeatureSettings::default() {
            return features.clone();
        }
        let Features { mm, text, vision } = self.kept(features);
        let content = |modality, rows: Option<Array2<f32>>| rows.map(|rows| self.rows(modality, rows));
        Arc::new(Features {
            mm: content(Modality::Mm, mm),
            text: content(Modality::Text, text),
            vision: content(Modality::Vision, vision),
        })
    }

    /// Returns the modality that these settings need and `features` do not have.
    pub fn missing(self, features: &Features) -> Option<Modality> {
        let needed = match self.modalities {
            Kept::All => return None,
            Kept::Text => Modality::Text,
            Kept::Vision => Modality::Vision,
        };
        features.of(needed).is_none().then_some(needed)
    }

    /// The anchor of a single modality is that modality.
    fn kept(self, features: &Features) -> Features {
        match self.modalities {
            Kept::All => features.clone(),
            Kept::Text => Features { mm: features.text.clone(), text: features.text.clone(), vision: None },
            Kept::Vision => Features { mm: features.vision.clone(), text: None, vision: features.vision.clone() },
        }
    }

    fn rows(self, modality: Modality, rows: Array2<f32>) -> Array2<f32> {
        match self.content {
            RowContent::Own => rows,
            RowContent::Shuffled => {
                let mut items: Vec<usize> = (0..rows.nrows()).collect();
                items.shuffle(&mut keyed_rng(0, Purpose::Features, 0, 0));
                rows.select(Axis(0), &items)
            }
            RowContent::Random => {
                let rng = &mut keyed_rng(0, Purpose::Features, 1, modality as u64);
                Array2::from_shape_simple_fn(rows.dim(), || StandardNormal.sample(rng))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    fn features() -> Arc<Features> {
        let rows = |width: usize, offset: f32| Some(Array2::from_shape_fn((50, width), |(i, _)| i as f32 + offset));
        Arc::new(Features { mm: rows(4, 0.0), text: rows(2, 100.0), vision: rows(3, 200.0) })
    }

    #[test]
    fn one_modality_is_its_own_anchor() {
        let given = features();
        let text = FeatureSettings { modalities: Kept::Text, ..Default::default() }.apply(&given);
        assert_eq!((&text.mm, &text.text, &text.vision), (&given.text, &given.text, &None));
        let vision = FeatureSettings { modalities: Kept::Vision, ..Default::default() }.apply(&given);
        assert_eq!((&vision.mm, &vision.text, &vision.vision), (&given.vision, &None, &given.vision));
    }

    #[test]
    fn shuffled_rows_belong_to_the_same_other_item_in_every_modality() {
        let given = features();
        let shuffled = FeatureSettings { content: RowContent::Shuffled, ..Default::default() }.apply(&given);
        let whose = |rows: &Option<Array2<f32>>, offset: f32| -> Array1<f32> {
            rows.as_ref().unwrap().column(0).map(|x| x - offset)
        };
        let items = whose(&shuffled.mm, 0.0);
        assert_eq!(items, whose(&shuffled.text, 100.0));
        assert_eq!(items, whose(&shuffled.vision, 200.0));
        let mut sorted: Vec<usize> = items.iter().map(|&i| i as usize).collect();
        assert_ne!(sorted, (0..50).collect::<Vec<_>>());
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn random_rows_have_the_shape_and_nothing_else() {
        let given = features();
        let settings = FeatureSettings { content: RowContent::Random, ..Default::default() };
        let random = settings.apply(&given);
        assert_eq!(random.mm.as_ref().unwrap().dim(), (50, 4));
        assert_ne!(random.mm.as_ref().unwrap().column(0), random.vision.as_ref().unwrap().column(0));
        assert_eq!(random, settings.apply(&given));
        let (n, values) = (50.0 * 4.0, random.mm.as_ref().unwrap());
        // Five standard errors of the mean.
        assert!(values.sum().abs() / n < 5.0 / f32::sqrt(n), "mean {}", values.sum() / n);
    }
}
