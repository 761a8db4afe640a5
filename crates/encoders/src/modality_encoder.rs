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
    /// `X` and the layers to the gates.
    pub gate: FeatureGate,
    /// `E_i`, `[I, D]`, owned by the ID encoder.
    pub item_embedding: ParamId,
    /// `L`.
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

    /// The rows of `H` that `reach` leads to; it is over the modality's graph and as many layers as this encoder has.
    pub fn forward<F: Real>(&self, params: &Params<F>, reach: &Reach<F>) -> Encoded<F> {
        let (gated, gates) = self.gate.forward(params, reach.sources(), &params[self.item_embedding]);
        Encoded { value: reach.propagate(gated), gates }
    }

    /// Adds the gradients of the gate's weights for the gradient `d_value` of the rows of `H`, and `dE_i` into `d_embedding`
    /// `[I, D]`.
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
