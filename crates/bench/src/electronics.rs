//! A few training steps at the size of Amazon Electronics, without files.
//!
//! Interactions are those of a synthetic twin. Features are uniform, and item graphs are made from a few other uniform numbers for each item:
//! a step costs the same with any numbers in the tables, and the exact kNN of 63,001 wide rows would take minutes. It
//! would not raise the peak either: a unit copy of the widest table is smaller than the moments that training adds.

use crate::shape::Shape;
use crate::{config, steps, twin_folder};
use anchorrec_data::{Features, Sampler, TwinSpec, generate};
use anchorrec_graph::ItemGraph;
use anchorrec_models::MODELS;
use anchorrec_trainer::models::PreparedModels;
use anchorrec_trainer::{Stepper, memory};
use anyhow::Result;
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sprs::{CsMat, TriMat};
use std::sync::Arc;

const USERS: usize = 192_403;
pub const ITEMS: usize = 63_001;
/// Interactions of all splits.
const INTERACTIONS: usize = 1_689_188;
/// Widths of mm, text and vision.
const WIDTHS: [usize; 3] = [768, 384, 4096];
/// Numbers of an item that its graphs are made from.
const FEW: usize = 8;
/// Steps before the first that counts: the moments are made in the first.
const WARM_UP: usize = 3;
const STEPS: usize = 10;
/// Rows of random features that one generator makes.
const ROWS: usize = 256;

/// The times of steps at the size of Electronics.
#[derive(Debug, Serialize, Deserialize)]
pub struct ElectronicsTimes {
    /// The size.
    pub shape: Shape,
    /// Seconds of each step.
    pub steps: Vec<f64>,
    /// The most memory in bytes; 0 where the system does not tell.
    pub peak_bytes: u64,
}

/// Makes the data and takes the steps; runs in the child process.
pub fn run(scale: f64) -> Result<ElectronicsTimes> {
    let config = config::of(None, MODELS.default_model(), 1, scale)?.check()?;
    let spec = TwinSpec {
        mm_width: None,
        text_width: None,
        vision_width: None,
        ..TwinSpec::new("amazon-electronics", USERS, ITEMS, INTERACTIONS)
    };
    let interactions = generate(&spec.scaled(scale), twin_folder::SEED).interactions;
    let (users, items) = (interactions.users, interactions.items);
    let shape = Shape::new(&interactions, WIDTHS.to_vec(), &config);

    let pairs: Vec<(u32, u32)> = interactions.train.iter().map(|pair| (pair.user, pair.item)).collect();
    let [mm, text, vision] = WIDTHS.map(|width| Some(uniform(items, width)));
    let [few_mm, few_text, few_vision] = WIDTHS.map(|_| Some(uniform(items, FEW)));
    let cheap = Features { mm: few_mm, text: few_text, vision: few_vision };
    let prepared = PreparedModels::of(&config, (users, items), pairs, Arc::new(Features { mm, text, vision }), &cheap);
    drop(cheap);
    let seed = config.train.seeds[0];
    let sampler = Sampler::new(&interactions, seed)?;
    let mut stepper = Stepper::new(prepared.model(&config, seed)?);
    memory::reset_peak();
    let taken = steps::take(WARM_UP + STEPS, &mut stepper, &sampler, &config)?;
    Ok(ElectronicsTimes { shape, steps: taken[WARM_UP..].to_vec(), peak_bytes: memory::peak_bytes().unwrap_or(0) })
}

/// `[rows, width]`, uniform in `[-1, 1)`.
pub fn uniform(rows: usize, width: usize) -> Array2<f32> {
    let mut table = Array2::zeros((rows, width));
    let numbers = table.as_slice_mut().expect("new arrays are contiguous");
    numbers.par_chunks_mut((ROWS * width).max(1)).enumerate().for_each(|(block, numbers)| {
        let mut rng = ChaCha8Rng::seed_from_u64(block as u64);
        numbers.iter_mut().for_each(|x| *x = 2.0 * rng.random::<f32>() - 1.0);
    });
    table
}

/// Connects every item with itself and with random others, at equal weights.
pub fn item_graph(items: usize, neighbours: usize, seed: u64) -> ItemGraph<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut entries = TriMat::with_capacity((items, items), items * neighbours);
    for item in 0..items {
        entries.add_triplet(item, item, 1.0 / neighbours as f32);
        for _ in 1..neighbours {
            entries.add_triplet(item, rng.random_range(0..items as u32) as usize, 1.0 / neighbours as f32);
        }
    }
    let forward: CsMat<f32> = entries.to_csr();
    let transpose = forward.transpose_view().to_csr();
    ItemGraph { forward, transpose }
}
