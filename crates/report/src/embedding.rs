//! Positions of several spaces on one sheet of paper: by PCA, by t-SNE.
//!
//! All positions are scaled to length 1 first, since the cosine is what compares items, and stacked: one row for each space and item, spaces one
//! after the other. One embedding of all of them puts the spaces on the same sheet, so that two positions of one item can be compared.
//!
//! **PCA.** The mean row is taken away; the two leading eigenvectors of `XᵀX / n` are the directions, found by power iteration, the second
//! with the first taken out. Signs are fixed: the largest component is positive.
//!
//! **t-SNE** (van der Maaten, JMLR 2014) begins at the PCA positions, scaled to a standard deviation of `1e-4` (Kobak and Berens, Nature
//! Communications 2019): nothing is drawn at random. The crate sums in the order in which threads come; a pool of one thread has one order.

use anchorrec_linalg::leading;
use anchorrec_records::analysis::MapRecord;
use bhtsne::{Neighbor, tSNE};
use ndarray::{Array1, Array2, Axis};

/// A place for each row.
pub type Sheet = Vec<(f64, f64)>;

/// The rows on the two directions in which they differ most.
pub struct Pca {
    /// Where the rows lie along them.
    pub sheet: Sheet,
    /// The shares of the variance that the directions have.
    pub shares: [f64; 2],
}

/// Stacks the first `items` of every space on one another, each of length 1; a position of zeros stays one.
pub fn unit_rows(map: &MapRecord, items: usize) -> Array2<f64> {
    let width = map.spaces.first().and_then(|space| space.positions.first()).map_or(0, Vec::len);
    let mut rows = Array2::zeros((map.spaces.len() * items, width));
    let positions = map.spaces.iter().flat_map(|space| &space.positions[..items]);
    for (mut row, position) in rows.rows_mut().into_iter().zip(positions) {
        row.assign(&position.iter().map(|&number| f64::from(number)).collect::<Array1<f64>>());
        let norm = row.dot(&row).sqrt();
        if norm > 0.0 {
            row /= norm;
        }
    }
    rows
}

/// Finds the two directions in which the rows differ most.
pub fn pca(rows: &Array2<f64>) -> Pca {
    let n = rows.nrows().max(1) as f64;
    let centred = rows - &rows.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(rows.ncols()));
    let mut covariance = centred.t().dot(&centred) / n;
    let total = covariance.diag().sum();
    let mut along = Vec::new();
    let shares = [0, 1].map(|_| {
        let (value, vector) = leading(&covariance);
        // What is along the direction is taken out of the matrix.
        for (i, &a) in vector.iter().enumerate() {
            for (j, &b) in vector.iter().enumerate() {
                covariance[[i, j]] -= value * a * b;
            }
        }
        along.push(centred.dot(&vector));
        if total > 0.0 { (value / total).clamp(0.0, 1.0) } else { 0.0 }
    });
    Pca { sheet: along[0].iter().copied().zip(along[1].iter().copied()).collect(), shares }
}

/// Returns how many neighbours t-SNE looks at, roughly: 30, or what so few rows allow.
pub fn perplexity(rows: usize) -> f64 {
    30f64.min((rows.saturating_sub(1) / 3) as f64)
}

/// Places the rows by t-SNE, from the places of `start`; none for fewer than 16 rows, of which it makes nothing.
pub fn tsne(rows: &Array2<f64>, start: &Sheet) -> Option<Sheet> {
    let n = rows.nrows();
    let variance = start.iter().map(|(x, _)| x * x).sum::<f64>() / n.max(1) as f64;
    if n < 16 || variance <= 0.0 {
        return None;
    }
    let perplexity = perplexity(n);
    let neighbours = neighbours(rows, (3.0 * perplexity) as usize);
    let scale = 1e-4 / variance.sqrt();
    let start: Vec<f64> = start.iter().flat_map(|(x, y)| [x * scale, y * scale]).collect();
    // Four times what the crate would take, whose gradient lacks the factor 4 of the paper's: with less, groups are still points when it ends.
    let step = 200f64.max(n as f64 / 12.0);
    let samples = vec![(); n];
    let fit = || {
        let mut tsne: tSNE<f64, (), 2> = tSNE::new(&samples);
        tsne.perplexity(perplexity)
            .learning_rate(step)
            .initial_embedding(start)
            .barnes_hut_with_neighbors(0.5, &neighbours);
        tsne.embedding()
    };
    let places = rayon::ThreadPoolBuilder::new().num_threads(1).build().ok()?.install(fit);
    let sheet: Sheet = places.chunks_exact(2).map(|place| (place[0], place[1])).collect();
    sheet.iter().all(|(x, y)| x.is_finite() && y.is_finite()).then_some(sheet)
}

