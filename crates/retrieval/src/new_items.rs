//! Items that came after training: features in, places in the trained model out; from then on they are items as all others.

use crate::error::RetrievalError;
use crate::filled::filled;
use crate::placement::share::{self, LONGEST, Length};
use crate::placement::{NEIGHBOURS, Profile, Way, place};
use crate::run::Trained;
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_data::{Dataset, Interactions, ItemsByUser, Modality, Split};
use anchorrec_files::counted;
use anchorrec_kernels::rows::gather;
use anchorrec_recommender::Embeddings;
use anchorrec_trainer::ranking::Ranker;
use ndarray::{Array2, ArrayView2, Axis, concatenate, s};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Users whose lists decide how long the vectors of new items are.
const MOST: usize = 2000;
/// Items of those lists.
const TOP: usize = 20;

/// Kinds of features, the one that says most of what people buy first: on Baby, placed by images, a new item is found no better than at random.
const KINDS: [Modality; 3] = [Modality::Text, Modality::Mm, Modality::Vision];

/// Features of one kind for items by their ids.
pub struct Table {
    /// The modality of the features.
    pub modality: Modality,
    /// The file that the features were read from.
    pub path: PathBuf,
    /// An item id for each row.
    pub ids: Vec<String>,
    /// `[rows, width]`, all finite.
    pub rows: Array2<f32>,
}

/// The result of adding new items.
pub struct Added {
    /// The number of known items; new items are numbered from here on.
    pub known: usize,
    /// The kind of features that they were placed by.
    pub modality: Modality,
    /// The features of the new items, of that kind, in the order of their numbers, `[n, W]`.
    pub features: Array2<f32>,
    /// What makes the other part of a new user's vector, where there is one.
    pub profile: Option<Profile>,
    /// What a reader should know.
    pub notes: Vec<Note>,
}

/// Puts the items of `tables` that the model does not know behind those that it knows: in the data set, with their ids, and in the embeddings, where
/// `way` places them. They take the `share` of the places in lists, or else the one that they have in the catalogue. `folder` is where the tables come from.
///
/// # Errors
/// When no table is of a kind that the data set has, a width is another, an id occurs twice, or no item is new.
pub fn add(
    trained: &mut Trained,
    folder: &Path,
    tables: &[Table],
    way: Way,
    share: Option<f64>,
) -> Result<Added, RetrievalError> {
    let Trained { dataset, trained, .. } = trained;
    let mut notes = Vec::new();
    let table = choose(dataset, folder, tables, &mut notes)?;
    let there: HashSet<String> = (0..dataset.interactions.items as u32).map(|item| dataset.item_name(item)).collect();
    let (ids, rows) = new_ones(&there, table, &mut notes)?;
    let placed_ids: HashSet<&String> = ids.iter().collect();
    for other in tables.iter().filter(|other| other.modality != table.modality) {
        let is_left = |id: &&String| !placed_ids.contains(id) && !there.contains(*id);
        let left: Vec<&String> = other.ids.iter().filter(is_left).collect();
        if !left.is_empty() {
            let text = format!(
                "{} no {} features and {} left out",
                either(left.len(), "new item has", "new items have"),
                table.modality,
                either(left.len(), "is", "are")
            );
            notes.push(Note::new(Kind::Dropped, "new-items-without", left.len(), text).with(&left));
        }
    }
    let known = dataset.interactions.items;
    let features = dataset.features.of(table.modality).expect("it was chosen");
    let filled = filled(dataset, table.modality)?;
    let new = gather(&table.rows, &rows);
    let share = share.unwrap_or(ids.len() as f64 / (known + ids.len()) as f64);
    let (embeddings, profile, length) =
        placed(&trained.embeddings, &dataset.interactions, features.view(), &filled, new.view(), way, share);
    if !length.is_reached {
        let text = format!(
            "new items take {} of the places in lists and not the {} that they are to have: their scores are at most {LONGEST} times the best one of a known \
             item, and so they are among the best for no more users",
            per_cent(length.reached),
            per_cent(length.asked)
        );
        notes.push(Note::new(Kind::Missing, "new-items-share", 0u64, text));
    }
    let nowhere: Vec<&String> = (known..)
        .zip(&ids)
        .filter(|(item, _)| embeddings.items.row(*item).iter().all(|&x| x == 0.0))
        .map(|(_, id)| id)
        .collect();
    if !nowhere.is_empty() {
        let text = either(
            nowhere.len(),
            "new item is like no known one and scores 0 for everybody",
            "new items are like no known one and score 0 for everybody",
        );
        notes.push(Note::new(Kind::Odd, "new-items-nowhere", nowhere.len(), text).with(&nowhere));
    }
    trained.embeddings = embeddings;
    name(dataset, ids);
    Ok(Added { known, modality: table.modality, features: new, profile, notes })
}

