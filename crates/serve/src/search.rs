//! Finds items by words of their ids and titles.

use crate::popular::Popular;
use anchorrec_retrieval::names::Names;
use std::collections::BTreeSet;

/// The ids and titles of all items that may be shown, in lower case, made once when a run is loaded.
pub struct Search(Vec<(u32, Box<str>)>);

impl Search {
    /// Takes the items in their order of popularity.
    pub fn new(names: &Names, popular: &Popular) -> Self {
        let text = |item| format!("{} {}", names.id(item), names.title(item).unwrap_or_default()).to_lowercase();
        Search(popular.all().map(|item| (item, text(item).into_boxed_str())).collect())
    }

    /// Finds the items whose id or title holds all the words, in any case, the most popular first; without a word the most popular items.
    pub fn find(&self, words: &BTreeSet<String>, most: usize) -> Vec<u32> {
        let holds = |text: &str| words.iter().all(|word| text.contains(word.as_str()));
        self.0.iter().filter(|(_, text)| holds(text)).map(|&(item, _)| item).take(most).collect()
    }
}

/// Returns the words of a search, each once, in lower case.
pub fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(str::to_lowercase).collect()
}
