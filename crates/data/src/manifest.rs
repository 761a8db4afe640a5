//! `manifest.toml` of a published data set: what it should be, which files are known, what others reached on it.
//!
//! ```toml
//! name = "amazon-sports"
//! title = "Amazon Sports and Outdoors (2014, 5-core)"
//! aliases = ["sports"]     # what its folder is called elsewhere; optional
//! [counts]
//! users = 35598
//! items = 18357
//! interactions = 296337
//! [widths]                 # as published; each optional
//! mm = 768
//! text = 384
//! vision = 4096
//! [twin]
//! scale = 1.0              # default scale of the synthetic twin
//! settings.train.patience = 5   # for every model that is trained on it, over [settings]; optional
//! [[file]]                 # a file that is known by its bytes
//! name = "text_feat.npy"
//! sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
//! provenance = "derived"   # or "real" or "synthetic"
//! note = "rebuilt from the published neighbour graph"
//! [[source]]               # a raw file, and where it can be had
//! file = "ratings_Sports_and_Outdoors.csv"
//! mirrors = ["https://example.org/ratings_Sports_and_Outdoors.csv"]   # https, http, file; the first is tried first
//! bytes = 1024             # optional
//! sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"   # optional
//! licence = "research use, see the page of its authors"
//! optional = true          # the data set can be made without it; false if not said
//! note = "not fetched from here yet"   # optional
//! [[reference]]            # a published result
//! model = "FREEDOM"
//! recall20 = 0.1089
//! ndcg20 = 0.0481          # optional
//! split = "random 8:1:1"
//! features = "published"
//! note = "test-selected"   # optional
//! [settings]               # handed to the trainer's configuration as it is
//! learning_rate = 0.001
//! ```
//!
//! Unknown keys are errors, except under `[settings]`, whose owner checks them.

use crate::{
    DataError, Input, Modality,
    dataset::SYNTHETIC,
    error::{Excerpt, FileProblem, one_line},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::{io::Read, path::Path};

/// Bytes of the longest manifest that is read: what TOML becomes in memory is up to nine hundred times its length.
const LONGEST: u64 = 1 << 14;

/// What a manifest says about a published data set.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name of the data set and of its folder: no path, since folders are made under it.
    #[serde(deserialize_with = "folder_name")]
    pub name: String,
    /// A title for people.
    pub title: String,
    /// What its folder is called elsewhere, in MMRec for instance.
    #[serde(default, deserialize_with = "folder_names")]
    pub aliases: Vec<String>,
    /// The published number of users, items and interactions.
    pub counts: Counts,
    /// How wide its published features are.
    #[serde(default)]
    pub widths: Widths,
    /// How to make its synthetic twin.
    #[serde(default)]
    pub twin: TwinScale,
    /// Files that are known by their bytes.
    #[serde(default, rename = "file")]
    pub files: Vec<KnownFile>,
    /// Raw files, and where they can be had.
    #[serde(default, rename = "source")]
    pub sources: Vec<RawFile>,
    /// What others reached.
    #[serde(default, rename = "reference")]
    pub references: Vec<Reference>,
    /// Tuned settings for the trainer's configuration, not parsed here.
    #[serde(default)]
    pub settings: toml::Table,
}

/// The published size of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Users.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Interactions of all splits together.
    pub interactions: usize,
}

/// The published widths of features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Widths {
    /// Width of the fused features.
    pub mm: Option<usize>,
    /// Width of the text features.
    pub text: Option<usize>,
    /// Width of the image features.
    pub vision: Option<usize>,
}

impl Widths {
    /// Returns the width of one kind of features.
    pub fn of(&self, modality: Modality) -> Option<usize> {
        match modality {
            Modality::Mm => self.mm,
            Modality::Text => self.text,
            Modality::Vision => self.vision,
        }
    }
}

/// The default size of the synthetic twin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwinScale {
    /// Share of users, items and interactions; positive.
    #[serde(deserialize_with = "positive")]
    pub scale: f64,
    /// For the trainer's configuration, unread: what makes a small data set end early.
    #[serde(default)]
    pub settings: toml::Table,
}

impl Default for TwinScale {
    fn default() -> Self {
        TwinScale { scale: 1.0, settings: toml::Table::new() }
    }
}

/// A file that is known by its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFile {
    /// The path in the data set's folder.
    pub name: String,
    /// SHA-256 of its bytes: 64 lower-case hexadecimal digits.
    #[serde(deserialize_with = "sha256")]
    pub sha256: String,
    /// Where its numbers come from: no file that a manifest knows is of unknown origin.
    #[serde(deserialize_with = "known_provenance")]
    pub provenance: Provenance,
    /// How it was made, in one line.
    #[serde(default)]
    pub note: String,
}

