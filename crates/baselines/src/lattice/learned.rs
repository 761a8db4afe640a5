//! The item graph that is learned: from projected features to `G`, and back.
//!
//! | forward | backward |
//! |---|---|
//! | `T_m,ij = x̂_i · x̂_j` for the `k` nearest `j` of `i` | `dx̂_i += dT_ij x̂_j`, `dx̂_j += dT_ij x̂_i`; `dx_i = (dx̂_i - x̂_i (x̂_i·dx̂_i)) / ‖x_i‖` |
//! | `A = Σ w_m T_m` | `dT_m = w_m dA` on the edges of `T_m`; `dw_m = Σ dA ∘ T_m + λ Σ dG ∘ O_m` |
//! | `r_i = Σ_j A_ij`, `s = r^-½` | `dr_i = -(Σ_j P_ij + Σ_j P_ji) / (2 r_i)`, `P = (1-λ) dG ∘ L` |
//! | `L_ij = s_i A_ij s_j` | `dA_ij = (1-λ) dG_ij s_i s_j + dr_i` |
//! | `O = Σ w_m O_m`, `G = (1-λ) L + λ O` | |
//! | `h_l = G h_(l-1)`, `h_0 = E_i` | `dG_ij = Σ_l dh_l,i · h_(l-1),j`, `dh_(l-1) = Gᵀ dh_l` |
//!
//! Which items are nearest is not differentiated, the kept cosines are. The edge of an item to itself is 1 whatever `X` is: it sends nothing back. `w` is
//! the softmax of `ω` where there are two modalities, and `dω_m = w_m (dw_m - Σ_l w_l dw_l)`.
//!
//! **Rule.** A row of `A` that does not sum to a positive number (possible where there are few items) has `s_i = 0`, and no gradient passes its sum.

use super::support::{Edges, Support};
use anchorrec_graph::{ItemGraph, Neighbours, nearest_by_cosine, spmm};
use anchorrec_kernels::{Real, rows};
use ndarray::{Array2, Zip};
use sprs::CsMat;

/// A learned graph with all that its backward pass needs. On the union of all edges, row after row, columns ascending.
#[derive(Clone, Debug)]
pub struct LearnedGraph<F> {
    support: Support,
    /// The kept cosines `T_m`.
    cosines: Vec<Edges<F>>,
    /// The frozen graphs `O_m`.
    frozen: Vec<Edges<F>>,
    /// `x̂` of each modality, and `1/‖x‖`, 0 for a row of zeros.
    unit: Vec<(Array2<F>, Vec<F>)>,
    /// The share of each modality, `w`.
    shares: Vec<f64>,
    frozen_share: f64,
    degrees: Vec<f64>,
    normalised: Vec<F>,
    graph: ItemGraph<F>,
}

/// The intermediate tables of a [`LearnedGraph`], written out `[I, I]`: for tests and inspection of small data.
#[derive(Clone, Debug)]
pub struct Stages<F> {
    /// The kept cosines `T_m`, in the order of the modalities.
    pub cosines: Vec<Array2<F>>,
    /// The cosines mixed: `A = Σ w_m T_m`.
    pub mixed: Array2<F>,
    /// The row sums `r` of the mixed graph, `[I]`.
    pub degrees: Vec<f64>,
    /// The mixed graph, normalised: `L`.
    pub normalised: Array2<F>,
    /// The frozen graphs mixed: `O = Σ w_m O_m`.
    pub frozen: Array2<F>,
}

/// The gradients that a learned graph sends back.
#[derive(Clone, Debug)]
pub struct Sent<F> {
    /// The gradient of each modality's projected features, `dX_m` `[I, D]`.
    pub projected: Vec<Array2<F>>,
    /// The gradient of each modality's share, `dw_m`.
    pub shares: Vec<f64>,
    /// The gradient `dG` on the edges of `G`, `[I, I]`.
    pub graph: CsMat<F>,
    /// The gradient `dA` on the same edges; what is outside `A` means nothing.
    pub mixed: CsMat<F>,
}

