//! File names that look like item features, or like tables beside interactions: a file with such a name that is not read gets a note.

use std::ffi::OsStr;
use std::path::Path;

/// Words that say so.
const WORDS: &[&str] = &[
    "acoustic",
    "audio",
    "emb",
    "embs",
    "fused",
    "image",
    "images",
    "img",
    "imgs",
    "mm",
    "multimodal",
    "photo",
    "photos",
    "picture",
    "pictures",
    "text",
    "texts",
    "title",
    "titles",
    "vec",
    "vecs",
    "video",
    "videos",
    "vision",
    "visual",
    "visuals",
];
/// What says so anywhere in a name: `ImageFeatures`.
const PARTS: &[&str] = &["embed", "feat", "vector"];
/// Endings of what is never features.
const OTHERS: &[&str] = &[
    "gif", "htm", "html", "inter", "ipynb", "jpeg", "jpg", "lock", "log", "md", "md5", "pdf", "png", "py", "rst", "sh",
    "sha256", "svg", "toml", "webp", "yaml", "yml",
];
/// Endings of arrays, and of tables of them, in formats of any library.
const ARRAYS: &[&str] = &[
    "npy",
    "npz",
    "safetensors",
    "parquet",
    "pq",
    "pt",
    "pth",
    "pkl",
    "pickle",
    "joblib",
    "h5",
    "hdf5",
    "mat",
    "feather",
    "arrow",
    "ipc",
    "orc",
    "zarr",
    "lmdb",
    "mdb",
];

/// Returns whether the name of a file or folder says that it holds features.
///
/// ```
/// use anchorrec_data::looks::by_name;
/// use std::path::Path;
///
/// assert!(["image_feat", "text.bin", "VisualFeatures.zip", "item-embeddings"].iter().all(|name| by_name(Path::new(name))));
/// assert!(["context.csv", "README.md", "clicks.tsv", "text_model.log"].iter().all(|name| !by_name(Path::new(name))));
/// ```
pub fn by_name(path: &Path) -> bool {
    let name = lower(path.file_name());
    let mut words = name.split(|c: char| !c.is_ascii_alphabetic());
    let says = PARTS.iter().any(|part| name.contains(part)) || words.any(|word| WORDS.contains(&word));
    says && !OTHERS.contains(&lower(path.extension()).as_str())
}

/// Returns whether the ending of a file is that of arrays, or of a table that may hold them.
pub fn by_ending(path: &Path) -> bool {
    ARRAYS.contains(&lower(path.extension()).as_str())
}

/// Returns whether a file is a table of users, items or their relations, as RecBole's and LightGCN's layouts have them beside interactions.
///
/// ```
/// use anchorrec_data::looks::is_table_beside;
/// use std::path::Path;
///
/// assert!(["ml.user", "ml.item", "ml.kg", "user_list.txt"].iter().all(|name| is_table_beside(Path::new(name))));
/// assert!(!is_table_beside(Path::new("ml.inter")) && !is_table_beside(Path::new("notes.txt")));
/// ```
pub fn is_table_beside(path: &Path) -> bool {
    ["user", "item", "kg", "link", "net"].contains(&lower(path.extension()).as_str())
        || ["user_list.txt", "item_list.txt"].contains(&lower(path.file_name()).as_str())
}

fn lower(name: Option<&OsStr>) -> String {
    name.unwrap_or_default().to_string_lossy().to_lowercase()
}
