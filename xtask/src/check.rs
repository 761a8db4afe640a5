//! `cargo xtask check`: the whole gate, cheapest check first.

use crate::{cargo, fuzz, layering, outside, profiles, root, unsafe_code};

/// Runs every check; the first failure ends it.
pub fn run() -> Result<(), String> {
    step("format", || run_cargo(&["fmt", "--all", "--check"], None))?;
    step("layering", layering::check)?;
    step("where unsafe code stands", unsafe_code::check)?;
    step("supply chain", outside::supply_chain)?;
    step("clippy", || {
        run_cargo(&[&["clippy", "--all-targets"], &EVERYTHING[..], &["--", "-D", "warnings"]].concat(), None)
    })?;
    step("kernels under the address sanitizer", outside::address_sanitizer)?;
    step("tests", || run_cargo(&[&["test"], &EVERYTHING[..]].concat(), None))?;
    step("LAPACK", outside::lapack)?;
    step("the same bits in debug and release", profiles::check)?;
    step("documentation", || {
        run_cargo(&[&["doc", "--no-deps"], &EVERYTHING[..]].concat(), Some(("RUSTDOCFLAGS", "-D warnings")))
    })?;
    step("fuzz targets", || fuzz::for_each_target(5))?;
    println!("all checks passed");
    Ok(())
}

/// All packages, with every feature that needs nothing of the system; the release build of the profiles' check is the one without.
const EVERYTHING: [&str; 4] = ["--workspace", "--features", "anchorrec-cli/text-encoder,anchorrec-cli/png", "--quiet"];

fn step(name: &str, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    println!("check: {name}");
    work().map_err(|message| format!("{name}: {message}"))
}

fn run_cargo(args: &[&str], variable: Option<(&str, &str)>) -> Result<(), String> {
    let mut command = cargo();
    command.args(args).current_dir(root());
    if let Some((name, value)) = variable {
        command.env(name, value);
    }
    crate::run(&mut command)
}