/// The `k` nearest other rows of each, nearest first, ties to the lower row.
fn neighbours(rows: &Array2<f64>, k: usize) -> Vec<Vec<Neighbor<f64>>> {
    let products = rows.dot(&rows.t());
    let of = |i: usize| {
        let square = |j: usize| (products[[i, i]] + products[[j, j]] - 2.0 * products[[i, j]]).max(0.0);
        let mut others: Vec<Neighbor<f64>> = (0..rows.nrows())
            .filter(|&j| j != i)
            .map(|index| Neighbor { index, distance: square(index).sqrt() })
            .collect();
        others.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.index.cmp(&b.index)));
        others.truncate(k);
        others
    };
    (0..rows.nrows()).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_rectangle_lies_along_its_sides() {
        // Corners of a rectangle 6 long and 2 wide: variances 9 and 1, of 10.
        let pca = pca(&array![[3.0, 1.0, 5.0], [3.0, -1.0, 5.0], [-3.0, 1.0, 5.0], [-3.0, -1.0, 5.0]]);
        assert!((pca.shares[0] - 0.9).abs() < 1e-9 && (pca.shares[1] - 0.1).abs() < 1e-9, "{:?}", pca.shares);
        for (place, want) in pca.sheet.iter().zip([(3.0, 1.0), (3.0, -1.0), (-3.0, 1.0), (-3.0, -1.0)]) {
            assert!((place.0 - want.0).abs() < 1e-8 && (place.1 - want.1).abs() < 1e-8, "{place:?} for {want:?}");
        }
    }

    #[test]
    fn rows_that_do_not_differ_have_no_direction() {
        let pca = pca(&Array2::ones((4, 3)));
        assert_eq!(pca.shares, [0.0, 0.0]);
        assert!(pca.sheet.iter().all(|&place| place == (0.0, 0.0)));
        assert!(tsne(&Array2::ones((40, 3)), &vec![(0.0, 0.0); 40]).is_none());
    }

    /// The crate adds up forces in the order in which threads finish (run on bhtsne 0.7.13): ours runs it on one, whatever pool it is called from.
    #[test]
    fn threads_change_no_bit_of_a_sheet() {
        let rows = Array2::from_shape_fn((200, 3), |(i, d)| (((i * 7919 + d * 104_729) % 1009) as f64 / 1009.0).sqrt());
        let start = pca(&rows).sheet;
        let bits = |threads: usize| -> Vec<(u64, u64)> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let sheet = pool.install(|| tsne(&rows, &start)).expect("a sheet");
            sheet.into_iter().map(|(x, y)| (x.to_bits(), y.to_bits())).collect()
        };
        let one = bits(1);
        for threads in [2, 5] {
            assert!(bits(threads) == one, "{threads} threads draw another sheet than one");
        }
    }

    #[test]
    fn two_heaps_stay_two_heaps_and_twice_the_same() {
        // Two heaps of 20 rows in two corners of a cube, a little apart from one another inside.
        let rows = Array2::from_shape_fn((40, 3), |(i, d)| {
            f64::from(u8::from((i < 20) == (d == 0))) + 0.01 * ((i * (d + 3)) % 7) as f64
        });
        let start = pca(&rows).sheet;
        let sheet = tsne(&rows, &start).unwrap();
        assert_eq!(sheet, tsne(&rows, &start).unwrap());
        let distance = |a: usize, b: usize| (sheet[a].0 - sheet[b].0).hypot(sheet[a].1 - sheet[b].1);
        for i in 0..40 {
            let nearest =
                (0..40).filter(|&j| j != i).min_by(|&a, &b| distance(i, a).total_cmp(&distance(i, b))).unwrap();
            assert_eq!(i < 20, nearest < 20, "row {i} lies beside row {nearest}");
        }
    }
}
