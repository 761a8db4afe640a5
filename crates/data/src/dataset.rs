//! A folder of files to a data set that can be trained on, or to the reason why not.

use crate::item_images::ITEM_IMAGES;
use crate::{
    DataError, Findings, Input, Interactions, Modality, Split,
    error::{Bound, BoundBy, FileProblem},
    findings::ZeroRows,
    index, inter, items, looks, mapping, npy,
};
use ndarray::Array2;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The file that marks a folder as made up; see [`twin`](crate::twin).
pub const SYNTHETIC: &str = "SYNTHETIC";

/// Everything that is known about one data set.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # std::fs::write(folder.path().join("shop.inter"), "userID\titemID\tx_label\n0\t0\t0\n")?;
/// let data = anchorrec_data::Dataset::load(folder.path())?;
/// for note in data.notes() {
///     println!("{note}"); // what is unusual but not wrong
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The stem of the `.inter` file.
    pub name: String,
    /// The folder that the data set was read from.
    pub dir: PathBuf,
    /// The interactions of users and items, in three splits.
    pub interactions: Interactions,
    /// The features of items.
    pub features: Arc<Features>,
    /// External ids by item, where known.
    pub item_ids: Option<Vec<Option<String>>>,
    /// External ids by user.
    pub user_ids: Option<Vec<String>>,
    /// Titles by item, where known.
    pub titles: Option<Vec<Option<String>>>,
    /// Every file that was read: interactions, features, mappings, titles, the mark.
    pub inputs: Vec<Input>,
    /// What is unusual about the data, counted.
    pub findings: Findings,
    /// Ids without a user or item behind them.
    pub phantoms: Phantoms,
    /// Whether the folder holds the file [`SYNTHETIC`].
    pub synthetic: bool,
    /// Files and folders that look like features and were not read, by name.
    pub unread: Vec<String>,
    /// Tables of users, items or their relations, as other layouts have them beside interactions, that were not read, by name.
    pub unread_tables: Vec<String>,
    /// Columns of the interactions that were not read, by name; ratings and times are never read and not among them.
    pub unread_columns: Vec<String>,
}

/// Item features, each `[items, width]`, each optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Features of image and text fused.
    pub mm: Option<Array2<f32>>,
    /// Text features.
    pub text: Option<Array2<f32>>,
    /// Image features.
    pub vision: Option<Array2<f32>>,
}

impl Features {
    /// Returns the features of one kind.
    pub fn of(&self, modality: Modality) -> Option<&Array2<f32>> {
        match modality {
            Modality::Mm => self.mm.as_ref(),
            Modality::Text => self.text.as_ref(),
            Modality::Vision => self.vision.as_ref(),
        }
    }
}

/// Ids that no row, no feature, no mapping and no title mentions: gaps in the numbers, such as 0 if ids count from 1. They have a row in
/// every table of embeddings, but nothing else: such an item is never recommended, such a user gets no list.
///
/// A row of features that is all zero mentions nobody: it is what fills the place of an id that is none, as RecBole's `[PAD]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phantoms {
    /// The users, ascending.
    pub users: Vec<u32>,
    /// The items, ascending.
    pub items: Vec<u32>,
}

impl Phantoms {
    /// `mentioned` are the users and items that have a row.
    fn of(
        mentioned: &[Vec<bool>; 2],
        ids: &Ids,
        titles: Option<&[Option<String>]>,
        featured: &dyn Fn(usize) -> bool,
    ) -> Self {
        let nobody = |mentioned: &[bool], known: &dyn Fn(usize) -> bool| -> Vec<u32> {
            let ids = (0..mentioned.len()).filter(|&id| !mentioned[id] && !known(id));
            ids.map(|id| id as u32).collect()
        };
        let is_named = |names: Option<&[Option<String>]>, id: usize| {
            names.is_some_and(|names| names.get(id).is_some_and(Option::is_some))
        };
        let item = |id| featured(id) || is_named(ids.items.as_deref(), id) || is_named(titles, id);
        Phantoms { users: nobody(&mentioned[0], &|_| ids.users.is_some()), items: nobody(&mentioned[1], &item) }
    }
}

type Matrix = Option<(Array2<f32>, Input)>;

impl Dataset {
    /// Reads a folder; the [crate] says which files and what makes them unfit.
    ///
    /// # Errors
    /// With the first problem: interactions before features before names.
    pub fn load(dir: &Path) -> Result<Dataset, DataError> {
        Self::load_with(dir, &[])
    }

    /// Reads a folder, with some features from files elsewhere instead of its own: a run knows them by the usual names.
    ///
    /// # Errors
    /// As [`load`](Self::load), and when one of those files is not there.
    pub fn load_with(dir: &Path, elsewhere: &[(Modality, PathBuf)]) -> Result<Dataset, DataError> {
        Self::read(dir, elsewhere, |split| split)
    }

