//! The spaces of a model and the raw features beside them, each with its neighbourhoods.

use anchorrec_data::{Features, Modality};
use anchorrec_metrics::neighbours::{nearest, overlap};
use anchorrec_metrics::spaces::{Centred, Directions};
use anchorrec_metrics::spectrum::{effective_rank, singular_values};
use anchorrec_recommender::ItemSpace;
use anchorrec_records::analysis::{PairRecord, SpaceRecord};
use ndarray::{Array2, ArrayView1, ArrayView2};

/// Wider spaces have no spectrum: the work grows with the third power of the width.
const WIDEST_SPECTRUM: usize = 1024;
/// Singular values that are kept.
const VALUES: usize = 256;

/// All spaces of one model, the scored one first.
pub struct Spaces<'a> {
    list: Vec<Space<'a>>,
    k: usize,
}

/// One embedding space with its neighbourhoods.
pub struct Space<'a> {
    /// The name of the space; raw features are `raw_...`.
    pub name: String,
    positions: Positions<'a>,
    /// The nearest neighbours of every item.
    pub neighbours: Vec<Vec<u32>>,
}

enum Positions<'a> {
    Learned { rows: Array2<f32>, directions: Directions },
    Raw(&'a Array2<f32>),
}

impl Space<'_> {
    /// Returns the positions, `[I, D]`.
    pub fn rows(&self) -> ArrayView2<'_, f32> {
        match &self.positions {
            Positions::Learned { rows, .. } => rows.view(),
            Positions::Raw(rows) => rows.view(),
        }
    }

    /// Returns whether the space is the model's own.
    pub fn is_learned(&self) -> bool {
        matches!(self.positions, Positions::Learned { .. })
    }

    /// Returns the cosine of two items; 0 with a row of zeros.
    pub fn cosine(&self, i: u32, j: u32) -> f64 {
        let rows = self.rows();
        let (x, y) = (rows.row(i as usize), rows.row(j as usize));
        let inner = |x: ArrayView1<f32>, y: ArrayView1<f32>| -> f64 {
            x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
        };
        let norm = (inner(x, x) * inner(y, y)).sqrt();
        if norm > 0.0 { inner(x, y) / norm } else { 0.0 }
    }
}

impl<'a> Spaces<'a> {
    /// Finds `k` neighbours of every item in every space.
    pub fn new(learned: Vec<ItemSpace<f32>>, features: &'a Features, k: usize) -> Self {
        let learned = learned.into_iter().map(|ItemSpace { name, positions: rows }| Space {
            name: name.to_owned(),
            neighbours: nearest(&rows, k),
            positions: Positions::Learned { directions: Directions::new(&rows), rows },
        });
        let raw = Modality::ALL.into_iter().filter_map(|modality| {
            let rows = features.of(modality)?;
            let name = format!("raw_{modality}");
            Some(Space { name, neighbours: nearest(rows, k), positions: Positions::Raw(rows) })
        });
        Spaces { list: learned.chain(raw).collect(), k }
    }

    /// Iterates over all spaces.
    pub fn iter(&self) -> impl Iterator<Item = &Space<'a>> {
        self.list.iter()
    }

    /// Returns the neighbours of every item in the space that is scored.
    pub fn scored_neighbours(&self) -> &[Vec<u32>] {
        &self.list[0].neighbours
    }

    /// Measures each space by itself.
    pub fn records(&self) -> Vec<SpaceRecord> {
        let record = |space: &Space| {
            let rows = space.rows();
            let values = if rows.ncols() <= WIDEST_SPECTRUM { singular_values(&rows) } else { Vec::new() };
            let largest = values.first().copied().filter(|&largest| largest > 0.0).unwrap_or(1.0);
            SpaceRecord {
                name: space.name.clone(),
                width: rows.ncols(),
                effective_rank: (!values.is_empty()).then(|| effective_rank(&values)),
                singular_values: values.iter().take(VALUES).map(|value| value / largest).collect(),
                uniformity: match &space.positions {
                    Positions::Learned { directions, .. } => Some(directions.uniformity),
                    Positions::Raw(_) => None,
                },
            }
        };
        self.iter().map(record).collect()
    }

    /// Measures every two spaces.
    pub fn pairs(&self) -> Vec<PairRecord> {
        let centred: Vec<Centred> = self.iter().map(|space| Centred::new(&space.rows())).collect();
        let mut pairs = Vec::new();
        for (i, a) in self.list.iter().enumerate() {
            for (j, b) in self.list.iter().enumerate().skip(i + 1) {
                let spread = match (&a.positions, &b.positions) {
                    (Positions::Learned { directions: x, .. }, Positions::Learned { directions: y, .. })
                        if a.rows().dim() == b.rows().dim() =>
                    {
                        Some(x.spread(y))
                    }
                    _ => None,
                };
                pairs.push(PairRecord {
                    a: a.name.clone(),
                    b: b.name.clone(),
                    overlap: overlap(&a.neighbours, &b.neighbours, self.k),
                    cka: (a.is_learned() || b.is_learned()).then(|| centred[i].cka(&centred[j])),
                    spread,
                });
            }
        }
        pairs
    }
}
