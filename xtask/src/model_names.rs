//! Only a model's own folder and the list, `crates/models/src/lib.rs`, may call the model by its name.
//!
//! The crates that train, judge, search, show and measure know a model by the contract alone. A name in one of them is an edit that the next
//! model would need there as well, and that no compiler asks for. Comments count too: what a page or a help text says of one model is
//! wrong for the next.

use crate::root;
use std::fs;
use std::path::{Path, PathBuf};

/// Crates that name no model, in `src`. Their integration tests may: they are read as examples.
const NAMELESS: &[&str] =
    &["bench", "cli", "recommender", "records", "report", "retrieval", "serve", "table", "trainer"];
const LIST: &str = "crates/models/src/lib.rs";
/// The command is called as its first model is: this name is refused only where nothing but the model can be meant.
const COMMAND: &str = "anchorrec";

/// A model's name and title, in lower case.
#[derive(Debug, PartialEq)]
struct Names {
    name: String,
    title: String,
}

/// Finds every line that names a model of the list where none may be named.
pub fn check() -> Result<(), String> {
    let models = models()?;
    let mut wrong = Vec::new();
    for file in NAMELESS.iter().flat_map(|folder| sources(&root().join("crates").join(folder).join("src"))) {
        let shown = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        for (place, line) in read(&file)?.lines().enumerate() {
            if let Some(name) = named(line, &models) {
                wrong.push(format!(
                    "{shown}:{}: names the model `{name}`: take it from the list, or from its card",
                    place + 1
                ));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// The models of the list, as their own folders call them.
fn models() -> Result<Vec<Names>, String> {
    let list = read(&root().join(LIST))?;
    let specs: Vec<PathBuf> = list.lines().filter_map(spec).collect();
    if specs.is_empty() {
        return Err(format!("{LIST}: expected lines such as `&anchorrec_baselines::name::Spec,`, found none"));
    }
    let names = |path: &PathBuf| {
        declared(&read(&root().join(path))?)
            .ok_or_else(|| format!("{}: expected `Card::new(\"name\", \"Title\", ..)`", path.display()))
    };
    specs.iter().map(names).collect()
}

/// The file that declares the model of a line of the list.
fn spec(line: &str) -> Option<PathBuf> {
    let path = line.trim().strip_prefix("&anchorrec_")?.strip_suffix("::Spec,")?;
    let (package, module) = path.split_once("::").unwrap_or((path, ""));
    let folder = if package == "align" { "anchor-align" } else { package };
    Some(Path::new("crates").join(folder).join("src").join(module).join("spec.rs"))
}

/// The first two texts of `Card::new(..)`.
fn declared(source: &str) -> Option<Names> {
    let (_, card) = source.split_once("Card::new(")?;
    let mut texts = card.split('"').skip(1).step_by(2).map(str::to_lowercase);
    Some(Names { name: texts.next()?, title: texts.next()? })
}

/// The model that a line names.
fn named<'a>(line: &str, models: &'a [Names]) -> Option<&'a str> {
    let line = line.to_lowercase();
    let is_named = |names: &&Names| match names.name == COMMAND {
        true => is_setting(&line, &names.name) || line.contains("anchorrec_align"),
        false => has_word(&line, &names.name) || has_word(&line, &names.title),
    };
    models.iter().find(is_named).map(|names| names.name.as_str())
}

/// Whether a word is in a line; an underscore ends it. A degree of freedom is none.
fn has_word(line: &str, word: &str) -> bool {
    let ends = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let is_freedom = before.ends_with("degree of ") || before.ends_with("degrees of ");
        !is_freedom && ends(before.chars().next_back()) && ends(after.chars().next())
    })
}

