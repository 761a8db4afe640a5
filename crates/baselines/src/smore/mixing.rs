//! What a node takes of the content: for a row `C` of a user or an item and its rows `M_v, M_t, M_f`,
//!
//! `side = (q_v ⊙ a_v ⊙ M_v + q_t ⊙ a_t ⊙ M_t + q_f ⊙ M_f) / 3`, `a_m = softmax(Lin(tanh(Lin(M_f))))` over the coordinates, the outer layer without bias,
//! `q_m = dropout(σ(Lin(C)))`.
//!
//! Every row stands alone, so only the rows that are wanted are computed. Backward, with `d = dside / 3`: `dq_m = d ⊙ a_m ⊙ M_m`, `da_m = d ⊙ q_m ⊙ M_m`,
//! `dM_m = d ⊙ q_m ⊙ a_m`, where `a_f = 1` is no variable; `da_m` goes through the softmax and both layers to `M_f`, `dq_m` through the sigmoid and
//! its layer to `C`.

use crate::draws;
use anchorrec_encoders::activation::{sigmoid, sigmoid_backward, softmax, softmax_backward, tanh, tanh_backward};
use anchorrec_encoders::{Gradients, Linear, ParamId, Params, Rows, init};
use anchorrec_kernels::table::{times_transposed, transposed_times};
use anchorrec_kernels::{Real, product};
use ndarray::{Array2, Zip};
use rand::Rng;

/// The layers between a node's rows and what it takes.
#[derive(Clone, Copy, Debug)]
pub struct Mixing {
    /// `Q_v, Q_t`.
    queries: [Query; 2],
    /// The layers of `q_v, q_t, q_f`.
    preferences: [Linear; 3],
}

/// `Lin(tanh(Lin(x)))`, the second without bias.
#[derive(Clone, Copy, Debug)]
struct Query {
    first: Linear,
    /// The weights of the outer layer, `[D, D]`.
    second: ParamId,
}

/// What the preferences are multiplied by, `[n, D]` each: `q_v, q_t, q_f`.
pub type Masks<F> = [Array2<F>; 3];

/// What [`Mixing`] computed of `n` nodes, `[n, D]` each.
#[derive(Clone, Debug)]
pub struct Mixed<F> {
    /// The hidden layers of `Q_v, Q_t`.
    hidden: [Array2<F>; 2],
    /// `a_v, a_t`.
    pub attention: [Array2<F>; 2],
    /// `q_v, q_t, q_f` before dropout.
    pub preferences: [Array2<F>; 3],
    /// What the nodes take.
    pub side: Array2<F>,
}

/// The masks of `n` nodes, keyed by the seed of the batch; none without dropout.
pub(super) fn draw<F: Real>(shape: (usize, usize), dropout: f64, seed: u64) -> Option<Masks<F>> {
    let mask = |branch| draws::dropout(shape, dropout, (seed, branch));
    Some([mask(0)?, mask(1)?, mask(2)?])
}

/// `a ⊙ b`.
pub(super) fn times<F: Real>(a: &Array2<F>, b: &Array2<F>) -> Array2<F> {
    Zip::from(a).and(b).par_map_collect(|&a, &b| a * b)
}

impl Mixing {
    /// Adds `vision.query.*`, `text.query.*` and `<branch>.preference.*`, all `U(-1/√D, 1/√D)`.
    pub(super) fn new<F: Real>(params: &mut Params<F>, branches: [&str; 3], width: usize, rng: &mut impl Rng) -> Self {
        let bound = (width as f64).sqrt().recip();
        let queries = [branches[0], branches[1]].map(|name| Query {
            first: Linear::new(params, &format!("{name}.query.0"), width, width, rng),
            second: params.add(format!("{name}.query.2.weight"), init::uniform(width, width, bound, rng)),
        });
        let preferences = branches.map(|name| Linear::new(params, &format!("{name}.preference"), width, width, rng));
        Mixing { queries, preferences }
    }

    /// Computes what nodes take of the rows `content`, `M_v, M_t, M_f`, by their rows `c` of `C`.
    pub(super) fn forward<F: Real>(
        &self,
        params: &Params<F>,
        c: &Array2<F>,
        content: &[Array2<F>; 3],
        masks: Option<&Masks<F>>,
    ) -> Mixed<F> {
        let hidden = self.queries.map(|query| tanh(query.first.forward(params, content[2].view(), Rows::All)));
        let mut second = self.queries.iter().map(|query| query.second);
        let attention = hidden.each_ref().map(|hidden| {
            let weight = params[second.next().expect("two")].view();
            softmax(times_transposed(hidden.view(), Rows::All, weight))
        });
        let preferences = self.preferences.map(|layer| sigmoid(layer.forward(params, c.view(), Rows::All)));
        let mut side = Array2::zeros(c.dim());
        for (m, content) in content.iter().enumerate() {
            let mut taken = times(&preferences[m], content);
            if let Some(attention) = attention.get(m) {
                taken = times(&taken, attention);
            }
            if let Some(masks) = masks {
                taken = times(&taken, &masks[m]);
            }
            side += &taken;
        }
        let third = F::of(1.0 / 3.0);
        side.par_mapv_inplace(|x| x * third);
        Mixed { hidden, attention, preferences, side }
    }

    /// Adds the gradients of the weights for that of `side`, and returns those of `C` and of `M_v, M_t, M_f`.
    pub(super) fn backward<F: Real>(
        &self,
        params: &Params<F>,
        gradients: &mut Gradients<F>,
        (c, content, masks): (&Array2<F>, &[Array2<F>; 3], Option<&Masks<F>>),
        mixed: &Mixed<F>,
        d_side: &Array2<F>,
    ) -> (Array2<F>, [Array2<F>; 3]) {
        let d = d_side * F::of(1.0 / 3.0);
        let mut d_c = Array2::zeros(c.dim());
        let mut branch = 0..3;
        let mut d_content = [(); 3].map(|()| {
            let m = branch.next().expect("three");
            let (preference, layer) = (&mixed.preferences[m], self.preferences[m]);
            let mut d = d.clone();
            if let Some(masks) = masks {
                d = times(&d, &masks[m]);
            }
            let mut d_preference = times(&d, &content[m]);
            let mut d_content = times(&d, preference);
            if let Some(attention) = mixed.attention.get(m) {
                d_preference = times(&d_preference, attention);
                d_content = times(&d_content, attention);
            }
            let d_logits = sigmoid_backward(preference, d_preference);
            layer.backward_weights(gradients, c.view(), Rows::All, d_logits.view());
            d_c += &layer.backward_input(params, d_logits.view());
            d_content
        });
        for (m, query) in self.queries.iter().enumerate() {
            let mut d_attention = Zip::from(&d)
                .and(&mixed.preferences[m])
                .and(&content[m])
                .par_map_collect(|&d, &q, &content| d * q * content);
            if let Some(masks) = masks {
                d_attention = times(&d_attention, &masks[m]);
            }
            let d_logits = softmax_backward(&mixed.attention[m], d_attention);
            gradients.add(query.second, transposed_times(d_logits.view(), mixed.hidden[m].view(), Rows::All));
            let d_hidden = tanh_backward(&mixed.hidden[m], product(&d_logits, &params[query.second]));
            query.first.backward_weights(gradients, content[2].view(), Rows::All, d_hidden.view());
            d_content[2] += &query.first.backward_input(params, d_hidden.view());
        }
        (d_c, d_content)
    }
}
