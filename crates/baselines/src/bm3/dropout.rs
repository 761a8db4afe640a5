//! Which elements of a step's targets are dropped: `x ⊙ mask`, `mask = 1/(1-p)` with probability `1-p`, else 0.

use super::Encoded;
use anchorrec_kernels::Real;
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What the targets of a batch are multiplied by, a row for each distinct user or item.
#[derive(Clone, Debug, PartialEq)]
pub struct Masks<F> {
    /// Dropout mask for `h_u`, `[n_u, D]`.
    pub users: Array2<F>,
    /// Dropout mask for `h_i`, `[n_i, D]`.
    pub items: Array2<F>,
    /// Dropout masks for `t_m`, `[n_i, D]` each.
    pub modalities: Vec<Array2<F>>,
}

impl<F: Real> Masks<F> {
    /// Draws the masks of a batch's rows with the generator of `seed`: users, items, then the modalities in their order.
    pub fn draw(encoded: &Encoded<F>, dropout: f64, seed: u64) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let kept = F::of(1.0 / (1.0 - dropout));
        let width = encoded.h_users.ncols();
        let mut mask = |rows: &[u32]| {
            let element = || if rng.random_bool(dropout) { F::zero() } else { kept };
            Array2::from_shape_simple_fn((rows.len(), width), element)
        };
        Masks {
            users: mask(&encoded.users.ids),
            items: mask(&encoded.items.ids),
            modalities: encoded.modalities.iter().map(|_| mask(&encoded.items.ids)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_recommender::Distinct;

    fn encoded() -> Encoded<f64> {
        let ids: Vec<u32> = (0..500).collect();
        let h = Array2::zeros((500, 8));
        Encoded {
            h_users: h.clone(),
            h_items: h.clone(),
            users: Distinct::new(&ids),
            items: Distinct::new(&ids),
            modalities: vec![h.clone(), h],
        }
    }

    #[test]
    fn as_many_elements_are_dropped_as_asked_for_and_the_mean_stays() {
        let (encoded, dropout) = (encoded(), 0.3);
        let masks = Masks::draw(&encoded, dropout, 1);
        for mask in [&masks.users, &masks.items].into_iter().chain(&masks.modalities) {
            assert!(mask.iter().all(|&x| x == 0.0 || x == 1.0 / (1.0 - dropout)));
            // Five standard errors of a share among 4,000.
            let dropped = mask.iter().filter(|&&x| x == 0.0).count() as f64 / 4000.0;
            assert!((dropped - dropout).abs() < 5.0 * (dropout * (1.0 - dropout) / 4000.0).sqrt(), "{dropped}");
        }
        assert_ne!(masks.users, masks.items);
        assert_ne!(masks.modalities[0], masks.modalities[1]);
    }

    #[test]
    fn the_seed_decides() {
        let encoded = encoded();
        assert_eq!(Masks::draw(&encoded, 0.5, 1), Masks::draw(&encoded, 0.5, 1));
        assert_ne!(Masks::draw(&encoded, 0.5, 1), Masks::draw(&encoded, 0.5, 2));
        let all = Masks::draw(&encoded, 0.0, 1);
        assert!(all.users.iter().all(|&x| x == 1.0), "nothing is dropped of nothing");
    }
}
