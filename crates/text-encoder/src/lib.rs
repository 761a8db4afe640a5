#![doc = include_str!("../README.md")]
//!
//! # What is computed
//!
//! ```text
//! w = [CLS] pieces [SEP]        lower case, accents off, WordPiece; the first 256 ids                          [L]
//! H = BERT(w)                   6 layers of 12 heads, GELU with erf                                            [L, 384]
//! m = 1/L Σ_t H_t               the mean over the attention mask: all L positions, since nothing is padded     [384]
//! e = m / max(‖m‖, 1e-12)                                                                                      [384]
//! ```
//!
//! Devlin et al., "BERT", 2018; Reimers and Gurevych, "Sentence-BERT", 2019; Wang et al., "MiniLM", 2020.
//!
//! **A batch holds texts of one length**: no padding, hence no mask and no work for it, and a text's numbers cannot depend on how long its
//! neighbours are. Batches are made of the texts alone, longest first; rows come back in the order of the texts.
//!
//! **What a number depends on.** On the text and the model. Not on the number of threads: not a bit. On the other texts by rounding at most: tests allow
//! 1e-6, should a product of few rows take another path than one of many, and no difference was seen. On the processor, as every product here does.
//!
//! **The model is behind the feature `minilm`**: an inference crate and a tokenizer, a hundred packages. Without it [`TextEncoder`] has no values and
//! [`TextEncoder::load`] says how to build with it, so callers need no `cfg`.
//!
//! | module | what |
//! |---|---|
//! | [`hub`] | the three files of the model, and where they can be had |
//! | `minilm` | loading and encoding |
//! | `minilm/bert` | the second line above |
//! | `minilm/batches` | texts of one length together |
//! | `minilm/pooling` | the last two lines above |
//! | [`error`] | what can be wrong with a model |
//!
//! Deliberately absent: training, GPUs, other architectures, downloads (this crate names addresses, who fetches is another), any file but the model's.

pub mod error;
pub mod hub;

#[cfg(feature = "minilm")]
mod minilm;
#[cfg(feature = "minilm")]
pub use minilm::TextEncoder;

#[cfg(not(feature = "minilm"))]
mod absent;
#[cfg(not(feature = "minilm"))]
pub use absent::TextEncoder;

pub use error::TextEncoderError;
pub use hub::LONGEST;