/// Returns the embeddings of all users and of known and new items, what makes the profiles of new users, and how long new vectors are. `features` are those of the known items,
/// `[I, W]`, of which `filled` have none of their own; `new` those of new ones, `[n, W]`. Users without a training item keep a vector without profile.
///
/// # Panics
/// When shapes do not fit.
pub fn placed(
    trained: &Embeddings<f32>,
    interactions: &Interactions,
    features: ArrayView2<f32>,
    filled: &[u32],
    new: ArrayView2<f32>,
    way: Way,
    share: f64,
) -> (Embeddings<f32>, Option<Profile>, Length) {
    let train = interactions.by_user(Split::Train);
    let mut bought = vec![false; trained.items.nrows()];
    interactions.train.iter().for_each(|pair| bought[pair.item as usize] = true);
    let known: Vec<u32> = (0..trained.items.nrows() as u32)
        .filter(|&item| bought[item as usize] && filled.binary_search(&item).is_err())
        .collect();
    let mut rows = place(features, &known, trained.items.view(), new, NEIGHBOURS);
    let mut users = trained.users.clone();
    let profile = (way == Way::Blend).then(|| Profile::new(features, filled, trained.items.view()));
    let mut width = 0;
    if let Some(profile) = &profile {
        width = profile.width();
        let profiles = profile.of_users(users.view(), |user| train.of(user as u32));
        users = beside(users.view(), profiles.view());
        rows = beside(rows.view(), Profile::of_items(new).view());
    }
    let length = length(trained, &train, users.view(), rows.view(), share);
    rows *= length.scale;
    let none = Array2::zeros((trained.items.nrows(), width));
    let items = concatenate(Axis(0), &[beside(trained.items.view(), none.view()).view(), rows.view()]);
    (Embeddings { users, items: items.expect("as many numbers in a row") }, profile, length)
}

/// `6.3 %`.
fn per_cent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Columns side by side.
pub fn beside(left: ArrayView2<f32>, right: ArrayView2<f32>) -> Array2<f32> {
    let mut both = Array2::zeros((left.nrows(), left.ncols() + right.ncols()));
    both.slice_mut(s![.., ..left.ncols()]).assign(&left);
    both.slice_mut(s![.., left.ncols()..]).assign(&right);
    both
}

/// Returns what new `rows` `[n, D]` are multiplied by to take the `share` of places, judged by the lists of users spread over all who have an item of
/// `train`. `users` `[U, D]` score new rows; known items are scored by the `trained` vectors.
///
/// # Panics
/// When shapes do not fit.
pub fn length(
    trained: &Embeddings<f32>,
    train: &ItemsByUser,
    users: ArrayView2<f32>,
    rows: ArrayView2<f32>,
    share: f64,
) -> Length {
    let all = train.users_with_items();
    let some: Vec<u32> = all.iter().copied().step_by(all.len().div_ceil(MOST).max(1)).collect();
    let known = Ranker::new(trained.items.view(), &[]);
    let known = known.best(&some, TOP, |some| gather(&trained.users, some), |user| train.of(user));
    let new = Ranker::new(rows, &[]).best(&some, TOP, |some| gather(&users, some), |_| &[]);
    share::scale(&known, &new, share)
}