impl<F: Real> LearnedGraph<F> {
    /// Learns the graph of projected features `X_m` `[I, D]`, each with its frozen graph `O_m` and its share `w_m`; `k` neighbours an item, `λ` is
    /// `frozen_share`.
    ///
    /// # Panics
    /// When there is no modality, or a table and a graph disagree on the number of items.
    pub fn new(modalities: &[(&Array2<F>, &ItemGraph<F>, f64)], neighbours: usize, frozen_share: f64) -> Self {
        let items = modalities.first().expect("one modality or more").0.nrows();
        for (x, frozen, _) in modalities {
            assert_eq!((x.nrows(), frozen.forward.rows()), (items, items), "learned graph: items of table and graph");
        }
        let nearest: Vec<Neighbours<F>> = modalities.iter().map(|(x, ..)| nearest_by_cosine(*x, neighbours)).collect();
        let learned = nearest.iter().map(|nearest| move |i: usize| nearest.of(i).to_vec());
        let frozen = modalities.iter().map(|&(_, frozen, _)| {
            move |i: usize| {
                let row = frozen.forward.outer_view(i).expect("a row for each item");
                row.iter().map(|(j, &weight)| (j as u32, weight)).collect::<Vec<_>>()
            }
        });
        let (learned, frozen): (Vec<_>, Vec<_>) = (learned.collect(), frozen.collect());
        let rows = learned.iter().map(|row| row as &(dyn Fn(usize) -> Vec<(u32, F)> + Sync));
        let rows: Vec<_> = rows.chain(frozen.iter().map(|row| row as &(dyn Fn(usize) -> _ + Sync))).collect();
        let (support, mut cosines) = Support::of(items, &rows);
        let frozen = cosines.split_off(modalities.len());
        let shares: Vec<f64> = modalities.iter().map(|&(.., share)| share).collect();

        let (a, o) = (mixed(&support, &cosines, &shares), mixed(&support, &frozen, &shares));
        let mut degrees = vec![0.0; items];
        support.each(|place, i, _| degrees[i] += a[place].as_f64());
        let roots: Vec<f64> = degrees.iter().map(|&r| root(r)).collect();
        let mut normalised = a;
        support.each(|place, i, j| normalised[place] = F::of(roots[i] * normalised[place].as_f64() * roots[j]));
        let (learned_share, frozen_weight) = (F::of(1.0 - frozen_share), F::of(frozen_share));
        let g = normalised.iter().zip(&o).map(|(&l, &o)| learned_share * l + frozen_weight * o).collect();
        let forward = support.matrix(g);
        let graph = ItemGraph { transpose: forward.transpose_view().to_csr(), forward };
        let unit = modalities.iter().map(|(x, ..)| unit(x)).collect();
        LearnedGraph { support, cosines, frozen, unit, shares, frozen_share, degrees, normalised, graph }
    }

    /// Returns `G`, and its transpose.
    pub fn graph(&self) -> &ItemGraph<F> {
        &self.graph
    }

    /// Returns `w`, the share of each modality.
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// Writes out what `G` was made of.
    pub fn stages(&self) -> Stages<F> {
        let dense = |values| self.support.matrix(values).to_dense();
        let alone = |edges| dense(mixed(&self.support, std::slice::from_ref(edges), &[1.0]));
        Stages {
            cosines: self.cosines.iter().map(alone).collect(),
            mixed: dense(mixed(&self.support, &self.cosines, &self.shares)),
            degrees: self.degrees.clone(),
            normalised: dense(self.normalised.clone()),
            frozen: dense(mixed(&self.support, &self.frozen, &self.shares)),
        }
    }

    /// Sends the gradient `d_h` `[I, D]` of `h = G^layers E_i` back through `G`, to what it was made of.
    ///
    /// # Panics
    /// When the tables have not a row for each item.
    pub fn backward(&self, layers: usize, embedding: &Array2<F>, d_h: Array2<F>) -> Sent<F> {
        let d_g = self.by_edges(layers, embedding, d_h);
        let d_a = self.by_mixed(&d_g);
        let of_modality = self.cosines.iter().zip(&self.shares).zip(&self.unit);
        let projected = of_modality.map(|((cosines, &share), unit)| {
            let mut d_t = cosines.part_of(&d_a, F::of(share));
            // The cosine of an item with itself is 1, whatever the item.
            self.support.each(|place, i, j| d_t[place] = if i == j { F::zero() } else { d_t[place] });
            by_projected(&self.support.matrix(d_t), unit)
        });
        let shares = self.cosines.iter().zip(&self.frozen);
        let shares = shares.map(|(t, o)| t.inner(&d_a) + self.frozen_share * o.inner(&d_g)).collect();
        Sent {
            projected: projected.collect(),
            shares,
            graph: self.support.matrix(d_g),
            mixed: self.support.matrix(d_a),
        }
    }

