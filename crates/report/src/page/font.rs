//! The font of figures and tables, inside of every page: labels are as wide as they were when they were placed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// One weight of Roboto, cut down (`fonts/README.md`).
pub struct Weight {
    /// The weight, as CSS counts weights.
    pub weight: u16,
    /// The file.
    pub ttf: &'static [u8],
}

/// Regular and medium.
pub const WEIGHTS: [Weight; 2] = [
    Weight { weight: 400, ttf: include_bytes!("../../fonts/Roboto-Regular.ttf") },
    Weight { weight: 500, ttf: include_bytes!("../../fonts/Roboto-Medium.ttf") },
];

/// Returns the rules that give a page the font.
pub fn faces() -> String {
    WEIGHTS
        .iter()
        .map(|Weight { weight, ttf }| {
            format!(
                "@font-face{{font-family:Roboto;font-weight:{weight};src:url(data:font/ttf;base64,{}) format(\"truetype\")}}\n",
                STANDARD.encode(ttf)
            )
        })
        .collect()
}
