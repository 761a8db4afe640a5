//! The graphs of a data set: built once from the training split and the raw features, frozen afterwards.

use crate::{Modalities, Modality, Settings, Targets};
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_graph::{CosineSquares, ItemGraph, UserItemGraph, nearest_by_cosine};
use anchorrec_kernels::Real;
use anchorrec_losses::EdgeSmoothness;
use ndarray::Array2;

/// Everything sparse that a model multiplies by.
#[derive(Clone, Debug)]
pub struct Graphs<F> {
    /// `R̂` and its transpose.
    pub user_item: UserItemGraph<F>,
    /// `S_m` and its transpose.
    pub items: Modalities<ItemGraph<F>>,
    /// The edges of `S_mm`, prepared for SMO; absent with the anchor.
    pub smoothness: Option<EdgeSmoothness<F>>,
    /// `cos²` of all pairs, of wide features that AMP compares with and that never change; see `keeps_squares`.
    pub cosine_squares: Modalities<CosineSquares>,
}

/// Narrower features have a Gram matrix that costs little: AMP computes it again.
const WIDE: usize = 1024;
/// Squares that need more are not kept.
const MOST_BYTES: usize = 1 << 30;

/// Whether the squares of all cosines of `features` are kept for AMP: 16 bits a pair, so only where the numbers have not more digits
/// than they (not in `f64`), and only where it pays.
fn keeps_squares<F: Real>(features: &Array2<F>, settings: &Settings) -> bool {
    let single = F::as_f32s(&[]).is_some();
    let (items, width) = features.dim();
    single && settings.targets == Targets::Frozen && width >= WIDE && CosineSquares::bytes(items) <= MOST_BYTES
}

impl<F: Real> Graphs<F> {
    /// Builds the graphs from `(user, item)` training pairs and raw features `[I, F_m]`, with `settings.neighbours` per item, itself included.
    ///
    /// # Panics
    /// When a pair is outside `users x items`, features have not `items` rows, or there is to be no neighbour.
    pub fn new(
        users: usize,
        items: usize,
        pairs: &[(u32, u32)],
        features: Modalities<&Array2<F>>,
        settings: &Settings,
    ) -> Self {
        let mut cosine_squares = Modalities::default();
        let graph_of = |modality: Modality, features: &Array2<F>| {
            let rows = features.nrows();
            assert_eq!(rows, items, "{} features have {rows} rows for {items} items", modality.name());
            if keeps_squares(features, settings) {
                let (squares, neighbours) = CosineSquares::with_neighbours(features, settings.neighbours);
                cosine_squares.set(modality, squares);
                return ItemGraph::new(&neighbours);
            }
            ItemGraph::new(&nearest_by_cosine(features, settings.neighbours))
        };
        let items_graphs = features.map(graph_of);
        Graphs {
            user_item: UserItemGraph::new(users, items, pairs, DegreeOffset::None),
            smoothness: items_graphs.mm.as_ref().map(|graph| EdgeSmoothness::new(&graph.forward)),
            items: items_graphs,
            cosine_squares,
        }
    }
}
