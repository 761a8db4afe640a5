//! Values of the official implementation (PyTorch, float64), read from files.
//!
//! The folder is the environment variable `ANCHORREC_GOLDEN_DIR` when that is set, else the copy in this
//! crate. A test takes *every* file that matches its pattern, and every size and setting from the files.

use crate::Rounding;
use ndarray::{Array2, s};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Returns the folder that the golden files are read from.
pub fn dir() -> PathBuf {
    match std::env::var_os("ANCHORREC_GOLDEN_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("golden"),
    }
}

/// One golden file.
pub struct Golden {
    /// File name without folder and ending: `anchorrec_L1_ln0`.
    pub name: String,
    /// The parsed JSON.
    pub value: Value,
}

/// Reads every `.json` file of [`dir`] whose stem `matches`, by name.
///
/// # Panics
/// When none matches (a test that looks at nothing must not pass) or one cannot be read.
pub fn files(matches: impl Fn(&str) -> bool) -> Vec<Golden> {
    let dir = dir();
    let entries = std::fs::read_dir(&dir).unwrap_or_else(|e| panic!("golden folder {}: {e}", dir.display()));
    let mut found: Vec<Golden> = entries
        .map(|entry| entry.expect("a readable golden folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .filter_map(|path| {
            let name = path.file_stem()?.to_str()?.to_owned();
            matches(&name).then(|| Golden { value: read(&path), name })
        })
        .collect();
    assert!(!found.is_empty(), "no golden file matches in {}", dir.display());
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Reads the file of that stem, if the folder has it.
pub fn file(name: &str) -> Option<Golden> {
    let path = dir().join(format!("{name}.json"));
    path.exists().then(|| Golden { name: name.to_owned(), value: read(&path) })
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Reads a number.
#[track_caller]
pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number, not {value}"))
}

/// Reads a count or an index.
#[track_caller]
pub fn count(value: &Value) -> usize {
    value.as_u64().unwrap_or_else(|| panic!("a count, not {value}")) as usize
}

/// Reads a list of indices.
#[track_caller]
pub fn indices(value: &Value) -> Vec<u32> {
    let list = value.as_array().unwrap_or_else(|| panic!("a list, not {value}"));
    list.iter().map(|v| count(v) as u32).collect()
}

/// Reads a list of lists of indices, of any lengths: pairs, positives by user.
#[track_caller]
pub fn index_lists(value: &Value) -> Vec<Vec<u32>> {
    let list = value.as_array().unwrap_or_else(|| panic!("a list, not {value}"));
    list.iter().map(indices).collect()
}

/// Reads a matrix; a plain list (a bias) becomes one row, and a list of one matrix is that matrix.
#[track_caller]
pub fn matrix(value: &Value) -> Array2<f64> {
    let list = value.as_array().unwrap_or_else(|| panic!("a matrix, not {value}"));
    if let [only] = &list[..]
        && only[0].is_array()
    {
        return matrix(only);
    }
    if list.first().is_some_and(Value::is_number) {
        return Array2::from_shape_fn((1, list.len()), |(_, j)| number(&list[j]));
    }
    let cols = list.first().and_then(Value::as_array).map_or(0, Vec::len);
    Array2::from_shape_fn((list.len(), cols), |(i, j)| number(&list[i][j]))
}

/// Reads a sparse matrix in coordinate form (`shape`, `rows`, `cols`, `vals`) and makes it dense; repeats add up.
#[track_caller]
pub fn sparse(value: &Value) -> Array2<f64> {
    let shape = indices(&value["shape"]);
    let mut dense = Array2::zeros((shape[0] as usize, shape[1] as usize));
    let (rows, cols) = (indices(&value["rows"]), indices(&value["cols"]));
    let values = value["vals"].as_array().expect("vals");
    for ((&r, &c), v) in rows.iter().zip(&cols).zip(values) {
        dense[[r as usize, c as usize]] += number(v);
    }
    dense
}

/// The interactions and batches that several model cases of a golden folder share: `tiny_data.json` unless a case names another file.
pub struct TinyData {
    /// The number of users.
    pub users: usize,
    /// The number of items.
    pub items: usize,
    /// Training pairs `(user, item)`.
    pub pairs: Vec<(u32, u32)>,
    /// Users, positives and negatives of each batch.
    pub batches: Vec<[Vec<u32>; 3]>,
    /// The parsed JSON, which has features too.
    pub file: Value,
}

impl TinyData {
    /// Reads them from the golden folder, as a case's `meta.data` names them.
    ///
    /// # Panics
    /// When there is none.
    pub fn of(case: &Value) -> Self {
        let name = case["meta"].get("data").map_or("tiny_data", |name| name.as_str().expect("meta.data: a file name"));
        let data = file(name.trim_end_matches(".json")).unwrap_or_else(|| panic!("{name} beside the cases")).value;
        let batches = data["batches"].as_array().expect("batches");
        TinyData {
            users: count(&data["n_users"]),
            items: count(&data["n_items"]),
            pairs: index_lists(&data["train"]).iter().map(|pair| (pair[0], pair[1])).collect(),
            batches: batches.iter().map(|b| ["users", "pos", "neg"].map(|key| indices(&b[key]))).collect(),
            file: data,
        }
    }
}

/// One training step of an official model: settings, parameters and values, on the interactions that it names.
pub struct Case {
    /// File name without folder and ending: `lightgcn_L2`.
    pub name: String,
    /// The parsed JSON.
    pub file: Value,
    /// Interactions and batches.
    pub data: TinyData,
}

impl From<Golden> for Case {
    /// Reads the interactions that the file names.
    ///
    /// # Panics
    /// When there are none.
    fn from(golden: Golden) -> Self {
        Case { data: TinyData::of(&golden.value), name: golden.name, file: golden.value }
    }
}

impl Case {
    /// Returns a name for messages.
    pub fn label(&self, what: &str) -> String {
        format!("{} {what}", self.name)
    }

    /// Returns what gradients of this case may keep of numbers that cancel; `grads` are the official ones, by name.
    ///
    /// A gradient adds up at most a number for each positive and negative of the batch, or for each user and item of a graph. It is made of what
    /// reaches the other weights: the largest of their gradients stands for the largest of those numbers.
    pub fn rounding(&self, grads: &Value) -> Rounding {
        let all = grads.as_object().expect("gradients by name").values().filter(|grad| !grad.is_null());
        let largest = all.flat_map(|grad| matrix(grad).into_iter()).fold(0.0f64, |largest, g| largest.max(g.abs()));
        let triples = self.data.batches.iter().map(|batch| batch[0].len()).max().unwrap_or(0);
        Rounding { summands: (2 * triples).max(self.data.users + self.data.items), largest }
    }
}

/// `[[0, R], [C, 0]]`: the adjacency matrix of users and items, users first, of its two blocks.
pub fn adjacency(users_to_items: &Array2<f64>, items_to_users: &Array2<f64>) -> Array2<f64> {
    let (users, items) = users_to_items.dim();
    let mut whole = Array2::zeros((users + items, users + items));
    whole.slice_mut(s![..users, users..]).assign(users_to_items);
    whole.slice_mut(s![users.., ..users]).assign(items_to_users);
    whole
}
