//! What the spaces of a model are called, and what stands for each of them in every figure: one colour, one marker, one dash.

use crate::svg::MarkerShape;

/// Returns the words for a space; its own name if it is unknown here.
pub fn words(name: &str) -> String {
    let known = match name {
        "final" => "the final space",
        "id" => "the ID space",
        "mm" => "the fused space",
        "text" => "the text space",
        "vision" => "the image space",
        "p_id" => "the ID projection",
        "p_mm" => "the fused projection",
        "raw_mm" => "the fused features",
        "raw_text" => "the text features",
        "raw_vision" => "the image features",
        _ => return format!("the space {name}"),
    };
    known.to_owned()
}

/// Returns whether a space holds raw features rather than what a model made of them.
pub fn is_raw(name: &str) -> bool {
    name.starts_with("raw_")
}

/// Returns the class of colours, shared by a space, its projection and its raw features.
pub fn class(name: &str) -> &'static str {
    match name.trim_start_matches("raw_").trim_start_matches("p_") {
        "final" => "final",
        "id" => "id",
        "mm" => "mm",
        "text" => "text",
        "vision" => "vision",
        _ => "other",
    }
}

/// Returns the marker of a space.
pub fn shape(name: &str) -> MarkerShape {
    match class(name) {
        "final" => MarkerShape::Circle,
        "id" => MarkerShape::Triangle,
        "mm" => MarkerShape::Square,
        "text" => MarkerShape::Diamond,
        _ => MarkerShape::Plus,
    }
}
