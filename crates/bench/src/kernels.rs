//! What a step, an epoch and a start consist of, one by one, at the shapes of Sports.
//!
//! [`KERNELS`] is the list: to add one or to exchange one, write a function that prepares it and says what it must move
//! and compute, and name it there. A kernel prepares its own arrays and lets them go before the next.

use crate::electronics::{item_graph, uniform};
use crate::limit;
use crate::sample::{Sample, repeated, seconds};
use crate::shape::Shape;
use crate::{config, ranking};
use anchorrec_data::{Dataset, Modality, Sampler, Split};
use anchorrec_encoders::{FeatureGate, Gradients, Mlp, Params};
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_graph::{UserItemGraph, nearest_by_cosine};
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::gram_distance::{Target, gram_distance_to_rows};
use anchorrec_losses::{EdgeSmoothness, info_nce};
use anchorrec_models::MODELS;
use anchorrec_recommender::work::F32;
use anchorrec_recommender::{Embeddings, Work};
use anchorrec_trainer::adam::Adam;
use anchorrec_trainer::ranking::rank;
use anyhow::Result;
use ndarray::{Array1, Array2};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

/// How often each kernel is timed at least.
const RUNS: usize = 5;
/// How long each kernel is timed at least; less when the data are shrunken.
const BUDGET: Duration = Duration::from_millis(800);
/// Layers of the ID encoder.
const LAYERS: usize = 2;

/// All kernels, in the order in which a run meets them.
const KERNELS: &[fn(&Input) -> Kernel<'_>] = &[
    knn_of_text,
    gates_forward,
    user_item_mean,
    item_propagation,
    alignment,
    vision_head,
    amp_vision,
    amp_mm,
    smoothness,
    gates_backward,
    table_update,
    embedding_update,
    full_ranking,
];

/// A kernel, ready to run.
struct Kernel<'a> {
    name: String,
    /// What the kernel must at least move and compute.
    work: Work,
    /// Runs the kernel once and says how many seconds that took.
    run: Box<dyn FnMut() -> f64 + 'a>,
}

/// The time of one kernel.
#[derive(Debug, Serialize, Deserialize)]
pub struct KernelTime {
    /// The kernel's name.
    pub name: String,
    /// Seconds of a run.
    pub seconds: Sample,
    /// What the kernel must at least move and compute.
    pub work: Work,
}

/// What kernels are made of.
struct Input {
    dataset: Dataset,
    shape: Shape,
    /// Distinct positives of a batch, ascending: the rows that alignment and AMP see.
    batch: Vec<u32>,
}

/// Times every kernel of the list; runs in the child process.
pub fn run(folder: &Path, scale: f64) -> Result<Vec<KernelTime>> {
    let dataset = Dataset::load(folder)?;
    let config = config::of(None, MODELS.default_model(), 1, scale)?;
    let shape = Shape::of(&dataset, &config);
    let mut batch = Sampler::new(&dataset.interactions, 0)?.epoch(0).batch(0, shape.batch).positives;
    batch.sort_unstable();
    batch.dedup();
    let input = Input { dataset, shape, batch };
    let mut records = Vec::new();
    for prepare in KERNELS {
        let mut kernel = prepare(&input);
        let taken = repeated(RUNS, BUDGET.mul_f64(scale), &mut kernel.run);
        records.push(KernelTime { seconds: Sample::of(&kernel.name, &taken)?, name: kernel.name, work: kernel.work });
    }
    Ok(records)
}

impl<'a> Kernel<'a> {
    fn new(name: impl Into<String>, work: Work, run: impl FnMut() -> f64 + 'a) -> Self {
        Kernel { name: name.into(), work, run: Box::new(run) }
    }
}

impl Input {
    /// Makes a matrix `[rows of the batch, width]`.
    fn batch_rows(&self, width: usize) -> Array2<f32> {
        uniform(self.batch.len(), width)
    }

    /// Numbers in all feature tables.
    fn table_numbers(&self) -> f64 {
        self.shape.size().feature_numbers()
    }

    /// One product of all feature tables with `D` columns, reading the tables once.
    fn table_product(&self) -> Work {
        let numbers = self.table_numbers();
        Work { bytes: F32 * numbers, operations: 2.0 * numbers * self.shape.dim as f64 }
    }

