#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! - [`mod@product`]: `A B` on all cores by the kernels of `gemm`, also of transposed views.
//! - [`packed`]: `A B` tile by tile, `B` packed once.
//! - [`table`]: products of a wide table with thin factors, and its update by an optimiser.
//! - [`adam`]: an optimiser's step on one parameter.
//! - [`bounded`]: the `k` largest products with rows of a table, by bounds from 8-bit integers.
//! - [`catalogue`]: the same for many queries at once.
//! - [`all_pairs`]: the `k` largest products of each row with all others, by the same bounds.
//! - [`exp`]: the exponential, vectorised and the same on every machine.
//! - [`top_k`]: the `k` largest of a row, ties to the lower index.
//! - [`fresh`]: new matrices that tasks fill.
//! - [`rows`]: loops over the rows of matrices.
//! - [`tasks`]: loops over blocks of work on all threads.
//! - [`portable`]: the same bits on every processor.
//! - [`arithmetic`]: the name of the arithmetic in use, part of a run's identity.
//! - [`ruler`]: what the processor's arithmetic units can do, for benches.
//! - [`prefetch`]: asking for memory before it is needed.
//! - [`allocator`]: keeping the memory that a step frees, huge pages for tables.
//!
//! **Determinism.** Work is cut into blocks whose size depends on the shapes alone, each block is computed by one
//! thread, and no sum crosses a block. The result is therefore the same to the last bit for any number of threads.
//!
//! **Unsafe.** This is the one crate that may hold `unsafe` code: the call into `gemm`'s kernels under [`mod@product`], the micro-kernel
//! under [`table`] and [`packed`], the products of 8-bit rows under [`bounded`], [`catalogue`] and [`all_pairs`], the loops of [`ruler`], new memory in [`fresh`], a hint to the processor in [`prefetch`], settings of the allocator and advice about memory in [`allocator`].

pub mod adam;
pub mod all_pairs;
pub mod allocator;
pub mod arithmetic;
mod block;
pub mod bounded;
pub mod catalogue;
mod dot8;
pub mod exp;
pub mod fresh;
#[cfg(test)]
mod largest_cases;
mod micro;
pub mod packed;
pub mod portable;
pub mod prefetch;
pub mod product;
mod real;
mod rounded;
pub mod rows;
pub mod ruler;
mod sieve;
pub mod table;
pub mod tasks;
mod threshold;
mod tile;
pub mod top_k;

pub use bounded::Bounded;
pub use catalogue::Catalogue;
pub use fresh::{FreshRows, fill_row_by_row, fill_rows};
pub use packed::Packed;
pub use product::{add_product, product, product_into, product_serial_into};
pub use real::Real;
pub use top_k::TopK;
