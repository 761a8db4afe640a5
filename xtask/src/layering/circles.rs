//! No cycles inside a crate: to read a file, you need only the files below it.
//!
//! A file is a module. A module stands **above** every module that it names (`use crate::...`, `super::...`, a path in the code), and a
//! parent is above its children, because it declares them and hands out what they make. Each crate must have an order from bottom to
//! top. So a child never takes anything from its parent: what children share is in a file of its own beside them. A name that a
//! parent re-exports belongs to the child that defines it, so `use crate::Name` is an edge to that child. Tests are free.

use super::paths::{Names, names};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Circles that are known and will go: the crate and a module of the circle. None is. A row without a circle is refused, so the list can only shrink.
const KNOWN: &[(&str, &str)] = &[];

/// The name of the root: `lib.rs` or `main.rs`.
const ROOT: &str = "";

/// Finds every circle of every crate that [`KNOWN`] does not have, and every row of it that is done.
pub fn check(crates: &[(String, std::path::PathBuf)]) -> Result<(), String> {
    let mut wrong = Vec::new();
    let mut met: BTreeSet<&(&str, &str)> = BTreeSet::new();
    for (name, source) in crates {
        let modules = modules(source).map_err(|e| format!("{}: {e}", source.display()))?;
        for circle in circles(&modules) {
            let row = KNOWN.iter().find(|(of, module)| of == name && circle.members.contains(*module));
            met.extend(row);
            if row.is_none() {
                wrong.push(format!("{name}: modules go in a circle\n{circle}"));
            }
        }
    }
    let done = KNOWN.iter().filter(|row| !met.contains(row));
    wrong
        .extend(done.map(|(name, module)| format!("{name}: no circle of {module} is left: take the row out of KNOWN")));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// The names in each module of a crate by its path, `a::b`.
type Modules = BTreeMap<String, Names>;

/// Modules that are above one another.
struct Circle {
    members: BTreeSet<String>,
    edges: Vec<(String, String)>,
}

impl std::fmt::Display for Circle {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let shown = |module: &str| if module == ROOT { "the root".to_owned() } else { module.to_owned() };
        let lines: Vec<String> =
            self.edges.iter().map(|(from, to)| format!("    {} names {}", shown(from), shown(to))).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// All files below `src`.
fn modules(source: &Path) -> std::io::Result<Modules> {
    let mut modules = Modules::new();
    let mut folders = vec![(source.to_owned(), Vec::<String>::new())];
    while let Some((folder, above)) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let mut here = above.clone();
            if path.is_dir() {
                here.push(stem);
                folders.push((path, here));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                if !matches!(stem.as_str(), "lib" | "main" | "mod") {
                    here.push(stem);
                }
                modules.insert(here.join("::"), names(&fs::read_to_string(&path)?));
            }
        }
    }
    Ok(modules)
}

/// The parent of a module; the root has none.
fn parent(module: &str) -> Option<&str> {
    (module != ROOT).then(|| module.rsplit_once("::").map_or(ROOT, |(parent, _)| parent))
}

fn child(module: &str, name: &str) -> String {
    if module == ROOT { name.to_owned() } else { format!("{module}::{name}") }
}

/// Where a path leads: the module that defines its item, through re-exports; none outside of the crate.
fn target(modules: &Modules, from: &str, path: &[String], depth: usize) -> Option<String> {
    if depth > 16 {
        return None;
    }
    let (first, mut rest) = path.split_first()?;
    let mut here = match first.as_str() {
        "crate" => ROOT.to_owned(),
        "self" => from.to_owned(),
        "super" => parent(from)?.to_owned(),
        name if modules.contains_key(&child(from, name)) => child(from, name),
        _ => return None,
    };
    while let Some((name, further)) = rest.split_first() {
        let below = child(&here, name);
        if name == "super" {
            here = parent(&here)?.to_owned();
        } else if modules.contains_key(&below) {
            here = below;
        } else {
            return match defining(modules, &here, name, depth) {
                Origin::Here => Some(here),
                Origin::Elsewhere(module) => module,
            };
        }
        rest = further;
    }
    Some(here)
}

/// Where a name of a module comes from.
enum Origin {
    /// The name is defined in the module.
    Here,
    /// Another module of the crate does; none, where another crate does.
    Elsewhere(Option<String>),
}

