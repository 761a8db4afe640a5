//! The model: what is computed of users, items and features, and what is scored.

use super::Settings;
use anchorrec_encoders::{FeatureLayer, IdEncoder, Linear, Params};
use anchorrec_graph::UserItemGraph;
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::Rows;
use anchorrec_recommender::{Batch, Distinct, SettingError};
use ndarray::Array2;
use rand::Rng;
use std::sync::Arc;

/// BM3: embeddings over the interaction graph, trainable features, and one predictor.
#[derive(Clone, Debug)]
pub struct Bm3<F> {
    pub(super) settings: Settings,
    pub(super) params: Params<F>,
    pub(super) graph: Arc<UserItemGraph<F>>,
    pub(super) id: IdEncoder,
    /// The modalities that the data set has.
    pub(super) modalities: Vec<Modality>,
    /// The predictor `P`.
    pub(super) predictor: Linear,
}

/// A modality and the names of its terms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modality {
    pub name: &'static str,
    /// `C(t_m, h_i)`: the term's name, and what it is.
    pub align: (&'static str, &'static str),
    /// `C(t_m, t_m)`: the term's name, and what it is.
    pub mask: (&'static str, &'static str),
    /// `X_m` and `W_m`, `b_m`.
    pub layer: FeatureLayer,
}

/// What a batch is computed from, before the predictor.
#[derive(Clone, Debug)]
pub struct Encoded<F> {
    /// `h_u` of all users, `[U, D]`.
    pub h_users: Array2<F>,
    /// `h_i` of all items, `[I, D]`.
    pub h_items: Array2<F>,
    /// The users of the batch.
    pub users: Distinct<F>,
    /// The positives of the batch.
    pub items: Distinct<F>,
    /// `t_m` of `items.ids`, for each modality that is there: text, then vision.
    pub modalities: Vec<Array2<F>>,
}

impl<F: Real> Bm3<F> {
    /// Makes a model with fresh weights; `graph` has the degree offset `Tiny`, `text` and `vision` are the raw features `[I, F_m]`.
    ///
    /// # Errors
    /// When a setting cannot work.
    ///
    /// # Panics
    /// When features have not a row for each item.
    pub fn new(
        settings: &Settings,
        graph: Arc<UserItemGraph<F>>,
        text: Option<&Array2<F>>,
        vision: Option<&Array2<F>>,
        rng: &mut impl Rng,
    ) -> Result<Self, SettingError> {
        settings.check()?;
        let mut params = Params::new();
        let (users, items, width) = (graph.users(), graph.items(), settings.embedding_dim);
        let id = IdEncoder::new(&mut params, users, items, width, settings.layers, rng);
        let mut modalities = Vec::new();
        let named = [
            (
                "text",
                ("align_text", "text predicts the item"),
                ("mask_text", "text predicts itself with elements dropped"),
                text,
            ),
            (
                "vision",
                ("align_vision", "images predict the item"),
                ("mask_vision", "images predict themselves with elements dropped"),
                vision,
            ),
        ];
        for (name, align, mask, features) in named {
            let Some(features) = features else { continue };
            assert_eq!(features.nrows(), items, "{name}: feature rows and items of the graph");
            let layer = FeatureLayer::new(&mut params, name, features.clone(), width, rng);
            modalities.push(Modality { name, align, mask, layer });
        }
        let predictor = Linear::new(&mut params, "predictor", width, width, rng);
        Ok(Bm3 { settings: settings.clone(), params, graph, id, modalities, predictor })
    }

    /// `h_u` and `h_i` of all users and items.
    pub(super) fn all(&self) -> (Array2<F>, Array2<F>) {
        let (h_users, mut h_items) = self.id.all(&self.params, &self.graph);
        h_items += &self.params[self.id.items];
        (h_users, h_items)
    }

    /// Computes the rows that a batch's loss is made of.
    ///
    /// # Panics
    /// When the batch is empty or ragged, or holds an id that is not there.
    pub fn encode(&self, batch: &Batch) -> Encoded<F> {
        batch.check();
        let (h_users, h_items) = self.all();
        let (users, items) = (Distinct::new(batch.users), Distinct::new(batch.positives));
        let of_modality = |modality: &Modality| modality.layer.forward(&self.params, Rows::Some(&items.ids));
        let modalities = self.modalities.iter().map(of_modality).collect();
        Encoded { h_users, h_items, users, items, modalities }
    }

    /// Applies the predictor: `P(x)`.
    pub(super) fn predict(&self, x: &Array2<F>) -> Array2<F> {
        self.predictor.forward(&self.params, x.view(), Rows::All)
    }
}