    fn user_item_graph(&self) -> UserItemGraph<f32> {
        let interactions = &self.dataset.interactions;
        let pairs: Vec<(u32, u32)> = interactions.train.iter().map(|pair| (pair.user, pair.item)).collect();
        UserItemGraph::new(interactions.users, interactions.items, &pairs, DegreeOffset::None)
    }

    /// Positions of users and items, `([U, D], [I, D])`.
    fn embeddings(&self) -> Embeddings<f32> {
        let shape = &self.shape;
        Embeddings { users: uniform(shape.users, shape.dim), items: uniform(shape.items, shape.dim) }
    }
}

/// The gates of all modalities over their feature tables.
struct Gates {
    params: Params<f32>,
    gates: Vec<FeatureGate>,
    /// The item embeddings `E`, `[I, D]`.
    embedding: Array2<f32>,
}

impl Gates {
    fn new(input: &Input) -> Self {
        let (mut params, rng) = (Params::new(), &mut ChaCha8Rng::seed_from_u64(0));
        let tables = Modality::ALL.into_iter().filter_map(|m| Some((m, input.dataset.features.of(m)?)));
        let gates = tables
            .map(|(modality, table)| {
                FeatureGate::new(&mut params, &modality.to_string(), table.clone(), input.shape.dim, false, rng)
            })
            .collect();
        Gates { params, gates, embedding: uniform(input.shape.items, input.shape.dim) }
    }

    /// Forward and backward of all gates: the gradients, and how long the backward passes took.
    fn backward(&self) -> (Gradients<f32>, f64) {
        let (mut gradients, mut taken) = (Gradients::zero(&self.params), 0.0);
        let mut d_embedding = Array2::zeros(self.embedding.dim());
        for gate in &self.gates {
            let (gated, gates) = gate.forward(&self.params, Rows::All, &self.embedding);
            taken += seconds(|| {
                gate.backward(&self.params, &mut gradients, Rows::All, &self.embedding, gates, gated, &mut d_embedding);
            });
        }
        (gradients, taken)
    }
}

fn knn_of_text(input: &Input) -> Kernel<'_> {
    // Vision has a row of its own above.
    let table = input.dataset.features.text.as_ref().expect("a twin has text");
    let work = limit::knn(table.nrows(), table.ncols());
    Kernel::new(format!("item kNN, text {}", table.ncols()), work, || {
        seconds(|| nearest_by_cosine(table, input.shape.neighbours))
    })
}

fn gates_forward(input: &Input) -> Kernel<'_> {
    let all = Gates::new(input);
    Kernel::new("feature gates forward: 3 table products", input.table_product(), move || {
        all.gates.iter().map(|gate| seconds(|| gate.forward(&all.params, Rows::All, &all.embedding))).sum()
    })
}

fn gates_backward(input: &Input) -> Kernel<'_> {
    let all = Gates::new(input);
    Kernel::new("feature gates backward: weight gradients", input.table_product(), move || all.backward().1)
}

fn table_update(input: &Input) -> Kernel<'_> {
    let mut all = Gates::new(input);
    let (gradients, mut adam) = (all.backward().0, Adam::new(&all.params));
    let work = Work { bytes: 6.0 * F32 * input.table_numbers(), ..input.table_product() };
    Kernel::new("table gradients and Adam", work, move || seconds(|| adam.update(&mut all.params, &gradients, 1e-3)))
}

fn embedding_update(input: &Input) -> Kernel<'_> {
    let Embeddings { users, items } = input.embeddings();
    let mut params = Params::new();
    let ids = [params.add("users", users.clone()), params.add("items", items.clone())];
    let mut gradients = Gradients::zero(&params);
    ids.into_iter().zip([users, items]).for_each(|(id, d)| gradients.add(id, d));
    let mut adam = Adam::new(&params);
    let work = Work::moved(7.0 * F32 * params.elements() as f64);
    Kernel::new("Adam of the embeddings", work, move || seconds(|| adam.update(&mut params, &gradients, 1e-3)))
}

fn user_item_mean(input: &Input) -> Kernel<'_> {
    let (graph, x) = (input.user_item_graph(), input.embeddings());
    let work = input.shape.size().layer_mean(input.shape.dim, LAYERS);
    Kernel::new(format!("user-item graph, mean of {LAYERS} layers"), work, move || {
        seconds(|| graph.layer_mean(&x.users, &x.items, LAYERS))
    })
}

