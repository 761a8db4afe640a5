//! What can be wrong with a model, in one line each.
//!
//! What the system answered is the error's `source()`: print the chain. What a parser says is in the message itself, on one line
//! and escaped, since it may quote a hostile file; it is kept as [`Cause`] and not offered as a source, whose text nobody would escape.

use anchorrec_data::error::one_line;
use std::{error::Error, io, path::PathBuf};

/// The words of the inference crate or the tokenizer.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A model that cannot be used, or a text that it cannot encode.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TextEncoderError {
    /// Built without the feature.
    #[error(
        "expected a build with the text encoder, found one without: build it with `cargo build --release -p anchorrec-cli --features text-encoder`"
    )]
    NotBuilt,
    /// A file of the model is not there.
    #[error("{path}: expected {what}, found no file: put it there from {address}, or fetch it by --download", path = path.display())]
    Missing {
        /// The path at which the file belongs.
        path: PathBuf,
        /// What the file holds.
        what: &'static str,
        /// The address at which the file can be had.
        address: String,
    },
    /// The system refused.
    #[error("{path}: cannot read", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A file of the model is not what its name says.
    #[error("{path}: expected {what}, found another file: {}", one_line(&cause.to_string()), path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the file should hold.
        what: &'static str,
        /// The parser's words.
        cause: Cause,
    },
    /// The shape of a model that cannot be.
    #[error("{path}: {problem}: take all three files from one model", path = path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: ShapeProblem,
    },
    /// A text that the tokenizer refuses.
    #[error("text {number}: cannot be cut into word pieces: {}", one_line(&cause.to_string()))]
    Text {
        /// The number of the text, counted from 0.
        number: usize,
        /// The tokenizer's words.
        cause: Cause,
    },
    /// The inference crate gave up.
    #[error("cannot compute: {}", one_line(&cause.to_string()))]
    Compute {
        /// The words of the inference crate.
        cause: Cause,
    },
    /// Weights that are no numbers, or too large to compute with.
    #[error("text {number}: expected a vector, found NaN or infinity: is model.safetensors there as a whole?")]
    NotFinite {
        /// The number of the text, counted from 0.
        number: usize,
    },
}

/// What the files of a model can contradict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeProblem {
    /// A width that cannot be cut into the heads.
    #[error("expected hidden_size to be a multiple of num_attention_heads, found {width} and {heads}")]
    Heads {
        /// The width, `hidden_size`.
        width: usize,
        /// The number of heads, `num_attention_heads`.
        heads: usize,
    },
    /// Positions without an embedding.
    #[error("expected max_position_embeddings of at least {longest}, found {found}")]
    Positions {
        /// Ids of the longest text.
        longest: usize,
        /// The positions with an embedding, `max_position_embeddings`.
        found: usize,
    },
    /// Pieces without an embedding.
    #[error("expected ids below {rows}, the vocab_size of config.json, found the id {found}")]
    Vocabulary {
        /// Rows of the word embeddings.
        rows: usize,
        /// The largest id.
        found: u32,
    },
    /// A tokenizer that adds no marks: an empty text would have no position, and so no mean.
    #[error("expected [CLS] and [SEP] around every text, found none around an empty one")]
    NoMarks,
}
