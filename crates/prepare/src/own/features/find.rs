//! Which files of a folder hold features, and which look like it and are not read.
//!
//! What kind of features a file holds is said by an option or by a word in its name: `text` or `title`; `image`, `img`,
//! `vision` or `visual`; `mm`, `multimodal` or `fused`. A column of RecBole's items says it by its own name; one that says nothing is taken as
//! text features, with a note.

use super::items::ItemFeatures;
use anchorrec_data::note::either;
use anchorrec_data::{Modality, looks};
use anchorrec_files::few;
use anchorrec_formats::detect::detect;
use anchorrec_formats::features::{
    self, Asked, Content, TextTable, endings, is_array, is_feature_file, is_feature_folder, is_sidecar, way_from,
};
use anchorrec_formats::{FormatError, Kind, Note, Reading, extension, file_error, files, io_error};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Everything that a folder says of items in numbers, or in texts that become numbers.
#[derive(Debug, Default)]
pub struct Read {
    /// Features, at most one of each kind.
    pub features: Vec<ItemFeatures>,
    /// Texts instead of text features.
    pub texts: Option<TextTable>,
    /// What was ignored, guessed, merged or dropped.
    pub notes: Vec<Note>,
    /// Files whose first line was taken as a header though it could be a row, with its first field.
    pub(crate) headers: Vec<(PathBuf, String)>,
}

/// Reads the feature files of a folder of which nothing else is wanted: what each holds is said by its name.
///
/// # Errors
/// When two files claim one kind, or one cannot be read, has no ids, or breaks a rule.
pub fn read_folder(dir: &Path) -> Result<Read, FormatError> {
    read(dir, &[], &[], None)
}

/// Reads the feature files of a folder, or those that were named.
///
/// # Errors
/// When two files claim one kind, or one cannot be read, has no ids, or breaks a rule.
pub(crate) fn read(
    dir: &Path,
    interactions: &[&Path],
    named: &[(Modality, Asked)],
    item_column: Option<&String>,
) -> Result<Read, FormatError> {
    let mut all = Read::default();
    // One file has several names: `mine/text.npy`, `./mine/text.npy`.
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let interactions: Vec<PathBuf> = interactions.iter().map(|path| real(path)).collect();
    let given: Vec<PathBuf> = named.iter().map(|(_, asked)| real(&asked.path)).collect();
    let mut entries = entries(dir)?;
    entries.retain(|path| !interactions.iter().any(|file| file.starts_with(real(path))));
    let mut claimed: Vec<PathBuf> = entries.iter().filter(|path| given.contains(&real(path))).cloned().collect();
    let mut texts = Vec::new();
    for modality in Modality::ALL {
        if let Some((_, asked)) = named.iter().find(|(kind, _)| *kind == modality) {
            all.named(modality, &Asked { item_column: item_column.cloned(), ..asked.clone() })?;
            continue;
        }
        let mut found: Vec<&PathBuf> = entries.iter().filter(|path| modality_of(path) == Some(modality)).collect();
        // A table without vectors is no rival of one that has some.
        found.retain(|path| {
            let nothing = extension_of_text(path)
                && features::look(path).is_ok_and(|found| found.vectors.is_empty() && !found.texts.is_empty());
            if nothing {
                texts.push((*path).clone());
            }
            !nothing
        });
        claimed.extend(found.iter().map(|path| (*path).clone()));
        let asked = |path: &Path| Asked { item_column: item_column.cloned(), ..Asked::file(path) };
        let content = match found[..] {
            [] => continue,
            [path] => features::read(&asked(path))?,
            ref several if are_parts(several) => {
                let files: Vec<PathBuf> = several.iter().map(|path| (*path).clone()).collect();
                features::read_parts(dir, &files, &asked(dir))?
            }
            ref several => {
                let names: Vec<String> = several.iter().map(|path| path.display().to_string()).collect();
                let expected = format!("one file of {modality} features (choose one with --{})", option(modality));
                return Err(file_error(dir, expected, few(&names, names.len())));
            }
        };
        match content {
            Content::Vectors(table) => all.take(modality, table),
            Content::Nothing(_) => texts.push(found[0].clone()),
            Content::Texts(_) => unreachable!("texts are read where they are asked for"),
        }
    }
    for path in entries.iter().filter(|path| extension(path) == "item") {
        all.of_items(path, named)?;
        claimed.push(path.clone());
    }
    claimed.extend(texts.iter().cloned());
    all.say_texts(&texts);
    all.say_unread(&entries, &claimed);
    all.say_shared();
    Ok(all)
}

