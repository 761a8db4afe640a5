//! In place of the encoder, in a build without it.

use crate::TextEncoderError;
use ndarray::Array2;
use std::path::Path;

/// A text encoder: this build has none, so there is no value of this type.
#[derive(Debug)]
pub enum TextEncoder {}

impl TextEncoder {
    /// Returns whether this build has an encoder.
    ///
    /// # Errors
    /// [`TextEncoderError::NotBuilt`], always.
    pub fn built() -> Result<(), TextEncoderError> {
        Err(TextEncoderError::NotBuilt)
    }

    /// Says how to build with the encoder.
    ///
    /// # Errors
    /// [`TextEncoderError::NotBuilt`], always.
    pub fn load(_folder: &Path) -> Result<Self, TextEncoderError> {
        Err(TextEncoderError::NotBuilt)
    }

    /// Returns the numbers of a vector; never called.
    pub fn width(&self) -> usize {
        match *self {}
    }

    /// Is never called: this type has no values.
    ///
    /// # Errors
    /// None.
    pub fn encode(&self, _texts: &[&str], _watch: &mut dyn FnMut(usize)) -> Result<Array2<f32>, TextEncoderError> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_is_told_how_to_build_it() {
        let message = TextEncoder::load(Path::new("model")).unwrap_err().to_string();
        assert!(message.contains("cargo build --release -p anchorrec-cli --features text-encoder"), "{message}");
    }
}
