//! One modality: `H = S^L (E_i ⊙ a(X))`, all rows `[I, D]` or some `[n, D]`; of the layers only the last is kept.
//!
//! `E_i` are the item embeddings of the ID encoder, `a(X)` the gates of [`FeatureGate`], `S` the modality's directed
//! item graph. Backward: `dG = (Sᵀ)^L dH`, then through the gate. `dE_i` is handed out, not added to the gradients: all
//! modalities and the ID encoder share `E_i`, and one sum is cheaper than four.

use crate::feature_gate::Gates;
use crate::{FeatureGate, Gradients, ParamId, Params};
use anchorrec_graph::Reach;
use anchorrec_kernels::Real;
use ndarray::Array2;
use rand::Rng;

/// Gates over the shared item embeddings, propagated over the modality's item graph.
#[derive(Clone, Copy, Debug)]
pub struct ModalityEncoder {
    /// The feature table `X` and the layers to the gates.
    pub gate: FeatureGate,
    /// The item embeddings `E_i`, `[I, D]`, owned by the ID encoder.
    pub item_embedding: ParamId,
    /// The number of layers `L`.
    pub layers: usize,
}

/// What [`ModalityEncoder::forward`] computed.
#[derive(Clone, Debug)]
pub struct Encoded<F> {
    /// The wanted rows of `H`.
    pub value: Array2<F>,
    gates: Gates<F>,
}

impl ModalityEncoder {
    /// Adds the weights of the gate under `name`.
    ///
    /// ```
    /// use anchorrec_encoders::{ModalityEncoder, Params};
    /// use ndarray::Array2;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::<f32>::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let items = params.add("item_embedding.weight", Array2::zeros((10, 64)));
    /// let encoder = ModalityEncoder::new(&mut params, "text", Array2::zeros((10, 384)), items, 1, true, &mut rng);
    /// assert!(encoder.gate.norm.is_some() && params.id("text.norm.weight").is_some());
    /// ```
    pub fn new<F: Real>(
        params: &mut Params<F>,
        name: &str,
        features: Array2<F>,
        item_embedding: ParamId,
        layers: usize,
        layer_norm: bool,
        rng: &mut impl Rng,
    ) -> Self {
        let width = params[item_embedding].ncols();
        ModalityEncoder {
            gate: FeatureGate::new(params, name, features, width, layer_norm, rng),
            item_embedding,
            layers,
        }
    }

    /// Computes the rows of `H` that `reach` leads to; it is over the modality's graph and as many layers as this encoder has.
    ///
    /// ```
    /// use anchorrec_encoders::{ModalityEncoder, Params};
    /// use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let (features, items) = (array![[1.0], [1.0]], params.add("item_embedding.weight", array![[2.0], [4.0]]));
    /// // With one neighbour each, the item itself, the graph is the identity.
    /// let graph = ItemGraph::new(&nearest_by_cosine(&features, 1));
    /// let encoder = ModalityEncoder::new(&mut params, "text", features, items, 1, false, &mut rng);
    /// params[encoder.gate.gate.weight].fill(0.0);
    /// params[encoder.gate.gate.bias].fill(0.0);
    /// // Gates of σ(0) = 1/2.
    /// assert_eq!(encoder.forward(&params, &graph.whole(1)).value, array![[1.0], [2.0]]);
    /// ```
    pub fn forward<F: Real>(&self, params: &Params<F>, reach: &Reach<F>) -> Encoded<F> {
        let (gated, gates) = self.gate.forward(params, reach.sources(), &params[self.item_embedding]);
        Encoded { value: reach.propagate(gated), gates }
    }

    /// Adds the gradients of the gate's weights for the gradient `d_value` of the rows of `H`, and `dE_i` into `d_embedding`
    /// `[I, D]`.
    ///
    /// ```
    /// use anchorrec_encoders::{Gradients, ModalityEncoder, Params};
    /// use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    /// use ndarray::{Array2, array};
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let (features, items) = (array![[1.0], [1.0]], params.add("item_embedding.weight", array![[2.0], [4.0]]));
    /// let graph = ItemGraph::new(&nearest_by_cosine(&features, 1));
    /// let encoder = ModalityEncoder::new(&mut params, "text", features, items, 1, false, &mut rng);
    /// params[encoder.gate.gate.weight].fill(0.0);
    /// params[encoder.gate.gate.bias].fill(0.0);
    /// let reach = graph.whole(1);
    /// let (encoded, mut gradients) = (encoder.forward(&params, &reach), Gradients::zero(&params));
    /// let mut d_embedding = Array2::zeros((2, 1));
    /// encoder.backward(&params, &mut gradients, &reach, encoded, array![[1.0], [10.0]], &mut d_embedding);
    /// assert_eq!(d_embedding, array![[0.5], [5.0]]);
    /// ```
    pub fn backward<F: Real>(
        &self,
        params: &Params<F>,
        gradients: &mut Gradients<F>,
        reach: &Reach<F>,
        encoded: Encoded<F>,
        d_value: Array2<F>,
        d_embedding: &mut Array2<F>,
    ) {
        let d_gated = reach.propagate_backward(d_value);
        let embedding = &params[self.item_embedding];
        self.gate.backward(params, gradients, reach.sources(), embedding, encoded.gates, d_gated, d_embedding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter_gradients::assert_parameter_gradients;
    use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    use anchorrec_testkit::random;

    #[test]
    fn gradients_agree_with_differences() {
        for (layers, layer_norm) in [(1, false), (2, true), (3, false)] {
            let rng = &mut random::generator(layers as u64);
            let mut params = Params::<f64>::new();
            let embedding = params.add("item_embedding.weight", random::matrix(10, 4, rng));
            let features = random::matrix(10, 6, rng);
            let graph = ItemGraph::new(&nearest_by_cosine(&features, 3));
            let encoder = ModalityEncoder::new(&mut params, "m", features, embedding, layers, layer_norm, rng);
            for reach in [graph.whole(layers), graph.reach(&[0, 3, 8], layers)] {
                let encoded = encoder.forward(&params, &reach);
                let upstream = random::matrix(encoded.value.nrows(), 4, rng);
                let mut gradients = Gradients::zero(&params);
                let mut d_embedding = Array2::zeros((10, 4));
                encoder.backward(&params, &mut gradients, &reach, encoded, upstream.clone(), &mut d_embedding);
                gradients.add(embedding, d_embedding);
                assert_parameter_gradients(&params, &gradients, |params| {
                    (encoder.forward(params, &reach).value * &upstream).sum()
                });
            }
        }
    }
}