    /// Reads a folder with every row, of whatever split, as a training row: for a model that is trained on all that is known. Nothing is left to
    /// judge it by, and no user is without a training row who has any.
    ///
    /// # Errors
    /// As [`load_with`](Self::load_with).
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # std::fs::write(folder.path().join("shop.inter"), "userID\titemID\tx_label\n0\t0\t0\n0\t1\t2\n")?;
    /// use anchorrec_data::Dataset;
    ///
    /// let split = Dataset::load(folder.path())?.interactions;
    /// let whole = Dataset::load_whole(folder.path(), &[])?.interactions;
    /// assert_eq!((split.train.len(), split.test.len()), (1, 1));
    /// assert_eq!((whole.train.len(), whole.test.len()), (2, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load_whole(dir: &Path, elsewhere: &[(Modality, PathBuf)]) -> Result<Dataset, DataError> {
        Self::read(dir, elsewhere, |_| Split::Train)
    }

    /// Reads a folder; `taken_as` says what a row of a split counts as.
    fn read(dir: &Path, elsewhere: &[(Modality, PathBuf)], taken_as: fn(Split) -> Split) -> Result<Dataset, DataError> {
        let (name, inter_path) = find_inter(dir)?;
        let read_features = |modality: Modality| match elsewhere.iter().find(|(of, _)| *of == modality) {
            None => optional(&dir.join(modality.file_name()), npy::read),
            Some((_, path)) => {
                let (matrix, input) = npy::read(path)?;
                Ok(Some((matrix, Input { name: modality.file_name().to_owned(), ..input })))
            }
        };
        let ((rows, names), (mm, (text, vision))) = rayon::join(
            || rayon::join(|| inter::read(&inter_path), || Names::read(dir)),
            || {
                let text_and_vision =
                    || rayon::join(|| read_features(Modality::Text), || read_features(Modality::Vision));
                rayon::join(|| read_features(Modality::Mm), text_and_vision)
            },
        );
        let (mut rows, matrices, names) = (rows?, [mm?, text?, vision?], names?);
        rows.rows.iter_mut().for_each(|(_, split)| *split = taken_as(*split));
        let feature_bound = agree(&matrices)?;
        let ids = names.ids(feature_bound)?;
        let (interactions, untrained) = index::index(&rows, ids.user_bound.clone(), ids.item_bound.clone())?;
        let from_ids = || Bound { count: interactions.items, by: BoundBy::IdsOf(format!("{name}.inter")) };
        let title_bound = ids.item_bound.clone().unwrap_or_else(from_ids);
        let titles = names.titles.as_ref().map(|titles| titles.titles(&title_bound)).transpose()?;

        let is_there = |row: &ndarray::ArrayView1<f32>| row.iter().any(|&x| x != 0.0);
        let featured = |id: usize| matrices.iter().flatten().any(|(matrix, _)| is_there(&matrix.row(id)));
        let phantoms = Phantoms::of(&untrained.mentioned, &ids, titles.as_deref(), &featured);
        let unknown =
            |list: &Option<Vec<Option<String>>>| list.iter().flatten().filter(|entry| entry.is_none()).count();
        let absent = |&(_, matrix): &(Modality, &Matrix)| matrix.is_none();
        let zeros = matrices.each_ref().map(|matrix| matrix.as_ref().map_or(0, |(matrix, _)| npy::zero_rows(matrix)));
        let findings = Findings {
            users_without_train: untrained.users,
            dropped_valid: untrained.dropped_valid,
            dropped_test: untrained.dropped_test,
            items_without_train: untrained.items,
            items_without_external_id: unknown(&ids.items),
            items_without_title: unknown(&titles),
            phantom_users: phantoms.users.len(),
            phantom_items: phantoms.items.len(),
            zero_rows: ZeroRows { mm: zeros[0], text: zeros[1], vision: zeros[2] },
            absent: Modality::ALL.into_iter().zip(&matrices).filter(absent).map(|(modality, _)| modality).collect(),
        };
        let mut inputs = vec![rows.input];
        inputs.extend(matrices.iter().flatten().map(|(_, input)| input.clone()));
        inputs.extend(names.items.map(|mapping| mapping.input));
        inputs.extend(names.users.map(|mapping| mapping.input));
        inputs.extend(names.titles.map(|titles| titles.input));
        let mark = optional(&dir.join(SYNTHETIC), crate::open::fingerprint)?;
        let synthetic = mark.is_some();
        inputs.extend(mark);
        let (unread, unread_tables) = unread(dir, &inputs)?;
        let [mm, text, vision] = matrices.map(|matrix| matrix.map(|(matrix, _)| matrix));
        Ok(Dataset {
            name,
            dir: dir.to_owned(),
            interactions,
            features: Arc::new(Features { mm, text, vision }),
            item_ids: ids.items,
            user_ids: ids.users,
            titles,
            inputs,
            findings,
            phantoms,
            synthetic,
            unread,
            unread_tables,
            unread_columns: rows.unread,
        })
    }
}

