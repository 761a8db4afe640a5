//! One modality: `H = S^L (E_i ⊙ a(X))`, `[I, D]`; of the layers only the last is kept.
//!
//! `E_i` are the item embeddings of the ID encoder, `a(X)` the gates of [`FeatureGate`], `S` the modality's directed
//! item graph. Backward: `dG = (Sᵀ)^L dH`, `dE_i += dG ⊙ a`, `da = dG ⊙ E_i`.

use crate::feature_gate::Gates;
use crate::{FeatureGate, Gradients, ParamId, Params};
use anchorrec_graph::ItemGraph;
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
    /// `H`, `[I, D]`.
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

    /// `H` for all items.
    pub fn forward<F: Real>(&self, params: &Params<F>, graph: &ItemGraph<F>) -> Encoded<F> {
        let gates = self.gate.forward(params);
        let gated = multiplied(&params[self.item_embedding], &gates.value);
        Encoded { value: graph.propagate(gated, self.layers), gates }
    }

    /// Adds the gradients of the gate's weights and of `E_i` for `dH` `[I, D]`.
    pub fn backward<F: Real>(
        &self,
        params: &Params<F>,
        gradients: &mut Gradients<F>,
        graph: &ItemGraph<F>,
        encoded: Encoded<F>,
        d_value: Array2<F>,
    ) {
        let d_gated = graph.propagate_backward(d_value, self.layers);
        gradients.add(self.item_embedding, multiplied(&d_gated, &encoded.gates.value));
        let d_gates = multiplied(&d_gated, &params[self.item_embedding]);
        let d_logits = encoded.gates.backward_sigmoid(d_gates);
        self.gate.backward(params, gradients, encoded.gates, d_logits);
    }
}

fn multiplied<F: Real>(a: &Array2<F>, b: &Array2<F>) -> Array2<F> {
    let mut c = a.clone();
    ndarray::Zip::from(&mut c).and(b).par_for_each(|c, &b| *c *= b);
    c
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_graph::nearest_by_cosine;
    use anchorrec_testkit::{assert_gradient, random};

    #[test]
    fn gradients_agree_with_differences() {
        for (layers, layer_norm) in [(1, false), (2, true), (3, false)] {
            let rng = &mut random::generator(layers as u64);
            let mut params = Params::<f64>::new();
            let embedding = params.add("item_embedding.weight", random::matrix(10, 4, rng));
            let features = random::matrix(10, 6, rng);
            let graph = ItemGraph::new(&nearest_by_cosine(&features, 3));
            let encoder = ModalityEncoder::new(&mut params, "m", features, embedding, layers, layer_norm, rng);
            let upstream = random::matrix(10, 4, rng);
            let encoded = encoder.forward(&params, &graph);
            let mut gradients = Gradients::zero(&params);
            encoder.backward(&params, &mut gradients, &graph, encoded, upstream.clone());
            for id in params.ids() {
                let analytic = gradients.to_dense(id, &params);
                assert_gradient(&params.parameter(id).name, analytic.view(), params[id].view(), |v| {
                    let mut moved = params.clone();
                    moved[id] = v.to_owned();
                    (encoder.forward(&moved, &graph).value * &upstream).sum()
                });
            }
        }
    }
}
