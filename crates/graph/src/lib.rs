#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module | what | formula |
//! |---|---|---|
//! | [`user_item`] | the bipartite interaction graph, symmetrically normalised | `Â = D^-½ [0 R; Rᵀ 0] D^-½` |
//! | [`neighbourhood_mean`] | the same with self loops, normalised by rows | `N = (D + 1)^-1 (A + Id)` |
//! | [`knn`] | the exact `k` nearest items by cosine | `N(i) = top-k_j cos(x_i, x_j)` |
//! | [`agreeing`] | the same among the items that all modalities call near | `c_m,ij >= μ_m` for every `m` |
//! | [`common_users`] | the items that the most users have together | `n_ij >= 2` |
//! | [`cosine_squares`] | squared cosines of all pairs, summed over a batch | `Σ cos²(x_i, x_j)` |
//! | [`item_graph`] | a directed item graph and its transpose | `S_ij = w_ij / √(deg_i deg_j)` |
//! | [`reach`] | what some rows of a propagation depend on | `S^L X` |
//! | [`mod@spmm`] | sparse times dense | `Y = S X` |
//!
//! Graphs are built once from the training split and never change. This crate owns no weights and knows nothing of
//! files. Degrees are counted in `f64`; the weights are then rounded once to the type in use.
//!
//! **Zeros.** An entry of weight 0 is stored and is an edge: an item whose cosines sum to nothing positive keeps its `k` edges, so that an item graph always has
//! `I k` of them, and a mean over edges counts them. `sprs` (0.11) sees it in two ways. Entries given twice are added up by `TriMat::to_csr`, and a product
//! `&a * &b` keeps what cancels as a stored zero; `&a + &b` and `csmat_binop` drop it. Item graphs are added with triplets for that reason; what only needs the
//! values, like `S + Sᵀ` of the smoothness loss, may drop them.
//!
//! Every product is parallel over rows of the result, so nothing is summed across threads: the bits do not depend
//! on their number. A backward pass needs the transpose; it is stored beside the matrix instead of scattered into.

pub mod agreeing;
pub mod common_users;
pub mod cosine_squares;
pub mod item_graph;
pub mod knn;
pub mod neighbourhood_mean;
pub mod reach;
pub mod spmm;
pub mod user_item;

pub use agreeing::{Agreeing, agreeing_neighbours};
pub use anchorrec_kernels::{Real, rows::Rows};
pub use common_users::neighbours_by_users;
pub use cosine_squares::CosineSquares;
pub use item_graph::ItemGraph;
pub use knn::{Neighbours, nearest_by_cosine};
pub use neighbourhood_mean::NeighbourhoodMean;
pub use reach::Reach;
pub use spmm::{add_transposed_rows, spmm, spmm_add_scaled, spmm_from_rows, spmm_rows};
pub use user_item::{DegreeOffset, UserItemGraph};