/// The files and folders of a folder, sorted, without hidden ones and files of ids.
fn entries(dir: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let mut all = files(dir)?;
    for entry in fs::read_dir(dir).map_err(io_error(dir, "list"))? {
        let path = entry.map_err(io_error(dir, "list"))?.path();
        // A link that leads nowhere is an entry, and an error where it is read.
        let is_dead = !path.exists() && modality_of(&path).is_some();
        if is_dead || path.is_dir() && (looks::by_name(&path) || is_feature_folder(&path)) {
            all.push(path);
        }
    }
    let hidden = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    all.retain(|path| !is_sidecar(path) && !hidden(path));
    all.sort();
    Ok(all)
}

/// Whether a file that says nothing of features in its name is a table of interactions.
fn is_interactions(path: &Path) -> bool {
    !is_array(path) && detect(path, Some(path), &Reading::default()).is_ok()
}

fn extension_of_text(path: &Path) -> bool {
    path.is_file() && is_feature_file(path) && !is_array(path) && !["parquet", "pq"].contains(&extension(path).as_str())
}

fn option(modality: Modality) -> &'static str {
    match modality {
        Modality::Mm => "mm",
        Modality::Text => "text",
        Modality::Vision => "image",
    }
}

/// What a file's or folder's name says that it holds.
fn modality_of(path: &Path) -> Option<Modality> {
    let modality = word(&path.file_name()?.to_string_lossy())?;
    let is_read = match path.is_dir() {
        true => is_feature_folder(path),
        false => is_feature_file(path) || is_text_of_vectors(path),
    };
    is_read.then_some(modality)
}

/// Whether a file of any text holds vectors: `image_feat.txt`.
fn is_text_of_vectors(path: &Path) -> bool {
    let text =
        extension(Path::new(path.file_name().unwrap_or_default().to_string_lossy().trim_end_matches(".gz"))) == "txt";
    text && features::look(path).is_ok_and(|found| !found.vectors.is_empty())
}

/// What a name says; the words of its endings say nothing.
fn word(name: &str) -> Option<Modality> {
    let name = name.to_lowercase();
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    words.find_map(|word| match word {
        "text" | "title" | "texts" | "titles" => Some(Modality::Text),
        "image" | "img" | "vision" | "visual" | "images" => Some(Modality::Vision),
        "mm" | "multimodal" | "fused" => Some(Modality::Mm),
        _ => None,
    })
}

/// Whether files are tables whose names differ in their numbers alone.
fn are_parts(files: &[&PathBuf]) -> bool {
    let name = |path: &PathBuf| -> String {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.chars().filter(|c| !c.is_ascii_digit()).collect()
    };
    let table = |path: &PathBuf| path.is_file() && is_feature_file(path) && !is_array(path);
    files.windows(2).all(|pair| name(pair[0]) == name(pair[1])) && files.iter().all(|path| table(path))
}

impl Read {
    fn take(&mut self, modality: Modality, mut table: features::FeatureTable) {
        self.notes.append(&mut table.notes);
        self.headers.extend(table.header.take().map(|field| (table.path.clone(), field)));
        self.features.push(ItemFeatures::of(modality, table));
    }