fn item_propagation(input: &Input) -> Kernel<'_> {
    let shape = &input.shape;
    let (graph, x) = (item_graph(shape.items, shape.neighbours, 0), uniform(shape.items, shape.dim));
    let work = limit::item_product(shape, graph.forward.nnz());
    Kernel::new("item graph, one layer", work, move || {
        // A fresh input for each run: `propagate` takes it, and copying it is not part of the kernel.
        let x = x.clone();
        seconds(|| graph.whole(1).propagate(x))
    })
}

fn smoothness(input: &Input) -> Kernel<'_> {
    let shape = &input.shape;
    let graph = item_graph(shape.items, shape.neighbours, 0).forward;
    let (edges, h) = (EdgeSmoothness::new(&graph), uniform(shape.items, shape.dim));
    // Every edge is seen from both ends: a difference, its square and two weighted sums.
    let operations = 2.0 * graph.nnz() as f64 * 5.0 * shape.dim as f64;
    let work = Work { operations, ..limit::item_product(shape, 2 * graph.nnz()) };
    Kernel::new("smoothness, both ways", work, move || seconds(|| edges.forward(h.view()).backward(0.1)))
}

fn alignment(input: &Input) -> Kernel<'_> {
    let (n, dim) = (input.batch.len(), input.shape.dim);
    let (a, c, weights) = (input.batch_rows(dim), input.batch_rows(dim).mapv(|x| x * x), Array1::ones(n));
    // Logits, and a product for each of the two gradients.
    let work = Work { bytes: 4.0 * F32 * (n * dim) as f64, operations: 3.0 * 2.0 * (n * n * dim) as f64 };
    Kernel::new(format!("InfoNCE of {n} rows, both ways"), work, move || {
        seconds(|| info_nce(a.view(), c.view(), 0.2, weights.view()).backward(1.0))
    })
}

fn vision_head(input: &Input) -> Kernel<'_> {
    let (n, dim, width) = (input.batch.len(), input.shape.dim, input.shape.widest());
    let mut params = Params::new();
    let head = Mlp::new(&mut params, "head", width, dim, &mut ChaCha8Rng::seed_from_u64(0));
    let (x, d) = (input.batch_rows(width), input.batch_rows(dim));
    let work = Work { bytes: F32 * (n * width) as f64, operations: 2.0 * 2.0 * (n * width * dim) as f64 };
    Kernel::new(format!("input head, {n} x {width}, both ways"), work, move || {
        let mut gradients = Gradients::zero(&params);
        seconds(|| {
            let output = head.forward(&params, x.view(), Rows::All);
            head.backward_weights(&params, &mut gradients, x.view(), Rows::All, &output, d.view())
        })
    })
}

fn amp_vision(input: &Input) -> Kernel<'_> {
    amp(input, input.dataset.features.vision.as_ref().expect("a twin has vision"))
}

fn amp_mm(input: &Input) -> Kernel<'_> {
    amp(input, input.dataset.features.mm.as_ref().expect("a twin has fused features"))
}

/// Lengths of the rows, the distance, its gradient: what a step does, from the table.
fn amp<'a>(input: &'a Input, table: &'a Array2<f32>) -> Kernel<'a> {
    let (n, dim, width) = (input.batch.len(), input.shape.dim, table.ncols());
    let (h, ones) = (input.batch_rows(dim), Array1::ones(n));
    Kernel::new(format!("AMP, {n} x {width}, both ways"), limit::gram_distance(n, dim, width), move || {
        seconds(|| {
            let factors = rows::unit_factors(table, &input.batch, ones.view());
            gram_distance_to_rows(h.view(), &Target { table: table.view(), rows: &input.batch, factors }).backward(1.0)
        })
    })
}

fn full_ranking(input: &Input) -> Kernel<'_> {
    let (embeddings, train) = (input.embeddings(), input.dataset.interactions.by_user(Split::Train));
    let users: Vec<u32> = (0..input.shape.users as u32).collect();
    let name = format!("ranking of random scores, top {}", ranking::TOP);
    Kernel::new(name, limit::ranking(&input.shape), move || {
        seconds(|| rank(&embeddings, &users, ranking::TOP, |u| train.of(u)))
    })
}