/// A raw file, and where it can be had.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFile {
    /// The name in the folder of raw files: a [plain](is_plain_name) one.
    #[serde(deserialize_with = "plain_name")]
    pub file: String,
    /// The file's addresses, the first to be tried first: `https://`, `http://` or `file://`. None: it can be had by hand only.
    #[serde(deserialize_with = "addresses")]
    pub mirrors: Vec<String>,
    /// The length in bytes, where known.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// SHA-256 of its bytes, where known: 64 lower-case hexadecimal digits.
    #[serde(default, deserialize_with = "maybe_sha256")]
    pub sha256: Option<String>,
    /// The licence, in one line.
    pub licence: String,
    /// Whether the data set can be made without it.
    #[serde(default)]
    pub optional: bool,
    /// What else to know.
    #[serde(default)]
    pub note: String,
}

/// Returns whether a name can only ever be that of a file inside a folder: letters, digits, `.`, `_`, `-` and `+`, no dot in front.
pub fn is_plain_name(name: &str) -> bool {
    let fits = (1..=200).contains(&name.len()) && !name.starts_with('.');
    fits && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+'))
}

/// A published result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The model or method whose result it is.
    pub model: String,
    /// Recall@20.
    pub recall20: f64,
    /// NDCG@20, where published.
    #[serde(default)]
    pub ndcg20: Option<f64>,
    /// The split that the result was measured on.
    pub split: String,
    /// The features that the result was reached with.
    pub features: String,
    /// What else to know.
    #[serde(default)]
    pub note: String,
}

/// Where numbers come from. Ordered: a data set is as far from real as the farthest of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// The published file, or one that was made from raw data by the published recipe.
    Real,
    /// The file was rebuilt from another source.
    Derived,
    /// No manifest knows the file: your own data, or a changed file.
    Unknown,
    /// The data are made up.
    Synthetic,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// When the file cannot be read or is not a manifest.
    pub fn load(path: &Path) -> Result<Manifest, DataError> {
        let io = |source| DataError::Io { path: path.to_owned(), action: "read", source };
        let (file, found) = crate::open::open(path)?;
        if found > LONGEST {
            let problem = FileProblem::TooLong { limit: LONGEST, found };
            return Err(DataError::File { path: path.to_owned(), problem });
        }
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text).map_err(io)?;
        toml::from_str(&text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start.min(text.len()));
            let line = 1 + text.as_bytes()[..at].iter().filter(|&&b| b == b'\n').count();
            DataError::Manifest { path: path.to_owned(), line, problem: one_line(e.message()) }
        })
    }
}

/// Tells where the numbers of a data set come from, with one note for every file that is not simply real.
///
/// Files are known by their bytes, whatever their name or place. A folder with the file [`SYNTHETIC`] among its inputs
/// is synthetic, whatever else it holds.
pub fn provenance_of(manifest: &Manifest, inputs: &[Input]) -> (Provenance, Vec<String>) {
    let mut worst = Provenance::Real;
    let mut notes = Vec::new();
    for input in inputs {
        let name = &input.name;
        let known = manifest.files.iter().find(|file| file.sha256 == input.sha256);
        let (provenance, note) = match known {
            _ if name == SYNTHETIC => (Provenance::Synthetic, "the folder is marked as synthetic".to_owned()),
            Some(file) => (file.provenance, file.note.clone()),
            None => {
                let known = manifest.files.iter().any(|file| file.name == *name);
                notes.push(format!(
                    "{name}: of unknown origin, {} the manifest of {}",
                    if known { "differs from" } else { "is not in" },
                    manifest.name
                ));
                worst = worst.max(Provenance::Unknown);
                continue;
            }
        };
        worst = worst.max(provenance);
        if provenance != Provenance::Real {
            let word = format!("{provenance:?}").to_lowercase();
            notes.push(if note.is_empty() { format!("{name}: {word}") } else { format!("{name}: {word}, {note}") });
        }
    }
    (worst, notes)
}

fn folder_names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let all = Vec::<String>::deserialize(from)?;
    match all.iter().find(|name| !is_folder_name(name)) {
        Some(_) => Err(D::Error::custom("expected aliases to be names of folders, not paths")),
        None => Ok(all),
    }
}

fn folder_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let right = is_folder_name(&text);
    if right { Ok(text) } else { Err(D::Error::custom("expected name to be the name of a folder, not a path")) }
}

/// On every system alike: what is a path on one of them is refused on all.
fn is_folder_name(text: &str) -> bool {
    let path = matches!(text, "" | "." | "..") || text.contains(['/', '\\', ':']);
    !path && !text.chars().any(char::is_control)
}

fn sha256<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let right = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if right { Ok(text) } else { Err(D::Error::custom("expected sha256 to be 64 lower-case hexadecimal digits")) }
}

