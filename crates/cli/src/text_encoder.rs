//! The text encoder, where this command was built with it; without it, opening one says how to build it.

use crate::fetch::fetch;
use anchorrec_files::counted;
use anchorrec_text_encoder::hub::ModelFile;
use anchorrec_text_encoder::{TextEncoder, TextEncoderError};
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use ndarray::Array2;
use std::path::Path;
use std::time::Instant;

/// Opens the model in a folder; `download`: after its files were fetched or checked.
pub fn open(model: &Path, download: bool) -> Result<TextEncoder> {
    // Before ninety megabytes come over the network for nothing.
    TextEncoder::built()?;
    if download {
        fetch(&ModelFile::ALL.map(|file| file.source()), model)?;
    }
    Ok(TextEncoder::load(model)?)
}

/// Encodes texts with a bar, and says how long it took.
pub fn encode(encoder: &TextEncoder, texts: &[&str]) -> Result<Array2<f32>, TextEncoderError> {
    // The longest texts come first: the time left is rather too long than too short.
    let style = ProgressStyle::with_template("texts {pos} of {len} {wide_bar} {eta}").expect("a template");
    let bar = ProgressBar::new(texts.len() as u64).with_style(style);
    let started = Instant::now();
    let encoded = encoder.encode(texts, &mut |done| bar.set_position(done as u64));
    bar.finish_and_clear();
    let vectors = encoded?;
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "encoded {} to {} numbers each in {seconds:.1} s, {:.0} a second",
        counted(texts.len(), "text", "texts"),
        encoder.width(),
        texts.len() as f64 / seconds
    );
    Ok(vectors)
}