    /// Reads what an option names.
    fn named(&mut self, modality: Modality, asked: &Asked) -> Result<(), FormatError> {
        let path = &asked.path;
        let other = asked.column.as_deref().and_then(word).or_else(|| word(&path.file_name()?.to_string_lossy()));
        if let Some(other) = other.filter(|other| *other != modality) {
            let taken = if modality == Modality::Mm { "the fused features, the anchor" } else { "other features" };
            let text = format!(
                "{} is taken as {taken}, as --{} says, and its name says {other}",
                path.display(),
                option(modality)
            );
            self.notes.push(Note::new(Kind::Odd, "features-of-another-name", 0u64, text));
        }
        match features::read(asked)? {
            Content::Vectors(mut table) => {
                // Titles stand in RecBole's items too, and are read by others.
                if extension(path) == "item" {
                    table.notes.retain(|note| note.code != "feature-columns-not-read");
                }
                self.take(modality, table);
            }
            Content::Texts(mut table) if modality == Modality::Text => {
                self.notes.append(&mut table.notes);
                self.texts = Some(table);
            }
            Content::Texts(table) => {
                let expected = format!("vectors for --{} in the column {:?}", option(modality), table.column);
                return Err(file_error(path, expected, "texts, which --text takes"));
            }
            Content::Nothing(texts) => {
                let choices: Vec<String> =
                    texts.iter().map(|name| format!("--text {}:{name}", path.display())).collect();
                let found = match choices.len() {
                    0 => "no column of either".to_owned(),
                    count => format!("texts, which are encoded where they are named: {}", few(&choices, count)),
                };
                return Err(file_error(path, "a column of vectors, or columns of numbers", found));
            }
        }
        Ok(())
    }

    /// Reads the vectors of RecBole's items.
    fn of_items(&mut self, path: &Path, named: &[(Modality, Asked)]) -> Result<(), FormatError> {
        // What an option takes is not taken twice.
        let is_named = |column: &str| {
            named
                .iter()
                .any(|(_, asked)| asked.column.as_deref() == Some(column) && asked.path.file_name() == path.file_name())
        };
        let vectors: Vec<String> =
            features::look(path)?.vectors.into_iter().filter(|name| !name.ends_with('*') && !is_named(name)).collect();
        let free = |read: &Read, modality: Modality| {
            !read.features.iter().any(|features| features.modality == modality)
                && !named.iter().any(|(kind, _)| *kind == modality)
        };
        let mut left = Vec::new();
        for column in vectors {
            match word(&column).filter(|modality| free(self, *modality)) {
                Some(modality) => self.item_column(path, &column, modality)?,
                None => left.push(column),
            }
        }
        if let ([column], true) = (&left[..], free(self, Modality::Text)) {
            let text = format!(
                "column of {} is taken as text features (--image {}:{column} or --mm if it is none)",
                path.display(),
                path.display()
            );
            self.notes.push(Note::new(Kind::Guessed, "vectors-of-items", 1u64, text).with([column]));
            return self.item_column(path, column, Modality::Text);
        }
        if !left.is_empty() {
            let text = format!(
                "columns of {} look like features and are not read: name each by --text, --image or --mm as {}:{}",
                path.display(),
                path.display(),
                left[0]
            );
            self.notes.push(Note::new(Kind::Ignored, "vectors-not-read", left.len(), text).with(&left));
        }
        Ok(())
    }

    fn item_column(&mut self, path: &Path, column: &str, modality: Modality) -> Result<(), FormatError> {
        let asked = Asked { column: Some(column.to_owned()), ..Asked::file(path) };
        if let Content::Vectors(mut table) = features::read(&asked)? {
            // Titles and other columns of the file are read by others.
            table.notes.retain(|note| note.code != "feature-columns-not-read");
            self.take(modality, table);
        }
        Ok(())
    }

    /// Says which files have a name of features and hold texts.
    fn say_texts(&mut self, files: &[PathBuf]) {
        for path in files {
            let texts = features::look(path).map(|found| found.texts).unwrap_or_default();
            let way = texts.first().map_or(String::new(), |column| {
                format!("; texts are encoded where they are named: --text {}:{column}", path.display())
            });
            let text = format!("{} holds no vectors and is not read{way}", path.display());
            self.notes.push(Note::new(Kind::Ignored, "file-without-vectors", 0u64, text));
        }
    }

