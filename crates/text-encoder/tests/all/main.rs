//! The text encoder, from outside of the crate; without the feature `minilm` there is nothing to test here.

#![cfg(feature = "minilm")]

mod golden;
mod published;
mod tiny;
