//! Which model a configuration asks for: the one place that knows them all.

use crate::config::{CheckedConfig, ModelKind};
use crate::error::TrainError;
use anchorrec_align::{AnchorRec, Graphs, Modalities};
use anchorrec_baselines::alignrec::{self, AlignRec};
use anchorrec_baselines::bm3::Bm3;
use anchorrec_baselines::freedom::{self, Freedom};
use anchorrec_baselines::lightgcn::LightGcn;
use anchorrec_baselines::vbpr::{Vbpr, side_by_side};
use anchorrec_data::keyed_rng::{Purpose, keyed_rng};
use anchorrec_data::{Dataset, Features};
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_recommender::Recommender;
use ndarray::Array2;
use std::sync::Arc;

/// What models of one job share: made once, used by the run of every seed.
pub enum Prepared {
    /// For AnchorRec: graphs and raw features.
    AnchorRec(Arc<Graphs<f32>>, Arc<Features>),
    /// For LightGCN: the user-item graph.
    LightGcn(Arc<UserItemGraph<f32>>),
    /// For AlignRec: graphs and raw features.
    AlignRec(Arc<alignrec::Graphs<f32>>, Arc<Features>),
    /// For FREEDOM: graphs and raw features.
    Freedom(Arc<freedom::Graphs<f32>>, Arc<Features>),
    /// For VBPR: the number of users, and text and vision side by side.
    Vbpr(usize, Arc<Array2<f32>>),
    /// For BM3: the user-item graph and raw features.
    Bm3(Arc<UserItemGraph<f32>>, Arc<Features>),
}

impl Prepared {
    /// Builds the graphs that the configured model needs.
    pub fn new(config: &CheckedConfig, dataset: &Dataset) -> Self {
        let interactions = &dataset.interactions;
        let (users, items) = (interactions.users, interactions.items);
        let pairs: Vec<(u32, u32)> = interactions.train.iter().map(|pair| (pair.user, pair.item)).collect();
        let features = config.features.apply(&dataset.features);
        match config.model {
            ModelKind::AnchorRec => {
                let graphs = Graphs::new(users, items, &pairs, modalities(&features), &config.anchorrec);
                Prepared::AnchorRec(Arc::new(graphs), features)
            }
            ModelKind::LightGcn => {
                Prepared::LightGcn(Arc::new(UserItemGraph::new(users, items, &pairs, DegreeOffset::Tiny)))
            }
            ModelKind::AlignRec => {
                let neighbours = config.alignrec.neighbours;
                let graphs = alignrec::Graphs::new(users, items, &pairs, features.mm.as_ref(), neighbours);
                Prepared::AlignRec(Arc::new(graphs), features)
            }
            ModelKind::Freedom => {
                let (text, vision) = (features.text.as_ref(), features.vision.as_ref());
                let graphs = freedom::Graphs::new(users, items, &pairs, text, vision, &config.freedom);
                Prepared::Freedom(Arc::new(graphs), features)
            }
            ModelKind::Vbpr => {
                let raw: Vec<_> = [&features.text, &features.vision].into_iter().flatten().map(|x| x.view()).collect();
                Prepared::Vbpr(users, Arc::new(side_by_side(items, &raw)))
            }
            ModelKind::Bm3 => {
                Prepared::Bm3(Arc::new(UserItemGraph::new(users, items, &pairs, DegreeOffset::Tiny)), features)
            }
        }
    }

    /// A fresh model, its weights drawn with the generator of `seed`.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn model(&self, config: &CheckedConfig, seed: u64) -> Result<Box<dyn Recommender<f32>>, TrainError> {
        let rng = &mut keyed_rng(seed, Purpose::Init, 0, 0);
        Ok(match self {
            Prepared::AnchorRec(graphs, features) => Box::new(AnchorRec::new(
                &config.anchorrec,
                config.train.batch_size,
                graphs.clone(),
                modalities(features),
                rng,
            )?),
            Prepared::LightGcn(graph) => Box::new(LightGcn::new(&config.lightgcn, graph.clone(), rng)?),
            Prepared::AlignRec(graphs, features) => Box::new(AlignRec::new(
                &config.alignrec,
                config.train.batch_size,
                graphs.clone(),
                features.mm.as_ref(),
                rng,
            )?),
            Prepared::Freedom(graphs, features) => {
                let (text, vision) = (features.text.as_ref(), features.vision.as_ref());
                Box::new(Freedom::new(&config.freedom, graphs.clone(), text, vision, rng)?)
            }
            Prepared::Vbpr(users, features) => Box::new(Vbpr::new(&config.vbpr, *users, features.clone(), rng)?),
            Prepared::Bm3(graph, features) => {
                let Features { text, vision, .. } = &**features;
                Box::new(Bm3::new(&config.bm3, graph.clone(), text.as_ref(), vision.as_ref(), rng)?)
            }
        })
    }
}

fn modalities(features: &Features) -> Modalities<&Array2<f32>> {
    let Features { mm, text, vision } = features;
    Modalities { mm: mm.as_ref(), text: text.as_ref(), vision: vision.as_ref() }
}