    /// `dG` on the edges.
    fn by_edges(&self, layers: usize, embedding: &Array2<F>, d_h: Array2<F>) -> Vec<F> {
        // h_1, ..., h_(n-1): what the later layers were multiplied with.
        let mut inner = Vec::new();
        for _ in 1..layers {
            inner.push(spmm(&self.graph.forward, inner.last().unwrap_or(embedding)));
        }
        let (mut d_g, mut d) = (vec![F::zero(); self.support.len()], d_h);
        for layer in (1..=layers).rev() {
            let factor = if layer == 1 { embedding } else { &inner[layer - 2] };
            let of_layer = self.support.by_rows(|i, columns, values: &mut [F]| {
                let d = d.row(i);
                if d.iter().any(|&d| d != F::zero()) {
                    columns.iter().zip(values).for_each(|(&j, value)| *value = d.dot(&factor.row(j)));
                }
            });
            d_g.iter_mut().zip(of_layer).for_each(|(sum, part)| *sum += part);
            if layer > 1 {
                d = spmm(&self.graph.transpose, &d);
            }
        }
        d_g
    }

    /// `dA` on the edges.
    fn by_mixed(&self, d_g: &[F]) -> Vec<F> {
        let learned_share = 1.0 - self.frozen_share;
        // Σ_j P_ij + Σ_j P_ji: an edge counts for both its ends.
        let mut through_degrees = vec![0.0; self.degrees.len()];
        self.support.each(|place, i, j| {
            let p = learned_share * d_g[place].as_f64() * self.normalised[place].as_f64();
            through_degrees[i] += p;
            through_degrees[j] += p;
        });
        let d_degrees: Vec<f64> = through_degrees
            .iter()
            .zip(&self.degrees)
            .map(|(&through, &r)| if r > 0.0 { -through / (2.0 * r) } else { 0.0 })
            .collect();
        let roots: Vec<f64> = self.degrees.iter().map(|&r| root(r)).collect();
        let mut d_a = d_g.to_vec();
        self.support.each(|place, i, j| {
            d_a[place] = F::of(learned_share * d_a[place].as_f64() * roots[i] * roots[j] + d_degrees[i]);
        });
        d_a
    }
}

/// `Σ_m share_m graph_m` on the edges of all.
fn mixed<F: Real>(support: &Support, graphs: &[Edges<F>], shares: &[f64]) -> Vec<F> {
    let mut values = vec![F::zero(); support.len()];
    graphs.iter().zip(shares).for_each(|(graph, &share)| graph.add_to(&mut values, F::of(share)));
    values
}

/// `r^-½`, 0 where there is no root.
fn root(degree: f64) -> f64 {
    if degree > 0.0 { degree.powf(-0.5) } else { 0.0 }
}

/// `x̂`, and `1/‖x‖` of each row, 0 for a row of zeros.
fn unit<F: Real>(x: &Array2<F>) -> (Array2<F>, Vec<F>) {
    let inverse = |&norm: &F| if norm > F::zero() { norm.recip() } else { F::zero() };
    (rows::normalised(x), rows::norms(x).iter().map(inverse).collect())
}

