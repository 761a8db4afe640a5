//! A figure as pixels, from the same SVG as its file, with the one font that is built in: no label depends on what a system has installed.

use crate::error::ReportError;
use crate::figure::Figure;
use crate::page::font;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::path::Path;

/// Pixels for each unit: sharp on paper and on fine screens.
const SCALE: f32 = 2.0;

/// Renders the bytes of a PNG file; `path` names the figure in errors.
pub fn png(figure: &Figure, path: &Path) -> Result<Vec<u8>, ReportError> {
    let mut options = Options { font_family: "Roboto".to_owned(), ..Options::default() };
    for weight in font::WEIGHTS {
        options.fontdb_mut().load_font_data(weight.ttf.to_vec());
    }
    let tree = Tree::from_str(&figure.light_svg(), &options)
        .map_err(|source| ReportError::Raster { path: path.to_owned(), source })?;
    let size = tree.size().to_int_size().scale_by(SCALE);
    let mut pixels = size.and_then(|size| Pixmap::new(size.width(), size.height())).expect("figures have an area");
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    Ok(pixels.encode_png().expect("pixels in memory become a PNG"))
}
