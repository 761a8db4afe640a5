//! The tests of the Python package, `tests/python` and the examples in its documentation, with the library as it was just built. They need a Python
//! with numpy and pytest: the one that `$ANCHORREC_PYTHON` names, else `python3`.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the tests cannot do without.
const NEEDED: &str = "import numpy, pytest, sys; assert sys.version_info >= (3, 10)";

/// A Python that can run the tests.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("ANCHORREC_PYTHON").filter(|named| !named.is_empty());
    let python = PathBuf::from(named.clone().unwrap_or("python3".into()));
    let has_them = Command::new(&python).args(["-c", NEEDED]).output().is_ok_and(|output| output.status.success());
    assert!(has_them || named.is_none(), "{}: expected Python 3.10 or later with numpy and pytest", python.display());
    has_them.then_some(python)
}

/// The command that was built beside this test, if it was: `cargo test --workspace` builds it.
fn command() -> Option<PathBuf> {
    let folder = std::env::current_exe().unwrap().parent().and_then(Path::parent).map(Path::to_owned)?;
    Some(folder.join(format!("anchorrec{EXE_SUFFIX}"))).filter(|command| command.is_file())
}

/// Puts the package together in a folder: its modules, and the library under the name that Python looks for.
fn assemble(folder: &Path) {
    let package = folder.join("anchorrec");
    fs::create_dir_all(&package).unwrap();
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/anchorrec");
    for entry in fs::read_dir(modules).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), package.join(entry.file_name())).unwrap();
    }
    let built = std::env::current_exe().unwrap().with_file_name(format!("{DLL_PREFIX}_native{DLL_SUFFIX}"));
    let name = if cfg!(windows) { "_native.pyd" } else { "_native.abi3.so" };
    fs::copy(&built, package.join(name)).unwrap_or_else(|error| panic!("{}: {error}", built.display()));
}

#[test]
fn the_package_passes_its_tests_and_its_examples_are_true() {
    let Some(python) = python() else {
        println!("skipped: no python3 with numpy and pytest here; $ANCHORREC_PYTHON can name one");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    assemble(folder.path());
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = crate_folder.join("tests/python");
    let output = Command::new(python)
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--doctest-modules", "--rootdir"])
        .arg(crate_folder)
        .args([folder.path().join("anchorrec"), tests])
        .env("PYTHONPATH", folder.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("ANCHORREC_COMMAND", command().unwrap_or_default())
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{}", said.trim_end().lines().last().unwrap_or_default());
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