fn known_provenance<'de, D: Deserializer<'de>>(from: D) -> Result<Provenance, D::Error> {
    match Provenance::deserialize(from)? {
        Provenance::Unknown => {
            Err(D::Error::custom("expected provenance `real`, `derived` or `synthetic`, found `unknown`"))
        }
        known => Ok(known),
    }
}

fn maybe_sha256<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    sha256(from).map(Some)
}

fn plain_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    let what = "expected a plain file name (letters, digits, `.`, `_`, `-`, `+`, no dot in front), found";
    if is_plain_name(&name) { Ok(name) } else { Err(D::Error::custom(format!("{what} {}", Excerpt::of(&name)))) }
}

fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let all = Vec::<String>::deserialize(from)?;
    let right = |at: &String| ["https://", "http://", "file://"].iter().any(|scheme| at.starts_with(scheme));
    match all.iter().find(|at| !right(at)) {
        Some(at) => Err(D::Error::custom(format!("expected https://, http:// or file://, found {}", Excerpt::of(at)))),
        None => Ok(all),
    }
}

fn positive<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(from)?;
    let right = number > 0.0 && number.is_finite();
    if right { Ok(number) } else { Err(D::Error::custom(format!("expected a positive number, found {number}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    const HEAD: &str = "name = \"a\"\ntitle = \"A\"\n[counts]\nusers = 3\nitems = 2\ninteractions = 5\n";

    fn load(text: &str) -> Result<Manifest, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest.toml");
        fs::write(&path, text).unwrap();
        Manifest::load(&path).map_err(|e| e.to_string())
    }

    fn known(name: &str, digit: char, provenance: &str, note: &str) -> String {
        let sha256 = digit.to_string().repeat(64);
        format!(
            "[[file]]\nname = \"{name}\"\nsha256 = \"{sha256}\"\nprovenance = \"{provenance}\"\nnote = \"{note}\"\n"
        )
    }

    #[test]
    fn the_example_of_the_documentation_is_a_manifest() {
        let source = include_str!("manifest.rs");
        let lines = source.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
        let text: Vec<&str> = lines.skip_while(|line| *line != "```toml").skip(1).take_while(|l| *l != "```").collect();
        let manifest = load(&text.join("\n")).unwrap();
        assert_eq!(manifest.aliases, ["sports"]);
        assert_eq!(manifest.counts, Counts { users: 35_598, items: 18_357, interactions: 296_337 });
        assert_eq!(Modality::ALL.map(|m| manifest.widths.of(m)), [Some(768), Some(384), Some(4096)]);
        assert_eq!((manifest.files[0].provenance, manifest.references[0].ndcg20), (Provenance::Derived, Some(0.0481)));
        let source = &manifest.sources[0];
        assert_eq!((source.bytes, source.mirrors.len(), source.optional), (Some(1024), 1, true));
        assert_eq!(source.sha256.as_ref(), Some(&manifest.files[0].sha256));
        assert_eq!(manifest.settings["learning_rate"].as_float(), Some(0.001));
        assert_eq!(manifest.twin.settings["train"]["patience"].as_integer(), Some(5));
        assert_eq!(load(HEAD).unwrap().twin.scale, 1.0);
    }

    fn source(file: &str, mirror: &str, more: &str) -> String {
        format!("{HEAD}[[source]]\nfile = \"{file}\"\nmirrors = [\"{mirror}\"]\nlicence = \"l\"\n{more}\n")
    }

    #[test]
    fn a_source_needs_a_name_mirrors_and_a_licence() {
        let good = load(&source("a-b_c+1.csv.gz", "http://x/y", "")).unwrap();
        let want = RawFile {
            file: "a-b_c+1.csv.gz".to_owned(),
            mirrors: vec!["http://x/y".to_owned()],
            licence: "l".to_owned(),
            ..RawFile::default()
        };
        assert_eq!(good.sources, [want]);
        let table = [
            (source("../a", "http://x", ""), ":8: ", "plain file name"),
            (source("a/b", "http://x", ""), ":8: ", "plain file name"),
            (source("", "http://x", ""), ":8: ", "plain file name"),
            (source(".a", "http://x", ""), ":8: ", "plain file name"),
            (source("a", "ftp://x", ""), ":9: ", "ftp://x"),
            (source("a", "/x", ""), ":9: ", "file://"),
            (source("a", "http://x", "bytes = -1"), ":11: ", "u64"),
            (source("a", "http://x", "sha256 = \"0\""), ":11: ", "64"),
            (source("a", "http://x", "md5 = \"0\""), ":11: ", "md5"),
            (source("a", "http://x", "").replace("licence = \"l\"\n", ""), ":7: ", "licence"),
        ];
        for (text, line, want) in table {
            let message = load(&text).unwrap_err();
            assert!(message.contains(line) && message.contains(want) && !message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn the_manifests_of_this_tree_are_manifests() {
        let datasets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets");
        let (mut seen, mut names) = (0, Vec::new());
        for folder in fs::read_dir(datasets).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
            let manifest = Manifest::load(&folder.join("manifest.toml")).unwrap();
            assert_eq!(folder.file_name().unwrap().to_str(), Some(manifest.name.as_str()));
            names.push(manifest.name);
            names.extend(manifest.aliases);
            seen += 1;
        }
        assert!(seen >= 4);
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "a name is one data set's: {names:?}");
    }

    #[test]
    fn mistakes_are_found_with_their_line() {
        let table = [
            (format!("{HEAD}[widths]\nimage = 3\n"), ":8: ", "image"),
            (format!("{HEAD}[twin]\nscale = 0\n"), ":8: ", "positive"),
            (format!("{HEAD}[twin]\nscale = \"big\"\n"), ":8: ", "f64"),
            (HEAD.replace("users = 3", "users = -3"), ":4: ", "usize"),
            (HEAD.replace("items = 2\n", ""), ":3: ", "items"),
            (format!("{HEAD}[[file]]\nname = \"x\"\nsha256 = \"abc\"\nprovenance = \"real\"\n"), ":9: ", "64"),
            (format!("{HEAD}{}", known("x", '0', "unknown", "")), ":10: ", "`unknown`"),
            ("name = ".to_owned(), ":1: ", ""),
            (HEAD.replace("\"a\"", "\"../a\""), ":1: ", "not a path"),
            (HEAD.replace("\"a\"", "\"/tmp/a\""), ":1: ", "not a path"),
            (HEAD.replace("\"a\"", "'C:\\a'"), ":1: ", "not a path"),
            (HEAD.replace("\"a\"", "\"..\""), ":1: ", "not a path"),
            (HEAD.replace("\"a\"", "\"\""), ":1: ", "not a path"),
            (HEAD.replace("title", "aliases = [\"b\", \"../b\"]\ntitle"), ":2: ", "not paths"),
            (format!("{HEAD}\"\\u001b[2J\" = 1\n"), ":7: ", "\\u{1b}[2J"),
        ];
        for (text, line, want) in table {
            let message = load(&text).unwrap_err();
            assert!(message.contains("manifest.toml"), "{message}");
            assert!(message.contains(line) && message.contains(want) && !message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn a_file_that_is_no_manifest_is_not_parsed() {
        let message = load(&format!("{HEAD}# {}", "x".repeat(LONGEST as usize))).unwrap_err();
        assert!(message.contains("expected at most 16384 bytes, found 164"), "{message}");
        let folder = tempfile::tempdir().unwrap();
        let message = Manifest::load(folder.path()).unwrap_err().to_string();
        assert!(message.contains("expected a regular file"), "{message}");
    }

    #[test]
    fn a_data_set_is_as_far_from_real_as_its_farthest_file() {
        let files = [known("a.inter", '0', "real", ""), known("text_feat.npy", '1', "derived", "from the graph")];
        let manifest = load(&format!("{HEAD}{}", files.concat())).unwrap();
        let input = |name: &str, digit: char| Input {
            name: PathBuf::from(name).file_name().unwrap().to_str().unwrap().to_owned(),
            path: PathBuf::from(name),
            bytes: 1,
            sha256: digit.to_string().repeat(64),
        };
        let real = input("a.inter", '0');
        let table = [
            (vec![real.clone()], Provenance::Real, vec![]),
            (
                vec![real.clone(), input("d/text_feat.npy", '1')],
                Provenance::Derived,
                vec!["text_feat.npy: derived, from the graph"],
            ),
            (
                vec![real.clone(), input("text_feat.npy", '2')],
                Provenance::Unknown,
                vec!["text_feat.npy: of unknown origin, differs from the manifest of a"],
            ),
            (
                vec![input("a.inter", '2'), input("text_feat.npy", '1')],
                Provenance::Unknown,
                vec![
                    "a.inter: of unknown origin, differs from the manifest of a",
                    "text_feat.npy: derived, from the graph",
                ],
            ),
            (
                vec![input("x/SYNTHETIC", '3'), real, input("items.jsonl", '4')],
                Provenance::Synthetic,
                vec![
                    "SYNTHETIC: synthetic, the folder is marked as synthetic",
                    "items.jsonl: of unknown origin, is not in the manifest of a",
                ],
            ),
        ];
        for (inputs, want, notes) in table {
            assert_eq!(provenance_of(&manifest, &inputs), (want, notes.into_iter().map(str::to_owned).collect()));
        }
    }
}