/// The optional files that name things.
struct Names {
    items: Option<mapping::Mapping>,
    users: Option<mapping::Mapping>,
    titles: Option<items::Items>,
}

/// Names by id, and what they say about the number of ids.
struct Ids {
    items: Option<Vec<Option<String>>>,
    users: Option<Vec<String>>,
    item_bound: Option<Bound>,
    user_bound: Option<Bound>,
}

const ITEM_MAPPING: &str = "i_id_mapping.csv";
const USER_MAPPING: &str = "u_id_mapping.csv";

impl Names {
    fn read(dir: &Path) -> Result<Names, DataError> {
        Ok(Names {
            items: optional(&dir.join(ITEM_MAPPING), |path| mapping::read(path, "itemID"))?,
            users: optional(&dir.join(USER_MAPPING), |path| mapping::read(path, "userID"))?,
            titles: optional(&dir.join("items.jsonl"), items::read)?,
        })
    }

    /// Features say how many items there are; without them the mapping does.
    fn ids(&self, feature_bound: Option<Bound>) -> Result<Ids, DataError> {
        let rows = |mapping: &mapping::Mapping, file: &str| Bound {
            count: mapping.len(),
            by: BoundBy::RowsOf(file.to_owned()),
        };
        let items = self.items.as_ref().map(|mapping| mapping.by_id(feature_bound.clone())).transpose()?;
        let users = self.users.as_ref().map(|mapping| mapping.by_id(None)).transpose()?;
        Ok(Ids {
            items,
            // As many rows as ids and none twice: there is no gap.
            users: users.and_then(|users| users.into_iter().collect()),
            item_bound: feature_bound.or_else(|| self.items.as_ref().map(|mapping| rows(mapping, ITEM_MAPPING))),
            user_bound: self.users.as_ref().map(|mapping| rows(mapping, USER_MAPPING)),
        })
    }
}

/// The number of rows that all feature files agree on.
fn agree(matrices: &[Matrix; 3]) -> Result<Option<Bound>, DataError> {
    let mut first: Option<(&Input, usize)> = None;
    for (matrix, input) in matrices.iter().flatten() {
        let rows = matrix.nrows();
        match first {
            None => first = Some((input, rows)),
            Some((_, same)) if same == rows => {}
            Some((other, first_rows)) => {
                return Err(DataError::RowsDiffer {
                    first: other.path.clone(),
                    first_rows,
                    second: input.path.clone(),
                    second_rows: rows,
                });
            }
        }
    }
    Ok(first.map(|(input, count)| Bound { count, by: BoundBy::RowsOf(input.name.clone()) }))
}

/// Reads a file if the folder has an entry of that name. A link that leads nowhere is an entry, and an error.
fn optional<T>(path: &Path, read: impl FnOnce(&Path) -> Result<T, DataError>) -> Result<Option<T>, DataError> {
    match fs::symlink_metadata(path) {
        Ok(_) => read(path).map(Some),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DataError::Io { path: path.to_owned(), action: "read", source }),
    }
}

/// What of a folder looks like features and was not read, and which tables of other layouts were not. What an option replaces, and what a
/// preparation writes beside features, is no such thing.
fn unread(dir: &Path, inputs: &[Input]) -> Result<(Vec<String>, Vec<String>), DataError> {
    let io = |source| DataError::Io { path: dir.to_owned(), action: "list", source };
    let (mut unread, mut tables) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(dir).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let usual = |modality: Modality| name == modality.file_name() || name == modality.missing_file();
        let known = inputs.iter().any(|input| input.path == path)
            || Modality::ALL.into_iter().any(usual)
            || name == "items_text.jsonl"
            || name == ITEM_IMAGES
            || name.starts_with('.');
        if !known && (looks::by_ending(&path) || looks::by_name(&path)) {
            unread.push(name);
        } else if !known && looks::is_table_beside(&path) {
            tables.push(name);
        }
    }
    unread.sort();
    tables.sort();
    Ok((unread, tables))
}

/// The one file of interactions, and the name it gives to the data set.
fn find_inter(dir: &Path) -> Result<(String, PathBuf), DataError> {
    let io = |source| DataError::Io { path: dir.to_owned(), action: "list", source };
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.extension().is_some_and(|ending| ending == "inter") {
            found.push(path);
        }
    }
    found.sort();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match &found[..] {
        [] => Err(DataError::NoInter { dir: dir.to_owned() }),
        [path] => match path.file_stem().and_then(|stem| stem.to_str()) {
            Some("." | "..") => Err(DataError::File { path: path.clone(), problem: FileProblem::NameIsDots }),
            Some(stem) => Ok((stem.to_owned(), path.clone())),
            None => Err(DataError::File { path: path.clone(), problem: FileProblem::NameNotUtf8 }),
        },
        _ => Err(DataError::SeveralInter { dir: dir.to_owned(), found: found.iter().map(|path| name(path)).collect() }),
    }
}