/// Where what `module` calls `name` is defined.
fn defining(modules: &Modules, module: &str, name: &str, depth: usize) -> Origin {
    let names = &modules[module];
    if names.items.iter().any(|item| item == name) {
        return Origin::Here;
    }
    let led = |path: &[String]| target(modules, module, path, depth + 1);
    if let Some((_, path)) = names.imports.iter().find(|(bound, _)| bound == name) {
        return Origin::Elsewhere(led(path));
    }
    let stars = names.imports.iter().filter(|(bound, _)| bound == "*").filter_map(|(_, path)| led(path));
    let from = stars.into_iter().find(|of| modules[of].items.iter().any(|item| item == name));
    from.map_or(Origin::Here, |of| Origin::Elsewhere(Some(of)))
}

/// The modules that stand directly above each module.
fn edges(modules: &Modules) -> BTreeMap<&str, BTreeSet<String>> {
    let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (module, names) in modules {
        let paths = names.imports.iter().map(|(_, path)| path).chain(&names.paths);
        let named = paths.filter_map(|path| target(modules, module, path, 0)).filter(|to| to != module);
        edges.entry(module).or_default().extend(named);
        if let Some((parent, _)) = parent(module).and_then(|parent| modules.get_key_value(parent)) {
            edges.entry(parent).or_default().insert(module.clone());
        }
    }
    edges
}

/// Every group of modules each of which reaches all others.
fn circles(modules: &Modules) -> Vec<Circle> {
    let edges = edges(modules);
    let reach = |from: &str| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(module) = next.pop() {
            for to in &edges[module.as_str()] {
                if seen.insert(to.clone()) {
                    next.push(to.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<String>> =
        modules.keys().map(|module| (module.as_str(), reach(module))).collect();
    let mut placed = BTreeSet::new();
    let mut circles = Vec::new();
    for (&module, below) in &reached {
        if placed.contains(module) || !below.contains(module) {
            continue;
        }
        let members: BTreeSet<String> =
            below.iter().filter(|other| reached[other.as_str()].contains(module)).cloned().collect();
        placed.extend(members.iter().cloned());
        let inner = |from: &String| {
            let to: Vec<_> = edges[from.as_str()].intersection(&members).cloned().collect();
            to.into_iter().map(|to| (from.clone(), to)).collect::<Vec<_>>()
        };
        circles.push(Circle { edges: members.iter().flat_map(inner).collect(), members });
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let modules: Modules = files.iter().map(|(module, text)| ((*module).to_owned(), names(text))).collect();
        circles(&modules).into_iter().map(|circle| circle.members.into_iter().collect()).collect()
    }

    #[test]
    fn two_modules_that_name_each_other_are_a_circle() {
        let found = found(&[
            ("", "mod a; mod b; mod c;"),
            ("a", "use crate::b::B; pub struct A;"),
            ("b", "fn b() { crate::c::c() } pub struct B;"),
            ("c", "use super::a::A;"),
        ]);
        assert_eq!(found, [["a", "b", "c"]]);
    }

    #[test]
    fn a_child_that_takes_from_its_parent_is_a_circle() {
        assert_eq!(found(&[("", ""), ("a", "mod b; pub struct A;"), ("a::b", "use super::A;")]), [["a", "a::b"]]);
        assert_eq!(found(&[("", "pub struct Top;"), ("a", "use crate::Top;")]), [["", "a"]]);
    }

    #[test]
    fn what_a_parent_hands_out_belongs_to_the_child_that_makes_it() {
        let files = [
            ("", "mod a; pub use a::{A, C};"),
            ("a", "mod b; mod c; pub use b::A; pub use c::*;"),
            ("a::b", "use crate::C; pub struct A;"),
            ("a::c", "pub struct C;"),
            ("d", "use crate::{A, C};"),
        ];
        assert!(found(&files).is_empty());
        let names_back = [files[0], files[1], files[2], ("a::c", "pub struct C(crate::A);")];
        assert_eq!(found(&names_back), [["a::b", "a::c"]]);
    }

    #[test]
    fn what_another_crate_defines_is_nobodys_here() {
        assert!(found(&[("", "mod a; pub use other::Name;"), ("a", "use crate::Name;")]).is_empty());
    }

    #[test]
    fn tests_are_free() {
        assert!(
            found(&[("", ""), ("a", "use crate::b;"), ("b", "#[cfg(test)] mod tests { use crate::a; }")]).is_empty()
        );
    }
}