/// `dX` `[I, D]` from the gradient of the cosines.
fn by_projected<F: Real>(d_t: &CsMat<F>, (unit, inverse_norms): &(Array2<F>, Vec<F>)) -> Array2<F> {
    let mut d = spmm(d_t, unit);
    d += &spmm(&d_t.transpose_view().to_csr(), unit);
    let inverse_norms = ndarray::aview1(inverse_norms);
    Zip::from(d.rows_mut()).and(unit.rows()).and(inverse_norms).par_for_each(|mut d, x, &inverse| {
        let along = x.dot(&d);
        d.zip_mut_with(&x, |d, &x| *d = (*d - x * along) * inverse);
    });
    d
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_gradient, random};
    use ndarray::array;

    #[test]
    fn one_modality_of_two_items_by_hand() {
        // cos = 3/5 both ways: r = 1 + 3/5 for both, L = A / r. The frozen graph is the identity.
        let x = array![[1.0f64, 0.0], [3.0, 4.0]];
        let frozen = ItemGraph::new(&nearest_by_cosine(&array![[1.0], [1.0]], 1));
        let learned = LearnedGraph::new(&[(&x, &frozen, 1.0)], 2, 0.25);
        let (r, g) = (1.0 + 3.0 / 5.0, learned.graph().forward.to_dense());
        let want = array![[0.75 / r + 0.25, 0.75 * 0.6 / r], [0.75 * 0.6 / r, 0.75 / r + 0.25]];
        assert!((&g - &want).iter().all(|difference| difference.abs() < 1e-15), "{g}");
    }

    #[test]
    fn gradients_agree_with_differences_for_any_number_of_modalities_and_layers() {
        for (count, layers) in [(1, 1), (2, 1), (2, 2), (2, 3), (3, 2)] {
            let rng = &mut random::generator((10 * count + layers) as u64);
            let (items, k) = (11, 4);
            let tables: Vec<_> = (0..count).map(|_| random::matrix(items, 3, rng) + 0.4).collect();
            let frozen: Vec<_> = (0..count)
                .map(|_| ItemGraph::new(&nearest_by_cosine(&random::matrix(items, 3, rng).mapv(f64::abs), k)))
                .collect();
            let shares: Vec<f64> = (0..count).map(|m| 0.3 + 0.2 * m as f64).collect();
            let (embedding, upstream) = (random::matrix(items, 2, rng), random::matrix(items, 2, rng));
            let of = |tables: &[Array2<f64>], shares: &[f64]| {
                let modalities = tables.iter().zip(&frozen).zip(shares);
                LearnedGraph::new(&modalities.map(|((x, o), &w)| (x, o, w)).collect::<Vec<_>>(), k, 0.3)
            };
            let loss = |tables: &[Array2<f64>], shares: &[f64]| {
                let learned = of(tables, shares);
                (learned.graph().whole(layers).propagate(embedding.clone()) * &upstream).sum()
            };
            let sent = of(&tables, &shares).backward(layers, &embedding, upstream.clone());
            for m in 0..count {
                let name = format!("X_{m}, {count} modalities, {layers} layers");
                assert_gradient(&name, sent.projected[m].view(), tables[m].view(), |x| {
                    let mut moved = tables.clone();
                    moved[m].assign(&x);
                    loss(&moved, &shares)
                });
            }
            let (got, at) = (Array2::from_shape_vec((1, count), sent.shares).unwrap(), ndarray::aview1(&shares));
            assert_gradient("w", got.view(), at.insert_axis(ndarray::Axis(0)), |w| loss(&tables, &w.row(0).to_vec()));
        }
    }

    #[test]
    fn rows_without_direction_or_positive_sum_stay_finite_and_still() {
        // Item 0 is zero; item 1 is the opposite of the others, and with all neighbours its sum is 1 - 1 - 1.
        let x = array![[0.0f32, 0.0], [-1.0, 0.0], [1.0, 0.0], [1.0, 0.0]];
        let frozen = ItemGraph::new(&nearest_by_cosine(&x, 4));
        let learned = LearnedGraph::new(&[(&x, &frozen, 1.0)], 4, 0.5);
        assert!(learned.stages().degrees[1] <= 0.0);
        assert!(learned.graph().forward.data().iter().all(|weight| weight.is_finite()));
        let sent = learned.backward(2, &Array2::ones((4, 3)), Array2::ones((4, 3)));
        assert!(sent.projected[0].iter().all(|d| d.is_finite()), "{}", sent.projected[0]);
        assert_eq!(sent.projected[0].row(0).to_vec(), [0.0; 2]);
    }
}