    /// Says which files look like features and are not read.
    fn say_unread(&mut self, entries: &[PathBuf], claimed: &[PathBuf]) {
        let (mut unread, mut foreign): (Vec<String>, BTreeMap<&str, Vec<String>>) = Default::default();
        let (mut files, mut folders, mut tables) = (Vec::new(), Vec::new(), Vec::new());
        for path in entries.iter().filter(|path| !claimed.contains(path)) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let named = looks::by_name(path);
            let vectors = || features::look(path).is_ok_and(|found| !found.vectors.is_empty());
            match (path.is_dir(), way_from(path)) {
                (true, _) if is_feature_folder(path) => unread.push(name),
                (true, _) => folders.push(format!("{name}: {}", endings(path))),
                (false, Some(way)) if named || looks::by_ending(path) => foreign.entry(way).or_default().push(name),
                (false, _) if is_array(path) || is_text_of_vectors(path) => unread.push(name),
                (false, _) if !named && is_interactions(path) => tables.push(name),
                (false, _) if is_feature_file(path) && vectors() => unread.push(name),
                (false, _) if named => files.push(name),
                (false, _) => {}
            }
        }
        self.say_ignored(
            "file-without-features",
            &files,
            "file has a name of features and holds none that can be read",
            "files have names of features and hold none that can be read",
        );
        self.say_ignored(
            "folder-without-features",
            &folders,
            "folder has a name of features and holds none that can be read",
            "folders have names of features and hold none that can be read",
        );
        self.say_ignored(
            "interactions-not-read",
            &tables,
            "other table of interactions is not read: --interactions names the one that is",
            "other tables of interactions are not read: --interactions names the one that is",
        );
        self.say_ignored(
            "feature-files-not-read",
            &unread,
            "file looks like features and is not read: name it by --text, --image or --mm",
            "files look like features and are not read: name each by --text, --image or --mm",
        );
        for (way, names) in foreign {
            self.say_ignored(
                "feature-formats-not-read",
                &names,
                &format!("file looks like features and is not read: save it by {way}"),
                &format!("files look like features and are not read: save them by {way}"),
            );
        }
    }

    /// Notes the names of what is not read, if there are any; the text is for one of them, or for several.
    fn say_ignored(&mut self, code: &str, names: &[String], one: &str, several: &str) {
        if !names.is_empty() {
            self.notes.push(Note::new(Kind::Ignored, code, names.len(), either(names.len(), one, several)).with(names));
        }
    }

    /// Says which features are the same numbers twice.
    fn say_shared(&mut self) {
        let same = |a: &ItemFeatures, b: &ItemFeatures| a.ids == b.ids && a.rows == b.rows;
        for (place, one) in self.features.iter().enumerate() {
            if let Some(other) = self.features[..place].iter().find(|other| same(one, other)) {
                let text = format!(
                    "{} features ({}) and {} features ({}) are the same numbers",
                    other.modality,
                    other.path.display(),
                    one.modality,
                    one.path.display()
                );
                self.notes.push(Note::new(Kind::Odd, "features-alike", 0u64, text));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_hold() {
        let of = |name: &str| modality_of(Path::new(name));
        assert_eq!(of("text_feat.npy"), Some(Modality::Text));
        assert_eq!(of("my-IMG.Parquet"), Some(Modality::Vision));
        assert_eq!(of("mm.safetensors"), Some(Modality::Mm));
        assert_eq!(of("title.csv.gz"), Some(Modality::Text));
        assert_eq!([of("context.npy"), of("text.md"), of("emb.text")], [None; 3]);
    }

    #[test]
    fn pieces_of_a_table_differ_in_their_numbers() {
        let dir = tempfile::tempdir().unwrap();
        let paths = |names: &[&str]| -> Vec<PathBuf> {
            let path = |name: &&str| {
                fs::write(dir.path().join(name), "").unwrap();
                dir.path().join(name)
            };
            names.iter().map(path).collect()
        };
        let are = |names: &[&str]| are_parts(&paths(names).iter().collect::<Vec<_>>());
        assert!(are(&["text-00000-of-00002.parquet", "text-00001-of-00002.parquet"]));
        assert!(!are(&["text_1.npy", "text_2.npy"]) && !are(&["text_a.csv", "text_b.csv"]));
    }
}
