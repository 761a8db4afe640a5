#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module | what | for |
//! |---|---|---|
//! | [`gram_schmidt`](mod@gram_schmidt) | an orthonormal basis of some vectors | factor loadings of a twin, subspaces |
//! | [`jacobi`] | eigenvalues and eigenvectors of a matrix without negative eigenvalues | principal axes of up to some thousand columns |
//! | [`subspace`] | the leading ones of a large matrix | principal axes of wider features |
//! | [`leading`](mod@leading) | the first one alone | two directions of a figure |
//! | [`tridiagonal`] | all eigenvalues of a symmetric matrix, without vectors | singular spectra |
//! | [`product`](mod@product) | `A B` in strips | most of the above |
//! | [`scale`] | powers of two that keep squares representable | spectra |
//!
//! **Determinism.** Work is cut by the shapes alone and no sum crosses a cut, so a result has the same bits for any number of threads. Why this
//! is not a library's: `docs/decisions.md`.
//!
//! **Nothing ends silently.** Every iteration says what happens when it runs out of rounds: it falls back to a method that cannot, panics, or what it then
//! returns is stated in its documentation.

pub mod gram_schmidt;
pub mod jacobi;
pub mod leading;
pub mod product;
pub mod scale;
pub mod subspace;
pub mod tridiagonal;

pub use gram_schmidt::gram_schmidt;
pub use leading::leading;
pub use product::product;
