//! Items as a person knows them: a sample for maps, and a few with their neighbours.

use super::spaces::{Space, Spaces};
use anchorrec_data::Dataset;
use anchorrec_records::analysis::{ExampleRecord, ExampleSpace, ItemName, MapRecord, MapSpace};
use ndarray::Axis;

/// Items of a map: enough to see a shape, few enough to follow a line.
const ON_MAP: usize = 300;
/// Items whose neighbours are listed.
const EXAMPLES: usize = 5;
/// Neighbours of each.
const LISTED: usize = 5;

fn name(dataset: &Dataset, item: u32) -> ItemName {
    let of = |names: &Option<Vec<Option<String>>>| names.as_ref()?.get(item as usize)?.clone();
    ItemName { item, id: of(&dataset.item_ids).unwrap_or_else(|| item.to_string()), title: of(&dataset.titles) }
}

/// Places every `I / 300`-th item, in the spaces of the scored width.
pub fn map(dataset: &Dataset, spaces: &Spaces) -> MapRecord {
    let count = dataset.interactions.items.min(ON_MAP);
    let items: Vec<usize> = (0..count).map(|n| n * dataset.interactions.items / count).collect();
    let width = spaces.iter().next().map_or(0, |scored| scored.rows().ncols());
    // Projections are no place where an item is: nothing is scored there.
    let drawn = |space: &&Space| space.is_learned() && space.rows().ncols() == width && !space.name.starts_with("p_");
    let positions =
        |space: &Space| space.rows().select(Axis(0), &items).rows().into_iter().map(|row| row.to_vec()).collect();
    MapRecord {
        items: items.iter().map(|&item| name(dataset, item as u32)).collect(),
        spaces: spaces
            .iter()
            .filter(drawn)
            .map(|space| MapSpace { name: space.name.clone(), positions: positions(space) })
            .collect(),
    }
}

/// Items with a title, from rare to popular, with their neighbours in the scored space, in that of the IDs and in the raw features.
pub fn examples(dataset: &Dataset, spaces: &Spaces, degrees: &[usize]) -> Vec<ExampleRecord> {
    let titled = |item: &u32| dataset.titles.as_ref().is_none_or(|titles| titles[*item as usize].is_some());
    let mut items: Vec<u32> = (0..dataset.interactions.items as u32).filter(titled).collect();
    items.sort_by_key(|&item| (degrees[item as usize], item));
    let count = items.len().min(EXAMPLES);
    // The middle of each of so many equal parts.
    let chosen = (0..count).map(|n| items[(2 * n + 1) * items.len() / (2 * count)]);
    let shown = |space: &&Space| matches!(space.name.as_str(), "final" | "id" | "mm") || !space.is_learned();
    let of = |item: u32| ExampleRecord {
        of: name(dataset, item),
        degree: degrees[item as usize],
        spaces: spaces
            .iter()
            .filter(shown)
            .map(|space| {
                let nearest = space.neighbours[item as usize].iter().take(LISTED);
                let neighbours = nearest.map(|&other| (name(dataset, other), space.cosine(item, other))).collect();
                ExampleSpace { name: space.name.clone(), neighbours }
            })
            .collect(),
    };
    chosen.map(of).collect()
}
