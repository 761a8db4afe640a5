//! The figures of an analysis by name, for tables that set several side by side.

use anchorrec_records::{Analysis, Metrics};

/// Pairs of spaces whose neighbourhoods say how much was kept, and of what.
const OVERLAPS: &[(&str, &str)] = &[
    ("final", "id"),
    ("final", "mm"),
    ("final", "raw_mm"),
    ("final", "raw_text"),
    ("final", "raw_vision"),
    ("id", "mm"),
    ("id", "raw_mm"),
    ("mm", "raw_mm"),
    ("text", "raw_text"),
    ("vision", "raw_vision"),
];
/// Pairs of an item's positions.
const SPREADS: &[(&str, &str)] = &[("id", "mm"), ("id", "text"), ("id", "vision"), ("mm", "text")];

/// Every figure that the model has: `overlap final-id`, `spread id-mm`, `cka id-mm`, `effective rank final`, `uniformity final`,
/// `neighbour 1 text cosine`, `neighbour 1 2-hop`, `alignment`, `coverage`, `gini`, `popularity lift`.
pub fn figures(analysis: &Analysis) -> Metrics {
    let mut figures = Metrics::new();
    for (a, b) in OVERLAPS {
        if let Some(pair) = analysis.pair(a, b) {
            figures.insert(format!("overlap {a}-{b}"), pair.overlap);
        }
    }
    for (a, b) in SPREADS {
        let pair = analysis.pair(a, b);
        for (name, value) in [("spread", pair.and_then(|pair| pair.spread)), ("cka", pair.and_then(|pair| pair.cka))] {
            figures.extend(value.map(|value| (format!("{name} {a}-{b}"), value)));
        }
    }
    for name in ["final", "id", "mm", "text"] {
        let space = analysis.space(name);
        let rank = space.and_then(|space| space.effective_rank);
        figures.extend(rank.map(|rank| (format!("effective rank {name}"), rank)));
        let uniformity = space.and_then(|space| space.uniformity);
        figures.extend(uniformity.map(|uniformity| (format!("uniformity {name}"), uniformity)));
    }
    for nearest in &analysis.nearest {
        let rank = nearest.rank;
        figures.extend(nearest.text.map(|cosine| (format!("neighbour {rank} text cosine"), cosine)));
        figures.extend(nearest.vision.map(|cosine| (format!("neighbour {rank} vision cosine"), cosine)));
        figures.insert(format!("neighbour {rank} 2-hop"), nearest.two_hop);
    }
    figures.insert("alignment".to_owned(), analysis.alignment);
    figures.insert("coverage".to_owned(), analysis.catalogue.coverage);
    figures.insert("gini".to_owned(), analysis.catalogue.gini);
    figures.insert("popularity lift".to_owned(), analysis.catalogue.popularity_lift);
    figures
}
