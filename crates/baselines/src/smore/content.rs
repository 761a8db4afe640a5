//! What is made of the items' features, up to the item graphs: for `m = v, t, f`, `e_m = E_i ⊙ σ(Lin(y_m))` and `z_m = S_m^L e_m`.
//!
//! `y_m` are the [filtered](super::filters) projections `x_m = F_m W_mᵀ + b_m`. A batch of 2,048 users reaches nearly every item, so all rows are
//! computed. Item graphs are not symmetric: `de_m = (S_mᵀ)^L dz_m`. Then `dE_i += de_m ⊙ g_m`, and `de_m ⊙ E_i ⊙ g_m (1 - g_m)` goes through the layer to `y_m`.

use super::filters::{Filtered, Filters};
use super::mixing::times;
use anchorrec_encoders::activation::{sigmoid, sigmoid_backward};
use anchorrec_encoders::{FeatureLayer, Gradients, Linear, Params, Rows};
use anchorrec_graph::ItemGraph;
use anchorrec_kernels::Real;
use ndarray::Array2;
use rand::Rng;

/// The items' content, `[I, D]` each; three are those of image, text and fusion, in this order.
#[derive(Clone, Debug)]
pub struct ItemContent<F> {
    /// `x_v, x_t`.
    pub projected: [Array2<F>; 2],
    /// `X_v, X_t` and `y_v, y_t, y_f`.
    pub filtered: Filtered<F>,
    /// The gates `g_m = σ(Lin(y_m))`.
    pub gates: [Array2<F>; 3],
    /// The content over the item graphs, `z_m`.
    pub propagated: [Array2<F>; 3],
}

/// The layers between the features and the gates, and how far the content is propagated.
#[derive(Clone, Debug)]
pub(super) struct ContentLayers<F> {
    /// `F_m`, `W_m`, `b_m` of image and text.
    features: [FeatureLayer; 2],
    filters: Filters<F>,
    /// The layers of the gates over `E_i`.
    gates: [Linear; 3],
    /// The number of steps over the item graphs, `L`.
    layers: usize,
}

impl<F: Real> ContentLayers<F> {
    /// Adds the feature tables and their layers, the filters and the gates, in this order.
    pub fn new(
        params: &mut Params<F>,
        branches: [&str; 3],
        [vision, text]: [&Array2<F>; 2],
        (width, layers): (usize, usize),
        rng: &mut impl Rng,
    ) -> Self {
        let features = [(branches[0], vision), (branches[1], text)]
            .map(|(name, features)| FeatureLayer::new(params, name, features.clone(), width, rng));
        let filters = Filters::new(params, branches, width, rng);
        let gates = branches.map(|name| Linear::new(params, &format!("{name}.gate"), width, width, rng));
        ContentLayers { features, filters, gates, layers }
    }

    /// Computes the content of all items with the embeddings `E_i`, over the three item graphs.
    pub fn forward(&self, params: &Params<F>, graphs: &[ItemGraph<F>; 3], embedding: &Array2<F>) -> ItemContent<F> {
        let projected = self.features.map(|layer| layer.forward(params, Rows::All));
        let filtered = self.filters.forward(params, &projected);
        let mut inputs = self.gates.iter().zip(&filtered.values);
        let gates = [(); 3].map(|()| {
            let (gate, y) = inputs.next().expect("three");
            sigmoid(gate.forward(params, y.view(), Rows::All))
        });
        let mut graphs = graphs.iter();
        let propagated = gates
            .each_ref()
            .map(|gate| graphs.next().expect("three").whole(self.layers).propagate(times(embedding, gate)));
        ItemContent { projected, filtered, gates, propagated }
    }

    /// Adds the gradients of the weights for those of `z_v, z_t, z_f`, and returns `dE_i`; graphs and embeddings as in the forward pass.
    pub fn backward(
        &self,
        params: &Params<F>,
        gradients: &mut Gradients<F>,
        (graphs, embedding): (&[ItemGraph<F>; 3], &Array2<F>),
        content: &ItemContent<F>,
        d_propagated: [Array2<F>; 3],
    ) -> Array2<F> {
        let mut d_embedding = Array2::zeros(embedding.dim());
        let mut branch = 0..3;
        let d_filtered = d_propagated.map(|d| {
            let m = branch.next().expect("three");
            let (gate, layer, y) = (&content.gates[m], self.gates[m], &content.filtered.values[m]);
            let d_gated = graphs[m].whole(self.layers).propagate_backward(d);
            d_embedding += &times(&d_gated, gate);
            let d_logits = sigmoid_backward(gate, times(&d_gated, embedding));
            layer.backward_weights(gradients, y.view(), Rows::All, d_logits.view());
            layer.backward_input(params, d_logits.view())
        });
        let d_projected = self.filters.backward(params, gradients, &content.filtered, &d_filtered);
        for (layer, d) in self.features.iter().zip(d_projected) {
            layer.backward(params, gradients, Rows::All, d);
        }
        d_embedding
    }
}
