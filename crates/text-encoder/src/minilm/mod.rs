//! The encoder itself: WordPiece is that of the tokenizer's crate, products and norms are those of the inference crate.

mod batches;
mod bert;
mod pooling;

use crate::error::ShapeProblem;
use crate::hub::{CONFIG, ModelFile, TOKENIZER, WEIGHTS};
use crate::{LONGEST, TextEncoderError};
use batches::batches;
use bert::{Bert, Config};
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use ndarray::{Array2, ArrayView3, Axis};
use pooling::pool;
use std::path::Path;
use std::{fmt, fs, io};
use tokenizers::{Tokenizer, TruncationParams};

/// A sentence encoder: a BERT model with mean pooling and vectors of length one.
pub struct TextEncoder {
    model: Bert,
    tokenizer: Tokenizer,
    width: usize,
}

impl TextEncoder {
    /// Returns whether this build has an encoder.
    ///
    /// # Errors
    /// None: this one has.
    pub fn built() -> Result<(), TextEncoderError> {
        Ok(())
    }

    /// Loads the files of [`ModelFile::ALL`] from a folder. Any BERT model with a WordPiece tokenizer will do; its checksums are not asked for.
    ///
    /// # Errors
    /// When a file is missing, is not what its name says, or does not fit the others.
    pub fn load(folder: &Path) -> Result<Self, TextEncoderError> {
        let [config_bytes, tokenizer_bytes, weights_bytes] =
            [CONFIG, TOKENIZER, WEIGHTS].map(|file| read(folder, file));
        let config: Config =
            serde_json::from_slice(&config_bytes?).map_err(|cause| unreadable(folder, CONFIG, cause))?;
        let tokenizer =
            Tokenizer::from_bytes(tokenizer_bytes?).map_err(|cause| unreadable(folder, TOKENIZER, cause))?;
        let weights = VarBuilder::from_buffered_safetensors(weights_bytes?, DType::F32, &Device::Cpu)
            .map_err(|cause| unreadable(folder, WEIGHTS, cause))?;

        let (width, heads) = (config.hidden_size, config.num_attention_heads);
        if width == 0 || !width.is_multiple_of(heads) {
            return Err(shape(folder, CONFIG, ShapeProblem::Heads { width, heads }));
        }
        if config.max_position_embeddings < LONGEST {
            let problem = ShapeProblem::Positions { longest: LONGEST, found: config.max_position_embeddings };
            return Err(shape(folder, CONFIG, problem));
        }
        let model = Bert::load(&weights, &config).map_err(|cause| unreadable(folder, WEIGHTS, cause))?;
        let tokenizer = cut_at_longest(tokenizer).map_err(|cause| unreadable(folder, TOKENIZER, cause))?;
        let largest = tokenizer.get_vocab(true).into_values().max().unwrap_or(0);
        if largest as usize >= config.vocab_size {
            let problem = ShapeProblem::Vocabulary { rows: config.vocab_size, found: largest };
            return Err(shape(folder, TOKENIZER, problem));
        }
        let encoder = TextEncoder { model, tokenizer, width };
        if encoder.pieces(0, "")?.is_empty() {
            return Err(shape(folder, TOKENIZER, ShapeProblem::NoMarks));
        }
        Ok(encoder)
    }

    /// Returns the numbers of a vector, `D`.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Encodes texts, `[texts, D]`, a row of length one each; `watch` is told how many are done. An empty text is as good as one of spaces:
    /// `[CLS] [SEP]`.
    ///
    /// # Errors
    /// When the tokenizer refuses a text, or a row would not be finite.
    pub fn encode(&self, texts: &[&str], watch: &mut dyn FnMut(usize)) -> Result<Array2<f32>, TextEncoderError> {
        let pieces: Vec<Vec<u32>> =
            texts.iter().enumerate().map(|(number, text)| self.pieces(number, text)).collect::<Result<_, _>>()?;
        let lengths: Vec<usize> = pieces.iter().map(Vec::len).collect();
        let mut vectors = Array2::zeros((texts.len(), self.width));
        let mut done = 0;
        for batch in batches(&lengths) {
            let ids: Vec<u32> = batch.iter().flat_map(|&text| &pieces[text]).copied().collect();
            let shape = (batch.len(), lengths[batch[0]]);
            let hidden = self.hidden(ids, shape).map_err(|cause| TextEncoderError::Compute { cause: cause.into() })?;
            let hidden = ArrayView3::from_shape((shape.0, shape.1, self.width), &hidden).expect("as BERT was loaded");
            for (&text, positions) in batch.iter().zip(hidden.axis_iter(Axis(0))) {
                let vector = pool(positions);
                if !vector.iter().all(|x| x.is_finite()) {
                    return Err(TextEncoderError::NotFinite { number: text });
                }
                vectors.row_mut(text).assign(&vector);
            }
            done += batch.len();
            watch(done);
        }
        Ok(vectors)
    }

    /// Returns the ids of a text.
    fn pieces(&self, number: usize, text: &str) -> Result<Vec<u32>, TextEncoderError> {
        let encoding =
            self.tokenizer.encode_fast(text, true).map_err(|cause| TextEncoderError::Text { number, cause })?;
        Ok(encoding.get_ids().to_vec())
    }

    /// `H` of each text of a batch, one after the other.
    fn hidden(&self, ids: Vec<u32>, shape: (usize, usize)) -> candle_core::Result<Vec<f32>> {
        let ids = Tensor::from_vec(ids, shape, &Device::Cpu)?;
        self.model.forward(&ids)?.flatten_all()?.to_vec1()
    }
}

impl fmt::Debug for TextEncoder {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("TextEncoder").field("width", &self.width).finish_non_exhaustive()
    }
}

/// The published tokenizer.json cuts at 128 and pads to 128: settings of its last use, and not of the model.
fn cut_at_longest(mut tokenizer: Tokenizer) -> tokenizers::Result<Tokenizer> {
    tokenizer.with_truncation(Some(TruncationParams { max_length: LONGEST, ..TruncationParams::default() }))?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}

fn read(folder: &Path, file: ModelFile) -> Result<Vec<u8>, TextEncoderError> {
    let path = folder.join(file.name);
    fs::read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => TextEncoderError::Missing { path, what: file.what, address: file.address() },
        _ => TextEncoderError::Io { path, source },
    })
}

fn unreadable(folder: &Path, file: ModelFile, cause: impl Into<crate::error::Cause>) -> TextEncoderError {
    TextEncoderError::Unreadable { path: folder.join(file.name), what: file.what, cause: cause.into() }
}

fn shape(folder: &Path, file: ModelFile, problem: ShapeProblem) -> TextEncoderError {
    TextEncoderError::Shape { path: folder.join(file.name), problem }
}
