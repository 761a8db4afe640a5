//! The model assembled: its weights, and the forward pass to the embeddings that are scored.

use super::content::ContentLayers;
use super::mixing::Mixing;
use super::{Graphs, ItemContent, Masks, Mixed, Settings};
use anchorrec_encoders::{IdEncoder, Params};
use anchorrec_graph::{ItemGraph, spmm_rows};
use anchorrec_kernels::{Real, rows};
use anchorrec_recommender::{Embeddings, SettingError};
use ndarray::{Array2, Axis, concatenate};
use rand::Rng;
use std::sync::Arc;

/// The names of the branches in parameters.
const BRANCHES: [&str; 3] = ["vision", "text", "fusion"];
/// Nodes whose preferences are computed together where all are wanted: results do not depend on it, memory does.
const NODES: usize = 1 << 14;

/// SMORE: embeddings over the interaction graph, beside content that was filtered and fused in the frequency domain.
#[derive(Clone, Debug)]
pub struct Smore<F> {
    pub(super) settings: Settings,
    pub(super) params: Params<F>,
    pub(super) graphs: Arc<Graphs<F>>,
    pub(super) id: IdEncoder,
    pub(super) content: ContentLayers<F>,
    pub(super) mixing: Mixing,
    /// `B_cfg`, the divisor of REG.
    pub(super) batch_size: usize,
}

/// What is computed of some users and items beside the [`ItemContent`]: tables of their rows, users first.
#[derive(Clone, Debug)]
pub struct Encodings<F> {
    /// The rows over the interaction graph, `C`.
    pub id: Array2<F>,
    /// `M_v, M_t, M_f`.
    pub content: [Array2<F>; 3],
    /// What users and items take of the content.
    pub mixed: Mixed<F>,
}

impl<F: Real> Smore<F> {
    /// Makes a model with fresh weights; `vision` and `text` are the raw tables `[I, F_m]`, `batch_size` is `B_cfg`.
    ///
    /// # Errors
    /// When a setting cannot work, or one of the two is not there.
    ///
    /// # Panics
    /// When the graphs were made of others.
    pub fn new(
        settings: &Settings,
        batch_size: usize,
        graphs: Arc<Graphs<F>>,
        vision: Option<&Array2<F>>,
        text: Option<&Array2<F>>,
        rng: &mut impl Rng,
    ) -> Result<Self, SettingError> {
        settings.check()?;
        let (Some(vision), Some(text)) = (vision, text) else {
            let expected =
                "a model that needs less (the data set has not both text and image features, and this one fuses them)";
            return Err(SettingError::new("model", expected, "smore"));
        };
        let (users, items) = (graphs.user_item.users(), graphs.user_item.items());
        assert!(graphs.items.is_some(), "graphs of both modalities");
        for (name, features) in [("vision", vision), ("text", text)] {
            assert_eq!(features.nrows(), items, "{name}: feature rows and items of its graph");
        }
        let mut params = Params::new();
        let width = settings.embedding_dim;
        let id = IdEncoder::new(&mut params, users, items, width, settings.id_layers, rng);
        let sizes = (width, settings.item_layers);
        let content = ContentLayers::new(&mut params, BRANCHES, [vision, text], sizes, rng);
        let mixing = Mixing::new(&mut params, BRANCHES, width, rng);
        Ok(Smore { settings: settings.clone(), params, graphs, id, content, mixing, batch_size })
    }

    /// Returns the graphs, which training does not change.
    pub fn graphs(&self) -> &Graphs<F> {
        &self.graphs
    }

    /// `S_v, S_t, S_f`.
    pub(super) fn item_graphs(&self) -> &[ItemGraph<F>; 3] {
        self.graphs.items.as_ref().expect("checked when the model was made")
    }

    /// Computes the content of all items.
    pub fn content(&self) -> ItemContent<F> {
        self.content.forward(&self.params, self.item_graphs(), &self.params[self.id.items])
    }

    /// Computes what is beside `content` for `users` and `items`, repeats kept; `masks` has a row for each of them.
    ///
    /// # Panics
    /// When one is not there.
    pub fn encode(
        &self,
        content: &ItemContent<F>,
        users: &[u32],
        items: &[u32],
        masks: Option<&Masks<F>>,
    ) -> Encodings<F> {
        let (id_users, id_items) = self.id.rows(&self.params, &self.graphs.user_item, users, items);
        self.encode_beside(concatenate![Axis(0), id_users, id_items], content, users, items, masks)
    }

    fn encode_beside(
        &self,
        id: Array2<F>,
        content: &ItemContent<F>,
        users: &[u32],
        items: &[u32],
        masks: Option<&Masks<F>>,
    ) -> Encodings<F> {
        let content = content.propagated.each_ref().map(|z| {
            let of_users = spmm_rows(&self.graphs.user_item.users_to_items, users, z);
            concatenate![Axis(0), of_users, rows::gather(z, items)]
        });
        let mixed = self.mixing.forward(&self.params, &id, &content, masks);
        Encodings { id, content, mixed }
    }

    /// `z` of all users and items, nothing dropped.
    pub(super) fn all(&self) -> Embeddings<F> {
        let content = self.content();
        let (mut users, mut items) = self.id.all(&self.params, &self.graphs.user_item);
        let add_side = |table: &mut Array2<F>, of_users: bool| {
            for (part, mut rows) in table.axis_chunks_iter_mut(Axis(0), NODES).enumerate() {
                let first = (part * NODES) as u32;
                let nodes: Vec<u32> = (first..first + rows.nrows() as u32).collect();
                let (users, items) = if of_users { (&nodes[..], &[][..]) } else { (&[][..], &nodes[..]) };
                rows += &self.encode_beside(rows.to_owned(), &content, users, items, None).mixed.side;
            }
        };
        add_side(&mut users, true);
        add_side(&mut items, false);
        Embeddings { users, items }
    }
}
