//! Checks that need something which a Rust installation may lack. Where it lacks it, they say so and pass.

use crate::{cargo, root, run, target_dir};
use std::process::{Command, Stdio};

/// Licences, sources and duplicate versions of everything we depend on, by `deny.toml`; advisories need the network and are not part
/// of it.
pub fn supply_chain() -> Result<(), String> {
    if !answers(cargo().args(["deny", "--version"])) {
        println!("  skipped: cargo-deny is not installed (cargo install cargo-deny)");
        return Ok(());
    }
    run(cargo().args(["deny", "--offline", "check", "licenses", "bans", "sources"]).current_dir(root()))
}

/// The tests of the kernels under the address sanitizer: the processor's widest instructions run for real, and every read and write
/// outside of an array ends the test. Miri would check more rules, on an interpreter without those instructions.
pub fn address_sanitizer() -> Result<(), String> {
    let target = "x86_64-unknown-linux-gnu";
    if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        println!("  skipped: only for {target}");
        return Ok(());
    }
    let mut command = cargo();
    command.args(["test", "--quiet", "--package", "anchorrec-kernels", "--lib", "--tests", "--target", target]);
    command.arg("--target-dir").arg(target_dir().join("sanitizer"));
    // The flag is not stable, and this compiler has it nevertheless.
    command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address").env_remove("CARGO_ENCODED_RUSTFLAGS");
    run(command.current_dir(root()))
}

/// The spectrum by LAPACK beside our own.
pub fn lapack() -> Result<(), String> {
    if !answers(Command::new("pkg-config").args(["--exists", "openblas"])) {
        println!("  skipped: OpenBLAS is not on the system (libopenblas-dev and pkg-config)");
        return Ok(());
    }
    let test = ["test", "--quiet", "--package", "anchorrec-metrics", "--features", "lapack", "--lib", "spectrum"];
    run(cargo().args(test).current_dir(root()))
}

/// Whether a program is there and says its version.
pub fn answers(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
