//! BERT's encoder, forward only, as published: normalised after each residual (Devlin et al., 2018).
//!
//! ```text
//! X  = LN(W[ids] + P[0..L] + T[0])                                  embeddings of pieces, positions, the first segment
//! each layer:
//!   Q, K, V = X W_q + b_q, X W_k + b_k, X W_v + b_v                 each cut into h heads of d = D/h columns
//!   A  = softmax(Q Kᵀ / √d) V                                       head by head, then side by side again
//!   Y  = LN(X + A W_o + b_o)
//!   X' = LN(Y + GELU(Y W_1 + b_1) W_2 + b_2)                        GELU(x) = x/2 (1 + erf(x/√2))
//! ```
//!
//! Shapes: ids [B, L], X and Y [B L, D] with a text's positions one after the other. There is no mask: all texts of a batch have the same length.
//! Written here upon the inference crate's products and norms: its collection of models brings a hundred others along, and minutes of building.

use candle_core::{Result, Tensor};
use candle_nn::ops::softmax_last_dim;
use candle_nn::{Embedding, LayerNorm, Linear, Module, VarBuilder, embedding, layer_norm, linear};
use serde::Deserialize;

/// The entries of `config.json` that the numbers depend on; the others are about training.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Config {
    pub(super) vocab_size: usize,
    pub(super) hidden_size: usize,
    pub(super) num_hidden_layers: usize,
    pub(super) num_attention_heads: usize,
    pub(super) intermediate_size: usize,
    pub(super) max_position_embeddings: usize,
    pub(super) type_vocab_size: usize,
    pub(super) layer_norm_eps: f64,
    // Read to be refused where they name something else.
    #[serde(rename = "model_type")]
    _model_type: ModelType,
    #[serde(rename = "hidden_act")]
    _hidden_act: Activation,
    #[serde(rename = "position_embedding_type", default)]
    _positions: Positions,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ModelType {
    Bert,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Activation {
    Gelu,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Positions {
    #[default]
    Absolute,
}

/// The encoder with its weights.
pub(super) struct Bert {
    pieces: Embedding,
    positions: Tensor,
    segment: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

impl Bert {
    /// Takes the weights by their published names.
    pub(super) fn load(weights: &VarBuilder, config: &Config) -> Result<Self> {
        let (width, of) = (config.hidden_size, weights.pp("embeddings"));
        let positions = of.pp("position_embeddings").get((config.max_position_embeddings, width), "weight")?;
        let segments = of.pp("token_type_embeddings").get((config.type_vocab_size, width), "weight")?;
        Ok(Bert {
            pieces: embedding(config.vocab_size, width, of.pp("word_embeddings"))?,
            positions,
            segment: segments.get(0)?,
            norm: layer_norm(width, config.layer_norm_eps, of.pp("LayerNorm"))?,
            layers: (0..config.num_hidden_layers)
                .map(|number| Layer::load(&weights.pp("encoder.layer").pp(number), config))
                .collect::<Result<_>>()?,
        })
    }

    /// The last `X`, `[B, L, D]`.
    pub(super) fn forward(&self, ids: &Tensor) -> Result<Tensor> {
        let (texts, length) = ids.dims2()?;
        let x = self.pieces.forward(ids)?;
        let x = x.broadcast_add(&self.positions.narrow(0, 0, length)?)?.broadcast_add(&self.segment)?;
        let mut x = self.norm.forward(&x.flatten(0, 1)?)?;
        for layer in &self.layers {
            x = layer.forward(&x, texts)?;
        }
        x.reshape((texts, length, ()))
    }
}

/// One layer.
struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    attention_norm: LayerNorm,
    widen: Linear,
    narrow: Linear,
    norm: LayerNorm,
    heads: usize,
}

impl Layer {
    fn load(weights: &VarBuilder, config: &Config) -> Result<Self> {
        let (width, wide) = (config.hidden_size, config.intermediate_size);
        let square = |name: &str| linear(width, width, weights.pp(name));
        let norm = |name: &str| layer_norm(width, config.layer_norm_eps, weights.pp(name));
        Ok(Layer {
            query: square("attention.self.query")?,
            key: square("attention.self.key")?,
            value: square("attention.self.value")?,
            output: square("attention.output.dense")?,
            attention_norm: norm("attention.output.LayerNorm")?,
            widen: linear(width, wide, weights.pp("intermediate.dense"))?,
            narrow: linear(wide, width, weights.pp("output.dense"))?,
            norm: norm("output.LayerNorm")?,
            heads: config.num_attention_heads,
        })
    }

    fn forward(&self, x: &Tensor, texts: usize) -> Result<Tensor> {
        let attended = self.output.forward(&self.attention(x, texts)?)?;
        let y = self.attention_norm.forward(&(x + attended)?)?;
        let wide = self.widen.forward(&y)?.gelu_erf()?;
        self.norm.forward(&(&y + self.narrow.forward(&wide)?)?)
    }

    /// The attention's output `A`, `[B L, D]`.
    fn attention(&self, x: &Tensor, texts: usize) -> Result<Tensor> {
        let (rows, width) = x.dims2()?;
        let (length, columns) = (rows / texts, width / self.heads);
        let heads = |product: Tensor| {
            product.reshape((texts, length, self.heads, columns))?.transpose(1, 2)?.contiguous() // [B, h, L, d]
        };
        let query = heads((self.query.forward(x)? * (columns as f64).sqrt().recip())?)?;
        let key = heads(self.key.forward(x)?)?;
        let value = heads(self.value.forward(x)?)?;
        let attention = softmax_last_dim(&query.matmul(&key.t()?)?)?; // [B, h, L, L]
        attention.matmul(&value)?.transpose(1, 2)?.reshape((rows, width))
    }
}
