//! Whether each crate works for a reader who has only its README: its example becomes a program in a project of its own, outside
//! the workspace, with the dependencies that the README adds and no others.

use crate::{cargo, packaging, root, run, target_dir};
use std::fs;
use std::path::Path;

/// Runs the example of every published library as a program of its own. Paths stand in for the registry; everything else is as a
/// reader would have it: features, versions and the compiler's default profile.
pub fn check() -> Result<(), String> {
    let here = target_dir().join("stand-alone");
    for folder in packaging::published()?.iter().filter(|folder| folder.join("src/lib.rs").is_file()) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let project = here.join(&name);
        let readme = read(&folder.join("README.md"))?;
        let wrong = |what: &str| format!("crates/{name}/README.md: {what}");
        let example = fenced(&readme, "rust").ok_or_else(|| wrong("expected an example in Rust"))?;
        let added = fenced(&readme, "sh").ok_or_else(|| wrong("expected a line `cargo add ...`"))?;
        write(
            &project.join("Cargo.toml"),
            &manifest(&name, &dependencies(added, &root()).map_err(|line| wrong(&line))?),
        )?;
        write(&project.join("src/main.rs"), &program(example))?;
        // The versions that the workspace was tested with, so that nothing is asked of the network.
        fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).map_err(|error| error.to_string())?;
        println!("  {name}");
        let mut command = cargo();
        command.args(["run", "--quiet", "--offline"]).env("CARGO_TARGET_DIR", here.join("target"));
        run(command.current_dir(&project)).map_err(|error| wrong(&format!("the example, as a program: {error}")))?;
    }
    Ok(())
}

/// The first block of a language, without its fences.
fn fenced<'a>(readme: &'a str, language: &str) -> Option<&'a str> {
    let (_, rest) = readme.split_once(&format!("\n```{language}\n"))?;
    rest.split_once("\n```").map(|(block, _)| block)
}

/// The example as rustdoc runs it: hidden lines too, in a `main` that returns the error where the example ends with `Ok`.
fn program(example: &str) -> String {
    let lines = example.lines().map(|line| if line == "#" { "" } else { line.strip_prefix("# ").unwrap_or(line) });
    let body: Vec<&str> = lines.collect();
    let error = body.last().and_then(|line| line.strip_prefix("Ok::<(), ")?.strip_suffix(">(())"));
    let returned = error.map(|error| format!(" -> Result<(), {error}>")).unwrap_or_default();
    format!("fn main(){returned} {{\n{}\n}}\n", body.join("\n"))
}

/// The lines of `[dependencies]` that `cargo add` writes, a path for each crate of ours. The error is a line that a reader could not follow.
fn dependencies(commands: &str, root: &Path) -> Result<Vec<String>, String> {
    let mut lines: Vec<String> = Vec::new();
    for line in commands.lines().filter_map(|line| line.strip_prefix("cargo add ")) {
        let (packages, features) = line.split_once(" --features ").unwrap_or((line, ""));
        for package in packages.split_whitespace() {
            let source = match (package.strip_prefix("anchorrec-"), package.split_once('@')) {
                (Some(name), None) => {
                    let folder = if name == "align" { "anchor-align" } else { name };
                    format!("{package} = {{ path = {:?}", root.join("crates").join(folder))
                }
                (None, Some((name, version))) => format!("{name} = {{ version = {version:?}"),
                _ => {
                    return Err(format!(
                        "`cargo add {package}`: expected NAME@VERSION, or a crate of ours without a version"
                    ));
                }
            };
            let features: Vec<String> =
                features.split(',').filter(|f| !f.is_empty()).map(|f| format!("{f:?}")).collect();
            lines.push(format!("{source}, features = [{}] }}", features.join(", ")));
        }
    }
    Ok(lines)
}

/// A manifest that is a workspace by itself, so that none above it is asked.
fn manifest(name: &str, dependencies: &[String]) -> String {
    format!(
        "[package]\nname = \"reader-of-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{}\n",
        dependencies.join("\n")
    )
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file where it differs: an untouched one is not compiled again.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_becomes_a_program() {
        assert_eq!(
            program("let x = 1;\n#\n# let y = x;\n#[rustfmt::skip]\nf(y);"),
            "fn main() {\nlet x = 1;\n\nlet y = x;\n#[rustfmt::skip]\nf(y);\n}\n"
        );
        assert_eq!(program("f()?;\n# Ok::<(), E>(())"), "fn main() -> Result<(), E> {\nf()?;\nOk::<(), E>(())\n}\n");
    }

    #[test]
    fn dependencies_are_those_of_the_readme() {
        let added = dependencies("cargo add anchorrec-align tempfile@3\ncargo add x@1 --features a,b", Path::new("/r"));
        let expected = [
            r#"anchorrec-align = { path = "/r/crates/anchor-align", features = [] }"#,
            r#"tempfile = { version = "3", features = [] }"#,
            r#"x = { version = "1", features = ["a", "b"] }"#,
        ];
        assert_eq!(added.unwrap(), expected);
        assert!(dependencies("cargo add rand", Path::new("/r")).unwrap_err().contains("NAME@VERSION"));
    }

    #[test]
    fn each_published_library_has_commands_that_can_be_followed() {
        for folder in packaging::published().unwrap().iter().filter(|folder| folder.join("src/lib.rs").is_file()) {
            let readme = read(&folder.join("README.md")).unwrap();
            assert!(fenced(&readme, "rust").is_some(), "{}", folder.display());
            assert!(!dependencies(fenced(&readme, "sh").unwrap(), &root()).unwrap().is_empty(), "{}", folder.display());
        }
    }
}
