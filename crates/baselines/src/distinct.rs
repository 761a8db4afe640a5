//! The rows that a batch looks at, each once.
//!
//! Users and positives repeat within a batch. What depends on a row alone is computed once for each distinct row
//! (`rows::gather(&computed, &distinct.places)` spreads it over the triples), and `rows::scatter_add` with the same places brings
//! gradients back.

/// Distinct ids and where each of the given ids stands among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Distinct {
    /// The distinct ids, ascending.
    pub rows: Vec<u32>,
    /// For each given id its place in `rows`.
    pub places: Vec<u32>,
}

impl Distinct {
    /// Of a list of ids, repeats allowed.
    pub fn new(ids: &[u32]) -> Self {
        let mut rows = ids.to_vec();
        rows.sort_unstable();
        rows.dedup();
        let place = |id: &u32| rows.binary_search(id).expect("every id is in the list made of it") as u32;
        let places = ids.iter().map(place).collect();
        Distinct { rows, places }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_finds_its_place() {
        let distinct = Distinct::new(&[7, 2, 7, 9, 2]);
        assert_eq!(distinct, Distinct { rows: vec![2, 7, 9], places: vec![1, 0, 1, 2, 0] });
    }
}
