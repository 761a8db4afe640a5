//! What the final space follows, what it keeps of content, and how its positions spread.

use super::paragraph::{ALIKE, sentence};
use crate::number::{fixed, listed, percent};
use crate::space::words;
use crate::spaces::{Spaces, mean};
use std::cmp::Ordering;

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
    let (by_seed, last) = (spaces.overlaps(own, content), spaces.overlaps("final", content));
    let lost: Vec<f64> = by_seed.iter().zip(&last).map(|(made, last)| made - last).collect();
    let made = mean(by_seed.iter().copied())?;
    let verdict = match agreed(&lost, |lost| side(lost, -ALIKE, ALIKE))? {
        Some(Ordering::Greater) => "some of what it keeps of them is not in the final space",
        Some(Ordering::Less) => "the final space keeps more of them",
        Some(Ordering::Equal) => "the final space keeps about as much of them",
        None => "whether the final space keeps more or less of them depends on the seed",
    };
    let (made, content) = (percent(made), words(content));
    Some(sentence(&format!("{}, which feeds it, shares {made} with {content}: {verdict}.", words(own))))
}

/// Where a number lies: below `low`, above `high`, or between them.
fn side(x: f64, low: f64, high: f64) -> Ordering {
    match x {
        x if x >= high => Ordering::Greater,
        x if x <= low => Ordering::Less,
        _ => Ordering::Equal,
    }
}

/// What all seeds say; `Some(None)` where they do not agree, `None` where there is none.
fn agreed(seeds: &[f64], side: impl Fn(f64) -> Ordering) -> Option<Option<Ordering>> {
    let first = side(*seeds.first()?);
    Some(seeds.iter().all(|&seed| side(seed) == first).then_some(first))
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
    let ratios: Vec<f64> = spaces.analyses().iter().filter_map(|analysis| analysis.pair("id", "mm")?.spread).collect();
    let verdict = match agreed(&ratios, |ratio| side(ratio, 0.98, 1.02))? {
        Some(Ordering::Less) => "so they lie nearer one another than those of different items",
        Some(Ordering::Greater) => {
            "so they lie farther from one another than those of different items: the two spaces stand apart"
        }
        Some(Ordering::Equal) => "so they lie about as far from one another as those of different items",
        None => "and the seeds do not agree whether that is near",
    };
    Some(format!(
        "An item's positions in the ID space and in the fused space are {} times as far apart as positions of different items, {verdict}.",
        fixed(mean(ratios.into_iter())?, 2)
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
