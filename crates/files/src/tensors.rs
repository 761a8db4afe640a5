//! Named tensors on disk, as [safetensors](https://github.com/huggingface/safetensors): a length, a JSON header
//! and the raw numbers, so that other tools can read them and nothing in the file can run.
//!
//! Tensors are in the given order, `f32` little-endian. The header's `__metadata__` has the one key `anchorrec` (one, because the order
//! of several would not be fixed). A **sealed** file ends with the tensor `anchorrec.sha256`, 32 bytes: the SHA-256 of all bytes before
//! them. It is checked when the file is read; to other tools it is one tensor more.
//!
//! **Nothing is believed before it is compared with the file's length**: not the length of the header, not a shape.

mod error;
mod header;
mod matrix;
mod open;
mod sealed;

pub use error::TensorsError;
pub use matrix::{Matrix, read_matrix};
pub use sealed::{OwnedTensor, SealedFile, Tensor, write};
