//! A loaded run, ready to answer: nothing of it changes until another one takes its place.

use crate::load_error::LoadError;
use crate::popular::Popular;
use crate::refusal::Refusal;
use crate::scorer::{Scorer, Vectors};
use crate::search::Search;
use crate::spaces::Space;
use anchorrec_data::{Dataset, ItemsByUser, Split, item_images};
use anchorrec_recommender::{Embeddings, UserSums};
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::fold_in::{FoldIn, Way};
use anchorrec_retrieval::names::Names;
use anchorrec_retrieval::table::JsonItems;
use anchorrec_retrieval::{Exclude, Ids, Retriever};
use ndarray::Array2;
use serde::Serialize;
use std::sync::Arc;

/// What is served, as `/run` says it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct About {
    /// The name of the model, or of the closed form.
    pub model: String,
    /// The name of the data set.
    pub data: String,
    /// What ranks, in a few words: `the trained model`, ...
    pub ranking: String,
    /// The seed of the run; nothing for a closed form.
    pub seed: Option<u64>,
    /// The SHA-256 of the weights; nothing for a closed form.
    pub weights_sha256: Option<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// A loaded run.
pub struct Served {
    /// What is said of the run.
    pub about: About,
    /// What makes lists.
    pub scorer: Scorer,
    /// Where items are compared, `final` first; none for a closed form.
    pub spaces: Vec<Space>,
    /// Items by their ids.
    pub items: Ids,
    /// Users by their ids.
    pub users: Ids,
    /// What users are called.
    pub user_names: Vec<String>,
    /// What items are called.
    pub names: Names,
    /// Where the images of items are on the web, where the data set has addresses.
    pub images: Option<Vec<Option<String>>>,
    /// The items as JSON, ready for lists.
    pub json: JsonItems,
    /// Each user's training rows.
    pub train: ItemsByUser,
    /// Each user's rows of all splits.
    pub all: ItemsByUser,
    /// Items by how many took them.
    pub popular: Popular,
    /// Items by words of their ids and titles.
    pub search: Search,
    /// Items that nobody is shown, ascending.
    never: Vec<u32>,
}

impl Served {
    /// Serves a data set with what ranks its items; nobody is shown the items of `never`, ascending, which the scorer and the spaces leave out too.
    ///
    /// # Errors
    /// When the file of images is damaged.
    pub fn new(
        about: About,
        dataset: &Dataset,
        scorer: Scorer,
        spaces: Vec<Space>,
        never: &[u32],
    ) -> Result<Self, LoadError> {
        let interactions = &dataset.interactions;
        let names = Names::of_items(dataset);
        let popular = Popular::new(interactions, never);
        Ok(Served {
            about,
            scorer,
            spaces,
            items: Ids::of_items(dataset),
            users: Ids::of_users(dataset),
            user_names: (0..interactions.users as u32).map(|user| dataset.user_name(user)).collect(),
            images: item_images(&dataset.dir, interactions.items)?,
            json: JsonItems::new(&names),
            search: Search::new(&names, &popular),
            names,
            train: interactions.by_user(Split::Train),
            all: Exclude::All.items(interactions),
            popular,
            never: never.to_vec(),
        })
    }

    /// Serves a data set by the vectors of a trained model, users as `sums` where they are such, with the item spaces of these names and positions `[I, D]`.
    ///
    /// # Errors
    /// When no item is left to recommend, or a file that names items without features cannot be read.
    pub fn by_vectors(
        about: About,
        dataset: &Dataset,
        embeddings: Embeddings<f32>,
        sums: Option<UserSums<f32>>,
        way: Way,
        spaces: Vec<(String, Array2<f32>)>,
    ) -> Result<Self, LoadError> {
        let never = never(dataset, None, &[])?;
        let embeddings = Arc::new(embeddings);
        let vectors = vectors(dataset, embeddings.clone(), sums, way);
        let retriever = Retriever::new(embeddings, &dataset.interactions, Exclude::None, &never);
        let spaces = prepared(dataset, spaces, &never)?;
        Served::new(about, dataset, Scorer::Model(retriever, vectors), spaces, &never)
    }

    /// Finds the numbers of all of these item ids; `place` says where they come from.
    ///
    /// # Errors
    /// When one is not known.
    pub fn find_items(&self, place: &str, ids: &[String]) -> Result<Vec<u32>, Refusal> {
        let found = self.items.find_all(place, ids.iter().map(String::as_str));
        found.map_err(|error| Refusal::new(422, "unknown-items", error.to_string()))
    }

    /// Returns whether an item may be in a list at all.
    pub fn shows(&self, item: u32) -> bool {
        self.never.binary_search(&item).is_err()
    }

    /// Returns where an item's image is, where that is known.
    pub fn image(&self, item: u32) -> Option<&str> {
        self.images.as_ref()?[item as usize].as_deref()
    }

    /// Finds a space by its name.
    pub fn space(&self, name: &str) -> Option<usize> {
        self.spaces.iter().position(|space| space.name == name)
    }
}

/// Prepares where the vectors of users come from.
pub fn vectors(dataset: &Dataset, embeddings: Arc<Embeddings<f32>>, sums: Option<UserSums<f32>>, way: Way) -> Vectors {
    let fold_in = FoldIn::new(way, embeddings.items.clone(), &dataset.interactions);
    Vectors { embeddings, fold_in, sums }
}

/// Prepares spaces; the items of `never`, ascending, are in no list.
///
/// # Errors
/// When a file that names items without features cannot be read.
pub fn prepared(dataset: &Dataset, spaces: Vec<(String, Array2<f32>)>, never: &[u32]) -> Result<Vec<Space>, LoadError> {
    spaces.into_iter().map(|(name, positions)| Space::new(name, &positions, dataset, never)).collect()
}
