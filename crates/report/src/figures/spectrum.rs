//! Singular values of each space: a steep line is a space that uses few of its directions.

use crate::figure::{Figure, Panel};
use crate::number::fixed;
use crate::plot::{Frame, Words};
use crate::scale::Scale;
use crate::space;
use crate::spaces::Spaces;
use anchorrec_records::analysis::SpaceRecord;

/// The least share that has a place on the axis.
const FLOOR: f64 = 1e-3;

/// Draws a panel for the spaces that are scored or feed the score, one for projections and raw features.
pub fn spectra(spaces: &Spaces) -> Option<Figure> {
    let of_score = |space: &&SpaceRecord| !space::is_raw(&space.name) && !space.name.starts_with("p_");
    let (own, other): (Vec<_>, Vec<_>) =
        spaces.shown().spaces.iter().filter(|space| !space.singular_values.is_empty()).partition(of_score);
    let groups = [("Spaces of the model", own), ("Projections and raw features", other)];
    let panels: Vec<Panel> =
        groups.iter().filter(|(_, group)| !group.is_empty()).map(|(title, group)| panel(title, group)).collect();
    let caption = format!(
        "Singular values over the largest, both axes logarithmic, seed {}. A line that falls early belongs to a space that uses few directions. \
         In brackets the effective rank: how many equal directions would be as spread out.",
        spaces.shown().seed
    );
    (!panels.is_empty()).then(|| Figure { name: "spectra".into(), caption, panels, columns: 2 })
}

fn panel(title: &str, spaces: &[&SpaceRecord]) -> Panel {
    let frame = Frame { width: 420.0, height: 300.0, left: 46.0, right: 112.0 };
    let longest = spaces.iter().map(|space| space.singular_values.len()).max().unwrap_or(2).max(2);
    let x = Scale::logarithmic((1.0, longest as f64), frame.across());
    let lowest = spaces.iter().flat_map(|space| &space.singular_values).copied().fold(1.0, f64::min).max(FLOOR);
    let y = Scale::logarithmic((10f64.powf(lowest.log10().floor()).max(FLOOR), 1.0), frame.upward());
    let ranks: Vec<String> = spaces
        .iter()
        .map(|space| match space.effective_rank {
            Some(rank) => format!("{} ({})", space.name, fixed(rank, 0)),
            None => space.name.clone(),
        })
        .collect();
    let about =
        format!("Line chart of singular values over their order; effective ranks in brackets: {}.", ranks.join(", "));
    let words = Words {
        title: title.into(),
        x: "order of the direction".into(),
        y: "singular value over the largest".into(),
        about,
    };
    let mut plot = frame.plot(x, y, words);
    let mut ends = Vec::new();
    for (space, rank) in spaces.iter().zip(ranks) {
        let points: Vec<(f64, f64)> =
            space.singular_values.iter().enumerate().map(|(k, &value)| ((k + 1) as f64, value)).collect();
        let class = space::class(&space.name);
        let dash = match (class, space::is_raw(&space.name)) {
            (_, true) => " dotted",
            ("final" | "id", false) => "",
            _ => " dashed",
        };
        plot.curve(&format!("{class}{dash}"), &points);
        ends.push((class, rank, points.last().map_or(1.0, |point| point.1)));
    }
    plot.name_ends(&ends);
    plot.finish()
}