/// The table to place by.
fn choose<'a>(
    dataset: &Dataset,
    folder: &Path,
    tables: &'a [Table],
    notes: &mut Vec<Note>,
) -> Result<&'a Table, RetrievalError> {
    let of = |kind| tables.iter().find(|table| table.modality == kind);
    let has = |kind: &Modality| dataset.features.of(*kind).is_some();
    let Some(table) = KINDS.into_iter().filter(has).find_map(of) else {
        let kinds: Vec<String> = KINDS.into_iter().filter(has).map(|kind| kind.to_string()).collect();
        let expected = match kinds.is_empty() {
            true => "a run on data with item features: this one has none, so nothing says where a new item belongs"
                .to_owned(),
            false => format!("features of new items of a kind that the data set of the run has: {}", kinds.join(", ")),
        };
        let found: Vec<String> = tables.iter().map(|table| table.modality.to_string()).collect();
        let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
        return Err(RetrievalError::Table { path: folder.to_owned(), expected, found });
    };
    let width = dataset.features.of(table.modality).map_or(0, Array2::ncols);
    if table.rows.ncols() != width {
        return Err(RetrievalError::Table {
            path: table.path.clone(),
            expected: format!("{} features as wide as those of the run's data set, {width}", table.modality),
            found: format!("{}", table.rows.ncols()),
        });
    }
    let others: Vec<String> = tables
        .iter()
        .filter(|other| other.modality != table.modality)
        .map(|other| format!("{} ({})", other.modality, other.path.display()))
        .collect();
    if !others.is_empty() {
        let text = format!(
            "{} not used: new items are placed by {} features alone",
            either(others.len(), "file of features is", "files of features are"),
            table.modality
        );
        notes.push(Note::new(Kind::Ignored, "features-not-used", others.len(), text).with(&others));
    }
    Ok(table)
}

/// The ids of items that are not `known`, and their rows.
fn new_ones(
    known: &HashSet<String>,
    table: &Table,
    notes: &mut Vec<Note>,
) -> Result<(Vec<String>, Vec<u32>), RetrievalError> {
    let wrong = |expected: &str, found| RetrievalError::Table {
        path: table.path.clone(),
        expected: expected.to_owned(),
        found,
    };
    let (mut seen, mut ids, mut rows) = (HashSet::new(), Vec::new(), Vec::new());
    for (id, row) in table.ids.iter().zip(0..) {
        if !seen.insert(id) {
            return Err(wrong("each item once", format!("{id:?} twice")));
        }
        if !known.contains(id) {
            ids.push(id.clone());
            rows.push(row);
        }
    }
    let old = table.ids.len() - ids.len();
    if ids.is_empty() {
        let found = counted(old, "row of an item, which it knows", "rows of items, all of which it knows");
        return Err(wrong("features of an item that the model does not know", found));
    }
    if old > 0 {
        let names: Vec<&String> = table.ids.iter().filter(|id| known.contains(*id)).collect();
        let text = either(
            old,
            "row is of an item that the model knows, which stays where training put it",
            "rows are of items that the model knows, which stay where training put them",
        );
        notes.push(Note::new(Kind::Ignored, "known-items", old, text).with(&names));
    }
    Ok((ids, rows))
}

/// Gives the next numbers to these items.
fn name(dataset: &mut Dataset, ids: Vec<String>) {
    let items = dataset.interactions.items;
    dataset.interactions.items += ids.len();
    if let Some(titles) = &mut dataset.titles {
        titles.resize(items + ids.len(), None);
    }
    let names = dataset.item_ids.get_or_insert_with(|| vec![None; items]);
    names.resize(items, None);
    names.extend(ids.into_iter().map(Some));
}