/// Whether a line sets or reads a setting below a name: `name.key=value`, `name.table.key`, `config.name.key`.
fn is_setting(line: &str, name: &str) -> bool {
    line.match_indices(&format!("{name}.")).any(|(at, found)| {
        let rest = &line[at + found.len()..];
        let key = rest.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '_');
        key.len() < rest.len() && (key.starts_with(['=', '.']) || line[..at].ends_with("config."))
    })
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// The Rust files below a folder, in order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    let below = |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
    entries.into_iter().flat_map(below).filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_names_a_model() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn every_model_of_the_list_is_found() {
        let names: Vec<String> = models().unwrap().into_iter().map(|names| names.name).collect();
        assert!(names.len() >= 6 && names[0] == COMMAND, "{names:?}");
    }

    #[test]
    fn every_model_is_a_folder_of_the_same_shape() {
        let list = read(&root().join(LIST)).unwrap();
        for spec in list.lines().filter_map(spec) {
            let source = root().join(spec.parent().unwrap());
            let missing: Vec<&str> = ["settings.rs", "model.rs", "objective.rs", "recommender.rs"]
                .into_iter()
                .filter(|file| !source.join(file).is_file())
                .collect();
            assert_eq!(missing, [""; 0], "{}", source.display());
            // A model that has a crate to itself has its page at the top of it.
            let page = [source.join("README.md"), source.join("../README.md")].into_iter().find(|page| page.is_file());
            let page = read(&page.unwrap_or_else(|| panic!("{}: no README.md", source.display()))).unwrap();
            for part in ["\nAgreement", "| setting | default |", "`L = "] {
                assert!(page.contains(part), "{}: README.md has no {part}", source.display());
            }
        }
    }

    #[test]
    fn every_model_is_in_the_tables_for_readers() {
        let [readme, baselines, modules] = ["README.md", "crates/baselines/README.md", "crates/baselines/src/lib.rs"]
            .map(|file| read(&root().join(file)).unwrap().to_lowercase());
        for Names { name, title } in models().unwrap() {
            assert!(has_word(&readme, &title), "README.md: `--model` does not name {title}");
            if name != COMMAND {
                assert!(has_word(&baselines, &title), "crates/baselines/README.md does not name {title}");
                assert!(modules.contains(&format!("| [`{name}`] |")), "crates/baselines/src/lib.rs: no row for {name}");
            }
        }
    }

    #[test]
    fn the_list_and_the_cards_are_read() {
        assert_eq!(spec("    &anchorrec_align::Spec,"), Some(PathBuf::from("crates/anchor-align/src/spec.rs")));
        assert_eq!(spec("    &anchorrec_baselines::x::Spec,"), Some(PathBuf::from("crates/baselines/src/x/spec.rs")));
        assert_eq!(spec("use anchorrec_recommender::ModelList;"), None);
        let card = "..Card::new(\n    \"damrs\",\n    \"DA-MRS\",\n    \"about\", \"paper\")";
        assert_eq!(declared(card), Some(Names { name: "damrs".to_owned(), title: "da-mrs".to_owned() }));
        assert_eq!(declared("Card { .. }"), None);
    }

    #[test]
    fn a_name_is_found_in_code_and_words_and_only_there() {
        let of = |name: &str, title: &str| Names { name: name.to_owned(), title: title.to_owned() };
        let models = [of(COMMAND, COMMAND), of("freedom", "freedom"), of("damrs", "da-mrs")];
        for line in [
            "ModelKind::Freedom =>",
            "fn freedom_step() {}",
            "/// One epoch of FREEDOM.",
            "let steps = DAMRS;",
            "// as DA-MRS has it",
            "use anchorrec_align::Targets;",
            "layers.set(\"anchorrec.targets=frozen\")",
            "\"anchorrec.weights.align\"",
            "config.anchorrec.targets = x;",
        ] {
            assert!(named(line, &models).is_some(), "{line}");
        }
        for line in [
            "// eight degrees of freedom",
            "use anchorrec_data::Dataset;",
            "#[command(name = \"anchorrec\")]",
            "const SEAL: &str = \"anchorrec.sha256\";",
            "//! Part of AnchorRec in Rust.",
            "let freedoms = 1;",
        ] {
            assert_eq!(named(line, &models), None, "{line}");
        }
    }
}
