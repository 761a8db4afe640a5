//! tmp
use crate::report::Metrics;
/// tmp
pub fn mean<'a>(at: &[usize], users: impl Iterator<Item = (&'a [u32], &'a [u32])>) -> Metrics {
    let mut m = Metrics::new();
    let mut n = 0.0;
    for (ranking, pos) in users {
        if pos.is_empty() { continue; }
        n += 1.0;
        for &k in at {
            let mut hits = 0.0; let mut dcg = 0.0;
            for (r, i) in ranking.iter().take(k).enumerate() {
                if pos.binary_search(i).is_ok() { hits += 1.0; dcg += 1.0 / ((r + 2) as f64).log2(); }
            }
            let ideal: f64 = (0..pos.len().min(k)).map(|r| 1.0 / ((r + 2) as f64).log2()).sum();
            *m.entry(format!("recall@{k}")).or_insert(0.0) += hits / pos.len() as f64;
            *m.entry(format!("ndcg@{k}")).or_insert(0.0) += dcg / ideal;
        }
    }
    m.values_mut().for_each(|v| *v /= n);
    m
}
