#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module | what |
//! |---|---|
//! | [`mod@atomic`], [`disk`] | crash-safe writing, and a disk that tests can break |
//! | [`replace`] | a whole folder in the place of another |
//! | [`fingerprint`] | SHA-256 of what was read, as it passes |
//! | [`folder_of`] | the folder that a path is in |
//! | [`lines`] | text line by line, in bounded memory |
//! | [`tensors`] | safetensors: our own with a seal; those of other tools |
//! | [`shown`], [`few`](mod@few), [`grouped`](mod@grouped) | what was found in a file, as a terminal may show it |
//!
//! Deliberately absent: what the files are about.

pub mod atomic;
pub mod disk;
pub mod few;
pub mod fingerprint;
mod folder;
pub mod grouped;
pub mod lines;
pub mod replace;
pub mod shown;
mod sole_writer;
pub mod tensors;

pub use few::few;
pub use fingerprint::Input;
pub use folder::folder_of;
pub use grouped::{counted, grouped};
pub use shown::{Excerpt, one_line, with_causes};
