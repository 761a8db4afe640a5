//! The figures of an analysis by name, for tables that set several analyses side by side.
//!
//! [`names`] is the list. The trainer puts the values into comparisons, tables and pages show them by these names, and tests hold each name that
//! is shown against the list.

use crate::analysis::{Analysis, NEAREST};
use crate::report::Metrics;

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

/// Spaces whose shape is compared.
const SHAPES: &[&str] = &["final", "id", "mm", "text"];

/// Where a figure is in an analysis.
type Place = Box<dyn Fn(&Analysis) -> Option<f64>>;

/// Returns the figures that an analysis has, by name: `overlap final-id`, `effective rank final`, `coverage`, ...
///
/// ```
/// use anchorrec_records::{Analysis, figures};
///
/// let figures = figures::of(&Analysis::default());
/// assert_eq!(figures["coverage"], 0.0);
/// assert!(!figures.contains_key("overlap final-id"), "no spaces were compared");
/// ```
pub fn of(analysis: &Analysis) -> Metrics {
    all().into_iter().filter_map(|(name, of)| Some((name, of(analysis)?))).collect()
}

/// Returns the names of all figures that an analysis may have.
///
/// ```
/// assert!(anchorrec_records::figures::names().contains(&"spread id-mm".to_owned()));
/// ```
pub fn names() -> Vec<String> {
    all().into_iter().map(|(name, _)| name).collect()
}

fn all() -> Vec<(String, Place)> {
    let mut all: Vec<(String, Place)> = Vec::new();
    let mut add = |name: String, of: Place| all.push((name, of));
    for &(a, b) in OVERLAPS {
        add(format!("overlap {a}-{b}"), Box::new(move |analysis| Some(analysis.pair(a, b)?.overlap)));
    }
    for &(a, b) in SPREADS {
        add(format!("spread {a}-{b}"), Box::new(move |analysis| analysis.pair(a, b)?.spread));
        add(format!("cka {a}-{b}"), Box::new(move |analysis| analysis.pair(a, b)?.cka));
    }
    for &space in SHAPES {
        add(format!("effective rank {space}"), Box::new(move |analysis| analysis.space(space)?.effective_rank));
        add(format!("uniformity {space}"), Box::new(move |analysis| analysis.space(space)?.uniformity));
    }
    for rank in 1..=NEAREST {
        let at = move |analysis: &Analysis| analysis.nearest.iter().find(|nearest| nearest.rank == rank).copied();
        add(format!("neighbour {rank} text cosine"), Box::new(move |analysis| at(analysis)?.text));
        add(format!("neighbour {rank} vision cosine"), Box::new(move |analysis| at(analysis)?.vision));
        add(format!("neighbour {rank} 2-hop"), Box::new(move |analysis| Some(at(analysis)?.two_hop)));
    }
    add("alignment".to_owned(), Box::new(|analysis| Some(analysis.alignment)));
    add("coverage".to_owned(), Box::new(|analysis| Some(analysis.catalogue.coverage)));
    add("gini".to_owned(), Box::new(|analysis| Some(analysis.catalogue.gini)));
    add("popularity lift".to_owned(), Box::new(|analysis| Some(analysis.catalogue.popularity_lift)));
    all
}
