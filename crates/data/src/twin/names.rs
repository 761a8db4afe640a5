//! Names for things that do not exist.

const MANNERS: [&str; 12] = [
    "Quiet", "Copper", "Folding", "Northern", "Striped", "Little", "Amber", "Double", "Woven", "Bright", "Oak", "Plain",
];
const THINGS: [&str; 16] = [
    "Lantern", "Kettle", "Ladder", "Whistle", "Basket", "Compass", "Blanket", "Hammer", "Teapot", "Sled", "Easel",
    "Drum", "Rope", "Saddle", "Mirror", "Kite",
];

/// An id that looks like no shop's: `TWIN0000017`.
pub(crate) fn external_id(item: usize) -> String {
    format!("TWIN{item:07}")
}

/// Items of a topic are the same kind of thing, `Copper Lantern 17`: a person can see whether neighbours make sense.
pub(crate) fn title(item: usize, topic: u32) -> String {
    let topic = topic as usize;
    let (manner, thing) = (MANNERS[topic / THINGS.len() % MANNERS.len()], THINGS[topic % THINGS.len()]);
    format!("{manner} {thing} {item}")
}
