//! What the final space follows, what it keeps of content, and how its positions spread.

use super::paragraph::{ALIKE, sentence};
use crate::number::{fixed, listed, percent};
use crate::space::words;
use crate::spaces::{Spaces, mean};

/// Writes about neighbourhoods, then about spread.
pub fn sentences(spaces: &Spaces) -> Vec<String> {
    let content =
        ["raw_mm", "raw_text", "raw_vision"].into_iter().find(|raw| !spaces.overlaps("final", raw).is_empty());
    let mut out = Vec::new();
    out.extend(follows(spaces, content));
    out.extend(content.and_then(|content| kept(spaces, content)));
    out.extend(nearest(spaces));
    out.extend(spread(spaces));
    out.extend(ranks(spaces));
    out
}

/// Whether the final space follows IDs or content, where all seeds say the same.
fn follows(spaces: &Spaces, content: Option<&str>) -> Option<String> {
    let content = content?;
    let (with_content, with_ids) = (spaces.overlaps("final", content), spaces.overlaps("final", "id"));
    let a = mean(with_content.iter().copied())?;
    let shares = format!(
        "the final space shares {} of its {} nearest neighbours with {}",
        percent(a),
        spaces.k(),
        words(content)
    );
    let Some(b) = mean(with_ids.iter().copied()) else { return Some(sentence(&format!("{shares}."))) };
    let above =
        |margin: f64| with_ids.iter().zip(&with_content).filter(|(id, content)| *id - *content > margin).count();
    let verdict = if (b - a).abs() < ALIKE {
        "it follows both about as much"
    } else if above(0.0) == with_ids.len() {
        "it follows the IDs more than the content"
    } else if above(0.0) == 0 {
        "it follows the content more than the IDs"
    } else {
        "which it follows more depends on the seed"
    };
    Some(sentence(&format!("{shares} and {} with the ID space: {verdict}.", percent(b))))
}

/// How much of the content's neighbourhoods gets through: in the fused space that the model makes, and in the final one.
fn kept(spaces: &Spaces, content: &str) -> Option<String> {
    let own = content.trim_start_matches("raw_");
    let made = mean(spaces.overlaps(own, content).into_iter())?;
    let last = mean(spaces.overlaps("final", content).into_iter())?;
    let verdict = match made - last {
        lost if lost >= ALIKE => "some of what it keeps of them is not in the final space",
        lost if lost <= -ALIKE => "the final space keeps more of them",
        _ => "the final space keeps about as much of them",
    };
    let (made, content) = (percent(made), words(content));
    Some(sentence(&format!("{}, which feeds it, shares {made} with {content}: {verdict}.", words(own))))
}

/// What the first neighbour is like.
fn nearest(spaces: &Spaces) -> Option<String> {
    let first = spaces.shown().nearest.iter().find(|nearest| nearest.rank == 1)?;
    let cosines: Vec<String> = [("text", first.text), ("image", first.vision)]
        .into_iter()
        .filter_map(|(what, cosine)| Some(format!("a cosine of {} of the {what} features", fixed(cosine?, 2))))
        .collect();
    let alike = if cosines.is_empty() { String::new() } else { format!("{}, and ", listed(&cosines)) };
    Some(format!(
        "An item and its nearest neighbour in the final space have, on average, {alike}the neighbour was bought together with {} other items.",
        fixed(first.two_hop, 0)
    ))
}

/// Whether an item's positions in two spaces are nearer one another than different items are.
fn spread(spaces: &Spaces) -> Option<String> {
    let record = |a: &str, b: &str| mean(spaces.analyses().iter().filter_map(|x| x.pair(a, b)?.spread));
    let ratio = record("id", "mm")?;
    let verdict = if ratio < 0.98 {
        "nearer one another than those of different items"
    } else if ratio > 1.02 {
        "farther from one another than those of different items: the two spaces stand apart"
    } else {
        "about as far from one another as those of different items"
    };
    Some(format!(
        "An item's positions in the ID space and in the fused space are {} times as far apart as positions of different items, so they lie {verdict}.",
        fixed(ratio, 2)
    ))
}

/// How many directions the spaces use.
fn ranks(spaces: &Spaces) -> Option<String> {
    let rank = |name: &str| spaces.space(name, |space| space.effective_rank);
    let width = spaces.shown().space("final")?.width;
    let last = rank("final")?;
    let others: Vec<String> = ["id", "mm"]
        .into_iter()
        .filter_map(|name| Some(format!("{} {}", words(name), fixed(rank(name)?, 1))))
        .collect();
    let others = if others.is_empty() { String::new() } else { format!(" ({})", listed(&others)) };
    Some(format!("The effective rank of the final space is {} of {width} directions{others}.", fixed(last, 1)))
}
