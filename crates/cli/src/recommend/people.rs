//! Whom to recommend to: users of the data set, or new ones.

use super::options::RecommendOptions;
use crate::finished::ids_of_file;
use anchorrec_data::{Dataset, Split, few};
use anchorrec_files::counted;
use anchorrec_retrieval::histories::{self, Histories};
use anchorrec_retrieval::people::known;
use anchorrec_retrieval::{Exclude, Ids};
use anyhow::Result;
use std::path::Path;

/// Returns the users to recommend to, each once; none without a training row.
pub fn users(options: &RecommendOptions, dataset: &Dataset) -> Result<Vec<u32>> {
    let (place, wanted) = match &options.users {
        Some(path) => (path.display().to_string(), ids_of_file(path, &Ids::of_users(dataset))?),
        None if !options.user.is_empty() => {
            let named = options.user.iter().map(String::as_str);
            ("--user".to_owned(), Ids::of_users(dataset).find_all("--user", named)?)
        }
        None => {
            let known = dataset.interactions.by_user(Split::Train).users_with_items();
            let without = dataset.interactions.users - known.len();
            if without > 0 {
                eprintln!("note: {} no training row and no list", counted(without, "user has", "users have"));
            }
            return Ok(known);
        }
    };
    Ok(known(dataset, &place, wanted)?)
}

/// Reads who took what, of users whom the model does not know.
pub fn new_users(path: &Path, dataset: &Dataset) -> Result<Histories> {
    let histories = histories::read(path, &Ids::of_items(dataset))?;
    if histories.repeats > 0 {
        eprintln!(
            "note: {}: {} an item of the same user and counts once",
            path.display(),
            counted(histories.repeats, "row repeats", "rows repeat")
        );
    }
    let users = Ids::of_users(dataset);
    let known: Vec<&String> = histories.users.iter().filter(|user| users.find(user).is_some()).collect();
    if !known.is_empty() {
        eprintln!(
            "note: {}: {}, whose list is made of the rows of this file alone and not of what was trained: {}",
            path.display(),
            counted(known.len(), "user is known to the data set", "users are known to the data set"),
            few(&known, known.len())
        );
    }
    Ok(histories)
}

/// Returns what is left out of the lists of new users.
pub fn own(options: &RecommendOptions, histories: &Histories) -> Vec<Vec<u32>> {
    match options.items.exclude() {
        Exclude::None => vec![Vec::new(); histories.users.len()],
        Exclude::Train | Exclude::All => histories.items.clone(),
    }
}
